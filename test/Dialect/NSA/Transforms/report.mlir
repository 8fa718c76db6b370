// The report, for people and for tools: every op that becomes a kernel, with its
// schedule or the one that it would get.

// RUN: nsa-opt %s --nsa-report="chip=sm_90 tokens=65536" -o /dev/null 2>&1 | FileCheck %s
// RUN: nsa-opt %s --nsa-report="chip=sm_90 tokens=65536 output=%t.txt" -o /dev/null && FileCheck %s < %t.txt
// RUN: nsa-opt %s --nsa-report="chip=sm_90 tokens=65536 output=-" -o /dev/null 2>/dev/null | FileCheck %s
// RUN: nsa-opt %s --nsa-report="chip=sm_90 tokens=65536 format=json output=-" -o /dev/null | FileCheck %s --check-prefix=JSON
// RUN: nsa-opt %s --nsa-report="chip=sm_90 format=json output=-" -o /dev/null | %python -m json.tool > /dev/null
// RUN: echo 'module {}' | nsa-opt - --nsa-report -o /dev/null 2>&1 | FileCheck %s --check-prefix=EMPTY
// RUN: nsa-opt %s --nsa-report="chip=sm_86" -o /dev/null 2>&1 | FileCheck %s --check-prefix=SMALL
// RUN: not nsa-opt %s --nsa-report="chip=sm_90 output=%t/absent/report" -o /dev/null 2>&1 | FileCheck %s --check-prefix=ABSENT
// RUN: not nsa-opt %s --nsa-report="chip=gfx90a" -o /dev/null 2>&1 | FileCheck %s --check-prefix=CHIP
// RUN: not nsa-opt %s --nsa-report="tokens=0" -o /dev/null 2>&1 | FileCheck %s --check-prefix=TOKENS

// CHECK: nsa-report: chip sm_90; dynamic sizes: batch 1, tokens 65536; union-agreement 1.60
// CHECK-NEXT: nsa.compress at {{.*}}report.mlir:{{[0-9]+}}:{{[0-9]+}}
// CHECK-NEXT: schedule   #nsa.schedule<vector> (not set)
// CHECK-NEXT: predicted  16.6 us, bound by hbm
// CHECK-NEXT: at best    16.6 us, bound by hbm
// CHECK-NEXT: each alone hbm 16.6 us
// CHECK-NEXT: nsa.compress at
// CHECK-NEXT: schedule   #nsa.schedule<plain> (not set)
// CHECK-NEXT: because    phi is linear, not mean or weighted
// CHECK-NEXT: nsa.fusion gated at model.py:7:1
// CHECK-NEXT: schedule   #nsa.schedule<union, queries = 4, keys = 64, row_warps = 4, key_warps = 1, stages = 3>
// CHECK-NEXT: predicted  {{[0-9.]+}} ms, bound by shared
// CHECK-NEXT: at best    {{[0-9.]+}} ms, bound by l2
// CHECK-NEXT: each alone mma {{[0-9.]+}} ms, ex2 {{[0-9.]+}} ms, hbm {{[0-9.]+}} us, l2 {{[0-9.]+}} ms, shared {{[0-9.]+}} ms
// CHECK-NEXT: mma        {{[0-9.]+}}E+{{[0-9]+}} m16n8k16, {{[0-9.]+}} % for nothing, {{[0-9.]+}} % by rounding to tiles
// CHECK-NEXT: resources  150656 bytes of shared memory, about 208 registers, 65536 blocks, 1 an SM
// CHECK-NEXT: union      1.60 times the blocks of one list
// CHECK-NEXT: not fused  {{[0-9.]+}} ms
// CHECK-NEXT: compared   {{[0-9]+}} union {{[0-9]+}} query_major
// CHECK-NEXT: better     #nsa.schedule<union, queries = 8, keys = 64, row_warps = 8, key_warps = 1, stages = 2>: {{[0-9.]+}} ms, bound by shared, 170112 bytes of shared memory; the schedule was given, not chosen
// CHECK-NOT: nsa.

