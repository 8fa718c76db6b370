//===- NSAOps.cpp - Assembly and verifiers of the nsa ops -------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each check carries the label of the constraint in docs/Spec.md that it
// enforces. Ranks and the equality of shared dimensions (the C2 of most ops)
// are checked by NamedDimsOpInterface before any verifier here runs.
//
//===----------------------------------------------------------------------===//

#include "NSAOpsDetail.h"

#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"
#include <cmath>

using namespace mlir;
using namespace mlir::nsa;
using mlir::nsa::detail::extentOf;
using mlir::nsa::detail::getNumPhiParams;

//===----------------------------------------------------------------------===//
// Assembly
//===----------------------------------------------------------------------===//

// A bare keyword (`mean`) where the generated form would be `#nsa.phi<mean>`.
template <typename AttrT, typename EnumT>
static ParseResult parseKeyword(OpAsmParser &parser, AttrT &attr,
                                std::optional<EnumT> (*symbolize)(StringRef),
                                StringRef choices) {
  SMLoc loc = parser.getCurrentLocation();
  StringRef keyword;
  if (parser.parseKeyword(&keyword))
    return failure();
  std::optional<EnumT> value = symbolize(keyword);
  if (!value)
    return parser.emitError(loc)
           << "unknown keyword '" << keyword << "', expected " << choices;
  attr = AttrT::get(parser.getContext(), *value);
  return success();
}

static ParseResult parsePhi(OpAsmParser &parser, PhiAttr &attr) {
  return parseKeyword<PhiAttr, Phi>(parser, attr, symbolizePhi,
                                    "mean, weighted, linear or mlp");
}

static void printPhi(OpAsmPrinter &printer, Operation *, PhiAttr attr) {
  printer << stringifyPhi(attr.getValue());
}

static ParseResult parseActivation(OpAsmParser &parser, ActivationAttr &attr) {
  return parseKeyword<ActivationAttr, Activation>(
      parser, attr, symbolizeActivation, "gelu, silu or relu");
}

static void printActivation(OpAsmPrinter &printer, Operation *,
                            ActivationAttr attr) {
  printer << stringifyActivation(attr.getValue());
}

static ParseResult parseFusionKind(OpAsmParser &parser, FusionKindAttr &attr) {
  return parseKeyword<FusionKindAttr, FusionKind>(
      parser, attr, symbolizeFusionKind, "selection or gated");
}

static void printFusionKind(OpAsmPrinter &printer, Operation *,
                            FusionKindAttr attr) {
  printer << stringifyFusionKind(attr.getValue());
}

#define GET_OP_CLASSES
#include "nsa/Dialect/NSA/IR/NSAOps.cpp.inc"

//===----------------------------------------------------------------------===//
// Checks that several ops share
//===----------------------------------------------------------------------===//

static bool isInputType(Type type) {
  return isa<Float32Type, Float16Type, BFloat16Type>(type);
}

static Type elementType(Value value) {
  return getElementTypeOrSelf(value.getType());
}

static LogicalResult verifyAttrRange(Operation *op, StringRef name,
                                     int64_t value, int64_t least = 1) {
  constexpr int64_t most = mlir::nsa::detail::kLargestSize;
  if (value < least)
    return op->emitOpError()
           << name << " (" << value << ") must be at least " << least;
  if (value > most)
    return op->emitOpError()
           << name << " (" << value << ") must be at most " << most;
  return success();
}

/// Only the batch and numbers of tokens, blocks and list entries may be known
/// as late as at run time.
static bool mayBeDynamic(StringRef name) {
  return llvm::is_contained({"B", "T", "Tq", "Tk", "Tc", "Ns", "N"}, name);
}

