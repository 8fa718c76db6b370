//===- NSAInterfaces.td - Op interfaces of the nsa dialect -*- tablegen -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// KeyTraversalOpInterface: which keys an attention op visits, and which of
// them each row sees; written once, used by every lowering.
// NamedDimsOpInterface: the names of the dimensions of operands and results;
// used by verifiers, by shape inference and by checks at function entry.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_DIALECT_NSA_IR_NSAINTERFACES_TD
#define NSA_DIALECT_NSA_IR_NSAINTERFACES_TD

include "mlir/IR/OpBase.td"

def NamedDimsOpInterface : OpInterface<"NamedDimsOpInterface"> {
  let cppNamespace = "::mlir::nsa";
  let description = [{
    Names the dimensions of an op's operands and results. Two dimensions with
    the same name have the same extent; that is a constraint of the op.
  }];
  let methods = [
    InterfaceMethod<
      /*desc=*/[{
        The named shapes of the operands (absent optional operands are left
        out), then of the results. Constant extents (block sizes) are given as
        dimensions with a value.
      }],
      /*retTy=*/"::llvm::SmallVector<::mlir::nsa::NamedShape>",
      /*methodName=*/"getNamedShapes">,
    InterfaceMethod<
      /*desc=*/[{
        The extent of a dimension that no operand has but that follows from
        others (the number of compressed keys, say), as a function of the
        extents already known; none when it cannot be known.
      }],
      /*retTy=*/"::std::optional<int64_t>",
      /*methodName=*/"getDerivedExtent",
      /*args=*/(ins "::llvm::StringRef":$name,
                    "const ::llvm::StringMap<int64_t> &":$extents),
      /*methodBody=*/"",
      /*defaultImplementation=*/"return std::nullopt;">
  ];
  let verify = "return ::mlir::nsa::detail::verifyNamedDims($_op);";
}

def KeyTraversalOpInterface : OpInterface<"KeyTraversalOpInterface"> {
  let cppNamespace = "::mlir::nsa";
  let description = [{
    An attention op that visits some of the keys: *which key tiles does this
    tile of queries visit, and which keys of them does each row see?*

    The op has operands q `[B, Tq, H, Dk]`, k `[B, Tk, G, Dk]`,
    v `[B, Tk, G, Dv]` of one element type, and results o `[B, Tq, H, Dv]` of
    that type and lse `[B, Tq, H]` in f32. A lowering splits the rows into
    `QueryTile`s that the blocking allows, emits the op's traversal state once
    per query tile, and then walks `buildKeyTileCount` key tiles. Row (t, h)
    attends to key u iff u lies in a visited tile *and* in
    `buildVisibleKeys(t)`. Over one walk the tiles must be disjoint: a key that
    is visited twice counts twice.

    Builders must emit only ops that the lowering's users can take further
    (arith, math, tensor, scf, linalg on tensors), and everything as `index`.
    An op that implements this interface needs no pattern of its own: see
    docs/Tutorial.md.
  }];
  let methods = [
    InterfaceMethod<"The queries `[B, Tq, H, Dk]`.",
      "::mlir::TypedValue<::mlir::RankedTensorType>", "getQueries">,
    InterfaceMethod<"The keys `[B, Tk, G, Dk]`.",
      "::mlir::TypedValue<::mlir::RankedTensorType>", "getKeys">,
    InterfaceMethod<"The values `[B, Tk, G, Dv]`.",
      "::mlir::TypedValue<::mlir::RankedTensorType>", "getValues">,
    InterfaceMethod<"The factor of the scores, finite and positive.",
      "double", "getScoreScale">,
    InterfaceMethod<
      /*desc=*/[{
        What may share a walk over the keys: how many neighbouring queries, how
        many heads of a key/value head, and the largest useful key tile.
      }],
      "::mlir::nsa::TraversalBlocking", "getTraversalBlocking">,
    InterfaceMethod<
      /*desc=*/[{
        Emits what the other methods need for `tile` and do not want to emit
        again for every key tile (offsets, limits, a normalised index list) and
        returns it; the values are handed back as `state`.
      }],
      "::llvm::SmallVector<::mlir::Value>", "buildTraversalState",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc,
           "const ::mlir::nsa::QueryTile &":$tile)>,
    InterfaceMethod<
      /*desc=*/[{
        Emits the number of key tiles, of at most `keyTile` keys each, that the
        queries of `tile` visit. Tiles may turn out empty.
      }],
      "::mlir::Value", "buildKeyTileCount",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc,
           "const ::mlir::nsa::QueryTile &":$tile,
           "::mlir::ValueRange":$state, "int64_t":$keyTile)>,
    InterfaceMethod<
      /*desc=*/[{
        Emits the keys of key tile number `i`: a range of at most `keyTile`
        keys within the stored keys. A tile whose end is not above its begin is
        skipped, and nothing of it is read; nor is anything outside the range.
      }],
      "::mlir::nsa::KeyRange", "buildKeyTile",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc,
           "const ::mlir::nsa::QueryTile &":$tile,
           "::mlir::ValueRange":$state, "int64_t":$keyTile,
           "::mlir::Value":$i)>,
    InterfaceMethod<
      /*desc=*/[{
        Emits the range outside of which row `query` (index) sees no key; it
        need not lie within the stored keys.
      }],
      "::mlir::nsa::KeyRange", "buildVisibleKeys",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc,
           "const ::mlir::nsa::QueryTile &":$tile,
           "::mlir::ValueRange":$state, "::mlir::Value":$query)>
  ];
  let verify = "return ::mlir::nsa::detail::verifyKeyTraversal($_op);";
}

#endif // NSA_DIALECT_NSA_IR_NSAINTERFACES_TD
