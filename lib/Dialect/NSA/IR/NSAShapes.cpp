//===- NSAShapes.cpp - Named dimensions and result types --------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What each op calls the dimensions of its operands and results, and what
// follows from the names: result types, and results' shapes as values.
//
//===----------------------------------------------------------------------===//

#include "NSAOpsDetail.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"
#include "nsa/Dialect/NSA/IR/Positions.h"

using namespace mlir;
using namespace mlir::nsa;
using mlir::nsa::detail::extentOf;
using mlir::nsa::detail::getNumPhiParams;
using mlir::nsa::detail::isLegalSize;

//===----------------------------------------------------------------------===//
// Shapes that several ops share
//===----------------------------------------------------------------------===//

/// An attribute's value as an extent; unknown when illegal, which is the
/// verifier's to report.
static int64_t asExtent(int64_t value) {
  return isLegalSize(value) ? value : ShapedType::kDynamic;
}

/// The shapes that phi's operands must have (compress_c4). `d` is the name of
/// the compressed head size.
static void appendPhiShapes(SmallVectorImpl<NamedShape> &shapes,
                            StringRef prefix, Phi phi, Value pe,
                            ValueRange params, int64_t block, Value x,
                            StringRef d) {
  int64_t size = extentOf(x, 3);
  block = asExtent(block);
  int64_t flat = ShapedType::kDynamic;
  if (!ShapedType::isDynamic(block) && isLegalSize(size))
    flat = block * size;
  std::string flatName = "l*" + d.str(), hidden = prefix.str() + "M";
  if (pe)
    shapes.push_back({pe, (prefix + "pe").str(), {{"l", block}, {d}}});
  // The verifier reports a wrong number of params; shapes are then unknown.
  if (params.size() != getNumPhiParams(phi))
    return;
  auto append = [&](unsigned i, SmallVector<NamedDim> dims) {
    shapes.push_back({params[i], (prefix + "params[" + Twine(i) + "]").str(),
                      std::move(dims)});
  };
  switch (phi) {
  case Phi::Mean:
    return;
  case Phi::Weighted:
    return append(0, {{"G"}, {"l", block}});
  case Phi::Linear:
    return append(0, {{"G"}, {flatName, flat}, {d}});
  case Phi::MLP:
    append(0, {{flatName, flat}, {hidden}});
    append(1, {{hidden}});
    append(2, {{hidden}, {d}});
    append(3, {{d}});
    return;
  }
}

static void appendPositions(SmallVectorImpl<NamedShape> &shapes, Value qOffset,
                            Value kvLen) {
  if (qOffset && isa<RankedTensorType>(qOffset.getType()))
    shapes.push_back({qOffset, "q_offset", {"B"}});
  if (kvLen && isa<RankedTensorType>(kvLen.getType()))
    shapes.push_back({kvLen, "kv_len", {"B"}});
}

static SmallVector<NamedShape> attentionShapes(Value q, Value k, Value v,
                                               StringRef kName, StringRef vName,
                                               StringRef tokens, Value qOffset,
                                               Value kvLen, Value o,
                                               Value lse) {
  SmallVector<NamedShape> shapes;
  shapes.push_back({q, "q", {"B", "Tq", "H", "Dk"}});
  shapes.push_back({k, kName.str(), {"B", {tokens}, "G", "Dk"}});
  shapes.push_back({v, vName.str(), {"B", {tokens}, "G", "Dv"}});
  appendPositions(shapes, qOffset, kvLen);
  shapes.push_back({o, "o", {"B", "Tq", "H", "Dv"}});
  shapes.push_back({lse, "lse", {"B", "Tq", "H"}});
  return shapes;
}

//===----------------------------------------------------------------------===//
// Result types and shapes
//===----------------------------------------------------------------------===//

/// Results may be more or less static than inferred, never contradict it.
static bool areCompatible(TypeRange inferred, TypeRange given) {
  return llvm::equal(inferred, given, [](Type a, Type b) {
    return getElementTypeOrSelf(a) == getElementTypeOrSelf(b) &&
           succeeded(verifyCompatibleShape(a, b));
  });
}

