//===- Passes.td - Passes on the nsa_tile dialect ----------*- tablegen -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NSA_DIALECT_NSATILE_TRANSFORMS_PASSES_TD
#define NSA_DIALECT_NSATILE_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def NSATilePipeline : Pass<"nsa-tile-pipeline"> {
  let summary = "Expand nsa_tile.iterate to copies, groups and waits";
  let description = [{
    Replaces each `nsa_tile.iterate` with `S` stages by

    1. the copies of tiles `0 .. S-2`, each in a group of its own;
    2. where there is a `begin` region, a wait for the pending groups, a barrier
       and the region; without one, the wait alone where groups are pending;
    3. an `scf.for` over the tiles. It carries the `S - 1` groups in flight and
       the stage of its tile. Tile `i` waits for its group, then for the block's
       other threads at a barrier; then the copies of tile `i + S - 1` are issued
       and `compute` works on tile `i`;
    4. a `drop` of the groups that remain, which are empty.

    Copies are issued only for tiles below `count`, but a group is committed for
    each, so that the number of newer groups that a wait names is a constant.
    The stage that tile `i + S - 1` is copied to is that of tile `i - 1`: behind
    the barrier, every thread is done with it.

    Works on any op; without `iterate` it does nothing. `load` regions are
    cloned `S` times. A remark `nsa-tile-pipeline` is emitted per op.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::gpu::GPUDialect",
                           "::mlir::nsa_tile::NSATileDialect",
                           "::mlir::scf::SCFDialect"];
}

def NSATileVerify : Pass<"nsa-tile-verify"> {
  let summary = "Check the flow of copies to what reads them";
  let description = [{
    What takes more than one op to see. Values are followed through `scf.if`,
    `scf.for` and `nsa_tile.iterate`; where one comes from elsewhere (another op
    with regions, an argument of a function), nothing is said of it. Changes
    nothing.

    Constraints:
    * (copies_c1) every copy is committed, every group waited for or dropped.
    * (copies_c2) both are used exactly once; only a copy of `no_copy` may be
      used several times, since it copies nothing.
    * (copies_c3) they are used in the block they belong to, by an op of this
      dialect, `scf.for` or `scf.yield`: not in a loop around which they were
      made, nor in one branch only.
    * (copies_c4) a `wait` covers its groups: at least `newer` groups are
      committed after each of them, on every way to the wait.
    * (copies_c5) what reads a tile after a `wait` reads a tile that one of the
      wait's groups copied to.
    * (copies_c6) there is a `gpu.barrier` between a `wait` and what reads after
      it: the block's threads copied together.
    * (copies_c7) while a stage of a tile is read, copies in flight write to at
      most all its other stages.
    * (copies_c8) tiles of `shared` that overlap and have one shape have one
      swizzle.

    Run it behind `nsa-tile-pipeline`: of what an `iterate` will have in flight,
    only the regions are looked at.
  }];
}

#endif // NSA_DIALECT_NSATILE_TRANSFORMS_PASSES_TD
