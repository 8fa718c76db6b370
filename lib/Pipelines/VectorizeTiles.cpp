//===- VectorizeTiles.cpp - linalg on tiles to register-tiled vectors -*- C++
//-*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Turns linalg ops into loops over 1-D vectors along one iterator, the lanes:
//
// * the result's innermost dimension, where it is static and lies innermost in
//   every operand that has it. Accumulators of reductions stay in registers; a
//   contraction keeps several rows of them, so that each vector it loads is
//   used several times;
// * else the reduced dimension, when it is innermost in the operands: sums and
//   maxima across the lanes, once at the end;
// * a transposition goes through square blocks of vectors in registers.
//
// Everything stays on tensors: bufferization sees transfers.
//
// Upstream's linalg vectoriser makes n-D vectors of whole tiles, which LLVM
// would unroll completely; here the loops are what the code should be.
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/Passes.h"

#include "mlir/Dialect/Affine/Utils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Remarks.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_VECTORIZETILES
#include "nsa/Pipelines/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;
using namespace mlir::nsa;

/// The longest vector made, in elements; LLVM splits it into registers.
static constexpr int64_t kMaxLanes = 64;
/// The most accumulator rows of a contraction.
static constexpr int64_t kMaxRows = 12;

static int64_t largestDivisor(int64_t value, int64_t most) {
  for (int64_t divisor = std::min(value, most); divisor > 1; --divisor)
    if (value % divisor == 0)
      return divisor;
  return 1;
}

namespace {

/// How a reduction combines an element with its accumulator.
enum class Combiner {
  Sum,
  Maximum,          ///< NaN if one is NaN
  MaximumUnlessNaN, ///< `x > acc ? x : acc`
};

/// How one op is vectorised.
struct Plan {
  unsigned vectorDim;  ///< iterator along which the vectors lie
  int64_t lanes;       ///< the last vector may have fewer
  unsigned rowDim = 0; ///< iterator of which `rows` are computed at once
  int64_t rows = 1;    ///< the last rows may be fewer
  /// How lanes are combined, when they lie along a reduction.
  std::optional<Combiner> combine;
  /// A transposition of blocks of `lanes` by `lanes`.
  bool transpose = false;
};

class TileVectorizer {
public:
  TileVectorizer(linalg::LinalgOp op, const Plan &plan, RewriterBase &rewriter)
      : op(op), plan(plan), rewriter(rewriter), loc(op.getLoc()) {}

  /// Whether, and how, `op` can be vectorised for registers of `width` bits.
  static FailureOr<Plan> makePlan(linalg::LinalgOp op, int64_t width);

  void rewrite();

private:
  /// Values of the iterators: loop variables; for rows, that plus a constant.
  using Point = SmallVector<Value>;

  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(rewriter, loc, value);
  }
  Value bound(unsigned iterator);
  Value buildLoops(ArrayRef<unsigned> order, const Point &point, Value out);
  Value buildLoop(ArrayRef<unsigned> order, Point point, Value out, Value first,
                  Value last, int64_t step, int64_t extent);
  Value buildRows(const Point &point, Value out);
  Value buildAcrossLanes(const Point &point, Value out);
  Value buildTranspose();
  SmallVector<Value> buildReduction(ArrayRef<unsigned> dims,
                                    ArrayRef<Point> rows,
                                    SmallVector<Value> accumulators);
  SmallVector<Value> indicesOf(AffineMap map, const Point &point);
  Value readOperand(OpOperand &operand, const Point &point);
  Value buildBody(const Point &point, ArrayRef<Value> arguments);
  Value broadcast(Value scalar);
  VectorType vectorOf(Type element) {
    return VectorType::get({plan.lanes}, element);
  }

  linalg::LinalgOp op;
  Plan plan;
  RewriterBase &rewriter;
  Location loc;
  /// What every element of the result starts with, if the op alone uses a
  /// linalg.fill: then nothing is filled, and nothing read.
  Value fillValue;
};

} // namespace

/// acc + a * b, the shape of a contraction's body.
static bool isMultiplyAdd(linalg::LinalgOp op) {
  if (op.getNumDpsInputs() != 2 || op.getNumReductionLoops() != 1)
    return false;
  Value result = op.getBlock()->getTerminator()->getOperand(0);
  auto add = result.getDefiningOp<arith::AddFOp>();
  return add && (add.getLhs().getDefiningOp<arith::MulFOp>() ||
                 add.getRhs().getDefiningOp<arith::MulFOp>());
}