#define NSA_COMPATIBLE_RETURN_TYPES(OP)                                        \
  bool OP::isCompatibleReturnTypes(TypeRange l, TypeRange r) {                 \
    return areCompatible(l, r);                                                \
  }
NSA_COMPATIBLE_RETURN_TYPES(CompressOp)
NSA_COMPATIBLE_RETURN_TYPES(CompressedAttentionOp)
NSA_COMPATIBLE_RETURN_TYPES(SelectTopNOp)
NSA_COMPATIBLE_RETURN_TYPES(SelectedAttentionOp)
NSA_COMPATIBLE_RETURN_TYPES(WindowAttentionOp)
NSA_COMPATIBLE_RETURN_TYPES(GateOp)
NSA_COMPATIBLE_RETURN_TYPES(MergeOp)
NSA_COMPATIBLE_RETURN_TYPES(AttentionOp)
#undef NSA_COMPATIBLE_RETURN_TYPES

/// o and lse of an attention op over `q` with values `v`.
static LogicalResult inferAttention(Value q, Value v,
                                    SmallVectorImpl<Type> &types) {
  auto type = dyn_cast<RankedTensorType>(q.getType());
  if (!type || type.getRank() != 4)
    return failure();
  SmallVector<int64_t> shape(type.getShape());
  Type f32 = Float32Type::get(q.getContext());
  shape[3] = extentOf(v, 3);
  types.push_back(RankedTensorType::get(shape, type.getElementType()));
  types.push_back(
      RankedTensorType::get(ArrayRef<int64_t>(shape).drop_back(), f32));
  return success();
}

/// Reifies the results of `op` by the names of its dimensions; `derived` emits
/// those that no operand has.
static LogicalResult
reifyByName(Operation *op, OpBuilder &b, ReifiedRankedShapedTypeDims &shapes,
            function_ref<OpFoldResult(StringRef)> derived = nullptr) {
  SmallVector<NamedShape> named =
      cast<NamedDimsOpInterface>(op).getNamedShapes();
  for (OpResult result : op->getResults()) {
    auto type = cast<RankedTensorType>(result.getType());
    const NamedShape *own = llvm::find_if(
        named, [&](const NamedShape &shape) { return shape.value == result; });
    SmallVector<OpFoldResult> dims;
    for (auto [i, dim] : llvm::enumerate(own->dims)) {
      if (!type.isDynamicDim(i)) {
        dims.push_back(b.getIndexAttr(type.getDimSize(i)));
        continue;
      }
      OpFoldResult reified;
      for (const NamedShape &shape : named) {
        if (shape.value.getDefiningOp() == op)
          continue;
        for (auto [j, other] : llvm::enumerate(shape.dims))
          if (!reified && other.name == dim.name)
            reified = tensor::getMixedSize(b, op->getLoc(), shape.value, j);
      }
      if (!reified && derived)
        reified = derived(dim.name);
      if (!reified)
        return failure();
      dims.push_back(reified);
    }
    shapes.push_back(std::move(dims));
  }
  return success();
}

#define NSA_REIFY_BY_NAME(OP)                                                  \
  LogicalResult OP::reifyResultShapes(OpBuilder &b,                            \
                                      ReifiedRankedShapedTypeDims &shapes) {   \
    return reifyByName(*this, b, shapes);                                      \
  }
NSA_REIFY_BY_NAME(CompressedAttentionOp)
NSA_REIFY_BY_NAME(SelectTopNOp)
NSA_REIFY_BY_NAME(SelectedAttentionOp)
NSA_REIFY_BY_NAME(WindowAttentionOp)
NSA_REIFY_BY_NAME(GateOp)
NSA_REIFY_BY_NAME(MergeOp)
NSA_REIFY_BY_NAME(AttentionOp)
#undef NSA_REIFY_BY_NAME

//===----------------------------------------------------------------------===//
// CompressOp
//===----------------------------------------------------------------------===//

int64_t CompressOp::getNumBlocks(int64_t tokens, int64_t block,
                                 int64_t stride) {
  return tokens < block ? 0 : (tokens - block) / stride + 1;
}

