//===- GatedToTile.cpp - Two branches and their gated sum -------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One kernel for a `gated` fusion: a sweep over the selected keys, one over the
// window, and the sum of both with the compressed branch's output, each times
// its gate. What the first sweep gives waits in shared memory, in f32; each
// lane reads back what it wrote.
//
//===----------------------------------------------------------------------===//

#include "AttentionTile.h"
#include "Patterns.h"

using namespace mlir;
using namespace mlir::nsa;

namespace {
/// Where a gated fusion's operands are.
struct GatedBuffers {
  Value q, selectedKeys, selectedValues, windowKeys, windowValues, compressed,
      gates;
};

class GatedKernel {
public:
  GatedKernel(FusionOp fusion, const TileShape &shape)
      : selected(fusion.getMember<SelectedAttentionOp>()),
        window(fusion.getMember<WindowAttentionOp>()),
        gate(fusion.getMember<GateOp>()), shape(shape),
        sizes(getAttentionSizes(
            cast<KeyTraversalOpInterface>(selected.getOperation()))),
        returnsLse(fusion.getNumResults() == 3),
        memory(getSharedMemory(fusion, getSchedule(fusion))) {}

  SmallVector<Value> emit(TileKernelBuilder &host, FusionOp fusion,
                          const GatedBuffers &buffers);

private:
  enum Branch { Compressed, Selected, Window };

  void emitBlock(TileKernelBuilder &tb, const RowTile &rows,
                 const GatedBuffers &buffers, Value o, ArrayRef<Value> logSums);
  /// The gates of a branch for the warp's rows, activated.
  Value loadGates(TileKernelBuilder &tb, const RowTile &rows, Value gates,
                  Branch branch);
  /// `sum + gates * out`; `sum` may be null.
  Value addGated(TileKernelBuilder &tb, Value sum, Value gates, Value out);

  SelectedAttentionOp selected;
  WindowAttentionOp window;
  GateOp gate;
  const TileShape &shape;
  const AttentionSizes sizes;
  const bool returnsLse;
  const SharedMemory memory;
};
} // namespace

Value GatedKernel::loadGates(TileKernelBuilder &tb, const RowTile &rows,
                             Value gates, Branch branch) {
  auto rowType = tb.row(tb.b.getF32Type());
  Value loaded =
      tb.loadTile(gates, rowType, 0, [&](TileKernelBuilder &tb, Value row) {
        RowAddress address = rows.getAddress(tb, rows.toBlockRow(tb, row));
        address.indices.push_back(tb.index(branch));
        return address;
      });
  if (gate.getActivation() == GateActivation::None)
    return loaded;
  return tb.map1(loaded, rowType, [](TileKernelBuilder &tb, ValueRange args) {
    return tb.sigmoid(args[0]);
  });
}

Value GatedKernel::addGated(TileKernelBuilder &tb, Value sum, Value gates,
                            Value out) {
  SmallVector<Value> inputs{out, gates};
  if (sum)
    inputs.push_back(sum);
  return tb.map1(inputs, out.getType(),
                 [](TileKernelBuilder &tb, ValueRange args) {
                   if (args.size() == 2)
                     return tb.mulF(args[0], args[1]);
                   return tb.mulAdd(args[0], args[1], args[2]);
                 });
}

