//===- NSAOps.td - Ops of the nsa dialect ------------------*- tablegen -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every op of Native Sparse Attention on tensors. The constraints of an op are
// those of docs/Spec.md and have its labels (`op_c1`, ...); the verifiers and
// the tests carry the same labels.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_DIALECT_NSA_IR_NSAOPS_TD
#define NSA_DIALECT_NSA_IR_NSAOPS_TD

include "nsa/Dialect/NSA/IR/NSAOpBase.td"

//===----------------------------------------------------------------------===//
// compress
//===----------------------------------------------------------------------===//

def NSA_CompressOp : NSA_Op<"compress",
    [AttrSizedOperandSegments, OneValueEach<1>, derivedDims, inferTypes, reifyShapes, tiling]> {
  let summary = "compresses overlapping blocks of tokens into one token each";
  let description = [{
    `c[i] = phi(x[i*d .. i*d + l - 1])` for `i < Tc`, with
    `Tc = T < l ? 0 : (T - l) / d + 1` (paper, equation 7). Before phi, the
    optional position encoding `pe` is added to the block. phi is one of

    | phi | params | meaning |
    |---|---|---|
    | `mean` | none | mean of the block's tokens |
    | `weighted` | `w[G, l]` | `sum_j w[g, j] * x[j]` |
    | `linear` | `W[G, l*D, D]` | `flatten(x) . W[g]`, flattened as `token*D + dim` |
    | `mlp` | `W1[l*D, M], b1[M], W2[M, D], b2[D]` | `act(flatten(x) . W1 + b1) . W2 + b2`, shared by the groups |

    Loops of a tile (docs/Interfaces.md):

    | loop | over | tile sizes |
    |---|---|---|
    | `B` | batch | any |
    | `Tc` | compressed tokens | any; reads the tokens of its blocks |
    | `G` | key/value heads | those that divide `G` |

    Constraints:
    * (compress_c1) `x` is `[B, T, G, D]` of f32, f16 or bf16.
    * (compress_c2) `compression_block` and `compression_stride` are at least 1.
    * (compress_c3) the number of `params` is what phi takes: 0, 1, 1, 4.
    * (compress_c4) `pe` is `[l, D]` and `params` have the shapes of the table;
      all are static, and `M` is at least 1.
    * (compress_c5) `pe` and `params` are f32 or of x's element type.
    * (compress_c6) the result is `[B, Tc, G, D]` of x's element type.
    * (compress_c7) `G` and `D` are static and at least 1.

    Numerics: accumulated in f32.

    Example:

    ```mlir
    %kc = nsa.compress mean(%k) {compression_block = 32, compression_stride = 16}
        : (tensor<?x?x4x192xbf16>) -> tensor<?x?x4x192xbf16>
    %vc = nsa.compress mlp(%v) pe(%pe) params(%w1, %b1, %w2, %b2) activation silu
        {compression_block = 32, compression_stride = 16}
        : (tensor<1x4096x4x128xbf16>, tensor<32x128xf32>, tensor<4096x64xf32>,
           tensor<64xf32>, tensor<64x128xf32>, tensor<128xf32>)
        -> tensor<1x255x4x128xbf16>
    ```
  }];
  let arguments = (ins
    Arg<NSA_Tensor, "tokens `[B, T, G, D]`">:$x,
    Arg<Optional<NSA_Tensor>, "position encoding `[l, D]`">:$pe,
    Arg<Variadic<NSA_Tensor>, "parameters of phi">:$params,
    NSA_PhiAttr:$phi,
    I64Attr:$compression_block,
    I64Attr:$compression_stride,
    DefaultValuedAttr<NSA_ActivationAttr, "::mlir::nsa::Activation::GELU">:$activation);
  let results = (outs Arg<NSA_Tensor, "compressed tokens `[B, Tc, G, D]`">:$c);
  let assemblyFormat = [{
    custom<Phi>($phi) `(` $x `)` (`pe` `(` $pe^ `)`)?
    (`params` `(` $params^ `)`)?
    (`activation` custom<Activation>($activation)^)? attr-dict `:`
    functional-type(operands, results)
  }];
  let hasFolder = 1;
  let hasCanonicalizeMethod = 1;
  let extraClassDeclaration = [{
    /// The number of compressed tokens of `tokens` tokens.
    static int64_t getNumBlocks(int64_t tokens, int64_t block, int64_t stride);
  }];
}

//===----------------------------------------------------------------------===//
// compressed_attention
//===----------------------------------------------------------------------===//

