//===- SelectionToTile.cpp - Compressed attention with top-n ----*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One kernel for a `selection` fusion: two sweeps over the compressed keys. The
// first is compressed attention; its log-sum-exp turns the scores of the second
// into probabilities, which are summed over the heads of a list, mapped to
// selection blocks and ranked, tile by tile. Compressed keys are read twice,
// and no score leaves the chip.
//
//===----------------------------------------------------------------------===//

#include "AttentionTile.h"
#include "BlockSelection.h"
#include "Patterns.h"
#include "nsa/Dialect/NSA/IR/Positions.h"

using namespace mlir;
using namespace mlir::nsa;

namespace {
/// Tiles that cover every candidate block, whether or not the compressed keys
/// that touch it are visible.
class ScoreIterator : public KeyIterator {
public:
  ScoreIterator(TileKernelBuilder &tb, BlockScoresOp op, const RowTile &rows,
                Value numBlocks)
      : op(op), keyTile(rows.shape.keys) {
    OpBuilder &b = tb.b;
    Value batch = rows.tile.batch;
    qOffset =
        buildQueryOffset(b, tb.loc, op.getQOffset(), batch, op.getQ(), Value());
    kvLen = op.getKvLen() ? buildKeyExtent(b, tb.loc, op.getKvLen(), batch,
                                           tb.index(kUnboundedPosition))
                          : Value(op.getKvMax());
    stored = tb.dim(op.getKc(), 1);
    Value last = tb.add(tb.add(rows.tile.firstQuery, rows.tile.numQueries), -1);
    end = tb.min(buildEnd(tb, last), stored);
    int64_t ratio = op.getSelectionBlock() / op.getCompressionStride();
    count = tb.ceilDiv(tb.mul(numBlocks, ratio), keyTile);
  }

  Value getCount() const override { return count; }
  /// No tile beyond `blocks` blocks.
  void limitTo(TileKernelBuilder &tb, Value blocks) {
    int64_t ratio = op.getSelectionBlock() / op.getCompressionStride();
    count = tb.min(count, tb.ceilDiv(tb.mul(blocks, ratio), keyTile));
  }
  KeyRange buildTile(TileKernelBuilder &tb, Value i) const override {
    Value first = tb.mul(i, keyTile);
    return {first, tb.min(tb.add(first, keyTile), end)};
  }
  KeyRange buildVisible(TileKernelBuilder &tb, Value query) const override {
    return {tb.index(0), buildEnd(tb, query)};
  }

private:
  Value buildEnd(TileKernelBuilder &tb, Value query) const {
    BlockScoresOp scores = op;
    Value limit = buildLimit(tb.b, tb.loc, scores.getCausal(), kvLen,
                             tb.add(query, qOffset));
    return buildVisibleBlocks(tb.b, tb.loc, limit, scores.getCompressionBlock(),
                              scores.getCompressionStride());
  }

  mutable BlockScoresOp op;
  int64_t keyTile;
  Value qOffset, kvLen, stored, end, count;
};

/// The second sweep.
class ScoreSweep {
public:
  ScoreSweep(FusionOp fusion, const TileShape &shape,
             const AttentionSizes &sizes)
      : scores(fusion.getMember<BlockScoresOp>()),
        topN(fusion.getMember<SelectTopNOp>()), shape(shape), sizes(sizes),
        ratio(scores.getSelectionBlock() / scores.getCompressionStride()),
        halo(scores.getCompressionBlock() / scores.getCompressionStride() - 1),
        memory(getSharedMemory(fusion, getSchedule(fusion))) {}

  /// `logSum` is that of each row in base 2, +inf without a visible key.
  void emit(TileKernelBuilder &tb, const RowTile &rows,
            const QueryOperand &queries, Value keys, Value keyTiles,
            Value logSum, Value idx);

private:
  /// The score of new block `number` (i32) of a query from the sums of tile `i`
  /// and the end of the one before.
  Value buildBlockScore(TileKernelBuilder &tb, Value i, Value query,
                        Value number);

  BlockScoresOp scores;
  SelectTopNOp topN;
  const TileShape &shape;
  const AttentionSizes &sizes;
  /// Compression strides of a selection block, and compressed keys before a
  /// selection block's own that touch it.
  int64_t ratio, halo;
  const SharedMemory memory;
  Value summed;
};
} // namespace

