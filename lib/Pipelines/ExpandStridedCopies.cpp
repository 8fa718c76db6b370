//===- ExpandStridedCopies.cpp - nsa-expand-strided-copies ----------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Copies of strided memory become loops that LLVM can vectorise.
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Utils/MemRefUtils.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_EXPANDSTRIDEDCOPIES
#include "nsa/Pipelines/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;

/// Whether finalize-memref-to-llvm uses memcpy for this side of a copy.
static bool isMemcpyAble(MemRefType type) {
  return type.getLayout().isIdentity() ||
         (type.hasStaticShape() && type.getNumElements() > 0 &&
          memref::isStaticShapeAndContiguousRowMajor(type));
}

namespace {

struct ExpandStridedCopiesPass
    : public nsa::impl::ExpandStridedCopiesBase<ExpandStridedCopiesPass> {
  void runOnOperation() override {
    getOperation().walk([](memref::CopyOp copyOp) {
      auto source = dyn_cast<MemRefType>(copyOp.getSource().getType());
      auto target = dyn_cast<MemRefType>(copyOp.getTarget().getType());
      if (!source || !target || (isMemcpyAble(source) && isMemcpyAble(target)))
        return;
      OpBuilder builder(copyOp);
      linalg::makeMemRefCopyOp(builder, copyOp.getLoc(), copyOp.getSource(),
                               copyOp.getTarget());
      copyOp.erase();
    });
  }
};

} // namespace
