//===- Pipeline.cpp - nsa_tile.iterate to copies and waits ------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pipelined loop over tiles, with the copies of the next tiles in flight
// while one is worked on.
//
//===----------------------------------------------------------------------===//

#include "nsa/Dialect/NSATile/Transforms/Passes.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/Remarks.h"

namespace mlir::nsa_tile {
#define GEN_PASS_DEF_NSATILEPIPELINE
#include "nsa/Dialect/NSATile/Transforms/Passes.h.inc"
} // namespace mlir::nsa_tile

using namespace mlir;
using namespace mlir::nsa_tile;

namespace {
/// Expands one op.
class Expansion {
public:
  Expansion(IterateOp op, IRRewriter &rewriter)
      : op(op), rewriter(rewriter), loc(op.getLoc()), stages(op.getStages()) {}

  void run();

private:
  Value index(int64_t value) { return constant(rewriter.getIndexAttr(value)); }
  Value i32(int64_t value) {
    return constant(rewriter.getI32IntegerAttr(static_cast<int32_t>(value)));
  }
  /// One op per constant, before everything else.
  Value constant(IntegerAttr value);

  /// `slot + step` modulo the stages, for a step of 1 or -1. A remainder would
  /// cost more than the whole loop's other arithmetic.
  Value neighbour(Value slot, int64_t step);

  /// Copies `tile` to `slot` if there is such a tile; the group of its copies.
  Value issue(Value tile, Value slot);

  /// Moves the only block of `region` to the insertion point; what it yields.
  SmallVector<Value> inlineRegion(Region &region, ValueRange arguments);

  /// Waits for the pending groups; the values that `begin` yields.
  SmallVector<Value> begin();

  /// The body of the loop; what it yields.
  SmallVector<Value> body(Value tile, ValueRange carried, ValueRange groups,
                          Value slot, ValueRange begun);

  IterateOp op;
  IRRewriter &rewriter;
  Location loc;
  int64_t stages;
  DenseMap<Attribute, Value> constants;
  Operation *lastConstant = nullptr;
};
} // namespace

Value Expansion::constant(IntegerAttr value) {
  Value &constant = constants[value];
  if (constant)
    return constant;
  OpBuilder::InsertionGuard guard(rewriter);
  if (lastConstant)
    rewriter.setInsertionPointAfter(lastConstant);
  auto op = arith::ConstantOp::create(rewriter, loc, value);
  lastConstant = op;
  return constant = op;
}

Value Expansion::neighbour(Value slot, int64_t step) {
  Value last = i32(stages - 1), first = i32(0);
  bool up = step > 0;
  Value wraps = arith::CmpIOp::create(rewriter, loc, arith::CmpIPredicate::eq,
                                      slot, up ? last : first);
  Value next = arith::AddIOp::create(rewriter, loc, slot, i32(step));
  return arith::SelectOp::create(rewriter, loc, wraps, up ? first : last, next);
}

Value Expansion::issue(Value tile, Value slot) {
  Block &load = op.getLoad().front();
  Value exists = arith::CmpIOp::create(rewriter, loc, arith::CmpIPredicate::slt,
                                       tile, op.getCount());
  auto copies = scf::IfOp::create(
      rewriter, loc, exists,
      [&](OpBuilder &builder, Location loc) {
        IRMapping mapping;
        mapping.map(load.getArguments(), ValueRange{tile, slot});
        for (Operation &inner : load.without_terminator())
          builder.clone(inner, mapping);
        SmallVector<Value> yielded;
        for (Value value : load.getTerminator()->getOperands())
          yielded.push_back(mapping.lookupOrDefault(value));
        scf::YieldOp::create(builder, loc, yielded);
      },
      [&](OpBuilder &builder, Location loc) {
        SmallVector<Value> yielded;
        for (size_t i = 0, e = load.getTerminator()->getNumOperands(); i < e;
             ++i)
          yielded.push_back(
              NoCopyOp::create(builder, loc, builder.getType<CopyType>()));
        scf::YieldOp::create(builder, loc, yielded);
      });
  return CommitOp::create(rewriter, loc, rewriter.getType<GroupType>(),
                          copies.getResults());
}

