//===- ShardingInterfaceImpl.cpp - Ops on several devices -------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The loops of an op are the names of its dimensions (NamedDimsOpInterface),
// all heads being one loop. Batch, queries and heads may be split; every shard
// then computes the same op on its part, with q_offset moved to where its
// queries stand. Everything else every shard needs as a whole.
//
//===----------------------------------------------------------------------===//

#include "nsa/Dialect/NSA/Transforms/ShardingInterfaceImpl.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Shard/IR/ShardDialect.h"
#include "mlir/Dialect/Shard/IR/ShardOps.h"
#include "mlir/Dialect/Shard/Interfaces/ShardingInterface.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Remarks.h"
#include "nsa/Dialect/NSA/IR/NSA.h"
#include "nsa/Dialect/NSA/IR/Positions.h"

using namespace mlir;
using namespace mlir::nsa;
using shard::GridAxesAttr;
using shard::GridAxis;
using shard::Sharding;
using shard::ShardingOption;
using utils::IteratorType;

namespace {

/// A loop of an op.
struct Loop {
  std::string name;
  /// Why it cannot be split; empty if it can.
  StringRef refusal;
  /// Whether results have it.
  bool isOfResult = false;
};

/// A tensor that is an operand or result, and the loop of each dimension.
struct Access {
  std::string name;
  RankedTensorType type;
  SmallVector<unsigned> loops;
};

/// The loops of an op and how its operands and results are indexed by them.
class LoopNest {
public:
  explicit LoopNest(NamedDimsOpInterface op);

  ArrayRef<Loop> getLoops() const { return loops; }
  /// Of an operand, or of a result behind all operands; null for scalars.
  const Access *getAccess(unsigned i) const {
    return accesses[i] ? &*accesses[i] : nullptr;
  }
  unsigned getNumAccesses() const { return accesses.size(); }
  std::optional<unsigned> getLoop(StringRef name) const {
    auto found = loopOf.find(name);
    return found == loopOf.end() ? std::nullopt
                                 : std::optional<unsigned>(found->second);
  }

private:
  unsigned getOrAddLoop(StringRef dim, int64_t extent);

  Operation *op;
  /// Query heads; 0 if the op does not tell them from others.
  int64_t queryHeads = 0;
  SmallVector<Loop> loops;
  llvm::StringMap<unsigned> loopOf;
  SmallVector<std::optional<Access>> accesses;
};

} // namespace

static constexpr llvm::StringLiteral kHeads("heads");

/// Whether one list is made of the scores of all heads.
static bool sumsOverAllHeads(Operation *op) {
  if (auto scores = dyn_cast<BlockScoresOp>(op))
    return scores.getListHeads() == ListHeads::KV &&
           cast<RankedTensorType>(scores.getKc().getType()).getDimSize(2) == 1;
  if (auto attention = dyn_cast<AttentionOp>(op))
    return attention.getListHeads() == ListHeads::KV &&
           cast<RankedTensorType>(attention.getKCmp().getType())
                   .getDimSize(2) == 1;
  return false;
}

unsigned LoopNest::getOrAddLoop(StringRef dim, int64_t extent) {
  bool isHead = dim == "H" || dim == "G" || dim == "Gi";
  // What all heads share is not split with them.
  bool isShared = isHead && dim != "H" && extent == 1 && queryHeads > 1;
  StringRef name = isHead && !isShared ? StringRef(kHeads) : dim;
  auto [it, inserted] = loopOf.try_emplace(name, loops.size());
  if (inserted) {
    Loop loop{name.str(), "", false};
    if (name == kHeads) {
      if (queryHeads > 1 && sumsOverAllHeads(op))
        loop.refusal = "the scores of one list are a sum over all heads";
    } else if (name != "B" && name != "Tq") {
      loop.refusal = "every shard needs all of it";
    }
    loops.push_back(loop);
  }
  return it->second;
}

