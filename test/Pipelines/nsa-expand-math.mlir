// RUN: nsa-opt %s --pass-pipeline='builtin.module(func.func(nsa-expand-math))' | FileCheck %s
// Accuracy: test/Pipelines/math.test.

// Scalars and vectors of any rank.
// CHECK-LABEL: func @expanded
// CHECK-NOT:   math.{{exp|exp2|erf|tanh|expm1|fma}}
// CHECK:       return
func.func @expanded(%a: f32, %b: vector<16xf32>, %c: vector<2x8xf32>)
    -> (f32, vector<16xf32>, vector<2x8xf32>, f32, vector<16xf32>, f32) {
  %0 = math.exp2 %a : f32
  %1 = math.exp2 %b : vector<16xf32>
  %2 = math.exp2 %c : vector<2x8xf32>
  %3 = math.exp %a : f32
  %4 = math.erf %b : vector<16xf32>
  %5 = math.tanh %a : f32
  return %0, %1, %2, %3, %4, %5 : f32, vector<16xf32>, vector<2x8xf32>, f32, vector<16xf32>, f32
}

// exp2 multiplies and adds; whether fused is for the target to decide. No other
// freedom is given to LLVM: infinities and NaN are meant.
// CHECK-LABEL: func @exp2
// CHECK-COUNT-6: arith.mulf {{.*}} fastmath<contract>
// CHECK-NOT:     fastmath<{{.*(fast|nnan|ninf|reassoc)}}
// CHECK:         return
func.func @exp2(%a: f32) -> f32 {
  %0 = math.exp2 %a : f32
  return %0 : f32
}

// The user's own fused multiply-add is exact, other types and functions are
// left to LLVM or the library.
// CHECK-LABEL: func @kept
// CHECK:       math.fma
// CHECK:       math.exp2 {{.*}} : f64
// CHECK:       math.exp {{.*}} : f64
// CHECK:       math.log {{.*}} : f32
// CHECK:       math.sin {{.*}} : vector<4xf32>
// CHECK:       math.erfc {{.*}} : f32
func.func @kept(%a: f32, %b: f64, %c: vector<4xf32>) -> (f32, f64, f64, f32, vector<4xf32>, f32) {
  %0 = math.fma %a, %a, %a : f32
  %1 = math.exp2 %b : f64
  %2 = math.exp %b : f64
  %3 = math.log %a : f32
  %4 = math.sin %c : vector<4xf32>
  %5 = math.erfc %a : f32
  return %0, %1, %2, %3, %4, %5 : f32, f64, f64, f32, vector<4xf32>, f32
}

// Flags that convert-arith-to-llvm would leave as an attribute of arith.
// CHECK-LABEL: func @flags
// CHECK:       arith.extf %{{.*}} : f16 to f32
// CHECK:       arith.truncf %{{.*}} : f32 to f16
func.func @flags(%a: f16, %b: f32) -> (f32, f16) {
  %0 = arith.extf %a fastmath<contract> : f16 to f32
  %1 = arith.truncf %b fastmath<contract> : f32 to f16
  return %0, %1 : f32, f16
}
