// RUN: nsa-opt %s --pass-pipeline='builtin.module(gpu.module(nsa-declare-shared-memory))' | FileCheck %s
// RUN: nsa-opt %s --nsa-to-ptx | FileCheck %s --check-prefix=PTX

// One variable for all kernels of a module, external, which convert-gpu-to-nvvm
// takes.
// CHECK-LABEL: gpu.module @two
// CHECK-NEXT:    llvm.mlir.global external @dynamic_shared_memory() {addr_space = 3 : i32, alignment = 16 : i64} : !llvm.array<0 x i8>
// CHECK-NOT:     llvm.mlir.global
// PTX:         gpu.binary @two
// PTX-SAME:      .extern .shared .align 16 .b8 dynamic_shared_memory[];
// PTX-NOT:       .shared
// PTX:           .entry a
// PTX-NOT:       .shared .align
// PTX:           .entry b
// PTX-NOT:       .shared .align
// PTX:         gpu.binary @taken
// PTX-SAME:      .extern .shared .align 16 .b8 dynamic_shared_memory_0[];
module attributes {gpu.container_module} {
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
}