LoopNest::LoopNest(NamedDimsOpInterface op) : op(op) {
  SmallVector<NamedShape> shapes = op.getNamedShapes();
  for (const NamedShape &shape : shapes)
    for (auto [i, dim] : llvm::enumerate(shape.dims))
      if (dim.name == "H")
        queryHeads =
            cast<RankedTensorType>(shape.value.getType()).getDimSize(i);
  // Operands and their names come in the same order as far as one value is
  // several operands.
  SmallVector<bool> isUsed(shapes.size(), false);
  auto add = [&](Value value, bool isResult) {
    accesses.emplace_back();
    for (auto [i, shape] : llvm::enumerate(shapes)) {
      if (isUsed[i] || shape.value != value)
        continue;
      isUsed[i] = true;
      auto type = cast<RankedTensorType>(value.getType());
      Access access{shape.name, type, {}};
      for (auto [dim, extent] : llvm::zip(shape.dims, type.getShape())) {
        access.loops.push_back(getOrAddLoop(dim.name, extent));
        loops[access.loops.back()].isOfResult |= isResult;
      }
      accesses.back() = std::move(access);
      return;
    }
  };
  for (Value operand : op->getOperands())
    add(operand, /*isResult=*/false);
  for (Value result : op->getResults())
    add(result, /*isResult=*/true);
}

//===----------------------------------------------------------------------===//
// Splitting
//===----------------------------------------------------------------------===//

/// "[0, 1]"
static std::string describeAxes(ArrayRef<GridAxis> axes) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "[";
  llvm::interleaveComma(axes, os);
  os << "]";
  return text;
}

static ArrayRef<GridAxis> getAxes(const Sharding &sharding, unsigned dim) {
  ArrayRef<GridAxesAttr> axes = sharding.getSplitAxes();
  return dim < axes.size() ? axes[dim].asArrayRef() : ArrayRef<GridAxis>();
}

static std::string describe(const Access &access, unsigned dim) {
  return "dimension " + std::to_string(dim) + " of '" + access.name + "'";
}

/// Which grid axes split each loop, if operands and results are split as the
/// shardings say; those without one may be split in any way. Calls `refuse`
/// where they contradict each other or split what must not be split.
static FailureOr<ShardingOption>
combineShardings(const LoopNest &nest, ArrayRef<Sharding> shardings,
                 function_ref<void(const Twine &)> refuse) {
  ShardingOption option;
  option.shardingArray.resize(nest.getLoops().size());
  SmallVector<std::string> from(nest.getLoops().size());
  bool isKnown = false;
  for (auto [i, sharding] : llvm::enumerate(shardings)) {
    const Access *access = nest.getAccess(i);
    if (!sharding || !access)
      continue;
    if (option.grid && option.grid != sharding.getGridAttr()) {
      refuse("'" + access->name + "' is on @" + sharding.getGrid() +
             ", other tensors are on @" + option.grid.getValue());
      return failure();
    }
    option.grid = sharding.getGridAttr();
    isKnown = true;
    if (!sharding.getStaticHaloSizes().empty() ||
        !sharding.getStaticShardedDimsOffsets().empty()) {
      refuse("'" + access->name +
             "' has halos or shards of chosen sizes; equal shards are needed");
      return failure();
    }
    for (auto [dim, loop] : llvm::enumerate(access->loops)) {
      ArrayRef<GridAxis> axes = getAxes(sharding, dim);
      if (axes.empty())
        continue;
      std::string here = describe(*access, dim);
      if (StringRef why = nest.getLoops()[loop].refusal; !why.empty()) {
        refuse(here + " (" + nest.getLoops()[loop].name +
               ") cannot be split along grid axes " + describeAxes(axes) +
               ": " + why + "; gather it before");
        return failure();
      }
      auto &known = option.shardingArray[loop];
      if (!known.empty() && ArrayRef(known) != axes) {
        refuse(here + " is split along grid axes " + describeAxes(axes) +
               ", but " + from[loop] + " along " + describeAxes(known));
        return failure();
      }
      for (auto [other, otherAxes] : llvm::enumerate(option.shardingArray))
        for (GridAxis axis : axes)
          if (other != loop && llvm::is_contained(otherAxes, axis)) {
            refuse("grid axis " + Twine(axis) + " splits both " + here +
                   " and " + from[other]);
            return failure();
          }
      known.assign(axes.begin(), axes.end());
      from[loop] = here;
    }
  }
  return isKnown ? option : ShardingOption::makeEmpty();
}

