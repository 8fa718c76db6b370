//===- BundleReport.cpp - What a run of a launch bundle leaves ------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Files of outputs, and the report as text and as JSON.
//
//===----------------------------------------------------------------------===//

#include "nsa/Runtime/BundleRunner.h"

#include "FileIO.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <filesystem>
#include <unistd.h>

using namespace mlir::nsa::runtime;
namespace fs = std::filesystem;

Status mlir::nsa::runtime::writeOutputs(
    const std::string &directory,
    const std::vector<BundleRunReport::Output> &outputs, bool raw) {
  std::error_code code;
  bool created = fs::create_directories(directory, code);
  if (code)
    return Error(directory + ": cannot create: " + code.message());

  // All under other names first; then they are renamed.
  std::vector<std::pair<std::string, std::string>> files;
  auto removeAll = [&] {
    std::error_code ignored;
    for (auto &[partial, file] : files)
      fs::remove(partial, ignored);
    if (created)
      fs::remove(directory, ignored);
  };
  for (const BundleRunReport::Output &output : outputs) {
    std::string name = output.buffer.name + (raw ? ".bin" : ".npy");
    std::string partial = detail::joinPath(directory, ".");
    partial += name;
    partial += ".partial.";
    partial += std::to_string(getpid());
    std::string header;
    if (!raw)
      header = makeNpyHeader(*output.buffer.type, output.buffer.shape);
    files.emplace_back(partial, detail::joinPath(directory, name));
    if (Status status = detail::writeFile(
            partial, {{header.data(), header.size()},
                      {output.data.data(), output.data.size()}});
        status.failed()) {
      removeAll();
      return status;
    }
  }
  for (auto &[partial, file] : files) {
    fs::rename(partial, file, code);
    if (code) {
      Error error(file + ": cannot write: " + code.message());
      removeAll();
      return error;
    }
  }
  return Status::success();
}

__attribute__((format(printf, 1, 2))) static std::string
format(const char *pattern, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, pattern);
  std::vsnprintf(text, sizeof(text), pattern, arguments);
  va_end(arguments);
  return text;
}

namespace {
struct Summary {
  float least = 0;
  float median = 0;
  float mean = 0;
};
} // namespace

static Summary summarize(std::vector<float> values) {
  std::sort(values.begin(), values.end());
  size_t count = values.size();
  double sum = 0;
  for (float value : values)
    sum += value;
  return {values.front(),
          count % 2 ? values[count / 2]
                    : (values[count / 2 - 1] + values[count / 2]) / 2,
          float(sum / count)};
}

std::string mlir::nsa::runtime::formatReport(const BundleRunReport &report) {
  const DeviceInfo &device = report.device;
  std::string text = format(
      "device %d: %s, %s, %d multiprocessors, %zu MiB; driver of CUDA "
      "%s\ntarget: %s\n",
      device.ordinal, device.name.c_str(), device.getChip().c_str(),
      device.multiprocessors, device.totalBytes >> 20,
      formatCUDAVersion(report.driverVersion).c_str(), report.chip.c_str());
  for (const BundleRunReport::Kernel &kernel : report.kernels) {
    const FunctionAttributes &attributes = kernel.attributes;
    text +=
        format("kernel %s: %d registers, %d bytes of local memory, %d "
               "static and %u dynamic bytes of shared memory\n",
               kernel.name.c_str(), attributes.registers, attributes.localBytes,
               attributes.staticSharedBytes, kernel.dynamicSharedBytes);
  }
  if (report.milliseconds.empty())
    return text;
  text += format("%-32s %12s %12s %12s   (of %zu runs)\n", "time in ms",
                 "least", "median", "mean", report.milliseconds.size());
  auto addRow = [&](const std::string &label,
                    const std::vector<float> &milliseconds) {
    Summary summary = summarize(milliseconds);
    text += format("%-32s %12.6f %12.6f %12.6f\n", label.c_str(), summary.least,
                   summary.median, summary.mean);
  };
  for (size_t i = 0; i != report.steps.size(); ++i)
    addRow(format("%zu %s", i, report.steps[i].label.c_str()),
           report.steps[i].milliseconds);
  addRow("all", report.milliseconds);
  return text;
}

/// A string of JSON.
static std::string quote(const std::string &text) {
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\')
      result += std::string("\\") + c;
    else if ((unsigned char)c < 0x20)
      result += format("\\u%04x", c);
    else
      result += c;
  }
  return result + "\"";
}

static std::string formatTimes(const std::vector<float> &milliseconds) {
  std::string text;
  for (float value : milliseconds)
    text += format("%s%.6f", text.empty() ? "" : ", ", value);
  return "[" + text + "]";
}

std::string
mlir::nsa::runtime::formatReportAsJSON(const BundleRunReport &report) {
  const DeviceInfo &device = report.device;
  std::string text =
      "{\n  \"device\": {\"name\": " + quote(device.name) +
      ", \"chip\": " + quote(device.getChip()) +
      format(", \"multiprocessors\": %d, \"bytes\": %zu},\n",
             device.multiprocessors, device.totalBytes) +
      "  \"driver\": " + quote(formatCUDAVersion(report.driverVersion)) +
      ",\n  \"target\": " + quote(report.chip) + ",\n  \"kernels\": [";
  const char *separator = "\n";
  for (const BundleRunReport::Kernel &kernel : report.kernels) {
    const FunctionAttributes &attributes = kernel.attributes;
    text += separator;
    text += "    {\"image\": " + quote(kernel.image) +
            ", \"kernel\": " + quote(kernel.name) +
            format(", \"registers\": %d, \"local_bytes\": %d, "
                   "\"static_shared_bytes\": %d, \"dynamic_shared_bytes\": %u}",
                   attributes.registers, attributes.localBytes,
                   attributes.staticSharedBytes, kernel.dynamicSharedBytes);
    separator = ",\n";
  }
  text += "\n  ],\n  \"steps\": [";
  separator = "\n";
  for (const BundleRunReport::Step &step : report.steps) {
    text += separator;
    text += "    {\"label\": " + quote(step.label) +
            ", \"ms\": " + formatTimes(step.milliseconds) + "}";
    separator = ",\n";
  }
  return text + "\n  ],\n  \"ms\": " + formatTimes(report.milliseconds) +
         "\n}\n";
}
