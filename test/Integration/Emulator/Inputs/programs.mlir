// Programs beside nsa ops, for programs.py.

#id = affine_map<(d0) -> (d0)>
#map = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
func.func @pad(%x: tensor<?x7xf32>) -> tensor<?x10xf32> {
  %z = arith.constant 2.0 : f32
  %p = tensor.pad %x low[1, 2] high[2, 1] { ^bb0(%i: index, %j: index): tensor.yield %z : f32 } : tensor<?x7xf32> to tensor<?x10xf32>
  return %p : tensor<?x10xf32>
}
func.func @matmul(%x: tensor<?x7xf32>, %y: tensor<7x?xf32>) -> tensor<?x?xf32> {
  %z = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = tensor.dim %x, %c0 : tensor<?x7xf32>
  %n = tensor.dim %y, %c1 : tensor<7x?xf32>
  %e = tensor.empty(%m, %n) : tensor<?x?xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<?x?xf32>) -> tensor<?x?xf32>
  %r = linalg.matmul ins(%x, %y : tensor<?x7xf32>, tensor<7x?xf32>) outs(%f : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}
func.func @reduce(%x: tensor<?x?xf32>) -> (tensor<?xf32>, tensor<f32>) {
  %z = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %m = tensor.dim %x, %c0 : tensor<?x?xf32>
  %e = tensor.empty(%m) : tensor<?xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %r = linalg.generic {indexing_maps = [#map, #row], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<?x?xf32>) outs(%f : tensor<?xf32>) {
  ^bb0(%a: f32, %b: f32):
    %s = arith.addf %a, %b : f32
    linalg.yield %s : f32
  } -> tensor<?xf32>
  %e1 = tensor.empty() : tensor<f32>
  %f1 = linalg.fill ins(%z : f32) outs(%e1 : tensor<f32>) -> tensor<f32>
  %r1 = linalg.reduce ins(%x : tensor<?x?xf32>) outs(%f1 : tensor<f32>) dimensions = [0, 1] (%a: f32, %b: f32) { %s = arith.maximumf %a, %b : f32
    linalg.yield %s : f32 }
  return %r, %r1 : tensor<?xf32>, tensor<f32>
}
func.func @from(%a: f32, %n: index) -> (tensor<3xf32>, tensor<2x2xindex>, tensor<?xf32>) {
  %b = arith.addf %a, %a : f32
  %t = tensor.from_elements %a, %b, %a : tensor<3xf32>
  %u = tensor.from_elements %n, %n, %n, %n : tensor<2x2xindex>
  %g = tensor.generate %n { ^bb0(%i: index): %k = arith.index_cast %i : index to i32
    %f = arith.sitofp %k : i32 to f32
    tensor.yield %f : f32 } : tensor<?xf32>
  return %t, %u, %g : tensor<3xf32>, tensor<2x2xindex>, tensor<?xf32>
}
func.func @mem(%x: memref<?xf32>, %n: index) -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = memref.dim %x, %c0 : memref<?xf32>
  %a = memref.alloc(%m) : memref<?xf32>
  scf.parallel (%i) = (%c0) to (%m) step (%c1) {
    %v = memref.load %x[%i] : memref<?xf32>
    %w = arith.addf %v, %v : f32
    memref.store %w, %a[%i] : memref<?xf32>
    scf.reduce
  }
  return %a : memref<?xf32>
}
func.func @gather(%x: tensor<8xf32>, %i: tensor<5xi32>) -> tensor<5xf32> {
  %e = tensor.empty() : tensor<5xf32>
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%i : tensor<5xi32>) outs(%e : tensor<5xf32>) {
  ^bb0(%a: i32, %b: f32):
    %k = arith.index_cast %a : i32 to index
    %v = tensor.extract %x[%k] : tensor<8xf32>
    linalg.yield %v : f32 } -> tensor<5xf32>
  return %r : tensor<5xf32>
}
func.func @concat(%x: tensor<8xf32>, %y: tensor<8xf32>) -> tensor<16xf32> {
  %r = tensor.concat dim(0) %x, %y : (tensor<8xf32>, tensor<8xf32>) -> tensor<16xf32>
  return %r : tensor<16xf32>
}
func.func @transpose(%x: tensor<?x4xf16>) -> tensor<4x?xf16> {
  %c0 = arith.constant 0 : index
  %m = tensor.dim %x, %c0 : tensor<?x4xf16>
  %e = tensor.empty(%m) : tensor<4x?xf16>
  %r = linalg.transpose ins(%x : tensor<?x4xf16>) outs(%e : tensor<4x?xf16>) permutation = [1, 0]
  return %r : tensor<4x?xf16>
}
func.func @argmax(%x: tensor<8xf32>) -> (tensor<f32>, tensor<index>) {
  %z = arith.constant dense<0.0> : tensor<f32>
  %i0 = arith.constant dense<0> : tensor<index>
  %r:2 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> ()>, affine_map<(d0) -> ()>], iterator_types = ["reduction"]} ins(%x : tensor<8xf32>) outs(%z, %i0 : tensor<f32>, tensor<index>) {
  ^bb0(%a: f32, %b: f32, %c: index):
    %i = linalg.index 0 : index
    %g = arith.cmpf ogt, %a, %b : f32
    %v = arith.select %g, %a, %b : f32
    %k = arith.select %g, %i, %c : index
    linalg.yield %v, %k : f32, index } -> (tensor<f32>, tensor<index>)
  return %r#0, %r#1 : tensor<f32>, tensor<index>
}

