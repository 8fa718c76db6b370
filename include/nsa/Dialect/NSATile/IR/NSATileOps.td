//===- NSATileOps.td - Ops of the nsa_tile dialect ---------*- tablegen -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
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

    ```mlir
    %k = nsa_tile.shared at 16384 : memref<2x64x128xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
    ```
  }];
  let arguments = (ins I64Attr:$offset);
  let results = (outs AnyStaticShapeMemRef:$tile);
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

    ```mlir
    %c = nsa_tile.load_async %k, %tile[%slot] threads 128 {
    ^bb0(%row: i32):
      ...
      nsa_tile.yield %batch, %token, %head, %exists : index, index, index, i1
    } : memref<?x?x4x128xbf16, strided<[?, ?, ?, 1], offset: ?>>, memref<2x64x128xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
    ```
  }];
  let arguments = (ins Arg<AnyMemRef, "", [MemRead]>:$source,
                       Arg<AnyStaticShapeMemRef, "", [MemWrite]>:$tile,
                       I32:$slot, I64Attr:$threads);
  let regions = (region SizedRegion<1>:$address);
  let results = (outs NSATile_CopyType:$copy);
  let assemblyFormat = [{
    $source `,` $tile `[` $slot `]` `threads` $threads $address attr-dict `:`
    type($source) `,` type($tile)
  }];
  let hasVerifier = 1;
}

def NSATile_NoCopyOp : NSATile_Op<"no_copy", [Pure]> {
  let summary = "a copy of nothing";
  let description = "What a branch yields that copies nothing.";
  let results = (outs NSATile_CopyType:$copy);
  let assemblyFormat = "attr-dict";
}

def NSATile_CommitOp : NSATile_Op<"commit", [MemoryEffects<[MemWrite<NSATile_Copies>]>]> {
  let summary = "closes a group of copies";
  let description = [{
    Every copy is committed exactly once, after it was issued and before any
    later `commit`. A group may be empty. Lowers to `cp.async.commit_group`.
  }];
  let arguments = (ins Variadic<NSATile_CopyType>:$copies);
  let results = (outs NSATile_GroupType:$group);
  let assemblyFormat = "$copies attr-dict";
}

def NSATile_WaitOp : NSATile_Op<"wait", [MemoryEffects<[MemWrite<NSATile_Copies>, MemRead<NSATile_Copies>]>]> {
  let summary = "waits for groups of copies";
  let description = [{
    Waits until this thread's copies of `groups` have arrived; `newer` groups
    that were committed later may be in flight still. What other threads copied
    is visible after a `gpu.barrier` behind the wait. Every group is waited for
    (or dropped) exactly once. Lowers to `cp.async.wait_group newer`.
  }];
  let arguments = (ins Variadic<NSATile_GroupType>:$groups, I32Attr:$newer);
  let results = (outs NSATile_ReadyType:$ready);
  let assemblyFormat = "$groups `newer` $newer attr-dict";
  let hasVerifier = 1;
}

def NSATile_DropOp : NSATile_Op<"drop", [MemoryEffects<[MemWrite<NSATile_Copies>]>]> {
  let summary = "ends groups that hold no copy";
  let description = "What remains after a pipelined loop: groups that are empty by construction.";
  let arguments = (ins Variadic<NSATile_GroupType>:$groups);
  let assemblyFormat = "$groups attr-dict";
}

