// RUN: nsa-opt %s --convert-nsa-to-linalg --canonicalize --cse --split-input-file | FileCheck %s
// RUN: nsa-opt %s --convert-nsa-to-linalg --split-input-file --mlir-print-debuginfo --mlir-print-local-scope \
// RUN:   | FileCheck %s --check-prefix=LOC
// RUN: nsa-opt %s --convert-nsa-to-linalg --split-input-file --remarks-filter="convert-nsa-to-linalg" 2>&1 >/dev/null \
// RUN:   | FileCheck %s --check-prefix=REMARK

// Blocks are reduced one by one: the l tokens of a block, the head size
// innermost, in f32, and rounded once.

// CHECK-DAG: #[[$TOKENS:.+]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[$SUM:.+]] = affine_map<(d0, d1) -> (d1)>
// CHECK-DAG: #[[$ROW:.+]] = affine_map<(d0) -> (d0)>
// CHECK-LABEL: func.func @mean
// CHECK-SAME: %[[X:.+]]: tensor<?x?x4x64xbf16>, %[[PE:.+]]: tensor<32x64xf32>
// CHECK-DAG: %[[C0:.+]] = arith.constant 0 : index
// CHECK-DAG: %[[C1:.+]] = arith.constant 1 : index
// CHECK-DAG: %[[C16:.+]] = arith.constant 16 : index
// CHECK-DAG: %[[C15:.+]] = arith.constant 15 : index
// CHECK-DAG: %[[OVERHANG:.+]] = arith.constant -16 : index
// CHECK-DAG: %[[ZERO:.+]] = arith.constant 0.0{{.*}} : f32
// CHECK-DAG: %[[LENGTH:.+]] = arith.constant 3.2{{.*}} : f32
// Tc = max(T - l + d, 0) / d
// CHECK: %[[B:.+]] = tensor.dim %[[X]], %[[C0]]
// CHECK: %[[T:.+]] = tensor.dim %[[X]], %[[C1]]
// CHECK: %[[SHIFTED:.+]] = arith.addi %[[T]], %[[OVERHANG]]
// CHECK: %[[CLAMPED:.+]] = arith.maxsi %[[SHIFTED]], %[[C0]]
// CHECK: %[[TC:.+]] = arith.divui %[[CLAMPED]], %[[C16]]
// CHECK: %[[TILES:.+]] = arith.divui %{{.+}}, %[[C16]]
// CHECK: %[[EMPTY:.+]] = tensor.empty(%[[B]], %[[TC]]) : tensor<?x?x4x64xbf16>
// CHECK: scf.forall (%[[BATCH:.+]], %[[GROUP:.+]], %[[TILE:.+]]) in (%[[B]], 4, %[[TILES]])
// CHECK-SAME: shared_outs(%[[OUT:.+]] = %[[EMPTY]])
// CHECK: %[[FIRST:.+]] = arith.muli %[[TILE]], %[[C16]]
// CHECK: %[[REST:.+]] = arith.subi %[[TC]], %[[FIRST]]
// CHECK: %[[SIZE:.+]] = arith.minsi %[[REST]], %[[C16]]
// CHECK: %[[OUT_TILE:.+]] = tensor.extract_slice %[[OUT]][%[[BATCH]], %[[FIRST]], %[[GROUP]], 0] [1, %[[SIZE]], 1, 64]
// CHECK: %[[FILLED:.+]] = scf.for %[[I:.+]] = %[[C0]] to %[[SIZE]] step %[[C1]] iter_args(%[[ARG:.+]] = %[[OUT_TILE]])
// CHECK: %[[OUT_ROW:.+]] = tensor.extract_slice %[[ARG]][%[[I]], 0] [1, 64]
// CHECK: %[[BLOCK:.+]] = arith.addi %[[FIRST]], %[[I]]
// CHECK: %[[TOKEN:.+]] = arith.muli %[[BLOCK]], %[[C16]]
// CHECK: %[[BLOCK_TOKENS:.+]] = tensor.extract_slice %[[X]][%[[BATCH]], %[[TOKEN]], %[[GROUP]], 0] [1, 32, 1, 64] [1, 1, 1, 1] : {{.+}} to tensor<32x64xbf16>
// CHECK: %[[INIT:.+]] = linalg.fill ins(%[[ZERO]] : f32)
// CHECK: %[[SUM:.+]] = linalg.generic {indexing_maps = [#[[$TOKENS]], #[[$TOKENS]], #[[$SUM]]], iterator_types = ["reduction", "parallel"]}
// CHECK-SAME: ins(%[[BLOCK_TOKENS]], %[[PE]] : {{.+}}) outs(%[[INIT]] : tensor<64xf32>)
// CHECK: ^bb0(%[[E:.+]]: bf16, %[[P:.+]]: f32, %[[ACC:.+]]: f32):
// CHECK: %[[WIDE:.+]] = arith.extf %[[E]] : bf16 to f32
// CHECK: %[[WITH_PE:.+]] = arith.addf %[[WIDE]], %[[P]]
// CHECK: arith.addf %[[ACC]], %[[WITH_PE]]
// CHECK: %[[ROW:.+]] = linalg.generic {indexing_maps = [#[[$ROW]], #[[$ROW]]], iterator_types = ["parallel"]}
// CHECK-SAME: ins(%[[SUM]] : tensor<64xf32>) outs(%[[OUT_ROW]] : tensor<64xbf16>)
// CHECK: %[[MEAN:.+]] = arith.divf %{{.+}}, %[[LENGTH]]
// CHECK: arith.truncf %[[MEAN]] : f32 to bf16
// CHECK: tensor.insert_slice %[[ROW]] into %[[ARG]][%[[I]], 0] [1, 64]
// CHECK: tensor.parallel_insert_slice %[[FILLED]] into %[[OUT]][%[[BATCH]], %[[FIRST]], %[[GROUP]], 0] [1, %[[SIZE]], 1, 64]
// CHECK-NOT: nsa.
// REMARK: remark: [Analysis] tiled | Category:convert-nsa-to-linalg
// REMARK-SAME: Remark="nsa.compress mean computes its blocks tile by tile", blocks=16, tokens_per_block=32
func.func @mean(%x: tensor<?x?x4x64xbf16>, %pe: tensor<32x64xf32>) -> tensor<?x?x4x64xbf16> {
  %c = nsa.compress mean(%x) pe(%pe) {compression_block = 32, compression_stride = 16}
      : (tensor<?x?x4x64xbf16>, tensor<32x64xf32>) -> tensor<?x?x4x64xbf16>
  return %c : tensor<?x?x4x64xbf16>
}