/// Whether vectors along `dim` can be read from every operand that has it.
static bool isInnermostEverywhere(linalg::LinalgOp op, unsigned dim) {
  for (OpOperand &operand : op->getOpOperands()) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    for (auto [i, expr] : llvm::enumerate(map.getResults())) {
      bool last = i + 1 == map.getNumResults();
      if (expr.isFunctionOfDim(dim) && !(last && isa<AffineDimExpr>(expr)))
        return false;
    }
  }
  return true;
}

/// How the body combines a value with the accumulator, if it is a way that
/// lanes can be combined, too.
static std::optional<Combiner> getCombiner(linalg::LinalgOp op) {
  Operation *last =
      op.getBlock()->getTerminator()->getOperand(0).getDefiningOp();
  BlockArgument accumulator = op.getBlock()->getArguments().back();
  if (auto select = dyn_cast_or_null<arith::SelectOp>(last)) {
    auto compare = select.getCondition().getDefiningOp<arith::CmpFOp>();
    bool isMaximum = compare &&
                     compare.getPredicate() == arith::CmpFPredicate::OGT &&
                     compare.getLhs() == select.getTrueValue() &&
                     compare.getRhs() == accumulator &&
                     select.getFalseValue() == accumulator &&
                     llvm::range_size(accumulator.getUses()) == 2;
    if (isMaximum && select.getTrueValue() != accumulator)
      return Combiner::MaximumUnlessNaN;
    return std::nullopt;
  }
  if (!last || last->getNumOperands() != 2 || !accumulator.hasOneUse() ||
      !llvm::is_contained(last->getOperands(), accumulator))
    return std::nullopt;
  if (isa<arith::AddFOp>(last))
    return Combiner::Sum;
  if (isa<arith::MaximumFOp>(last))
    return Combiner::Maximum;
  return std::nullopt;
}

/// Registers of `width` bits that a vector takes.
static int64_t countRegisters(int64_t lanes, int64_t width) {
  return llvm::divideCeil(lanes * 32, width);
}

namespace {
/// A loop over part of an iterator.
struct Piece {
  int64_t first, last, step;
  int64_t count() const { return (last - first) / step; }
};
} // namespace

/// `extent` in whole steps of `step`, and the rest: at once, or, as LLVM rounds
/// the lanes of a vector up, in powers of two.
static SmallVector<Piece> getPieces(int64_t extent, int64_t step,
                                    bool arePowers) {
  SmallVector<Piece> pieces;
  for (int64_t first = 0; first < extent;) {
    int64_t rest = extent - first;
    if (step > rest)
      step = arePowers ? llvm::bit_floor<uint64_t>(rest) : rest;
    int64_t last = first + rest / step * step;
    pieces.push_back({first, last, step});
    first = last;
  }
  return pieces;
}

/// Lanes and rows of a contraction: what takes the fewest cycles, on a core
/// that starts two multiply-adds and two loads a cycle and has the result of a
/// multiply-add after four.
static void chooseRegisterTile(Plan &plan, int64_t extent, int64_t rowExtent,
                               int64_t width) {
  int64_t registers = width >= 512 ? 32 : 16;
  auto cyclesOf = [&](int64_t lanes, int64_t rows) {
    int64_t perRow = countRegisters(lanes, width);
    double loads = perRow + rows, products = perRow * rows;
    // Loads weigh a little even where they are not what limits.
    return std::max({products / 2, loads / 2, 4.0}) + loads / 20;
  };
  double best = std::numeric_limits<double>::infinity();
  for (int64_t lanes = 1; lanes <= std::min(extent, kMaxLanes); lanes *= 2) {
    int64_t perRow = countRegisters(lanes, width);
    for (int64_t rows = 1; rows <= std::min(rowExtent, kMaxRows); ++rows) {
      // Accumulators, a row's vectors, and the factor they are multiplied with.
      if (rows > 1 && perRow * (rows + 1) + 1 > registers)
        continue;
      double cycles = 0;
      for (const Piece &x : getPieces(extent, lanes, /*arePowers=*/true))
        for (const Piece &y : getPieces(rowExtent, rows, /*arePowers=*/false))
          cycles += x.count() * y.count() * cyclesOf(x.step, y.step);
      if (cycles < best) {
        best = cycles;
        plan.lanes = lanes;
        plan.rows = rows;
      }
    }
  }
}

