// Programs at tensor level run right whatever their control flow, and free what
// they allocate (nsa-run warns about memory that is still allocated at the end).

// DEFINE: %{entry} =
// DEFINE: %{inputs} =
// DEFINE: %{run} = nsa-run %s --entry=%{entry} %{inputs} --memory 2>&1 | FileCheck %s --implicit-check-not=warning

// REDEFINE: %{entry} = tiles
// REDEFINE: %{inputs} = --input=21x5xf32=zeros --input=3 --threads=1
// RUN: %{run} --check-prefix=TILES
// TILES:      output 0: 21x5xf32 min 0.0333333 max 0.0333333 mean 0.0333333 nan 0
// TILES-NEXT: output 1: 21xf32 min 30 max 30 mean 30 nan 0
// 420 + 84 bytes of results and three times 32 of one tile, in pieces of 64.
// TILES-NEXT: peak allocation 768 bytes
#map = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
#id = affine_map<(d0) -> (d0)>
func.func @tiles(%x: tensor<?x?xf32>, %n: index) -> (tensor<?x?xf32>, tensor<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant 0.0 : f32
  %rows = tensor.dim %x, %c0 : tensor<?x?xf32>
  %cols = tensor.dim %x, %c1 : tensor<?x?xf32>
  %e0 = tensor.empty(%rows, %cols) : tensor<?x?xf32>
  %e1 = tensor.empty(%rows) : tensor<?xf32>
  %tiles = arith.ceildivsi %rows, %c8 : index
  // A forall with a ragged last tile and two results.
  %r:2 = scf.forall (%i) in (%tiles) shared_outs(%o0 = %e0, %o1 = %e1)
      -> (tensor<?x?xf32>, tensor<?xf32>) {
    %first = arith.muli %i, %c8 : index
    %rest = arith.subi %rows, %first : index
    %size = arith.minsi %rest, %c8 : index
    %xs = tensor.extract_slice %x[%first, 0] [%size, %cols] [1, 1]
        : tensor<?x?xf32> to tensor<?x?xf32>
    %es = tensor.empty(%size) : tensor<?xf32>
    %init = linalg.fill ins(%zero : f32) outs(%es : tensor<?xf32>) -> tensor<?xf32>
    // The loop yields a tensor that is computed into another one.
    %sum = scf.for %j = %c0 to %n step %c1 iter_args(%acc = %init) -> (tensor<?xf32>) {
      %s = linalg.generic {indexing_maps = [#map, #row],
                           iterator_types = ["parallel", "reduction"]}
          ins(%xs : tensor<?x?xf32>) outs(%acc : tensor<?xf32>) {
        ^bb0(%a: f32, %b: f32):
          %exp = math.exp %a : f32
          %add = arith.addf %exp, %b : f32
          linalg.yield %add : f32
      } -> tensor<?xf32>
      %es2 = tensor.empty(%size) : tensor<?xf32>
      %twice = linalg.add ins(%s, %s : tensor<?xf32>, tensor<?xf32>)
          outs(%es2 : tensor<?xf32>) -> tensor<?xf32>
      %half = linalg.sub ins(%twice, %acc : tensor<?xf32>, tensor<?xf32>)
          outs(%es2 : tensor<?xf32>) -> tensor<?xf32>
      scf.yield %half : tensor<?xf32>
    }
    %eo = tensor.empty(%size, %cols) : tensor<?x?xf32>
    %d = linalg.generic {indexing_maps = [#map, #row, #map],
                         iterator_types = ["parallel", "parallel"]}
        ins(%xs, %sum : tensor<?x?xf32>, tensor<?xf32>) outs(%eo : tensor<?x?xf32>) {
      ^bb0(%a: f32, %b: f32, %c: f32):
        %exp = math.exp %a : f32
        %div = arith.divf %exp, %b : f32
        linalg.yield %div : f32
    } -> tensor<?x?xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %d into %o0[%first, 0] [%size, %cols] [1, 1]
          : tensor<?x?xf32> into tensor<?x?xf32>
      tensor.parallel_insert_slice %sum into %o1[%first] [%size] [1]
          : tensor<?xf32> into tensor<?xf32>
    }
  }
  return %r#0, %r#1 : tensor<?x?xf32>, tensor<?xf32>
}

// REDEFINE: %{entry} = arguments
// REDEFINE: %{inputs} = --input=4xf32=random:7 --input=5xf32=random:7
// RUN: %{run} --check-prefix=ARGUMENTS
// ARGUMENTS:      output 0: 5xf32 [[FIVE:.*]]
// ARGUMENTS-NEXT: output 1: 4xf32 [[FOUR:.*]]
// ARGUMENTS-NEXT: output 2: 4xf32 [[FOUR]]
// ARGUMENTS-NEXT: peak allocation 64 bytes
func.func @arguments(%x: tensor<?xf32>, %y: tensor<5xf32>)
    -> (tensor<5xf32>, tensor<?xf32>, tensor<?xf32>) {
  return %y, %x, %x : tensor<5xf32>, tensor<?xf32>, tensor<?xf32>
}

// What a function does to its argument does not reach the caller's array, which
// every repetition gets again.
// REDEFINE: %{entry} = increment
// REDEFINE: %{inputs} = --input=4xf32=zeros --repeat=3 --warmup=2
// RUN: %{run} --check-prefix=INCREMENT
// INCREMENT: output 0: 4xf32 min 1 max 1 mean 1 nan 0
func.func @increment(%x: tensor<?xf32>) -> tensor<?xf32> {
  %one = arith.constant 1.0 : f32
  %y = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]}
      outs(%x : tensor<?xf32>) {
    ^bb0(%a: f32):
      %b = arith.addf %a, %one : f32
      linalg.yield %b : f32
  } -> tensor<?xf32>
  return %y : tensor<?xf32>
}