// -----

// The weights of a head multiply its tokens; the sum is not divided.

// CHECK-LABEL: func.func @weighted
// CHECK-SAME: %[[X:.+]]: tensor<2x?x3x8xf16>, %[[W:.+]]: tensor<3x4xf16>
// CHECK: scf.forall (%{{.+}}, %[[GROUP:.+]], %{{.+}}) in (2, 3, %{{.+}})
// CHECK: %[[WEIGHTS:.+]] = tensor.extract_slice %[[W]][%[[GROUP]], 0] [1, 4] [1, 1] : tensor<3x4xf16> to tensor<4xf16>
// CHECK: scf.for
// CHECK: linalg.generic {indexing_maps = [#{{.+}}, #{{.+}}, #{{.+}}], iterator_types = ["reduction", "parallel"]}
// CHECK-SAME: ins(%{{.+}}, %[[WEIGHTS]] : tensor<4x8xf16>, tensor<4xf16>) outs(%{{.+}} : tensor<8xf32>)
// CHECK: ^bb0(%[[E:.+]]: f16, %[[F:.+]]: f16, %[[ACC:.+]]: f32):
// CHECK-DAG: %[[E32:.+]] = arith.extf %[[E]]
// CHECK-DAG: %[[F32:.+]] = arith.extf %[[F]]
// CHECK: %[[PRODUCT:.+]] = arith.mulf %[[E32]], %[[F32]]
// CHECK: arith.addf %[[ACC]], %[[PRODUCT]]
// CHECK-NOT: arith.divf
func.func @weighted(%x: tensor<2x?x3x8xf16>, %w: tensor<3x4xf16>) -> tensor<2x?x3x8xf16> {
  %c = nsa.compress weighted(%x) params(%w) {compression_block = 4, compression_stride = 7}
      : (tensor<2x?x3x8xf16>, tensor<3x4xf16>) -> tensor<2x?x3x8xf16>
  return %c : tensor<2x?x3x8xf16>
}

// -----

