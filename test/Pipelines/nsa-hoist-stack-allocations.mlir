// RUN: nsa-opt %s --pass-pipeline='builtin.module(llvm.func(nsa-hoist-stack-allocations))' | FileCheck %s

// CHECK-LABEL: llvm.func @loop
// CHECK-NEXT:  %[[SIZE:.*]] = llvm.mlir.constant(16 : index) : i64
// CHECK-NEXT:  llvm.alloca %[[SIZE]] x f32
// CHECK:       ^bb1:
// An allocation of dynamic size stays; its scope is somebody else's business.
// CHECK:       llvm.alloca %arg0 x f32
llvm.func @loop(%n: i64, %p: i1) {
  llvm.br ^bb1
^bb1:
  %c16 = llvm.mlir.constant(16 : index) : i64
  %a = llvm.alloca %c16 x f32 : (i64) -> !llvm.ptr
  %b = llvm.alloca %n x f32 : (i64) -> !llvm.ptr
  llvm.store %a, %b : !llvm.ptr, !llvm.ptr
  llvm.cond_br %p, ^bb1, ^bb2
^bb2:
  llvm.return
}
