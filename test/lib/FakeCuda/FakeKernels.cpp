//===- FakeKernels.cpp - Images and kernels of the fake driver ------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Of an image's PTX only the declarations count: version, target, the entries'
// parameters, registers and shared memory. What a kernel does is here in C++,
// by its name.
//
//===----------------------------------------------------------------------===//

#include "FakeCuda.h"

#include <cstring>
#include <sstream>

using namespace fakecuda;

//===----------------------------------------------------------------------===//
// Images
//===----------------------------------------------------------------------===//

static size_t getTypeBytes(const std::string &type) {
  // ".u64", ".f32", ".b8"
  if (type.size() < 3)
    return 0;
  return size_t(toInt(type.c_str() + 2)) / 8;
}

/// The number in "%r<7>" or "tile[1024]".
static int getCount(const std::string &word) {
  size_t at = word.find_first_of("<[");
  return at == std::string::npos ? 1 : toInt(word.c_str() + at + 1);
}

/// Reads a ".param .u64 .ptr .global .align 16 name," or
/// ".param .align 2 .b8 name[64]".
static size_t getParameterBytes(const std::vector<std::string> &words) {
  size_t type = words.size() > 3 && words[1] == ".align" ? 3 : 1;
  size_t bytes = words.size() > type ? getTypeBytes(words[type]) : 0;
  return bytes * (words.back().find('[') == std::string::npos
                      ? 1
                      : size_t(getCount(words.back())));
}