FailureOr<Plan> TileVectorizer::makePlan(linalg::LinalgOp op, int64_t width) {
  if (!op.hasPureTensorSemantics() || op->getNumResults() != 1)
    return failure();
  for (OpOperand &operand : op->getOpOperands()) {
    Type element = getElementTypeOrSelf(operand.get().getType());
    if (!VectorType::isValidElementType(element) ||
        !element.isIntOrIndexOrFloat())
      return failure();
    // Vectors pack i1, i4 or i24; memory gives each a power of two of bytes.
    if (!element.isIndex() &&
        (element.getIntOrFloatBitWidth() < 8 ||
         !llvm::isPowerOf2_32(element.getIntOrFloatBitWidth())))
      return failure();
  }
  for (Operation &inner : op.getBlock()->without_terminator())
    if (!isa<linalg::IndexOp>(inner) &&
        !OpTrait::hasElementwiseMappableTraits(&inner) &&
        !inner.hasTrait<OpTrait::ConstantLike>())
      return failure();
  AffineMap outMap = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  if (!outMap.isProjectedPermutation())
    return failure();
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  auto canHoldLanes = [&](unsigned dim) {
    return !ShapedType::isDynamic(ranges[dim]) && ranges[dim] >= 2 &&
           isInnermostEverywhere(op, dim);
  };

  Plan plan;
  if (outMap.getNumResults() > 0) {
    plan.vectorDim = outMap.getDimPosition(outMap.getNumResults() - 1);
    if (canHoldLanes(plan.vectorDim)) {
      int64_t extent = ranges[plan.vectorDim];
      plan.lanes = llvm::bit_floor<uint64_t>(std::min(extent, kMaxLanes));
      if (isMultiplyAdd(op) && outMap.getNumResults() == 2) {
        plan.rowDim = outMap.getDimPosition(0);
        int64_t rows = ranges[plan.rowDim];
        chooseRegisterTile(plan, extent, ShapedType::isDynamic(rows) ? 1 : rows,
                           width);
      }
      return plan;
    }
  }

  // A transposition: the same two iterators, the other way around.
  MLIRContext *context = op->getContext();
  if (op.getNumLoops() == 2 && op.getNumDpsInputs() == 1 &&
      op.getNumReductionLoops() == 0 && !op.hasIndexSemantics() &&
      op.getBlock()->getArgument(1).use_empty() &&
      outMap == AffineMap::getMultiDimIdentityMap(2, context) &&
      op.getMatchingIndexingMap(op.getDpsInputOperand(0)) ==
          AffineMap::getPermutationMap(ArrayRef<unsigned>{1, 0}, context) &&
      !ShapedType::isDynamic(ranges[0]) && !ShapedType::isDynamic(ranges[1])) {
    plan.lanes = width / 32;
    while (plan.lanes >= 4 &&
           (ranges[0] % plan.lanes != 0 || ranges[1] % plan.lanes != 0))
      plan.lanes /= 2;
    plan.transpose = true;
    if (plan.lanes >= 4)
      return plan;
    return failure();
  }

  plan.combine = getCombiner(op);
  SmallVector<unsigned> reductions;
  op.getReductionDims(reductions);
  if (!plan.combine || reductions.size() != 1 || !canHoldLanes(reductions[0]))
    return failure();
  plan.vectorDim = reductions[0];
  plan.lanes = largestDivisor(ranges[plan.vectorDim], kMaxLanes);
  if (plan.lanes < 2)
    return failure();
  return plan;
}

/// The extent of an iterator, from an operand that has it as a dimension.
Value TileVectorizer::bound(unsigned iterator) {
  int64_t range = op.getStaticLoopRanges()[iterator];
  if (!ShapedType::isDynamic(range))
    return constant(range);
  for (OpOperand &operand : op->getOpOperands()) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    for (auto [i, expr] : llvm::enumerate(map.getResults()))
      if (expr == rewriter.getAffineDimExpr(iterator))
        return rewriter.createOrFold<tensor::DimOp>(loc, operand.get(), i);
  }
  llvm_unreachable("every iterator is a dimension of some operand");
}

