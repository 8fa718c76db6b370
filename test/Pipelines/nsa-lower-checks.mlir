// RUN: nsa-opt %s --nsa-lower-checks | FileCheck %s
// RUN: nsa-opt %s --nsa-lower-checks=host-only | FileCheck %s

// CHECK-LABEL: func.func @index(
// CHECK-SAME: %[[N:.*]]: index
// CHECK: %[[HOLDS:.*]] = arith.cmpi ult, %[[N]], %[[C4:.*]] : index
// CHECK: %[[FAILS:.*]] = arith.xori %[[HOLDS]], %true
// CHECK: scf.if %[[FAILS]] {
// CHECK: %[[TEXT:.*]] = llvm.mlir.addressof @nsa_check :
// CHECK: %[[LEFT:.*]] = arith.index_cast %[[N]] : index to i64
// CHECK: %[[RIGHT:.*]] = arith.index_cast %[[C4]] : index to i64
// CHECK: %[[TWO:.*]] = arith.constant 2 : i64
// CHECK: call @nsaCheckFailed(%[[TEXT]], %[[TWO]], %[[LEFT]], %[[RIGHT]])
// CHECK-NOT: cf.assert
func.func @index(%n: index) {
  %c4 = arith.constant 4 : index
  %holds = arith.cmpi ult, %n, %c4 : index
  cf.assert %holds, "too many"
  return
}

// CHECK-LABEL: func.func @narrow(
// CHECK: arith.extsi %{{.*}} : i8 to i64
func.func @narrow(%a: i8, %b: i8) {
  %holds = arith.cmpi eq, %a, %b : i8
  cf.assert %holds, "not equal"
  return
}

// Not a comparison, or one of values that are too wide: no values.
// CHECK-LABEL: func.func @flag(
// CHECK: scf.for
// CHECK: scf.if
// CHECK: %[[ZERO:.*]] = arith.constant 0 : i64
// CHECK: call @nsaCheckFailed(%{{.*}}, %[[ZERO]], %[[ZERO]], %[[ZERO]])
// CHECK: call @nsaCheckFailed(%{{.*}}, %[[ZERO1:.*]], %[[ZERO1]], %[[ZERO1]])
func.func @flag(%holds: i1, %a: i128, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %wide = arith.cmpi eq, %a, %a : i128
  scf.for %i = %c0 to %n step %c1 {
    cf.assert %holds, "it does not hold"
    cf.assert %wide, "wide"
  }
  return
}

// CHECK: func.func private @nsaCheckFailed(!llvm.ptr, i64, i64, i64)
// CHECK: llvm.mlir.global internal constant @nsa_check("{{.*}}nsa-lower-checks.mlir:{{[0-9]+}}:{{[0-9]+}}: error: too many\00")
// CHECK: llvm.mlir.global internal constant @nsa_check_0("{{.*}}nsa-lower-checks.mlir:{{[0-9]+}}:{{[0-9]+}}: error: not equal\00")
// CHECK: llvm.mlir.global internal constant @nsa_check_1("{{.*}}nsa-lower-checks.mlir:{{[0-9]+}}:{{[0-9]+}}: error: it does not hold\00")