SmallVector<NamedShape> CompressOp::getNamedShapes() {
  SmallVector<NamedShape> shapes;
  shapes.push_back({getX(), "x", {"B", "T", "G", "D"}});
  appendPhiShapes(shapes, "", getPhi(), getPe(), getParams(),
                  getCompressionBlock(), getX(), "D");
  shapes.push_back({getC(), "c", {"B", "Tc", "G", "D"}});
  return shapes;
}

std::optional<int64_t>
CompressOp::getDerivedExtent(StringRef name,
                             const llvm::StringMap<int64_t> &extents) {
  auto tokens = extents.find("T");
  if (name != "Tc" || tokens == extents.end())
    return std::nullopt;
  return getNumBlocks(tokens->second, getCompressionBlock(),
                      getCompressionStride());
}

LogicalResult CompressOp::inferReturnTypes(MLIRContext *,
                                           std::optional<Location>,
                                           Adaptor adaptor,
                                           SmallVectorImpl<Type> &types) {
  auto type = dyn_cast<RankedTensorType>(adaptor.getX().getType());
  int64_t block = adaptor.getCompressionBlock();
  int64_t stride = adaptor.getCompressionStride();
  if (!type || type.getRank() != 4)
    return failure();
  SmallVector<int64_t> shape(type.getShape());
  if (!type.isDynamicDim(1))
    shape[1] = isLegalSize(block) && isLegalSize(stride)
                   ? getNumBlocks(shape[1], block, stride)
                   : ShapedType::kDynamic;
  types.push_back(type.clone(shape));
  return success();
}

LogicalResult
CompressOp::reifyResultShapes(OpBuilder &b,
                              ReifiedRankedShapedTypeDims &shapes) {
  return reifyByName(*this, b, shapes, [&](StringRef) -> OpFoldResult {
    Value tokens = getValueOrCreateConstantIndexOp(
        b, getLoc(), tensor::getMixedSize(b, getLoc(), getX(), 1));
    return getAsOpFoldResult(buildVisibleBlocks(
        b, getLoc(), tokens, getCompressionBlock(), getCompressionStride()));
  });
}

//===----------------------------------------------------------------------===//
// CompressedAttentionOp
//===----------------------------------------------------------------------===//

SmallVector<NamedShape> CompressedAttentionOp::getNamedShapes() {
  return attentionShapes(getQ(), getKc(), getVc(), "kc", "vc", "Tc",
                         getQOffset(), getKvLen(), getO(), getLse());
}

LogicalResult
CompressedAttentionOp::inferReturnTypes(MLIRContext *, std::optional<Location>,
                                        Adaptor adaptor,
                                        SmallVectorImpl<Type> &types) {
  return inferAttention(adaptor.getQ(), adaptor.getVc(), types);
}

//===----------------------------------------------------------------------===//
// BlockScoresOp
//===----------------------------------------------------------------------===//

SmallVector<NamedShape> BlockScoresOp::getNamedShapes() {
  SmallVector<NamedShape> shapes;
  shapes.push_back({getQ(), "q", {"B", "Tq", "H", "Dk"}});
  shapes.push_back({getKc(), "kc", {"B", "Tc", "G", "Dk"}});
  shapes.push_back({getLse(), "lse", {"B", "Tq", "H"}});
  appendPositions(shapes, getQOffset(), getKvLen());
  NamedDim lists(getListHeads() == ListHeads::Query ? "H" : "G");
  shapes.push_back({getP(), "p", {"B", "Tq", lists, "Ns"}});
  return shapes;
}

std::optional<int64_t>
BlockScoresOp::getDerivedExtent(StringRef name,
                                const llvm::StringMap<int64_t> &) {
  APInt kvMax;
  if (name != "Ns" || !matchPattern(getKvMax(), m_ConstantInt(&kvMax)) ||
      kvMax.isNegative())
    return std::nullopt;
  return llvm::divideCeil(kvMax.getSExtValue(), getSelectionBlock());
}