Value ScoreSweep::buildBlockScore(TileKernelBuilder &tb, Value i, Value query,
                                  Value number) {
  // The sums of two tiles form a ring.
  int64_t size = 2 * shape.keys;
  Value parity = tb.andI(tb.toI32(i), tb.i32(1));
  Value base = tb.add(tb.mul(parity, tb.i32(static_cast<int32_t>(shape.keys))),
                      tb.mul(number, tb.i32(static_cast<int32_t>(ratio))));
  Value inFirstTile = tb.compare(arith::CmpIPredicate::eq, i, tb.index(0));
  bool isMax = scores.getScoreMap() == ScoreMap::Max;
  Value score = tb.f32(0);
  for (int64_t offset = -halo; offset < ratio; ++offset) {
    Value at = tb.add(base, tb.i32(static_cast<int32_t>(offset)));
    Value missing;
    if (offset < 0) {
      Value wraps = tb.compare(arith::CmpIPredicate::slt, at, tb.i32(0));
      at = tb.select(wraps, tb.add(at, tb.i32(static_cast<int32_t>(size))), at);
      // There is nothing before the first compressed key.
      Value before =
          tb.compare(arith::CmpIPredicate::slt,
                     tb.mul(number, tb.i32(static_cast<int32_t>(ratio))),
                     tb.i32(static_cast<int32_t>(-offset)));
      missing = tb.andI(inFirstTile, before);
      at = tb.select(missing, tb.i32(0), at);
    }
    Value value = tb.load(summed, {tb.toIndex(query), tb.toIndex(at)});
    if (missing)
      value = tb.select(missing, tb.f32(0), value);
    // Sub-blocks that both have: [offset, offset + halo] and [0, ratio).
    int64_t overlap =
        std::min(offset + halo, ratio - 1) - std::max<int64_t>(offset, 0) + 1;
    score = isMax
                ? tb.maxF(score, value)
                : tb.mulAdd(value, tb.f32(static_cast<double>(overlap)), score);
  }
  return score;
}

void ScoreSweep::emit(TileKernelBuilder &tb, const RowTile &rows,
                      const QueryOperand &queries, Value keys, Value keyTiles,
                      Value logSum, Value idx) {
  Type f32 = tb.b.getF32Type();
  double base2 = getBase2Scale(scores.getScoreScale());
  Value weights = tb.sharedArray({shape.rows(), shape.keys + kRowPadding}, f32,
                                 memory.probabilities.offset);
  Value columns = takeColumns(tb, weights, tb.b.getIndexAttr(0), shape.keys);
  summed =
      tb.sharedArray({shape.queries, 2 * shape.keys}, f32, memory.sums.offset);

  Value numBlocks = tb.ceilDiv(scores.getKvMax(), scores.getSelectionBlock());
  BlockSelection selection(tb, rows, topN, numBlocks, memory.topN.offset);
  ScoreIterator iterator(tb, scores, rows, numBlocks);
  iterator.limitTo(tb, selection.buildMostCandidates(tb));
  std::pair<Value, Value> ranges = buildRowRanges(tb, rows, iterator);
  Value thread =
      tb.toIndex(tb.add(rows.lane, tb.mul(rows.warp, tb.i32(kWarpSize))));

  auto load = [&](TileKernelBuilder &tb, Value i,
                  Value slot) -> SmallVector<Value> {
    KeyRange range = iterator.buildTile(tb, i);
    return {tb.loadAsync(keys, keyTiles, slot, shape.threads(),
                         [&](TileKernelBuilder &tb, Value row) -> RowAddress {
                           Value key = tb.add(range.begin, tb.toIndex(row));
                           return {{rows.tile.batch, key, rows.kvHead},
                                   tb.compare(arith::CmpIPredicate::slt, key,
                                              range.end)};
                         })};
  };
  auto compute = [&](TileKernelBuilder &tb, Value i, Value slot, Value ready,
                     ValueRange, ValueRange) -> SmallVector<Value> {
    Value scored = buildScores(tb, rows, sizes, queries, queries.begun,
                               keyTiles, slot, ready);
    scored = maskScores(tb, rows, iterator, ranges, i, scored);
    Value p =
        tb.map1({scored, logSum}, scored.getType(),
                [&](TileKernelBuilder &tb, ValueRange args) {
                  Value negated = tb.subF(tb.f32(0), args[1]);
                  return tb.exp2(tb.mulAdd(args[0], tb.f32(base2), negated));
                });
    tb.storeTile(p, columns, [&](TileKernelBuilder &tb, Value row) {
      Value exists =
          arith::ConstantOp::create(tb.b, tb.loc, tb.b.getBoolAttr(true));
      return RowAddress{{tb.toIndex(rows.toBlockRow(tb, row))}, exists};
    });
    tb.barrier();
    // Sums over the heads of a list, in a fixed order.
    Value half = tb.mul(
        tb.b.createOrFold<arith::RemUIOp>(tb.loc, i, tb.index(2)), shape.keys);
    tb.loop(
        thread, tb.index(shape.queries * shape.keys), {},
        [&](KernelBuilder &kb, Value item, ValueRange) -> SmallVector<Value> {
          Value query = kb.div(item, shape.keys);
          Value column = kb.sub(item, kb.mul(query, shape.keys));
          Value firstRow = kb.mul(query, rows.heads);
          Value sum = kb.f32(0);
          for (int64_t head = 0; head < rows.heads; ++head)
            sum = kb.addF(sum,
                          kb.load(weights, {kb.add(firstRow, head), column}));
          kb.store(sum, summed, {query, kb.add(half, column)});
          return {};
        },
        shape.threads());
    tb.barrier();
    int64_t numNew = shape.keys / ratio;
    selection.add(tb, tb.mul(i, numNew), numNew,
                  [&](TileKernelBuilder &tb, Value query, Value number) {
                    return buildBlockScore(tb, i, query, number);
                  });
    return {};
  };
  tb.iterate(iterator.getCount(), shape.stages, {}, {}, {},
             {nullptr, load, compute});
  selection.store(tb, idx, rows.kvHead);
}