def NSA_CompressedAttentionOp : NSA_AttentionBranchOp<"compressed_attention", 3> {
  let summary = "softmax attention over the visible compressed keys";
  let description = [{
    Compressed block `i` is visible to row `t` iff its last token is:
    `i*d + l - 1 < limit(t)` (paper, equations 5 and 8). `kv_len` counts
    tokens, not blocks, and is unbounded when absent.

    Loops of a tile (docs/Interfaces.md):

    | loop | over | tile sizes |
    |---|---|---|
    | `B` | batch | any |
    | `Tq` | queries | any; moves `q_offset` |
    | `H` | heads | whole groups of `R` heads, or a part that divides `R` |
    | `Tc` | compressed keys, a reduction | only in parts that `nsa.merge` joins |

    Constraints:
    * (compressed_attention_c1) `q`, `kc`, `vc` are rank 4 and of one element
      type: f32, f16, bf16.
    * (compressed_attention_c2) `q` is `[B, Tq, H, Dk]`, `kc` `[B, Tc, G, Dk]`,
      `vc` `[B, Tc, G, Dv]`.
    * (compressed_attention_c3) `H`, `G`, `Dk`, `Dv` are static, at least 1; `H`
      is a multiple of `G`.
    * (compressed_attention_c4) `compression_block` and `compression_stride` are
      at least 1.
    * (compressed_attention_c5) `q_offset` is given when `causal`.
    * (compressed_attention_c6) `q_offset` and `kv_len` are `index` or `i32[B]`.
    * (compressed_attention_c7) `scale` is finite and positive.
    * (compressed_attention_c8) `o` is `[B, Tq, H, Dv]` of q's element type,
      `lse` `[B, Tq, H]` f32.

    Example:

    ```mlir
    %o, %lse = nsa.compressed_attention %q, %kc, %vc q_offset(%off)
        {compression_block = 32, compression_stride = 16}
        : (tensor<?x?x64x192xbf16>, tensor<?x?x4x192xbf16>, tensor<?x?x4x128xbf16>, index)
        -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>)
    ```
  }];
  let arguments = (ins
    Arg<NSA_Tensor, "queries `[B, Tq, H, Dk]`">:$q,
    Arg<NSA_Tensor, "compressed keys `[B, Tc, G, Dk]`">:$kc,
    Arg<NSA_Tensor, "compressed values `[B, Tc, G, Dv]`">:$vc,
    Arg<Optional<NSA_Position>, "key position of query 0">:$q_offset,
    Arg<Optional<NSA_Position>, "number of tokens that exist">:$kv_len,
    I64Attr:$compression_block,
    I64Attr:$compression_stride,
    DefaultValuedAttr<BoolAttr, "true">:$causal,
    OptionalAttr<F64Attr>:$scale);
  let assemblyFormat = [{
    $q `,` $kc `,` $vc (`q_offset` `(` $q_offset^ `)`)?
    (`kv_len` `(` $kv_len^ `)`)? attr-dict `:`
    functional-type(operands, results)
  }];
}

//===----------------------------------------------------------------------===//
// block_scores
//===----------------------------------------------------------------------===//

def NSA_BlockScoresOp : NSA_Op<"block_scores",
    [AttrSizedOperandSegments, OneValueEach<4>, derivedDims, reifyShapes, tiling]> {
  let summary = "importance of each selection block for each query";
  let description = [{
    Paper, equations 9 and 10. Per head, `p_h[i] = exp(score_h[i] - lse_h)` for
    visible compressed blocks `i`, else 0 (also where `lse_h = -inf`); `lse`
    may come from elsewhere, so `p_h` may exceed 1. Then (a) `p[i]` is the sum
    over the heads of a list, and (b) `score_map` maps it to selection blocks:

    * `overlap`: `p[j] = sum_i overlap(i, j) * p[i]`, where `overlap(i, j)`
      counts the `d`-token sub-blocks that compression block `i`
      (sub-blocks `i .. i + l/d - 1`) and selection block `j`
      (`j*s/d .. (j+1)*s/d - 1`) share. For l=32, d=16, s=64 the weights are
      1, 2, 2, 2, 1 on `i = 4j-1 .. 4j+3`.
    * `max`: the maximum over the same `i`.

    Blocks that no visible compressed block touches score 0. `Gi` is `G`
    (`list_heads = kv`) or `H` (`query`). The result type is explicit because
    `Ns = ceil(kv_max / s)` depends on a value. `kv_max` must be at least
    `kv_len`, which defaults to it.

    Loops of a tile (docs/Interfaces.md):

    | loop | over | tile sizes |
    |---|---|---|
    | `B` | batch | any |
    | `Tq` | queries | any; moves `q_offset` |
    | `G` (`kv`), `H` (`query`) | lists | of `G`: those that divide it; of `H`: whole groups of `R`, or a part that divides `R` |

    Constraints:
    * (block_scores_c1) `q` and `kc` are rank 4 and of one element type: f32,
      f16, bf16.
    * (block_scores_c2) `q` is `[B, Tq, H, Dk]`, `kc` `[B, Tc, G, Dk]`, `lse`
      `[B, Tq, H]` f32.
    * (block_scores_c3) `H`, `G`, `Dk` are static, at least 1; `H` is a multiple
      of `G`.
    * (block_scores_c4) the block sizes are at least 1; `d` divides `l` and `s`;
      `l <= s`.
    * (block_scores_c5) `q_offset` is given when `causal`.
    * (block_scores_c6) `q_offset` and `kv_len` are `index` or `i32[B]`.
    * (block_scores_c7) `scale` is finite and positive.
    * (block_scores_c8) the result is `[B, Tq, Gi, Ns]` f32.
    * (block_scores_c9) a constant `kv_max` is at least 0 and agrees with a
      static `Ns`.

    Example:

    ```mlir
    %p = nsa.block_scores %q, %kc, %lse, %kv_max q_offset(%off)
        {compression_block = 32, compression_stride = 16, selection_block = 64}
        : (tensor<?x?x64x192xbf16>, tensor<?x?x4x192xbf16>, tensor<?x?x64xf32>, index, index)
        -> tensor<?x?x4x?xf32>
    ```
  }];
  let arguments = (ins
    Arg<NSA_Tensor, "queries `[B, Tq, H, Dk]`">:$q,
    Arg<NSA_Tensor, "compressed keys `[B, Tc, G, Dk]`">:$kc,
    Arg<NSA_Tensor, "log-sum-exp of the rows `[B, Tq, H]`, f32">:$lse,
    Arg<Index, "largest `kv_len` that the scores must cover">:$kv_max,
    Arg<Optional<NSA_Position>, "key position of query 0">:$q_offset,
    Arg<Optional<NSA_Position>, "number of tokens that exist">:$kv_len,
    I64Attr:$compression_block,
    I64Attr:$compression_stride,
    I64Attr:$selection_block,
    DefaultValuedAttr<NSA_ScoreMapAttr, "::mlir::nsa::ScoreMap::Overlap">:$score_map,
    DefaultValuedAttr<NSA_ListHeadsAttr, "::mlir::nsa::ListHeads::KV">:$list_heads,
    DefaultValuedAttr<BoolAttr, "true">:$causal,
    OptionalAttr<F64Attr>:$scale);
  let results = (outs Arg<NSA_Tensor, "scores `[B, Tq, Gi, Ns]`, f32">:$p);
  let assemblyFormat = [{
    $q `,` $kc `,` $lse `,` $kv_max (`q_offset` `(` $q_offset^ `)`)?
    (`kv_len` `(` $kv_len^ `)`)? attr-dict `:`
    functional-type(operands, results)
  }];
  let extraClassDeclaration = [{
    /// 1/sqrt(Dk) unless given.
    double getScoreScale();
    /// Heads per list, H / Gi.
    int64_t getHeadsPerList();
  }];
}

