// RUN: nsa-opt %s --pass-pipeline='builtin.module(func.func(nsa-reuse-loop-buffers))' | FileCheck %s

// A tensor that is computed into another one is inserted into its argument.
// CHECK-LABEL: func @fresh
// CHECK:       scf.for {{.*}} iter_args(%[[ARG:.*]] = %{{.*}})
// CHECK:         %[[NEW:.*]] = linalg.add
// CHECK:         %[[IN:.*]] = tensor.insert_slice %[[NEW]] into %[[ARG]][0] [8] [1]
// CHECK:         scf.yield %[[IN]]
func.func @fresh(%x: tensor<8xf32>, %n: index) -> tensor<8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x) -> tensor<8xf32> {
    %e = tensor.empty() : tensor<8xf32>
    %s = linalg.add ins(%a, %a : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
    scf.yield %s : tensor<8xf32>
  }
  return %r : tensor<8xf32>
}

// Updates in place are left alone, through whatever operations they go.
// CHECK-LABEL: func @in_place
// CHECK-NOT:   insert_slice %{{.*}}[0] [8] [1]
// CHECK:       return
func.func @in_place(%x: tensor<8xf32>, %n: index, %v: f32, %p: i1, %w: vector<8xf32>) -> tensor<8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x) -> tensor<8xf32> {
    %b = linalg.fill ins(%v : f32) outs(%a : tensor<8xf32>) -> tensor<8xf32>
    %c = tensor.insert %v into %b[%i] : tensor<8xf32>
    %d = vector.transfer_write %w, %c[%c0] {in_bounds = [true]} : vector<8xf32>, tensor<8xf32>
    %e = scf.for %j = %c0 to %n step %c1 iter_args(%f = %d) -> tensor<8xf32> {
      %g = tensor.insert %v into %f[%j] : tensor<8xf32>
      scf.yield %g : tensor<8xf32>
    }
    %h = scf.if %p -> tensor<8xf32> {
      %k = tensor.insert %v into %e[%c1] : tensor<8xf32>
      scf.yield %k : tensor<8xf32>
    } else {
      scf.yield %e : tensor<8xf32>
    }
    %l = scf.forall (%j) in (4) shared_outs(%o = %h) -> tensor<8xf32> {
      %s = tensor.extract_slice %o[%j] [1] [1] : tensor<8xf32> to tensor<1xf32>
      scf.forall.in_parallel {
        tensor.parallel_insert_slice %s into %o[%j] [1] [1] : tensor<1xf32> into tensor<8xf32>
      }
    }
    scf.yield %l : tensor<8xf32>
  }
  return %r : tensor<8xf32>
}

// The sizes are dynamic but the same: those of the initial tensor.
// CHECK-LABEL: func @same_size
// CHECK:       scf.for {{.*}} iter_args(%[[ARG:.*]] = %{{.*}})
// CHECK:         %[[DIM:.*]] = tensor.dim %[[ARG]]
// CHECK:         tensor.insert_slice %{{.*}} into %[[ARG]][0] [%[[DIM]]] [1]
func.func @same_size(%size: index, %v: f32, %n: index) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %e = tensor.empty(%size) : tensor<?xf32>
  %x = linalg.fill ins(%v : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x) -> tensor<?xf32> {
    %f = tensor.empty(%size) : tensor<?xf32>
    %s = linalg.exp ins(%a : tensor<?xf32>) outs(%f : tensor<?xf32>) -> tensor<?xf32>
    scf.yield %s : tensor<?xf32>
  }
  return %r : tensor<?xf32>
}

// A tensor that grows does not fit into its argument.
// CHECK-LABEL: func @grows
// CHECK-NOT:   insert_slice %{{.*}} into %{{.*}} : tensor<?xf32> into tensor<?xf32>
// CHECK:       scf.yield %{{.*}} : tensor<?xf32>
func.func @grows(%x: tensor<?xf32>, %n: index) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x) -> tensor<?xf32> {
    %size = tensor.dim %a, %c0 : tensor<?xf32>
    %more = arith.addi %size, %c1 : index
    %f = tensor.empty(%more) : tensor<?xf32>
    scf.yield %f : tensor<?xf32>
  }
  return %r : tensor<?xf32>
}
