//===- OutlineParallel.cpp - nsa-outline-parallel -------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The body of a parallel loop becomes a function of a range of iterations, and
// the loop a call of nsaParallelFor (nsa/Runtime/ThreadPool.h), which hands
// ranges out as threads become free.
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/Passes.h"

#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Transforms/RegionUtils.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_OUTLINEPARALLEL
#include "nsa/Pipelines/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;

static constexpr llvm::StringLiteral kParallelFor("nsaParallelFor");

/// Handing out a range costs as much as a hundred additions; a thousand ranges
/// are enough to keep any number of cores busy to the end.
static constexpr int64_t kMaxRanges = 1024;

namespace {

class LoopOutliner {
public:
  LoopOutliner(ModuleOp module, func::FuncOp declaration)
      : declaration(declaration), symbols(module),
        converter(module.getContext()) {}

  /// Fails, with an error, where the body uses a value that has no form in
  /// LLVM.
  LogicalResult outline(scf::ParallelOp loop);

private:
  Value index(OpBuilder &builder, Location loc, int64_t value) {
    return arith::ConstantIndexOp::create(builder, loc, value);
  }
  SmallVector<Value> buildExtents(OpBuilder &builder, scf::ParallelOp loop);
  Value packContext(OpBuilder &builder, scf::ParallelOp loop,
                    ValueRange captured);
  void unpackContext(OpBuilder &builder, Location loc, Value context,
                     ValueRange captured, IRMapping &mapping);
  func::FuncOp buildBody(scf::ParallelOp loop, ValueRange extents,
                         ValueRange captured, ArrayRef<Operation *> constants);
  LLVM::LLVMStructType getContextType(ValueRange captured);

  func::FuncOp declaration;
  SymbolTable symbols;
  LLVMTypeConverter converter;
};

} // namespace

/// Iterations of each dimension, at least 0.
SmallVector<Value> LoopOutliner::buildExtents(OpBuilder &builder,
                                              scf::ParallelOp loop) {
  Location loc = loop.getLoc();
  Value zero = index(builder, loc, 0);
  SmallVector<Value> extents;
  for (auto [lower, upper, step] : llvm::zip_equal(
           loop.getLowerBound(), loop.getUpperBound(), loop.getStep())) {
    Value size = builder.createOrFold<arith::SubIOp>(loc, upper, lower);
    size = builder.createOrFold<arith::CeilDivSIOp>(loc, size, step);
    extents.push_back(builder.createOrFold<arith::MaxSIOp>(loc, size, zero));
  }
  return extents;
}

LLVM::LLVMStructType LoopOutliner::getContextType(ValueRange captured) {
  SmallVector<Type> types;
  for (Value value : captured)
    types.push_back(converter.convertType(value.getType()));
  return LLVM::LLVMStructType::getLiteral(declaration.getContext(), types);
}

/// The captured values in a struct on the stack.
Value LoopOutliner::packContext(OpBuilder &builder, scf::ParallelOp loop,
                                ValueRange captured) {
  Location loc = loop.getLoc();
  LLVM::LLVMStructType type = getContextType(captured);
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  Value context;
  {
    // Once per call of the function, however often the loop is reached.
    OpBuilder::InsertionGuard guard(builder);
    auto func = loop->getParentOfType<func::FuncOp>();
    builder.setInsertionPointToStart(&func.getBody().front());
    Value one = LLVM::ConstantOp::create(builder, loc, builder.getI64Type(),
                                         builder.getI64IntegerAttr(1));
    context = LLVM::AllocaOp::create(builder, loc, pointer, type, one);
  }
  for (auto [i, value, field] : llvm::enumerate(captured, type.getBody())) {
    if (value.getType() != field)
      value = UnrealizedConversionCastOp::create(builder, loc, field, value)
                  .getResult(0);
    Value address =
        LLVM::GEPOp::create(builder, loc, pointer, type, context,
                            ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(i)});
    LLVM::StoreOp::create(builder, loc, value, address);
  }
  return context;
}

void LoopOutliner::unpackContext(OpBuilder &builder, Location loc,
                                 Value context, ValueRange captured,
                                 IRMapping &mapping) {
  LLVM::LLVMStructType type = getContextType(captured);
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  for (auto [i, original, field] : llvm::enumerate(captured, type.getBody())) {
    Value address =
        LLVM::GEPOp::create(builder, loc, pointer, type, context,
                            ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(i)});
    Value value = LLVM::LoadOp::create(builder, loc, field, address);
    if (field != original.getType())
      value = UnrealizedConversionCastOp::create(builder, loc,
                                                 original.getType(), value)
                  .getResult(0);
    mapping.map(original, value);
  }
}

