//===- NSATileOps.td - Ops of the nsa_tile dialect ---------*- tablegen -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each op's constraints have labels (`op_c1`, ...), which the verifiers and the
// tests carry too. Those of the type, of the swizzle (`frag_c1`, `swizzle_c1`)
// and of every tile of shared memory (`tile_c1`) are in NSATileDialect.td.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_DIALECT_NSATILE_IR_NSATILEOPS_TD
#define NSA_DIALECT_NSATILE_IR_NSATILEOPS_TD

include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "nsa/Dialect/NSATile/IR/NSATileDialect.td"

class NSATile_Op<string mnemonic, list<Trait> traits = []>
    : Op<NSATile_Dialect, mnemonic, traits>;

// Waits and commits act on the copies in flight, which no buffer stands for.
def NSATile_Copies : Resource<"::mlir::nsa_tile::CopiesResource">;

//===----------------------------------------------------------------------===//
// Shared memory and copies
//===----------------------------------------------------------------------===//

def NSATile_SharedOp : NSATile_Op<"shared", [Pure]> {
  let summary = "names tiles in the block's dynamic shared memory";
  let description = [{
    `offset` is in bytes from the start of the dynamic shared memory, a multiple
    of 128. The result is `[stages, rows, columns]` with a swizzle, in the
    workgroup's address space. Two ops may name the same bytes.

    Constraints:
    * (shared_c1) `offset` is a multiple of 128 and not negative.
    * `tile` is as tile_c1 to tile_c3 say.

    Example:

    ```mlir
    %k = nsa_tile.shared at 16384 : memref<2x64x128xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
    ```
  }];
  let arguments = (ins I64Attr:$offset);
  let results = (outs
    Arg<AnyStaticShapeMemRef, "`[stages, rows, columns]`">:$tile);
  let assemblyFormat = "`at` $offset attr-dict `:` type($tile)";
  let hasVerifier = 1;
}

