//===- NSATileDialect.td - The nsa_tile dialect ------------*- tablegen -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The dialect, its types and its attributes.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_DIALECT_NSATILE_IR_NSATILEDIALECT_TD
#define NSA_DIALECT_NSATILE_IR_NSATILEDIALECT_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def NSATile_Dialect : Dialect {
  let name = "nsa_tile";
  let cppNamespace = "::mlir::nsa_tile";
  let summary = "The program of one thread block, with explicit layouts and copies";
  let description = [{
    The inside of a tensor-core kernel (`gpu.launch` or `gpu.func`): register
    tiles with a layout from a closed set, tiles of shared memory with a
    swizzle, asynchronous copies in explicit groups, and `mma`. Nothing is
    inferred: a program whose layouts do not fit is rejected.

    **Threads.** A block has `32 x W x 1` threads: thread x is the lane, thread
    y the warp. Every op is executed by all lanes of a warp together. A *frag*
    belongs to one warp, and each warp has its own; `load_async` is done by all
    threads of the block together.

    **Copies** are tracked by values that are used exactly once: `load_async`
    gives a `!nsa_tile.copy`, `commit` makes one `!nsa_tile.group` of copies,
    `wait` turns groups into `!nsa_tile.ready`, and what reads shared memory
    that was copied takes the ready value. `iterate` is the pipelined loop over
    tiles; `nsa-tile-pipeline` expands it to copies, groups and waits.

    Positions inside a tile are `i32`; indices of global memory are `index` (64
    bits).

    **Tiles of shared memory**, as every op that names one demands:
    * (tile_c1) a memref `[stages, rows, columns]` of known sizes, in the
      workgroup's address space.
    * (tile_c2) its elements are f16 or bf16.
    * (tile_c3) its layout is a swizzle, whose bytes divide those of a row.
    * (tile_c4) the stage, and the rows and columns that an op reads, are in the
      tile, as far as positions are constants.
  }];
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

class NSATile_Enum<string name, string summary, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::mlir::nsa_tile";
  let genSpecializedAttr = 0;
}
class NSATile_EnumAttr<EnumInfo info, string mnemonic>
    : EnumAttr<NSATile_Dialect, info, mnemonic> {
  let assemblyFormat = "$value";
}

def NSATile_Layout : NSATile_Enum<"Layout", "where the lanes of a warp hold a tile",
  [I32EnumAttrCase<"Acc", 0, "acc">,
   I32EnumAttrCase<"Lhs", 1, "lhs">,
   I32EnumAttrCase<"Rhs", 2, "rhs">,
   I32EnumAttrCase<"Row", 3, "row">,
   I32EnumAttrCase<"Col", 4, "col">]>;

def NSATile_Dimension : NSATile_Enum<"Dimension", "what a reduction sums over",
  [I32EnumAttrCase<"Rows", 0, "rows">,
   I32EnumAttrCase<"Columns", 1, "columns">]>;
def NSATile_DimensionAttr : NSATile_EnumAttr<NSATile_Dimension, "dimension">;

def NSATile_Reduction : NSATile_Enum<"Reduction", "how a reduction combines",
  [I32EnumAttrCase<"Add", 0, "add">,
   I32EnumAttrCase<"Max", 1, "max">]>;
def NSATile_ReductionAttr : NSATile_EnumAttr<NSATile_Reduction, "reduction">;