SmallVector<Value> TileVectorizer::indicesOf(AffineMap map,
                                             const Point &point) {
  SmallVector<Value> indices;
  for (AffineExpr expr : map.getResults()) {
    if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
      indices.push_back(point[dim.getPosition()]);
      continue;
    }
    indices.push_back(
        mlir::affine::expandAffineExpr(rewriter, loc, expr, point, {}));
  }
  return indices;
}

Value TileVectorizer::broadcast(Value scalar) {
  return vector::BroadcastOp::create(rewriter, loc, vectorOf(scalar.getType()),
                                     scalar);
}

Value TileVectorizer::readOperand(OpOperand &operand, const Point &point) {
  if (!isa<RankedTensorType>(operand.get().getType()))
    return broadcast(operand.get());
  AffineMap map = op.getMatchingIndexingMap(&operand);
  SmallVector<Value> indices = indicesOf(map, point);
  if (!map.isFunctionOfDim(plan.vectorDim))
    return broadcast(
        tensor::ExtractOp::create(rewriter, loc, operand.get(), indices));
  Type element = getElementTypeOrSelf(operand.get().getType());
  return vector::TransferReadOp::create(
      rewriter, loc, vectorOf(element), operand.get(), indices,
      /*padding=*/std::nullopt, ArrayRef<bool>{true});
}

/// The op's body on vectors.
Value TileVectorizer::buildBody(const Point &point, ArrayRef<Value> arguments) {
  IRMapping mapping;
  mapping.map(op.getBlock()->getArguments(), arguments);
  auto vectorFor = [&](Value value) -> Value {
    Value mapped = mapping.lookupOrDefault(value);
    if (isa<VectorType>(mapped.getType()))
      return mapped;
    return broadcast(mapped);
  };
  for (Operation &inner : op.getBlock()->without_terminator()) {
    if (auto index = dyn_cast<linalg::IndexOp>(inner)) {
      Value first = point[index.getDim()];
      if (index.getDim() == plan.vectorDim) {
        Value step = vector::StepOp::create(rewriter, loc,
                                            vectorOf(rewriter.getIndexType()));
        first = arith::AddIOp::create(rewriter, loc, broadcast(first), step);
      }
      mapping.map(index.getResult(), first);
      continue;
    }
    if (inner.hasTrait<OpTrait::ConstantLike>()) {
      rewriter.clone(inner, mapping);
      continue;
    }
    // Scalars stay scalar as long as they can: index arithmetic mostly.
    bool scalar = llvm::all_of(inner.getOperands(), [&](Value operand) {
      return !isa<VectorType>(mapping.lookupOrDefault(operand).getType());
    });
    if (scalar) {
      rewriter.clone(inner, mapping);
      continue;
    }
    SmallVector<Value> operands =
        llvm::map_to_vector(inner.getOperands(), vectorFor);
    SmallVector<Type> types =
        llvm::map_to_vector(inner.getResultTypes(),
                            [&](Type type) -> Type { return vectorOf(type); });
    Operation *wide =
        rewriter.create(inner.getLoc(), inner.getName().getIdentifier(),
                        operands, types, inner.getAttrs());
    mapping.map(inner.getResults(), wide->getResults());
  }
  return vectorFor(op.getBlock()->getTerminator()->getOperand(0));
}

/// The reduction loops, innermost, with one accumulator per row.
SmallVector<Value>
TileVectorizer::buildReduction(ArrayRef<unsigned> dims, ArrayRef<Point> rows,
                               SmallVector<Value> accumulators) {
  if (!dims.empty()) {
    unsigned dim = dims.front();
    int64_t step = dim == plan.vectorDim ? plan.lanes : 1;
    if (op.getStaticLoopRanges()[dim] == step) {
      SmallVector<Point> inner(rows);
      for (Point &point : inner)
        point[dim] = constant(0);
      return buildReduction(dims.drop_front(), inner, accumulators);
    }
    auto loop = scf::ForOp::create(rewriter, loc, constant(0), bound(dim),
                                   constant(step), accumulators);
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPointToStart(loop.getBody());
    SmallVector<Point> inner(rows);
    for (Point &point : inner)
      point[dim] = loop.getInductionVar();
    SmallVector<Value> next = buildReduction(
        dims.drop_front(), inner, SmallVector<Value>(loop.getRegionIterArgs()));
    // The builder terminates only loops that carry nothing.
    rewriter.setInsertionPointToEnd(loop.getBody());
    scf::YieldOp::create(rewriter, loc, next);
    return SmallVector<Value>(loop.getResults());
  }
  // What does not depend on the row is read once.
  SmallVector<Value> shared(op->getNumOperands());
  for (OpOperand *input : op.getDpsInputOperands())
    if (rows.size() == 1 ||
        !op.getMatchingIndexingMap(input).isFunctionOfDim(plan.rowDim))
      shared[input->getOperandNumber()] = readOperand(*input, rows[0]);
  SmallVector<Value> results;
  for (auto [point, accumulator] : llvm::zip(rows, accumulators)) {
    SmallVector<Value> arguments;
    for (OpOperand *input : op.getDpsInputOperands()) {
      Value value = shared[input->getOperandNumber()];
      arguments.push_back(value ? value : readOperand(*input, point));
    }
    arguments.push_back(accumulator);
    results.push_back(buildBody(point, arguments));
  }
  return results;
}