// nsa ops within control flow and calls.
!q = tensor<?x?x4x32xf32>
!l = tensor<?x?x4xf32>
func.func private @inner(%q: !q, %k: !q, %v: !q) -> (!q, !l) {
  %o, %lse = nsa.window_attention %q, %k, %v {window = 4} : (!q, !q, !q) -> (!q, !l)
  return %o, %lse : !q, !l
}
func.func @calls(%q: !q, %k: !q, %v: !q) -> (!q, !l) {
  %o, %lse = func.call @inner(%q, %k, %v) : (!q, !q, !q) -> (!q, !l)
  %o2, %lse2 = func.call @inner(%o, %k, %v) : (!q, !q, !q) -> (!q, !l)
  return %o2, %lse2 : !q, !l
}
func.func @for(%q: !q, %k: !q, %v: !q, %n: index) -> !q {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%x = %q) -> !q {
    %o, %lse = nsa.window_attention %x, %k, %v {window = 4} : (!q, !q, !q) -> (!q, !l)
    scf.yield %o : !q
  }
  return %r : !q
}
func.func @while(%q: !q, %n: index) -> (!q, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:2 = scf.while (%x = %q, %i = %c0) : (!q, index) -> (!q, index) {
    %more = arith.cmpi slt, %i, %n : index
    scf.condition(%more) %x, %i : !q, index
  } do {
  ^bb0(%x: !q, %i: index):
    %o, %lse = nsa.window_attention %x, %x, %x {window = 4} : (!q, !q, !q) -> (!q, !l)
    %j = arith.addi %i, %c1 : index
    scf.yield %o, %j : !q, index
  }
  return %r#0, %r#1 : !q, index
}
func.func @if(%q: !q, %k: !q, %v: !q, %c: i1) -> !q {
  %r = scf.if %c -> !q {
    %o, %lse = nsa.window_attention %q, %k, %v {window = 4} : (!q, !q, !q) -> (!q, !l)
    scf.yield %o : !q
  } else {
    scf.yield %q : !q
  }
  return %r : !q
}
func.func @forall(%x: tensor<3x8x1x32xf32>) -> tensor<3x8x1x32xf32> {
  %e = tensor.empty() : tensor<3x8x1x32xf32>
  %r = scf.forall (%i) in (3) shared_outs(%out = %e) -> tensor<3x8x1x32xf32> {
    %s = tensor.extract_slice %x[%i, 0, 0, 0] [1, 8, 1, 32] [1, 1, 1, 1] : tensor<3x8x1x32xf32> to tensor<1x8x1x32xf32>
    %o, %l = nsa.window_attention %s, %s, %s {window = 4} : (tensor<1x8x1x32xf32>, tensor<1x8x1x32xf32>, tensor<1x8x1x32xf32>) -> (tensor<1x8x1x32xf32>, tensor<1x8x1xf32>)
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %o into %out[%i, 0, 0, 0] [1, 8, 1, 32] [1, 1, 1, 1] : tensor<1x8x1x32xf32> into tensor<3x8x1x32xf32>
    }
  }
  return %r : tensor<3x8x1x32xf32>
}
// Slices, which are views with strides, as operands; a slice that is written.
func.func @slices(%x: tensor<2x?x8x48xf32>, %n: index) -> tensor<2x?x8x48xf32> {
  %s = tensor.extract_slice %x[0, 1, 2, 8] [2, %n, 4, 32] [1, 1, 1, 1] : tensor<2x?x8x48xf32> to tensor<2x?x4x32xf32>
  %o, %l = nsa.window_attention %s, %s, %s {window = 4} : (tensor<2x?x4x32xf32>, tensor<2x?x4x32xf32>, tensor<2x?x4x32xf32>) -> (tensor<2x?x4x32xf32>, tensor<2x?x4xf32>)
  %r = tensor.insert_slice %o into %x[0, 1, 2, 8] [2, %n, 4, 32] [1, 1, 1, 1] : tensor<2x?x4x32xf32> into tensor<2x?x8x48xf32>
  return %r : tensor<2x?x8x48xf32>
}
func.func @buffers(%q: memref<?x?x4x32xf32>, %out: tensor<?x?x4x32xf32>) -> tensor<?x?x4x32xf32> {
  %t = bufferization.to_tensor %q restrict : memref<?x?x4x32xf32> to !q
  %r, %lse = nsa.window_attention %t, %t, %t {window = 4} : (!q, !q, !q) -> (!q, !l)
  %s = linalg.add ins(%r, %out : !q, !q) outs(%r : !q) -> !q
  return %s : !q
}
// A buffer of the host's stack, and one that a loop of threads allocates.
func.func @stack(%x: memref<4xf32>) -> memref<4xf32> {
  %a = memref.alloca() : memref<4xf32>
  %r = memref.alloc() : memref<4xf32>
  memref.copy %x, %a : memref<4xf32> to memref<4xf32>
  memref.copy %a, %r : memref<4xf32> to memref<4xf32>
  return %r : memref<4xf32>
}
func.func @local(%x: memref<?xf32>) -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  %r = memref.alloc(%n) : memref<?xf32>
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    %a = memref.alloc() : memref<4xf32>
    %v = memref.load %x[%i] : memref<?xf32>
    memref.store %v, %a[%c1] : memref<4xf32>
    %w = memref.load %a[%c1] : memref<4xf32>
    memref.store %w, %r[%i] : memref<?xf32>
    scf.reduce
  }
  return %r : memref<?xf32>
}
func.func @scalars(%n: index) -> index {
  return %n : index
}
