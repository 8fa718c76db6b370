// The pipeline as a whole: its phases, its options, and what every lowered
// module has or must not have. What the code computes: test/Tools/nsa-run-*.

// RUN: nsa-opt %s --nsa-to-cpu --allow-unregistered-dialect | FileCheck %s
// RUN: nsa-opt %s --nsa-to-cpu=parallel=false --allow-unregistered-dialect | FileCheck %s --check-prefix=SEQUENTIAL --implicit-check-not=nsaParallelFor
// RUN: nsa-opt %s --nsa-to-cpu --allow-unregistered-dialect --mlir-print-debuginfo --mlir-print-local-scope | FileCheck %s --check-prefix=LOCATIONS

// The order of things, where it matters.
// RUN: nsa-opt %s --nsa-to-cpu --allow-unregistered-dialect --dump-pass-pipeline -o /dev/null 2>&1 | FileCheck %s --check-prefix=PHASES
// PHASES:      nsa-prepare-entry-points
// PHASES:      nsa-decompose
// PHASES:      nsa-fuse-queries
// PHASES:      nsa-fuse-selection
// PHASES:      convert-nsa-to-linalg
// PHASES:      nsa-vectorize-tiles{{.*}}vector-width=256
// PHASES:      nsa-reuse-loop-buffers
// PHASES:      eliminate-empty-tensors
// PHASES:      nsa-bufferize-functions
// PHASES:      buffer-loop-hoisting
// PHASES:      ownership-based-buffer-deallocation
// PHASES:      optimize-allocation-liveness
// PHASES:      nsa-parallelize-forall
// PHASES:      nsa-expand-strided-copies
// PHASES:      convert-linalg-to-loops
// PHASES:      nsa-lower-vectors
// PHASES:      nsa-scope-stack-allocations
// PHASES:      nsa-outline-parallel
// PHASES:      arith-emulate-unsupported-floats
// PHASES:      math-extend-to-supported-types
// PHASES:      nsa-expand-math
// PHASES:      arith-expand
// PHASES:      nsa-store-bf16-as-i16
// PHASES:      convert-scf-to-cf
// PHASES:      convert-vector-to-llvm
// PHASES:      nsa-convert-to-llvm
// PHASES:      nsa-hoist-stack-allocations

// RUN: nsa-opt %s --nsa-to-cpu="vector-width=512 parallel=false" --allow-unregistered-dialect --dump-pass-pipeline -o /dev/null 2>&1 | FileCheck %s --check-prefix=OPTIONS
// OPTIONS:      nsa-vectorize-tiles{{.*}}vector-width=512
// OPTIONS:      nsa-parallelize-forall{parallel=false}
// OPTIONS-NOT:  nsa-outline-parallel

// Contiguous inputs are addressed without their strides; others with them.
// RUN: nsa-opt %s --nsa-to-cpu=strided-inputs=true --allow-unregistered-dialect | FileCheck %s --check-prefix=STRIDED

// Operations beside the functions stay as they are, even those that the passes
// know.
// CHECK:       module attributes {foreign.attribute = "kept"}
// Memory comes from functions that the runner provides.
// CHECK-DAG:     llvm.func @_mlir_memref_to_llvm_aligned_alloc(i64, i64) -> !llvm.ptr
// CHECK-DAG:     llvm.func @_mlir_memref_to_llvm_free(!llvm.ptr)
module attributes {foreign.attribute = "kept"} {
// CHECK:       "foreign.function"() ({
// CHECK-NEXT:  ^bb0(%[[X:.*]]: f32, %[[N:.*]]: index):
// CHECK-NEXT:    arith.constant
// CHECK-NEXT:    tensor.empty
// CHECK-NEXT:    linalg.fill
// CHECK-NEXT:    arith.addf
// CHECK-NEXT:    arith.truncf {{.*}} to bf16
// CHECK-NEXT:    math.cbrt
// CHECK-NEXT:    scf.parallel
// CHECK:         memref.alloc
// CHECK-NEXT:    "foreign.return"
  "foreign.function"() ({
  ^bb0(%x: f32, %n: index):
    %c1 = arith.constant 1 : index
    %e = tensor.empty() : tensor<4xf32>
    %f = linalg.fill ins(%x : f32) outs(%e : tensor<4xf32>) -> tensor<4xf32>
    %unused = arith.addf %x, %x : f32
    %b = arith.truncf %x : f32 to bf16
    %r = math.cbrt %x : f32
    scf.parallel (%i) = (%c1) to (%n) step (%c1) {
      scf.reduce
    }
    %m = memref.alloc() : memref<4xf32>
    "foreign.return"(%f, %r, %b, %m) : (tensor<4xf32>, f32, bf16, memref<4xf32>) -> ()
  }) : () -> ()