/// Reads, updates and writes the accumulators of `plan.rows` rows.
Value TileVectorizer::buildRows(const Point &point, Value out) {
  OpOperand *init = op.getDpsInitOperand(0);
  AffineMap outMap = op.getMatchingIndexingMap(init);
  SmallVector<Point> rows;
  for (int64_t r = 0; r < plan.rows; ++r) {
    Point row = point;
    if (r > 0)
      row[plan.rowDim] = rewriter.createOrFold<arith::AddIOp>(
          loc, point[plan.rowDim], constant(r));
    rows.push_back(row);
  }
  SmallVector<Value> accumulators;
  VectorType type = vectorOf(getElementTypeOrSelf(out.getType()));
  for (const Point &row : rows)
    accumulators.push_back(
        fillValue ? broadcast(fillValue)
                  : vector::TransferReadOp::create(
                        rewriter, loc, type, out, indicesOf(outMap, row),
                        /*padding=*/std::nullopt, ArrayRef<bool>{true})
                        .getResult());
  SmallVector<unsigned> reductions;
  op.getReductionDims(reductions);
  accumulators = buildReduction(reductions, rows, accumulators);
  for (auto [row, value] : llvm::zip(rows, accumulators))
    out = vector::TransferWriteOp::create(rewriter, loc, value, out,
                                          indicesOf(outMap, row),
                                          ArrayRef<bool>{true})
              .getResult();
  return out;
}

/// The combination of two values, of scalars or vectors.
static Value combine(OpBuilder &builder, Location loc, Combiner combiner,
                     Value x, Value accumulator) {
  switch (combiner) {
  case Combiner::Sum:
    return arith::AddFOp::create(builder, loc, x, accumulator);
  case Combiner::Maximum:
    return arith::MaximumFOp::create(builder, loc, x, accumulator);
  case Combiner::MaximumUnlessNaN: {
    Value greater = arith::CmpFOp::create(
        builder, loc, arith::CmpFPredicate::OGT, x, accumulator);
    return arith::SelectOp::create(builder, loc, greater, x, accumulator);
  }
  }
  llvm_unreachable("unknown combiner");
}

/// All lanes of `lanes` combined: halves with each other, as long as there are
/// two; the order is ours to choose.
static Value combineLanes(OpBuilder &builder, Location loc, Combiner combiner,
                          Value lanes) {
  int64_t count = cast<VectorType>(lanes.getType()).getDimSize(0);
  Value odd;
  while (count > 1) {
    if (count % 2 != 0) {
      Value last = vector::ExtractOp::create(builder, loc, lanes, --count);
      odd = odd ? combine(builder, loc, combiner, last, odd) : last;
      lanes = vector::ExtractStridedSliceOp::create(
          builder, loc, lanes, ArrayRef<int64_t>{0}, ArrayRef<int64_t>{count},
          ArrayRef<int64_t>{1});
      continue;
    }
    count /= 2;
    auto half = [&](int64_t offset) -> Value {
      return vector::ExtractStridedSliceOp::create(
          builder, loc, lanes, ArrayRef<int64_t>{offset},
          ArrayRef<int64_t>{count}, ArrayRef<int64_t>{1});
    };
    lanes = combine(builder, loc, combiner, half(0), half(count));
  }
  Value result = vector::ExtractOp::create(builder, loc, lanes, 0);
  return odd ? combine(builder, loc, combiner, odd, result) : result;
}

