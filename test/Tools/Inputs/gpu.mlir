// Functions on GPU level, for the tests of nsa-run's devices. They are lowered
// with upstream's pipeline, so that these tests depend on none of ours.

// y = x + s, in blocks of 32 threads.
func.func @add(%x: memref<?xf32>, %s: f32) -> memref<?xf32> attributes {
    llvm.emit_c_interface, nsa.signature = (memref<?xf32>, f32) -> memref<?xf32>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  %blocks = arith.ceildivui %n, %c32 : index
  %start = gpu.wait async
  %y, %allocated = gpu.alloc async [%start] (%n) : memref<?xf32>
  gpu.wait [%allocated]
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %blocks, %gy = %c1, %gz = %c1)
             threads(%tx, %ty, %tz) in (%sx = %c32, %sy = %c1, %sz = %c1) {
    %o = arith.muli %bx, %c32 : index
    %i = arith.addi %o, %tx : index
    %in = arith.cmpi ult, %i, %n : index
    scf.if %in {
      %v = memref.load %x[%i] : memref<?xf32>
      %w = arith.addf %v, %s : f32
      memref.store %w, %y[%i] : memref<?xf32>
    }
    gpu.terminator
  }
  return %y : memref<?xf32>
}

// A temporary between two kernels; then it is freed. y = 2 x + 1.
func.func @two(%x: memref<64xf32>) -> memref<64xf32> attributes {
    llvm.emit_c_interface, nsa.signature = (memref<64xf32>) -> memref<64xf32>} {
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %one = arith.constant 1.0 : f32
  %two = arith.constant 2.0 : f32
  %start = gpu.wait async
  %t, %t0 = gpu.alloc async [%start] () : memref<64xf32>
  %y, %t1 = gpu.alloc async [%t0] () : memref<64xf32>
  gpu.wait [%t1]
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
             threads(%i, %ty, %tz) in (%sx = %c64, %sy = %c1, %sz = %c1) {
    %v = memref.load %x[%i] : memref<64xf32>
    %w = arith.mulf %v, %two : f32
    memref.store %w, %t[%i] : memref<64xf32>
    gpu.terminator
  }
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
             threads(%i, %ty, %tz) in (%sx = %c64, %sy = %c1, %sz = %c1) {
    %v = memref.load %t[%i] : memref<64xf32>
    %w = arith.addf %v, %one : f32
    memref.store %w, %y[%i] : memref<64xf32>
    gpu.terminator
  }
  %t2 = gpu.wait async
  %t3 = gpu.dealloc async [%t2] %t : memref<64xf32>
  gpu.wait [%t3]
  return %y : memref<64xf32>
}

// A constant in host memory, fills of one byte and of four, a copy from the
// input. Results: four allocations, a row of the first, and the argument.
memref.global "private" constant @table : memref<2x2xf32> = dense<[[1.0, 2.0], [3.0, 4.0]]>
func.func @host(%x: memref<4xf32>) -> (memref<2x2xf32>, memref<4xf32>, memref<4xf32>, memref<4xf32>,
    memref<2xf32, strided<[1], offset: 2>>, memref<4xf32>) attributes {llvm.emit_c_interface,
    nsa.signature = (memref<4xf32>) -> (memref<2x2xf32>, memref<4xf32>, memref<4xf32>, memref<4xf32>,
    memref<2xf32, strided<[1], offset: 2>>, memref<4xf32>)} {
  %table = memref.get_global @table : memref<2x2xf32>
  %zero = arith.constant 0.0 : f32
  %fraction = arith.constant 0.3 : f32
  %start = gpu.wait async
  %a, %a0 = gpu.alloc async [%start] () : memref<2x2xf32>
  %a1 = gpu.memcpy async [%a0] %a, %table : memref<2x2xf32>, memref<2x2xf32>
  %b, %b0 = gpu.alloc async [%a1] () : memref<4xf32>
  %b1 = gpu.memset async [%b0] %b, %fraction : memref<4xf32>, f32
  %c, %c0 = gpu.alloc async [%b1] () : memref<4xf32>
  %c1 = gpu.memset async [%c0] %c, %zero : memref<4xf32>, f32
  %d, %d0 = gpu.alloc async [%c1] () : memref<4xf32>
  %d1 = gpu.memcpy async [%d0] %d, %x : memref<4xf32>, memref<4xf32>
  gpu.wait [%d1]
  %row = memref.subview %a[1, 0] [1, 2] [1, 1] : memref<2x2xf32> to memref<2xf32, strided<[1], offset: 2>>
  return %a, %b, %c, %d, %row, %x : memref<2x2xf32>, memref<4xf32>, memref<4xf32>, memref<4xf32>,
    memref<2xf32, strided<[1], offset: 2>>, memref<4xf32>
}

