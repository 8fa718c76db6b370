// RUN: nsa-opt %s --convert-nsa-to-gpu --split-input-file --verify-diagnostics
// RUN: not nsa-opt %s --convert-nsa-to-gpu=block-size=48 --split-input-file 2>&1 | FileCheck %s --check-prefix=BLOCK48
// RUN: not nsa-opt %s --convert-nsa-to-gpu=block-size=0 --split-input-file 2>&1 | FileCheck %s --check-prefix=BLOCK0
// RUN: not nsa-opt %s --convert-nsa-to-gpu=block-size=2048 --split-input-file 2>&1 | FileCheck %s --check-prefix=BLOCK2048

// BLOCK48: error: convert-nsa-to-gpu: block-size (48) must be a multiple of 32 from 32 to 1024
// BLOCK0: error: convert-nsa-to-gpu: block-size (0) must be
// BLOCK2048: error: convert-nsa-to-gpu: block-size (2048) must be

!t = tensor<1x8x1x4xf32>
func.func @attention(%x: !t, %gates: tensor<1x8x1x3xf32>) -> !t {
  // expected-error@+1 {{convert-nsa-to-gpu: no lowering for 'nsa.attention'; run --nsa-decompose first}}
  %o = nsa.attention %x compressed(%x, %x) selected(%x, %x) window(%x, %x) gates(%gates)
      {compression_block = 4, compression_stride = 2, selection_block = 4, top_n = 3, window = 4}
      : (!t, !t, !t, !t, !t, !t, !t, tensor<1x8x1x3xf32>) -> !t
  return %o : !t
}

// -----

// With the branches apart, the same is lowered.
!t = tensor<1x8x1x4xf32>
func.func @window(%x: !t) -> !t {
  %o, %lse = nsa.window_attention %x, %x, %x {window = 4} : (!t, !t, !t) -> (!t, tensor<1x8x1xf32>)
  return %o : !t
}