// No flattened copy of the blocks: token j of all blocks of the tile, a strided
// slice, times the rows of the matrix that belong to j. Tiles have at most as
// many blocks as there are.

// CHECK-LABEL: func.func @linear
// CHECK-SAME: %[[X:.+]]: tensor<1x100x2x16xf32>, %[[PE:.+]]: tensor<8x16xf32>, %[[W:.+]]: tensor<2x128x16xf32>
// CHECK-DAG: %[[C0:.+]] = arith.constant 0 : index
// CHECK-DAG: %[[C1:.+]] = arith.constant 1 : index
// CHECK-DAG: %[[C8:.+]] = arith.constant 8 : index
// CHECK: scf.forall (%[[GROUP:.+]]) in (2)
// CHECK: %[[ZERO:.+]] = linalg.fill {{.+}} -> tensor<24x16xf32>
// CHECK: %[[PRODUCT:.+]] = scf.for %[[J:.+]] = %[[C0]] to %[[C8]] step %[[C1]] iter_args(%[[ACC:.+]] = %[[ZERO]])
// CHECK: tensor.extract_slice %[[X]][0, %[[J]], %[[GROUP]], 0] [1, 24, 1, 16] [1, 4, 1, 1] : {{.+}} to tensor<24x16xf32>
// CHECK: tensor.extract_slice %[[PE]][%[[J]], 0] [1, 16]
// CHECK: %[[TOKENS:.+]] = linalg.generic {{.+}} iterator_types = ["parallel", "parallel"]}
// CHECK: arith.addf
// CHECK: %[[MATRIX:.+]] = tensor.extract_slice %[[W]][%[[GROUP]], %{{.+}}, 0] [1, 16, 16]
// CHECK: linalg.generic {{.+}} iterator_types = ["parallel", "parallel", "reduction"]}
// CHECK-SAME: ins(%[[TOKENS]], %[[MATRIX]] : tensor<24x16xf32>, tensor<16x16xf32>) outs(%[[ACC]] : tensor<24x16xf32>)
// CHECK: tensor.parallel_insert_slice %[[PRODUCT]] into %{{.+}}[0, 0, %[[GROUP]], 0] [1, 24, 1, 16]
// REMARK: Remark="nsa.compress linear computes its blocks tile by tile", blocks=24, tokens_per_block=8
func.func @linear(%x: tensor<1x100x2x16xf32>, %pe: tensor<8x16xf32>, %w: tensor<2x128x16xf32>) -> tensor<1x24x2x16xf32> {
  %c = nsa.compress linear(%x) pe(%pe) params(%w) {compression_block = 8, compression_stride = 4}
      : (tensor<1x100x2x16xf32>, tensor<8x16xf32>, tensor<2x128x16xf32>) -> tensor<1x24x2x16xf32>
  return %c : tensor<1x24x2x16xf32>
}

// -----

// Both layers start from their bias; the hidden layer is shared by the groups.
// Tiles have a static size: rows beyond the last block are zero.

