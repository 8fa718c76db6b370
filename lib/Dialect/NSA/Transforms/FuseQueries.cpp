//===- FuseQueries.cpp - Branches computed tile by tile of queries --------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One loop over tiles of queries for a gate or merge and all that makes its
// operands. The loops of these ops are over the same batch entries, queries and
// heads, so that one tile says what part of each op is needed: every op is
// tiled once, by TilingInterface, and takes the tiles of the others. (Fusing
// slice by slice, as SCF's tile-and-fuse does, would compute an op of two
// results twice.)
//
//===----------------------------------------------------------------------===//

#include "nsa/Dialect/NSA/Transforms/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Remarks.h"
#include "nsa/Dialect/NSA/IR/Fusion.h"
#include <numeric>

namespace mlir::nsa {
#define GEN_PASS_DEF_NSAFUSEQUERIES
#include "nsa/Dialect/NSA/Transforms/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;
using namespace mlir::nsa;

static remark::RemarkOpts remarkNamed(StringRef name) {
  return remark::RemarkOpts::name(name).category("nsa-fuse-queries");
}

//===----------------------------------------------------------------------===//
// What goes into a loop
//===----------------------------------------------------------------------===//

/// Whether the loops of `op` are over batch, queries and heads. (Those of
/// compress are not: compressed once, a token serves all queries.)
static bool hasQueryLoops(Operation *op) {
  return isa<CompressedAttentionOp, BlockScoresOp, SelectTopNOp,
             SelectedAttentionOp, WindowAttentionOp, GateOp, MergeOp>(op);
}

static bool isInParallelLoop(Operation *op) {
  return op->getParentOfType<scf::ForallOp>() ||
         op->getParentOfType<scf::ParallelOp>();
}

/// Whether `op` reads or makes a tensor that is known to be empty. Of slices of
/// these, upstream folds the type but not the size, and then refuses them.
static bool isAboutNothing(Operation *op) {
  auto isEmpty = [](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return tensor && llvm::is_contained(tensor.getShape(), 0);
  };
  return llvm::any_of(op->getResultTypes(), isEmpty) ||
         llvm::any_of(op->getOperandTypes(), isEmpty);
}

/// Whether `user` asks for a size only, which is known without the tensor.
static bool isSize(Operation *user) {
  auto dim = dyn_cast<tensor::DimOp>(user);
  return dim && dim.getConstantIndex();
}

namespace {
/// The ops of one loop, in the order of the program; the last is the root.
using Chain = llvm::SmallSetVector<Operation *, 8>;
} // namespace

/// What reads a result of `op` before the loop at `root` has made all of it.
static Operation *findEarlyReader(Operation *op, Operation *root,
                                  const Chain &chain) {
  for (Operation *user : op->getUsers()) {
    if (chain.contains(user) || isSize(user))
      continue;
    Operation *ancestor = root->getBlock()->findAncestorOpInBlock(*user);
    if (!ancestor || !root->isBeforeInBlock(ancestor))
      return user;
  }
  return nullptr;
}

/// `root` and what makes its operands. An op belongs to it whose results are
/// read by ops of the loop, and by others only after it.
static Chain collectChain(Operation *root) {
  Chain chain;
  chain.insert(root);
  for (Operation *op = root->getPrevNode(); op; op = op->getPrevNode()) {
    if (!hasQueryLoops(op) || llvm::none_of(op->getUsers(), [&](auto *user) {
          return chain.contains(user);
        }))
      continue;
    if (Operation *reader = findEarlyReader(op, root, chain)) {
      remark::missed(op->getLoc(), remarkNamed("early-reader"))
          << remark::add("{0} is computed for all queries at once, and its "
                         "results are in memory",
                         op->getName())
          << remark::reason("{0} reads them before {1}, and is not part of its "
                            "loop",
                            reader->getName(), root->getName())
          << remark::suggest("read them after it, or not at all");
      continue;
    }
    if (isAboutNothing(op))
      continue;
    chain.insert(op);
  }
  Chain ordered;
  for (Operation *op : llvm::reverse(chain))
    ordered.insert(op);
  return ordered;
}

//===----------------------------------------------------------------------===//
// The tile
//===----------------------------------------------------------------------===//

static int64_t getHeads(Operation *root) {
  return cast<RankedTensorType>(root->getResult(0).getType()).getDimSize(2);
}

/// The fewest heads of a tile of all ops: those of a key/value head and those
/// that share a list, of every op.
static int64_t getHeadTile(const Chain &chain) {
  int64_t heads = getHeads(chain.back()), tile = 1;
  for (Operation *op : chain)
    for (const NamedShape &shape :
         cast<NamedDimsOpInterface>(op).getNamedShapes())
      for (auto [dim, extent] :
           llvm::zip(shape.dims,
                     cast<RankedTensorType>(shape.value.getType()).getShape()))
        if (dim.name == "G" || (dim.name == "Gi" && isa<SelectTopNOp>(op)))
          tile = std::lcm(tile, heads / extent);
  return tile;
}

/// Enough rows (queries times heads) that a walk over the keys serves many, few
/// enough that what passes between the ops stays in a cache. Each op has tiles
/// of its own in this one, of sizes that most likely divide a multiple of 16.
static int64_t chooseQueryTile(int64_t heads) {
  constexpr int64_t rows = 512, fewest = 16;
  return std::max(fewest, rows / heads / fewest * fewest);
}

namespace {
/// One tile of a loop over batch, queries and heads.
struct Tile {
  SmallVector<OpFoldResult, 3> offsets, sizes;
};
} // namespace

/// The part of the loops of `op` that belongs to `tile`, of `heads` heads.
static Tile getTileOf(Operation *op, RewriterBase &rewriter, const Tile &tile,
                      int64_t heads) {
  Tile part = tile;
  SmallVector<Range> domain =
      cast<TilingInterface>(op).getIterationDomain(rewriter);
  // Lists and key/value heads go with several heads.
  int64_t perIteration = heads / *getConstantIntValue(domain[2].size);
  AffineExpr d0 = rewriter.getAffineDimExpr(0);
  for (OpFoldResult *value : {&part.offsets[2], &part.sizes[2]})
    *value = affine::makeComposedFoldedAffineApply(
        rewriter, op->getLoc(), d0.floorDiv(perIteration), *value);
  for (const Range &keys : ArrayRef(domain).drop_front(3)) {
    part.offsets.push_back(keys.offset);
    part.sizes.push_back(keys.size);
  }
  return part;
}

//===----------------------------------------------------------------------===//
// The loop
//===----------------------------------------------------------------------===//

namespace {
/// Writes the loop of a chain.
class LoopBuilder {
public:
  LoopBuilder(IRRewriter &rewriter, const Chain &chain,
              ArrayRef<int64_t> tileSizes)
      : rewriter(rewriter), chain(chain), tileSizes(tileSizes),
        loc(chain.back()->getLoc()) {}