//===----------------------------------------------------------------------===//
// select_top_n
//===----------------------------------------------------------------------===//

def NSA_SelectTopNOp : NSA_Op<"select_top_n",
    [AttrSizedOperandSegments, OneValueEach<1>, namedDims, inferTypes, reifyShapes, tiling]> {
  let summary = "selects the blocks each query attends to";
  let description = [{
    Paper, equations 11 and 12. Candidates of row `t` are the blocks `j < Ns`
    with `j*s < limit(t)`. Forced are the first `initial` blocks and the
    `local` blocks `own - local + 1 .. own` with `own = floor(pos(t) / s)`,
    whatever their score; forced blocks that are no candidates are dropped,
    duplicates count once, all count against `n`. The rest is filled by score,
    highest first, ties to the lowest block. `-0` equals `+0`, `+inf` outranks
    every number, NaN ranks below every finite number, and an unforced block
    with score `-inf` is never selected. Fewer than `n`: all of them. The list
    is ascending, unique, then `-1`. Not differentiated.

    Loops of a tile (docs/Interfaces.md):

    | loop | over | tile sizes |
    |---|---|---|
    | `B` | batch | any |
    | `Tq` | queries | any; moves `q_offset` |
    | `Gi` | lists | those that divide `Gi` |

    Constraints:
    * (select_top_n_c1) `p` is `[B, Tq, Gi, Ns]` f32, with `Gi` static and at
      least 1.
    * (select_top_n_c2) `selection_block` and `top_n` are at least 1.
    * (select_top_n_c3) `initial >= 0`, `local >= 0` and
      `top_n >= initial + local`.
    * (select_top_n_c4) `q_offset` is given when `causal` or `local > 0`.
    * (select_top_n_c5) `q_offset` and `kv_len` are `index` or `i32[B]`.
    * (select_top_n_c6) the result is `[B, Tq, Gi, n]` i32.

    Example:

    ```mlir
    %idx = nsa.select_top_n %p q_offset(%off) {selection_block = 64, top_n = 16}
        : (tensor<?x?x4x?xf32>, index) -> tensor<?x?x4x16xi32>
    ```
  }];
  let arguments = (ins
    Arg<NSA_Tensor, "scores `[B, Tq, Gi, Ns]`, f32">:$p,
    Arg<Optional<NSA_Position>, "key position of query 0">:$q_offset,
    Arg<Optional<NSA_Position>, "number of tokens that exist">:$kv_len,
    I64Attr:$selection_block,
    I64Attr:$top_n,
    DefaultValuedAttr<I64Attr, "1">:$initial,
    DefaultValuedAttr<I64Attr, "2">:$local,
    DefaultValuedAttr<BoolAttr, "true">:$causal);
  let results = (outs Arg<NSA_Tensor, "block lists `[B, Tq, Gi, n]`, i32">:$idx);
  let assemblyFormat = [{
    $p (`q_offset` `(` $q_offset^ `)`)? (`kv_len` `(` $kv_len^ `)`)?
    attr-dict `:` functional-type(operands, results)
  }];
}