void GatedKernel::emitBlock(TileKernelBuilder &tb, const RowTile &rows,
                            const GatedBuffers &buffers, Value o,
                            ArrayRef<Value> logSums) {
  // The warp's columns of the sum: all of them, or its part of the merge.
  int64_t columns = sizes.valueSize / shape.keyWarps;
  Value shared =
      tb.sharedArray({shape.keyWarps, shape.rows(), columns + kRowPadding},
                     tb.b.getF32Type(), memory.gated.offset);
  shared = takeColumns(tb, shared, tb.b.getIndexAttr(0), columns);
  auto ownRow = [&](TileKernelBuilder &tb, Value row) {
    Value exists =
        arith::ConstantOp::create(tb.b, tb.loc, tb.b.getBoolAttr(true));
    return RowAddress{
        {tb.toIndex(rows.keyWarp), tb.toIndex(rows.toBlockRow(tb, row))},
        exists};
  };
  QueryOperand queries =
      loadQueries(tb, rows, sizes, buffers.q, memory.queries.offset);
  auto sweep = [&](Operation *op, const KeyIterator &keys, Value k, Value v,
                   size_t number) {
    SweepOperands inputs = makeSweepOperands(
        tb, shape, sizes, cast<KeyTraversalOpInterface>(op).getScoreScale(), k,
        v, memory);
    SoftmaxRows result = sweepKeys(tb, rows, keys, inputs, queries);
    result = mergeKeyWarps(tb, rows, sizes, inputs.scale, result,
                           memory.merge.offset);
    if (returnsLse)
      storeRowValues(tb, rows, buildLogSumExp(tb, result, inputs.scale),
                     logSums[number]);
    return result;
  };

  std::unique_ptr<KeyIterator> listed =
      shape.queries > 1
          ? createUnionIterator(tb, selected, rows, memory.unionLists.offset)
          : createTraversalIterator(
                tb, cast<KeyTraversalOpInterface>(selected.getOperation()),
                rows);
  SoftmaxRows result =
      sweep(selected, *listed, buffers.selectedKeys, buffers.selectedValues, 0);
  Value gated =
      addGated(tb, Value(), loadGates(tb, rows, buffers.gates, Selected),
               normalise(tb, result));
  tb.storeTile(gated, shared, ownRow);
  // The stages are used again.
  tb.barrier();

  std::unique_ptr<KeyIterator> last = createTraversalIterator(
      tb, cast<KeyTraversalOpInterface>(window.getOperation()), rows);
  result = sweep(window, *last, buffers.windowKeys, buffers.windowValues, 1);
  Value out = normalise(tb, result);
  auto type = cast<nsa_tile::FragType>(out.getType());
  Value sum = tb.loadTile(shared, type, 0, ownRow);
  sum = addGated(tb, sum, loadGates(tb, rows, buffers.gates, Window), out);
  Value compressed = buffers.compressed;
  if (result.firstColumn)
    compressed = takeColumns(tb, compressed, result.firstColumn, columns);
  Value outer =
      tb.loadTile(compressed, type, 0, [&](TileKernelBuilder &tb, Value row) {
        return rows.getAddress(tb, rows.toBlockRow(tb, row));
      });
  sum =
      addGated(tb, sum, loadGates(tb, rows, buffers.gates, Compressed), outer);
  storeRows(tb, rows, sum, result.firstColumn, o);
}

SmallVector<Value> GatedKernel::emit(TileKernelBuilder &host, FusionOp fusion,
                                     const GatedBuffers &buffers) {
  SmallVector<Value> extents{host.dim(buffers.q, 0), host.dim(buffers.q, 1),
                             host.index(sizes.heads)};
  SmallVector<OpFoldResult> outSizes = getAsOpFoldResult(extents);
  SmallVector<Value> outputs{Value()};
  if (returnsLse)
    for (int i = 0; i < 2; ++i)
      outputs.push_back(host.alloc(outSizes, host.b.getF32Type()));
  outSizes.push_back(host.b.getIndexAttr(sizes.valueSize));
  outputs[0] = host.alloc(outSizes, sizes.elementType);
  Value blocks =
      RowTile::buildCount(host, shape, sizes, extents[0], extents[1]);
  host.launchBlocks(
      blocks, shape.warps(), memory.total,
      [&](TileKernelBuilder &tb, Value block, Value lane, Value warp) {
        RowTile rows(tb, shape, sizes, extents[1], block, lane, warp);
        emitBlock(tb, rows, buffers, outputs[0],
                  ArrayRef<Value>(outputs).drop_front());
      });
  SmallVector<Value> results;
  for (auto [buffer, result] : llvm::zip_equal(outputs, fusion.getResults()))
    results.push_back(host.toTensor(buffer, result.getType()));
  return results;
}

namespace {
struct LowerGated : public OpRewritePattern<FusionOp> {
  LowerGated(MLIRContext *context, ScheduleSource schedules)
      : OpRewritePattern(context), schedules(std::move(schedules)) {}

  LogicalResult matchAndRewrite(FusionOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getKind() != FusionKind::Gated)
      return rewriter.notifyMatchFailure(op, "another kind");
    std::optional<TileShape> shape = schedules(op);
    if (!shape)
      return rewriter.notifyMatchFailure(op, "not scheduled for tensor cores");
    hoistCasts(rewriter, op);
    auto selected = op.getMember<SelectedAttentionOp>();
    auto window = op.getMember<WindowAttentionOp>();
    auto gate = op.getMember<GateOp>();
    emitVersions(rewriter, op,
                 {selected.getQ(), selected.getK(), selected.getV(),
                  window.getK(), window.getV(), gate.getBranches().front()},
                 [&](TileKernelBuilder &host, ValueRange buffers) {
                   return GatedKernel(op, *shape)
                       .emit(host, op,
                             {buffers[0], buffers[1], buffers[2], buffers[3],
                              buffers[4], buffers[5],
                              host.buffer(gate.getGates())});
                 });
    return success();
  }

  ScheduleSource schedules;
};
} // namespace

void mlir::nsa::populateGatedToTilePatterns(RewritePatternSet &patterns,
                                            ScheduleSource schedules) {
  patterns.add<LowerGated>(patterns.getContext(), std::move(schedules));
}
