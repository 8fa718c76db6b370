// The emulator refuses what the chip would: 100 KiB of shared memory on sm_86.

// DEFINE: %{run} = nsa-run %s --device=emulator
// RUN: %{run} --chip=sm_80 | FileCheck %s --check-prefix=GOOD
// RUN: %{run} --chip=sm_90a | FileCheck %s --check-prefix=GOOD
// RUN: not %{run} --chip=sm_86 2>&1 | FileCheck %s --check-prefix=BAD
// RUN: not %{run} --chip=sm_120 2>&1 | FileCheck %s --check-prefix=BAD
// GOOD: output 0: 4xf32 min 0 max 0
// BAD: error: @f: invalid-launch: shared memory of 102400 bytes exceeds 99 KiB
func.func @f() -> tensor<4xf32> {
  %c1 = arith.constant 1 : index
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %bytes = arith.constant 102400 : i32
  %out = memref.alloc() : memref<4xf32>
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
      threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) dynamic_shared_memory_size %bytes {
    scf.for %i = %c0 to %c1 step %c1 {
      memref.store %zero, %out[%i] : memref<4xf32>
    }
    %c1_0 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c3 = arith.constant 3 : index
    memref.store %zero, %out[%c1_0] : memref<4xf32>
    memref.store %zero, %out[%c2] : memref<4xf32>
    memref.store %zero, %out[%c3] : memref<4xf32>
    gpu.terminator
  }
  %t = bufferization.to_tensor %out restrict writable : memref<4xf32> to tensor<4xf32>
  return %t : tensor<4xf32>
}
