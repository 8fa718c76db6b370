// Calls the compiled @attend and compares with attention written down directly.
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "nsa/Runtime/ThreadPool.h"

void *_mlir_memref_to_llvm_alloc(size_t bytes) { return malloc(bytes); }
void *_mlir_memref_to_llvm_aligned_alloc(size_t alignment, size_t bytes) {
  return aligned_alloc(alignment,
                       (bytes + alignment - 1) / alignment * alignment);
}
void _mlir_memref_to_llvm_free(void *block) { free(block); }

typedef struct {
  float *allocated, *aligned;
  int64_t offset, sizes[4], strides[4];
} Tensor4;
typedef struct {
  float *allocated, *aligned;
  int64_t offset, sizes[3], strides[3];
} Tensor3;
typedef struct {
  Tensor4 o;
  Tensor3 lse;
} Results;

void _mlir_ciface_attend(Results *, Tensor4 *q, Tensor4 *k, Tensor4 *v);

enum { T = 150, H = 4, G = 2, D = 16, WINDOW = 40 };

static Tensor4 makeTensor(int64_t heads, unsigned seed) {
  int64_t count = (int64_t)T * heads * D;
  float *data = malloc(count * sizeof(float));
  for (int64_t i = 0; i < count; ++i) {
    seed = seed * 1664525 + 1013904223;
    data[i] = (seed >> 8) / 8388608.0f - 1.0f;
  }
  Tensor4 tensor = {
      data, data, 0, {1, T, heads, D}, {T * heads * D, heads * D, D, 1}};
  return tensor;
}

int main(void) {
  Tensor4 q = makeTensor(H, 1), k = makeTensor(G, 2), v = makeTensor(G, 3);
  Results results;
  _mlir_ciface_attend(&results, &q, &k, &v);

  double worst = 0;
  for (int t = 0; t < T; ++t)
    for (int h = 0; h < H; ++h) {
      double sum = 0, out[D] = {0};
      for (int u = t < WINDOW ? 0 : t - WINDOW + 1; u <= t; ++u) {
        int64_t row = ((int64_t)u * G + h / (H / G)) * D;
        double score = 0;
        for (int d = 0; d < D; ++d)
          score += (double)q.aligned[((int64_t)t * H + h) * D + d] *
                   k.aligned[row + d];
        double weight = exp(score / sqrt(D));
        sum += weight;
        for (int d = 0; d < D; ++d)
          out[d] += weight * v.aligned[row + d];
      }
      for (int d = 0; d < D; ++d) {
        double error = fabs(results.o.aligned[((int64_t)t * H + h) * D + d] -
                            out[d] / sum);
        // Written so that NaN is an error.
        if (!(error <= worst))
          worst = error;
      }
    }
  int isRight = worst < 1e-5;
  printf("%d threads: %s\n", (int)nsaGetNumThreads(),
         isRight ? "right" : "WRONG");
  return !isRight;
}
