// Sizes of 0, lists without entries and offsets per batch entry have schedules too,
// and cost next to nothing.

// RUN: nsa-opt %s --nsa-fuse --nsa-set-schedule=chip=sm_80 | FileCheck %s
// RUN: nsa-opt %s --nsa-set-schedule=chip=sm_80 --nsa-report=chip=sm_80 -o /dev/null 2>&1 | FileCheck %s --check-prefix=REPORT --implicit-check-not=nan --implicit-check-not=inf

// CHECK-LABEL: func.func @no_query(
// CHECK: nsa.schedule = #nsa.schedule<dense
// REPORT: nsa.window_attention at
// REPORT: predicted  0.0 us
func.func @no_query(%q: tensor<1x0x4x64xf16>, %k: tensor<1x64x4x64xf16>) -> tensor<1x0x4x64xf16> {
  %o, %lse = nsa.window_attention %q, %k, %k {window = 16} : (tensor<1x0x4x64xf16>, tensor<1x64x4x64xf16>, tensor<1x64x4x64xf16>) -> (tensor<1x0x4x64xf16>, tensor<1x0x4xf32>)
  return %o : tensor<1x0x4x64xf16>
}

// CHECK-LABEL: func.func @no_key(
// CHECK: nsa.schedule = #nsa.schedule<dense
// REPORT: nsa.compressed_attention at
func.func @no_key(%q: tensor<2x8x4x64xf16>, %k: tensor<2x0x4x64xf16>, %off: tensor<2xi32>) -> tensor<2x8x4x64xf16> {
  %o, %lse = nsa.compressed_attention %q, %k, %k q_offset(%off) {compression_block = 16, compression_stride = 8} : (tensor<2x8x4x64xf16>, tensor<2x0x4x64xf16>, tensor<2x0x4x64xf16>, tensor<2xi32>) -> (tensor<2x8x4x64xf16>, tensor<2x8x4xf32>)
  return %o : tensor<2x8x4x64xf16>
}

// CHECK-LABEL: func.func @no_entry(
// CHECK: nsa.schedule = #nsa.schedule<plain>
// REPORT: nsa.selected_attention at
func.func @no_entry(%q: tensor<2x8x4x64xf16>, %k: tensor<2x64x4x64xf16>, %idx: tensor<2x8x4x0xi32>) -> tensor<2x8x4x64xf16> {
  %o, %lse = nsa.selected_attention %q, %k, %k, %idx {selection_block = 16, unique} : (tensor<2x8x4x64xf16>, tensor<2x64x4x64xf16>, tensor<2x64x4x64xf16>, tensor<2x8x4x0xi32>) -> (tensor<2x8x4x64xf16>, tensor<2x8x4xf32>)
  return %o : tensor<2x8x4x64xf16>
}

// CHECK-LABEL: func.func @no_batch(
// CHECK: nsa.schedule = #nsa.schedule<{{query_major|union}}
// REPORT: nsa.selected_attention at
func.func @no_batch(%q: tensor<0x8x4x64xf16>, %k: tensor<0x64x4x64xf16>, %idx: tensor<0x8x4x?xi32>) -> tensor<0x8x4x64xf16> {
  %o, %lse = nsa.selected_attention %q, %k, %k, %idx {selection_block = 1, unique} : (tensor<0x8x4x64xf16>, tensor<0x64x4x64xf16>, tensor<0x64x4x64xf16>, tensor<0x8x4x?xi32>) -> (tensor<0x8x4x64xf16>, tensor<0x8x4xf32>)
  return %o : tensor<0x8x4x64xf16>
}
