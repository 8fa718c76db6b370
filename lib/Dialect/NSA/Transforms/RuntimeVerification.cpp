//===- RuntimeVerification.cpp - Checks of values at run time ---*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every condition is an `arith.cmpi` of two scalars, so that whoever lowers the
// assertion can report both. What is checked of whole tensors is first reduced
// to such a pair, by `linalg.generic`, which runs where the tensor lies.
//
//===----------------------------------------------------------------------===//

#include "nsa/Dialect/NSA/Transforms/RuntimeVerification.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/RuntimeVerifiableOpInterface.h"
#include "nsa/Dialect/NSA/IR/NSA.h"
#include "nsa/Dialect/NSA/IR/Positions.h"

using namespace mlir;
using namespace mlir::nsa;
using arith::CmpIPredicate;

using ErrorMessage = function_ref<std::string(Operation *, StringRef)>;

namespace {

/// Two numbers that a check compares.
struct Pair {
  Value left, right;
};

class CheckBuilder {
public:
  CheckBuilder(Operation *op, OpBuilder &b, Location loc, ErrorMessage message)
      : op(op), b(b), loc(loc), message(message), guard(b) {
    // A fusion holds the ops of its kernel and nothing else.
    if (auto fusion = dyn_cast<FusionOp>(op->getParentOp()))
      b.setInsertionPoint(fusion);
  }

  void checkDimensions();
  void checkQueryOffset(Value qOffset);
  void checkCompressedExtent(CompressOp op);
  void checkScoredExtent(BlockScoresOp op);
  void checkLists(SelectedAttentionOp op);

private:
  void require(CmpIPredicate predicate, Value left, Value right,
               const Twine &what) {
    Value holds = arith::CmpIOp::create(b, loc, predicate, left, right);
    cf::AssertOp::create(b, loc, holds, message(op, what.str()));
  }
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }
  Value int64(int64_t value) {
    return arith::ConstantIntOp::create(b, loc, b.getI64Type(), value);
  }
  Value dim(Value tensor, int64_t i) {
    return getValueOrCreateConstantIndexOp(
        b, loc, tensor::getMixedSize(b, loc, tensor, i));
  }
  Value getOutside(Value value) const;
  Value buildLargest(Value lengths);
  Pair
  reduceLists(ValueRange inputs, ArrayRef<AffineMap> maps, int64_t left,
              int64_t right,
              function_ref<Pair(OpBuilder &, ValueRange)> candidate,
              function_ref<Value(OpBuilder &, Pair found, Pair best)> replaces);
  void checkListsAscend(SelectedAttentionOp op, Value lists);

  Operation *op;
  OpBuilder &b;
  Location loc;
  ErrorMessage message;
  OpBuilder::InsertionGuard guard;
};

} // namespace

/// The value as the place of the checks sees it; null if it is computed by the
/// fusion that holds the op. Such values have the shapes of the operands that
/// they are computed from, which are checked.
Value CheckBuilder::getOutside(Value value) const {
  auto fusion = dyn_cast<FusionOp>(op->getParentOp());
  while (fusion && fusion->isAncestor(value.getParentBlock()->getParentOp())) {
    auto cast = value.getDefiningOp<tensor::CastOp>();
    if (!cast)
      return Value();
    value = cast.getSource();
  }
  return value;
}

//===----------------------------------------------------------------------===//
// Dimensions
//===----------------------------------------------------------------------===//

