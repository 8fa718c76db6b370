// RUN: nsa-opt %s --pass-pipeline='builtin.module(gpu.module(nsa-lower-gpu-math))' --split-input-file | FileCheck %s

// With afn, f32: the hardware's base-2 functions, scaled.

// CHECK-LABEL: gpu.func @approximate
// CHECK-SAME: %[[X:.+]]: f32
// CHECK: llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz"(%[[X]]) : (f32) -> f32
// CHECK: %[[LOG2E:.+]] = arith.constant 1.44269502 : f32
// CHECK: %[[SCALED:.+]] = arith.mulf %[[X]], %[[LOG2E]] : f32
// CHECK: llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz"(%[[SCALED]]) : (f32) -> f32
// CHECK: llvm.call_intrinsic "llvm.nvvm.lg2.approx.ftz.f"(%[[X]]) : (f32) -> f32
// CHECK: %[[LOG2:.+]] = llvm.call_intrinsic "llvm.nvvm.lg2.approx.ftz.f"(%[[X]]) : (f32) -> f32
// CHECK: %[[LN2:.+]] = arith.constant 0.693147182 : f32
// CHECK: arith.mulf %[[LOG2]], %[[LN2]] : f32
// CHECK-NOT: math.
gpu.module @m {
  gpu.func @approximate(%x: f32, %y: memref<4xf32>) {
    %c0 = arith.constant 0 : index
    %a = math.exp2 %x fastmath<afn> : f32
    %b = math.exp %x fastmath<fast> : f32
    %c = math.log2 %x fastmath<afn> : f32
    %d = math.log %x fastmath<afn> : f32
    memref.store %a, %y[%c0] : memref<4xf32>
    memref.store %b, %y[%c0] : memref<4xf32>
    memref.store %c, %y[%c0] : memref<4xf32>
    memref.store %d, %y[%c0] : memref<4xf32>
    gpu.return
  }
}

// -----

// Exact ones, other types and other functions stay.

// CHECK-LABEL: gpu.func @exact
// CHECK: math.exp %{{.+}} : f32
// CHECK: math.exp %{{.+}} fastmath<contract> : f32
// CHECK: math.exp2 %{{.+}} fastmath<afn> : f64
// CHECK: math.log %{{.+}} fastmath<afn> : f16
// CHECK: math.exp %{{.+}} fastmath<afn> : vector<4xf32>
// CHECK: math.tanh %{{.+}} fastmath<afn> : f32
// CHECK-NOT: llvm.call_intrinsic
gpu.module @m {
  gpu.func @exact(%x: f32, %y: f64, %z: f16, %v: vector<4xf32>) -> (f32, f32, f64, f16, vector<4xf32>, f32) {
    %a = math.exp %x : f32
    %b = math.exp %x fastmath<contract> : f32
    %c = math.exp2 %y fastmath<afn> : f64
    %d = math.log %z fastmath<afn> : f16
    %e = math.exp %v fastmath<afn> : vector<4xf32>
    %f = math.tanh %x fastmath<afn> : f32
    gpu.return %a, %b, %c, %d, %e, %f : f32, f32, f64, f16, vector<4xf32>, f32
  }
}

// -----

// erf of f32 needs no function of libdevice.

// CHECK-LABEL: gpu.func @erf
// CHECK-NOT: math.erf
// CHECK: math.fma
// CHECK-LABEL: gpu.func @erf_f64
// CHECK: math.erf
gpu.module @m {
  gpu.func @erf(%x: f32, %y: memref<f32>) {
    %a = math.erf %x : f32
    memref.store %a, %y[] : memref<f32>
    gpu.return
  }
  gpu.func @erf_f64(%x: f64, %y: memref<f64>) {
    %a = math.erf %x : f64
    memref.store %a, %y[] : memref<f64>
    gpu.return
  }
}
