// RUN: nsa-opt %s --split-input-file --convert-nsa-to-linalg --canonicalize --cse | FileCheck %s
// RUN: nsa-opt %s --split-input-file --convert-nsa-to-linalg="rows=4 row-multiple=1 key-tile=8" --canonicalize --cse | FileCheck %s --check-prefix=SMALL

// A query tile of 16 queries x 4 heads walks key tiles of 64 with an online
// softmax; rows are innermost.
// CHECK-LABEL: func @window(
// CHECK-SAME:    %[[Q:.*]]: tensor<?x?x8x64xf32>, %[[K:.*]]: tensor<?x?x2x64xf32>, %[[V:.*]]: tensor<?x?x2x32xf32>
// CHECK:         scf.forall (%[[B:.*]], %[[HT:.*]], %[[QT:.*]]) in (%{{.*}}, 2, %{{.*}}) shared_outs(%[[O:.*]] = %{{.*}}, %[[LSE:.*]] = %{{.*}}) -> (tensor<?x?x8x32xf32>, tensor<?x?x8xf32>)
// The queries are scaled and transposed once.
// CHECK:           tensor.extract_slice %[[Q]]{{.*}} : tensor<?x?x8x64xf32> to tensor<?x4x64xf32>
// CHECK:           arith.mulf %{{.*}}, %{{.*}} : f32
// CHECK:           tensor.collapse_shape {{.*}} : tensor<4x16x64xf32> into tensor<64x64xf32>
// CHECK:           linalg.generic {{.*}} outs(%{{.*}} : tensor<64x64xf32>)
// CHECK:           scf.for {{.*}} -> (tensor<64xf32>, tensor<64xf32>, tensor<32x64xf32>)
// CHECK:             scf.if
// A whole tile that all rows see: keys where they lie, no mask. S[key, row].
// CHECK:               scf.if %[[WHOLE:.*]] -> (tensor<64x64xf32>) {
// CHECK:                 tensor.extract_slice %[[K]]{{.*}} : tensor<?x?x2x64xf32> to tensor<64x64xf32>
// CHECK-NOT:             tensor.empty
// CHECK:                 linalg.generic {{.*}}iterator_types = ["parallel", "parallel", "reduction"]
// CHECK:                   arith.mulf %{{.*}}, %{{.*}} fastmath<contract>
// CHECK-NOT:             arith.cmpi
// Any other: copied, with zeros behind it, and masked.
// CHECK:               } else {
// CHECK:                 tensor.extract_slice %[[K]]{{.*}} : tensor<?x?x2x64xf32> to tensor<?x64xf32>
// CHECK:                 linalg.generic {{.*}}iterator_types = ["parallel", "parallel", "reduction"]
// CHECK:                 arith.cmpi sge
// CHECK:                 arith.select
// CHECK:               }
// CHECK:               linalg.generic {{.*}}iterator_types = ["reduction", "parallel"]
// CHECK:                 arith.cmpf ogt
// CHECK:                 arith.select
// 2^x by arithmetic.
// CHECK:               arith.bitcast %{{.*}} : f32 to i32
// CHECK:               arith.shli
// CHECK-NOT:           math.exp
// CHECK:               scf.if %[[WHOLE]] -> (tensor<32x64xf32>) {
// CHECK:                 tensor.extract_slice %[[V]]{{.*}} : tensor<?x?x2x32xf32> to tensor<64x32xf32>
// CHECK:                 linalg.generic {{.*}}iterator_types = ["parallel", "parallel", "reduction"]
// CHECK:               } else {
// CHECK:                 tensor.extract_slice %[[V]]{{.*}} : tensor<?x?x2x32xf32> to tensor<?x32xf32>
// CHECK:         math.log
// CHECK:         scf.forall.in_parallel
// CHECK-NEXT:      tensor.parallel_insert_slice %{{.*}} into %[[O]]
// CHECK-NEXT:      tensor.parallel_insert_slice %{{.*}} into %[[LSE]]
// SMALL-LABEL: func @window(
// SMALL:         scf.for {{.*}} -> (tensor<4xf32>, tensor<4xf32>, tensor<32x4xf32>)
// SMALL:           tensor.empty() : tensor<8x64xf32>
func.func @window(%q: tensor<?x?x8x64xf32>, %k: tensor<?x?x2x64xf32>, %v: tensor<?x?x2x32xf32>) -> (tensor<?x?x8x32xf32>, tensor<?x?x8xf32>) {
  %o, %lse = nsa.window_attention %q, %k, %v {window = 128} : (tensor<?x?x8x64xf32>, tensor<?x?x2x64xf32>, tensor<?x?x2x32xf32>) -> (tensor<?x?x8x32xf32>, tensor<?x?x8xf32>)
  return %o, %lse : tensor<?x?x8x32xf32>, tensor<?x?x8xf32>
}

