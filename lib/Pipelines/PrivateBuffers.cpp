//===- PrivateBuffers.cpp - nsa-private-buffers ---------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/GPUPasses.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/DataLayoutInterfaces.h"
#include "llvm/Support/MathExtras.h"

#include <limits>

namespace mlir::nsa {
#define GEN_PASS_DEF_PRIVATEBUFFERS
#include "nsa/Pipelines/GPUPasses.h.inc"
} // namespace mlir::nsa

using namespace mlir;

/// A thread's local memory is slow and there are thousands of threads: what is
/// larger is a mistake.
static constexpr int64_t kMaxPrivateBytes = 64 << 10;

namespace {

struct PrivateBuffersPass
    : public nsa::impl::PrivateBuffersBase<PrivateBuffersPass> {
  void runOnOperation() override {
    WalkResult result = getOperation().walk([](gpu::LaunchOp launch) {
      return succeeded(replace(launch)) ? WalkResult::advance()
                                        : WalkResult::interrupt();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }

private:
  static LogicalResult replace(gpu::LaunchOp launch) {
    SmallVector<memref::AllocOp> allocs;
    launch.walk([&](memref::AllocOp alloc) { allocs.push_back(alloc); });
    DataLayout layout = DataLayout::closest(launch);
    for (memref::AllocOp alloc : allocs) {
      MemRefType type = alloc.getType();
      if (!type.hasStaticShape())
        return alloc.emitError("nsa-private-buffers: a kernel needs a buffer ")
               << type
               << " per thread, whose size is not a constant; compute it "
                  "before, in a buffer that all threads share";
      int64_t elementBytes = static_cast<int64_t>(
          layout.getTypeSize(type.getElementType()).getFixedValue());
      int64_t bytes = 0;
      if (llvm::MulOverflow(type.getNumElements(), elementBytes, bytes))
        bytes = std::numeric_limits<int64_t>::max();
      if (bytes > kMaxPrivateBytes)
        return alloc.emitError("nsa-private-buffers: a kernel needs a buffer ")
               << type << " per thread, " << bytes << " bytes, but "
               << kMaxPrivateBytes << " are allowed";
      OpBuilder b(&launch.getBody().front(), launch.getBody().front().begin());
      auto alloca = memref::AllocaOp::create(
          b, alloc.getLoc(), type, ValueRange(), alloc.getAlignmentAttr());
      alloc.replaceAllUsesWith(alloca.getResult());
      alloc.erase();
    }
    // Local memory ends with the thread. Nothing else can be freed there.
    WalkResult freed = launch.walk([](memref::DeallocOp dealloc) {
      Value buffer = dealloc.getMemref();
      while (auto cast = buffer.getDefiningOp<memref::CastOp>())
        buffer = cast.getSource();
      if (!buffer.getDefiningOp<memref::AllocaOp>()) {
        dealloc.emitError("nsa-private-buffers: a kernel frees a buffer that "
                          "is not its own");
        return WalkResult::interrupt();
      }
      dealloc.erase();
      return WalkResult::advance();
    });
    if (freed.wasInterrupted())
      return failure();
    return success();
  }
};

} // namespace