//===----------------------------------------------------------------------===//
// selected_attention
//===----------------------------------------------------------------------===//

def NSA_SelectedAttentionOp : NSA_AttentionBranchOp<"selected_attention", 4> {
  let summary = "softmax attention over the tokens of listed blocks";
  let description = [{
    Row `(t, h)` attends to the visible tokens `u` with `floor(u / s)` in list
    `idx[b, t, h / (H/Gi)]`. The list may have any width and order; negative
    entries are skipped, a repeated index counts once, an index that names no
    visible token contributes nothing. `unique` promises that lists are
    ascending, without repeats, `-1` last, as `nsa.select_top_n` makes them.

    Without `kv_len`, `kv_len = Tk`; without `q_offset`, `q_offset = Tk - Tq`.

    Loops of a tile (docs/Interfaces.md):

    | loop | over | tile sizes |
    |---|---|---|
    | `B` | batch | any |
    | `Tq` | queries | any; moves `q_offset` |
    | `H` | heads | whole groups of `R` heads, or a part that divides `R` |
    | `N` | list entries, a reduction | only in parts that `nsa.merge` joins; needs `unique` |

    Constraints:
    * (selected_attention_c1) `q`, `k`, `v` are rank 4 and of one element type:
      f32, f16, bf16.
    * (selected_attention_c2) `q` is `[B, Tq, H, Dk]`, `k` `[B, Tk, G, Dk]`, `v`
      `[B, Tk, G, Dv]`, `idx` `[B, Tq, Gi, N]` i32.
    * (selected_attention_c3) `H`, `G`, `Dk`, `Dv` are static, at least 1; `H`
      is a multiple of `G`.
    * (selected_attention_c4) `Gi` is static: 1, `G` or `H`.
    * (selected_attention_c5) `selection_block >= 1`.
    * (selected_attention_c6) `q_offset` and `kv_len` are `index` or `i32[B]`;
      `kv_len` is given only together with `q_offset`.
    * (selected_attention_c7) `scale` is finite and positive.
    * (selected_attention_c8) `o` is `[B, Tq, H, Dv]` of q's element type, `lse`
      `[B, Tq, H]` f32.

    Example:

    ```mlir
    %o, %lse = nsa.selected_attention %q, %k, %v, %idx {selection_block = 64, unique}
        : (tensor<?x?x64x192xbf16>, tensor<?x?x4x192xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x4x16xi32>)
        -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>)
    ```
  }];
  let arguments = (ins
    Arg<NSA_Tensor, "queries `[B, Tq, H, Dk]`">:$q,
    Arg<NSA_Tensor, "keys `[B, Tk, G, Dk]`">:$k,
    Arg<NSA_Tensor, "values `[B, Tk, G, Dv]`">:$v,
    Arg<NSA_Tensor, "block lists `[B, Tq, Gi, N]`, i32">:$idx,
    Arg<Optional<NSA_Position>, "key position of query 0">:$q_offset,
    Arg<Optional<NSA_Position>, "number of keys that exist">:$kv_len,
    I64Attr:$selection_block,
    DefaultValuedAttr<BoolAttr, "true">:$causal,
    UnitAttr:$unique,
    OptionalAttr<F64Attr>:$scale);
  let assemblyFormat = [{
    $q `,` $k `,` $v `,` $idx (`q_offset` `(` $q_offset^ `)`)?
    (`kv_len` `(` $kv_len^ `)`)? attr-dict `:`
    functional-type(operands, results)
  }];
  let hasCanonicalizeMethod = 1;
}

//===----------------------------------------------------------------------===//
// window_attention
//===----------------------------------------------------------------------===//

