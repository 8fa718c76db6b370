// REQUIRES: ptxas
// RUN: rm -rf %t && mkdir -p %t/tmp
// RUN: not env TMPDIR=%t/tmp nsa-opt %s --nsa-report-kernels="ptxas=%ptxas" -o /dev/null 2>&1 | FileCheck %s
// RUN: ls %t/tmp | count 2

// Both bad objects are reported, and the good one is in the table.

// CHECK:      nsa-report-kernels_invalid.mlir:[[#@LINE+8]]:1: error: nsa-report-kernels: @syntax: {{.*}}ptxas failed for sm_80 (exit status {{[0-9]+}})
// CHECK-NEXT: ptxas {{.*}}tmp/nsa-{{.*}}.ptx, line 6; error   : Not a name of any known instruction: 'frobnicate'
// CHECK-NEXT:   frobnicate.u32 %r1;
// CHECK:      ptxas fatal   : Ptx assembly aborted due to errors
// CHECK-NEXT: The PTX was kept; to repeat: {{.*}}ptxas -v --gpu-name sm_80 --opt-level 2 {{.*}}tmp/nsa-{{.*}}.ptx -o /dev/null

// CHECK-NOT: error: nsa-report-kernels: @good

gpu.binary @syntax [#gpu.object<#nvvm.target<chip = "sm_80">, assembly = ".version 7.8\0A.target sm_80\0A.address_size 64\0A.visible .entry k()\0A{\0A  frobnicate.u32 %r1;\0A  ret;\0A}\0A">]

gpu.binary @good [#gpu.object<#nvvm.target<chip = "sm_80">, assembly = ".version 7.8 .target sm_80 .address_size 64 .visible .entry g() { ret; }">]

// CHECK: nsa-report-kernels_invalid.mlir:[[#@LINE+2]]:1: error: nsa-report-kernels: @chip: {{.*}}ptxas failed for sm_89 (exit status
// CHECK-NEXT: ptxas fatal   : SM version
gpu.binary @chip [#gpu.object<#nvvm.target<chip = "sm_89">, assembly = ".version 8.0 .target sm_90a .address_size 64 .visible .entry k() { ret; }">]

// CHECK: {{^}}binary
// CHECK-NEXT: {{^}}@good   sm_80  g {{[ 0-9]+$}}
// CHECK-NOT: {{.+}}
