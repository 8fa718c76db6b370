// Options and schedules that nsa-set-schedule refuses, each with the reason.

// DEFINE: %{opt} =
// DEFINE: %{only} = f
// DEFINE: %{check} = not nsa-opt %t/%{only}.mlir --nsa-set-schedule="%{opt}" 2>&1 | FileCheck %s --check-prefix
// RUN: split-file %s %t

// REDEFINE: %{opt} = chip=sm_75
// RUN: %{check}=CHIP
// CHIP: error: nsa-set-schedule: nothing is known of chip 'sm_75'; known are sm_80, sm_86, sm_87, sm_89, sm_90, sm_100, sm_103, sm_120, and a target-system specification can override what is known of them
// REDEFINE: %{opt} = batch=0
// RUN: %{check}=BATCH
// BATCH: error: nsa-set-schedule: batch (0) must be 1 to 2147483647
// REDEFINE: %{opt} = tokens=2147483648
// RUN: %{check}=TOKENS
// TOKENS: error: nsa-set-schedule: tokens (2147483648) must be 1 to 2147483647
// REDEFINE: %{opt} = union-agreement=0.5
// RUN: %{check}=AGREEMENT
// AGREEMENT: error: nsa-set-schedule: union-agreement (5.000000e-01) must be 1 to 4: distinct blocks of 4 queries over those of one
// REDEFINE: %{opt} = family=fast
// RUN: %{check}=FAMILY
// FAMILY: error: nsa-set-schedule: unknown family 'fast', expected plain, dense, query_major, union or vector
// REDEFINE: %{opt} = family=vector keys=64
// RUN: %{check}=VECTOR
// VECTOR: error: nsa-set-schedule: family vector has no tiles, but numbers for them are given
// REDEFINE: %{opt} = keys=-16
// RUN: %{check}=NEGATIVE
// NEGATIVE: error: nsa-set-schedule: keys (-16) must not be negative

// What no op can have, and what this op cannot have on this chip.
// REDEFINE: %{opt} = chip=sm_90 keys=72
// RUN: %{check}=KEYS
// KEYS: f.mlir:3:14: error: nsa-set-schedule: with the options given, keys (72) must be a multiple of 16 * key_warps (16)
// REDEFINE: %{opt} = chip=sm_90 family=query_major queries=2
// RUN: %{check}=QUERIES
// QUERIES: f.mlir:5:15: error: nsa-set-schedule: with the options given, queries (2) must be 1 in query_major
// REDEFINE: %{opt} = chip=sm_86 keys=256 row-warps=4 key-warps=1
// RUN: %{check}=SHARED
// SHARED: f.mlir:3:14: error: nsa-set-schedule: nsa.window_attention: schedule from options cannot be had: #nsa.schedule<dense, queries = 4, keys = 256, row_warps = 4, key_warps = 1, stages = 2>: shared memory (278528 bytes) is more than a block may have on sm_86 (101376): queries 16384, stages 262144
// REDEFINE: %{opt} = chip=sm_86 family=union queries=8 keys=32 row-warps=8 key-warps=4 stages=2
// RUN: %{check}=MERGE
// MERGE: f.mlir:5:15: error: nsa-set-schedule: with the options given, keys (32) must be a multiple of 16 * key_warps (64)
// REDEFINE: %{opt} = chip=sm_86 family=union queries=8 keys=64 row-warps=8 key-warps=4 stages=2
// RUN: %{check}=SCRATCH
// SCRATCH: shared memory (366720 bytes) is more than a block may have on sm_86 (101376): queries 32768, merging of key warps 331776, union 2052

// An attribute is checked too; so is a file's schedule.
// REDEFINE: %{only} = attribute
// REDEFINE: %{opt} = chip=sm_80
// RUN: %{check}=ATTRIBUTE
// ATTRIBUTE: attribute.mlir:3:14: error: nsa-set-schedule: nsa.window_attention: schedule from attribute cannot be had: #nsa.schedule<dense, queries = 1, keys = 256, row_warps = 1, key_warps = 16, stages = 2>: Dv (128) must be a multiple of 16 * key_warps (256): each sums some columns of all
// ATTRIBUTE: attribute.mlir:6:15: error: nsa-set-schedule: nsa.selected_attention: schedule from attribute cannot be had: #nsa.schedule<union, {{.*}}>: the width of the lists is dynamic, but the union has a place in shared memory for every entry
// ATTRIBUTE: attribute.mlir:9:8: error: nsa-set-schedule: nsa.gate: schedule from attribute cannot be had: #nsa.schedule<vector>: family vector does not serve it: 'branches[0]' has element type f32, not f16 or bf16
// REDEFINE: %{only} = f
// REDEFINE: %{opt} = chip=sm_86 tuning=%t/large.json
// RUN: %{check}=LARGE
// LARGE: f.mlir:3:14: error: nsa-set-schedule: nsa.window_attention: schedule from entry 0 of {{.*}}large.json cannot be had: #nsa.schedule<dense, {{.*}}>: shared memory (147456 bytes) is more than a block may have on sm_86 (101376): queries 16384, stages 131072
// REDEFINE: %{opt} = chip=sm_86 tuning=%t/family.json
// RUN: %{check}=WRONG
// WRONG: f.mlir:3:14: error: nsa-set-schedule: nsa.window_attention: schedule from entry 0 of {{.*}}family.json cannot be had: #nsa.schedule<vector>: nsa.window_attention has no kernels of family vector; it has plain, dense

