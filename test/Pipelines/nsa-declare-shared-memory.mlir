// RUN: nsa-opt %s --pass-pipeline='builtin.module(gpu.module(nsa-declare-shared-memory))' | FileCheck %s
// RUN: nsa-opt %s --pass-pipeline='builtin.module(gpu.module(nsa-declare-shared-memory,convert-gpu-to-nvvm))' | FileCheck %s --check-prefix=NVVM

// One variable for all kernels of a module, external, which convert-gpu-to-nvvm
// takes.
// CHECK-LABEL: gpu.module @two
// CHECK-NEXT:    llvm.mlir.global external @dynamic_shared_memory() {addr_space = 3 : i32, alignment = 16 : i64} : !llvm.array<0 x i8>
// CHECK-NOT:     llvm.mlir.global
// NVVM-LABEL:  gpu.module @two
// NVVM:          llvm.mlir.global external @dynamic_shared_memory()
// NVVM-NOT:      llvm.mlir.global
// NVVM:          llvm.func @a
// NVVM:          llvm.mlir.addressof @dynamic_shared_memory
// NVVM:          llvm.func @b
// NVVM:          llvm.mlir.addressof @dynamic_shared_memory
gpu.module @two {
  gpu.func @a(%x: i8) kernel {
    %c0 = arith.constant 0 : index
    %m = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    memref.store %x, %m[%c0] : memref<?xi8, #gpu.address_space<workgroup>>
    gpu.return
  }
  gpu.func @b(%x: i8) kernel {
    %c1 = arith.constant 1 : index
    %m = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    memref.store %x, %m[%c1] : memref<?xi8, #gpu.address_space<workgroup>>
    gpu.return
  }
}

// A kernel of that name keeps it.
// CHECK-LABEL: gpu.module @taken
// CHECK:         llvm.mlir.global external @dynamic_shared_memory_0()
// CHECK:         gpu.func @dynamic_shared_memory
gpu.module @taken {
  gpu.func @dynamic_shared_memory(%x: i8) kernel {
    %c0 = arith.constant 0 : index
    %m = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    memref.store %x, %m[%c0] : memref<?xi8, #gpu.address_space<workgroup>>
    gpu.return
  }
}

// CHECK-LABEL: gpu.module @none
// CHECK-NOT:     llvm.mlir.global
gpu.module @none {
  gpu.func @a() kernel {
    gpu.return
  }
}
