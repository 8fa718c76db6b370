// nsa-run takes a file at any level from nsa down to the LLVM dialect, as text
// or as bytecode, and what nsa-opt has lowered is still checked and run.

// DEFINE: %{opt} =
// DEFINE: %{inputs} = --input=1x40x2x8xf32=random:1 --input=1x50x1x8xf32=random:2 --input=1x50x1x6xf32=random:3
// DEFINE: %{check} = nsa-opt %s %{opt} -o %t.mlir && nsa-run %t.mlir %{inputs} --output=%t.npy --memory 2>&1 | FileCheck %s --implicit-check-not=warning && cmp %t.npy %t.direct.npy

// RUN: nsa-run %s %{inputs} --output=%t.direct.npy | FileCheck %s
// CHECK: output 0: 1x40x2x6xf32 {{.*}} nan 0
// CHECK: output 1: 1x40x2xf32 {{.*}} nan 0

// REDEFINE: %{opt} = --convert-nsa-to-linalg
// RUN: %{check}
// REDEFINE: %{opt} = --nsa-to-cpu
// RUN: %{check}
// REDEFINE: %{opt} = --nsa-to-cpu=parallel=false
// RUN: %{check}
// REDEFINE: %{opt} = --emit-bytecode
// RUN: %{check}
// REDEFINE: %{opt} = --nsa-to-cpu --emit-bytecode
// RUN: %{check}

// The levels in between, by the pipeline's own passes: buffers, loops.
// RUN: nsa-opt %s --nsa-to-cpu --mlir-print-ir-tree-dir=%t.tree -o /dev/null

// Inputs of a lowered file are checked as well.
// RUN: nsa-opt %s --nsa-to-cpu -o %t.llvm.mlir
// RUN: not nsa-run %t.llvm.mlir --input=1x40x2x8xf32=zeros --input=1x50x1x9xf32=zeros --input=1x50x1x6xf32=zeros 2>&1 | FileCheck %s --check-prefix=LOWERED
// LOWERED: {{.*}}.mlir:{{.*}}: error: argument 1 of @f is tensor<?x?x1x8xf32> but the input is 1x50x1x9xf32: dimension 3 is 9, expected 8
// RUN: not nsa-run %t.llvm.mlir --entry=g 2>&1 | FileCheck %s --check-prefix=NAMES
// NAMES: there is no function @g; the public functions are @f

// The sizes that the nsa ops must agree on are checked before anything runs.
// RUN: not nsa-run %s --input=1x40x2x8xf32=zeros --input=1x50x1x8xf32=zeros --input=1x51x1x6xf32=zeros 2>&1 | FileCheck %s --check-prefix=SHAPES
// SHAPES: error:

func.func @f(%q: tensor<?x?x2x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x6xf32>)
    -> (tensor<?x?x2x6xf32>, tensor<?x?x2xf32>) {
  %o, %lse = nsa.window_attention %q, %k, %v {window = 20 : i64}
      : (tensor<?x?x2x8xf32>, tensor<?x?x1x8xf32>, tensor<?x?x1x6xf32>)
      -> (tensor<?x?x2x6xf32>, tensor<?x?x2xf32>)
  return %o, %lse : tensor<?x?x2x6xf32>, tensor<?x?x2xf32>
}