// -----

// The visible compressed blocks: (limit - 32 + 16) / 16, at most those stored.
// CHECK-LABEL: func @compressed(
// CHECK:         scf.forall
// CHECK:           arith.addi %{{.*}}, %c-16
// CHECK:           arith.maxsi
// CHECK:           arith.divui %{{.*}}, %c16
func.func @compressed(%q: tensor<1x64x4x16xf16>, %kc: tensor<1x9x1x16xf16>, %vc: tensor<1x9x1x16xf16>, %off: index) -> (tensor<1x64x4x16xf16>, tensor<1x64x4xf32>) {
  %o, %lse = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 32, compression_stride = 16} : (tensor<1x64x4x16xf16>, tensor<1x9x1x16xf16>, tensor<1x9x1x16xf16>, index) -> (tensor<1x64x4x16xf16>, tensor<1x64x4xf32>)
  return %o, %lse : tensor<1x64x4x16xf16>, tensor<1x64x4xf32>
}

// -----

// Lists of one query each: repeats and negative entries are dropped first,
// unless the list is known to be unique. Per-batch positions are read. The key
// tiles of 40 queries are sorted by position.
// CHECK-LABEL: func @selected(
// CHECK-SAME:    %[[IDX:[a-z0-9]+]]: tensor<2x40x2x5xi32>, %[[OFF:[a-z0-9]+]]: tensor<2xi32>, %[[LEN:[a-z0-9]+]]: tensor<2xi32>
// CHECK:         scf.forall (%[[B:.*]], %[[HT:.*]]) in (2, 2)
// Count, sum, place.
// CHECK:           scf.for {{.*}} -> (tensor<8xi32>, index)
// CHECK-DAG:         tensor.extract %[[OFF]][%[[B]]]
// CHECK-DAG:         tensor.extract %[[LEN]][%[[B]]]
// CHECK:             %[[ROW:.*]] = tensor.extract_slice %[[IDX]]{{.*}} : tensor<2x40x2x5xi32> to tensor<5xi32>
// CHECK:             %[[LIST:.*]] = linalg.generic {{.*}}iterator_types = ["parallel", "reduction"]{{.*}} ins(%[[ROW]], %[[ROW]]
// CHECK:             scf.for {{.*}} -> (tensor<8xi32>, index)
// CHECK:               tensor.extract %[[LIST]]
// CHECK:           scf.for {{.*}} to %c7 {{.*}} -> (tensor<8xi32>) {
// CHECK:           scf.for {{.*}} -> (tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>)
// Few rows at a time: keys are innermost; they are transposed, and values
// converted, once for all queries that name the tile.
// CHECK:           scf.for {{.*}} -> (tensor<160xf32>, tensor<160xf32>, tensor<160x64xf32>, index, index, tensor<64x16xf32>, tensor<16x64xf32>)
// CHECK:             %[[SAME:.*]] = arith.andi
// CHECK:             scf.if %[[SAME]] -> (tensor<64x16xf32>, tensor<16x64xf32>)
// CHECK:             linalg.generic {{.*}}ins(%{{.*}}, %{{.*}} : tensor<4x64xf32>, tensor<64x16xf32>)
// CHECK:             tensor.insert_slice %{{.*}} : tensor<4x64xf32> into tensor<160x64xf32>
func.func @selected(%q: tensor<2x40x8x64xbf16>, %k: tensor<2x100x2x64xbf16>, %v: tensor<2x100x2x64xbf16>, %idx: tensor<2x40x2x5xi32>, %off: tensor<2xi32>, %len: tensor<2xi32>) -> (tensor<2x40x8x64xbf16>, tensor<2x40x8xf32>) {
  %o, %lse = nsa.selected_attention %q, %k, %v, %idx q_offset(%off) kv_len(%len) {selection_block = 16} : (tensor<2x40x8x64xbf16>, tensor<2x100x2x64xbf16>, tensor<2x100x2x64xbf16>, tensor<2x40x2x5xi32>, tensor<2xi32>, tensor<2xi32>) -> (tensor<2x40x8x64xbf16>, tensor<2x40x8xf32>)
  return %o, %lse : tensor<2x40x8x64xbf16>, tensor<2x40x8xf32>
}