def NSA_WindowAttentionOp : NSA_AttentionBranchOp<"window_attention", 3> {
  let summary = "softmax attention over the last tokens";
  let description = [{
    Causal: row `t` attends to keys `pos(t) - w < u < limit(t)`, exactly `w`
    tokens including the query's own (paper, section 3.3.3). Not causal:
    `|u - pos(t)| < w` and `u < kv_len`.

    Without `kv_len`, `kv_len = Tk`; without `q_offset`, `q_offset = Tk - Tq`.
    Dense causal attention is `window = Tk`.

    Loops of a tile (docs/Interfaces.md):

    | loop | over | tile sizes |
    |---|---|---|
    | `B` | batch | any |
    | `Tq` | queries | any; moves `q_offset` |
    | `H` | heads | whole groups of `R` heads, or a part that divides `R` |
    | `Tk` | keys, a reduction | only in parts that `nsa.merge` joins |

    Constraints:
    * (window_attention_c1) `q`, `k`, `v` are rank 4 and of one element type:
      f32, f16, bf16.
    * (window_attention_c2) `q` is `[B, Tq, H, Dk]`, `k` `[B, Tk, G, Dk]`, `v`
      `[B, Tk, G, Dv]`.
    * (window_attention_c3) `H`, `G`, `Dk`, `Dv` are static, at least 1; `H` is
      a multiple of `G`.
    * (window_attention_c4) `window >= 1`.
    * (window_attention_c5) `q_offset` and `kv_len` are `index` or `i32[B]`;
      `kv_len` is given only together with `q_offset`.
    * (window_attention_c6) `scale` is finite and positive.
    * (window_attention_c7) `o` is `[B, Tq, H, Dv]` of q's element type, `lse`
      `[B, Tq, H]` f32.

    Example:

    ```mlir
    %o, %lse = nsa.window_attention %q, %k, %v {window = 512}
        : (tensor<?x?x64x192xbf16>, tensor<?x?x4x192xbf16>, tensor<?x?x4x128xbf16>)
        -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>)
    ```
  }];
  let arguments = (ins
    Arg<NSA_Tensor, "queries `[B, Tq, H, Dk]`">:$q,
    Arg<NSA_Tensor, "keys `[B, Tk, G, Dk]`">:$k,
    Arg<NSA_Tensor, "values `[B, Tk, G, Dv]`">:$v,
    Arg<Optional<NSA_Position>, "key position of query 0">:$q_offset,
    Arg<Optional<NSA_Position>, "number of keys that exist">:$kv_len,
    I64Attr:$window,
    DefaultValuedAttr<BoolAttr, "true">:$causal,
    OptionalAttr<F64Attr>:$scale);
  let assemblyFormat = [{
    $q `,` $k `,` $v (`q_offset` `(` $q_offset^ `)`)?
    (`kv_len` `(` $kv_len^ `)`)? attr-dict `:`
    functional-type(operands, results)
  }];
  let hasCanonicalizeMethod = 1;
}

//===----------------------------------------------------------------------===//
// gate
//===----------------------------------------------------------------------===//

def NSA_GateOp : NSA_Op<"gate",
    [PredOpTrait<"there is at least one branch", CPred<"!getBranches().empty()">>,
     namedDims, inferTypes, reifyShapes, tiling]> {
  let summary = "gated sum of the branches' outputs";
  let description = [{
    `o = sum_i act(gates[..., i]) * branches[i]` (paper, equation 5), in the
    order compressed, selected, window. `activation` is `none` or `sigmoid`;
    gates need not sum to 1. Computed in f32.

    Loops of a tile (docs/Interfaces.md):

    | loop | over | tile sizes |
    |---|---|---|
    | `B` | batch | any |
    | `Tq` | queries | any |
    | `H` | heads | those that divide `H` |

    Constraints:
    * (gate_c1) there is at least one branch; branches have one shape
      `[B, Tq, H, Dv]` and one element type: f32, f16, bf16.
    * (gate_c2) `gates` is `[B, Tq, H, N]` with `N`, static, the number of
      branches.
    * (gate_c3) `gates` is f32 or of the branches' element type.
    * (gate_c4) the result has the branches' shape and element type.
    * (gate_c5) `H`, `Dv` are static and at least 1.

    Example:

    ```mlir
    %o = nsa.gate %o_cmp, %o_slc, %o_win gates(%g) {activation = #nsa.gate_activation<sigmoid>}
        : (tensor<?x?x64x128xbf16>, tensor<?x?x64x128xbf16>, tensor<?x?x64x128xbf16>, tensor<?x?x64x3xf32>)
        -> tensor<?x?x64x128xbf16>
    ```
  }];
  let arguments = (ins
    Arg<Variadic<NSA_Tensor>, "branch outputs `[B, Tq, H, Dv]`">:$branches,
    Arg<NSA_Tensor, "gates `[B, Tq, H, N]`">:$gates,
    DefaultValuedAttr<NSA_GateActivationAttr, "::mlir::nsa::GateActivation::None">:$activation);
  let results = (outs Arg<NSA_Tensor, "combined output `[B, Tq, H, Dv]`">:$o);
  let assemblyFormat = [{
    $branches `gates` `(` $gates `)` attr-dict `:`
    functional-type(operands, results)
  }];
  let hasFolder = 1;
  let hasCanonicalizeMethod = 1;
}

//===----------------------------------------------------------------------===//
// merge
//===----------------------------------------------------------------------===//