LogicalResult
BlockScoresOp::reifyResultShapes(OpBuilder &b,
                                 ReifiedRankedShapedTypeDims &shapes) {
  return reifyByName(*this, b, shapes, [&](StringRef) -> OpFoldResult {
    Value block =
        arith::ConstantIndexOp::create(b, getLoc(), getSelectionBlock());
    Value zero = arith::ConstantIndexOp::create(b, getLoc(), 0);
    Value kvMax = b.createOrFold<arith::MaxSIOp>(getLoc(), getKvMax(), zero);
    return getAsOpFoldResult(buildCeilDiv(b, getLoc(), kvMax, block));
  });
}

//===----------------------------------------------------------------------===//
// SelectTopNOp
//===----------------------------------------------------------------------===//

SmallVector<NamedShape> SelectTopNOp::getNamedShapes() {
  SmallVector<NamedShape> shapes;
  shapes.push_back({getP(), "p", {"B", "Tq", "Gi", "Ns"}});
  appendPositions(shapes, getQOffset(), getKvLen());
  shapes.push_back(
      {getIdx(), "idx", {"B", "Tq", "Gi", {"top_n", asExtent(getTopN())}}});
  return shapes;
}

LogicalResult SelectTopNOp::inferReturnTypes(MLIRContext *context,
                                             std::optional<Location>,
                                             Adaptor adaptor,
                                             SmallVectorImpl<Type> &types) {
  auto type = dyn_cast<RankedTensorType>(adaptor.getP().getType());
  if (!type || type.getRank() != 4)
    return failure();
  SmallVector<int64_t> shape(type.getShape());
  shape[3] = asExtent(adaptor.getTopN());
  types.push_back(RankedTensorType::get(shape, IntegerType::get(context, 32)));
  return success();
}

//===----------------------------------------------------------------------===//
// SelectedAttentionOp
//===----------------------------------------------------------------------===//

SmallVector<NamedShape> SelectedAttentionOp::getNamedShapes() {
  SmallVector<NamedShape> shapes =
      attentionShapes(getQ(), getK(), getV(), "k", "v", "Tk", getQOffset(),
                      getKvLen(), getO(), getLse());
  // Operands stand before results.
  shapes.insert(shapes.begin() + 3, {getIdx(), "idx", {"B", "Tq", "Gi", "N"}});
  return shapes;
}

LogicalResult
SelectedAttentionOp::inferReturnTypes(MLIRContext *, std::optional<Location>,
                                      Adaptor adaptor,
                                      SmallVectorImpl<Type> &types) {
  return inferAttention(adaptor.getQ(), adaptor.getV(), types);
}

//===----------------------------------------------------------------------===//
// WindowAttentionOp
//===----------------------------------------------------------------------===//

SmallVector<NamedShape> WindowAttentionOp::getNamedShapes() {
  return attentionShapes(getQ(), getK(), getV(), "k", "v", "Tk", getQOffset(),
                         getKvLen(), getO(), getLse());
}

LogicalResult
WindowAttentionOp::inferReturnTypes(MLIRContext *, std::optional<Location>,
                                    Adaptor adaptor,
                                    SmallVectorImpl<Type> &types) {
  return inferAttention(adaptor.getQ(), adaptor.getV(), types);
}

//===----------------------------------------------------------------------===//
// GateOp
//===----------------------------------------------------------------------===//

SmallVector<NamedShape> GateOp::getNamedShapes() {
  SmallVector<NamedShape> shapes;
  for (auto [i, branch] : llvm::enumerate(getBranches()))
    shapes.push_back({branch,
                      "branches[" + std::to_string(i) + "]",
                      {"B", "Tq", "H", "Dv"}});
  int64_t inputs = getBranches().size();
  shapes.push_back({getGates(),
                    "gates",
                    {"B", "Tq", "H", {"the number of branches", inputs}}});
  shapes.push_back({getO(), "o", {"B", "Tq", "H", "Dv"}});
  return shapes;
}

LogicalResult GateOp::inferReturnTypes(MLIRContext *, std::optional<Location>,
                                       Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  if (adaptor.getBranches().empty())
    return failure();
  types.push_back(adaptor.getBranches().front().getType());
  return success();
}

