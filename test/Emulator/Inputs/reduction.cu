// The sum of an array: each thread strides over it, a block adds in shared
// memory, blocks add atomically.
__global__ void reduction(const float *input, float *output, int size) {
  __shared__ float partial[128];
  float sum = 0;
  for (int i = blockIdx_x * blockDim_x + threadIdx_x; i < size;
       i += blockDim_x * gridDim_x)
    sum += input[i];
  partial[threadIdx_x] = sum;
  __syncthreads();
  for (int half = blockDim_x / 2; half > 0; half /= 2) {
    if (threadIdx_x < half)
      partial[threadIdx_x] += partial[threadIdx_x + half];
    __syncthreads();
  }
  if (threadIdx_x == 0)
    atomicAdd(output, partial[0]);
}