  // CHECK-LABEL: llvm.func @sum
  // CHECK-SAME:  llvm.emit_c_interface
  // CHECK-SAME:  nsa.cpu_only
  // CHECK-SAME:  nsa.signature = (tensor<?x8xf32>) -> tensor<?xf32>
  // Rows in parallel, whoever is free takes the next.
  // CHECK:       llvm.call @nsaParallelFor(
  // CHECK:       llvm.func @_mlir_ciface_sum
  // CHECK:       llvm.func @sum_parallel(%{{.*}}: !llvm.ptr {llvm.noalias}, %{{.*}}: i64, %{{.*}}: i64)
  // No allocation on the stack within a loop.
  // CHECK-NOT:   llvm.alloca
  // The sum is in order: nobody allowed another one.
  // CHECK-NOT:   fastmath<{{.*}}reassoc
  // SEQUENTIAL-LABEL: llvm.func @sum
  // STRIDED-LABEL: llvm.func @sum
  // STRIDED-SAME:  %{{.*}}: !llvm.ptr, %[[BASE:.*]]: !llvm.ptr, %[[OFFSET:.*]]: i64, %{{.*}}: i64, %{{.*}}: i64, %[[STRIDE0:.*]]: i64, %[[STRIDE1:.*]]: i64)
  // STRIDED:       %[[STRIDE0]]
  // STRIDED:       llvm.func @_mlir_ciface_sum
  func.func @sum(%x: tensor<?x8xf32>) -> tensor<?xf32> {
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %x, %c0 : tensor<?x8xf32>
    %e = tensor.empty(%n) : tensor<?xf32>
    %r = scf.forall (%i) in (%n) shared_outs(%o = %e) -> tensor<?xf32> {
      %row = tensor.extract_slice %x[%i, 0] [1, 8] [1, 1] : tensor<?x8xf32> to tensor<8xf32>
      %v = vector.transfer_read %row[%c0], %zero {in_bounds = [true]} : tensor<8xf32>, vector<8xf32>
      %w = math.exp2 %v : vector<8xf32>
      // LOCATIONS: llvm.intr.vector.reduce.fadd{{.*}} loc("the sum")
      %s = vector.reduction <add>, %w, %zero : vector<8xf32> into f32 loc("the sum")
      %t = tensor.from_elements %s : tensor<1xf32>
      scf.forall.in_parallel {
        tensor.parallel_insert_slice %t into %o[%i] [1] [1] : tensor<1xf32> into tensor<?xf32>
      }
    }
    return %r : tensor<?xf32>
  }

  // What LLVM has no intrinsic for, from the library.
  // CHECK-LABEL: llvm.func @library
  // CHECK:       llvm.call @cbrtf
  // CHECK:       llvm.call @erf(
  func.func @library(%x: f32, %y: f64) -> (f32, f64) {
    %r = math.cbrt %x : f32
    %s = math.erf %y : f64
    return %r, %s : f32, f64
  }

  // Frees a temporary right after its last use, not at the end.
  // CHECK-LABEL: llvm.func @liveness
  // CHECK:       llvm.call @_mlir_memref_to_llvm_aligned_alloc
  // CHECK:       llvm.call @_mlir_memref_to_llvm_free
  // CHECK:       llvm.call @_mlir_memref_to_llvm_aligned_alloc
  // CHECK:       llvm.return
  func.func @liveness(%x: tensor<?xf32>, %i: index) -> (f32, tensor<?x2xf32>) {
    %c0 = arith.constant 0 : index
    %n = tensor.dim %x, %c0 : tensor<?xf32>
    %e = tensor.empty(%n) : tensor<?xf32>
    %a = linalg.exp ins(%x : tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
    %v = tensor.extract %a[%i] : tensor<?xf32>
    %e2 = tensor.empty(%n) : tensor<?x2xf32>
    %b = linalg.fill ins(%v : f32) outs(%e2 : tensor<?x2xf32>) -> tensor<?x2xf32>
    return %v, %b : f32, tensor<?x2xf32>
  }
}