def NSA_MergeOp : NSA_Op<"merge",
    [AttrSizedOperandSegments,
     PredOpTrait<"there is at least one o", CPred<"!getOs().empty()">>,
     namedDims, inferTypes, reifyShapes, tiling]> {
  let summary = "one softmax over disjoint sets of keys";
  let description = [{
    `lse = log(sum_i exp(lse_i) + exp(sink))` and
    `o = sum_i exp(lse_i - lse) * o_i`: joins attention over disjoint key sets
    (split keys, context parallelism, attention sinks). The optional `sink` is
    one more score per head, with value 0. Rows whose every `lse_i` is `-inf`,
    without a sink, give `o = 0` and `lse = -inf`.

    Loops of a tile (docs/Interfaces.md):

    | loop | over | tile sizes |
    |---|---|---|
    | `B` | batch | any |
    | `Tq` | queries | any |
    | `H` | heads | those that divide `H` |

    Constraints:
    * (merge_c1) there is at least one `o` and as many `lse` as `o`.
    * (merge_c2) the `o` have one shape `[B, Tq, H, Dv]` and one element type:
      f32, f16, bf16.
    * (merge_c3) each `lse` is `[B, Tq, H]` f32.
    * (merge_c4) `sink` is `[H]` f32.
    * (merge_c5) the results are `[B, Tq, H, Dv]` of o's element type and
      `[B, Tq, H]` f32.
    * (merge_c6) `H`, `Dv` are static and at least 1.

    Example:

    ```mlir
    %o, %lse = nsa.merge %o0, %o1 lse(%lse0, %lse1) sink(%sink)
        : (tensor<?x?x8x64xf32>, tensor<?x?x8x64xf32>, tensor<?x?x8xf32>, tensor<?x?x8xf32>, tensor<8xf32>)
        -> (tensor<?x?x8x64xf32>, tensor<?x?x8xf32>)
    ```
  }];
  let arguments = (ins
    Arg<Variadic<NSA_Tensor>, "partial outputs `[B, Tq, H, Dv]`">:$os,
    Arg<Variadic<NSA_Tensor>, "their log-sum-exp `[B, Tq, H]`, f32">:$lses,
    Arg<Optional<NSA_Tensor>, "one score per head `[H]`, f32">:$sink);
  let results = (outs
    Arg<NSA_Tensor, "joint output `[B, Tq, H, Dv]`">:$o,
    Arg<NSA_Tensor, "joint log-sum-exp `[B, Tq, H]`, f32">:$lse);
  let assemblyFormat = [{
    $os `lse` `(` $lses `)` (`sink` `(` $sink^ `)`)? attr-dict `:`
    functional-type(operands, results)
  }];
  let hasFolder = 1;
}

//===----------------------------------------------------------------------===//
// attention
//===----------------------------------------------------------------------===//