CUresult fakecuda::loadImage(const std::string &image, int computeCapability,
                             Module &module, std::string &info,
                             std::string &errors) {
  bool binary = image.compare(0, 4,
                              "\x7f"
                              "ELF") == 0;
  if (!binary && image.find(".version") == std::string::npos)
    return CUDA_ERROR_INVALID_IMAGE;

  std::istringstream lines(image);
  std::string line;
  int number = 0;
  Function *function = nullptr;
  bool inParameters = false;
  while (std::getline(lines, line)) {
    ++number;
    std::istringstream stream(line.substr(0, line.find("//")));
    std::vector<std::string> words;
    for (std::string word; stream >> word;)
      words.push_back(word);
    if (words.empty())
      continue;
    if (line.find("syntax_error") != std::string::npos) {
      errors = "ptxas application ptx input, line " + std::to_string(number) +
               "; fatal   : Parsing error near 'syntax_error': syntax error\n"
               "ptxas fatal   : Ptx assembly aborted due to errors\n";
      return CUDA_ERROR_INVALID_PTX;
    }
    if (words[0] == ".version" && words.size() > 1 &&
        std::strtod(words[1].c_str(), nullptr) > 8.4) {
      errors = "ptxas application ptx input, line " + std::to_string(number) +
               "; fatal   : Unsupported .version " + words[1] +
               "; current version is '8.4'\n";
      return CUDA_ERROR_UNSUPPORTED_PTX_VERSION;
    }
    if (words[0] == ".target" && words.size() > 1) {
      int target = toInt(words[1].c_str() + 3);
      if (target > computeCapability ||
          (binary && target / 10 != computeCapability / 10))
        return CUDA_ERROR_NO_BINARY_FOR_GPU;
    }
    if (words.size() > 2 && words[1] == ".entry") {
      module.functions.emplace_back();
      function = &module.functions.back();
      function->name = words[2].substr(0, words[2].find('('));
      inParameters = line.find(')') == std::string::npos;
    } else if (function && inParameters) {
      if (words[0] == ".param")
        function->parameterSizes.push_back(getParameterBytes(words));
      inParameters = line.find(')') == std::string::npos;
    } else if (function && words[0] == ".reg" && words.size() > 2) {
      size_t bytes = getTypeBytes(words[1]);
      function->registers += getCount(words[2]) * (bytes == 8 ? 2 : 1);
    } else if (function && words[0] == ".shared") {
      function->staticSharedBytes += getCount(words.back());
    } else if (function && words[0] == ".local") {
      function->localBytes += getCount(words.back());
    } else if (function && words[0] == ".maxntid" && words.size() > 1) {
      // ".maxntid 32, 2, 1": the sizes count together.
      function->maxThreads = 1;
      for (size_t i = 1; i < words.size(); ++i)
        function->maxThreads *= std::max(toInt(words[i].c_str()), 1);
    }
  }
  for (const Function &function : module.functions)
    info += "ptxas info    : Function " + function.name + ", used " +
            std::to_string(function.registers) + " registers\n";
  return CUDA_SUCCESS;
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

/// The argument `index`; zero if there is none.
template <typename T> static T getArgument(const Launch &launch, size_t index) {
  T value{};
  if (index < launch.arguments.size())
    std::memcpy(&value, launch.arguments[index].data(),
                std::min(sizeof(T), launch.arguments[index].size()));
  return value;
}

static unsigned countThreads(const Launch &launch) {
  return launch.grid[0] * launch.grid[1] * launch.grid[2] * launch.block[0] *
         launch.block[1] * launch.block[2];
}

/// axpy(f32 a, f32 *x, f32 *y, u32 n): y += a * x, one thread per element.
static CUresult runAxpy(State &state, Context *context, const Launch &launch) {
  float a = getArgument<float>(launch, 0);
  auto x = getArgument<CUdeviceptr>(launch, 1);
  auto y = getArgument<CUdeviceptr>(launch, 2);
  unsigned n = std::min(getArgument<unsigned>(launch, 3), countThreads(launch));
  char *source = state.access(context, x, 4 * size_t(n));
  char *target = state.access(context, y, 4 * size_t(n));
  if (!source || !target)
    return CUDA_ERROR_ILLEGAL_ADDRESS;
  if (x % 4 || y % 4)
    return CUDA_ERROR_MISALIGNED_ADDRESS;
  for (unsigned i = 0; i != n; ++i) {
    float from = 0, to = 0;
    std::memcpy(&from, source + 4 * i, 4);
    std::memcpy(&to, target + 4 * i, 4);
    to += a * from;
    std::memcpy(target + 4 * i, &to, 4);
  }
  return CUDA_SUCCESS;
}

/// reduce_sum(f32 *x, f32 *out, u32 n): through 4 n bytes of dynamic shared
/// memory.
static CUresult runReduceSum(State &state, Context *context,
                             const Launch &launch) {
  auto x = getArgument<CUdeviceptr>(launch, 0);
  auto out = getArgument<CUdeviceptr>(launch, 1);
  size_t n = getArgument<unsigned>(launch, 2);
  char *source = state.access(context, x, 4 * n);
  char *target = state.access(context, out, 4);
  if (!source || !target || launch.dynamicSharedBytes < 4 * n)
    return CUDA_ERROR_ILLEGAL_ADDRESS;
  float sum = 0;
  for (size_t i = 0; i != n; ++i) {
    float value = 0;
    std::memcpy(&value, source + 4 * i, 4);
    sum += value;
  }
  std::memcpy(target, &sum, 4);
  return CUDA_SUCCESS;
}

CUresult fakecuda::runKernel(State &state, Context *context,
                             const Launch &launch) {
  if (launch.kernel == "axpy")
    return runAxpy(state, context, launch);
  if (launch.kernel == "reduce_sum")
    return runReduceSum(state, context, launch);
  if (launch.kernel == "illegal_address")
    return CUDA_ERROR_ILLEGAL_ADDRESS;
  if (launch.kernel == "misaligned")
    return CUDA_ERROR_MISALIGNED_ADDRESS;
  if (launch.kernel == "trap")
    return CUDA_ERROR_LAUNCH_FAILED;
  if (launch.kernel == "never_ends")
    return CUDA_ERROR_LAUNCH_TIMEOUT;
  return CUDA_SUCCESS;
}