void CheckBuilder::checkDimensions() {
  struct Place {
    Value value;
    int64_t dim;
    std::string text;

    bool isStatic() const {
      return !cast<RankedTensorType>(value.getType()).isDynamicDim(dim);
    }
  };
  SmallVector<NamedShape> named = getNamedShapes(op);
  auto getPlace = [](const NamedShape &shape, Value value, int64_t i) {
    return Place{value, i,
                 "dimension " + std::to_string(i) + " of '" + shape.name + "'"};
  };
  auto isResult = [&](const NamedShape &shape) {
    return shape.value.getDefiningOp() == op;
  };
  // What the others are compared with: an extent that is known, if there is
  // one.
  llvm::StringMap<Place> references;
  for (const NamedShape &shape : named) {
    Value value = isResult(shape) ? Value() : getOutside(shape.value);
    if (!value)
      continue;
    for (auto [i, dim] : llvm::enumerate(shape.dims)) {
      Place place = getPlace(shape, value, i);
      if (!ShapedType::isDynamic(dim.extent)) {
        if (!place.isStatic())
          require(CmpIPredicate::eq, this->dim(value, i), index(dim.extent),
                  place.text + " must be " + dim.name);
        continue;
      }
      auto [reference, inserted] = references.try_emplace(dim.name, place);
      if (!inserted && !reference->second.isStatic() && place.isStatic())
        reference->second = place;
    }
  }
  for (const NamedShape &shape : named) {
    Value value = isResult(shape) ? shape.value : getOutside(shape.value);
    if (!value)
      continue;
    for (auto [i, dim] : llvm::enumerate(shape.dims)) {
      auto found = references.find(dim.name);
      if (!ShapedType::isDynamic(dim.extent) || found == references.end())
        continue;
      Place place = getPlace(shape, value, i);
      const Place &reference = found->second;
      bool isSame = reference.value == value && reference.dim == place.dim;
      // A dynamic result is as large as the operands make it.
      if (isSame || (place.isStatic() && reference.isStatic()) ||
          (isResult(shape) && !place.isStatic()))
        continue;
      Value extent =
          isResult(shape)
              ? index(cast<RankedTensorType>(value.getType()).getDimSize(i))
              : this->dim(value, i);
      require(CmpIPredicate::eq, extent,
              this->dim(reference.value, reference.dim),
              place.text + " must equal " + reference.text + ": both are " +
                  dim.name);
    }
  }
}

void CheckBuilder::checkCompressedExtent(CompressOp op) {
  auto type = cast<RankedTensorType>(op.getC().getType());
  if (type.isDynamicDim(1) ||
      !cast<RankedTensorType>(op.getX().getType()).isDynamicDim(1))
    return;
  Value blocks =
      buildVisibleBlocks(b, loc, dim(op.getX(), 1), op.getCompressionBlock(),
                         op.getCompressionStride());
  require(CmpIPredicate::eq, index(type.getDimSize(1)), blocks,
          "dimension 1 of 'c' must be Tc, the number of blocks of "
          "compression_block tokens in 'x'");
}

//===----------------------------------------------------------------------===//
// Positions and extents
//===----------------------------------------------------------------------===//

/// Values of i32 are always small enough.
void CheckBuilder::checkQueryOffset(Value qOffset) {
  if (!qOffset || !qOffset.getType().isIndex())
    return;
  Value bound = index(kUnboundedPosition);
  require(CmpIPredicate::sle, qOffset, bound, "q_offset must be at most 2^62");
  require(CmpIPredicate::sge, qOffset, index(-kUnboundedPosition),
          "q_offset must be at least -2^62");
}

/// The largest of an `i32[B]`, or -2^31, as index.
Value CheckBuilder::buildLargest(Value lengths) {
  Value init = arith::ConstantOp::create(
      b, loc,
      DenseIntElementsAttr::get(RankedTensorType::get({}, b.getI32Type()),
                                std::numeric_limits<int32_t>::min()));
  auto largest = linalg::ReduceOp::create(
      b, loc, lengths, init, ArrayRef<int64_t>{0},
      [](OpBuilder &b, Location loc, ValueRange args) {
        linalg::YieldOp::create(
            b, loc, {arith::MaxSIOp::create(b, loc, args[0], args[1])});
      });
  Value scalar =
      tensor::ExtractOp::create(b, loc, largest.getResult(0), ValueRange());
  return arith::IndexCastOp::create(b, loc, b.getIndexType(), scalar);
}