def NSATile_LoadAsyncOp : NSATile_Op<"load_async", [RecursiveMemoryEffects]> {
  let summary = "copies rows of global memory to a tile, asynchronously";
  let description = [{
    All rows and columns of stage `slot` of `tile` are copied by the block's
    threads together. For each row number the region yields the indices of all
    dimensions of `source` but the last, and whether the row exists; a row that
    does not exist is filled with zeros and not read (its indices may be
    anything). So the same op copies consecutive rows, rows of a list, or the
    heads of neighbouring queries.

    The last dimension of `source` is contiguous, has the tile's columns and its
    element type; rows begin at multiples of 16 bytes (the caller's
    responsibility). `threads` is the number of threads of the block.

    Lowers to `cp.async.cg.shared.global` of 16 bytes (PTX ISA, "cp.async"); 8
    lanes copy 128 consecutive bytes of a row.

    Constraints:
    * (load_async_c1) `source` is in global memory (or in no named space) and has
      the tile's element type.
    * (load_async_c2) the last dimension of `source` has the tile's columns, and
      stride 1; a stride that is not known is the caller's responsibility.
    * (load_async_c3) `threads` is a multiple of 32, at most 1024.
    * (load_async_c4) the region takes a row number (i32), yields the indices
      (index) and whether the row exists (i1), and contains no other op of this
      dialect.
    * `tile` and `slot` are as tile_c1 to tile_c4 say.

    Example:

    ```mlir
    %c = nsa_tile.load_async %k, %tile[%slot] threads 128 {
    ^bb0(%row: i32):
      ...
      nsa_tile.yield %batch, %token, %head, %exists : index, index, index, i1
    } : memref<?x?x4x128xbf16, strided<[?, ?, ?, 1], offset: ?>>, memref<2x64x128xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
    ```
  }];
  let arguments = (ins
    Arg<AnyMemRef, "global memory", [MemRead]>:$source,
    Arg<AnyStaticShapeMemRef, "`[stages, rows, columns]`", [MemWrite]>:$tile,
    Arg<I32, "the stage">:$slot,
    I64Attr:$threads);
  let regions = (region SizedRegion<1>:$address);
  let results = (outs Arg<NSATile_CopyType, "the copy, to be committed">:$copy);
  let assemblyFormat = [{
    $source `,` $tile `[` $slot `]` `threads` $threads $address attr-dict `:`
    type($source) `,` type($tile)
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def NSATile_NoCopyOp : NSATile_Op<"no_copy", [Pure]> {
  let summary = "a copy of nothing";
  let description = [{
    What a branch yields that copies nothing.

    Example:

    ```mlir
    %c = scf.if %exists -> !nsa_tile.copy {
      ...
    } else {
      %none = nsa_tile.no_copy
      scf.yield %none : !nsa_tile.copy
    }
    ```
  }];
  let results = (outs Arg<NSATile_CopyType, "a copy, to be committed">:$copy);
  let assemblyFormat = "attr-dict";
}

def NSATile_CommitOp : NSATile_Op<"commit", [MemoryEffects<[MemWrite<NSATile_Copies>]>]> {
  let summary = "closes a group of copies";
  let description = [{
    Every copy is committed exactly once, after it was issued and before any
    later `commit`. A group may be empty. Lowers to `cp.async.commit_group`.

    Example:

    ```mlir
    %g = nsa_tile.commit %a, %b
    %empty = nsa_tile.commit none
    ```
  }];
  let arguments = (ins
    Arg<Variadic<NSATile_CopyType>, "copies since the last commit">:$copies);
  let results = (outs Arg<NSATile_GroupType, "all of them">:$group);
  // A bare op would take the next line's result for an operand.
  let assemblyFormat = "($copies^) : (`none`)? attr-dict";
}

def NSATile_WaitOp : NSATile_Op<"wait", [MemoryEffects<[MemWrite<NSATile_Copies>, MemRead<NSATile_Copies>]>]> {
  let summary = "waits for groups of copies";
  let description = [{
    Waits until this thread's copies of `groups` have arrived; `newer` groups
    that were committed later may be in flight still. What other threads copied
    is visible after a `gpu.barrier` behind the wait. Every group is waited for
    (or dropped) exactly once. Lowers to `cp.async.wait_group newer`.

    Constraints:
    * (wait_c1) `newer` is not negative.

    Example:

    ```mlir
    %ready = nsa_tile.wait %g newer 1
    gpu.barrier
    ```
  }];
  let arguments = (ins
    Arg<Variadic<NSATile_GroupType>, "what is waited for">:$groups,
    I32Attr:$newer);
  let results = (outs
    Arg<NSATile_ReadyType, "what readers of the copies take">:$ready);
  let assemblyFormat = "$groups `newer` $newer attr-dict";
  let hasVerifier = 1;
}

def NSATile_DropOp : NSATile_Op<"drop", [MemoryEffects<[MemWrite<NSATile_Copies>]>]> {
  let summary = "ends groups that hold no copy";
  let description = [{
    What remains after a pipelined loop: groups that are empty by construction.

    Example:

    ```mlir
    nsa_tile.drop %loop#1, %loop#2
    ```
  }];
  let arguments = (ins
    Arg<Variadic<NSATile_GroupType>, "groups without copies">:$groups);
  // As for commit.
  let assemblyFormat = "($groups^) : (`none`)? attr-dict";
}

def NSATile_LoadFragOp : NSATile_Op<"load_frag"> {
  let summary = "reads a tile of shared memory into the left operand's layout";
  let description = [{
    Reads rows `row ..` and columns `column ..` of stage `slot`; the result's
    shape says how many. `row` and `column` are multiples of 8. Lowers to
    `ldmatrix.x4` (PTX ISA, "ldmatrix").

    Constraints:
    * (load_frag_c1) the result has layout `lhs` and the tile's element type.
    * (load_frag_c2) `row` and `column` are multiples of 8, as far as they are
      constants.
    * `tile` and positions are as tile_c1 to tile_c4 say.

    Example:

    ```mlir
    %q = nsa_tile.load_frag %tile[%stage, %row, %column] after %ready
        : memref<1x64x128xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>> -> !nsa_tile.frag<16x128xbf16, lhs>
    ```
  }];
  let arguments = (ins
    Arg<AnyStaticShapeMemRef, "`[stages, rows, columns]`", [MemRead]>:$tile,
    Arg<I32, "the stage">:$slot,
    Arg<I32, "the first row">:$row,
    Arg<I32, "the first column">:$column,
    Arg<NSATile_ReadyType, "of the wait for the tile">:$ready);
  let results = (outs Arg<NSATile_FragType, "`M x K`">:$frag);
  let assemblyFormat = [{
    $tile `[` $slot `,` $row `,` $column `]` `after` $ready attr-dict `:`
    type($tile) `->` qualified(type($frag))
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

def NSATile_MmaOp : NSATile_Op<"mma", [Pure, AllTypesMatch<["acc", "result"]>]> {
  let summary = "acc + lhs * rhs, all in registers";
  let description = [{
    `lhs` is `M x K`, `rhs` is `K x N`, `acc` is `M x N` of f32. Lowers to
    `mma.sync.aligned.m16n8k16.row.col.f32` (PTX ISA, "mma").

    Constraints:
    * (mma_c1) the operands have the layouts of their names, and `acc` f32.
    * (mma_c2) `lhs` and `rhs` have one element type.
    * (mma_c3) `lhs` is `M x K`, `rhs` `K x N`, `acc` `M x N`.

    Example:

    ```mlir
    %s = nsa_tile.mma %p, %v, %o : !nsa_tile.frag<16x64xbf16, lhs>, !nsa_tile.frag<64x128xbf16, rhs>, !nsa_tile.frag<16x128xf32, acc>
    ```
  }];
  let arguments = (ins
    Arg<NSATile_FragType, "`M x K`">:$lhs,
    Arg<NSATile_FragType, "`K x N`">:$rhs,
    Arg<NSATile_FragType, "`M x N`">:$acc);
  let results = (outs Arg<NSATile_FragType, "`M x N`">:$result);
  let assemblyFormat = [{
    $lhs `,` $rhs `,` $acc attr-dict `:` qualified(type($lhs)) `,`
    qualified(type($rhs)) `,` qualified(type($acc))
  }];
  let hasVerifier = 1;
}

def NSATile_MmaSharedOp : NSATile_Op<"mma_shared", [AllTypesMatch<["acc", "result"]>]> {
  let summary = "acc + lhs * (a tile of shared memory)";
  let description = [{
    The right operand is read from stage `slot` of `tile`, from row `row` and
    column `column` on (multiples of 16 in the direction of K, of 8 in that of
    N), piece by piece as it is needed. With `transposed` it is the transpose of
    `N x K` elements (queries times keys); without, it is `K x N` elements
    (weights times values). `lhs` is `M x K`, `acc` is `M x N`.

    Constraints:
    * (mma_shared_c1) `lhs` has layout `lhs`; `acc` has layout `acc`, of f32.
    * (mma_shared_c2) `lhs` and `tile` have one element type.
    * (mma_shared_c3) `lhs` and `acc` have the same number of rows.
    * (mma_shared_c4) `row` and `column` are multiples of 16 in the direction of
      K, of 8 in that of N, as far as they are constants.
    * `tile` and positions are as tile_c1 to tile_c4 say.

    Example:

    ```mlir
    %s = nsa_tile.mma_shared %q, %k[%slot, %row, %c0] transposed, %zero after %ready
        : !nsa_tile.frag<16x128xbf16, lhs>, memref<2x64x128xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>, !nsa_tile.frag<16x64xf32, acc>
    ```
  }];
  let arguments = (ins
    Arg<NSATile_FragType, "`M x K`">:$lhs,
    Arg<AnyStaticShapeMemRef, "`[stages, rows, columns]`", [MemRead]>:$tile,
    Arg<I32, "the stage">:$slot,
    Arg<I32, "the first row">:$row,
    Arg<I32, "the first column">:$column,
    Arg<NSATile_FragType, "`M x N`">:$acc,
    Arg<NSATile_ReadyType, "of the wait for the tile">:$ready,
    UnitAttr:$transposed);
  let results = (outs Arg<NSATile_FragType, "`M x N`">:$result);
  let assemblyFormat = [{
    $lhs `,` $tile `[` $slot `,` $row `,` $column `]` (`transposed` $transposed^)? `,`
    $acc `after` $ready attr-dict `:` qualified(type($lhs)) `,` type($tile) `,`
    qualified(type($acc))
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Register tiles
//===----------------------------------------------------------------------===//

def NSATile_FillOp : NSATile_Op<"fill", [Pure]> {
  let summary = "a tile of one value";
  let description = [{
    Every element is `value`.

    Constraints:
    * (fill_c1) `value` has the tile's element type.

    Example:

    ```mlir
    %zero = nsa_tile.fill %c0 : f32 -> !nsa_tile.frag<16x64xf32, acc>
    ```
  }];
  let arguments = (ins Arg<AnyType, "every element">:$value);
  let results = (outs Arg<NSATile_FragType, "any layout">:$frag);
  let assemblyFormat = [{
    $value attr-dict `:` type($value) `->` qualified(type($frag))
  }];
  let hasVerifier = 1;
}

def NSATile_IotaOp : NSATile_Op<"iota", [Pure]> {
  let summary = "the numbers of a tile's rows or columns";
  let description = [{
    Element `i` is `i`.

    Constraints:
    * (iota_c1) the layout is `row` or `col`.
    * (iota_c2) the element type is i32.

    Example:

    ```mlir
    %rows = nsa_tile.iota : !nsa_tile.frag<16xi32, row>
    ```
  }];
  let results = (outs Arg<NSATile_FragType, "`0, 1, 2, ...`">:$frag);
  let assemblyFormat = "attr-dict `:` qualified(type($frag))";
  let hasVerifier = 1;
}

def NSATile_MapOp : NSATile_Op<"map", [RecursiveMemoryEffects]> {
  let summary = "computes a tile element by element";
  let description = [{
    The region gets one element of each input and yields one element of each
    result. All `acc` inputs and results have one shape; a `row` or `col` input
    beside them is broadcast along the other dimension. Without `acc`, all are
    `row` or all are `col`, of one size. The region may capture values from
    outside and may read memory; it must not contain ops of this dialect other
    than its `yield`.

    Constraints:
    * (map_c1) there is a result; inputs and results are `acc`, `row` or `col`.
    * (map_c2) without an `acc`, all have one layout and one size.
    * (map_c3) with one, all results are `acc`; each `acc` has its shape, a `row` as
      many elements as it has rows, a `col` as many as it has columns.
    * (map_c4) the region takes one element per input and yields one per result.
    * (map_c5) the region contains no other op of this dialect.

    Example:

    ```mlir
    %p = nsa_tile.map %s, %max : !nsa_tile.frag<16x64xf32, acc>, !nsa_tile.frag<16xf32, row> {
    ^bb0(%x: f32, %m: f32):
      %d = arith.subf %x, %m : f32
      %e = math.exp2 %d fastmath<afn> : f32
      nsa_tile.yield %e : f32
    } -> !nsa_tile.frag<16x64xf32, acc>
    ```
  }];
  let arguments = (ins
    Arg<Variadic<NSATile_FragType>, "one argument of the region each">:$inputs);
  let regions = (region SizedRegion<1>:$body);
  let results = (outs
    Arg<Variadic<NSATile_FragType>, "one yielded value each">:$results);
  let assemblyFormat = "$inputs `:` type($inputs) $body attr-dict `->` type($results)";
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def NSATile_MaskOp : NSATile_Op<"mask", [Pure, AllTypesMatch<["frag", "result"]>,
    AllTypesMatch<["begin", "end"]>]> {
  let summary = "keeps a range of columns of each row";
  let description = [{
    Element `(r, c)` stays where `begin[r] <= c < end[r]` (signed) and becomes
    `other` elsewhere.

    Constraints:
    * (mask_c1) `frag` is an `acc`; the result has its type.
    * (mask_c2) `begin` and `end` are a `row` of i32 with an element per row.
    * (mask_c3) `other` has the element type of `frag`.

    Example:

    ```mlir
    %s = nsa_tile.mask %scores from %begin to %end else %infinity : !nsa_tile.frag<16x64xf32, acc>, !nsa_tile.frag<16xi32, row>, f32
    ```
  }];
  let arguments = (ins
    Arg<NSATile_FragType, "`M x N`">:$frag,
    Arg<NSATile_FragType, "the first column that is kept, for each row">:$begin,
    Arg<NSATile_FragType, "the first column behind">:$end,
    Arg<AnyType, "what the rest becomes">:$other);
  let results = (outs Arg<NSATile_FragType, "`M x N`">:$result);
  let assemblyFormat = [{
    $frag `from` $begin `to` $end `else` $other attr-dict `:`
    qualified(type($frag)) `,` qualified(type($begin)) `,` type($other)
  }];
  let hasVerifier = 1;
}

def NSATile_ReduceOp : NSATile_Op<"reduce", [Pure]> {
  let summary = "reduces the rows or the columns of a tile";
  let description = [{
    Over `columns`, an `acc` of f32 becomes a `row` with one value per row; over
    `rows`, a `col` with one value per column. `max` gives NaN where one element
    is NaN. The order of additions is fixed. Lowers to register operations and
    `shfl.sync.bfly`.

    Constraints:
    * (reduce_c1) `frag` is an `acc` of f32.
    * (reduce_c2) over `columns` the result is a `row`, over `rows` a `col`.
    * (reduce_c3) it is of f32, with an element per row or column.

    Example:

    ```mlir
    %max = nsa_tile.reduce max %s over columns : !nsa_tile.frag<16x64xf32, acc> -> !nsa_tile.frag<16xf32, row>
    ```
  }];
  let arguments = (ins
    NSATile_ReductionAttr:$kind,
    NSATile_DimensionAttr:$over,
    Arg<NSATile_FragType, "`M x N`">:$frag);
  let results = (outs Arg<NSATile_FragType, "`M` or `N`">:$result);
  // An enum prints a space before itself.
  let assemblyFormat = [{
    `` $kind $frag `over` `` $over attr-dict `:` qualified(type($frag)) `->`
    qualified(type($result))
  }];
  let hasVerifier = 1;
}

def NSATile_CastOp : NSATile_Op<"cast", [Pure]> {
  let summary = "rounds a product to the left operand of the next";
  let description = [{
    `acc` of f32 to `lhs` of f16 or bf16, of one shape, rounding to nearest
    even. No element changes its lane. Lowers to `cvt.rn.{f16x2,bf16x2}.f32`.

    Constraints:
    * (cast_c1) `frag` is an `acc` of f32.
    * (cast_c2) the result is an `lhs`.
    * (cast_c3) both have one shape.

    Example:

    ```mlir
    %p = nsa_tile.cast %weights : !nsa_tile.frag<16x64xf32, acc> -> !nsa_tile.frag<16x64xbf16, lhs>
    ```
  }];
  let arguments = (ins Arg<NSATile_FragType, "`M x K`">:$frag);
  let results = (outs Arg<NSATile_FragType, "`M x K`">:$result);
  let assemblyFormat = [{
    $frag attr-dict `:` qualified(type($frag)) `->` qualified(type($result))
  }];
  let hasVerifier = 1;
}

def NSATile_LoadOp : NSATile_Op<"load", [RecursiveMemoryEffects]> {
  let summary = "reads a tile from memory";
  let description = [{
    For each row number the region yields indices into `source` and whether the
    row exists; where it does not, `other` stands. An `acc` takes its row from
    the last dimension, which is contiguous and has the tile's columns (the
    region yields the other indices); a `row` takes one element (the region
    yields all indices). Elements of `source` that are f16 or bf16 become f32.
    Global or shared memory without a swizzle.

    Constraints:
    * (load_c1) the result is an `acc` or a `row`.
    * (load_c2) f32 comes from f32, f16 or bf16; i32 from i32.
    * (load_c3) `source` has strides (no swizzle); for an `acc`, its last dimension
      has the tile's columns and stride 1, where that is known.
    * (load_c4) `other` has the result's element type.
    * (load_c5) the region takes a row number (i32), yields the indices (index) and
      whether the row exists (i1), and contains no other op of this dialect.

    Example:

    ```mlir
    %x = nsa_tile.load %lse else %c0 {
    ^bb0(%row: i32):
      ...
      nsa_tile.yield %token, %head, %exists : index, index, i1
    } : memref<?x64xf32>, f32 -> !nsa_tile.frag<16xf32, row>
    ```
  }];
  let arguments = (ins
    Arg<AnyMemRef, "memory with strides", [MemRead]>:$source,
    Arg<AnyType, "the elements of rows that do not exist">:$other);
  let regions = (region SizedRegion<1>:$address);
  let results = (outs Arg<NSATile_FragType, "an `acc` or a `row`">:$frag);
  let assemblyFormat = [{
    $source `else` $other $address attr-dict `:` type($source) `,` type($other)
    `->` qualified(type($frag))
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def NSATile_StoreOp : NSATile_Op<"store", [RecursiveMemoryEffects]> {
  let summary = "writes a tile to memory";
  let description = [{
    The counterpart of `load`: rows that do not exist are not written; f32 is
    rounded to the element type of `target` (nearest even). A `row` is written
    by one lane of the four that hold it.

    Constraints:
    * (store_c1) `frag` is an `acc` or a `row`.
    * (store_c2) f32 goes to f32, f16 or bf16; i32 to i32.
    * (store_c3) `target` is as load_c3 says.
    * (store_c4) the region is as load_c5 says.

    Example:

    ```mlir
    nsa_tile.store %o, %out {
    ^bb0(%row: i32):
      ...
      nsa_tile.yield %token, %head, %exists : index, index, i1
    } : !nsa_tile.frag<16x128xf32, acc>, memref<?x64x128xbf16>
    ```
  }];
  let arguments = (ins
    Arg<NSATile_FragType, "an `acc` or a `row`">:$frag,
    Arg<AnyMemRef, "memory with strides", [MemWrite]>:$target);
  let regions = (region SizedRegion<1>:$address);
  let assemblyFormat = [{
    $frag `,` $target $address attr-dict `:` qualified(type($frag)) `,` type($target)
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

//===----------------------------------------------------------------------===//
// The tile iterator
//===----------------------------------------------------------------------===//

// operandSegmentSizes may say that there is none, or several; MLIR's own
// verifiers let that pass.
def NSATile_OneCount : PredOpTrait<"count is one value",
    CPred<"getODSOperands(0).size() == 1">>;

def NSATile_IterateOp : NSATile_Op<"iterate", [RecursiveMemoryEffects,
    AttrSizedOperandSegments, NSATile_OneCount]> {
  let summary = "a pipelined loop over tiles that are copied to shared memory";
  let description = [{
    Tile `i` of `count` is copied to stage `i mod stages` while earlier ones are
    worked on. Regions:

    * `load (i: index, slot: i32)` issues the copies of tile `i` and yields
      them; it runs only for `i < count`. It says which rows a tile has: a dense
      range, a window, the blocks of a list, or gathered rows.
    * `begin (ready)`, which may be empty, runs once after the first copies were
      issued and the `pending` groups have arrived, everywhere in the block; what
      it yields is handed to `compute`.
    * `compute (i: index, slot: i32, ready, begun..., carried...)` works on tile
      `i`, and yields the next carried values.

    The results are the carried values after the last tile (`inits` for
    `count = 0`), then what `begin` yielded. All threads of the block have the
    same `count`. There is a barrier between the copies' arrival and `compute`,
    and none behind the last `compute`.

    Constraints:
    * (iterate_c1) `stages` is at least 2.
    * (iterate_c2) `begin` has no block, or one that takes a `ready`.
    * (iterate_c3) `load` takes the tile's number (index) and stage (i32) and yields
      copies.
    * (iterate_c4) `compute` takes the tile's number (index), its stage (i32), a
      `ready`, what `begin` yields, and the carried values; it yields the next
      carried values.
    * (iterate_c5) the results are the carried values, then what `begin` yields.
    * (iterate_c6) tiles that `load` copies to have at least `stages` stages.

    Example:

    ```mlir
    %o = nsa_tile.iterate %count stages 2 init(%zero : !nsa_tile.frag<16x64xf32, acc>) begin {} load {
    ^bb0(%i: index, %slot: i32):
      %c = nsa_tile.load_async %k, %tile[%slot] threads 128 { ... } : ...
      nsa_tile.yield %c : !nsa_tile.copy
    } compute {
    ^bb0(%i: index, %slot: i32, %ready: !nsa_tile.ready, %acc: !nsa_tile.frag<16x64xf32, acc>):
      %next = nsa_tile.mma_shared %q, %tile[%slot, %c0, %c0] transposed, %acc after %ready : ...
      nsa_tile.yield %next : !nsa_tile.frag<16x64xf32, acc>
    } -> !nsa_tile.frag<16x64xf32, acc>
    ```
  }];
  let arguments = (ins
    Arg<Index, "number of tiles">:$count,
    I64Attr:$stages,
    Arg<Variadic<NSATile_GroupType>, "groups that `begin` waits for">:$pending,
    Arg<Variadic<AnyType>, "carried values before the first tile">:$inits);
  let regions = (region AnyRegion:$begin, SizedRegion<1>:$load, SizedRegion<1>:$compute);
  let results = (outs
    Arg<Variadic<AnyType>, "carried values, then what `begin` yields">:$results);
  let assemblyFormat = [{
    $count `stages` $stages (`pending` `(` $pending^ `)`)?
    (`init` `(` $inits^ `:` type($inits) `)`)?
    `begin` $begin `load` $load `compute` $compute attr-dict
    (`->` type($results)^)?
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def NSATile_YieldOp : NSATile_Op<"yield", [Pure, Terminator, ReturnLike,
    ParentOneOf<["LoadAsyncOp", "MapOp", "LoadOp", "StoreOp", "IterateOp"]>]> {
  let summary = "ends a region";
  let arguments = (ins
    Arg<Variadic<AnyType>, "the values of the region">:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
}

#endif // NSA_DIALECT_NSATILE_IR_NSATILEOPS_TD
