//===- NSADialect.td - The nsa dialect ---------------------*- tablegen -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The dialect itself and the bases of its ops and attributes.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_DIALECT_NSA_IR_NSADIALECT_TD
#define NSA_DIALECT_NSA_IR_NSADIALECT_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def NSA_Dialect : Dialect {
  let name = "nsa";
  let cppNamespace = "::mlir::nsa";
  let summary = "Native Sparse Attention on tensors";
  let description = [{
    The mechanism of Native Sparse Attention (arXiv 2502.11089) as ops that
    passes can see: compression of keys and values into blocks, attention over
    the compressed keys, importance scores and top-n selection of key blocks,
    attention over the selected blocks and over a window, and the gated sum of
    the branches. The ops work on tensors and have no destination operands.

    Tensors are laid out `[B, T, heads, D]`. `B` (batch) and `T` (tokens) may
    be dynamic; heads, head sizes, block sizes and the number of selected
    blocks are compile-time constants. Names used throughout:

    | name | meaning |
    |---|---|
    | `Tq`, `Tk`, `Tc` | query tokens, key tokens, compressed keys |
    | `H`, `G`, `R` | query heads, key/value heads, `R = H / G` |
    | `Gi` | heads of an index list: `1`, `G` or `H`; head `h` uses list `h / (H / Gi)` |
    | `Dk`, `Dv` | head size of queries and keys, of values (may differ) |
    | `l`, `d` | `compression_block`, `compression_stride` |
    | `s`, `n`, `w` | `selection_block`, `top_n`, `window` |
    | `Ns` | selection blocks, `ceil(kv_max / s)` |

    **Positions.** Query row `t` stands at key position
    `pos(t) = t + q_offset`, which may be negative. Keys at or beyond `kv_len`
    do not exist, whatever storage holds there (it may hold NaN). With
    `limit(t) = causal ? min(kv_len, pos(t) + 1) : kv_len`, key `u` is visible
    to row `t` iff `u < limit(t)`. Both operands are `index`, or `i32[B]` with
    one value per batch entry.

    **Scores** are `scale * <q, k>`, with `scale = 1/sqrt(Dk)` unless given;
    head `h` uses key/value head `h / R`. **A row with no visible key** gives
    `o = 0` and `lse = -inf`, never NaN. Scores, softmax, `lse` (natural
    logarithm) and accumulation are f32; outputs have the input type.

    Of every shape only `B` and the numbers of tokens, blocks and list entries
    may be dynamic; dimensions of one name have one extent. Tensors have no
    encoding. Block sizes, strides, windows, `top_n`, `initial` and `local` are
    at most `2^31 - 1`.

    The whole contract is docs/Spec.md.
  }];
  let useDefaultAttributePrinterParser = 1;
  let hasCanonicalizer = 1;
  // `nsa.schedule` on an op.
  let hasOperationAttrVerify = 1;
  // What canonicalisation, reification and tiling make.
  let dependentDialects = ["::mlir::affine::AffineDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

#endif // NSA_DIALECT_NSA_IR_NSADIALECT_TD