void CheckBuilder::checkScoredExtent(BlockScoresOp op) {
  Value kvMax = op.getKvMax(), kvLen = op.getKvLen();
  require(CmpIPredicate::sge, kvMax, index(0), "kv_max must be at least 0");
  if (kvLen && kvLen.getType().isIndex())
    require(CmpIPredicate::sge, kvMax, kvLen, "kv_max must be at least kv_len");
  else if (kvLen)
    require(CmpIPredicate::sge, kvMax, buildLargest(kvLen),
            "kv_max must be at least the largest kv_len");
  auto type = cast<RankedTensorType>(op.getP().getType());
  if (type.isDynamicDim(3) || getConstantIntValue(kvMax))
    return;
  Value blocks = buildCeilDiv(b, loc, kvMax, index(op.getSelectionBlock()));
  require(CmpIPredicate::eq, index(type.getDimSize(3)), blocks,
          "dimension 3 of 'p' must be ceil(kv_max / selection_block)");
}

//===----------------------------------------------------------------------===//
// Lists
//===----------------------------------------------------------------------===//

/// Reduces lists `[B, Tq, Gi, N]` to one pair of i64: begins with (left,
/// right), which is also the result of empty lists, and takes the `candidate`
/// of each element where it `replaces` the best so far. In two steps, so that
/// the first is parallel.
Pair CheckBuilder::reduceLists(
    ValueRange inputs, ArrayRef<AffineMap> maps, int64_t left, int64_t right,
    function_ref<Pair(OpBuilder &, ValueRange)> candidate,
    function_ref<Value(OpBuilder &, Pair found, Pair best)> replaces) {
  constexpr unsigned kRank = 4, kRowRank = 3;
  auto reduce = [&](ValueRange inputs, ArrayRef<AffineMap> inputMaps,
                    unsigned numLoops, unsigned numParallel,
                    ArrayRef<OpFoldResult> sizes,
                    function_ref<Pair(OpBuilder &, ValueRange)> candidate) {
    SmallVector<Value> inits;
    for (int64_t value : {left, right})
      inits.push_back(linalg::FillOp::create(
                          b, loc, int64(value),
                          tensor::EmptyOp::create(b, loc, sizes, b.getI64Type())
                              .getResult())
                          .getResult(0));
    SmallVector<AffineMap> allMaps(inputMaps);
    // Of no loops, for a scalar.
    SmallVector<AffineExpr> kept;
    for (unsigned i = 0; i < numParallel; ++i)
      kept.push_back(b.getAffineDimExpr(i));
    allMaps.append(2, AffineMap::get(numLoops, 0, kept, b.getContext()));
    SmallVector<utils::IteratorType> iterators(numLoops,
                                               utils::IteratorType::reduction);
    std::fill_n(iterators.begin(), numParallel, utils::IteratorType::parallel);
    auto generic = linalg::GenericOp::create(
        b, loc, ValueRange(inits).getTypes(), inputs, inits, allMaps, iterators,
        [&](OpBuilder &b, Location loc, ValueRange args) {
          Pair found = candidate(b, args.drop_back(2));
          Pair best{args[args.size() - 2], args[args.size() - 1]};
          Value takes = replaces(b, found, best);
          Value left =
              arith::SelectOp::create(b, loc, takes, found.left, best.left);
          Value right =
              arith::SelectOp::create(b, loc, takes, found.right, best.right);
          linalg::YieldOp::create(b, loc, ValueRange{left, right});
        });
    return generic.getResults();
  };
  SmallVector<OpFoldResult> sizes =
      tensor::getMixedSizes(b, loc, inputs.front());
  ResultRange rows = reduce(inputs, maps, kRank, kRowRank,
                            ArrayRef(sizes).take_front(kRowRank), candidate);
  AffineMap identity =
      AffineMap::getMultiDimIdentityMap(kRowRank, b.getContext());
  ResultRange found = reduce(
      rows, {identity, identity}, kRowRank, /*numParallel=*/0, {},
      [](OpBuilder &, ValueRange args) { return Pair{args[0], args[1]}; });
  return {tensor::ExtractOp::create(b, loc, found[0], ValueRange()),
          tensor::ExtractOp::create(b, loc, found[1], ValueRange())};
}

