// RUN: nsa-opt %s --nsa-locate-calls --mlir-print-debuginfo --mlir-print-local-scope | FileCheck %s

// Functions that a program built without locations reach PTX.
// RUN: nsa-opt %s --nsa-to-ptx -o /dev/null

llvm.func @callee() {
  llvm.return
}

// CHECK-LABEL: llvm.func @nowhere
// CHECK: llvm.call @callee() : () -> () loc("<unknown>":0:0)
llvm.func @nowhere() {
  llvm.call @callee() : () -> () loc(unknown)
  llvm.return
} loc(unknown)

// CHECK-LABEL: llvm.func @somewhere
// CHECK: llvm.call @callee() : () -> () loc("model.py":3:1)
// CHECK: llvm.call @callee() : () -> () loc("model.py":4:1)
llvm.func @somewhere() {
  llvm.call @callee() : () -> () loc(unknown)
  llvm.call @callee() : () -> () loc("model.py":4:1)
  llvm.return
} loc("model.py":3:1)

// The C interface of a function calls it, from where it is.
func.func @attend(%q: tensor<1x8x4x16xf32>, %kv: tensor<1x8x2x16xf32>)
    -> tensor<1x8x4x16xf32> {
  %o, %lse = nsa.window_attention %q, %kv, %kv {window = 4}
      : (tensor<1x8x4x16xf32>, tensor<1x8x2x16xf32>, tensor<1x8x2x16xf32>)
      -> (tensor<1x8x4x16xf32>, tensor<1x8x4xf32>) loc(unknown)
  return %o : tensor<1x8x4x16xf32>
} loc(unknown)