// A result with gaps.
func.func @column(%x: memref<2x2xf16>) -> memref<2xf16, strided<[2], offset: 1>> attributes {
    llvm.emit_c_interface,
    nsa.signature = (memref<2x2xf16>) -> memref<2xf16, strided<[2], offset: 1>>} {
  %half = arith.constant 0.1 : f16
  %start = gpu.wait async
  %a, %a0 = gpu.alloc async [%start] () : memref<2x2xf16>
  %a1 = gpu.memset async [%a0] %a, %half : memref<2x2xf16>, f16
  gpu.wait [%a1]
  %column = memref.subview %a[0, 1] [2, 1] [1, 1] : memref<2x2xf16> to memref<2xf16, strided<[2], offset: 1>>
  return %column : memref<2xf16, strided<[2], offset: 1>>
}

// One argument of each kind of scalar.
func.func @scalars(%a: f32, %b: f64, %c: i32, %d: index, %e: f16, %f: i8) -> (memref<6xf64>, index)
    attributes {llvm.emit_c_interface,
    nsa.signature = (f32, f64, i32, index, f16, i8) -> (memref<6xf64>, index)} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %c5 = arith.constant 5 : index
  %start = gpu.wait async
  %y, %allocated = gpu.alloc async [%start] () : memref<6xf64>
  gpu.wait [%allocated]
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
             threads(%tx, %ty, %tz) in (%sx = %c1, %sy = %c1, %sz = %c1) {
    %a64 = arith.extf %a : f32 to f64
    memref.store %a64, %y[%c0] : memref<6xf64>
    memref.store %b, %y[%c1] : memref<6xf64>
    %c64 = arith.sitofp %c : i32 to f64
    memref.store %c64, %y[%c2] : memref<6xf64>
    %di = arith.index_cast %d : index to i64
    %d64 = arith.sitofp %di : i64 to f64
    memref.store %d64, %y[%c3] : memref<6xf64>
    %e64 = arith.extf %e : f16 to f64
    memref.store %e64, %y[%c4] : memref<6xf64>
    %f64 = arith.sitofp %f : i8 to f64
    memref.store %f64, %y[%c5] : memref<6xf64>
    gpu.terminator
  }
  %sum = arith.addi %d, %c1 : index
  return %y, %sum : memref<6xf64>, index
}

// A temporary of 100 bytes that is never freed.
func.func @leak() attributes {llvm.emit_c_interface, nsa.signature = () -> ()} {
  %start = gpu.wait async
  %t, %allocated = gpu.alloc async [%start] () : memref<25xf32>
  gpu.wait [%allocated]
  return
}

// Writes behind the end, in the second block.
func.func @beyond(%x: memref<40xf32>) -> memref<40xf32> attributes {
    llvm.emit_c_interface, nsa.signature = (memref<40xf32>) -> memref<40xf32>} {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c32 = arith.constant 32 : index
  %start = gpu.wait async
  %y, %allocated = gpu.alloc async [%start] () : memref<40xf32>
  gpu.wait [%allocated]
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c2, %gy = %c1, %gz = %c1)
             threads(%tx, %ty, %tz) in (%sx = %c32, %sy = %c1, %sz = %c1) {
    %o = arith.muli %bx, %c32 : index
    %i = arith.addi %o, %tx : index
    %v = arith.constant 1.0 : f32
    memref.store %v, %y[%i] : memref<40xf32>
    gpu.terminator
  }
  return %y : memref<40xf32>
}

