// A function that is bufferized already has memrefs for arguments and results.
// Results are the caller's unless they are arguments or constants.

// RUN: nsa-run %s --entry=memrefs --input=3xf32=zeros 2>&1 | FileCheck %s --implicit-check-not=warning
// CHECK:      output 0: 3xf32 min 1 max 1 mean 1 nan 0
// CHECK-NEXT: output 1: 2xf32 min 1 max 1 mean 1 nan 0
func.func @memrefs(%x: memref<?xf32>) -> (memref<?xf32>, memref<2xf32, strided<[1], offset: 1>>) {
  %c0 = arith.constant 0 : index
  %one = arith.constant 1.0 : f32
  %n = memref.dim %x, %c0 : memref<?xf32>
  %y = memref.alloc(%n) : memref<?xf32>
  linalg.fill ins(%one : f32) outs(%y : memref<?xf32>)
  // A view into a buffer that is returned, too: freed once.
  %s = memref.subview %y[1] [2] [1] : memref<?xf32> to memref<2xf32, strided<[1], offset: 1>>
  return %y, %s : memref<?xf32>, memref<2xf32, strided<[1], offset: 1>>
}

// Strided results are written in row-major order.
// RUN: nsa-opt %s --nsa-to-cpu=strided-inputs=true -o %t.mlir
// RUN: nsa-run %t.mlir --entry=column --input=3x4xf32=random:5 --input=3xf32=zeros --output=%t.npy 2>&1 | FileCheck %s --check-prefix=COLUMN --implicit-check-not=warning
// COLUMN: output 0: 3xf32 min [[MIN:.*]] max
// RUN: nsa-run %s --entry=column --input=3x4xf32=random:5 --input=3xf32=zeros --output=%t.contiguous.npy
// RUN: cmp %t.npy %t.contiguous.npy
func.func @column(%x: tensor<3x4xf32>, %y: tensor<?xf32>) -> tensor<3xf32> {
  %s = tensor.extract_slice %x[0, 2] [3, 1] [1, 1] : tensor<3x4xf32> to tensor<3xf32>
  return %s : tensor<3xf32>
}

// Memory that is not freed is reported.
// RUN: nsa-run %s --entry=leak --memory 2>&1 | FileCheck %s --check-prefix=LEAK
// LEAK: peak allocation 4000 bytes
// LEAK: nsa-run-buffers.mlir:[[#@LINE+1]]:{{.*}}: warning: @leak did not free 4000 bytes in 1 allocations
llvm.func @leak() attributes {nsa.signature = () -> ()} {
  %bytes = llvm.mlir.constant(4000 : i64) : i64
  %p = llvm.call @malloc(%bytes) : (i64) -> !llvm.ptr
  %v = llvm.mlir.constant(1 : i8) : i8
  llvm.store volatile %v, %p : i8, !llvm.ptr
  llvm.return
}
llvm.func @malloc(i64) -> !llvm.ptr
llvm.func @_mlir_ciface_leak() {
  llvm.call @leak() : () -> ()
  llvm.return
}
