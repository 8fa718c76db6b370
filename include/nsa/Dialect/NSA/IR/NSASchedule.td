//===- NSASchedule.td - How an op runs on a GPU ------------*- tablegen -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #nsa.schedule: the kernel family of an op and the sizes of its tiles.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_DIALECT_NSA_IR_NSASCHEDULE_TD
#define NSA_DIALECT_NSA_IR_NSASCHEDULE_TD

include "mlir/IR/AttrTypeBase.td"
include "nsa/Dialect/NSA/IR/NSAAttributes.td"

def NSA_ScheduleFamily : NSA_Enum<"ScheduleFamily", "the family of kernels that an op is lowered to",
  [I32EnumAttrCase<"Plain", 0, "plain">,
   I32EnumAttrCase<"Dense", 1, "dense">,
   I32EnumAttrCase<"QueryMajor", 2, "query_major">,
   I32EnumAttrCase<"Union", 3, "union">,
   I32EnumAttrCase<"Vector", 4, "vector">]>;

def NSA_ScheduleAttr : AttrDef<NSA_Dialect, "Schedule"> {
  let mnemonic = "schedule";
  let summary = "how an op is run on a GPU";
  let description = [{
    Which family of kernels an op is lowered to, and the sizes of the tiles of
    its thread blocks. It never changes what an op computes. It stands on an op
    as the discardable attribute `nsa.schedule`.

    | family | for | meaning |
    |---|---|---|
    | `plain` | every op | no tensor cores, any element type and size |
    | `dense` | `compressed_attention`, `window_attention`, a `selection` fusion | a tile of neighbouring queries walks a range of keys |
    | `query_major` | `selected_attention`, a `gated` fusion | one query walks its list of blocks |
    | `union` | `selected_attention`, a `gated` fusion | several queries walk the union of their lists; rows mask what they did not choose |
    | `vector` | `compress`, `gate`, `merge` | no tiles; accesses of 16 bytes |

    `dense`, `query_major` and `union` have tiles, and give all of

    * `queries`: queries in a tile;
    * `keys`: keys in a tile;
    * `row_warps`, `key_warps`: a thread block has `row_warps * key_warps`
      warps. Its rows are pairs of a query and a head of a key/value head's
      group, `row = query * Rt + head`, 16 rows a row warp; `Rt` is the largest
      divisor of the group's `R` heads that is at most
      `16 * row_warps / queries`. With `key_warps > 1` the keys of a tile are
      split among that many warps, which merge what they have at the end;
    * `stages`: key tiles in shared memory at a time.

    Constraints of the attribute; what depends on the op and on the chip is
    checked by `nsa-set-schedule`:

    * `plain` and `vector` have no numbers;
    * `queries >= 1`; 1 in `query_major`, 2 to 32 in `union`;
      `queries <= 16 * row_warps`;
    * `keys` is a multiple of `16 * key_warps`, at most 1024;
    * `row_warps >= 1`, `key_warps >= 1`, `row_warps * key_warps <= 32`;
    * `stages` is 2 to 8.

    Example:

    ```mlir
    %o, %lse = nsa.window_attention %q, %k, %v
        {window = 512, nsa.schedule = #nsa.schedule<dense, queries = 4, keys = 64, row_warps = 4, key_warps = 1, stages = 2>}
        : (tensor<?x?x64x128xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x4x128xbf16>)
        -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>)
    %g = nsa.gate %o0, %o1 gates(%w) {nsa.schedule = #nsa.schedule<vector>}
        : (tensor<?x?x64x128xbf16>, tensor<?x?x64x128xbf16>, tensor<?x?x64x2xf32>)
        -> tensor<?x?x64x128xbf16>
    ```
  }];
  let parameters = (ins
    EnumParameter<NSA_ScheduleFamily>:$family,
    AttrParameter<"int64_t", "queries in a tile; 0 without tiles">:$queries,
    AttrParameter<"int64_t", "keys in a tile">:$keys,
    AttrParameter<"int64_t", "warps that share the rows of a tile">:$rowWarps,
    AttrParameter<"int64_t", "warps that share the keys of a tile">:$keyWarps,
    AttrParameter<"int64_t", "key tiles in shared memory">:$stages);
  let builders = [
    AttrBuilder<(ins "::mlir::nsa::ScheduleFamily":$family), [{
      return $_get($_ctxt, family, 0, 0, 0, 0, 0);
    }]>
  ];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Whether the family has tiles, and the numbers that go with them.
    static bool hasTiles(::mlir::nsa::ScheduleFamily family);
    bool hasTiles() const { return hasTiles(getFamily()); }
    /// Rows of a tile, of which the last may be unused.
    int64_t getRows() const { return 16 * getRowWarps(); }
    /// Warps and threads of a thread block.
    int64_t getWarps() const { return getRowWarps() * getKeyWarps(); }
    int64_t getThreads() const { return 32 * getWarps(); }
    /// Heads of a group of `headsPerGroup` that one tile has: the most that its
    /// rows hold for each query and that divide the group.
    int64_t getTileHeads(int64_t headsPerGroup) const;
  }];
}

#endif // NSA_DIALECT_NSA_IR_NSASCHEDULE_TD