def NSA_AttentionOp : NSA_Op<"attention",
    [AttrSizedOperandSegments, OneValueEach<8>, namedDims, inferTypes, reifyShapes,
     tiling, DeclareOpInterfaceMethods<AggregatedOpInterface, ["decomposeOperation"]>]> {
  let summary = "the whole mechanism for a full or chunked prefill";
  let description = [{
    Compresses `k_cmp` and `v_cmp`, attends over the compressed keys, scores
    and selects blocks (`kv_max = Tk`), attends over the selected blocks of
    `k_slc`, `v_slc` and over the window of `k_win`, `v_win`, and returns the
    gated sum (paper, equation 5). It is exactly what `nsa-decompose` makes of
    it. Every branch has its own keys and values, as the paper wants it; the
    same value may be passed three times. Decoding uses the branch ops on
    cached compressed keys instead.

    With `return_aux` it also returns `lse` of the compressed, selected and
    window branch, `[B, Tq, H]` f32, and the block lists `[B, Tq, Gi, n]` i32.

    `AggregatedOpInterface` makes of it what `nsa-decompose` does. Loops of a
    tile (docs/Interfaces.md); a tile compresses all keys of its heads anew,
    which loop-invariant code motion takes out of the loop once decomposed:

    | loop | over | tile sizes |
    |---|---|---|
    | `B` | batch | any |
    | `Tq` | queries | any; moves `q_offset` |
    | `H` | heads | whole groups of `R` heads; with `list_heads = query` also a part that divides `R` |

    Constraints:
    * (attention_c1) `q` and every K and V are rank 4 and of one element type:
      f32, f16, bf16.
    * (attention_c2) `q` is `[B, Tq, H, Dk]`, every K `[B, Tk, G, Dk]`, every V
      `[B, Tk, G, Dv]`.
    * (attention_c3) `H`, `G`, `Dk`, `Dv` are static, at least 1; `H` is a
      multiple of `G`.
    * (attention_c4) the block sizes are at least 1; `d` divides `l` and `s`;
      `l <= s`.
    * (attention_c5) `top_n >= 1`, `initial >= 0`, `local >= 0`,
      `top_n >= initial + local`.
    * (attention_c6) `window >= 1`.
    * (attention_c7) `q_offset` and `kv_len` are `index` or `i32[B]`; `kv_len`
      is given only together with `q_offset`.
    * (attention_c8) `scale` is finite and positive.
    * (attention_c9) the phi parameters of K and of V obey `compress_c3`,
      `compress_c4` and `compress_c5`.
    * (attention_c10) `gates` is `[B, Tq, H, 3]`, f32 or of q's element type.
    * (attention_c11) the results are `o` `[B, Tq, H, Dv]` of q's element type
      and, with `return_aux`, three `[B, Tq, H]` f32 and one `[B, Tq, Gi, n]`
      i32.

    Example:

    ```mlir
    %o = nsa.attention %q compressed(%k_cmp, %v_cmp) selected(%k_slc, %v_slc)
        window(%k_win, %v_win) gates(%gates)
        {compression_block = 32, compression_stride = 16, selection_block = 64,
         top_n = 16, window = 512}
        : (tensor<?x?x64x192xbf16>, tensor<?x?x4x192xbf16>, tensor<?x?x4x128xbf16>,
           tensor<?x?x4x192xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x4x192xbf16>,
           tensor<?x?x4x128xbf16>, tensor<?x?x64x3xf32>) -> tensor<?x?x64x128xbf16>
    ```
  }];
  let arguments = (ins
    Arg<NSA_Tensor, "queries `[B, Tq, H, Dk]`">:$q,
    Arg<NSA_Tensor, "keys of the compressed branch `[B, Tk, G, Dk]`">:$k_cmp,
    Arg<NSA_Tensor, "values of the compressed branch `[B, Tk, G, Dv]`">:$v_cmp,
    Arg<NSA_Tensor, "keys of the selected branch `[B, Tk, G, Dk]`">:$k_slc,
    Arg<NSA_Tensor, "values of the selected branch `[B, Tk, G, Dv]`">:$v_slc,
    Arg<NSA_Tensor, "keys of the window branch `[B, Tk, G, Dk]`">:$k_win,
    Arg<NSA_Tensor, "values of the window branch `[B, Tk, G, Dv]`">:$v_win,
    Arg<NSA_Tensor, "gates `[B, Tq, H, 3]`: compressed, selected, window">:$gates,
    Arg<Optional<NSA_Position>, "key position of query 0">:$q_offset,
    Arg<Optional<NSA_Position>, "number of keys that exist">:$kv_len,
    Arg<Optional<NSA_Tensor>, "position encoding of K's blocks `[l, Dk]`">:$k_pe,
    Arg<Variadic<NSA_Tensor>, "parameters of K's phi">:$k_params,
    Arg<Optional<NSA_Tensor>, "position encoding of V's blocks `[l, Dv]`">:$v_pe,
    Arg<Variadic<NSA_Tensor>, "parameters of V's phi">:$v_params,
    I64Attr:$compression_block,
    I64Attr:$compression_stride,
    I64Attr:$selection_block,
    I64Attr:$top_n,
    I64Attr:$window,
    DefaultValuedAttr<I64Attr, "1">:$initial,
    DefaultValuedAttr<I64Attr, "2">:$local,
    DefaultValuedAttr<NSA_PhiAttr, "::mlir::nsa::Phi::Mean">:$k_phi,
    DefaultValuedAttr<NSA_PhiAttr, "::mlir::nsa::Phi::Mean">:$v_phi,
    DefaultValuedAttr<NSA_ActivationAttr, "::mlir::nsa::Activation::GELU">:$k_activation,
    DefaultValuedAttr<NSA_ActivationAttr, "::mlir::nsa::Activation::GELU">:$v_activation,
    DefaultValuedAttr<NSA_GateActivationAttr, "::mlir::nsa::GateActivation::None">:$gate_activation,
    DefaultValuedAttr<NSA_ScoreMapAttr, "::mlir::nsa::ScoreMap::Overlap">:$score_map,
    DefaultValuedAttr<NSA_ListHeadsAttr, "::mlir::nsa::ListHeads::KV">:$list_heads,
    DefaultValuedAttr<BoolAttr, "true">:$causal,
    UnitAttr:$return_aux,
    OptionalAttr<F64Attr>:$scale);
  let results = (outs
    Arg<NSA_Tensor, "output `[B, Tq, H, Dv]`">:$o,
    Arg<Variadic<NSA_Tensor>, "with `return_aux`: lse_cmp, lse_slc, lse_win, idx">:$aux);
  let assemblyFormat = [{
    $q `compressed` `(` $k_cmp `,` $v_cmp `)` `selected` `(` $k_slc `,` $v_slc `)`
    `window` `(` $k_win `,` $v_win `)` `gates` `(` $gates `)`
    (`q_offset` `(` $q_offset^ `)`)? (`kv_len` `(` $kv_len^ `)`)?
    (`k_pe` `(` $k_pe^ `)`)? (`k_params` `(` $k_params^ `)`)?
    (`v_pe` `(` $v_pe^ `)`)? (`v_params` `(` $v_params^ `)`)?
    attr-dict `:` functional-type(operands, results)
  }];
  let builders = [
    // What has no default; setters change the rest.
    OpBuilder<(ins "::mlir::Value":$q,
                   "::mlir::Value":$k_cmp, "::mlir::Value":$v_cmp,
                   "::mlir::Value":$k_slc, "::mlir::Value":$v_slc,
                   "::mlir::Value":$k_win, "::mlir::Value":$v_win,
                   "::mlir::Value":$gates,
                   "int64_t":$compression_block, "int64_t":$compression_stride,
                   "int64_t":$selection_block, "int64_t":$top_n,
                   "int64_t":$window), [{
      build($_builder, $_state, q, k_cmp, v_cmp, k_slc, v_slc, k_win, v_win,
            gates, /*q_offset=*/{}, /*kv_len=*/{}, /*k_pe=*/{}, /*k_params=*/{},
            /*v_pe=*/{}, /*v_params=*/{}, compression_block, compression_stride,
            selection_block, top_n, window, /*initial=*/1, /*local=*/2,
            Phi::Mean, Phi::Mean, Activation::GELU, Activation::GELU,
            GateActivation::None, ScoreMap::Overlap, ListHeads::KV,
            /*causal=*/true, /*return_aux=*/false, /*scale=*/{});
    }]>
  ];
  let hasCanonicalizeMethod = 1;
}

