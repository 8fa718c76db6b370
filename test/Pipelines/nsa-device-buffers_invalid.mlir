// RUN: nsa-opt %s --nsa-device-buffers=constants=true --split-input-file --verify-diagnostics

func.func @load(%x: memref<4xf32>, %i: index) -> f32 {
  // expected-error@+1 {{nsa-device-buffers: the host would have to access an element of 'memref<4xf32>', which is on the device; pass the value as a scalar argument instead}}
  %v = memref.load %x[%i] : memref<4xf32>
  return %v : f32
}

// -----

// All of them are reported.
func.func @store(%x: memref<4xf32>, %v: f32, %i: index) {
  // expected-error@+1 {{an element of 'memref<4xf32>'}}
  memref.store %v, %x[%i] : memref<4xf32>
  // expected-error@+1 {{an element of 'memref<4xf32>'}}
  memref.store %v, %x[%i] : memref<4xf32>
  return
}

// -----

func.func @others(%x: memref<4xf32>, %v: f32, %i: index) {
  // expected-error@+1 {{an element of 'memref<4xf32>'}}
  %a = memref.atomic_rmw addf %v, %x[%i] : (f32, memref<4xf32>) -> f32
  // expected-error@+1 {{an element of 'memref<4xf32>'}}
  %b = vector.load %x[%i] : memref<4xf32>, vector<2xf32>
  // expected-error@+1 {{an element of 'memref<4xf32>'}}
  vector.transfer_write %b, %x[%i] : vector<2xf32>, memref<4xf32>
  // expected-error@+1 {{an element of 'memref<4xf32>'}}
  affine.store %v, %x[0] : memref<4xf32>
  return
}

// -----

// Within control flow too, and of constants.
memref.global "private" constant @values : memref<4xf32> = dense<1.0>
func.func @nested(%c: i1, %i: index) -> f32 {
  %zero = arith.constant 0.0 : f32
  %r = scf.if %c -> f32 {
    %g = memref.get_global @values : memref<4xf32>
    // expected-error@+1 {{an element of 'memref<4xf32>'}}
    %v = memref.load %g[%i] : memref<4xf32>
    scf.yield %v : f32
  } else {
    scf.yield %zero : f32
  }
  return %r : f32
}

// -----

memref.global @state : memref<4xf32> = dense<1.0>
func.func @state_of_the_host() -> memref<4xf32> {
  // expected-error@+1 {{nsa-device-buffers: @state is not constant; what kernels write to its copy would be lost}}
  %g = memref.get_global @state : memref<4xf32>
  return %g : memref<4xf32>
}

// -----

// gpu.memcpy takes no buffer with an offset.
func.func @offset(%x: memref<f32, strided<[], offset: ?>>) -> f32 {
  // expected-error@+1 {{an element of 'memref<f32, strided<[], offset: ?>>'}}
  %v = memref.load %x[] : memref<f32, strided<[], offset: ?>>
  return %v : f32
}