/// That every tensor is split as its loops are, into equal parts.
static LogicalResult checkShards(Operation *op, const LoopNest &nest,
                                 const ShardingOption &option,
                                 ArrayRef<Sharding> shardings,
                                 shard::GridOp grid) {
  for (unsigned i = 0; i < nest.getNumAccesses(); ++i) {
    const Access *access = nest.getAccess(i);
    if (!access)
      continue;
    for (auto [dim, loop] : llvm::enumerate(access->loops)) {
      ArrayRef<GridAxis> axes = option.shardingArray[loop];
      // A result that nobody uses has no sharding.
      if (shardings[i] && getAxes(shardings[i], dim) != axes)
        return op->emitOpError()
               << "cannot be partitioned: " << describe(*access, dim)
               << " must be split along grid axes " << describeAxes(axes)
               << " as other dimensions of " << nest.getLoops()[loop].name
               << " are, not along "
               << describeAxes(getAxes(shardings[i], dim));
      if (axes.empty())
        continue;
      int64_t shards = shard::collectiveProcessGroupSize(axes, grid);
      if (ShapedType::isDynamic(shards))
        return op->emitOpError()
               << "cannot be partitioned: the number of shards along grid axes "
               << describeAxes(axes) << " of @" << grid.getSymName()
               << " is not known";
      int64_t extent = access->type.getDimSize(dim);
      if (!ShapedType::isDynamic(extent) && extent % shards != 0)
        return op->emitOpError()
               << "cannot be partitioned: " << describe(*access, dim) << " ("
               << extent << ") is not a multiple of " << shards
               << ", the number of shards along grid axes "
               << describeAxes(axes);
    }
  }
  return success();
}

/// The number of this process's shard along `axes`, of which the first is the
/// slowest.
static Value buildShardNumber(OpBuilder &b, Location loc, shard::GridOp grid,
                              ArrayRef<GridAxis> axes) {
  auto process =
      shard::ProcessMultiIndexOp::create(b, loc, grid.getSymName(), axes);
  Value number = process.getResult().front();
  for (auto [axis, i] :
       llvm::drop_begin(llvm::zip(axes, process.getResult()))) {
    Value size = arith::ConstantIndexOp::create(b, loc, grid.getShape()[axis]);
    number = arith::MulIOp::create(b, loc, number, size);
    number = arith::AddIOp::create(b, loc, number, i);
  }
  return number;
}

/// Moves `op`, which has a shard of `numShards` of the queries, to where these
/// stand. `keys` are the keys themselves, if the op has them.
template <typename OpT>
static void moveQueries(OpBuilder &b, OpT op, Value queries, Value keys,
                        Value shardNumber, int64_t numShards) {
  Location loc = op.getLoc();
  Value offset = op.getQOffset();
  // Nobody asks for it.
  if (!offset && !keys)
    return;
  auto dim = [&](Value tensor) {
    return getValueOrCreateConstantIndexOp(
        b, loc, tensor::getMixedSize(b, loc, tensor, 1));
  };
  Value local = dim(queries);
  if (!offset) {
    Value shards = arith::ConstantIndexOp::create(b, loc, numShards);
    Value all = arith::MulIOp::create(b, loc, local, shards);
    offset = arith::SubIOp::create(b, loc, dim(keys), all);
  }
  Value shift = arith::MulIOp::create(b, loc, shardNumber, local);
  op.getQOffsetMutable().assign(buildMovedPosition(b, loc, offset, shift));
}

