//===- Outputs.cpp - What becomes of results ------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A result that was not written completely is worse than none.
//
//===----------------------------------------------------------------------===//

#include "Outputs.h"
#include "Float16.h"

#include "nsa/Execution/Npy.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Signals.h"

using namespace mlir;
using namespace mlir::nsa;

/// Calls `visit` with a pointer to each element in row-major order.
static void forEachElement(const CallResult &result,
                           llvm::function_ref<void(const char *)> visit) {
  if (llvm::is_contained(result.shape, 0))
    return;
  unsigned elementBytes = getElementBytes(result.elementType);
  SmallVector<int64_t> index(result.shape.size(), 0);
  int64_t offset = 0;
  while (true) {
    visit(result.data + offset * elementBytes);
    size_t dim = index.size();
    // The odometer: the last dimension turns fastest.
    while (dim > 0 && ++index[dim - 1] == result.shape[dim - 1]) {
      --dim;
      offset -= (result.shape[dim] - 1) * result.strides[dim];
      index[dim] = 0;
    }
    if (dim == 0)
      return;
    offset += result.strides[dim - 1];
  }
}

template <typename T> static T loadElement(const char *data) {
  T value;
  std::memcpy(&value, data, sizeof(T));
  return value;
}

static double toDouble(const char *data, Type type) {
  if (type.isF64())
    return loadElement<double>(data);
  if (type.isF32())
    return loadElement<float>(data);
  if (type.isBF16())
    return decodeBF16(loadElement<uint16_t>(data));
  if (type.isF16())
    return decodeF16(loadElement<uint16_t>(data));
  bool isUnsigned = type.isUnsignedInteger() || type.isInteger(1);
  switch (getElementBytes(type)) {
  case 1:
    return isUnsigned ? loadElement<uint8_t>(data) : loadElement<int8_t>(data);
  case 2:
    return isUnsigned ? loadElement<uint16_t>(data)
                      : loadElement<int16_t>(data);
  case 4:
    return isUnsigned ? static_cast<double>(loadElement<uint32_t>(data))
                      : loadElement<int32_t>(data);
  default:
    return isUnsigned ? static_cast<double>(loadElement<uint64_t>(data))
                      : static_cast<double>(loadElement<int64_t>(data));
  }
}

std::string nsa::summarize(const CallResult &result) {
  double min = INFINITY, max = -INFINITY, sum = 0;
  int64_t numbers = 0, nans = 0;
  forEachElement(result, [&](const char *data) {
    double value = toDouble(data, result.elementType);
    if (std::isnan(value)) {
      ++nans;
      return;
    }
    min = std::min(min, value);
    max = std::max(max, value);
    sum += value;
    ++numbers;
  });
  std::string text;
  llvm::raw_string_ostream os(text);
  os << formatShape(result.shape, result.elementType);
  if (numbers == 0)
    os << " min - max - mean -";
  else
    os << llvm::format(isa<FloatType>(result.elementType)
                           ? " min %.6g max %.6g mean %.6g"
                           : " min %.0f max %.0f mean %.6g",
                       min, max, sum / static_cast<double>(numbers));
  os << " nan " << nans;
  return text;
}

/// Writes one .npy file to an open descriptor and closes it.
static std::error_code writeNpy(int descriptor, const CallResult &result) {
  llvm::raw_fd_ostream os(descriptor, /*shouldClose=*/true);
  os << makeNpyHeader(result.elementType, result.shape);
  unsigned elementBytes = getElementBytes(result.elementType);
  if (result.isContiguous()) {
    std::optional<int64_t> count = countElements(result.shape, elementBytes);
    os.write(result.data, *count * elementBytes);
  } else {
    forEachElement(result,
                   [&](const char *data) { os.write(data, elementBytes); });
  }
  os.close();
  std::error_code error = os.error();
  os.clear_error();
  return error;
}

llvm::Error nsa::writeOutputs(ArrayRef<CallResult> results,
                              ArrayRef<std::string> paths) {
  // Written files that do not have their final names yet, and those that do.
  SmallVector<std::pair<std::string, std::string>> pending;
  SmallVector<std::string> finished;
  // Nothing more can be done about a file that cannot be removed either.
  auto remove = [](const std::string &path) {
    [[maybe_unused]] std::error_code ignored = llvm::sys::fs::remove(path);
  };
  llvm::scope_exit removeAll([&] {
    for (auto &[temporary, path] : pending) {
      remove(temporary);
      llvm::sys::DontRemoveFileOnSignal(temporary);
    }
    for (const std::string &path : finished)
      remove(path);
  });
  auto fail = [](StringRef path, std::error_code error) {
    return llvm::createStringError("cannot write " + path + ": " +
                                   error.message());
  };

  for (auto [path, result] : llvm::zip_first(paths, results)) {
    llvm::sys::fs::file_status status;
    bool isSpecial = !llvm::sys::fs::status(path, status, /*follow=*/false) &&
                     !llvm::sys::fs::is_regular_file(status);
    int descriptor;
    std::string temporary;
    if (isSpecial) {
      if (std::error_code error =
              llvm::sys::fs::openFileForWrite(path, descriptor))
        return fail(path, error);
    } else {
      SmallString<128> name;
      if (std::error_code error = llvm::sys::fs::createUniqueFile(
              path + ".%%%%%%.tmp", descriptor, name))
        return fail(path, error);
      temporary = name.str();
      pending.push_back({temporary, path});
      llvm::sys::RemoveFileOnSignal(temporary);
    }
    if (std::error_code error = writeNpy(descriptor, result))
      return fail(path, error);
  }
  while (!pending.empty()) {
    auto [temporary, path] = pending.front();
    if (std::error_code error = llvm::sys::fs::rename(temporary, path))
      return fail(path, error);
    llvm::sys::DontRemoveFileOnSignal(temporary);
    pending.erase(pending.begin());
    finished.push_back(path);
  }
  removeAll.release();
  return llvm::Error::success();
}
