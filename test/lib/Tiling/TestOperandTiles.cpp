//===- TestOperandTiles.cpp - Tiles of ops by tiles of their operands -----===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// scf::tileAndFuseConsumer of MLIR 22.1 takes ops with destination operands
// only, so that nothing upstream asks nsa ops for a tile by operands. This
// does.
//
//===----------------------------------------------------------------------===//

#include "TestTiling.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/TilingInterface.h"
#include "mlir/Pass/Pass.h"

using namespace mlir;

namespace {

struct TestOperandTilesPass
    : public PassWrapper<TestOperandTilesPass, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TestOperandTilesPass)

  StringRef getArgument() const override { return "test-operand-tiles"; }
  StringRef getDescription() const override {
    return "Emit the tile that goes with tiles of operands: test.tiles = "
           "[[operand, [offset, ...], [size, ...]], ...]";
  }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<affine::AffineDialect, tensor::TensorDialect>();
  }

  void runOnOperation() override {
    SmallVector<TilingInterface> ops;
    getOperation()->walk([&](TilingInterface op) {
      if (op->hasAttr("test.tiles"))
        ops.push_back(op);
    });
    for (TilingInterface op : ops) {
      auto tiles = cast<ArrayAttr>(op->removeAttr("test.tiles"));
      SmallVector<unsigned> operands;
      SmallVector<SmallVector<OpFoldResult>> offsets, sizes;
      OpBuilder b(op->getContext());
      b.setInsertionPointAfter(op);
      auto read = [&](Attribute list) {
        SmallVector<OpFoldResult> values;
        for (Attribute value : cast<ArrayAttr>(list))
          values.push_back(b.getIndexAttr(cast<IntegerAttr>(value).getInt()));
        return values;
      };
      for (Attribute tile : tiles) {
        auto parts = cast<ArrayAttr>(tile);
        operands.push_back(cast<IntegerAttr>(parts[0]).getInt());
        offsets.push_back(read(parts[1]));
        sizes.push_back(read(parts[2]));
      }
      bool fusable = op.isOpFusableWithProducerSlices(operands, offsets, sizes);
      FailureOr<TilingResult> tile = op.getTiledImplementationFromOperandTiles(
          b, operands, offsets, sizes);
      if (succeeded(tile))
        tile->tiledOps[0]->setAttr("test.tile", b.getUnitAttr());
      if (fusable != succeeded(tile))
        op->emitError("is ") << (fusable ? "" : "not ") << "said to be fusable";
    }
  }
};

} // namespace

void test_nsa::registerTestTilingPasses() {
  PassRegistration<TestOperandTilesPass>();
}
