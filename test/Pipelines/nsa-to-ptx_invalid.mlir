// RUN: nsa-opt %s --nsa-to-ptx --split-input-file --verify-diagnostics
// RUN: split-file %s %t
// RUN: nsa-opt %t/gate.mlir --nsa-to-ptx=features=+ptx81 -o /dev/null
// RUN: not nsa-opt %s --nsa-to-ptx=chip=sm_70 --split-input-file 2>&1 | FileCheck %s --check-prefix=CHIP
// CHIP: error: nsa-attach-gpu-targets: sm_70 is not supported

// The host has no element of a tensor.
func.func @extract(%x: tensor<?xf32>, %i: index) -> f32 {
  // expected-error@+1 {{nsa-device-buffers: the host would have to access an element of 'memref<?xf32>', which is on the device; pass the value as a scalar argument instead}}
  %v = tensor.extract %x[%i] : tensor<?xf32>
  return %v : f32
}

// -----

// Copies of kernels that come with the module are checked.
gpu.module @tile {
  gpu.func @lost() kernel {
    // expected-error@+1 {{'nsa_tile.commit' op group is never waited for or dropped}}
    %g = nsa_tile.commit none
    gpu.return
  }
}

// -----
//--- gate.mlir

// A kernel gets every operand's descriptor, 88 bytes; PTX 8.0 has room for 4096.
!t = tensor<1x1x1x1xf32>
func.func @too_many(%x0: !t, %x1: !t, %x2: !t, %x3: !t, %x4: !t, %x5: !t, %x6: !t, %x7: !t, %x8: !t, %x9: !t, %x10: !t, %x11: !t, %x12: !t, %x13: !t, %x14: !t, %x15: !t, %x16: !t, %x17: !t, %x18: !t, %x19: !t, %x20: !t, %x21: !t, %x22: !t, %x23: !t, %x24: !t, %x25: !t, %x26: !t, %x27: !t, %x28: !t, %x29: !t, %x30: !t, %x31: !t, %x32: !t, %x33: !t, %x34: !t, %x35: !t, %x36: !t, %x37: !t, %x38: !t, %x39: !t, %x40: !t, %x41: !t, %x42: !t, %x43: !t, %x44: !t, %x45: !t, %x46: !t, %x47: !t, %x48: !t, %x49: !t, %g: tensor<1x1x1x50xf32>) -> !t {
  // expected-error@+1 {{nsa-verify-gpu-module: kernel 'gate' has parameters of 4576 bytes, but PTX 8.0 allows 4096; the feature +ptx81 allows 32764}}
  %o = nsa.gate %x0, %x1, %x2, %x3, %x4, %x5, %x6, %x7, %x8, %x9, %x10, %x11, %x12, %x13, %x14, %x15, %x16, %x17, %x18, %x19, %x20, %x21, %x22, %x23, %x24, %x25, %x26, %x27, %x28, %x29, %x30, %x31, %x32, %x33, %x34, %x35, %x36, %x37, %x38, %x39, %x40, %x41, %x42, %x43, %x44, %x45, %x46, %x47, %x48, %x49 gates(%g) : (!t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, tensor<1x1x1x50xf32>) -> !t
  return %o : !t
}