// CHECK-LABEL: func.func @gelu
// CHECK-SAME: %[[X:.+]]: tensor<?x?x2x8xbf16>, %[[W1:.+]]: tensor<32x24xbf16>, %[[B1:.+]]: tensor<24xf32>, %[[W2:.+]]: tensor<24x8xf32>, %[[B2:.+]]: tensor<8xbf16>
// CHECK: scf.forall
// CHECK: %[[BIAS1:.+]] = linalg.generic {{.+}} ins(%[[B1]] : tensor<24xf32>) outs(%{{.+}} : tensor<32x24xf32>)
// CHECK: %[[PRODUCT:.+]] = scf.for {{.+}} iter_args(%[[ACC:.+]] = %[[BIAS1]])
// CHECK: %[[ZEROS:.+]] = linalg.fill {{.+}} -> tensor<32x8xf32>
// CHECK: %[[VALID:.+]] = tensor.extract_slice %[[ZEROS]][0, 0] [%[[SIZE:.+]], 8]
// CHECK: %[[ROWS:.+]] = linalg.generic {{.+}} outs(%[[VALID]] : tensor<?x8xf32>)
// CHECK: %[[TOKENS:.+]] = tensor.insert_slice %[[ROWS]] into %[[ZEROS]][0, 0] [%[[SIZE]], 8]
// CHECK: %[[MATRIX:.+]] = tensor.extract_slice %[[W1]][%{{.+}}, 0] [8, 24]
// CHECK: linalg.generic {{.+}} ins(%[[TOKENS]], %[[MATRIX]] : tensor<32x8xf32>, tensor<8x24xbf16>) outs(%[[ACC]] : tensor<32x24xf32>)
// CHECK: %[[HIDDEN:.+]] = linalg.generic {{.+}} outs(%[[PRODUCT]] : tensor<32x24xf32>)
// CHECK: math.erf
// CHECK: %[[BIAS2:.+]] = linalg.generic {{.+}} ins(%[[B2]] : tensor<8xbf16>) outs(%{{.+}} : tensor<32x8xf32>)
// CHECK: arith.extf
// CHECK: %[[RESULT:.+]] = linalg.generic {{.+}} ins(%[[HIDDEN]], %[[W2]] : tensor<32x24xf32>, tensor<24x8xf32>) outs(%[[BIAS2]] : tensor<32x8xf32>)
// CHECK: tensor.extract_slice %[[RESULT]][0, 0] [%[[SIZE]], 8]
// CHECK: arith.truncf
func.func @gelu(%x: tensor<?x?x2x8xbf16>, %w1: tensor<32x24xbf16>, %b1: tensor<24xf32>, %w2: tensor<24x8xf32>, %b2: tensor<8xbf16>) -> tensor<?x?x2x8xbf16> {
  %c = nsa.compress mlp(%x) params(%w1, %b1, %w2, %b2) {compression_block = 4, compression_stride = 2}
      : (tensor<?x?x2x8xbf16>, tensor<32x24xbf16>, tensor<24xf32>, tensor<24x8xf32>, tensor<8xbf16>) -> tensor<?x?x2x8xbf16>
  return %c : tensor<?x?x2x8xbf16>
}

// -----

// CHECK-LABEL: func.func @silu
// CHECK: ^bb0(%[[H:[a-z0-9]+]]: f32):
// CHECK: %[[NEGATED:.+]] = arith.negf %[[H]]
// CHECK: %[[EXP:.+]] = math.exp %[[NEGATED]]
// CHECK: %[[SUM:.+]] = arith.addf %[[EXP]], %{{.+}}
// CHECK: %[[SIGMOID:.+]] = arith.divf %{{.+}}, %[[SUM]]
// CHECK: arith.mulf %[[H]], %[[SIGMOID]]
func.func @silu(%x: tensor<?x?x2x8xf32>, %w1: tensor<32x24xf32>, %b1: tensor<24xf32>, %w2: tensor<24x8xf32>, %b2: tensor<8xf32>) -> tensor<?x?x2x8xf32> {
  %c = nsa.compress mlp(%x) params(%w1, %b1, %w2, %b2) activation silu {compression_block = 4, compression_stride = 2}
      : (tensor<?x?x2x8xf32>, tensor<32x24xf32>, tensor<24xf32>, tensor<24x8xf32>, tensor<8xf32>) -> tensor<?x?x2x8xf32>
  return %c : tensor<?x?x2x8xf32>
}

// -----

// CHECK-LABEL: func.func @relu
// CHECK: ^bb0(%[[H:[a-z0-9]+]]: f32):
// CHECK: arith.maximumf %[[H]], %{{.+}}
func.func @relu(%x: tensor<?x?x2x8xf32>, %w1: tensor<32x24xf32>, %b1: tensor<24xf32>, %w2: tensor<24x8xf32>, %b2: tensor<8xf32>) -> tensor<?x?x2x8xf32> {
  %c = nsa.compress mlp(%x) params(%w1, %b1, %w2, %b2) activation relu {compression_block = 4, compression_stride = 2}
      : (tensor<?x?x2x8xf32>, tensor<32x24xf32>, tensor<24xf32>, tensor<24x8xf32>, tensor<8xf32>) -> tensor<?x?x2x8xf32>
  return %c : tensor<?x?x2x8xf32>
}

// -----

// Types may say less than the lowering knows, and more.