/// Everything else (heads, head sizes, what attributes fix) is static in every
/// operand and result, and at least 1. The values are NamedDims' to compare.
static LogicalResult verifyStaticDims(NamedDimsOpInterface op) {
  for (const NamedShape &shape : op.getNamedShapes())
    for (auto [i, dim] : llvm::enumerate(shape.dims)) {
      int64_t extent = extentOf(shape.value, i);
      if (mayBeDynamic(dim.name) || extent >= 1)
        continue;
      InFlightDiagnostic error = op->emitOpError("dimension ")
                                 << i << " of '" << shape.name << "' ("
                                 << dim.name << ") must be ";
      if (ShapedType::isDynamic(extent))
        return error << "a compile-time constant, but is dynamic";
      return error << "at least 1, but is " << extent;
    }
  return success();
}

static LogicalResult verifyInputType(Operation *op, StringRef name,
                                     Value value) {
  if (!isInputType(elementType(value)))
    return op->emitOpError() << "'" << name
                             << "' must have element type f32, f16 or bf16, "
                                "but has "
                             << elementType(value);
  return success();
}

static LogicalResult verifyElementType(Operation *op, StringRef name,
                                       Value value, Type expected) {
  if (elementType(value) != expected)
    return op->emitOpError() << "'" << name << "' must have element type "
                             << expected << ", but has " << elementType(value);
  return success();
}

/// f32, or the input type.
static LogicalResult verifyParameterType(Operation *op, StringRef name,
                                         Value value, Type input) {
  Type type = elementType(value), f32 = Float32Type::get(op->getContext());
  if (input == f32)
    return verifyElementType(op, name, value, f32);
  if (type != input && type != f32)
    return op->emitOpError() << "'" << name << "' must have element type "
                             << f32 << " or " << input << ", but has " << type;
  return success();
}

static LogicalResult verifyScale(Operation *op, std::optional<APFloat> scale) {
  if (!scale)
    return success();
  double value = scale->convertToDouble();
  if (!std::isfinite(value) || value <= 0)
    return op->emitOpError()
           << "scale (" << value << ") must be finite and positive";
  return success();
}

/// H, a multiple of G; verifyStaticDims has seen both.
static LogicalResult verifyHeads(Operation *op, int64_t heads,
                                 int64_t kvHeads) {
  if (heads % kvHeads != 0)
    return op->emitOpError()
           << "query heads H (" << heads
           << ") must be a multiple of key/value heads G (" << kvHeads << ")";
  return success();
}

/// The positions' operands: per-batch ones are i32 (by ODS) of length B (by
/// NamedDims). What is left: who must give which.
static LogicalResult verifyOffsetWithLength(Operation *op, Value qOffset,
                                            Value kvLen) {
  if (kvLen && !qOffset)
    return op->emitOpError("kv_len is given without q_offset: give both, or "
                           "neither for kv_len = Tk and q_offset = Tk - Tq");
  return success();
}

static LogicalResult verifyBlockSizes(Operation *op, int64_t block,
                                      int64_t stride, int64_t selection) {
  if (failed(verifyAttrRange(op, "compression_block", block)) ||
      failed(verifyAttrRange(op, "compression_stride", stride)) ||
      failed(verifyAttrRange(op, "selection_block", selection)))
    return failure();
  if (block % stride != 0)
    return op->emitOpError()
           << "compression_stride (" << stride
           << ") must divide compression_block (" << block << ")";
  if (selection % stride != 0)
    return op->emitOpError()
           << "compression_stride (" << stride
           << ") must divide selection_block (" << selection << ")";
  if (block > selection)
    return op->emitOpError()
           << "compression_block (" << block
           << ") must be at most selection_block (" << selection << ")";
  return success();
}

static LogicalResult verifySelection(Operation *op, int64_t topN,
                                     int64_t initial, int64_t local) {
  if (failed(verifyAttrRange(op, "top_n", topN)) ||
      failed(verifyAttrRange(op, "initial", initial, 0)) ||
      failed(verifyAttrRange(op, "local", local, 0)))
    return failure();
  if (topN < initial + local)
    return op->emitOpError()
           << "top_n (" << topN << ") must be at least initial (" << initial
           << ") + local (" << local << ")";
  return success();
}