// JSON: "chip": "sm_90",
// JSON: "tokens": 65536,
// JSON: "op": "nsa.compress",
// JSON: "schedule": "#nsa.schedule<vector>",
// JSON: "is_set": false,
// JSON: "reason": "phi is linear, not mean or weighted"
// JSON-NEXT: }
// JSON: "op": "nsa.fusion gated",
// JSON-NEXT: "location": "model.py:7:1",
// JSON-NEXT: "schedule": "#nsa.schedule<union, queries = 4, keys = 64, row_warps = 4, key_warps = 1, stages = 3>",
// JSON-NEXT: "is_set": true,
// JSON-NEXT: "cost": {
// JSON-NEXT: "predicted_s": {{.*}}
// JSON-NEXT: "binding": "shared",
// JSON-NEXT: "bound_s": {{.*}}
// JSON-NEXT: "bound_by": "l2",
// JSON: "ideal_seconds": {
// JSON: "rounding": 0.0{{[0-9]+}}
// JSON-NEXT: "union_factor": 1.6
// JSON: "shared_bytes": 150656,
// JSON: "apart_s":
// JSON: "compared": {
// JSON-NEXT: "union": {{[0-9]+}},
// JSON-NEXT: "query_major": {{[0-9]+}}
// JSON: "next_best": {
// JSON-NEXT: "schedule": "#nsa.schedule<union, queries = 8,
// JSON: "why_not": "the schedule was given, not chosen"

// EMPTY: nsa-report: chip sm_80; dynamic sizes: batch 1, tokens 32768; union-agreement 1.60
// EMPTY-NEXT: no op becomes a kernel

// A schedule for another chip is reported as what it is.
// SMALL: nsa.fusion gated at model.py:7:1
// SMALL-NEXT: schedule   #nsa.schedule<union, queries = 4, keys = 64, row_warps = 4, key_warps = 1, stages = 3>
// SMALL-NEXT: because    shared memory (150656 bytes) is more than a block may have on sm_86 (101376): queries 16384, stages 98304, gated sum 34816, union 1028
// SMALL-NEXT: not fused

// ABSENT: error: nsa-report: cannot write {{.*}}report: No such file or directory
// CHIP: error: nsa-report: nothing is known of chip 'gfx90a'; known are
// TOKENS: error: nsa-report: tokens (0) must be 1 to 2147483647
func.func @f(%q: tensor<?x?x64x128xbf16>, %k: tensor<?x?x4x128xbf16>, %w: tensor<4x4096x128xf32>, %cmp: tensor<?x?x64x128xbf16>, %idx: tensor<?x?x4x16xi32>, %g: tensor<?x?x64x3xf32>) {
  %kc = nsa.compress mean(%k) {compression_block = 32, compression_stride = 16} : (tensor<?x?x4x128xbf16>) -> tensor<?x?x4x128xbf16>
  %vc = nsa.compress linear(%k) params(%w) {compression_block = 32, compression_stride = 16} : (tensor<?x?x4x128xbf16>, tensor<4x4096x128xf32>) -> tensor<?x?x4x128xbf16>
  %o = nsa.fusion gated {nsa.schedule = #nsa.schedule<union, queries = 4, keys = 64, row_warps = 4, key_warps = 1, stages = 3>} : tensor<?x?x64x128xbf16> {
    %1, %lse1 = nsa.selected_attention %q, %k, %k, %idx {selection_block = 64, unique}
        : (tensor<?x?x64x128xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x4x16xi32>) -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>)
    %2, %lse2 = nsa.window_attention %q, %k, %k {window = 512}
        : (tensor<?x?x64x128xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x4x128xbf16>) -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>)
    %3 = nsa.gate %cmp, %1, %2 gates(%g) : (tensor<?x?x64x128xbf16>, tensor<?x?x64x128xbf16>, tensor<?x?x64x128xbf16>, tensor<?x?x64x3xf32>) -> tensor<?x?x64x128xbf16>
    nsa.yield %3 : tensor<?x?x64x128xbf16>
  } loc(fused["model.py":7:1, "model.py":8:1])
  return
}
