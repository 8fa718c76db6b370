// nsa-report with kernels: a copy of the module is compiled, and each op has its
// kernels below it. What ptxas says is there only with ptxas.

// RUN: split-file %s %t
// RUN: nsa-opt %t/f.mlir --nsa-report="chip=sm_90 kernels ptxas=%t/absent output=-" -o %t/same.mlir | FileCheck %s --check-prefixes=CHECK,WITHOUT
// RUN: nsa-opt %t/f.mlir -o %t/unchanged.mlir
// RUN: diff %t/same.mlir %t/unchanged.mlir
// RUN: nsa-opt %t/f.mlir --nsa-report="chip=sm_90 kernels ptxas=%t/absent format=json output=-" -o /dev/null | %python %t/check.py absent
// RUN: nsa-opt %t/f.mlir --nsa-report="chip=sm_90 kernels ptxas=%t/absent format=json output=-" -o /dev/null | not %python %t/check.py found

// CHECK: nsa-report: chip sm_90;
// WITHOUT-NEXT: no registers and spills: ptxas={{.*}}absent is not an executable file
// CHECK: nsa.compress at
// CHECK:   kernel     @f_kernels::@compress: {{.*}}0 dynamic bytes of shared memory
// CHECK: nsa.fusion selection at
// CHECK:   schedule   #nsa.schedule<dense, 
// CHECK:   next best  #nsa.schedule<{{.*}} bytes of shared memory; {{.*}}
// CHECK:   kernel     @f_kernels::@fusion: {{.*}} dynamic bytes of shared memory
// CHECK: nsa.fusion gated at
// CHECK:   kernel     @f_kernels::@fusion{{.*}}: {{.*}} dynamic bytes of shared memory

//--- check.py
import json
import sys

report = json.load(sys.stdin)
found = sys.argv[1] == "found"
assert (report["ptxas"] is not None) == found
assert ("ptxas_missing" in report) != found
fusions = [op for op in report["ops"] if op["op"].startswith("nsa.fusion")]
assert [op["op"] for op in fusions] == ["nsa.fusion selection", "nsa.fusion gated"]
for op in report["ops"]:
    first = op["kernels"][0]
    assert ("registers" in first) == ("spill_store_bytes" in first) == found, first
    if "shared_bytes" in op["cost"]:
        assert first["dynamic_shared_bytes"] == op["cost"]["shared_bytes"], op
    if found:
        assert 0 < first["registers"] <= 255, first
assert all("why_not" in op["next_best"] for op in fusions)
# Kernels of different ops are different kernels.
names = [(kernel["module"], kernel["name"]) for op in report["ops"] for kernel in op["kernels"]]
assert len(names) == len(set(names))

//--- f.mlir
!q = tensor<?x?x16x64xbf16>
!k = tensor<?x?x1x64xbf16>
func.func @f(%q: !q, %k: !k, %g: tensor<?x?x16x3xf32>) -> !q {
  %o = nsa.attention %q compressed(%k, %k) selected(%k, %k) window(%k, %k) gates(%g)
    {compression_block = 32, compression_stride = 16, selection_block = 64, top_n = 16, window = 512}
    : (!q, !k, !k, !k, !k, !k, !k, tensor<?x?x16x3xf32>) -> !q
  return %o : !q
}