namespace {
struct LowerSelection : public OpRewritePattern<FusionOp> {
  LowerSelection(MLIRContext *context, ScheduleSource schedules)
      : OpRewritePattern(context), schedules(std::move(schedules)) {}

  LogicalResult matchAndRewrite(FusionOp op,
                                PatternRewriter &rewriter) const override;

  ScheduleSource schedules;
};
} // namespace

static SmallVector<Value> emitSelection(TileKernelBuilder &host,
                                        FusionOp fusion, const TileShape &shape,
                                        Value q, Value kc, Value vc) {
  auto attention = fusion.getMember<CompressedAttentionOp>();
  auto topN = fusion.getMember<SelectTopNOp>();
  auto op = cast<KeyTraversalOpInterface>(attention.getOperation());
  AttentionSizes sizes = getAttentionSizes(op);
  double scale = op.getScoreScale();
  SmallVector<Value> extents{host.dim(q, 0), host.dim(q, 1)};
  auto alloc = [&](int64_t heads, std::optional<int64_t> last, Type type) {
    SmallVector<OpFoldResult> shape = getAsOpFoldResult(extents);
    shape.push_back(host.b.getIndexAttr(heads));
    if (last)
      shape.push_back(host.b.getIndexAttr(*last));
    return host.alloc(shape, type);
  };
  Value o = alloc(sizes.heads, sizes.valueSize, sizes.elementType);
  Value lse = alloc(sizes.heads, std::nullopt, host.b.getF32Type());
  Value idx = alloc(sizes.kvHeads, topN.getTopN(), host.b.getI32Type());

  SharedMemory memory = getSharedMemory(fusion, getSchedule(fusion));
  ScoreSweep scores(fusion, shape, sizes);

  Value blocks =
      RowTile::buildCount(host, shape, sizes, extents[0], extents[1]);
  host.launchBlocks(
      blocks, shape.warps(), memory.total,
      [&](TileKernelBuilder &tb, Value block, Value lane, Value warp) {
        RowTile rows(tb, shape, sizes, extents[1], block, lane, warp);
        std::unique_ptr<KeyIterator> keys =
            createTraversalIterator(tb, op, rows);
        SweepOperands operands =
            makeSweepOperands(tb, shape, sizes, scale, kc, vc, memory);
        QueryOperand queries =
            loadQueries(tb, rows, sizes, q, memory.queries.offset);
        SoftmaxRows result = sweepKeys(tb, rows, *keys, operands, queries);
        storeRows(tb, rows, normalise(tb, result), Value(), o);
        storeRowValues(tb, rows, buildLogSumExp(tb, result, scale), lse);
        // The stages are used again.
        tb.barrier();
        scores.emit(tb, rows, queries, kc, operands.keyTiles,
                    buildBase2LogSum(tb, result, scale), idx);
      });
  SmallVector<Value> results;
  for (auto [buffer, result] :
       llvm::zip_equal(ArrayRef<Value>{o, lse, idx}, fusion.getResults()))
    results.push_back(host.toTensor(buffer, result.getType()));
  return results;
}

LogicalResult LowerSelection::matchAndRewrite(FusionOp op,
                                              PatternRewriter &rewriter) const {
  if (op.getKind() != FusionKind::Selection)
    return rewriter.notifyMatchFailure(op, "another kind");
  std::optional<TileShape> shape = schedules(op);
  if (!shape)
    return rewriter.notifyMatchFailure(op, "not scheduled for tensor cores");
  hoistCasts(rewriter, op);
  auto attention = op.getMember<CompressedAttentionOp>();
  emitVersions(rewriter, op,
               {attention.getQ(), attention.getKc(), attention.getVc()},
               [&](TileKernelBuilder &host, ValueRange buffers) {
                 return emitSelection(host, op, *shape, buffers[0], buffers[1],
                                      buffers[2]);
               });
  return success();
}

void mlir::nsa::populateSelectionToTilePatterns(RewritePatternSet &patterns,
                                                ScheduleSource schedules) {
  patterns.add<LowerSelection>(patterns.getContext(), std::move(schedules));
}