/// Reduces along the lanes, and combines them with the one element of the
/// result.
Value TileVectorizer::buildAcrossLanes(const Point &point, Value out) {
  OpOperand *init = op.getDpsInitOperand(0);
  SmallVector<Value> indices =
      indicesOf(op.getMatchingIndexingMap(init), point);
  auto type = cast<FloatType>(getElementTypeOrSelf(out.getType()));
  Value before =
      fillValue
          ? fillValue
          : tensor::ExtractOp::create(rewriter, loc, out, indices).getResult();
  double neutral = *plan.combine == Combiner::Sum
                       ? 0.0
                       : -std::numeric_limits<double>::infinity();
  Value start = broadcast(arith::ConstantOp::create(
      rewriter, loc, rewriter.getFloatAttr(type, neutral)));
  Value lanes = buildReduction(plan.vectorDim, point, {start})[0];
  Value after =
      combine(rewriter, loc, *plan.combine,
              combineLanes(rewriter, loc, *plan.combine, lanes), before);
  return tensor::InsertOp::create(rewriter, loc, after, out, indices);
}

/// Reads a block's rows, and interleaves the halves of the list of vectors
/// log2(lanes) times, which transposes the block.
Value TileVectorizer::buildTranspose() {
  OpOperand *input = op.getDpsInputOperand(0);
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  int64_t size = plan.lanes;
  SmallVector<int64_t> low, high;
  for (int64_t i = 0; i < size / 2; ++i) {
    low.append({i, size + i});
    high.append({size / 2 + i, size + size / 2 + i});
  }
  SmallVector<Value> lower(2, constant(0)), step(2, constant(size));
  // Whole rows of the input in turn: they may come from memory, while the
  // result is in cache.
  SmallVector<Value> upper{constant(ranges[1]), constant(ranges[0])};
  scf::LoopNest nest = scf::buildLoopNest(
      rewriter, loc, lower, upper, step, op.getDpsInitOperand(0)->get(),
      [&](OpBuilder &, Location, ValueRange ivs,
          ValueRange carried) -> scf::ValueVector {
        auto at = [&](Value first, int64_t i) -> Value {
          return rewriter.createOrFold<arith::AddIOp>(loc, first, constant(i));
        };
        Type element = getElementTypeOrSelf(input->get().getType());
        SmallVector<Value> rows;
        for (int64_t i = 0; i < size; ++i) {
          Value row = vector::TransferReadOp::create(
              rewriter, loc, vectorOf(element), input->get(),
              ValueRange{at(ivs[0], i), ivs[1]}, /*padding=*/std::nullopt,
              ArrayRef<bool>{true});
          // The accumulator is not read.
          rows.push_back(buildBody(Point(2), {row, row}));
        }
        for (int64_t round = 1; round < size; round *= 2) {
          SmallVector<Value> next;
          for (int64_t i = 0; i < size / 2; ++i)
            for (ArrayRef<int64_t> mask : {ArrayRef(low), ArrayRef(high)})
              next.push_back(vector::ShuffleOp::create(
                  rewriter, loc, rows[i], rows[i + size / 2], mask));
          rows = std::move(next);
        }
        Value out = carried[0];
        for (int64_t i = 0; i < size; ++i)
          out = vector::TransferWriteOp::create(
                    rewriter, loc, rows[i], out,
                    ValueRange{at(ivs[1], i), ivs[0]}, ArrayRef<bool>{true})
                    .getResult();
        return {out};
      });
  return nest.results[0];
}

/// Loops over the parallel iterators that the result has, outermost first.
Value TileVectorizer::buildLoops(ArrayRef<unsigned> order, const Point &point,
                                 Value out) {
  if (order.empty())
    return plan.combine ? buildAcrossLanes(point, out) : buildRows(point, out);
  unsigned dim = order.front();
  bool isRow = plan.rows > 1 && dim == plan.rowDim;
  int64_t &step = dim == plan.vectorDim ? plan.lanes : plan.rows;
  int64_t extent = op.getStaticLoopRanges()[dim];
  if ((dim != plan.vectorDim && !isRow) || ShapedType::isDynamic(extent))
    return buildLoop(order, point, out, constant(0), bound(dim), 1, extent);
  int64_t wholeStep = step;
  for (const Piece &piece :
       getPieces(extent, wholeStep, /*arePowers=*/dim == plan.vectorDim)) {
    step = piece.step;
    out = buildLoop(order, point, out, constant(piece.first),
                    constant(piece.last), step, piece.last - piece.first);
  }
  step = wholeStep;
  return out;
}