void CheckBuilder::checkLists(SelectedAttentionOp op) {
  Value lists = getOutside(op.getIdx());
  Value keys = getOutside(op.getK());
  assert(lists && keys && "a fusion does not compute them");
  MLIRContext *context = b.getContext();
  Value stored =
      arith::IndexCastOp::create(b, loc, b.getI64Type(), dim(keys, 1));
  Value lengths = op.getKvLen();
  bool isPerEntry = lengths && isa<RankedTensorType>(lengths.getType());
  SmallVector<Value> inputs = {lists};
  SmallVector<AffineMap> maps = {AffineMap::getMultiDimIdentityMap(4, context)};
  if (isPerEntry) {
    inputs.push_back(lengths);
    maps.push_back(AffineMap::get(4, 0, b.getAffineDimExpr(0)));
  }
  // How many blocks exist, of min(kv_len, Tk) tokens.
  auto countBlocks = [&](OpBuilder &b, Value length) -> Value {
    Value zero = arith::ConstantIntOp::create(b, loc, b.getI64Type(), 0);
    Value one = arith::ConstantIntOp::create(b, loc, b.getI64Type(), 1);
    Value size = arith::ConstantIntOp::create(b, loc, b.getI64Type(),
                                              op.getSelectionBlock());
    length = arith::MinSIOp::create(b, loc, length, stored);
    length = arith::MaxSIOp::create(b, loc, length, zero);
    Value last = arith::AddIOp::create(
        b, loc, length, arith::SubIOp::create(b, loc, size, one));
    return arith::DivUIOp::create(b, loc, last, size);
  };
  Value all;
  if (!isPerEntry)
    all = countBlocks(
        b, lengths ? arith::IndexCastOp::create(b, loc, b.getI64Type(), lengths)
                   : stored);
  // (entry, number of blocks), the one that is furthest out.
  Pair worst = reduceLists(
      inputs, maps, -1, 0,
      [&](OpBuilder &b, ValueRange args) {
        auto extend = [&](Value value) -> Value {
          return arith::ExtSIOp::create(b, loc, b.getI64Type(), value);
        };
        return Pair{extend(args[0]),
                    isPerEntry ? countBlocks(b, extend(args[1])) : all};
      },
      [&](OpBuilder &b, Pair found, Pair best) -> Value {
        Value excess = arith::SubIOp::create(b, loc, found.left, found.right);
        Value worst = arith::SubIOp::create(b, loc, best.left, best.right);
        return arith::CmpIOp::create(b, loc, CmpIPredicate::sgt, excess, worst);
      });
  require(CmpIPredicate::slt, worst.left, worst.right,
          "entries of 'idx' must be less than ceil(kv_len / selection_block)");
  // The op that the promise is modelled on keeps it.
  if (op.getUnique() && !lists.getDefiningOp<SelectTopNOp>())
    checkListsAscend(op, lists);
}