SmallVector<Value> Expansion::inlineRegion(Region &region,
                                           ValueRange arguments) {
  Block &block = region.front();
  Operation *terminator = block.getTerminator();
  rewriter.inlineBlockBefore(&block, rewriter.getInsertionBlock(),
                             rewriter.getInsertionPoint(), arguments);
  SmallVector<Value> yielded(terminator->getOperands());
  rewriter.eraseOp(terminator);
  return yielded;
}

SmallVector<Value> Expansion::begin() {
  if (op.getBegin().empty() && op.getPending().empty())
    return {};
  // The tiles' groups were committed after the pending ones.
  Value ready = WaitOp::create(rewriter, loc, rewriter.getType<ReadyType>(),
                               op.getPending(), stages - 1);
  if (op.getBegin().empty())
    return {};
  gpu::BarrierOp::create(rewriter, loc);
  return inlineRegion(op.getBegin(), ready);
}

SmallVector<Value> Expansion::body(Value tile, ValueRange carried,
                                   ValueRange groups, Value slot,
                                   ValueRange begun) {
  Value ready = WaitOp::create(rewriter, loc, rewriter.getType<ReadyType>(),
                               groups.front(), stages - 2);
  gpu::BarrierOp::create(rewriter, loc);
  Value ahead = arith::AddIOp::create(rewriter, loc, tile, index(stages - 1));
  Value issued = issue(ahead, neighbour(slot, -1));

  SmallVector<Value> arguments{tile, slot, ready};
  llvm::append_range(arguments, begun);
  llvm::append_range(arguments, carried);
  SmallVector<Value> next = inlineRegion(op.getCompute(), arguments);
  llvm::append_range(next, groups.drop_front());
  next.push_back(issued);
  next.push_back(neighbour(slot, 1));
  return next;
}

void Expansion::run() {
  rewriter.setInsertionPoint(op);
  index(0); // Where the constants stand.
  SmallVector<Value> inits(op.getInits());
  size_t numCarried = inits.size();
  for (int64_t tile = 0; tile < stages - 1; ++tile)
    inits.push_back(issue(index(tile), i32(tile)));
  SmallVector<Value> begun = begin();
  inits.push_back(i32(0));

  auto loop = scf::ForOp::create(rewriter, loc, index(0), op.getCount(),
                                 index(1), inits);
  rewriter.setInsertionPointToStart(loop.getBody());
  ValueRange carried = loop.getRegionIterArgs();
  SmallVector<Value> next =
      body(loop.getInductionVar(), carried.take_front(numCarried),
           carried.slice(numCarried, stages - 1), carried.back(), begun);
  rewriter.setInsertionPointToEnd(loop.getBody());
  scf::YieldOp::create(rewriter, loc, next);

  rewriter.setInsertionPoint(op);
  ValueRange results = loop.getResults();
  DropOp::create(rewriter, loc, results.slice(numCarried, stages - 1));
  SmallVector<Value> replacements(results.take_front(numCarried));
  llvm::append_range(replacements, begun);
  rewriter.replaceOp(op, replacements);
}

namespace {
struct Pipeline : public nsa_tile::impl::NSATilePipelineBase<Pipeline> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    // Inner loops first: an outer one clones only what is expanded.
    getOperation()->walk([&](IterateOp op) {
      remark::passed(
          op.getLoc(),
          remark::RemarkOpts::name("expanded").category("nsa-tile-pipeline"))
          << remark::add("a pipelined loop over tiles")
          << remark::metric("stages", op.getStages());
      Expansion(op, rewriter).run();
    });
  }
};
} // namespace
