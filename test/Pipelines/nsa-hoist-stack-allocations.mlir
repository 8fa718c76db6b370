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

// Each thread needs its own: not before the parallel region.
// CHECK-LABEL: llvm.func @parallel
// CHECK-NOT:   llvm.alloca
// CHECK:       omp.parallel {
// CHECK-NEXT:    %[[SIZE:.*]] = llvm.mlir.constant(4 : i64) : i64
// CHECK-NEXT:    llvm.alloca %[[SIZE]] x f32
// CHECK-NEXT:    omp.wsloop
llvm.func @parallel(%n: i64) {
  %c0 = llvm.mlir.constant(0 : i64) : i64
  %c1 = llvm.mlir.constant(1 : i64) : i64
  %c4 = llvm.mlir.constant(4 : i64) : i64
  omp.parallel {
    omp.wsloop {
      omp.loop_nest (%i) : i64 = (%c0) to (%n) step (%c1) {
        %a = llvm.alloca %c4 x f32 : (i64) -> !llvm.ptr
        llvm.store volatile %a, %a : !llvm.ptr, !llvm.ptr
        omp.yield
      }
    }
    omp.terminator
  }
  llvm.return
}