// Heads that share a list stand in one tile.
// REDEFINE: %{only} = heads
// REDEFINE: %{opt} = chip=sm_90
// RUN: %{check}=HEADS
// HEADS: heads.mlir:3:10: error: nsa-set-schedule: nsa.fusion: schedule from attribute cannot be had: {{.*}}: the 32 heads that share a list must be in one tile, but 16 * row_warps / queries is 16

// Files that cannot be read, at the place that is wrong.
// REDEFINE: %{only} = f
// REDEFINE: %{opt} = tuning=%t/absent.json
// RUN: %{check}=ABSENT
// ABSENT: absent.json:1:1: error: tuning file: cannot open input file '{{.*}}absent.json': No such file or directory; give an existing file, or no tuning
// REDEFINE: %{opt} = tuning=%t/syntax.json
// RUN: %{check}=SYNTAX
// SYNTAX: syntax.json:2:1: error: tuning file: not JSON: Expected , or } after object property
// REDEFINE: %{opt} = tuning=%t/object.json
// RUN: %{check}=OBJECT
// OBJECT: object.json:1:1: error: tuning file: is no array of entries
// REDEFINE: %{opt} = tuning=%t/number.json
// RUN: %{check}=NUMBER
// NUMBER: number.json:1:1: error: tuning file: entry 1: is no object
// REDEFINE: %{opt} = tuning=%t/noop.json
// RUN: %{check}=NOOP
// NOOP: error: tuning file: entry 0: needs 'op'
// REDEFINE: %{opt} = tuning=%t/noschedule.json
// RUN: %{check}=NOSCHEDULE
// NOSCHEDULE: error: tuning file: entry 0: needs 'schedule'
// REDEFINE: %{opt} = tuning=%t/key.json
// RUN: %{check}=UNKNOWN
// UNKNOWN: error: tuning file: entry 0: has an unknown key 'head'; known are op, kind, chip, dtype, heads, kv_heads, dk, dv, list_width, selection_block, window, compression_block, compression_stride and schedule
// REDEFINE: %{opt} = tuning=%t/word.json
// RUN: %{check}=STRING
// STRING: error: tuning file: entry 0: 'op' is no string
// REDEFINE: %{opt} = tuning=%t/size.json
// RUN: %{check}=INTEGER
// INTEGER: error: tuning file: entry 0: 'heads' is no integer
// REDEFINE: %{opt} = tuning=%t/schedule.json
// RUN: %{check}=SCHEDULE
// SCHEDULE: error: tuning file: entry 0: 'schedule' is no object
// REDEFINE: %{opt} = tuning=%t/nofamily.json
// RUN: %{check}=NOFAMILY
// NOFAMILY: error: tuning file: entry 0: 'schedule' needs 'family': plain, dense, query_major, union or vector
// REDEFINE: %{opt} = tuning=%t/scheduleKey.json
// RUN: %{check}=WARPS
// WARPS: error: tuning file: entry 0: 'schedule' has an unknown key 'warps'
// REDEFINE: %{opt} = tuning=%t/scheduleNumber.json
// RUN: %{check}=STAGES
// STAGES: error: tuning file: entry 0: 'stages' of 'schedule' is no integer
// REDEFINE: %{opt} = tuning=%t/illegal.json
// RUN: %{check}=ILLEGAL
// ILLEGAL: error: tuning file: entry 0: stages (1) must be 2 to 8

//--- f.mlir
// Window and lists of 64 heads in 4 groups.
func.func @f(%q: tensor<?x?x64x128xbf16>, %k: tensor<?x?x4x128xbf16>, %idx: tensor<?x?x4x16xi32>) -> (tensor<?x?x64x128xbf16>, tensor<?x?x64x128xbf16>) {
  %0, %lse = nsa.window_attention %q, %k, %k {window = 512}
      : (tensor<?x?x64x128xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x4x128xbf16>) -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>)
  %1, %lse1 = nsa.selected_attention %q, %k, %k, %idx {selection_block = 64, unique}
      : (tensor<?x?x64x128xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x4x16xi32>) -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>)
  return %0, %1 : tensor<?x?x64x128xbf16>, tensor<?x?x64x128xbf16>
}