// Threads read what other warps write, without a barrier between.
func.func @race(%x: memref<64xf32>) -> memref<64xf32> attributes {
    llvm.emit_c_interface, nsa.signature = (memref<64xf32>) -> memref<64xf32>} {
  %c1 = arith.constant 1 : index
  %c63 = arith.constant 63 : index
  %c64 = arith.constant 64 : index
  %start = gpu.wait async
  %t, %t0 = gpu.alloc async [%start] () : memref<64xf32>
  %y, %t1 = gpu.alloc async [%t0] () : memref<64xf32>
  gpu.wait [%t1]
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
             threads(%i, %ty, %tz) in (%sx = %c64, %sy = %c1, %sz = %c1) {
    %v = memref.load %x[%i] : memref<64xf32>
    memref.store %v, %t[%i] : memref<64xf32>
    %j = arith.subi %c63, %i : index
    %w = memref.load %t[%j] : memref<64xf32>
    memref.store %w, %y[%i] : memref<64xf32>
    gpu.terminator
  }
  %t2 = gpu.wait async
  %t3 = gpu.dealloc async [%t2] %t : memref<64xf32>
  gpu.wait [%t3]
  return %y : memref<64xf32>
}

// Writing to an argument by a kernel, a copy, and a fill.
func.func @write_input(%x: memref<4xf32>) attributes {
    llvm.emit_c_interface, nsa.signature = (memref<4xf32>) -> ()} {
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
             threads(%i, %ty, %tz) in (%sx = %c4, %sy = %c1, %sz = %c1) {
    %v = arith.constant 1.0 : f32
    memref.store %v, %x[%i] : memref<4xf32>
    gpu.terminator
  }
  return
}
memref.global "private" constant @row : memref<4xf32> = dense<[1.0, 2.0, 3.0, 4.0]>
func.func @copy_to_input(%x: memref<4xf32>) attributes {
    llvm.emit_c_interface, nsa.signature = (memref<4xf32>) -> ()} {
  %table = memref.get_global @row : memref<4xf32>
  %start = gpu.wait async
  %done = gpu.memcpy async [%start] %x, %table : memref<4xf32>, memref<4xf32>
  gpu.wait [%done]
  return
}
func.func @fill_input(%x: memref<4xf32>) attributes {
    llvm.emit_c_interface, nsa.signature = (memref<4xf32>) -> ()} {
  %one = arith.constant 1.0 : f32
  %start = gpu.wait async
  %done = gpu.memset async [%start] %x, %one : memref<4xf32>, f32
  gpu.wait [%done]
  return
}

// Errors of the host code: a result in host memory, a copy that is too long,
// freeing what is not the device's, freeing twice.
func.func @host_result() -> memref<4xf32> attributes {
    llvm.emit_c_interface, nsa.signature = () -> memref<4xf32>} {
  %table = memref.get_global @row : memref<4xf32>
  return %table : memref<4xf32>
}
func.func @long_copy(%x: memref<?xf32>, %n: index) -> memref<?xf32> attributes {
    llvm.emit_c_interface, nsa.signature = (memref<?xf32>, index) -> memref<?xf32>} {
  %start = gpu.wait async
  %t, %t0 = gpu.alloc async [%start] (%n) : memref<?xf32>
  %t1 = gpu.memcpy async [%t0] %t, %x : memref<?xf32>, memref<?xf32>
  gpu.wait [%t1]
  return %t : memref<?xf32>
}
func.func @free_input(%x: memref<4xf32>) attributes {
    llvm.emit_c_interface, nsa.signature = (memref<4xf32>) -> ()} {
  %start = gpu.wait async
  %t0 = gpu.dealloc async [%start] %x : memref<4xf32>
  gpu.wait [%t0]
  return
}
func.func @free_twice() attributes {llvm.emit_c_interface, nsa.signature = () -> ()} {
  %start = gpu.wait async
  %t, %t0 = gpu.alloc async [%start] () : memref<4xf32>
  %t1 = gpu.dealloc async [%t0] %t : memref<4xf32>
  %t2 = gpu.dealloc async [%t1] %t : memref<4xf32>
  gpu.wait [%t2]
  return
}
func.func @too_large(%n: index) attributes {llvm.emit_c_interface, nsa.signature = (index) -> ()} {
  %start = gpu.wait async
  %t, %t0 = gpu.alloc async [%start] (%n) : memref<?xi8>
  %t1 = gpu.dealloc async [%t0] %t : memref<?xi8>
  gpu.wait [%t1]
  return
}