// CHECK-LABEL: func.func @less_static
// CHECK: %[[C:.+]] = scf.forall {{.+}} in (2) shared_outs(%{{.+}} = %{{.+}}) -> (tensor<1x7x2x8xf32>)
// CHECK: tensor.cast %[[C]] : tensor<1x7x2x8xf32> to tensor<?x?x2x8xf32>
func.func @less_static(%x: tensor<1x16x2x8xf32>) -> tensor<?x?x2x8xf32> {
  %c = "nsa.compress"(%x) {phi = #nsa.phi<mean>, compression_block = 4 : i64, compression_stride = 2 : i64, operandSegmentSizes = array<i32: 1, 0, 0>}
      : (tensor<1x16x2x8xf32>) -> tensor<?x?x2x8xf32>
  return %c : tensor<?x?x2x8xf32>
}

// -----

// CHECK-LABEL: func.func @more_static
// CHECK: scf.forall {{.+}} in (2) shared_outs(%{{.+}} = %{{.+}}) -> (tensor<1x7x2x8xf32>)
// CHECK-NOT: tensor.cast
func.func @more_static(%x: tensor<?x?x2x8xf32>) -> tensor<1x7x2x8xf32> {
  %c = nsa.compress mean(%x) {compression_block = 4, compression_stride = 2}
      : (tensor<?x?x2x8xf32>) -> tensor<1x7x2x8xf32>
  return %c : tensor<1x7x2x8xf32>
}

// -----

// Inside a parallel loop the loops are sequential.

// CHECK-LABEL: func.func @nested
// CHECK: scf.forall
// CHECK-NOT: scf.forall
// CHECK: scf.for {{.+}} iter_args
// CHECK: scf.for {{.+}} iter_args
// CHECK: scf.for {{.+}} iter_args
// CHECK: scf.for {{.+}} iter_args
// CHECK: return
func.func @nested(%x: tensor<?x?x2x8xf32>, %out: tensor<4x?x?x2x8xf32>, %b: index, %tc: index) -> tensor<4x?x?x2x8xf32> {
  %r = scf.forall (%i) in (4) shared_outs(%o = %out) -> (tensor<4x?x?x2x8xf32>) {
    %c = nsa.compress mean(%x) {compression_block = 4, compression_stride = 2}
        : (tensor<?x?x2x8xf32>) -> tensor<?x?x2x8xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %c into %o[%i, 0, 0, 0, 0] [1, %b, %tc, 2, 8] [1, 1, 1, 1, 1]
          : tensor<?x?x2x8xf32> into tensor<4x?x?x2x8xf32>
    }
  }
  return %r : tensor<4x?x?x2x8xf32>
}

// -----

// Everything that an op becomes keeps its location.

// LOC-LABEL: func.func @locations
// LOC-NEXT: loc("compress")
// LOC: scf.forall
// LOC: tensor.extract_slice {{.+}} loc("compress")
// LOC: scf.for
// LOC: linalg.generic
// LOC: arith.addf {{.+}} loc("compress")
// LOC: linalg.yield {{.+}} loc("compress")
// LOC-NEXT: } -> tensor<8xf32> loc("compress")
// LOC: tensor.insert_slice {{.+}} loc("compress")
// LOC: scf.yield {{.+}} loc("compress")
// LOC-NEXT: } loc("compress")
// LOC: tensor.parallel_insert_slice {{.+}} loc("compress")
// LOC-NEXT: } loc("compress")
// LOC-NEXT: } loc("compress")
// LOC-NEXT: return
func.func @locations(%x: tensor<1x16x2x8xf32>) -> tensor<1x7x2x8xf32> {
  %c = nsa.compress mean(%x) {compression_block = 4, compression_stride = 2}
      : (tensor<1x16x2x8xf32>) -> tensor<1x7x2x8xf32> loc("compress")
  return %c : tensor<1x7x2x8xf32>
}

// -----

// One block: its tokens have no stride, which upstream's rank reduction of
// memref.subview would not find in the input's strides.

// CHECK-LABEL: func.func @one_block
// CHECK: tensor.extract_slice %{{.+}}[0, 0, %{{.+}}, 0] [1, 1, 1, 1] [1, 1, 1, 1] : tensor<1x21x2x1xf32> to tensor<1x1xf32>
func.func @one_block(%x: tensor<1x21x2x1xf32>, %w: tensor<2x1x1xf32>) -> tensor<1x1x2x1xf32> {
  %c = nsa.compress linear(%x) params(%w) {compression_block = 1, compression_stride = 50}
      : (tensor<1x21x2x1xf32>, tensor<2x1x1xf32>) -> tensor<1x1x2x1xf32>
  return %c : tensor<1x1x2x1xf32>
}