def NSATile_SwizzleAttr : AttrDef<NSATile_Dialect, "Swizzle",
    [DeclareAttrInterfaceMethods<MemRefLayoutAttrInterface,
        ["getAffineMap", "isIdentity", "verifyLayout", "getStridesAndOffset"]>]> {
  let mnemonic = "swizzle";
  let summary = "the order of 16-byte pieces in rows of shared memory";
  let description = [{
    The layout of a tile in shared memory `[stage, row, column]`: row-major, and
    piece `p` (of 16 bytes) of row `r` lies where piece `p xor ((r div
    (128/bytes)) mod (bytes/16))` would. Eight rows of one piece are then in
    different banks, as `ldmatrix` reads them, if `bytes` is the largest of 32, 64
    and 128 that divides the bytes of a row.

    The exclusive or is no affine map: `getAffineMap` is the identity of the
    right rank, but the layout is not the identity and has no strides, so that
    only ops of this dialect can access such a buffer.

    Constraints:
    * (swizzle_c1) `bytes` is 32, 64 or 128.
    * (swizzle_c2) the memref has rank 3.
  }];
  let parameters = (ins "int64_t":$bytes);
  let assemblyFormat = "`<` $bytes `>`";
  let genVerifyDecl = 1;
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

class NSATile_Type<string name, string typeMnemonic, list<Trait> traits = []>
    : TypeDef<NSATile_Dialect, name, traits> {
  let mnemonic = typeMnemonic;
}

def NSATile_FragType : NSATile_Type<"Frag", "frag"> {
  let summary = "a tile in the registers of a warp";
  let description = [{
    The layouts are those of `mma.sync.m16n8k16` (PTX ISA, "Matrix fragments for
    mma.m16n8k16"), repeated over the tile. With `g = lane / 4`, `c = lane % 4`:

    | layout | shape | elements | one lane holds |
    |---|---|---|---|
    | `acc` | `M x N`, `16 | M`, `8 | N` | f32, i32, i1 | rows `g`, `g + 8` of every 16, columns `2c`, `2c + 1` of every 8 |
    | `lhs` | `M x K`, `16 | M`, `16 | K` | f16, bf16 | rows `g`, `g + 8`, columns `2c`, `2c + 1`, `2c + 8`, `2c + 9` of every 16 |
    | `rhs` | `K x N`, `16 | K`, `8 | N` | f16, bf16 | rows `2c`, `2c + 1`, `2c + 8`, `2c + 9`, column `g` of every 8 |
    | `row` | `M`, `16 | M` | f32, i32, i1, index | elements `g`, `g + 8` of every 16: what belongs to the rows of an `acc` |
    | `col` | `N`, `8 | N` | f32, i32, i1, index | elements `2c`, `2c + 1` of every 8: what belongs to the columns of an `acc` |

    `acc` with 16 columns holds the same elements as `lhs` with 16 columns: that
    is why a product can be the left operand of the next one without moving.

    Values per lane, in order: for `acc`, per 16 rows, per 8 columns, the four
    elements `(g, 2c), (g, 2c+1), (g+8, 2c), (g+8, 2c+1)`; for `lhs`, per 16
    rows, per 16 columns, four i32 with two elements each: `(g, 2c), (g+8, 2c),
    (g, 2c+8), (g+8, 2c+8)`; for `rhs`, per 16 rows, per 8 columns, two i32 with
    two elements each: `(2c, g), (2c+8, g)`; for `row`, per 16, two; for `col`,
    per 8, two.

    Constraints:
    * (frag_c1) the rank is that of the layout's shape.
    * (frag_c2) sizes are positive and multiples as the table says.
    * (frag_c3) the element type is one of the table's.
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape, "Type":$elementType,
                        "Layout":$layout);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    int64_t getRank() const { return getShape().size(); }
    int64_t getDim(int64_t i) const { return getShape()[i]; }
    /// Values per lane: of the element type, or i32 with two elements for `lhs`
    /// and `rhs`.
    int64_t getNumValues() const;
  }];
}

def NSATile_CopyType : NSATile_Type<"Copy", "copy"> {
  let summary = "a copy that was issued and belongs to no group yet";
}
def NSATile_GroupType : NSATile_Type<"Group", "group"> {
  let summary = "copies that complete together";
}
def NSATile_ReadyType : NSATile_Type<"Ready", "ready"> {
  let summary = "groups whose copies have arrived, in this thread's view";
}

#endif // NSA_DIALECT_NSATILE_IR_NSATILEDIALECT_TD