// -----

// CHECK-LABEL: func @selected_unique(
// CHECK:         scf.forall
// CHECK-NOT:     ["parallel", "reduction"]
// CHECK:         scf.for
func.func @selected_unique(%q: tensor<1x40x8x64xf32>, %k: tensor<1x100x2x64xf32>, %v: tensor<1x100x2x64xf32>, %idx: tensor<1x40x2x5xi32>) -> tensor<1x40x8x64xf32> {
  %o, %lse = nsa.selected_attention %q, %k, %v, %idx {selection_block = 16, unique} : (tensor<1x40x8x64xf32>, tensor<1x100x2x64xf32>, tensor<1x100x2x64xf32>, tensor<1x40x2x5xi32>) -> (tensor<1x40x8x64xf32>, tensor<1x40x8xf32>)
  return %o : tensor<1x40x8x64xf32>
}

// -----

// Inside a parallel loop the op's own loops are sequential.
// CHECK-LABEL: func @nested(
// CHECK:         scf.forall (%{{.*}}) in (4)
// CHECK-NOT:     scf.forall (
// CHECK:         scf.forall.in_parallel
func.func @nested(%q: tensor<4x8x2x16xf32>, %k: tensor<4x8x1x16xf32>, %out: tensor<4x8x2x16xf32>) -> tensor<4x8x2x16xf32> {
  %r = scf.forall (%b) in (4) shared_outs(%acc = %out) -> (tensor<4x8x2x16xf32>) {
    %qb = tensor.extract_slice %q[%b, 0, 0, 0] [1, 8, 2, 16] [1, 1, 1, 1] : tensor<4x8x2x16xf32> to tensor<1x8x2x16xf32>
    %kb = tensor.extract_slice %k[%b, 0, 0, 0] [1, 8, 1, 16] [1, 1, 1, 1] : tensor<4x8x1x16xf32> to tensor<1x8x1x16xf32>
    %o, %lse = nsa.window_attention %qb, %kb, %kb {window = 4} : (tensor<1x8x2x16xf32>, tensor<1x8x1x16xf32>, tensor<1x8x1x16xf32>) -> (tensor<1x8x2x16xf32>, tensor<1x8x2xf32>)
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %o into %acc[%b, 0, 0, 0] [1, 8, 2, 16] [1, 1, 1, 1] : tensor<1x8x2x16xf32> into tensor<4x8x2x16xf32>
    }
  }
  return %r : tensor<4x8x2x16xf32>
}

// -----

// A list that is known to be empty is not sliced: no offset would be valid.
// CHECK-LABEL: func @empty_list(
// CHECK-NOT:     tensor<1x?x2x0xi32> to
// CHECK:         return
func.func @empty_list(%q: tensor<1x?x4x16xf32>, %k: tensor<1x?x2x16xf32>, %idx: tensor<1x?x2x0xi32>) -> tensor<1x?x4x16xf32> {
  %o, %lse = nsa.selected_attention %q, %k, %k, %idx {selection_block = 16} : (tensor<1x?x4x16xf32>, tensor<1x?x2x16xf32>, tensor<1x?x2x16xf32>, tensor<1x?x2x0xi32>) -> (tensor<1x?x4x16xf32>, tensor<1x?x4xf32>)
  return %o : tensor<1x?x4x16xf32>
}

// -----

// Ops that are not ours stay.
// CHECK-LABEL: func @foreign(
// CHECK-NEXT:    linalg.matmul
// CHECK-NEXT:    return
func.func @foreign(%a: tensor<4x4xf32>, %b: tensor<4x4xf32>, %c: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %r = linalg.matmul ins(%a, %b : tensor<4x4xf32>, tensor<4x4xf32>) outs(%c : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %r : tensor<4x4xf32>
}
