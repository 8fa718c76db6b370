// The softmax of each row; a warp per row.
__global__ void softmax(const float *input, float *output, int columns) {
  int row = blockIdx_x * (blockDim_x / 32) + threadIdx_x / 32;
  int lane = threadIdx_x % 32;
  float largest = -__builtin_inff();
  for (int i = lane; i < columns; i += 32)
    largest = max(largest, input[row * columns + i]);
  for (int lanes = 16; lanes > 0; lanes /= 2)
    largest = max(largest, __shfl_xor_sync(0xffffffff, largest, lanes));
  float sum = 0;
  for (int i = lane; i < columns; i += 32)
    sum += __nv_expf(input[row * columns + i] - largest);
  for (int lanes = 16; lanes > 0; lanes /= 2)
    sum += __shfl_xor_sync(0xffffffff, sum, lanes);
  for (int i = lane; i < columns; i += 32)
    output[row * columns + i] =
        __nv_expf(input[row * columns + i] - largest) / sum;
}