//--- attribute.mlir
// Schedules of ops that cannot have them.
func.func @attribute(%q: tensor<?x?x64x128xbf16>, %k: tensor<?x?x4x128xbf16>, %idx: tensor<?x?x4x?xi32>, %a: tensor<?x?x4x64xf32>, %g: tensor<?x?x4x1xf32>) -> (tensor<?x?x64x128xbf16>, tensor<?x?x64x128xbf16>, tensor<?x?x4x64xf32>) {
  %0, %lse = nsa.window_attention %q, %k, %k
      {window = 512, nsa.schedule = #nsa.schedule<dense, queries = 1, keys = 256, row_warps = 1, key_warps = 16, stages = 2>}
      : (tensor<?x?x64x128xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x4x128xbf16>) -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>)
  %1, %lse1 = nsa.selected_attention %q, %k, %k, %idx
      {selection_block = 64, unique, nsa.schedule = #nsa.schedule<union, queries = 2, keys = 64, row_warps = 2, key_warps = 1, stages = 2>}
      : (tensor<?x?x64x128xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x4x?xi32>) -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>)
  %2 = nsa.gate %a gates(%g) {nsa.schedule = #nsa.schedule<vector>} : (tensor<?x?x4x64xf32>, tensor<?x?x4x1xf32>) -> tensor<?x?x4x64xf32>
  return %0, %1, %2 : tensor<?x?x64x128xbf16>, tensor<?x?x64x128xbf16>, tensor<?x?x4x64xf32>
}

//--- heads.mlir
// 32 heads in a group, 16 rows.
func.func @heads(%q: tensor<?x?x32x64xf16>, %kc: tensor<?x?x1x64xf16>, %max: index) -> tensor<?x?x1x4xi32> {
  %o:3 = nsa.fusion selection {nsa.schedule = #nsa.schedule<dense, queries = 1, keys = 64, row_warps = 1, key_warps = 1, stages = 2>} : tensor<?x?x32x64xf16>, tensor<?x?x32xf32>, tensor<?x?x1x4xi32> {
    %0, %lse = nsa.compressed_attention %q, %kc, %kc q_offset(%max) {compression_block = 4, compression_stride = 2} : (tensor<?x?x32x64xf16>, tensor<?x?x1x64xf16>, tensor<?x?x1x64xf16>, index) -> (tensor<?x?x32x64xf16>, tensor<?x?x32xf32>)
    %p = nsa.block_scores %q, %kc, %lse, %max q_offset(%max) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<?x?x32x64xf16>, tensor<?x?x1x64xf16>, tensor<?x?x32xf32>, index, index) -> tensor<?x?x1x?xf32>
    %idx = nsa.select_top_n %p q_offset(%max) {selection_block = 8, top_n = 4} : (tensor<?x?x1x?xf32>, index) -> tensor<?x?x1x4xi32>
    nsa.yield %0, %lse, %idx : tensor<?x?x32x64xf16>, tensor<?x?x32xf32>, tensor<?x?x1x4xi32>
  }
  return %o#2 : tensor<?x?x1x4xi32>
}

//--- large.json
[{"op": "nsa.window_attention", "schedule": {"family": "dense", "queries": 4, "keys": 128, "row_warps": 4, "key_warps": 1, "stages": 2}}]
//--- family.json
[{"op": "nsa.window_attention", "schedule": {"family": "vector"}}]
//--- syntax.json
[{"op": "nsa.gate"
"schedule": 1}]
//--- object.json
{}
//--- number.json
[{"op": "nsa.gate", "schedule": {"family": "plain"}}, 4]
//--- noop.json
[{"schedule": {"family": "plain"}}]
//--- noschedule.json
[{"op": "nsa.gate"}]
//--- key.json
[{"op": "nsa.gate", "head": 4, "schedule": {"family": "plain"}}]
//--- word.json
[{"op": 4, "schedule": {"family": "plain"}}]
//--- size.json
[{"op": "nsa.gate", "heads": "4", "schedule": {"family": "plain"}}]
//--- schedule.json
[{"op": "nsa.gate", "schedule": "plain"}]
//--- nofamily.json
[{"op": "nsa.gate", "schedule": {"queries": 4}}]
//--- scheduleKey.json
[{"op": "nsa.gate", "schedule": {"family": "dense", "warps": 4}}]
//--- scheduleNumber.json
[{"op": "nsa.gate", "schedule": {"family": "dense", "stages": "4"}}]
//--- illegal.json
[{"op": "nsa.gate", "schedule": {"family": "dense", "queries": 4, "keys": 128, "row_warps": 4, "key_warps": 1, "stages": 1}}]
