// y_out = a x + y, by a kernel that test/lib/FakeCuda knows by its name.
module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @axpy(%a: f32, %x: memref<5xf32>, %y: memref<5xf32>, %n: i32) kernel {
      %i = gpu.thread_id x
      %size = arith.index_cast %n : i32 to index
      %in = arith.cmpi ult, %i, %size : index
      scf.if %in {
        %u = memref.load %x[%i] : memref<5xf32>
        %v = memref.load %y[%i] : memref<5xf32>
        %p = arith.mulf %a, %u : f32
        %s = arith.addf %p, %v : f32
        memref.store %s, %y[%i] : memref<5xf32>
      }
      gpu.return
    }
  }
  func.func @axpy(%a: f32, %x: memref<5xf32>, %y: memref<5xf32>) -> memref<5xf32> attributes {
      llvm.emit_c_interface,
      nsa.signature = (f32, memref<5xf32>, memref<5xf32>) -> memref<5xf32>} {
    %c1 = arith.constant 1 : index
    %c32 = arith.constant 32 : index
    %n = arith.constant 5 : i32
    %start = gpu.wait async
    %out, %t0 = gpu.alloc async [%start] () : memref<5xf32>
    %t1 = gpu.memcpy async [%t0] %out, %y : memref<5xf32>, memref<5xf32>
    gpu.wait [%t1]
    gpu.launch_func @kernels::@axpy blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
        args(%a : f32, %x : memref<5xf32>, %out : memref<5xf32>, %n : i32)
    return %out : memref<5xf32>
  }
}
