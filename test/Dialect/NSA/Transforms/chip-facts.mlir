// A target-system specification overrides what is known of a chip, for the ops
// within; the module above has the table's numbers.

// DEFINE: %{gpu} =
// DEFINE: %{run} = sed 's/FACTS/%{gpu}/' %s > %t.mlir && not nsa-opt %t.mlir --nsa-set-schedule=chip=sm_90 2>&1 | FileCheck %s --check-prefix
// RUN: sed 's/FACTS/"nsa.sms" = 66 : i64, "nsa.hbm_bytes_per_s" = 2.15e12/' %s > %t.half.mlir
// RUN: nsa-opt %t.half.mlir --nsa-report=chip=sm_90 -o /dev/null 2>&1 | FileCheck %s
// RUN: sed 's/FACTS/"nsa.shared_memory_per_block" = 32768 : i64/' %s > %t.small.mlir
// RUN: nsa-opt %t.small.mlir --nsa-set-schedule=chip=sm_90 | FileCheck %s --check-prefix=SMALL
// RUN: sed 's/FACTS/"nsa.shared_memory_per_block" = 1024 : i64/' %s > %t.none.mlir
// RUN: nsa-opt %t.none.mlir --nsa-set-schedule=chip=sm_90 --remarks-filter="nsa.*" 2>&1 | FileCheck %s --check-prefix=NONE
// REDEFINE: %{gpu} = "nsa.sms" = 0 : i64
// RUN: %{run}=ZERO
// REDEFINE: %{gpu} = "nsa.sms" = 1.5
// RUN: %{run}=FRACTION
// REDEFINE: %{gpu} = "nsa.clock_hz" = "fast"
// RUN: %{run}=WORD

// CHECK: nsa.gate at
// CHECK: predicted  1.0 us, bound by hbm
// CHECK: nsa.gate at
// CHECK: predicted  2.0 us, bound by hbm

// SMALL: func.func @window
// SMALL: #nsa.schedule<dense, queries = 32, keys = 32, row_warps = 8, key_warps = 1, stages = 4>
// SMALL: module
// SMALL: #nsa.schedule<dense, queries = 16, keys = 32, row_warps = 4, key_warps = 1, stages = {{2|3}}>

// NONE: [Missed] plain | Category:nsa-set-schedule | Reason="no schedule has room on sm_90", Remark="nsa.window_attention runs as #nsa.schedule<plain>, from cost model"

// ZERO: error: nsa-set-schedule: target-system specification: 'nsa.sms' is 0 : i64, expected a positive integer
// FRACTION: error: nsa-set-schedule: target-system specification: 'nsa.sms' is 1.500000e+00 : f64, expected a positive integer
// WORD: error: nsa-set-schedule: target-system specification: 'nsa.clock_hz' is "fast", expected a positive number

module {
  func.func @outer(%a: tensor<1x4096x4x64xf16>, %g: tensor<1x4096x4x1xf16>) -> tensor<1x4096x4x64xf16> {
    %0 = nsa.gate %a gates(%g) : (tensor<1x4096x4x64xf16>, tensor<1x4096x4x1xf16>) -> tensor<1x4096x4x64xf16>
    return %0 : tensor<1x4096x4x64xf16>
  }
  func.func @window(%q: tensor<1x4096x4x64xf16>, %k: tensor<1x4096x1x64xf16>) -> tensor<1x4096x4x64xf16> {
    %0:2 = nsa.window_attention %q, %k, %k {window = 256} : (tensor<1x4096x4x64xf16>, tensor<1x4096x1x64xf16>, tensor<1x4096x1x64xf16>) -> (tensor<1x4096x4x64xf16>, tensor<1x4096x4xf32>)
    return %0#0 : tensor<1x4096x4x64xf16>
  }
  module attributes {dlti.target_system_spec = #dlti.target_system_spec<"GPU" = #dlti.target_device_spec<FACTS>>} {
    func.func @inner(%a: tensor<1x4096x4x64xf16>, %g: tensor<1x4096x4x1xf16>) -> tensor<1x4096x4x64xf16> {
      %0 = nsa.gate %a gates(%g) : (tensor<1x4096x4x64xf16>, tensor<1x4096x4x1xf16>) -> tensor<1x4096x4x64xf16>
      return %0 : tensor<1x4096x4x64xf16>
    }
    func.func @window(%q: tensor<1x4096x4x64xf16>, %k: tensor<1x4096x1x64xf16>) -> tensor<1x4096x4x64xf16> {
      %0:2 = nsa.window_attention %q, %k, %k {window = 256} : (tensor<1x4096x4x64xf16>, tensor<1x4096x1x64xf16>, tensor<1x4096x1x64xf16>) -> (tensor<1x4096x4x64xf16>, tensor<1x4096x4xf32>)
      return %0#0 : tensor<1x4096x4x64xf16>
    }
  }
}