/// `unique`: of two neighbours in a list, the second is negative, or both are
/// not and it is the larger one.
void CheckBuilder::checkListsAscend(SelectedAttentionOp op, Value lists) {
  auto type = cast<RankedTensorType>(lists.getType());
  if (!type.isDynamicDim(3) && type.getDimSize(3) < 2)
    return;
  Value width = dim(lists, 3);
  Value pairs = arith::SubIOp::create(b, loc, width, index(1));
  pairs = b.createOrFold<arith::MaxSIOp>(loc, pairs, index(0));
  OpFoldResult count = getAsOpFoldResult(pairs);
  if (!type.isDynamicDim(3))
    count = b.getIndexAttr(type.getDimSize(3) - 1);
  OpFoldResult second =
      getAsOpFoldResult(b.createOrFold<arith::SubIOp>(loc, width, pairs));
  if (!type.isDynamicDim(3))
    second = b.getIndexAttr(1);
  auto neighbours = [&](OpFoldResult first) -> Value {
    OpFoldResult zero = b.getIndexAttr(0);
    SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, lists);
    sizes.back() = count;
    return tensor::ExtractSliceOp::create(
        b, loc, lists, {zero, zero, zero, first}, sizes,
        SmallVector<OpFoldResult>(4, b.getIndexAttr(1)));
  };
  Value left = neighbours(b.getIndexAttr(0)), right = neighbours(second);
  AffineMap identity = AffineMap::getMultiDimIdentityMap(4, b.getContext());
  // Unsigned, a negative entry is larger than others: no order but the right
  // one is less in both.
  Pair bad = reduceLists(
      {left, right}, {identity, identity}, 0, 1,
      [&](OpBuilder &b, ValueRange args) {
        auto extend = [&](Value value) -> Value {
          return arith::ExtSIOp::create(b, loc, b.getI64Type(), value);
        };
        return Pair{extend(args[0]), extend(args[1])};
      },
      [&](OpBuilder &b, Pair found, Pair) -> Value {
        Value zero = arith::ConstantIntOp::create(b, loc, b.getI64Type(), 0);
        Value exists = arith::CmpIOp::create(b, loc, CmpIPredicate::sge,
                                             found.right, zero);
        Value falls = arith::CmpIOp::create(b, loc, CmpIPredicate::uge,
                                            found.left, found.right);
        return arith::AndIOp::create(b, loc, exists, falls);
      });
  require(CmpIPredicate::ult, bad.left, bad.right,
          "lists that are 'unique' must ascend without repeats, negative "
          "entries last, but neighbours do not");
}

//===----------------------------------------------------------------------===//
// Interface
//===----------------------------------------------------------------------===//

static void checkOp(CheckBuilder &checks, CompressOp op) {
  checks.checkCompressedExtent(op);
}
static void checkOp(CheckBuilder &checks, CompressedAttentionOp op) {
  checks.checkQueryOffset(op.getQOffset());
}
static void checkOp(CheckBuilder &checks, BlockScoresOp op) {
  checks.checkQueryOffset(op.getQOffset());
  checks.checkScoredExtent(op);
}
static void checkOp(CheckBuilder &checks, SelectTopNOp op) {
  checks.checkQueryOffset(op.getQOffset());
}
static void checkOp(CheckBuilder &checks, SelectedAttentionOp op) {
  checks.checkQueryOffset(op.getQOffset());
  checks.checkLists(op);
}
static void checkOp(CheckBuilder &checks, WindowAttentionOp op) {
  checks.checkQueryOffset(op.getQOffset());
}
static void checkOp(CheckBuilder &checks, AttentionOp op) {
  checks.checkQueryOffset(op.getQOffset());
}
/// Shapes are all there is.
static void checkOp(CheckBuilder &, GateOp) {}
static void checkOp(CheckBuilder &, MergeOp) {}

namespace {
template <typename OpT>
struct RuntimeVerification : public RuntimeVerifiableOpInterface::ExternalModel<
                                 RuntimeVerification<OpT>, OpT> {
  void generateRuntimeVerification(Operation *op, OpBuilder &builder,
                                   Location loc, ErrorMessage message) const {
    CheckBuilder checks(op, builder, loc, message);
    checks.checkDimensions();
    checkOp(checks, cast<OpT>(op));
  }
};
} // namespace

void mlir::nsa::generateDimensionChecks(Operation *op, OpBuilder &builder,
                                        Location loc,
                                        ErrorMessage generateErrorMessage) {
  CheckBuilder(op, builder, loc, generateErrorMessage).checkDimensions();
}

template <typename... OpTs> static void attach(MLIRContext *context) {
  (OpTs::template attachInterface<RuntimeVerification<OpTs>>(*context), ...);
}

void mlir::nsa::registerRuntimeVerifiableOpInterfaceExternalModels(
    DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, NSADialect *) {
    attach<CompressOp, CompressedAttentionOp, BlockScoresOp, SelectTopNOp,
           SelectedAttentionOp, WindowAttentionOp, GateOp, MergeOp,
           AttentionOp>(context);
    context->loadDialect<arith::ArithDialect, cf::ControlFlowDialect,
                         linalg::LinalgDialect, tensor::TensorDialect>();
  });
}
