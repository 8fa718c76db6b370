// What the verifiers of the nsa_tile types and attributes refuse; functions are
// named after the constraint of NSATileDialect.td that they break.

// RUN: nsa-opt %s -split-input-file -verify-diagnostics

// expected-error @below {{acc must have rank 2, but has 1}}
func.func private @frag_c1_acc(!nsa_tile.frag<16xf32, acc>)

// -----

// expected-error @below {{lhs must have rank 2, but has 3}}
func.func private @frag_c1_lhs(!nsa_tile.frag<2x16x16xf16, lhs>)

// -----

// expected-error @below {{row must have rank 1, but has 2}}
func.func private @frag_c1_row(!nsa_tile.frag<16x1xf32, row>)

// -----

// expected-error @below {{size (8) of acc must be a positive multiple of 16}}
func.func private @frag_c2_acc_rows(!nsa_tile.frag<8x8xf32, acc>)

// -----

// expected-error @below {{size (12) of acc must be a positive multiple of 8}}
func.func private @frag_c2_acc_columns(!nsa_tile.frag<16x12xf32, acc>)

// -----

// expected-error @below {{size (8) of lhs must be a positive multiple of 16}}
func.func private @frag_c2_lhs(!nsa_tile.frag<16x8xf16, lhs>)

// -----

// expected-error @below {{size (8) of rhs must be a positive multiple of 16}}
func.func private @frag_c2_rhs(!nsa_tile.frag<8x16xf16, rhs>)

// -----

// expected-error @below {{size (8) of row must be a positive multiple of 16}}
func.func private @frag_c2_row(!nsa_tile.frag<8xf32, row>)

// -----

// expected-error @below {{size (4) of col must be a positive multiple of 8}}
func.func private @frag_c2_col(!nsa_tile.frag<4xf32, col>)

// -----

// expected-error @below {{size (0) of col must be a positive multiple of 8}}
func.func private @frag_c2_none(!nsa_tile.frag<0xf32, col>)

// -----

// expected-error @below {{elements of acc must be f32, i32 or i1, but are 'f16'}}
func.func private @frag_c3_acc(!nsa_tile.frag<16x8xf16, acc>)

// -----

// expected-error @below {{elements of acc must be f32, i32 or i1, but are 'index'}}
func.func private @frag_c3_acc_index(!nsa_tile.frag<16x8xindex, acc>)

// -----

// expected-error @below {{elements of lhs must be f16 or bf16, but are 'f32'}}
func.func private @frag_c3_lhs(!nsa_tile.frag<16x16xf32, lhs>)

// -----

// expected-error @below {{elements of rhs must be f16 or bf16, but are 'i32'}}
func.func private @frag_c3_rhs(!nsa_tile.frag<16x16xi32, rhs>)

// -----

// expected-error @below {{elements of row must be f32, i32, i1 or index, but are 'bf16'}}
func.func private @frag_c3_row(!nsa_tile.frag<16xbf16, row>)

// -----

// expected-error @below {{expected acc, lhs, rhs, row or col, not 'mma'}}
func.func private @layout(!nsa_tile.frag<16x16xf32, mma>)

// -----

// expected-error @below {{swizzle bytes (16) must be 32, 64 or 128}}
func.func private @swizzle_c1(memref<2x8x16xf16, #nsa_tile.swizzle<16>>)

// -----

// expected-error @below {{a swizzle is for [stage, row, column], not for rank 2}}
func.func private @swizzle_c2(memref<8x16xf16, #nsa_tile.swizzle<32>>)
