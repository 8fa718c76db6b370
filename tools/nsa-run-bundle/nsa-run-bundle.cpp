//===- nsa-run-bundle.cpp - Run a launch bundle on a GPU ------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For machines that have a GPU and no LLVM: reads what `nsa-run --emit-bundle`
// wrote, runs it through the CUDA driver, prints registers and times, writes
// the outputs. docs/Bundle.md says how to build it with nothing but a compiler.
//
//===----------------------------------------------------------------------===//

#include "nsa/Runtime/BundleRunner.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

using namespace mlir::nsa::runtime;

static constexpr char kUsage[] =
    R"(usage: nsa-run-bundle [option...] BUNDLE
       nsa-run-bundle --list-devices

Runs a launch bundle (docs/Bundle.md) on a CUDA device.

  --output-dir=DIR   write every output there, as NAME.npy
  --raw              write the outputs' plain bytes, as NAME.bin
  --repeat=N         time N runs; 0 (the default) only runs once
  --warmup=N         run N times before that
  --times=FILE       write the report with every time as JSON
  --target=CHIP      the target to run, such as sm_80; otherwise the best one
                     for the device
  --device=N         the device; otherwise 0
  --driver=LIBRARY   the CUDA driver; otherwise $NSA_CUDA_DRIVER or libcuda.so.1
  --check            only validate the bundle; needs no device
  --list-devices     print the devices
  --help             print this
)";

namespace {
struct Options {
  std::string bundle;
  std::string outputDir;
  std::string times;
  std::string driver;
  BundleRunOptions run;
  bool raw = false;
  bool check = false;
  bool listDevices = false;
};
} // namespace

static int fail(const std::string &message) {
  std::fflush(stdout);
  std::fprintf(stderr, "nsa-run-bundle: error: %s\n", message.c_str());
  return 1;
}

/// Returns the text behind `name` and "=", or null.
static const char *matchOption(const char *argument, const char *name) {
  size_t length = std::strlen(name);
  if (std::strncmp(argument, name, length) != 0 || argument[length] != '=')
    return nullptr;
  return argument + length + 1;
}

/// An error message, or an empty string.
static std::string parseCount(const std::string &option, const char *text,
                              unsigned &value) {
  char *end = nullptr;
  long number = std::strtol(text, &end, 10);
  if (*text < '0' || *text > '9' || *end || number > 1000000)
    return option + " wants a number from 0 to 1000000, not '" + text + "'";
  value = unsigned(number);
  return "";
}

/// An error message, or an empty string.
static std::string parseOptions(int argc, char **argv, Options &options) {
  for (int i = 1; i != argc; ++i) {
    const char *argument = argv[i];
    std::string error;
    unsigned device = 0;
    if (const char *value = matchOption(argument, "--output-dir"))
      options.outputDir = value;
    else if (const char *value = matchOption(argument, "--times"))
      options.times = value;
    else if (const char *value = matchOption(argument, "--driver"))
      options.driver = value;
    else if (const char *value = matchOption(argument, "--target"))
      options.run.chip = value;
    else if (const char *value = matchOption(argument, "--repeat"))
      error = parseCount("--repeat", value, options.run.repeat);
    else if (const char *value = matchOption(argument, "--warmup"))
      error = parseCount("--warmup", value, options.run.warmup);
    else if (const char *value = matchOption(argument, "--device")) {
      error = parseCount("--device", value, device);
      options.run.device = int(device);
    } else if (std::strcmp(argument, "--raw") == 0)
      options.raw = true;
    else if (std::strcmp(argument, "--check") == 0)
      options.check = true;
    else if (std::strcmp(argument, "--list-devices") == 0)
      options.listDevices = true;
    else if (argument[0] == '-')
      error = std::string("there is no option ") + argument + "; see --help";
    else if (!options.bundle.empty())
      error = std::string("one bundle at a time, not '") + options.bundle +
              "' and '" + argument + "'";
    else
      options.bundle = argument;
    if (!error.empty())
      return error;
  }
  if (options.bundle.empty() != options.listDevices)
    return options.listDevices ? "--list-devices takes no bundle"
                               : "no bundle is named; see --help";
  return "";
}

static int listAll(const CUDADriver &driver) {
  Expected<std::vector<DeviceInfo>> devices = listDevices(driver);
  if (!devices)
    return fail(devices.getError().str());
  for (const DeviceInfo &device : *devices)
    std::printf("%d: %s, %s, %d multiprocessors, %zu MiB, %d bytes of shared "
                "memory per block\n",
                device.ordinal, device.name.c_str(), device.getChip().c_str(),
                device.multiprocessors, device.totalBytes >> 20,
                device.maxSharedBytesPerBlock);
  return 0;
}

static int checkOnly(const Bundle &bundle, const std::string &directory) {
  for (const BundleBuffer &buffer : bundle.buffers) {
    if (buffer.role != BufferRole::Input)
      continue;
    Expected<std::vector<char>> data = readInput(directory, buffer);
    if (!data)
      return fail(data.getError().str());
  }
  for (const BundleTarget &target : bundle.targets)
    std::printf("%s: %zu image%s, %zu step%s\n", target.chip.c_str(),
                target.images.size(), target.images.size() == 1 ? "" : "s",
                target.steps.size(), target.steps.size() == 1 ? "" : "s");
  return 0;
}

static int writeTimes(const std::string &path, const BundleRunReport &report) {
  std::string text = formatReportAsJSON(report);
  std::FILE *file = std::fopen(path.c_str(), "w");
  bool written =
      file && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (file)
    written &= std::fclose(file) == 0;
  if (written)
    return 0;
  return fail(path + ": cannot write: " + std::strerror(errno));
}

int main(int argc, char **argv) {
  for (int i = 1; i != argc; ++i) {
    if (std::strcmp(argv[i], "--help") == 0) {
      std::fputs(kUsage, stdout);
      return 0;
    }
  }
  Options options;
  if (std::string error = parseOptions(argc, argv, options); !error.empty())
    return fail(error);

  Bundle bundle;
  if (!options.listDevices) {
    Expected<Bundle> read = readBundle(options.bundle);
    if (!read)
      return fail(read.getError().str());
    bundle = std::move(*read);
    if (options.check)
      return checkOnly(bundle, options.bundle);
  }
  Expected<CUDADriver> driver = CUDADriver::load(options.driver);
  if (!driver)
    return fail(driver.getError().str());
  if (options.listDevices)
    return listAll(*driver);

  Expected<BundleRunReport> report =
      runBundle(*driver, options.bundle, bundle, options.run);
  if (!report)
    return fail(report.getError().str());
  if (!options.outputDir.empty()) {
    Status status =
        writeOutputs(options.outputDir, report->outputs, options.raw);
    if (status.failed())
      return fail(status.getError().str());
  }
  if (!options.times.empty())
    if (int failed = writeTimes(options.times, *report))
      return failed;
  std::fputs(formatReport(*report).c_str(), stdout);
  return 0;
}