def NSATile_LoadFragOp : NSATile_Op<"load_frag"> {
  let summary = "reads a tile of shared memory into the left operand's layout";
  let description = [{
    Reads rows `row ..` and columns `column ..` of stage `slot`; the result's
    shape says how many. `row` and `column` are multiples of 8. Lowers to
    `ldmatrix.x4` (PTX ISA, "ldmatrix").
  }];
  let arguments = (ins Arg<AnyStaticShapeMemRef, "", [MemRead]>:$tile, I32:$slot,
                       I32:$row, I32:$column, NSATile_ReadyType:$ready);
  let results = (outs NSATile_FragType:$frag);
  let assemblyFormat = [{
    $tile `[` $slot `,` $row `,` $column `]` `after` $ready attr-dict `:`
    type($tile) `->` type($frag)
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
  }];
  let arguments = (ins NSATile_FragType:$lhs, NSATile_FragType:$rhs, NSATile_FragType:$acc);
  let results = (outs NSATile_FragType:$result);
  let assemblyFormat = "$lhs `,` $rhs `,` $acc attr-dict `:` type($lhs) `,` type($rhs) `,` type($acc)";
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

    ```mlir
    %s = nsa_tile.mma_shared %q, %k[%slot, %row, %c0] transposed, %zero after %ready
        : !nsa_tile.frag<16x128xbf16, lhs>, memref<2x64x128xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>, !nsa_tile.frag<16x64xf32, acc>
    ```
  }];
  let arguments = (ins NSATile_FragType:$lhs,
                       Arg<AnyStaticShapeMemRef, "", [MemRead]>:$tile, I32:$slot,
                       I32:$row, I32:$column, NSATile_FragType:$acc,
                       NSATile_ReadyType:$ready, UnitAttr:$transposed);
  let results = (outs NSATile_FragType:$result);
  let assemblyFormat = [{
    $lhs `,` $tile `[` $slot `,` $row `,` $column `]` (`transposed` $transposed^)? `,`
    $acc `after` $ready attr-dict `:` type($lhs) `,` type($tile) `,` type($acc)
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Register tiles
//===----------------------------------------------------------------------===//

def NSATile_FillOp : NSATile_Op<"fill", [Pure]> {
  let summary = "a tile of one value";
  let arguments = (ins AnyType:$value);
  let results = (outs NSATile_FragType:$frag);
  let assemblyFormat = "$value attr-dict `:` type($value) `->` type($frag)";
  let hasVerifier = 1;
}

def NSATile_IotaOp : NSATile_Op<"iota", [Pure]> {
  let summary = "the numbers of a tile's rows or columns";
  let description = "Element `i` is `i`; the layout is `row` or `col`, the element type i32.";
  let results = (outs NSATile_FragType:$frag);
  let assemblyFormat = "attr-dict `:` type($frag)";
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

    ```mlir
    %p = nsa_tile.map %s, %max : !nsa_tile.frag<16x64xf32, acc>, !nsa_tile.frag<16xf32, row> {
    ^bb0(%x: f32, %m: f32):
      %d = arith.subf %x, %m : f32
      %e = math.exp2 %d fastmath<afn> : f32
      nsa_tile.yield %e : f32
    } -> !nsa_tile.frag<16x64xf32, acc>
    ```
  }];
  let arguments = (ins Variadic<NSATile_FragType>:$inputs);
  let regions = (region SizedRegion<1>:$body);
  let results = (outs Variadic<NSATile_FragType>:$results);
  let assemblyFormat = "$inputs `:` type($inputs) $body attr-dict `->` type($results)";
  let hasVerifier = 1;
}

def NSATile_MaskOp : NSATile_Op<"mask", [Pure, AllTypesMatch<["frag", "result"]>,
    AllTypesMatch<["begin", "end"]>]> {
  let summary = "keeps a range of columns of each row";
  let description = [{
    Element `(r, c)` stays where `begin[r] <= c < end[r]` (signed) and becomes
    `other` elsewhere.
  }];
  let arguments = (ins NSATile_FragType:$frag, NSATile_FragType:$begin,
                       NSATile_FragType:$end, AnyType:$other);
  let results = (outs NSATile_FragType:$result);
  let assemblyFormat = [{
    $frag `from` $begin `to` $end `else` $other attr-dict `:` type($frag) `,` type($begin) `,` type($other)
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
  }];
  let arguments = (ins NSATile_ReductionAttr:$kind, NSATile_DimensionAttr:$over,
                       NSATile_FragType:$frag);
  let results = (outs NSATile_FragType:$result);
  let assemblyFormat = "$kind $frag `over` $over attr-dict `:` type($frag) `->` type($result)";
  let hasVerifier = 1;
}