/// compress_c3 and compress_c5, for `compress` and, with a prefix, `attention`.
static LogicalResult verifyPhi(Operation *op, StringRef prefix, Phi phi,
                               Value pe, ValueRange params, Type input) {
  unsigned expected = getNumPhiParams(phi);
  if (params.size() != expected)
    return op->emitOpError()
           << prefix << "phi " << stringifyPhi(phi) << " takes " << expected
           << " params, but " << params.size() << " are given";
  if (pe && failed(verifyParameterType(op, (prefix + "pe").str(), pe, input)))
    return failure();
  for (auto [i, param] : llvm::enumerate(params))
    if (failed(verifyParameterType(
            op, (prefix + "params[" + Twine(i) + "]").str(), param, input)))
      return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// CompressOp
//===----------------------------------------------------------------------===//

LogicalResult CompressOp::verify() {
  // compress_c1
  if (failed(verifyInputType(*this, "x", getX())))
    return failure();
  // compress_c2
  if (failed(
          verifyAttrRange(*this, "compression_block", getCompressionBlock())) ||
      failed(
          verifyAttrRange(*this, "compression_stride", getCompressionStride())))
    return failure();
  // compress_c3, compress_c5
  if (failed(verifyPhi(*this, "", getPhi(), getPe(), getParams(),
                       elementType(getX()))))
    return failure();
  // compress_c6: shape and element type are inferred from x.
  // compress_c4 (the rest of it is NamedDims'), compress_c7
  return verifyStaticDims(*this);
}

//===----------------------------------------------------------------------===//
// CompressedAttentionOp
//===----------------------------------------------------------------------===//

LogicalResult CompressedAttentionOp::verify() {
  // compressed_attention_c1, compressed_attention_c3, compressed_attention_c8:
  // KeyTraversalOpInterface; compressed_attention_c2, compressed_attention_c6:
  // NamedDims.
  // compressed_attention_c4
  if (failed(
          verifyAttrRange(*this, "compression_block", getCompressionBlock())) ||
      failed(
          verifyAttrRange(*this, "compression_stride", getCompressionStride())))
    return failure();
  // compressed_attention_c5
  if (getCausal() && !getQOffset())
    return emitOpError("causal attention over compressed keys needs q_offset: "
                       "the number of tokens is not known here");
  // compressed_attention_c7
  return verifyScale(*this, getScale());
}

//===----------------------------------------------------------------------===//
// BlockScoresOp
//===----------------------------------------------------------------------===//

double BlockScoresOp::getScoreScale() {
  if (std::optional<APFloat> scale = getScale())
    return scale->convertToDouble();
  return 1.0 / std::sqrt(static_cast<double>(extentOf(getQ(), 3)));
}

int64_t BlockScoresOp::getHeadsPerList() {
  return getListHeads() == ListHeads::Query
             ? 1
             : extentOf(getQ(), 2) / extentOf(getKc(), 2);
}

LogicalResult BlockScoresOp::verify() {
  // block_scores_c1
  if (failed(verifyInputType(*this, "q", getQ())) ||
      failed(verifyElementType(*this, "kc", getKc(), elementType(getQ()))))
    return failure();
  // block_scores_c2 (shapes: NamedDims)
  if (failed(verifyElementType(*this, "lse", getLse(),
                               Float32Type::get(getContext()))))
    return failure();
  // block_scores_c8
  if (failed(verifyElementType(*this, "p", getP(),
                               Float32Type::get(getContext()))))
    return failure();
  // block_scores_c3
  if (failed(verifyStaticDims(*this)) ||
      failed(verifyHeads(*this, extentOf(getQ(), 2), extentOf(getKc(), 2))))
    return failure();
  // block_scores_c4
  if (failed(verifyBlockSizes(*this, getCompressionBlock(),
                              getCompressionStride(), getSelectionBlock())))
    return failure();
  // block_scores_c5
  if (getCausal() && !getQOffset())
    return emitOpError("causal scores over compressed keys need q_offset: the "
                       "number of tokens is not known here");
  // block_scores_c6: NamedDims. block_scores_c7
  if (failed(verifyScale(*this, getScale())))
    return failure();
  // block_scores_c9
  APInt kvMax;
  if (!matchPattern(getKvMax(), m_ConstantInt(&kvMax)))
    return success();
  int64_t tokens = kvMax.getSExtValue(), stated = extentOf(getP(), 3);
  if (tokens < 0)
    return emitOpError("kv_max (") << tokens << ") must be at least 0";
  int64_t blocks = llvm::divideCeil(tokens, getSelectionBlock());
  if (!ShapedType::isDynamic(stated) && stated != blocks)
    return emitOpError("the result has Ns = ")
           << stated << " selection blocks, but kv_max (" << tokens
           << ") and selection_block (" << getSelectionBlock() << ") make "
           << blocks;
  return success();
}

//===----------------------------------------------------------------------===//
// SelectTopNOp
//===----------------------------------------------------------------------===//

LogicalResult SelectTopNOp::verify() {
  // select_top_n_c2, select_top_n_c3
  if (failed(verifyAttrRange(*this, "selection_block", getSelectionBlock())) ||
      failed(verifySelection(*this, getTopN(), getInitial(), getLocal())))
    return failure();
  // select_top_n_c1
  if (failed(verifyElementType(*this, "p", getP(),
                               Float32Type::get(getContext()))) ||
      failed(verifyStaticDims(*this)))
    return failure();
  // select_top_n_c4
  if ((getCausal() || getLocal() > 0) && !getQOffset())
    return emitOpError("needs q_offset when causal or local (")
           << getLocal() << ") > 0";
  // select_top_n_c5: NamedDims. select_top_n_c6: inferred, and static.
  return success();
}

//===----------------------------------------------------------------------===//
// SelectedAttentionOp
//===----------------------------------------------------------------------===//

LogicalResult SelectedAttentionOp::verify() {
  // selected_attention_c1, selected_attention_c3, selected_attention_c8:
  // KeyTraversalOpInterface; selected_attention_c2: NamedDims, and idx's
  // element type here.
  if (failed(verifyElementType(*this, "idx", getIdx(),
                               IntegerType::get(getContext(), 32))))
    return failure();
  // selected_attention_c4
  int64_t lists = extentOf(getIdx(), 2), heads = extentOf(getQ(), 2),
          kvHeads = extentOf(getK(), 2);
  if (lists != 1 && lists != kvHeads && lists != heads) {
    InFlightDiagnostic error = emitOpError("dimension 2 of 'idx' (");
    if (ShapedType::isDynamic(lists))
      error << "dynamic";
    else
      error << lists;
    return error << ") must be 1, G (" << kvHeads << ") or H (" << heads << ")";
  }
  // selected_attention_c5
  if (failed(verifyAttrRange(*this, "selection_block", getSelectionBlock())))
    return failure();
  // selected_attention_c6
  if (failed(verifyOffsetWithLength(*this, getQOffset(), getKvLen())))
    return failure();
  // selected_attention_c7
  return verifyScale(*this, getScale());
}

//===----------------------------------------------------------------------===//
// WindowAttentionOp
//===----------------------------------------------------------------------===//

LogicalResult WindowAttentionOp::verify() {
  // window_attention_c1, window_attention_c3, window_attention_c7:
  // KeyTraversalOpInterface; window_attention_c2: NamedDims.
  // window_attention_c4
  if (failed(verifyAttrRange(*this, "window", getWindow())))
    return failure();
  // window_attention_c5
  if (failed(verifyOffsetWithLength(*this, getQOffset(), getKvLen())))
    return failure();
  // window_attention_c6
  return verifyScale(*this, getScale());
}

//===----------------------------------------------------------------------===//
// GateOp
//===----------------------------------------------------------------------===//

LogicalResult GateOp::verify() {
  // gate_c1: ODS has seen that there is a branch.
  Type element = elementType(getBranches().front());
  if (failed(verifyInputType(*this, "branches[0]", getBranches().front())))
    return failure();
  for (auto [i, branch] : llvm::enumerate(getBranches()))
    if (failed(verifyElementType(*this, "branches[" + std::to_string(i) + "]",
                                 branch, element)))
      return failure();
  // gate_c3
  if (failed(verifyParameterType(*this, "gates", getGates(), element)))
    return failure();
  // gate_c4: inferred. gate_c2 (the rest of it is NamedDims'), gate_c5
  return verifyStaticDims(*this);
}

//===----------------------------------------------------------------------===//
// MergeOp
//===----------------------------------------------------------------------===//

LogicalResult MergeOp::verify() {
  // merge_c1: ODS has seen that there is an o.
  if (getOs().size() != getLses().size())
    return emitOpError("has ")
           << getOs().size() << " o but " << getLses().size() << " lse";
  // merge_c2
  Type element = elementType(getOs().front());
  Type f32 = Float32Type::get(getContext());
  if (failed(verifyInputType(*this, "os[0]", getOs().front())))
    return failure();
  for (auto [i, o] : llvm::enumerate(getOs()))
    if (failed(verifyElementType(*this, "os[" + std::to_string(i) + "]", o,
                                 element)))
      return failure();
  // merge_c3
  for (auto [i, lse] : llvm::enumerate(getLses()))
    if (failed(verifyElementType(*this, "lses[" + std::to_string(i) + "]", lse,
                                 f32)))
      return failure();
  // merge_c4
  if (getSink() && failed(verifyElementType(*this, "sink", getSink(), f32)))
    return failure();
  // merge_c5: inferred. merge_c6
  return verifyStaticDims(*this);
}

//===----------------------------------------------------------------------===//
// AttentionOp
//===----------------------------------------------------------------------===//

LogicalResult AttentionOp::verify() {
  // attention_c1
  Type element = elementType(getQ());
  if (failed(verifyInputType(*this, "q", getQ())))
    return failure();
  for (auto [value, name] : {std::pair(getKCmp(), "k_cmp"),
                             {getVCmp(), "v_cmp"},
                             {getKSlc(), "k_slc"},
                             {getVSlc(), "v_slc"},
                             {getKWin(), "k_win"},
                             {getVWin(), "v_win"}})
    if (failed(verifyElementType(*this, name, value, element)))
      return failure();
  // attention_c4
  if (failed(verifyBlockSizes(*this, getCompressionBlock(),
                              getCompressionStride(), getSelectionBlock())))
    return failure();
  // attention_c5
  if (failed(verifySelection(*this, getTopN(), getInitial(), getLocal())))
    return failure();
  // attention_c6
  if (failed(verifyAttrRange(*this, "window", getWindow())))
    return failure();
  // attention_c2: NamedDims. attention_c3, once the attributes are known good
  if (failed(verifyStaticDims(*this)) ||
      failed(verifyHeads(*this, extentOf(getQ(), 2), extentOf(getKCmp(), 2))))
    return failure();
  // attention_c7
  if (failed(verifyOffsetWithLength(*this, getQOffset(), getKvLen())))
    return failure();
  // attention_c8
  if (failed(verifyScale(*this, getScale())))
    return failure();
  // attention_c9
  if (failed(
          verifyPhi(*this, "k_", getKPhi(), getKPe(), getKParams(), element)) ||
      failed(
          verifyPhi(*this, "v_", getVPhi(), getVPe(), getVParams(), element)))
    return failure();
  // attention_c10
  if (failed(verifyParameterType(*this, "gates", getGates(), element)))
    return failure();
  // attention_c11: the number and types of results are inferred.
  return success();
}
