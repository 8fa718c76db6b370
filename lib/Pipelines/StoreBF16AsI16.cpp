//===- StoreBF16AsI16.cpp - nsa-store-bf16-as-i16 -------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A type that the target cannot even move must not reach the target.
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/Passes.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/AttrTypeSubElements.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_STOREBF16ASI16
#include "nsa/Pipelines/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;

/// Maps bf16, and constants of it, to i16 with the same bits.
static AttrTypeReplacer makeReplacer() {
  AttrTypeReplacer replacer;
  replacer.addReplacement([](BFloat16Type type) -> Type {
    return IntegerType::get(type.getContext(), 16);
  });
  replacer.addReplacement([](FloatAttr attr) -> std::optional<Attribute> {
    if (!attr.getType().isBF16())
      return std::nullopt;
    return IntegerAttr::get(IntegerType::get(attr.getContext(), 16),
                            attr.getValue().bitcastToAPInt());
  });
  replacer.addReplacement(
      [](DenseFPElementsAttr attr) -> std::optional<Attribute> {
        if (!attr.getElementType().isBF16())
          return std::nullopt;
        return attr.bitcast(IntegerType::get(attr.getContext(), 16));
      });
  return replacer;
}

namespace {

struct StoreBF16AsI16Pass
    : public nsa::impl::StoreBF16AsI16Base<StoreBF16AsI16Pass> {
  void runOnOperation() override {
    AttrTypeReplacer replacer = makeReplacer();
    for (Operation &op : *getOperation().getBody()) {
      if (!isa<func::FuncOp, memref::GlobalOp>(op))
        continue;
      // The caller's view of the function stays as it was.
      Attribute signature = op.getAttr(nsa::kSignatureAttrName);
      replacer.recursivelyReplaceElementsIn(&op, /*replaceAttrs=*/true,
                                            /*replaceLocs=*/false,
                                            /*replaceTypes=*/true);
      if (signature)
        op.setAttr(nsa::kSignatureAttrName, signature);
    }
  }
};

} // namespace
