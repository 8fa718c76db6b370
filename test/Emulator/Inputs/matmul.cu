// c = a * b, all n by n, in tiles of 16 by 16 that pass through shared memory.
__global__ void matmul(const float *a, const float *b, float *c, int n) {
  __shared__ float tileA[16][16];
  __shared__ float tileB[16][16];
  int column = blockIdx_x * 16 + threadIdx_x;
  int row = blockIdx_y * 16 + threadIdx_y;
  float sum = 0;
  for (int k = 0; k < n; k += 16) {
    tileA[threadIdx_y][threadIdx_x] = a[row * n + k + threadIdx_x];
    tileB[threadIdx_y][threadIdx_x] = b[(k + threadIdx_y) * n + column];
    __syncthreads();
    for (int i = 0; i < 16; ++i)
      sum += tileA[threadIdx_y][i] * tileB[i][threadIdx_x];
    __syncthreads();
  }
  c[row * n + column] = sum;
}
