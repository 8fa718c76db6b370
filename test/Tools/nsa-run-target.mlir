// Vectors and tiles follow the CPU that the code is for; a remark says how.

// REQUIRES: x86_64, cpu-haswell
// DEFINE: %{cpu} =
// DEFINE: %{run} = nsa-run %s --cpu=%{cpu} --remarks-filter=".*" --input=1x40x4x16xf32=random:1 --input=1x40x2x16xf32=random:2 2>&1
// REDEFINE: %{cpu} = x86-64
// RUN: %{run} | FileCheck %s --check-prefix=SSE
// SSE-DAG: remark: [Analysis] target | Category:nsa-to-cpu{{.*}}Reason="these are its widest registers; {{.*}}", Remark="code for x86-64, with vectors of 128 bits", grouped_rows=512, keys=64, register_bits=128, rows=32
// SSE-DAG: tiled | {{.*}}Remark="nsa.window_attention walks its keys tile by tile", heads=2, innermost=rows, keys=64, queries=16
// SSE-DAG: vectorised | {{.*}}register_bits=128
// REDEFINE: %{cpu} = haswell
// RUN: %{run} | FileCheck %s --check-prefix=AVX
// AVX-DAG: Remark="code for haswell, with vectors of 256 bits", grouped_rows=512, keys=64, register_bits=256, rows=64
// AVX-DAG: tiled | {{.*}}heads=2, innermost=rows, keys=64, queries=32
// AVX-DAG: vectorised | {{.*}}register_bits=256
// REDEFINE: %{cpu} = host
// RUN: %{run} | FileCheck %s --check-prefix=HOST
// HOST: Remark="code for {{.+}}, with vectors of {{256|512}} bits"

func.func @f(%q: tensor<?x?x4x16xf32>, %k: tensor<?x?x2x16xf32>) -> tensor<?x?x4x16xf32> {
  %o, %lse = nsa.window_attention %q, %k, %k {window = 20}
      : (tensor<?x?x4x16xf32>, tensor<?x?x2x16xf32>, tensor<?x?x2x16xf32>)
      -> (tensor<?x?x4x16xf32>, tensor<?x?x4xf32>)
  return %o : tensor<?x?x4x16xf32>
}
