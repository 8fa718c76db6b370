// RUN: nsa-opt %s --nsa-store-bf16-as-i16 | FileCheck %s

// CHECK: memref.global "private" constant @constant : memref<3xi16> = dense<[16256, 16384, -128]>
memref.global "private" constant @constant : memref<3xbf16> = dense<[1.0, 2.0, 0xFF80]>
// CHECK: memref.global "private" constant @splat : memref<3xi16> = dense<16256>
memref.global "private" constant @splat : memref<3xbf16> = dense<1.0>

// CHECK-LABEL: func.func @f(%{{.*}}: memref<?xi16>, %{{.*}}: i16) -> (memref<?xi16>, vector<8xi16>, f32)
// CHECK-SAME:  nsa.signature = (tensor<?xbf16>, bf16) -> (tensor<?xbf16>, vector<8xbf16>, f32)
func.func @f(%x: memref<?xbf16>, %s: bf16) -> (memref<?xbf16>, vector<8xbf16>, f32)
    attributes {nsa.signature = (tensor<?xbf16>, bf16) -> (tensor<?xbf16>, vector<8xbf16>, f32)} {
  %c0 = arith.constant 0 : index
  // CHECK: arith.constant -32640 : i16
  %pad = arith.constant 0x8080 : bf16
  // CHECK: arith.constant dense<[0, 16256, 0, 0, 0, 0, 0, 0]> : vector<8xi16>
  %v = arith.constant dense<[0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]> : vector<8xbf16>
  // CHECK: vector.transfer_read %{{.*}}, %{{.*}} : memref<?xi16>, vector<8xi16>
  %r = vector.transfer_read %x[%c0], %pad : memref<?xbf16>, vector<8xbf16>
  // CHECK: arith.select %{{.*}}, %{{.*}}, %{{.*}} : vector<8xi16>
  %p = arith.constant true
  %w = arith.select %p, %r, %v : vector<8xbf16>
  memref.store %s, %x[%c0] : memref<?xbf16>
  // CHECK: memref.get_global @constant : memref<3xi16>
  %g = memref.get_global @constant : memref<3xbf16>
  // Arithmetic has been expanded to this.
  // CHECK: arith.bitcast %{{.*}} : i16 to i16
  %b = arith.bitcast %s : bf16 to i16
  %e = arith.extui %b : i16 to i32
  %h = arith.bitcast %e : i32 to f32
  return %x, %w, %h : memref<?xbf16>, vector<8xbf16>, f32
}

// Other operations of the module, whoever's they are, keep their types.
// CHECK: llvm.func @foreign(bf16) -> bf16
llvm.func @foreign(bf16) -> bf16
// CHECK: func.func private @declared(i16)
func.func private @declared(bf16)