// REDEFINE: %{entry} = constants
// REDEFINE: %{inputs} =
// RUN: %{run} --check-prefix=CONSTANTS
// CONSTANTS:      output 0: 4xi32 min 1 max 4 mean 2.5 nan 0
// CONSTANTS-NEXT: output 1: 4xi32 min 1 max 4 mean 2.5 nan 0
// CONSTANTS-NEXT: output 2: 2x0xf32 min - max - mean - nan 0
// CONSTANTS-NEXT: output 3: bf16 min 1.5 max 1.5 mean 1.5 nan 0
func.func @constants() -> (tensor<4xi32>, tensor<4xi32>, tensor<2x0xf32>, tensor<bf16>) {
  %c = arith.constant dense<[1, 2, 3, 4]> : tensor<4xi32>
  %e = arith.constant dense<0.0> : tensor<2x0xf32>
  %s = arith.constant dense<1.5> : tensor<bf16>
  return %c, %c, %e, %s : tensor<4xi32>, tensor<4xi32>, tensor<2x0xf32>, tensor<bf16>
}

// REDEFINE: %{entry} = column
// REDEFINE: %{inputs} = --input=6x7xf32=zeros
// RUN: %{run} --check-prefix=COLUMN
// COLUMN:      output 0: 6xf32 min 0 max 0 mean 0 nan 0
// COLUMN-NEXT: output 1: 6x7xf32 min 0 max 1 mean 0.142857 nan 0
// The input itself must not change: it is returned too.
// COLUMN-NEXT: output 2: 6x7xf32 min 0 max 0 mean 0 nan 0
func.func @column(%x: tensor<?x7xf32>) -> (tensor<?xf32>, tensor<?x7xf32>, tensor<?x7xf32>) {
  %c0 = arith.constant 0 : index
  %one = arith.constant 1.0 : f32
  %rows = tensor.dim %x, %c0 : tensor<?x7xf32>
  %column = tensor.extract_slice %x[0, 1] [%rows, 1] [1, 1] : tensor<?x7xf32> to tensor<?xf32>
  %e = tensor.empty(%rows) : tensor<?xf32>
  %ones = linalg.fill ins(%one : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %y = tensor.insert_slice %ones into %x[0, 1] [%rows, 1] [1, 1]
      : tensor<?xf32> into tensor<?x7xf32>
  return %column, %y, %x : tensor<?xf32>, tensor<?x7xf32>, tensor<?x7xf32>
}

// REDEFINE: %{entry} = choose
// REDEFINE: %{inputs} = --input=1 --input=5xf32=zeros
// RUN: %{run} --check-prefix=CHOOSE1
// CHOOSE1: output 0: 5xf32 min 0 max 0 mean 0 nan 0
// REDEFINE: %{inputs} = --input=0 --input=5xf32=zeros
// RUN: %{run} --check-prefix=CHOOSE0
// CHOOSE0: output 0: 6xf32 min 3 max 3 mean 3 nan 0
func.func @choose(%c: i1, %x: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %m = arith.addi %n, %c1 : index
  %r = scf.if %c -> tensor<?xf32> {
    scf.yield %x : tensor<?xf32>
  } else {
    %e = tensor.empty(%m) : tensor<?xf32>
    %v = arith.constant 3.0 : f32
    %f = linalg.fill ins(%v : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
    scf.yield %f : tensor<?xf32>
  }
  return %r : tensor<?xf32>
}

// REDEFINE: %{entry} = calls
// REDEFINE: %{inputs} = --input=6xf32=zeros
// RUN: %{run} --check-prefix=CALLS
// CALLS:      output 0: 6xf32 min 0 max 5 mean 0.833333 nan 0
// CALLS-NEXT: output 1: 6xf32 min 0 max 5 mean 0.833333 nan 0
// CALLS-NEXT: output 2: index min 6 max 6 mean 6 nan 0
// CALLS-NEXT: output 3: f32 min 5 max 5 mean 5 nan 0
// CALLS-NEXT: output 4: 6xf32 min 0 max 0 mean 0 nan 0
func.func private @set(%x: tensor<?xf32>) -> (tensor<?xf32>, index, f32) {
  %c0 = arith.constant 0 : index
  %v = arith.constant 5.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %r = tensor.insert %v into %x[%c0] : tensor<?xf32>
  return %r, %n, %v : tensor<?xf32>, index, f32
}
func.func @nothing() {
  return
}
func.func @calls(%x: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>, index, f32, tensor<?xf32>) {
  %r:3 = call @set(%x) : (tensor<?xf32>) -> (tensor<?xf32>, index, f32)
  %q:3 = call @set(%r#0) : (tensor<?xf32>) -> (tensor<?xf32>, index, f32)
  call @nothing() : () -> ()
  // Another public function, which promises not to write its arguments.
  %id:3 = call @column_sum(%x) : (tensor<?xf32>) -> (tensor<?xf32>, f32, index)
  return %r#0, %q#0, %q#1, %q#2, %id#0
      : tensor<?xf32>, tensor<?xf32>, index, f32, tensor<?xf32>
}
func.func @column_sum(%x: tensor<?xf32>) -> (tensor<?xf32>, f32, index) {
  %c0 = arith.constant 0 : index
  %v = tensor.extract %x[%c0] : tensor<?xf32>
  return %x, %v, %c0 : tensor<?xf32>, f32, index
}

// REDEFINE: %{entry} = nothing
// REDEFINE: %{inputs} =
// RUN: %{run} --check-prefix=NOTHING
// NOTHING-NOT: output
// NOTHING: peak allocation 0 bytes

// Two tensors that a loop exchanges, a loop that a loop contains, a while loop
// that grows its tensor.
// REDEFINE: %{entry} = loops
// REDEFINE: %{inputs} = --input=3
// RUN: %{run} --check-prefix=LOOPS
// LOOPS:      output 0: 4xf32 min 2 max 2 mean 2 nan 0
// LOOPS-NEXT: output 1: 4xf32 min 1 max 1 mean 1 nan 0
// LOOPS-NEXT: output 2: 4xf32 min 9 max 9 mean 9 nan 0
// LOOPS-NEXT: output 3: 8xf32 min 1 max 1 mean 1 nan 0
func.func @loops(%n: index) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %two = arith.constant 2.0 : f32
  %e = tensor.empty() : tensor<4xf32>
  %a = linalg.fill ins(%one : f32) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %b = linalg.fill ins(%two : f32) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %swapped:2 = scf.for %i = %c0 to %n step %c1 iter_args(%x = %a, %y = %b)
      -> (tensor<4xf32>, tensor<4xf32>) {
    scf.yield %y, %x : tensor<4xf32>, tensor<4xf32>
  }
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %square = scf.for %i = %c0 to %n step %c1 iter_args(%outer = %z) -> (tensor<4xf32>) {
    %inner = scf.for %j = %c0 to %n step %c1 iter_args(%acc = %outer) -> (tensor<4xf32>) {
      %even = arith.cmpi eq, %j, %c1 : index
      // Both ways add one, one of them into a new tensor.
      %next = scf.if %even -> tensor<4xf32> {
        %s = linalg.add ins(%acc, %a : tensor<4xf32>, tensor<4xf32>)
            outs(%e : tensor<4xf32>) -> tensor<4xf32>
        scf.yield %s : tensor<4xf32>
      } else {
        %s = linalg.add ins(%acc, %a : tensor<4xf32>, tensor<4xf32>)
            outs(%acc : tensor<4xf32>) -> tensor<4xf32>
        scf.yield %s : tensor<4xf32>
      }
      scf.yield %next : tensor<4xf32>
    }
    scf.yield %inner : tensor<4xf32>
  }
  %e1 = tensor.empty(%c1) : tensor<?xf32>
  %start = linalg.fill ins(%one : f32) outs(%e1 : tensor<?xf32>) -> tensor<?xf32>
  %grown = scf.while (%t = %start) : (tensor<?xf32>) -> tensor<?xf32> {
    %size = tensor.dim %t, %c0 : tensor<?xf32>
    %small = arith.cmpi slt, %size, %c8 : index
    scf.condition(%small) %t : tensor<?xf32>
  } do {
  ^bb0(%t: tensor<?xf32>):
    %size = tensor.dim %t, %c0 : tensor<?xf32>
    %double = arith.addi %size, %size : index
    %room = tensor.empty(%double) : tensor<?xf32>
    %lower = tensor.insert_slice %t into %room[0] [%size] [1]
        : tensor<?xf32> into tensor<?xf32>
    %full = tensor.insert_slice %t into %lower[%size] [%size] [1]
        : tensor<?xf32> into tensor<?xf32>
    scf.yield %full : tensor<?xf32>
  }
  return %swapped#0, %swapped#1, %square, %grown
      : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<?xf32>
}

// A forall within a forall within a loop: the tile's temporaries belong to the
// iteration (races would show in the results).
// REDEFINE: %{entry} = nested
// REDEFINE: %{inputs} = --input=64 --input=50
// RUN: %{run} --check-prefix=NESTED
// NESTED:      output 0: 64x8xf32 min 50 max 57 mean 53.5 nan 0
func.func @nested(%rows: index, %n: index) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %e = tensor.empty(%rows) : tensor<?x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
  %r = scf.for %k = %c0 to %n step %c1 iter_args(%all = %init) -> (tensor<?x8xf32>) {
    %next = scf.forall (%i) in (%rows) shared_outs(%o = %all) -> tensor<?x8xf32> {
      %old = tensor.extract_slice %o[%i, 0] [1, 8] [1, 1] : tensor<?x8xf32> to tensor<8xf32>
      %t = tensor.empty() : tensor<8xf32>
      %tile = scf.forall (%j) in (8) shared_outs(%p = %t) -> tensor<8xf32> {
        %v = tensor.extract %old[%j] : tensor<8xf32>
        %w = arith.addf %v, %one : f32
        %jj = arith.index_cast %j : index to i32
        %jf = arith.sitofp %jj : i32 to f32
        %last = arith.subi %n, %c1 : index
        %isLast = arith.cmpi eq, %k, %last : index
        %extra = arith.select %isLast, %jf, %zero : f32
        %sum = arith.addf %w, %extra : f32
        %s = tensor.from_elements %sum : tensor<1xf32>
        scf.forall.in_parallel {
          tensor.parallel_insert_slice %s into %p[%j] [1] [1]
              : tensor<1xf32> into tensor<8xf32>
        }
      }
      scf.forall.in_parallel {
        tensor.parallel_insert_slice %tile into %o[%i, 0] [1, 8] [1, 1]
            : tensor<8xf32> into tensor<?x8xf32>
      }
    }
    scf.yield %next : tensor<?x8xf32>
  }
  return %r : tensor<?x8xf32>
}

// The stack does not grow with the iterations of a loop: the temporaries of 2-D
// transfers and of user code are taken once. (8 MiB would last for 64
// iterations here; LLVM's optimiser would remove the need for them.)
// REDEFINE: %{entry} = stack
// REDEFINE: %{inputs} = --input=2000 --input=16384 --opt-level=0
// RUN: %{run} --check-prefix=STACK
// STACK: output 0: f32 min 2000 max 2000 mean 2000 nan 0
func.func @stack(%n: index, %m: index) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%sum = %zero) -> f32 {
    %fixed = memref.alloca() : memref<16384xf32>
    %size = arith.addi %m, %i : index
    %dynamic = memref.alloca(%size) : memref<?xf32>
    memref.store %one, %fixed[%i] : memref<16384xf32>
    memref.store %zero, %dynamic[%i] : memref<?xf32>
    %a = memref.load %fixed[%i] : memref<16384xf32>
    %b = memref.load %dynamic[%i] : memref<?xf32>
    %s = arith.addf %a, %b : f32
    %t = arith.addf %sum, %s : f32
    scf.yield %t : f32
  }
  return %r : f32
}

// A function that is the library's, on a static tensor, which becomes vectors.
// RUN: %nsa_run %s --entry=library_of_vectors --input=13xf32=zeros | FileCheck %s --check-prefix=LIBRARY
// LIBRARY: output 0: 13xf32 min 0.881374 max 0.881374
func.func @library_of_vectors(%x: tensor<13xf32>) -> tensor<13xf32> {
  %one = arith.constant dense<1.0> : tensor<13xf32>
  %0 = arith.addf %x, %one : tensor<13xf32>
  %1 = math.asinh %0 : tensor<13xf32>
  return %1 : tensor<13xf32>
}