def NSATile_CastOp : NSATile_Op<"cast", [Pure]> {
  let summary = "rounds a product to the left operand of the next";
  let description = [{
    `acc` of f32 to `lhs` of f16 or bf16, of one shape, rounding to nearest
    even. No element changes its lane. Lowers to `cvt.rn.{f16x2,bf16x2}.f32`.
  }];
  let arguments = (ins NSATile_FragType:$frag);
  let results = (outs NSATile_FragType:$result);
  let assemblyFormat = "$frag attr-dict `:` type($frag) `->` type($result)";
  let hasVerifier = 1;
}

def NSATile_LoadOp : NSATile_Op<"load", [RecursiveMemoryEffects]> {
  let summary = "reads a tile from memory";
  let description = [{
    For each row number the region yields indices into `source` and whether the
    row exists; where it does not, `other` stands. An `acc` takes its row from
    the last dimension, which is contiguous and has the tile's columns (the
    region yields the other indices); a `row` takes one element (the region
    yields all indices). Elements of `source` (f32, f16, bf16) become f32. Global
    or shared memory without a swizzle.
  }];
  let arguments = (ins Arg<AnyMemRef, "", [MemRead]>:$source, AnyType:$other);
  let regions = (region SizedRegion<1>:$address);
  let results = (outs NSATile_FragType:$frag);
  let assemblyFormat = [{
    $source `else` $other $address attr-dict `:` type($source) `,` type($other) `->` type($frag)
  }];
  let hasVerifier = 1;
}

def NSATile_StoreOp : NSATile_Op<"store", [RecursiveMemoryEffects]> {
  let summary = "writes a tile to memory";
  let description = [{
    The counterpart of `load`: rows that do not exist are not written; f32 is
    rounded to the element type of `target` (nearest even). A `row` is written
    by one lane of the four that hold it.
  }];
  let arguments = (ins NSATile_FragType:$frag, Arg<AnyMemRef, "", [MemWrite]>:$target);
  let regions = (region SizedRegion<1>:$address);
  let assemblyFormat = [{
    $frag `,` $target $address attr-dict `:` type($frag) `,` type($target)
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// The tile iterator
//===----------------------------------------------------------------------===//

def NSATile_IterateOp : NSATile_Op<"iterate", [RecursiveMemoryEffects,
    AttrSizedOperandSegments]> {
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
    `count = 0`), then what `begin` yielded. All threads of the block have the same `count`. There is a
    barrier between the copies' arrival and `compute`, and none behind the last
    `compute`.
  }];
  let arguments = (ins Index:$count, I64Attr:$stages,
                       Variadic<NSATile_GroupType>:$pending,
                       Variadic<AnyType>:$inits);
  let regions = (region AnyRegion:$begin, SizedRegion<1>:$load, SizedRegion<1>:$compute);
  let results = (outs Variadic<AnyType>:$results);
  let assemblyFormat = [{
    $count `stages` $stages (`pending` `(` $pending^ `)`)?
    (`init` `(` $inits^ `:` type($inits) `)`)?
    `begin` $begin `load` $load `compute` $compute attr-dict
    (`->` type($results)^)?
  }];
  let hasVerifier = 1;
}

def NSATile_YieldOp : NSATile_Op<"yield", [Pure, Terminator, ReturnLike,
    ParentOneOf<["LoadAsyncOp", "MapOp", "LoadOp", "StoreOp", "IterateOp"]>]> {
  let summary = "ends a region";
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
}

#endif // NSA_DIALECT_NSATILE_IR_NSATILEOPS_TD
