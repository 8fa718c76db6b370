// --remarks-filter prints the compiler's remarks on standard error, where they
// do not disturb the results.

// RUN: nsa-run %s --input=2x8xf32=zeros --remarks-filter='nsa.*' 2>%t.err | FileCheck %s --check-prefix=OUT --implicit-check-not=remark
// OUT: output 0: 2x8xf32 min 0 max 0 mean 0 nan 0
// RUN: FileCheck %s < %t.err
// CHECK: nsa-run-remarks.mlir:[[#@LINE+4]]:{{.*}}: remark: {{.*}}Category:nsa
// RUN: nsa-run %s --input=2x8xf32=zeros --remarks-filter=somebody-else 2>&1 | FileCheck %s --check-prefix=OUT --implicit-check-not=remark
// RUN: nsa-run %s --input=2x8xf32=zeros 2>&1 | FileCheck %s --check-prefix=OUT --implicit-check-not=remark

func.func @f(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c1 : tensor<2x?xf32>
  %e = tensor.empty(%n) : tensor<2x?xf32>
  %y = linalg.add ins(%x, %x : tensor<2x?xf32>, tensor<2x?xf32>)
      outs(%e : tensor<2x?xf32>) -> tensor<2x?xf32>
  return %y : tensor<2x?xf32>
}