/// `op` is on the shard's operands already.
static void moveQueries(OpBuilder &b, Operation *op, Value shardNumber,
                        int64_t numShards) {
  if (auto window = dyn_cast<WindowAttentionOp>(op))
    moveQueries(b, window, window.getQ(), window.getK(), shardNumber,
                numShards);
  else if (auto selected = dyn_cast<SelectedAttentionOp>(op))
    moveQueries(b, selected, selected.getQ(), selected.getK(), shardNumber,
                numShards);
  else if (auto attention = dyn_cast<AttentionOp>(op))
    moveQueries(b, attention, attention.getQ(), attention.getKCmp(),
                shardNumber, numShards);
  else if (auto compressed = dyn_cast<CompressedAttentionOp>(op))
    moveQueries(b, compressed, compressed.getQ(), Value(), shardNumber,
                numShards);
  else if (auto scores = dyn_cast<BlockScoresOp>(op))
    moveQueries(b, scores, scores.getQ(), Value(), shardNumber, numShards);
  else if (auto select = dyn_cast<SelectTopNOp>(op))
    moveQueries(b, select, select.getP(), Value(), shardNumber, numShards);
}

/// The op on a shard.
/// Upstream gathers what is annotated twice in a row only; where an argument of
/// the function has two annotations side by side, it would pass a shard of one
/// as one of the other.
static LogicalResult checkReshards(Operation *op) {
  for (Value operand : op->getOperands()) {
    auto annotated = operand.getDefiningOp<shard::ShardOp>();
    if (!annotated || !isa<BlockArgument>(annotated.getSrc()))
      continue;
    Sharding sharding(annotated.getSharding());
    for (Operation *user : annotated.getSrc().getUsers())
      if (auto other = dyn_cast<shard::ShardOp>(user);
          other && Sharding(other.getSharding()) != sharding) {
        InFlightDiagnostic error =
            op->emitOpError("cannot be partitioned: an argument that it reads "
                            "is split in two ways; let one shard.shard take "
                            "the result of the other");
        error.attachNote(annotated.getLoc()) << "this way";
        error.attachNote(other.getLoc()) << "and this way";
        return error;
      }
  }
  return success();
}

static LogicalResult partition(Operation *op, ArrayRef<Sharding> shardings,
                               IRMapping &partitionMap,
                               SymbolTableCollection &symbolTable,
                               OpBuilder &b) {
  if (failed(checkReshards(op)))
    return failure();
  LoopNest nest{cast<NamedDimsOpInterface>(op)};
  FailureOr<ShardingOption> option =
      combineShardings(nest, shardings, [&](const Twine &why) {
        op->emitOpError() << "cannot be partitioned: " << why;
      });
  if (failed(option))
    return failure();
  if (option->empty) {
    b.clone(*op, partitionMap);
    return success();
  }
  // That there is one is verified where the sharding is.
  shard::GridOp grid = shard::getGrid(op, option->grid, symbolTable);
  if (failed(checkShards(op, nest, *option, shardings, grid)))
    return failure();

  // First what the op may need, then the op.
  std::optional<unsigned> queryLoop = nest.getLoop("Tq");
  ArrayRef<GridAxis> queryAxes;
  if (queryLoop)
    queryAxes = option->shardingArray[*queryLoop];
  Operation *local = b.clone(*op, partitionMap);
  for (auto [i, result] : llvm::enumerate(local->getResults())) {
    const Access *access = nest.getAccess(op->getNumOperands() + i);
    SmallVector<int64_t> shape(access->type.getShape());
    for (auto [extent, loop] : llvm::zip(shape, access->loops))
      extent = shard::shardDimension(
          extent,
          shard::collectiveProcessGroupSize(option->shardingArray[loop], grid));
    result.setType(access->type.clone(shape));
  }
  if (queryAxes.empty())
    return success();
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(local);
  moveQueries(b, local, buildShardNumber(b, op->getLoc(), grid, queryAxes),
              shard::collectiveProcessGroupSize(queryAxes, grid));
  return success();
}

//===----------------------------------------------------------------------===//
// Interface
//===----------------------------------------------------------------------===//

static std::vector<Sharding> join(ArrayRef<Sharding> operands,
                                  ArrayRef<Sharding> results) {
  std::vector<Sharding> all(operands.begin(), operands.end());
  llvm::append_range(all, results);
  return all;
}

