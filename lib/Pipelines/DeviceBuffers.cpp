//===- DeviceBuffers.cpp - nsa-device-buffers -----------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/GPUPasses.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_DEVICEBUFFERS
#include "nsa/Pipelines/GPUPasses.h.inc"
} // namespace mlir::nsa

using namespace mlir;

namespace {

struct DeviceBuffersPass
    : public nsa::impl::DeviceBuffersBase<DeviceBuffersPass> {
  using Base::Base;

  void runOnOperation() override {
    bool failedHere = false;
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) { ops.push_back(op); });
    for (Operation *op : ops) {
      if (constants)
        failedHere |= failed(handleAccess(op));
      else
        moveToDevice(op);
    }
    if (failedHere)
      signalPassFailure();
  }

private:
  /// Copies constants, which the host has; refuses accesses of the host.
  static LogicalResult handleAccess(Operation *op) {
    auto launch = op->getParentOfType<gpu::LaunchOp>();
    if (!launch && isa<memref::LoadOp, memref::StoreOp>(op))
      return op->emitError(
                 "nsa-device-buffers: the host would have to access an element "
                 "of ")
             << op->getOperand(isa<memref::StoreOp>(op)).getType()
             << ", which is on the device; pass the value as an argument of "
                "type index instead";
    auto global = dyn_cast<memref::GetGlobalOp>(op);
    if (!global)
      return success();
    OpBuilder b(op);
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

  static void moveToDevice(Operation *op) {
    OpBuilder b(op);
    if (auto alloc = dyn_cast<memref::AllocOp>(op)) {
      auto device = gpu::AllocOp::create(
          b, op->getLoc(), alloc.getType(), /*asyncToken=*/Type(), ValueRange(),
          alloc.getDynamicSizes(), alloc.getSymbolOperands());
      op->replaceAllUsesWith(ValueRange(device.getMemref()));
      op->erase();
    } else if (auto dealloc = dyn_cast<memref::DeallocOp>(op)) {
      gpu::DeallocOp::create(b, op->getLoc(), /*asyncToken=*/Type(),
                             ValueRange(), dealloc.getMemref());
      op->erase();
    }
  }
};

} // namespace