// What only works where the device's memory is the host's: the host code reads
// an input by a copy, and directly; a kernel gets an address of the host.
func.func @read_back(%x: memref<4xf32>) -> f32 attributes {
    llvm.emit_c_interface, nsa.signature = (memref<4xf32>) -> f32} {
  %c1 = arith.constant 1 : index
  %host = memref.alloc() : memref<4xf32>
  %start = gpu.wait async
  %done = gpu.memcpy async [%start] %host, %x : memref<4xf32>, memref<4xf32>
  gpu.wait [%done]
  %v = memref.load %host[%c1] : memref<4xf32>
  memref.dealloc %host : memref<4xf32>
  return %v : f32
}
func.func @dereference(%x: memref<4xf32>) -> f32 attributes {
    llvm.emit_c_interface, nsa.signature = (memref<4xf32>) -> f32} {
  %c1 = arith.constant 1 : index
  %v = memref.load %x[%c1] : memref<4xf32>
  return %v : f32
}
func.func @host_pointer() -> memref<4xf32> attributes {
    llvm.emit_c_interface, nsa.signature = () -> memref<4xf32>} {
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %table = memref.get_global @row : memref<4xf32>
  %start = gpu.wait async
  %y, %allocated = gpu.alloc async [%start] () : memref<4xf32>
  gpu.wait [%allocated]
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
             threads(%i, %ty, %tz) in (%sx = %c4, %sy = %c1, %sz = %c1) {
    %v = memref.load %table[%i] : memref<4xf32>
    memref.store %v, %y[%i] : memref<4xf32>
    gpu.terminator
  }
  return %y : memref<4xf32>
}

// Refused for all devices: memory that is the host's, too; a grid with more
// blocks than 32 bits count.
func.func @shared() attributes {llvm.emit_c_interface, nsa.signature = () -> ()} {
  %t = gpu.alloc host_shared () : memref<4xf32>
  %start = gpu.wait async
  %done = gpu.dealloc async [%start] %t : memref<4xf32>
  gpu.wait [%done]
  return
}
func.func @grid(%n: index) attributes {llvm.emit_c_interface, nsa.signature = (index) -> ()} {
  %c1 = arith.constant 1 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %n, %gz = %c1)
             threads(%i, %ty, %tz) in (%sx = %c1, %sy = %c1, %sz = %c1) {
    gpu.terminator
  }
  return
}
func.func @block(%n: index) attributes {llvm.emit_c_interface, nsa.signature = (index) -> ()} {
  %c1 = arith.constant 1 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
             threads(%i, %ty, %tz) in (%sx = %c1, %sy = %c1, %sz = %n) {
    gpu.terminator
  }
  return
}

// An instruction that the emulator does not model.
func.func @unknown() attributes {llvm.emit_c_interface, nsa.signature = () -> ()} {
  %c1 = arith.constant 1 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
             threads(%i, %ty, %tz) in (%sx = %c1, %sy = %c1, %sz = %c1) {
    llvm.inline_asm has_side_effects "nanosleep.u32 10;", "" : () -> ()
    gpu.terminator
  }
  return
}

// Host code that reads an element of a buffer of the device.
func.func @peek(%x: memref<4xf32>) -> f32 attributes {
    llvm.emit_c_interface, nsa.signature = (memref<4xf32>) -> f32} {
  %c1 = arith.constant 1 : index
  %v = memref.load %x[%c1] : memref<4xf32>
  return %v : f32
}