static void remarkRefusal(Operation *op, StringRef why) {
  remark::missed(op->getLoc(),
                 remark::RemarkOpts::name("sharding").category("nsa-sharding"))
      << remark::add("{0} is not sharded in this way", op->getName())
      << remark::reason("{0}", why);
}

namespace {
/// How operands, then results, are annotated; null where they are not.
struct Annotations {
  std::vector<Sharding> all;
  /// Those that are meant for the op, not only for what makes its operands or
  /// uses its results.
  std::vector<Sharding> binding;
};
} // namespace

static Annotations getAnnotations(Operation *op) {
  Annotations annotations;
  auto add = [&](FailureOr<std::pair<bool, Sharding>> found,
                 bool whenForUsers) {
    bool isAnnotated = succeeded(found);
    annotations.all.push_back(isAnnotated ? found->second : Sharding());
    annotations.binding.push_back(isAnnotated && found->first == whenForUsers
                                      ? found->second
                                      : Sharding());
  };
  for (OpOperand &operand : op->getOpOperands())
    add(shard::getSharding(operand), /*whenForUsers=*/true);
  for (OpResult result : op->getResults())
    add(shard::getSharding(result), /*whenForUsers=*/false);
  return annotations;
}

/// The answer that has no annotations: what makes propagation fail, where a
/// failure to answer only makes it try something else.
static ShardingOption makeImpossible() { return ShardingOption(); }
static bool isImpossible(const ShardingOption &option) {
  return !option.empty && !option.grid;
}

static constexpr llvm::StringLiteral
    kFusionRefusal("run shard-partition before ops are fused (nsa-fuse)");

