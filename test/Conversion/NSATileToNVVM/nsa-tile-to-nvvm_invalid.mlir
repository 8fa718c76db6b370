// RUN: nsa-opt %s --convert-nsa-tile-to-nvvm --split-input-file --verify-diagnostics

!tile = memref<2x16x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
func.func @iterate(%n: index, %source: memref<?x64xbf16>) {
  %true = arith.constant true
  %t = nsa_tile.shared at 0 : !tile
  // expected-error @+1 {{'nsa_tile.iterate' op convert-nsa-tile-to-nvvm: is not expanded; run nsa-tile-pipeline before}}
  nsa_tile.iterate %n stages 2 begin {} load {
  ^bb0(%i: index, %slot: i32):
    %c = nsa_tile.load_async %source, %t[%slot] threads 32 {
    ^bb1(%r: i32):
      nsa_tile.yield %i, %true : index, i1
    } : memref<?x64xbf16>, !tile
    nsa_tile.yield %c : !nsa_tile.copy
  } compute {
  ^bb0(%i: index, %slot: i32, %ready: !nsa_tile.ready):
    nsa_tile.yield
  }
  return
}

// -----

func.func @space(%source: memref<16xf32, "somewhere">, %x: f32) {
  %true = arith.constant true
  // expected-error @+1 {{'nsa_tile.load' op convert-nsa-tile-to-nvvm: does not know the memory space of 'memref<16xf32, "somewhere">'}}
  %a = nsa_tile.load %source else %x {
  ^bb0(%r: i32):
    %i = arith.index_cast %r : i32 to index
    nsa_tile.yield %i, %true : index, i1
  } : memref<16xf32, "somewhere">, f32 -> !nsa_tile.frag<16xf32, row>
  return
}

// -----

// What carries a frag must be an op of this dialect, of scf, arith.select or
// ub.poison.
func.func private @callee(!nsa_tile.frag<16xf32, row>)
func.func @call(%x: f32) {
  %a = nsa_tile.fill %x : f32 -> !nsa_tile.frag<16xf32, row>
  // expected-error @+1 {{failed to legalize operation 'func.call'}}
  func.call @callee(%a) : (!nsa_tile.frag<16xf32, row>) -> ()
  return
}

// -----

func.func @argument(%a: !nsa_tile.frag<16xf32, row>) {
  // expected-error @+1 {{failed to legalize unresolved materialization from ('!nsa_tile.frag<16xf32, row>') to ('f32', 'f32')}}
  %b = nsa_tile.map %a : !nsa_tile.frag<16xf32, row> {
  ^bb0(%v: f32):
    // expected-note @+1 {{see existing live user here}}
    %w = arith.addf %v, %v : f32
    nsa_tile.yield %w : f32
  } -> !nsa_tile.frag<16xf32, row>
  return
}