//===----------------------------------------------------------------------===//
// MergeOp
//===----------------------------------------------------------------------===//

SmallVector<NamedShape> MergeOp::getNamedShapes() {
  SmallVector<NamedShape> shapes;
  for (auto [i, o] : llvm::enumerate(getOs()))
    shapes.push_back(
        {o, "os[" + std::to_string(i) + "]", {"B", "Tq", "H", "Dv"}});
  for (auto [i, lse] : llvm::enumerate(getLses()))
    shapes.push_back(
        {lse, "lses[" + std::to_string(i) + "]", {"B", "Tq", "H"}});
  if (getSink())
    shapes.push_back({getSink(), "sink", {"H"}});
  shapes.push_back({getO(), "o", {"B", "Tq", "H", "Dv"}});
  shapes.push_back({getLse(), "lse", {"B", "Tq", "H"}});
  return shapes;
}

LogicalResult MergeOp::inferReturnTypes(MLIRContext *, std::optional<Location>,
                                        Adaptor adaptor,
                                        SmallVectorImpl<Type> &types) {
  if (adaptor.getOs().empty())
    return failure();
  return inferAttention(adaptor.getOs().front(), adaptor.getOs().front(),
                        types);
}

//===----------------------------------------------------------------------===//
// AttentionOp
//===----------------------------------------------------------------------===//

SmallVector<NamedShape> AttentionOp::getNamedShapes() {
  SmallVector<NamedShape> shapes;
  shapes.push_back({getQ(), "q", {"B", "Tq", "H", "Dk"}});
  for (auto [k, name] : {std::pair(getKCmp(), "k_cmp"),
                         {getKSlc(), "k_slc"},
                         {getKWin(), "k_win"}})
    shapes.push_back({k, name, {"B", "Tk", "G", "Dk"}});
  for (auto [v, name] : {std::pair(getVCmp(), "v_cmp"),
                         {getVSlc(), "v_slc"},
                         {getVWin(), "v_win"}})
    shapes.push_back({v, name, {"B", "Tk", "G", "Dv"}});
  shapes.push_back(
      {getGates(), "gates", {"B", "Tq", "H", {"the number of branches", 3}}});
  appendPositions(shapes, getQOffset(), getKvLen());
  appendPhiShapes(shapes, "k_", getKPhi(), getKPe(), getKParams(),
                  getCompressionBlock(), getKCmp(), "Dk");
  appendPhiShapes(shapes, "v_", getVPhi(), getVPe(), getVParams(),
                  getCompressionBlock(), getVCmp(), "Dv");
  shapes.push_back({getO(), "o", {"B", "Tq", "H", "Dv"}});
  if (getAux().size() == 4) {
    static const char *const lseNames[] = {"lse_cmp", "lse_slc", "lse_win"};
    for (auto [lse, name] : llvm::zip(getAux(), lseNames))
      shapes.push_back({lse, name, {"B", "Tq", "H"}});
    NamedDim lists(getListHeads() == ListHeads::Query ? "H" : "G");
    shapes.push_back({getAux()[3],
                      "idx",
                      {"B", "Tq", lists, {"top_n", asExtent(getTopN())}}});
  }
  return shapes;
}

LogicalResult AttentionOp::inferReturnTypes(MLIRContext *context,
                                            std::optional<Location>,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  SmallVector<Type> branch;
  if (failed(inferAttention(adaptor.getQ(), adaptor.getVCmp(), branch)))
    return failure();
  types.push_back(branch[0]);
  if (!adaptor.getReturnAux())
    return success();
  types.append(3, branch[1]);
  SmallVector<int64_t> lists(cast<ShapedType>(branch[1]).getShape());
  if (adaptor.getListHeads() == ListHeads::KV)
    lists[2] = extentOf(adaptor.getKCmp(), 2);
  lists.push_back(asExtent(adaptor.getTopN()));
  types.push_back(RankedTensorType::get(lists, IntegerType::get(context, 32)));
  return success();
}