namespace {

template <typename OpT>
struct NSASharding
    : public shard::ShardingInterface::ExternalModel<NSASharding<OpT>, OpT> {
  static LoopNest getNest(Operation *op) {
    return LoopNest(cast<NamedDimsOpInterface>(op));
  }

  SmallVector<IteratorType> getLoopIteratorTypes(Operation *op) const {
    LoopNest nest = getNest(op);
    return llvm::map_to_vector(nest.getLoops(), [](const Loop &loop) {
      return loop.isOfResult ? IteratorType::parallel : IteratorType::reduction;
    });
  }

  SmallVector<shard::ReductionKind>
  getReductionLoopIteratorKinds(Operation *op) const {
    LoopNest nest = getNest(op);
    return SmallVector<shard::ReductionKind>(
        llvm::count_if(nest.getLoops(),
                       [](const Loop &loop) { return !loop.isOfResult; }),
        shard::ReductionKind::Generic);
  }

  SmallVector<AffineMap> getIndexingMaps(Operation *op) const {
    LoopNest nest = getNest(op);
    MLIRContext *context = op->getContext();
    SmallVector<AffineMap> maps;
    for (unsigned i = 0; i < nest.getNumAccesses(); ++i) {
      SmallVector<AffineExpr> dims;
      if (const Access *access = nest.getAccess(i))
        for (unsigned loop : access->loops)
          dims.push_back(getAffineDimExpr(loop, context));
      maps.push_back(AffineMap::get(nest.getLoops().size(), 0, dims, context));
    }
    return maps;
  }

  /// Upstream tries combinations of what is annotated, and takes the one that
  /// moves least. One that is not possible is an error only if what the op is
  /// told to follow makes it so.
  FailureOr<ShardingOption>
  getShardingOption(Operation *op, ArrayRef<Sharding> operandShardings,
                    ArrayRef<Sharding> resultShardings) const {
    LoopNest nest = getNest(op);
    auto remark = [&](const Twine &why) { remarkRefusal(op, why.str()); };
    FailureOr<ShardingOption> option =
        combineShardings(nest, join(operandShardings, resultShardings), remark);
    if (succeeded(option) && !option->empty)
      return option;
    Annotations annotations = getAnnotations(op);
    if (failed(option)) {
      auto error = [&](const Twine &why) {
        op->emitOpError() << "cannot be sharded: " << why;
      };
      if (failed(combineShardings(nest, annotations.binding, error)))
        return makeImpossible();
      return option;
    }
    // Without the annotations that it is free to follow: if it can follow none
    // of them, everything is gathered for it.
    for (size_t i = 0; i < annotations.all.size(); ++i) {
      std::vector<Sharding> alone(annotations.all.size());
      alone[i] = annotations.all[i];
      if (!alone[i])
        continue;
      FailureOr<ShardingOption> followed =
          combineShardings(nest, alone, [](const Twine &) {});
      if (succeeded(followed))
        return ShardingOption::makeEmpty();
      option->empty = false;
      option->grid = alone[i].getGridAttr();
    }
    if (!option->empty)
      option->shardingArray.resize(nest.getLoops().size());
    return option;
  }

  FailureOr<std::vector<Sharding>>
  getShardingAnnotations(Operation *op, const ShardingOption &option) const {
    if (isImpossible(option))
      return failure();
    return shard::detail::defaultGetShardingAnnotations(op, option);
  }

  LogicalResult addShardingAnnotations(Operation *op, OpBuilder &b,
                                       const ShardingOption &option) const {
    // Upstream's default would annotate scalars, too.
    FailureOr<std::vector<Sharding>> shardings =
        shard::detail::defaultGetShardingAnnotations(op, option);
    if (failed(shardings))
      return failure();
    ArrayRef<Sharding> all(*shardings);
    for (OpResult result : op->getResults())
      shard::maybeInsertTargetShardingAnnotation(
          all[op->getNumOperands() + result.getResultNumber()], result, b);
    for (OpOperand &operand : op->getOpOperands())
      if (isa<RankedTensorType>(operand.get().getType()))
        shard::maybeInsertSourceShardingAnnotation(
            all[operand.getOperandNumber()], operand, b);
    return success();
  }

  LogicalResult
  partition(Operation *op, ArrayRef<Value> /*partitionedOperands*/,
            ArrayRef<Sharding> operandShardings,
            ArrayRef<Sharding> resultShardings, IRMapping &partitionMap,
            SymbolTableCollection &symbolTable, OpBuilder &builder) const {
    return ::partition(op, join(operandShardings, resultShardings),
                       partitionMap, symbolTable, builder);
  }
};

/// Its operands are captured, where the passes do not see them.
template <typename OpT>
struct FusionSharding
    : public shard::ShardingInterface::ExternalModel<FusionSharding<OpT>, OpT> {
  FailureOr<ShardingOption>
  getShardingOption(Operation *op, ArrayRef<Sharding> /*operandShardings*/,
                    ArrayRef<Sharding> resultShardings) const {
    if (llvm::none_of(resultShardings,
                      [](const Sharding &sharding) { return bool(sharding); }))
      return ShardingOption::makeEmpty();
    op->emitOpError("cannot be sharded: ") << kFusionRefusal;
    return makeImpossible();
  }
  FailureOr<std::vector<Sharding>>
  getShardingAnnotations(Operation * /*op*/,
                         const ShardingOption & /*option*/) const {
    return failure();
  }
  LogicalResult partition(Operation *op,
                          ArrayRef<Value> /*partitionedOperands*/,
                          ArrayRef<Sharding> /*operandShardings*/,
                          ArrayRef<Sharding> /*resultShardings*/,
                          IRMapping & /*partitionMap*/,
                          SymbolTableCollection & /*symbolTable*/,
                          OpBuilder & /*builder*/) const {
    return op->emitOpError("cannot be partitioned: ") << kFusionRefusal;
  }
};

} // namespace

template <typename... OpTs> static void attach(MLIRContext *context) {
  (OpTs::template attachInterface<NSASharding<OpTs>>(*context), ...);
}

void mlir::nsa::registerShardingInterfaceExternalModels(
    DialectRegistry &registry) {
  registry.addExtension(
      +[](MLIRContext *context, NSADialect *, shard::ShardDialect *) {
        attach<CompressOp, CompressedAttentionOp, BlockScoresOp, SelectTopNOp,
               SelectedAttentionOp, WindowAttentionOp, GateOp, MergeOp,
               AttentionOp>(context);
        FusionOp::attachInterface<FusionSharding<FusionOp>>(*context);
      });
}