  LogicalResult run();

private:
  Tile buildBounds();
  LogicalResult tileOp(Operation *op, const Tile &tile);
  LogicalResult eraseWhole(Operation *op);

  IRRewriter &rewriter;
  const Chain &chain;
  ArrayRef<int64_t> tileSizes;
  Location loc;
  scf::ForallOp loop;
  /// Results that something after the loop reads: the loop's own results.
  SmallVector<OpResult> outputs;
  /// The tile of each result.
  IRMapping tiles;
};
} // namespace

/// Makes the loop, over what has more than one tile.
Tile LoopBuilder::buildBounds() {
  Operation *root = chain.back();
  SmallVector<Range> domain =
      cast<TilingInterface>(root).getIterationDomain(rewriter);
  SmallVector<OpFoldResult> begins, ends, steps;
  auto isWhole = [&](unsigned i) {
    std::optional<int64_t> extent = getConstantIntValue(domain[i].size);
    return extent && *extent <= tileSizes[i];
  };
  for (unsigned i : {0, 1, 2}) {
    if (isWhole(i))
      continue;
    begins.push_back(rewriter.getIndexAttr(0));
    ends.push_back(domain[i].size);
    steps.push_back(rewriter.getIndexAttr(tileSizes[i]));
  }
  SmallVector<Value> wholes;
  for (OpResult result : outputs)
    wholes.push_back(*tensor::getOrCreateDestination(rewriter, loc, result));
  loop = scf::ForallOp::create(rewriter, loc, begins, ends, steps, wholes,
                               /*mapping=*/std::nullopt);
  rewriter.setInsertionPoint(loop.getTerminator());

  Tile tile;
  AffineExpr d0 = rewriter.getAffineDimExpr(0),
             s0 = rewriter.getAffineSymbolExpr(0);
  unsigned next = 0;
  for (unsigned i : {0, 1, 2}) {
    OpFoldResult extent = domain[i].size;
    if (isWhole(i)) {
      tile.offsets.push_back(rewriter.getIndexAttr(0));
      tile.sizes.push_back(extent);
      continue;
    }
    OpFoldResult first = loop.getInductionVar(next++);
    tile.offsets.push_back(first);
    std::optional<int64_t> constant = getConstantIntValue(extent);
    bool divides =
        tileSizes[i] == 1 || (constant && *constant % tileSizes[i] == 0);
    AffineMap rest = AffineMap::get(
        1, 1, {s0 - d0, rewriter.getAffineConstantExpr(tileSizes[i])},
        rewriter.getContext());
    tile.sizes.push_back(divides ? rewriter.getIndexAttr(tileSizes[i])
                                 : affine::makeComposedFoldedAffineMin(
                                       rewriter, loc, rest, {first, extent}));
  }
  return tile;
}

/// Adds the tile of `op` to the loop.
LogicalResult LoopBuilder::tileOp(Operation *op, const Tile &tile) {
  Tile part = getTileOf(op, rewriter, tile, getHeads(chain.back()));
  FailureOr<TilingResult> tiled =
      cast<TilingInterface>(op).getTiledImplementation(rewriter, part.offsets,
                                                       part.sizes);
  if (failed(tiled))
    return failure();
  tiles.map(op->getResults(), tiled->tiledValues);
  for (Operation *copy : tiled->tiledOps)
    for (OpOperand &operand : copy->getOpOperands()) {
      auto slice = operand.get().getDefiningOp<tensor::ExtractSliceOp>();
      Value whole = slice ? slice.getSource() : operand.get();
      Value made = tiles.lookupOrNull(whole);
      if (!made)
        continue;
      if (made.getType() != operand.get().getType()) {
        OpBuilder::InsertionGuard guard(rewriter);
        rewriter.setInsertionPoint(copy);
        made = tensor::CastOp::create(rewriter, loc, operand.get().getType(),
                                      made);
      }
      rewriter.modifyOpInPlace(copy, [&] { operand.set(made); });
      if (slice && slice->use_empty())
        rewriter.eraseOp(slice);
    }
  for (auto [i, output] : llvm::enumerate(outputs)) {
    if (output.getOwner() != op)
      continue;
    SmallVector<OpFoldResult> offsets, sizes;
    if (failed(cast<TilingInterface>(op).getResultTilePosition(
            rewriter, output.getResultNumber(), part.offsets, part.sizes,
            offsets, sizes)))
      return failure();
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPointToEnd(loop.getTerminator().getBody());
    SmallVector<OpFoldResult> ones(offsets.size(), rewriter.getIndexAttr(1));
    tensor::ParallelInsertSliceOp::create(rewriter, loc, tiles.lookup(output),
                                          loop.getRegionIterArgs()[i], offsets,
                                          sizes, ones);
  }
  return success();
}

/// Erases an op whose results only sizes are read of.
LogicalResult LoopBuilder::eraseWhole(Operation *op) {
  rewriter.setInsertionPoint(op);
  ReifiedRankedShapedTypeDims shapes;
  if (failed(cast<ReifyRankedShapedTypeOpInterface>(op).reifyResultShapes(
          rewriter, shapes)))
    return failure();
  for (OpResult result : op->getResults())
    for (Operation *user : llvm::make_early_inc_range(result.getUsers())) {
      auto dim = cast<tensor::DimOp>(user);
      rewriter.replaceOp(
          dim, getValueOrCreateConstantIndexOp(
                   rewriter, dim.getLoc(),
                   shapes[result.getResultNumber()][*dim.getConstantIndex()]));
    }
  rewriter.eraseOp(op);
  return success();
}

LogicalResult LoopBuilder::run() {
  auto isOutside = [&](OpOperand &use) {
    return !chain.contains(use.getOwner()) && !isSize(use.getOwner());
  };
  for (Operation *op : chain)
    for (OpResult result : op->getResults())
      if (llvm::any_of(result.getUses(), isOutside))
        outputs.push_back(result);
  rewriter.setInsertionPoint(chain.back());
  Tile tile = buildBounds();
  for (auto [output, made] : llvm::zip(outputs, loop.getResults()))
    rewriter.replaceUsesWithIf(output, made, [&](OpOperand &use) {
      return isOutside(use) && !loop->isProperAncestor(use.getOwner());
    });
  for (Operation *op : chain)
    if (failed(tileOp(op, tile)))
      return failure();
  for (Operation *op : llvm::reverse(chain))
    if (failed(eraseWhole(op)))
      return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
struct FuseQueries : public nsa::impl::NSAFuseQueriesBase<FuseQueries> {
  using Base::Base;

  void runOnOperation() override {
    // The upper bound is larger than any tile need be, and far from overflow.
    constexpr int64_t most = std::numeric_limits<int32_t>::max();
    if (queryTile < 0 || queryTile > most) {
      emitError(getOperation()->getLoc())
          << "nsa-fuse-queries: query-tile (" << int64_t(queryTile)
          << ") must be at least 0 and at most " << most;
      return signalPassFailure();
    }
    // Tiles belong to ops, not to kernels of several.
    inlineFusions(getOperation());
    IRRewriter rewriter(&getContext());
    SmallVector<Operation *> roots;
    getOperation()->walk<WalkOrder::PreOrder>([&](Block *block) {
      // The last op first: it takes those before it into its loop.
      for (Operation &op : llvm::reverse(*block))
        if (isa<GateOp, MergeOp>(op) && !isInParallelLoop(&op))
          roots.push_back(&op);
    });
    DenseSet<Operation *> fused;
    for (Operation *root : roots)
      if (!fused.contains(root) && failed(fuse(root, rewriter, fused)))
        return signalPassFailure();
  }

  LogicalResult fuse(Operation *root, IRRewriter &rewriter,
                     DenseSet<Operation *> &fused);
};
} // namespace

LogicalResult FuseQueries::fuse(Operation *root, IRRewriter &rewriter,
                                DenseSet<Operation *> &fused) {
  Location loc = root->getLoc();
  StringRef name = root->getName().getStringRef();
  if (root->use_empty() || isAboutNothing(root))
    return success();
  Chain chain = collectChain(root);
  if (chain.size() == 1) {
    remark::missed(loc, remarkNamed("no-producers"))
        << remark::add("{0} reads its operands from memory", name)
        << remark::reason("no op can be computed in its loop")
        << remark::suggest("call the ops of the branches in the same block");
    return success();
  }
  int64_t heads = getHeadTile(chain);
  int64_t queries = queryTile ? int64_t(queryTile) : chooseQueryTile(heads);
  ArrayRef<int64_t> shape =
      cast<RankedTensorType>(root->getResult(0).getType()).getShape();
  if (!ShapedType::isDynamic(shape[1]))
    queries = std::min(queries, shape[1]);
  if (shape[0] == 1 && shape[1] == queries && shape[2] == heads) {
    remark::missed(loc, remarkNamed("one-tile"))
        << remark::add("{0} and what makes its operands stay one after the "
                       "other, each with parallel loops of its own",
                       name)
        << remark::reason("all of it would be one tile")
        << remark::suggest("none is needed, unless query-tile was given")
        << remark::metric("queries", queries) << remark::metric("heads", heads);
    return success();
  }
  fused.insert(chain.begin(), chain.end());
  if (failed(LoopBuilder(rewriter, chain, {1, queries, heads}).run()))
    return emitError(loc) << "nsa-fuse-queries: cannot tile " << name;
  remark::passed(loc, remarkNamed("fused"))
      << remark::add("{0} and what makes its operands are computed tile by "
                     "tile of queries",
                     name)
      << remark::metric("ops", chain.size())
      << remark::metric("queries", queries) << remark::metric("heads", heads);
  return success();
}
