// Lists of no entries leave a kernel nothing to walk: the op is plain, whatever
// the options say.

// RUN: nsa-opt %s --nsa-set-schedule="family=union queries=2 keys=64 row-warps=2 key-warps=1 stages=3" --remarks-filter=nsa-set-schedule 2>&1 | FileCheck %s
// CHECK: remark: [Missed] plain | Category:nsa-set-schedule | Reason="its lists are empty"
// CHECK: nsa.selected_attention {{.*}}nsa.schedule = #nsa.schedule<plain>
func.func @f(%q: tensor<1x8x4x64xbf16>, %k: tensor<1x8x1x64xbf16>, %idx: tensor<1x8x1x0xi32>) -> tensor<1x8x4x64xbf16> {
  %o, %lse = nsa.selected_attention %q, %k, %k, %idx {selection_block = 16, unique}
      : (tensor<1x8x4x64xbf16>, tensor<1x8x1x64xbf16>, tensor<1x8x1x64xbf16>, tensor<1x8x1x0xi32>) -> (tensor<1x8x4x64xbf16>, tensor<1x8x4xf32>)
  return %o : tensor<1x8x4x64xbf16>
}