/// One loop of `order.front()`, around those of the others.
Value TileVectorizer::buildLoop(ArrayRef<unsigned> order, Point point,
                                Value out, Value first, Value last,
                                int64_t step, int64_t extent) {
  unsigned dim = order.front();
  // A loop of one iteration is no loop.
  if (extent == step) {
    point[dim] = first;
    return buildLoops(order.drop_front(), point, out);
  }
  auto loop =
      scf::ForOp::create(rewriter, loc, first, last, constant(step), out);
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPointToStart(loop.getBody());
  point[dim] = loop.getInductionVar();
  Value next = buildLoops(order.drop_front(), point, loop.getRegionIterArg(0));
  rewriter.setInsertionPointToEnd(loop.getBody());
  scf::YieldOp::create(rewriter, loc, next);
  return loop.getResult(0);
}

void TileVectorizer::rewrite() {
  rewriter.setInsertionPoint(op);
  if (plan.transpose)
    return rewriter.replaceOp(op, buildTranspose());
  OpOperand *init = op.getDpsInitOperand(0);
  AffineMap outMap = op.getMatchingIndexingMap(init);
  SmallVector<unsigned> order;
  for (unsigned i = 0, e = outMap.getNumResults(); i < e; ++i)
    order.push_back(outMap.getDimPosition(i));
  Point point(op.getNumLoops());
  Value out = init->get();
  auto fill = out.getDefiningOp<linalg::FillOp>();
  if (fill && fill->hasOneUse() &&
      fill.getInputs()[0].getType() == getElementTypeOrSelf(out.getType())) {
    fillValue = fill.getInputs()[0];
    out = fill.getOutputs()[0];
  }
  rewriter.replaceOp(op, buildLoops(order, point, out));
  if (fillValue)
    rewriter.eraseOp(fill);
}

namespace {
struct VectorizeTiles : public nsa::impl::VectorizeTilesBase<VectorizeTiles> {
  using Base::Base;

  void runOnOperation() override {
    if (vectorWidth != 128 && vectorWidth != 256 && vectorWidth != 512) {
      emitError(getOperation()->getLoc())
          << "nsa-vectorize-tiles: vector-width ("
          << static_cast<unsigned>(vectorWidth) << ") must be 128, 256 or 512";
      return signalPassFailure();
    }
    IRRewriter rewriter(&getContext());
    int64_t vectorised = 0, count = 0;
    auto vectorise = [&](linalg::LinalgOp op) {
      ++count;
      FailureOr<Plan> plan = TileVectorizer::makePlan(op, vectorWidth);
      if (failed(plan)) {
        // Fills, copies and transposes are not worth a word.
        if (op.getNumReductionLoops() == 0)
          return;
        remark::missed(op.getLoc(), remark::RemarkOpts::name("scalar").category(
                                        "nsa-vectorize-tiles"))
            << remark::add("{0} stays scalar", op->getName().getStringRef())
            << remark::reason("the innermost dimension of its result, or the "
                              "one it reduces, is dynamic or below 2, or "
                              "not innermost in every operand that has it; "
                              "or elements are not of 1, 2, 4 or 8 bytes")
            << remark::suggest("make it static, and innermost everywhere; use "
                               "i8 for i1");
        return;
      }
      TileVectorizer(op, *plan, rewriter).rewrite();
      ++vectorised;
    };
    // Fills last: most have become the start of a reduction by then.
    for (bool fills : {false, true}) {
      SmallVector<linalg::LinalgOp> ops;
      getOperation()->walk([&](linalg::LinalgOp op) {
        if (isa<linalg::FillOp>(op) == fills)
          ops.push_back(op);
      });
      llvm::for_each(ops, vectorise);
    }
    if (count != 0)
      remark::passed(getOperation()->getLoc(),
                     remark::RemarkOpts::name("vectorised")
                         .category("nsa-vectorize-tiles")
                         .function(getOperation().getName()))
          << remark::add("linalg ops became vector code")
          << remark::metric("vectorised", vectorised)
          << remark::metric("ops", count)
          << remark::metric("register_bits", unsigned(vectorWidth));
  }
};
} // namespace
