//===- FillNormal.cpp - Random numbers for --input=...=random -------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A counter-based generator: elements can be made in parallel, and by a few
// lines of NumPy.
//
//===----------------------------------------------------------------------===//

#include "Float16.h"
#include "Inputs.h"

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Threading.h"

using namespace mlir;
using namespace mlir::nsa;

static uint64_t hashCounter(uint64_t seed, uint64_t counter) {
  uint64_t z = seed + (counter + 1) * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

static std::pair<double, double> makeNormalPair(uint64_t seed, uint64_t pair) {
  double u = ((hashCounter(seed, 2 * pair) >> 11) + 1) * 0x1p-53;
  double v = (hashCounter(seed, 2 * pair + 1) >> 11) * 0x1p-53;
  double radius = std::sqrt(-2.0 * std::log(u));
  double angle = 6.283185307179586 * v;
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

static void store(HostArray &array, int64_t index, double value) {
  Type type = array.getElementType();
  auto rounded = static_cast<float>(value);
  if (type.isF64())
    reinterpret_cast<double *>(array.getData())[index] = value;
  else if (type.isF32())
    reinterpret_cast<float *>(array.getData())[index] = rounded;
  else
    reinterpret_cast<uint16_t *>(array.getData())[index] =
        type.isBF16() ? encodeBF16(rounded) : encodeF16(rounded);
}

void nsa::fillNormal(HostArray &array, uint64_t seed) {
  constexpr int64_t kChunk = 1 << 16;
  int64_t count = array.getNumElements();
  parallelFor(array.getElementType().getContext(), 0,
              llvm::divideCeil(count, kChunk), [&](size_t chunk) {
                int64_t begin = static_cast<int64_t>(chunk) * kChunk;
                int64_t end = std::min(begin + kChunk, count);
                for (int64_t i = begin; i < end; i += 2) {
                  auto [even, odd] = makeNormalPair(seed, i / 2);
                  store(array, i, even);
                  if (i + 1 < end)
                    store(array, i + 1, odd);
                }
              });
}
