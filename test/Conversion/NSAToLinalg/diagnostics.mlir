// RUN: split-file %s %t
// RUN: not nsa-opt %t/attention.mlir --convert-nsa-to-linalg 2>&1 | FileCheck %s --check-prefix=UNDECOMPOSED
// RUN: not nsa-opt %t/window.mlir --convert-nsa-to-linalg=rows=0 2>&1 | FileCheck %s --check-prefix=ROWS
// RUN: not nsa-opt %t/window.mlir --convert-nsa-to-linalg=row-multiple=5000 2>&1 | FileCheck %s --check-prefix=MULTIPLE
// RUN: not nsa-opt %t/window.mlir --convert-nsa-to-linalg=key-tile=-4 2>&1 | FileCheck %s --check-prefix=KEYS
// RUN: not nsa-opt %t/window.mlir --convert-nsa-to-linalg=grouped-rows=0 2>&1 | FileCheck %s --check-prefix=GROUPED
// RUN: nsa-opt %t/selected.mlir --convert-nsa-to-linalg=grouped-rows=64 --remarks-filter="convert-nsa-to-linalg" -o /dev/null 2>&1 | FileCheck %s --check-prefix=LISTS
// RUN: nsa-opt %t/window.mlir --convert-nsa-to-linalg --remarks-filter="convert-nsa-to-linalg" -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: nsa-opt %t/window.mlir --convert-nsa-to-linalg --canonicalize --mlir-print-debuginfo --mlir-print-local-scope | FileCheck %s --check-prefix=LOCATION

// UNDECOMPOSED: attention.mlir:2:8: error: convert-nsa-to-linalg: no lowering for 'nsa.attention'; run --nsa-decompose first
// ROWS: error: convert-nsa-to-linalg: rows (0) must be between 1 and 4096
// MULTIPLE: error: convert-nsa-to-linalg: row-multiple (5000) must be between 1 and 4096
// GROUPED: error: convert-nsa-to-linalg: grouped-rows (0) must be between 1 and 4096
// KEYS: error: convert-nsa-to-linalg: key-tile (-4) must be between 1 and 4096

// REMARK: here.py:7:3: remark: [Analysis] tiled | Category:convert-nsa-to-linalg
// REMARK-SAME: Remark="nsa.window_attention walks its keys tile by tile", heads=2, innermost=rows, keys=64, queries=32

// LISTS: Remark="nsa.selected_attention visits the key tiles of several queries in order of position", heads=2, innermost=keys, keys=8, queries=32

// Every op of the lowering stands where the source op stood.
// LOCATION-LABEL: func.func @window
// LOCATION: scf.forall
// LOCATION: linalg.generic
// LOCATION: arith.mulf {{.*}} loc("here.py":7:3)
// LOCATION: arith.shli {{.*}} loc("here.py":7:3)

//--- attention.mlir
func.func @attention(%q: tensor<1x64x2x16xf32>, %k: tensor<1x64x1x16xf32>, %g: tensor<1x64x2x3xf32>) -> tensor<1x64x2x16xf32> {
  %o = nsa.attention %q compressed(%k, %k) selected(%k, %k) window(%k, %k) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 8} : (tensor<1x64x2x16xf32>, tensor<1x64x1x16xf32>, tensor<1x64x1x16xf32>, tensor<1x64x1x16xf32>, tensor<1x64x1x16xf32>, tensor<1x64x1x16xf32>, tensor<1x64x1x16xf32>, tensor<1x64x2x3xf32>) -> tensor<1x64x2x16xf32>
  return %o : tensor<1x64x2x16xf32>
}

//--- window.mlir
func.func @window(%q: tensor<?x?x2x16xf32>, %k: tensor<?x?x1x16xf32>) -> (tensor<?x?x2x16xf32>, tensor<?x?x2xf32>) {
  %o, %lse = nsa.window_attention %q, %k, %k {window = 4} : (tensor<?x?x2x16xf32>, tensor<?x?x1x16xf32>, tensor<?x?x1x16xf32>) -> (tensor<?x?x2x16xf32>, tensor<?x?x2xf32>) loc("here.py":7:3)
  return %o, %lse : tensor<?x?x2x16xf32>, tensor<?x?x2xf32>
}

//--- selected.mlir
func.func @selected(%q: tensor<?x?x2x16xf32>, %k: tensor<?x?x1x16xf32>, %idx: tensor<?x?x1x4xi32>) -> tensor<?x?x2x16xf32> {
  %o, %lse = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8} : (tensor<?x?x2x16xf32>, tensor<?x?x1x16xf32>, tensor<?x?x1x16xf32>, tensor<?x?x1x4xi32>) -> (tensor<?x?x2x16xf32>, tensor<?x?x2xf32>)
  return %o : tensor<?x?x2x16xf32>
}
