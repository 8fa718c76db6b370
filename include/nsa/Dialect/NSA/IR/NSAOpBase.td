//===- NSAOpBase.td - What the ops of nsa have in common ----*- tablegen -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Operand types, the interfaces that several ops implement, and base classes.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_DIALECT_NSA_IR_NSAOPBASE_TD
#define NSA_DIALECT_NSA_IR_NSAOPBASE_TD

include "mlir/Dialect/Linalg/IR/LinalgInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/TilingInterface.td"
include "nsa/Dialect/NSA/IR/NSAAttributes.td"
include "nsa/Dialect/NSA/IR/NSAInterfaces.td"
include "nsa/Dialect/NSA/IR/NSASchedule.td"

def NSA_Float : AnyTypeOf<[F32, F16, BF16], "f32, f16 or bf16">;
// Ranks and element types are checked by the verifiers, whose messages name
// the values.
def NSA_Tensor : RankedTensorOf<[AnyType]>;
def NSA_Position : AnyTypeOf<[Index, 1DTensorOf<[I32]>],
                             "index or a 1-D tensor of i32 (one per batch entry)">;

defvar inferTypes = InferTypeOpAdaptorWithIsCompatible;
defvar reifyShapes = DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface,
    ["reifyResultShapes"]>;
defvar namedDims = DeclareOpInterfaceMethods<NamedDimsOpInterface,
    ["getNamedShapes"]>;
defvar derivedDims = DeclareOpInterfaceMethods<NamedDimsOpInterface,
    ["getNamedShapes", "getDerivedExtent"]>;
defvar keyTraversal = DeclareOpInterfaceMethods<KeyTraversalOpInterface,
    ["getQueries", "getKeys", "getValues", "getScoreScale",
     "getTraversalBlocking", "buildTraversalState", "buildKeyTileCount",
     "buildKeyTile", "buildVisibleKeys"]>;
defvar tiling = DeclareOpInterfaceMethods<TilingInterface,
    ["getIterationDomain", "getLoopIteratorTypes", "getTiledImplementation",
     "getResultTilePosition", "getIterationDomainTileFromResultTile",
     "generateResultTileValue", "getIterationDomainTileFromOperandTiles",
     "getTiledImplementationFromOperandTiles", "isOpFusableWithConsumerSlice",
     "isOpFusableWithProducerSlices"]>;
defvar partialReduction = DeclareOpInterfaceMethods<PartialReductionOpInterface,
    ["generateInitialTensorForPartialReduction", "tileToPartialReduction",
     "getPartialResultTilePosition", "mergeReductions"]>;

// operandSegmentSizes may say that an operand which is neither optional nor
// variadic has no value, or several; MLIR's own verifiers let that pass.
class OneValueEach<int numOperands> : PredOpTrait<
    "operands that are neither optional nor variadic are one value each",
    And<!foreach(i, !range(numOperands),
                 CPred<"getODSOperands(" # i # ").size() == 1">)>>;

class NSA_Op<string mnemonic, list<Trait> traits = []>
    : Op<NSA_Dialect, mnemonic, !listconcat([Pure], traits)> {
  let hasVerifier = 1;
}

// Attention with a token-level or compressed K/V: shared accessors.
class NSA_AttentionBranchOp<string mnemonic, int numTensors>
    : NSA_Op<mnemonic, [AttrSizedOperandSegments, OneValueEach<numTensors>,
                        namedDims, inferTypes, reifyShapes, keyTraversal,
                        tiling, partialReduction]> {
  let results = (outs
    Arg<NSA_Tensor, "branch output `[B, Tq, H, Dv]`, q's element type">:$o,
    Arg<NSA_Tensor, "`log sum exp(score)` per row `[B, Tq, H]`, f32, natural logarithm">:$lse);
}

#endif // NSA_DIALECT_NSA_IR_NSAOPBASE_TD
