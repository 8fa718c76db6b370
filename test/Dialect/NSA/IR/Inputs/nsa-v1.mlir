module {
  func.func @compress_mean(%arg0: tensor<2x100x4x64xf32>) -> tensor<2x5x4x64xf32> {
    %0 = nsa.compress mean(%arg0) {compression_block = 32 : i64, compression_stride = 16 : i64} : (tensor<2x100x4x64xf32>) -> tensor<2x5x4x64xf32>
    return %0 : tensor<2x5x4x64xf32>
  }
  func.func @compress_dynamic(%arg0: tensor<?x?x4x192xbf16>) -> tensor<?x?x4x192xbf16> {
    %0 = nsa.compress mean(%arg0) {compression_block = 32 : i64, compression_stride = 16 : i64} : (tensor<?x?x4x192xbf16>) -> tensor<?x?x4x192xbf16>
    return %0 : tensor<?x?x4x192xbf16>
  }
  func.func @compress_mean_pe(%arg0: tensor<1x64x2x8xf16>, %arg1: tensor<4x8xf32>) -> tensor<1x31x2x8xf16> {
    %0 = nsa.compress mean(%arg0) pe(%arg1) {compression_block = 4 : i64, compression_stride = 2 : i64} : (tensor<1x64x2x8xf16>, tensor<4x8xf32>) -> tensor<1x31x2x8xf16>
    return %0 : tensor<1x31x2x8xf16>
  }
  func.func @compress_weighted(%arg0: tensor<1x64x2x8xbf16>, %arg1: tensor<2x4xbf16>) -> tensor<1x16x2x8xbf16> {
    %0 = nsa.compress weighted(%arg0) params(%arg1) {compression_block = 4 : i64, compression_stride = 4 : i64} : (tensor<1x64x2x8xbf16>, tensor<2x4xbf16>) -> tensor<1x16x2x8xbf16>
    return %0 : tensor<1x16x2x8xbf16>
  }
  func.func @compress_linear(%arg0: tensor<1x64x2x8xf32>, %arg1: tensor<4x8xf32>, %arg2: tensor<2x32x8xf32>) -> tensor<1x16x2x8xf32> {
    %0 = nsa.compress linear(%arg0) pe(%arg1) params(%arg2) {compression_block = 4 : i64, compression_stride = 4 : i64} : (tensor<1x64x2x8xf32>, tensor<4x8xf32>, tensor<2x32x8xf32>) -> tensor<1x16x2x8xf32>
    return %0 : tensor<1x16x2x8xf32>
  }
  func.func @compress_mlp(%arg0: tensor<1x?x2x8xf16>, %arg1: tensor<32x5xf16>, %arg2: tensor<5xf32>, %arg3: tensor<5x8xf32>, %arg4: tensor<8xf16>) -> tensor<1x?x2x8xf16> {
    %0 = nsa.compress mlp(%arg0) params(%arg1, %arg2, %arg3, %arg4) {compression_block = 4 : i64, compression_stride = 3 : i64} : (tensor<1x?x2x8xf16>, tensor<32x5xf16>, tensor<5xf32>, tensor<5x8xf32>, tensor<8xf16>) -> tensor<1x?x2x8xf16>
    %1 = nsa.compress mlp(%arg0) params(%arg1, %arg2, %arg3, %arg4) {compression_block = 4 : i64, compression_stride = 3 : i64} : (tensor<1x?x2x8xf16>, tensor<32x5xf16>, tensor<5xf32>, tensor<5x8xf32>, tensor<8xf16>) -> tensor<1x?x2x8xf16>
    %2 = nsa.compress mlp(%arg0) params(%arg1, %arg2, %arg3, %arg4) activation silu {compression_block = 4 : i64, compression_stride = 3 : i64} : (tensor<1x?x2x8xf16>, tensor<32x5xf16>, tensor<5xf32>, tensor<5x8xf32>, tensor<8xf16>) -> tensor<1x?x2x8xf16>
    %3 = nsa.compress mlp(%arg0) params(%arg1, %arg2, %arg3, %arg4) activation relu {compression_block = 4 : i64, compression_stride = 3 : i64} : (tensor<1x?x2x8xf16>, tensor<32x5xf16>, tensor<5xf32>, tensor<5x8xf32>, tensor<8xf16>) -> tensor<1x?x2x8xf16>
    return %3 : tensor<1x?x2x8xf16>
  }
  func.func @compress_short(%arg0: tensor<1x31x1x8xf32>, %arg1: tensor<0x0x1x8xf32>, %arg2: tensor<1x32x1x8xf32>) -> (tensor<1x0x1x8xf32>, tensor<0x0x1x8xf32>, tensor<1x1x1x8xf32>) {
    %0 = nsa.compress mean(%arg0) {compression_block = 32 : i64, compression_stride = 16 : i64} : (tensor<1x31x1x8xf32>) -> tensor<1x0x1x8xf32>
    %1 = nsa.compress mean(%arg1) {compression_block = 32 : i64, compression_stride = 16 : i64} : (tensor<0x0x1x8xf32>) -> tensor<0x0x1x8xf32>
    %2 = nsa.compress mean(%arg2) {compression_block = 32 : i64, compression_stride = 16 : i64} : (tensor<1x32x1x8xf32>) -> tensor<1x1x1x8xf32>
    return %0, %1, %2 : tensor<1x0x1x8xf32>, tensor<0x0x1x8xf32>, tensor<1x1x1x8xf32>
  }
  func.func @compressed_attention(%arg0: tensor<?x?x64x192xbf16>, %arg1: tensor<?x?x4x192xbf16>, %arg2: tensor<?x?x4x128xbf16>, %arg3: index) -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>) {
    %o, %lse = nsa.compressed_attention %arg0, %arg1, %arg2 q_offset(%arg3) {compression_block = 32 : i64, compression_stride = 16 : i64} : (tensor<?x?x64x192xbf16>, tensor<?x?x4x192xbf16>, tensor<?x?x4x128xbf16>, index) -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>)
    return %o, %lse : tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>
  }
  func.func @compressed_attention_all(%arg0: tensor<2x7x4x8xf16>, %arg1: tensor<2x3x2x8xf16>, %arg2: tensor<2x3x2x6xf16>, %arg3: tensor<2xi32>, %arg4: tensor<2xi32>) -> (tensor<2x7x4x6xf16>, tensor<2x7x4xf32>) {
    %o, %lse = nsa.compressed_attention %arg0, %arg1, %arg2 q_offset(%arg3) kv_len(%arg4) {causal = false, compression_block = 32 : i64, compression_stride = 16 : i64, scale = 1.250000e-01 : f64} : (tensor<2x7x4x8xf16>, tensor<2x3x2x8xf16>, tensor<2x3x2x6xf16>, tensor<2xi32>, tensor<2xi32>) -> (tensor<2x7x4x6xf16>, tensor<2x7x4xf32>)
    return %o, %lse : tensor<2x7x4x6xf16>, tensor<2x7x4xf32>
  }
  func.func @compressed_attention_positions(%arg0: tensor<2x7x4x8xf32>, %arg1: tensor<2x0x2x8xf32>, %arg2: tensor<2x0x2x6xf32>, %arg3: index) {
    %o, %lse = nsa.compressed_attention %arg0, %arg1, %arg2 {causal = false, compression_block = 32 : i64, compression_stride = 16 : i64} : (tensor<2x7x4x8xf32>, tensor<2x0x2x8xf32>, tensor<2x0x2x6xf32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
    %o_0, %lse_1 = nsa.compressed_attention %arg0, %arg1, %arg2 kv_len(%arg3) {causal = false, compression_block = 32 : i64, compression_stride = 16 : i64} : (tensor<2x7x4x8xf32>, tensor<2x0x2x8xf32>, tensor<2x0x2x6xf32>, index) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
    return
  }
  func.func @block_scores(%arg0: tensor<?x?x64x192xbf16>, %arg1: tensor<?x?x4x192xbf16>, %arg2: tensor<?x?x64xf32>, %arg3: index, %arg4: index) -> tensor<?x?x4x?xf32> {
    %0 = nsa.block_scores %arg0, %arg1, %arg2, %arg3 q_offset(%arg4) {compression_block = 32 : i64, compression_stride = 16 : i64, selection_block = 64 : i64} : (tensor<?x?x64x192xbf16>, tensor<?x?x4x192xbf16>, tensor<?x?x64xf32>, index, index) -> tensor<?x?x4x?xf32>
    return %0 : tensor<?x?x4x?xf32>
  }
  func.func @block_scores_all(%arg0: tensor<2x7x4x8xf32>, %arg1: tensor<2x3x2x8xf32>, %arg2: tensor<2x7x4xf32>, %arg3: index, %arg4: tensor<2xi32>, %arg5: index) -> tensor<2x7x4x5xf32> {
    %0 = nsa.block_scores %arg0, %arg1, %arg2, %arg3 q_offset(%arg4) kv_len(%arg5) {causal = false, compression_block = 32 : i64, compression_stride = 16 : i64, list_heads = #nsa.list_heads<query>, scale = 2.500000e-01 : f64, score_map = #nsa.score_map<max>, selection_block = 64 : i64} : (tensor<2x7x4x8xf32>, tensor<2x3x2x8xf32>, tensor<2x7x4xf32>, index, tensor<2xi32>, index) -> tensor<2x7x4x5xf32>
    return %0 : tensor<2x7x4x5xf32>
  }
  func.func @block_scores_constant(%arg0: tensor<2x7x4x8xf16>, %arg1: tensor<2x3x2x8xf16>, %arg2: tensor<2x7x4xf32>, %arg3: index) -> tensor<2x7x2x2xf32> {
    %c65 = arith.constant 65 : index
    %0 = nsa.block_scores %arg0, %arg1, %arg2, %c65 q_offset(%arg3) {compression_block = 32 : i64, compression_stride = 16 : i64, selection_block = 64 : i64} : (tensor<2x7x4x8xf16>, tensor<2x3x2x8xf16>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x2xf32>
    return %0 : tensor<2x7x2x2xf32>
  }
  func.func @select_top_n(%arg0: tensor<?x?x4x?xf32>, %arg1: index) -> tensor<?x?x4x16xi32> {
    %0 = nsa.select_top_n %arg0 q_offset(%arg1) {selection_block = 64 : i64, top_n = 16 : i64} : (tensor<?x?x4x?xf32>, index) -> tensor<?x?x4x16xi32>
    return %0 : tensor<?x?x4x16xi32>
  }
  func.func @select_top_n_all(%arg0: tensor<2x7x1x9xf32>, %arg1: tensor<2xi32>, %arg2: tensor<2xi32>) -> tensor<2x7x1x4xi32> {
    %0 = nsa.select_top_n %arg0 q_offset(%arg1) kv_len(%arg2) {causal = false, initial = 2 : i64, local = 1 : i64, selection_block = 64 : i64, top_n = 4 : i64} : (tensor<2x7x1x9xf32>, tensor<2xi32>, tensor<2xi32>) -> tensor<2x7x1x4xi32>
    return %0 : tensor<2x7x1x4xi32>
  }
  func.func @select_top_n_anywhere(%arg0: tensor<2x7x1x0xf32>) -> tensor<2x7x1x4xi32> {
    %0 = nsa.select_top_n %arg0 {causal = false, initial = 0 : i64, local = 0 : i64, selection_block = 64 : i64, top_n = 4 : i64} : (tensor<2x7x1x0xf32>) -> tensor<2x7x1x4xi32>
    return %0 : tensor<2x7x1x4xi32>
  }
  func.func @selected_attention(%arg0: tensor<?x?x64x192xbf16>, %arg1: tensor<?x?x4x192xbf16>, %arg2: tensor<?x?x4x128xbf16>, %arg3: tensor<?x?x4x16xi32>) -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>) {
    %o, %lse = nsa.selected_attention %arg0, %arg1, %arg2, %arg3 {selection_block = 64 : i64, unique} : (tensor<?x?x64x192xbf16>, tensor<?x?x4x192xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x4x16xi32>) -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>)
    return %o, %lse : tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>
  }
  func.func @selected_attention_all(%arg0: tensor<2x7x4x8xf16>, %arg1: tensor<2x65x2x8xf16>, %arg2: tensor<2x65x2x6xf16>, %arg3: tensor<2x7x1x?xi32>, %arg4: index, %arg5: tensor<2xi32>) -> (tensor<2x7x4x6xf16>, tensor<2x7x4xf32>) {
    %o, %lse = nsa.selected_attention %arg0, %arg1, %arg2, %arg3 q_offset(%arg4) kv_len(%arg5) {causal = false, scale = 1.250000e-01 : f64, selection_block = 64 : i64} : (tensor<2x7x4x8xf16>, tensor<2x65x2x8xf16>, tensor<2x65x2x6xf16>, tensor<2x7x1x?xi32>, index, tensor<2xi32>) -> (tensor<2x7x4x6xf16>, tensor<2x7x4xf32>)
    return %o, %lse : tensor<2x7x4x6xf16>, tensor<2x7x4xf32>
  }
  func.func @selected_attention_heads(%arg0: tensor<2x7x4x8xf32>, %arg1: tensor<2x65x2x8xf32>, %arg2: tensor<2x65x2x8xf32>, %arg3: tensor<2x7x4x0xi32>, %arg4: index) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>) {
    %o, %lse = nsa.selected_attention %arg0, %arg1, %arg2, %arg3 q_offset(%arg4) {selection_block = 1 : i64} : (tensor<2x7x4x8xf32>, tensor<2x65x2x8xf32>, tensor<2x65x2x8xf32>, tensor<2x7x4x0xi32>, index) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
    return %o, %lse : tensor<2x7x4x8xf32>, tensor<2x7x4xf32>
  }
  func.func @window_attention(%arg0: tensor<?x?x64x192xbf16>, %arg1: tensor<?x?x4x192xbf16>, %arg2: tensor<?x?x4x128xbf16>) -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>) {
    %o, %lse = nsa.window_attention %arg0, %arg1, %arg2 {window = 512 : i64} : (tensor<?x?x64x192xbf16>, tensor<?x?x4x192xbf16>, tensor<?x?x4x128xbf16>) -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>)
    return %o, %lse : tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>
  }
  func.func @window_attention_all(%arg0: tensor<2x7x4x8xf32>, %arg1: tensor<2x65x2x8xf32>, %arg2: tensor<2x65x2x6xf32>, %arg3: tensor<2xi32>, %arg4: index) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>) {
    %o, %lse = nsa.window_attention %arg0, %arg1, %arg2 q_offset(%arg3) kv_len(%arg4) {causal = false, scale = 1.000000e+00 : f64, window = 1 : i64} : (tensor<2x7x4x8xf32>, tensor<2x65x2x8xf32>, tensor<2x65x2x6xf32>, tensor<2xi32>, index) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
    return %o, %lse : tensor<2x7x4x6xf32>, tensor<2x7x4xf32>
  }
  func.func @window_attention_mixed(%arg0: tensor<?x7x4x8xf16>, %arg1: tensor<2x?x2x8xf16>, %arg2: tensor<?x65x2x8xf16>, %arg3: tensor<?xi32>) -> (tensor<?x?x4x8xf16>, tensor<2x7x4xf32>) {
    %o, %lse = nsa.window_attention %arg0, %arg1, %arg2 q_offset(%arg3) {window = 3 : i64} : (tensor<?x7x4x8xf16>, tensor<2x?x2x8xf16>, tensor<?x65x2x8xf16>, tensor<?xi32>) -> (tensor<?x?x4x8xf16>, tensor<2x7x4xf32>)
    return %o, %lse : tensor<?x?x4x8xf16>, tensor<2x7x4xf32>
  }
  func.func @window_attention_empty(%arg0: tensor<0x0x4x8xf16>, %arg1: tensor<0x0x2x8xf16>) {
    %o, %lse = nsa.window_attention %arg0, %arg1, %arg1 {window = 3 : i64} : (tensor<0x0x4x8xf16>, tensor<0x0x2x8xf16>, tensor<0x0x2x8xf16>) -> (tensor<0x0x4x8xf16>, tensor<0x0x4xf32>)
    return
  }
  func.func @gate(%arg0: tensor<?x?x64x128xbf16>, %arg1: tensor<?x?x64x3xf32>) -> tensor<?x?x64x128xbf16> {
    %0 = nsa.gate %arg0, %arg0, %arg0 gates(%arg1) {activation = #nsa.gate_activation<sigmoid>} : (tensor<?x?x64x128xbf16>, tensor<?x?x64x128xbf16>, tensor<?x?x64x128xbf16>, tensor<?x?x64x3xf32>) -> tensor<?x?x64x128xbf16>
    return %0 : tensor<?x?x64x128xbf16>
  }
  func.func @gate_one(%arg0: tensor<2x7x4x8xf16>, %arg1: tensor<2x7x4x1xf16>) -> tensor<2x7x4x8xf16> {
    %0 = nsa.gate %arg0 gates(%arg1) : (tensor<2x7x4x8xf16>, tensor<2x7x4x1xf16>) -> tensor<2x7x4x8xf16>
    return %0 : tensor<2x7x4x8xf16>
  }
  func.func @merge(%arg0: tensor<?x?x8x64xf32>, %arg1: tensor<?x?x8xf32>, %arg2: tensor<8xf32>) -> (tensor<?x?x8x64xf32>, tensor<?x?x8xf32>) {
    %o, %lse = nsa.merge %arg0, %arg0 lse(%arg1, %arg1) sink(%arg2) : (tensor<?x?x8x64xf32>, tensor<?x?x8x64xf32>, tensor<?x?x8xf32>, tensor<?x?x8xf32>, tensor<8xf32>) -> (tensor<?x?x8x64xf32>, tensor<?x?x8xf32>)
    return %o, %lse : tensor<?x?x8x64xf32>, tensor<?x?x8xf32>
  }
  func.func @merge_one(%arg0: tensor<2x7x4x8xbf16>, %arg1: tensor<2x7x4xf32>) -> (tensor<2x7x4x8xbf16>, tensor<2x7x4xf32>) {
    %o, %lse = nsa.merge %arg0 lse(%arg1) : (tensor<2x7x4x8xbf16>, tensor<2x7x4xf32>) -> (tensor<2x7x4x8xbf16>, tensor<2x7x4xf32>)
    return %o, %lse : tensor<2x7x4x8xbf16>, tensor<2x7x4xf32>
  }
  func.func @attention(%arg0: tensor<?x?x64x192xbf16>, %arg1: tensor<?x?x4x192xbf16>, %arg2: tensor<?x?x4x128xbf16>, %arg3: tensor<?x?x64x3xf32>) -> tensor<?x?x64x128xbf16> {
    %o = nsa.attention %arg0 compressed(%arg1, %arg2) selected(%arg1, %arg2) window(%arg1, %arg2) gates(%arg3) {compression_block = 32 : i64, compression_stride = 16 : i64, selection_block = 64 : i64, top_n = 16 : i64, window = 512 : i64} : (tensor<?x?x64x192xbf16>, tensor<?x?x4x192xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x4x192xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x4x192xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x64x3xf32>) -> tensor<?x?x64x128xbf16>
    return %o : tensor<?x?x64x128xbf16>
  }
  func.func @attention_all(%arg0: tensor<2x7x4x8xf16>, %arg1: tensor<2x65x2x8xf16>, %arg2: tensor<2x65x2x6xf16>, %arg3: tensor<2x7x4x3xf16>, %arg4: tensor<2xi32>, %arg5: index, %arg6: tensor<4x8xf16>, %arg7: tensor<2x32x8xf16>, %arg8: tensor<4x6xf32>, %arg9: tensor<24x5xf32>, %arg10: tensor<5xf32>, %arg11: tensor<5x6xf32>, %arg12: tensor<6xf32>) -> tensor<2x7x4x5xi32> {
    %o, %aux:4 = nsa.attention %arg0 compressed(%arg1, %arg2) selected(%arg1, %arg2) window(%arg1, %arg2) gates(%arg3) q_offset(%arg4) kv_len(%arg5) k_pe(%arg6) k_params(%arg7) v_pe(%arg8) v_params(%arg9, %arg10, %arg11, %arg12) {causal = false, compression_block = 4 : i64, compression_stride = 2 : i64, gate_activation = #nsa.gate_activation<sigmoid>, initial = 0 : i64, k_activation = #nsa.activation<relu>, k_phi = #nsa.phi<linear>, list_heads = #nsa.list_heads<query>, local = 1 : i64, return_aux, scale = 5.000000e-01 : f64, score_map = #nsa.score_map<max>, selection_block = 8 : i64, top_n = 5 : i64, v_activation = #nsa.activation<silu>, v_phi = #nsa.phi<mlp>, window = 9 : i64} : (tensor<2x7x4x8xf16>, tensor<2x65x2x8xf16>, tensor<2x65x2x6xf16>, tensor<2x65x2x8xf16>, tensor<2x65x2x6xf16>, tensor<2x65x2x8xf16>, tensor<2x65x2x6xf16>, tensor<2x7x4x3xf16>, tensor<2xi32>, index, tensor<4x8xf16>, tensor<2x32x8xf16>, tensor<4x6xf32>, tensor<24x5xf32>, tensor<5xf32>, tensor<5x6xf32>, tensor<6xf32>) -> (tensor<2x7x4x6xf16>, tensor<2x7x4xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>, tensor<2x7x4x5xi32>)
    return %aux#3 : tensor<2x7x4x5xi32>
  }
  func.func @attention_some(%arg0: tensor<1x7x4x8xf32>, %arg1: tensor<1x65x2x8xf32>, %arg2: tensor<1x7x4x3xf32>, %arg3: index, %arg4: tensor<2x4xf32>, %arg5: tensor<4x8xf32>) {
    %o = nsa.attention %arg0 compressed(%arg1, %arg1) selected(%arg1, %arg1) window(%arg1, %arg1) gates(%arg2) q_offset(%arg3) {compression_block = 4 : i64, compression_stride = 2 : i64, selection_block = 8 : i64, top_n = 5 : i64, window = 9 : i64} : (tensor<1x7x4x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x7x4x3xf32>, index) -> tensor<1x7x4x8xf32>
    %o_0 = nsa.attention %arg0 compressed(%arg1, %arg1) selected(%arg1, %arg1) window(%arg1, %arg1) gates(%arg2) v_params(%arg4) {compression_block = 4 : i64, compression_stride = 2 : i64, selection_block = 8 : i64, top_n = 5 : i64, v_phi = #nsa.phi<weighted>, window = 9 : i64} : (tensor<1x7x4x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x7x4x3xf32>, tensor<2x4xf32>) -> tensor<1x7x4x8xf32>
    %o_1, %aux:4 = nsa.attention %arg0 compressed(%arg1, %arg1) selected(%arg1, %arg1) window(%arg1, %arg1) gates(%arg2) v_pe(%arg5) {compression_block = 4 : i64, compression_stride = 2 : i64, return_aux, selection_block = 8 : i64, top_n = 5 : i64, window = 9 : i64} : (tensor<1x7x4x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x7x4x3xf32>, tensor<4x8xf32>) -> (tensor<1x7x4x8xf32>, tensor<1x7x4xf32>, tensor<1x7x4xf32>, tensor<1x7x4xf32>, tensor<1x7x2x5xi32>)
    return
  }
  func.func @generic(%arg0: tensor<1x7x2x9xf32>, %arg1: index, %arg2: tensor<1x7x2x8xf32>, %arg3: tensor<1x7x2x1xf32>) {
    %0 = nsa.select_top_n %arg0 q_offset(%arg1) {selection_block = 64 : i64, top_n = 4 : i64} : (tensor<1x7x2x9xf32>, index) -> tensor<1x7x2x4xi32>
    %1 = nsa.select_top_n %arg0 q_offset(%arg1) {local = 3 : i64, selection_block = 64 : i64, top_n = 4 : i64} : (tensor<1x7x2x9xf32>, index) -> tensor<1x7x2x4xi32>
    %2 = nsa.gate %arg2 gates(%arg3) {note = "kept"} : (tensor<1x7x2x8xf32>, tensor<1x7x2x1xf32>) -> tensor<1x7x2x8xf32>
    return
  }
  func.func @limits(%arg0: tensor<1x7x4x8xf32>, %arg1: tensor<1x7x4xf32>, %arg2: tensor<1x7x2x9xf32>, %arg3: index) {
    %o, %lse = nsa.window_attention %arg0, %arg0, %arg0 {window = 2147483647 : i64} : (tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>) -> (tensor<1x7x4x8xf32>, tensor<1x7x4xf32>)
    %0 = nsa.compress mean(%arg0) {compression_block = 2147483647 : i64, compression_stride = 2147483647 : i64} : (tensor<1x7x4x8xf32>) -> tensor<1x0x4x8xf32>
    %1 = nsa.block_scores %arg0, %arg0, %arg1, %arg3 q_offset(%arg3) {compression_block = 2147483647 : i64, compression_stride = 2147483647 : i64, selection_block = 2147483647 : i64} : (tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4xf32>, index, index) -> tensor<1x7x4x?xf32>
    %2 = nsa.select_top_n %arg2 q_offset(%arg3) {initial = 2147483647 : i64, local = 0 : i64, selection_block = 2147483647 : i64, top_n = 2147483647 : i64} : (tensor<1x7x2x9xf32>, index) -> tensor<1x7x2x2147483647xi32>
    %3 = nsa.select_top_n %arg2 q_offset(%arg3) {selection_block = 1 : i64, top_n = 3 : i64} : (tensor<1x7x2x9xf32>, index) -> tensor<1x7x2x3xi32>
    return
  }
  func.func @selection(%arg0: tensor<?x?x8x64xbf16>, %arg1: tensor<?x?x2x64xbf16>, %arg2: tensor<?x?x2x64xbf16>, %arg3: index, %arg4: index) -> (tensor<?x?x8x64xbf16>, tensor<?x?x8xf32>, tensor<?x?x2x4xi32>) {
    %0:3 = nsa.fusion selection {nsa.schedule = #nsa.schedule<dense, queries = 8, keys = 64, row_warps = 2, key_warps = 1, stages = 2>} : tensor<?x?x8x64xbf16>, tensor<?x?x8xf32>, tensor<?x?x2x4xi32> {
      %o, %lse = nsa.compressed_attention %arg0, %arg1, %arg2 q_offset(%arg3) {compression_block = 32 : i64, compression_stride = 16 : i64} : (tensor<?x?x8x64xbf16>, tensor<?x?x2x64xbf16>, tensor<?x?x2x64xbf16>, index) -> (tensor<?x?x8x64xbf16>, tensor<?x?x8xf32>)
      %1 = nsa.block_scores %arg0, %arg1, %lse, %arg4 q_offset(%arg3) {compression_block = 32 : i64, compression_stride = 16 : i64, selection_block = 64 : i64} : (tensor<?x?x8x64xbf16>, tensor<?x?x2x64xbf16>, tensor<?x?x8xf32>, index, index) -> tensor<?x?x2x?xf32>
      %2 = nsa.select_top_n %1 q_offset(%arg3) {selection_block = 64 : i64, top_n = 4 : i64} : (tensor<?x?x2x?xf32>, index) -> tensor<?x?x2x4xi32>
      nsa.yield %o, %lse, %2 : tensor<?x?x8x64xbf16>, tensor<?x?x8xf32>, tensor<?x?x2x4xi32>
    }
    return %0#0, %0#1, %0#2 : tensor<?x?x8x64xbf16>, tensor<?x?x8xf32>, tensor<?x?x2x4xi32>
  }
  func.func @gated(%arg0: tensor<1x128x4x64xf16>, %arg1: tensor<1x128x1x64xf16>, %arg2: tensor<1x128x4x64xf16>, %arg3: tensor<1x128x1x4xi32>) -> tensor<1x128x4x64xf16> {
    %cst = arith.constant dense<0.000000e+00> : tensor<1x128x4x3xf32>
    %cast = tensor.cast %arg0 : tensor<1x128x4x64xf16> to tensor<?x?x4x64xf16>
    %0 = nsa.fusion gated : tensor<1x128x4x64xf16> {
      %o, %lse = nsa.selected_attention %cast, %arg1, %arg1, %arg3 {selection_block = 64 : i64, unique} : (tensor<?x?x4x64xf16>, tensor<1x128x1x64xf16>, tensor<1x128x1x64xf16>, tensor<1x128x1x4xi32>) -> (tensor<?x?x4x64xf16>, tensor<?x?x4xf32>)
      %o_0, %lse_1 = nsa.window_attention %arg0, %arg1, %arg1 {window = 32 : i64} : (tensor<1x128x4x64xf16>, tensor<1x128x1x64xf16>, tensor<1x128x1x64xf16>) -> (tensor<1x128x4x64xf16>, tensor<1x128x4xf32>)
      %1 = nsa.gate %arg2, %o, %o_0 gates(%cst) : (tensor<1x128x4x64xf16>, tensor<?x?x4x64xf16>, tensor<1x128x4x64xf16>, tensor<1x128x4x3xf32>) -> tensor<1x128x4x64xf16>
      nsa.yield %1 : tensor<1x128x4x64xf16>
    }
    return %0 : tensor<1x128x4x64xf16>
  }
  func.func @gated_aux(%arg0: tensor<?x?x4x64xf16>, %arg1: tensor<?x?x1x64xf16>, %arg2: tensor<?x?x4x64xf16>, %arg3: tensor<?x?x1x4xi32>, %arg4: tensor<?x?x4x3xf16>) -> (tensor<?x?x4x64xf16>, index) {
    %0:3 = nsa.fusion gated {nsa.schedule = #nsa.schedule<union, queries = 4, keys = 64, row_warps = 1, key_warps = 2, stages = 3>} : tensor<?x?x4x64xf16>, tensor<?x?x4xf32>, tensor<?x?x4xf32> {
      %o, %lse = nsa.selected_attention %arg0, %arg1, %arg1, %arg3 {selection_block = 64 : i64, unique} : (tensor<?x?x4x64xf16>, tensor<?x?x1x64xf16>, tensor<?x?x1x64xf16>, tensor<?x?x1x4xi32>) -> (tensor<?x?x4x64xf16>, tensor<?x?x4xf32>)
      %o_0, %lse_1 = nsa.window_attention %arg0, %arg1, %arg1 {window = 32 : i64} : (tensor<?x?x4x64xf16>, tensor<?x?x1x64xf16>, tensor<?x?x1x64xf16>) -> (tensor<?x?x4x64xf16>, tensor<?x?x4xf32>)
      %1 = nsa.gate %arg2, %o, %o_0 gates(%arg4) : (tensor<?x?x4x64xf16>, tensor<?x?x4x64xf16>, tensor<?x?x4x64xf16>, tensor<?x?x4x3xf16>) -> tensor<?x?x4x64xf16>
      nsa.yield %1, %lse, %lse_1 : tensor<?x?x4x64xf16>, tensor<?x?x4xf32>, tensor<?x?x4xf32>
    }
    %c1 = arith.constant 1 : index
    %dim = tensor.dim %0#2, %c1 : tensor<?x?x4xf32>
    return %0#0, %dim : tensor<?x?x4x64xf16>, index
  }
  func.func @schedules(%arg0: tensor<?x?x4x64xf16>, %arg1: tensor<?x?x1x64xf16>, %arg2: tensor<?x?x1x4xi32>) -> (tensor<?x?x1x64xf16>, tensor<?x?x4x64xf16>, tensor<?x?x4x64xf16>) {
    %0 = nsa.compress mean(%arg1) {compression_block = 32 : i64, compression_stride = 16 : i64, nsa.schedule = #nsa.schedule<vector>} : (tensor<?x?x1x64xf16>) -> tensor<?x?x1x64xf16>
    %o, %lse = nsa.selected_attention %arg0, %arg1, %arg1, %arg2 {nsa.schedule = #nsa.schedule<query_major, queries = 1, keys = 64, row_warps = 1, key_warps = 4, stages = 2>, selection_block = 64 : i64} : (tensor<?x?x4x64xf16>, tensor<?x?x1x64xf16>, tensor<?x?x1x64xf16>, tensor<?x?x1x4xi32>) -> (tensor<?x?x4x64xf16>, tensor<?x?x4xf32>)
    %o_0, %lse_1 = nsa.window_attention %arg0, %arg1, %arg1 {nsa.schedule = #nsa.schedule<plain>, window = 32 : i64} : (tensor<?x?x4x64xf16>, tensor<?x?x1x64xf16>, tensor<?x?x1x64xf16>) -> (tensor<?x?x4x64xf16>, tensor<?x?x4xf32>)
    return %0, %o, %o_0 : tensor<?x?x1x64xf16>, tensor<?x?x4x64xf16>, tensor<?x?x4x64xf16>
  }
  func.func @families(%arg0: tensor<?x?x8x64xbf16>, %arg1: tensor<?x?x2x64xbf16>, %arg2: tensor<?x?x2x4xi32>, %arg3: tensor<?x?x8x1xbf16>) {
    %o, %lse = nsa.window_attention %arg0, %arg1, %arg1 {nsa.schedule = #nsa.schedule<plain>, window = 64 : i64} : (tensor<?x?x8x64xbf16>, tensor<?x?x2x64xbf16>, tensor<?x?x2x64xbf16>) -> (tensor<?x?x8x64xbf16>, tensor<?x?x8xf32>)
    %o_0, %lse_1 = nsa.window_attention %arg0, %arg1, %arg1 {nsa.schedule = #nsa.schedule<dense, queries = 4, keys = 64, row_warps = 1, key_warps = 1, stages = 2>, window = 64 : i64} : (tensor<?x?x8x64xbf16>, tensor<?x?x2x64xbf16>, tensor<?x?x2x64xbf16>) -> (tensor<?x?x8x64xbf16>, tensor<?x?x8xf32>)
    %o_2, %lse_3 = nsa.selected_attention %arg0, %arg1, %arg1, %arg2 {nsa.schedule = #nsa.schedule<query_major, queries = 1, keys = 64, row_warps = 1, key_warps = 2, stages = 3>, selection_block = 64 : i64, unique} : (tensor<?x?x8x64xbf16>, tensor<?x?x2x64xbf16>, tensor<?x?x2x64xbf16>, tensor<?x?x2x4xi32>) -> (tensor<?x?x8x64xbf16>, tensor<?x?x8xf32>)
    %o_4, %lse_5 = nsa.selected_attention %arg0, %arg1, %arg1, %arg2 {nsa.schedule = #nsa.schedule<union, queries = 4, keys = 64, row_warps = 1, key_warps = 1, stages = 2>, selection_block = 64 : i64, unique} : (tensor<?x?x8x64xbf16>, tensor<?x?x2x64xbf16>, tensor<?x?x2x64xbf16>, tensor<?x?x2x4xi32>) -> (tensor<?x?x8x64xbf16>, tensor<?x?x8xf32>)
    %0 = nsa.gate %arg0 gates(%arg3) {nsa.schedule = #nsa.schedule<vector>} : (tensor<?x?x8x64xbf16>, tensor<?x?x8x1xbf16>) -> tensor<?x?x8x64xbf16>
    return
  }
}