/// `void (context, begin, end)`: the iterations [begin, end) of the loop, whose
/// dimensions are counted as one, the last one innermost.
func::FuncOp LoopOutliner::buildBody(scf::ParallelOp loop, ValueRange extents,
                                     ValueRange captured,
                                     ArrayRef<Operation *> constants) {
  Location loc = loop.getLoc();
  MLIRContext *context = loop.getContext();
  auto parent = loop->getParentOfType<func::FuncOp>();
  Type indexType = IndexType::get(context);
  auto body = func::FuncOp::create(
      loc, (parent.getName() + "_parallel").str(),
      FunctionType::get(
          context, {LLVM::LLVMPointerType::get(context), indexType, indexType},
          {}));
  body.setPrivate();
  // The struct is nobody else's.
  body.setArgAttr(0, LLVM::LLVMDialect::getNoAliasAttrName(),
                  UnitAttr::get(context));
  symbols.insert(body, std::next(parent->getIterator()));

  Block *entry = body.addEntryBlock();
  auto builder = OpBuilder::atBlockBegin(entry);
  IRMapping mapping;
  for (Operation *constant : constants)
    builder.clone(*constant, mapping);
  unpackContext(builder, loc, entry->getArgument(0), captured, mapping);
  auto range =
      scf::ForOp::create(builder, loc, entry->getArgument(1),
                         entry->getArgument(2), index(builder, loc, 1));
  func::ReturnOp::create(builder, loc);

  builder.setInsertionPointToStart(range.getBody());
  Value rest = range.getInductionVar();
  SmallVector<Value> ivs(loop.getNumLoops());
  for (size_t i = ivs.size(); i-- > 0;) {
    Value position = rest;
    if (i > 0) {
      Value extent = mapping.lookupOrDefault(extents[i]);
      position = arith::RemUIOp::create(builder, loc, rest, extent);
      rest = arith::DivUIOp::create(builder, loc, rest, extent);
    }
    Value step = mapping.lookupOrDefault(loop.getStep()[i]);
    Value lower = mapping.lookupOrDefault(loop.getLowerBound()[i]);
    position = builder.createOrFold<arith::MulIOp>(loc, position, step);
    ivs[i] = builder.createOrFold<arith::AddIOp>(loc, position, lower);
  }
  mapping.map(loop.getInductionVars(), ivs);
  for (Operation &op : loop.getBody()->without_terminator())
    builder.clone(op, mapping);
  return body;
}

LogicalResult LoopOutliner::outline(scf::ParallelOp loop) {
  Location loc = loop.getLoc();
  OpBuilder builder(loop);
  SmallVector<Value> extents = buildExtents(builder, loop);
  Value count = index(builder, loc, 1);
  for (Value extent : extents)
    count = builder.createOrFold<arith::MulIOp>(loc, count, extent);
  Value chunk = arith::DivUIOp::create(builder, loc, count,
                                       index(builder, loc, kMaxRanges));
  chunk = arith::AddIOp::create(builder, loc, chunk, index(builder, loc, 1));

  llvm::SetVector<Value> used;
  getUsedValuesDefinedAbove(loop.getRegion(), used);
  used.insert_range(loop.getLowerBound());
  used.insert_range(loop.getStep());
  used.insert(extents.begin() + 1, extents.end());
  // What is constant stays so in the function.
  SmallVector<Value> captured;
  SmallVector<Operation *> constants;
  for (Value value : used) {
    Operation *op = value.getDefiningOp();
    if (op && op->hasTrait<OpTrait::ConstantLike>()) {
      constants.push_back(op);
      continue;
    }
    if (!converter.convertType(value.getType()))
      return loop.emitError("nsa-outline-parallel: the body uses a value of "
                            "type ")
             << value.getType()
             << ", which cannot be passed to another thread; lower it before";
    captured.push_back(value);
  }

  func::FuncOp body = buildBody(loop, extents, captured, constants);
  Value context = packContext(builder, loop, captured);
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  Value function = func::ConstantOp::create(
      builder, loc, body.getFunctionType(), body.getName());
  function = UnrealizedConversionCastOp::create(builder, loc, pointer, function)
                 .getResult(0);
  func::CallOp::create(builder, loc, declaration,
                       ValueRange{count, chunk, function, context});
  loop.erase();
  return success();
}

namespace {

struct OutlineParallelPass
    : public nsa::impl::OutlineParallelBase<OutlineParallelPass> {
  void runOnOperation() override {
    SmallVector<scf::ParallelOp> loops;
    for (auto func : getOperation().getOps<func::FuncOp>())
      func.walk<WalkOrder::PreOrder>([&](scf::ParallelOp loop) {
        if (loop.getNumReductions() != 0)
          return WalkResult::advance();
        loops.push_back(loop);
        // What is inside stays a loop of one thread.
        return WalkResult::skip();
      });
    if (loops.empty())
      return;

    ModuleOp module = getOperation();
    MLIRContext *context = &getContext();
    Type indexType = IndexType::get(context);
    Type pointer = LLVM::LLVMPointerType::get(context);
    auto type = FunctionType::get(context,
                                  {indexType, indexType, pointer, pointer}, {});
    Operation *existing = SymbolTable::lookupSymbolIn(module, kParallelFor);
    auto declaration = dyn_cast_or_null<func::FuncOp>(existing);
    if (existing && (!declaration || !declaration.isExternal() ||
                     declaration.getFunctionType() != type)) {
      existing->emitError("'")
          << kParallelFor
          << "' is the runtime's function for parallel loops, of type " << type
          << "; rename this one";
      return signalPassFailure();
    }
    if (!existing) {
      auto builder = OpBuilder::atBlockBegin(module.getBody());
      declaration =
          func::FuncOp::create(builder, module.getLoc(), kParallelFor, type);
      declaration.setPrivate();
    }
    LoopOutliner outliner(module, declaration);
    for (scf::ParallelOp loop : loops)
      if (failed(outliner.outline(loop)))
        return signalPassFailure();
  }
};

} // namespace
