// REQUIRES: ptxas
// RUN: rm -rf %t && mkdir -p %t
// RUN: nsa-opt %s --nsa-report-kernels="ptxas=%ptxas" 2> %t/stderr | FileCheck %s --check-prefix=MODULE
// RUN: FileCheck %s --check-prefix=TEXT --input-file=%t/stderr --match-full-lines --strict-whitespace
// RUN: nsa-opt %s --nsa-report-kernels="ptxas=%ptxas format=json output=%t/report.json" -o /dev/null 2>&1 | count 0
// RUN: FileCheck %s --check-prefix=JSON --input-file=%t/report.json
// RUN: nsa-opt %s --nsa-report-kernels="ptxas=%ptxas output=-" -o /dev/null | FileCheck %s --check-prefix=TEXT --match-full-lines --strict-whitespace
// RUN: nsa-opt %s --nsa-report-kernels="ptxas=%ptxas output=%t/report.txt" --remarks-filter=nsa-report-kernels -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: nsa-opt %s --nsa-report-kernels="toolkit=%cuda_toolkit" -o /dev/null 2>&1 | FileCheck %s --check-prefix=TEXT --match-full-lines --strict-whitespace

// The gate, which prints the report all the same.
// RUN: not nsa-opt %s --nsa-report-kernels="ptxas=%ptxas max-spills=0" -o /dev/null 2>&1 | FileCheck %s --check-prefixes=GATE,GATE-TABLE
// RUN: not nsa-opt %s --nsa-report-kernels="ptxas=%ptxas max-spills=3" -o /dev/null 2>&1 | FileCheck %s --check-prefix=GATE
// RUN: nsa-opt %s --nsa-report-kernels="ptxas=%ptxas max-spills=100000" -o /dev/null
// RUN: not nsa-opt %s --nsa-report-kernels="ptxas=%ptxas output=%t/absent/report.txt" -o /dev/null 2>&1 | FileCheck %s --check-prefix=OUTPUT

// How many bytes spill is ptxas's affair; on sm_90a the kernel is another.
// MODULE: gpu.binary @plain
// MODULE: gpu.binary @two
//      TEXT:ptxas {{[0-9.]+}}; spills and stack in bytes per thread, shared memory per block
// TEXT-NEXT:binary  chip    kernel    registers  spill stores  spill loads  stack  shared
// TEXT-NEXT:@plain  sm_80   zero      {{ +[0-9]+}}             0            0      0     128
// TEXT-NEXT:@plain  sm_80   also      {{ +[0-9]+}}             0            0      0       0
// TEXT-NEXT:@two    sm_80   spilling         24  {{ +[1-9][0-9]+}}  {{ +[1-9][0-9]+}}  {{ +[1-9][0-9]+}}       0
// TEXT-NEXT:@two    sm_90a  spilling  {{ +[0-9]+}}             0            0      0       0
//  TEXT-NOT:{{.}}

//      JSON: "ptxas": "{{[0-9.]+}}",
//      JSON: "binary": "plain",
// JSON-NEXT: "chip": "sm_80",
// JSON-NEXT: "name": "zero",
// JSON-NEXT: "is_kernel": true,
// JSON-NEXT: "registers": {{[1-9]}}
// JSON-NEXT: "spill_store_bytes": 0,
// JSON-NEXT: "spill_load_bytes": 0,
// JSON-NEXT: "stack_bytes": 0,
// JSON-NEXT: "shared_bytes": 128,
// JSON-NEXT: "constant_bytes": {{[1-9]}}
//      JSON: "name": "also",
//      JSON: "binary": "two",
// JSON-NEXT: "chip": "sm_80",
// JSON-NEXT: "name": "spilling",
// JSON-NEXT: "is_kernel": true,
// JSON-NEXT: "registers": 24,
// JSON-NEXT: "spill_store_bytes": {{[1-9]}}
// JSON-NEXT: "spill_load_bytes": {{[1-9]}}
//      JSON: "chip": "sm_90a",

// REMARK: remark: [Missed] not-ptx | Category:nsa-report-kernels | Reason="its format is bin, and only PTX text of an #nvvm.target is assembled", Remark="an object of @cubin is not in the report", Suggestion="serialize the kernels with format=isa"

// GATE-TABLE: @two{{ +}}sm_80{{ +}}spilling
// GATE:     :{{[0-9]+}}:3: error: nsa-report-kernels: 'spilling' spills registers on sm_80: stores of {{[1-9][0-9]*}} bytes, loads of {{[1-9][0-9]*}}; max-spills is {{[03]$}}
// GATE-NOT: error

// OUTPUT: error: nsa-report-kernels: cannot write {{.*}}report.txt: No such file or directory

module {
  // The null character at the end is upstream's.
  gpu.binary @plain [#gpu.object<#nvvm.target<chip = "sm_80">, assembly = ".version 7.8\0A.target sm_80\0A.address_size 64\0A// .entry of nothing\0A.visible .entry zero(.param .u64 p)\0A{\0A .reg .b64 %rd<2>;\0A .reg .b32 %r<3>;\0A .shared .align 4 .b8 tile[128];\0A ld.param.u64 %rd1, [p];\0A ld.global.u32 %r1, [%rd1];\0A st.volatile.shared.u32 [tile], %r1;\0A bar.sync 0;\0A ld.volatile.shared.u32 %r2, [tile];\0A st.global.u32 [%rd1], %r2;\0A ret;\0A}\0A.visible .entry also()\0A{\0A ret;\0A}\0A\00">]

  // Twice the registers that it may have, on two chips.
  gpu.binary @two [
    #gpu.object<#nvvm.target<chip = "sm_80">, assembly = ".version 7.8 .target sm_80 .address_size 64 .visible .entry spilling(.param .u64 p) .maxntid 32 .maxnreg 24 { .reg .b64 %rd<34>; ld.param.u64 %rd33, [p]; ld.volatile.global.v2.u64 {%rd1, %rd2}, [%rd33]; ld.volatile.global.v2.u64 {%rd3, %rd4}, [%rd33]; ld.volatile.global.v2.u64 {%rd5, %rd6}, [%rd33]; ld.volatile.global.v2.u64 {%rd7, %rd8}, [%rd33]; ld.volatile.global.v2.u64 {%rd9, %rd10}, [%rd33]; ld.volatile.global.v2.u64 {%rd11, %rd12}, [%rd33]; ld.volatile.global.v2.u64 {%rd13, %rd14}, [%rd33]; ld.volatile.global.v2.u64 {%rd15, %rd16}, [%rd33]; st.volatile.global.v2.u64 [%rd33], {%rd1, %rd2}; st.volatile.global.v2.u64 [%rd33], {%rd3, %rd4}; st.volatile.global.v2.u64 [%rd33], {%rd5, %rd6}; st.volatile.global.v2.u64 [%rd33], {%rd7, %rd8}; st.volatile.global.v2.u64 [%rd33], {%rd9, %rd10}; st.volatile.global.v2.u64 [%rd33], {%rd11, %rd12}; st.volatile.global.v2.u64 [%rd33], {%rd13, %rd14}; st.volatile.global.v2.u64 [%rd33], {%rd15, %rd16}; ret; }">,
    #gpu.object<#nvvm.target<chip = "sm_90a">, assembly = ".version 8.0 .target sm_90a .address_size 64 .visible .entry spilling() { ret; }">
  ]

  // Not text of PTX.
  gpu.binary @cubin [#gpu.object<#nvvm.target<chip = "sm_80">, bin = "\7FELF">]
}
