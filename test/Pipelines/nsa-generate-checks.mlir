// RUN: nsa-opt %s --nsa-generate-checks --remarks-filter=nsa-generate-checks 2>&1 | FileCheck %s
// RUN: nsa-opt %s --nsa-to-cpu=checked=true | FileCheck %s --check-prefix=CPU
// RUN: nsa-opt %s --nsa-to-cpu | FileCheck %s --check-prefix=UNCHECKED
// RUN: nsa-opt %s --nsa-to-ptx=checked=true | FileCheck %s --check-prefix=CPU

// CHECK: nsa-generate-checks.mlir:[[# @LINE + 10]]:1: remark: [Passed] checks | Category:nsa-generate-checks | Remark="@window checks itself at run time", checks=2, ops=1
// CHECK: cf.assert %{{.*}}, "'nsa.window_attention' op q_offset must be at most 2^62"
// CHECK: cf.assert %{{.*}}, "'nsa.window_attention' op q_offset must be at least -2^62"
// CHECK-NOT: cf.assert
// CHECK: nsa.window_attention

// CPU: llvm.call @nsaCheckFailed(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) : (!llvm.ptr, i64, i64, i64) -> ()
// CPU: llvm.mlir.global internal constant @nsa_check("{{.*}}nsa-generate-checks.mlir:[[# @LINE + 4]]:14: error: 'nsa.window_attention' op q_offset must be at most 2^62
// UNCHECKED-NOT: nsaCheckFailed

func.func @window(%q: tensor<1x8x2x4xf32>, %k: tensor<1x?x1x4xf32>, %off: index) -> tensor<1x8x2x4xf32> {
  %o, %lse = nsa.window_attention %q, %k, %k q_offset(%off) {window = 8} : (tensor<1x8x2x4xf32>, tensor<1x?x1x4xf32>, tensor<1x?x1x4xf32>, index) -> (tensor<1x8x2x4xf32>, tensor<1x8x2xf32>)
  return %o : tensor<1x8x2x4xf32>
}
