// Attention of 32 queries, 16 rows for each of two warps, over tiles of 16
// keys; 16 features. Tiles are copied asynchronously, one ahead; warp 0 copies
// keys and warp 1 values, so that each needs what the other copied. `scale`
// includes the logarithm of e to base 2.
__global__ void attention(const unsigned short *q, const unsigned short *k,
                          const unsigned short *v, float *out, int tiles,
                          float scale) {
  __shared__ __attribute__((aligned(16))) unsigned short tileQ[32][16];
  __shared__ __attribute__((aligned(16))) unsigned short tileK[2][16][16];
  __shared__ __attribute__((aligned(16))) unsigned short tileV[2][16][16];
  int thread = threadIdx_x, warp = thread / 32, lane = thread % 32;
  const unsigned short *source = (warp == 0 ? k : v) + lane * 8;
  unsigned short *target =
      (warp == 0 ? &tileK[0][0][0] : &tileV[0][0][0]) + lane * 8;

  copyAsync16(&tileQ[0][0] + thread * 8, q + blockIdx_x * 512 + thread * 8);
  copyAsync16(target, source);
  commitCopies();

  float acc0[4] = {}, acc1[4] = {};
  float largest[2] = {-__builtin_inff(), -__builtin_inff()}, sum[2] = {};
#pragma clang loop unroll(disable)
  for (int tile = 0; tile < tiles; ++tile) {
    if (tile + 1 < tiles)
      copyAsync16(target + (tile + 1) % 2 * 256, source + (tile + 1) * 256);
    commitCopies();
    waitCopies(1);
    __syncthreads();

    // Matrices of Q: rows 0-7 and 8-15 of the left half, then of the right. Of
    // K: keys 0-7 left, right; keys 8-15 left, right.
    unsigned a[4], b[4];
    loadMatrices(a, &tileQ[warp * 16 + lane % 16][lane / 16 * 8]);
    loadMatrices(b,
                 &tileK[tile % 2][lane / 16 * 8 + lane % 8][lane / 8 % 2 * 8]);
    float s0[4] = {}, s1[4] = {};
    multiply(s0, a, b[0], b[1]);
    multiply(s1, a, b[2], b[3]);

    // Each thread has two rows; four threads share them.
    for (int row = 0; row < 2; ++row) {
      float *x = s0 + row * 2, *y = s1 + row * 2;
      float top = max(max(x[0], x[1]), max(y[0], y[1]));
      top = max(top, __shfl_xor_sync(0xffffffff, top, 1));
      top = max(top, __shfl_xor_sync(0xffffffff, top, 2));
      top = max(top, largest[row]);
      float factor = exp2((largest[row] - top) * scale);
      largest[row] = top;
      x[0] = exp2((x[0] - top) * scale);
      x[1] = exp2((x[1] - top) * scale);
      y[0] = exp2((y[0] - top) * scale);
      y[1] = exp2((y[1] - top) * scale);
      sum[row] = sum[row] * factor + x[0] + x[1] + y[0] + y[1];
      acc0[row * 2] *= factor;
      acc0[row * 2 + 1] *= factor;
      acc1[row * 2] *= factor;
      acc1[row * 2 + 1] *= factor;
    }

    // The accumulators' layout is that of the left operand.
    unsigned p[4] = {pack(s0[0], s0[1]), pack(s0[2], s0[3]), pack(s1[0], s1[1]),
                     pack(s1[2], s1[3])};
    // Of V: features 0-7 of keys 0-7 and 8-15, then features 8-15.
    loadTransposed(b, &tileV[tile % 2][lane % 16][lane / 16 * 8]);
    multiply(acc0, p, b[0], b[1]);
    multiply(acc1, p, b[2], b[3]);
    __syncthreads();
  }

  for (int row = 0; row < 2; ++row) {
    sum[row] += __shfl_xor_sync(0xffffffff, sum[row], 1);
    sum[row] += __shfl_xor_sync(0xffffffff, sum[row], 2);
    float *o = out + (blockIdx_x * 32 + warp * 16 + row * 8 + lane / 4) * 16 +
               lane % 4 * 2;
    o[0] = acc0[row * 2] / sum[row];
    o[1] = acc0[row * 2 + 1] / sum[row];
    o[8] = acc1[row * 2] / sum[row];
    o[9] = acc1[row * 2 + 1] / sum[row];
  }
}
