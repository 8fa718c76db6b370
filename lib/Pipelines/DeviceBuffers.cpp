//===- DeviceBuffers.cpp - nsa-device-buffers -----------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/GPUPasses.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_DEVICEBUFFERS
#include "nsa/Pipelines/GPUPasses.h.inc"
} // namespace mlir::nsa

using namespace mlir;

static bool isHostBuffer(Value buffer);

namespace {

struct DeviceBuffersPass
    : public nsa::impl::DeviceBuffersBase<DeviceBuffersPass> {
  using Base::Base;

  void runOnOperation() override {
    bool failedHere = false;
    SmallVector<Operation *> ops;
    for (auto func : getOperation().getOps<func::FuncOp>())
      func.walk([&](Operation *op) { ops.push_back(op); });
    if (constants) {
      for (Operation *op : ops)
        failedHere |= failed(handleAccess(op));
      if (failedHere)
        signalPassFailure();
      return;
    }
    // Which buffers are the host's is seen before any of them moves.
    for (Operation *op : ops)
      if (auto alloc = dyn_cast<memref::AllocOp>(op);
          alloc && isHostBuffer(alloc))
        hostBuffers.insert(alloc);
    for (Operation *op : ops)
      moveToDevice(op);
  }

private:
  static LogicalResult handleAccess(Operation *op);
  void moveToDevice(Operation *op);

  /// The results of `memref.alloc` that stay in the memory of the host.
  DenseSet<Value> hostBuffers;
};

} // namespace

/// The operand that the host would read or write, if any. What copies whole
/// buffers, frees them, or launches kernels works on buffers of the device.
static OpOperand *findHostAccess(Operation *op) {
  if (isa<gpu::GPUDialect>(op->getDialect()) ||
      isa<memref::DeallocOp, memref::CopyOp, memref::ReallocOp,
          bufferization::CloneOp, bufferization::DeallocOp>(op) ||
      op->hasTrait<OpTrait::HasRecursiveMemoryEffects>())
    return nullptr;
  auto effects = dyn_cast<MemoryEffectOpInterface>(op);
  if (!effects)
    return nullptr;
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<BaseMemRefType>(operand.get().getType()))
      continue;
    SmallVector<MemoryEffects::EffectInstance> found;
    effects.getEffectsOnValue(operand.get(), found);
    if (llvm::any_of(found, [](const MemoryEffects::EffectInstance &effect) {
          return isa<MemoryEffects::Read, MemoryEffects::Write>(
              effect.getEffect());
        }))
      return &operand;
  }
  return nullptr;
}

/// Has the host read the one element of a buffer from a copy of its own.
static bool readCopy(Operation *op) {
  auto load = dyn_cast<memref::LoadOp>(op);
  if (!load || load.getMemRefType().getRank() != 0 ||
      !load.getMemRefType().getLayout().isIdentity())
    return false;
  OpBuilder b(op);
  auto copy = memref::AllocOp::create(b, op->getLoc(), load.getMemRefType());
  gpu::MemcpyOp::create(b, op->getLoc(), /*asyncToken=*/Type(), ValueRange(),
                        copy, load.getMemRef());
  load.getMemrefMutable().assign(copy);
  return true;
}

/// Copies constants, which the host has, and what it may read; refuses other
/// accesses of the host.
LogicalResult DeviceBuffersPass::handleAccess(Operation *op) {
  auto launch = op->getParentOfType<gpu::LaunchOp>();
  if (!launch && readCopy(op))
    return success();
  if (!launch)
    if (OpOperand *access = findHostAccess(op))
      return op->emitError("nsa-device-buffers: the host would have to access "
                           "an element of ")
             << access->get().getType()
             << ", which is on the device; pass the value as a scalar argument "
                "instead";
  OpBuilder b(op);
  if (auto alloca = dyn_cast<memref::AllocaOp>(op); alloca && !launch) {
    auto alloc = memref::AllocOp::create(b, op->getLoc(), alloca.getType(),
                                         alloca.getDynamicSizes(),
                                         alloca.getSymbolOperands());
    op->replaceAllUsesWith(alloc);
    op->erase();
    return success();
  }
  auto global = dyn_cast<memref::GetGlobalOp>(op);
  if (!global)
    return success();
  auto definition = SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(
      op, global.getNameAttr());
  if (!definition || !definition.getConstant())
    return op->emitError("nsa-device-buffers: @")
           << global.getName()
           << " is not constant; what kernels write to its copy would be lost";
  if (launch) {
    op->moveBefore(launch);
    b.setInsertionPoint(launch);
  } else {
    b.setInsertionPointAfter(op);
  }
  auto copy = memref::AllocOp::create(b, op->getLoc(),
                                      cast<MemRefType>(global.getType()));
  op->replaceAllUsesWith(copy);
  gpu::MemcpyOp::create(b, op->getLoc(), /*asyncToken=*/Type(), ValueRange(),
                        copy, global);
  return success();
}

/// The host accesses none of the program's buffers, or they were refused; but
/// bufferization.dealloc is lowered to a function that compares addresses, in
/// arrays that are the host's.
static bool isHostBuffer(Value buffer) {
  for (OpOperand &use : buffer.getUses()) {
    Operation *user = use.getOwner();
    if (user->getParentOfType<gpu::LaunchOp>())
      continue;
    if (isa<memref::LoadOp, memref::StoreOp>(user))
      return true;
    if (isa<memref::CastOp>(user) && isHostBuffer(user->getResult(0)))
      return true;
    auto call = dyn_cast<func::CallOp>(user);
    if (!call)
      continue;
    auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
        call, call.getCalleeAttr());
    if (callee && !callee.isExternal() &&
        llvm::any_of(callee.getArgument(use.getOperandNumber()).getUsers(),
                     llvm::IsaPred<memref::LoadOp, memref::StoreOp>))
      return true;
  }
  return false;
}

void DeviceBuffersPass::moveToDevice(Operation *op) {
  OpBuilder b(op);
  if (auto alloc = dyn_cast<memref::AllocOp>(op)) {
    if (hostBuffers.contains(alloc))
      return;
    auto device = gpu::AllocOp::create(
        b, op->getLoc(), alloc.getType(), /*asyncToken=*/Type(), ValueRange(),
        alloc.getDynamicSizes(), alloc.getSymbolOperands());
    op->replaceAllUsesWith(ValueRange(device.getMemref()));
    op->erase();
  } else if (auto dealloc = dyn_cast<memref::DeallocOp>(op)) {
    if (hostBuffers.contains(dealloc.getMemref()))
      return;
    gpu::DeallocOp::create(b, op->getLoc(), /*asyncToken=*/Type(), ValueRange(),
                           dealloc.getMemref());
    op->erase();
  }
}