//===----------------------------------------------------------------------===//
// fusion
//===----------------------------------------------------------------------===//

def NSA_FusionOp : Op<NSA_Dialect, "fusion",
    [SingleBlock, NoRegionArguments, RecursiveMemoryEffects,
     RecursivelySpeculatable, reifyShapes]> {
  let summary = "ops that become one kernel";
  let description = [{
    Says which ops a GPU runs as one kernel, so that what passes between them
    stays on the chip. It computes what the ops in it compute: `nsa-fuse` forms
    it, and what does not know it takes it apart again. The body captures what
    it needs, and its `nsa.yield` gives the results.

    | kind | body | yields |
    |---|---|---|
    | `selection` | one `compressed_attention`, the `block_scores` of its queries, keys and lse, the `select_top_n` of those scores | `o, lse, idx` |
    | `gated` | one `selected_attention`, one `window_attention`, the `gate` of three branches whose first comes from outside | `o`, or `o, lse_slc, lse_win` |

    Constraints:
    * (fusion_c1) the body has the ops of the table, each once, and else only
      `tensor.cast`; casts in the body are looked through below.
    * (fusion_c2) `selection`: `block_scores` takes the queries, the keys and
      the lse of the `compressed_attention`, `select_top_n` the scores.
    * (fusion_c3) `gated`: `gate` has three branches: one from outside, the
      selected one, the window.
    * (fusion_c4) where both have them, the ops agree in queries, number of
      key/value heads, `q_offset`, `kv_len`, `causal`, scale and block sizes.
    * (fusion_c5) `gated`: `selected_attention` has `unique`.
    * (fusion_c6) it yields what the table says.

    Each op keeps its own defaults: where no `kv_len` is given, that of
    `block_scores` is `kv_max` and that of the other two has no bound.

    Example:

    ```mlir
    %o, %lse, %idx = nsa.fusion selection : tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>, tensor<?x?x4x16xi32> {
      %o_cmp, %lse_cmp = nsa.compressed_attention %q, %kc, %vc q_offset(%off)
          {compression_block = 32, compression_stride = 16}
          : (tensor<?x?x64x128xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x4x128xbf16>, index)
          -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>)
      %p = nsa.block_scores %q, %kc, %lse_cmp, %kv_max q_offset(%off)
          {compression_block = 32, compression_stride = 16, selection_block = 64}
          : (tensor<?x?x64x128xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x64xf32>, index, index)
          -> tensor<?x?x4x?xf32>
      %list = nsa.select_top_n %p q_offset(%off) {selection_block = 64, top_n = 16}
          : (tensor<?x?x4x?xf32>, index) -> tensor<?x?x4x16xi32>
      nsa.yield %o_cmp, %lse_cmp, %list : tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>, tensor<?x?x4x16xi32>
    }
    ```
  }];
  let arguments = (ins NSA_FusionKindAttr:$kind);
  let results = (outs Arg<Variadic<NSA_Tensor>, "what the body yields">:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    custom<FusionKind>($kind) attr-dict `:` type($outputs) $body
  }];
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    /// The one op of that kind in the body; null if there is none.
    template <typename OpT> OpT getMember() {
      auto ops = getBody().front().getOps<OpT>();
      return ops.empty() ? OpT() : *ops.begin();
    }
    /// What the body yields.
    ::mlir::Operation::operand_range getYielded() {
      return getBody().front().getTerminator()->getOperands();
    }
  }];
}

def NSA_YieldOp : Op<NSA_Dialect, "yield",
    [Pure, Terminator, ReturnLike, HasParent<"FusionOp">]> {
  let summary = "ends the body of a fusion";
  let description = [{
    Its operands are the results of the enclosing `nsa.fusion`, whose verifier
    checks their number and types.

    Example:

    ```mlir
    nsa.yield %o : tensor<?x?x64x128xbf16>
    ```
  }];
  let arguments = (ins Arg<Variadic<NSA_Tensor>, "results of the fusion">:$values);
  let assemblyFormat = "$values attr-dict `:` type($values)";
}

#endif // NSA_DIALECT_NSA_IR_NSAOPS_TD
