//===- BundleTest.cpp - Tests of launch bundles ---------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writing, reading, choosing a target, running; and a run in which each call of
// the driver fails once.
//
//===----------------------------------------------------------------------===//

#include "RuntimeTest.h"

#include "nsa/Runtime/BundleRunner.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>

using namespace runtimetest;
namespace fs = std::filesystem;

static const float kX[] = {1, 2, 3, 4, 5};
static const float kY[] = {10, 20, 30, 40, 50};

BundleWriter runtimetest::makeBundle() {
  BundleWriter writer("nsa-runtime-test");
  writer.addInput("x", ElementType::F32, {5}, kX);
  writer.addInput("y", ElementType::F32, {5}, kY);
  writer.addOutput("y_out", ElementType::F32, {5});
  writer.addOutput("sum", ElementType::F32, {});
  writer.addTemporary("scratch", 64);
  writer.addTarget("sm_80");
  writer.addImage("main", kImage);

  BundleStep fill;
  fill.kind = BundleStep::Kind::Fill;
  fill.to = {"scratch", 0};
  fill.bytes = 64;
  writer.addStep(fill);
  BundleStep copy;
  copy.kind = BundleStep::Kind::Copy;
  copy.from = {"y", 0};
  copy.to = {"y_out", 0};
  copy.bytes = 20;
  writer.addStep(copy);
  BundleStep axpy;
  axpy.image = "main";
  axpy.kernel = "axpy";
  axpy.block = {32, 1, 1};
  axpy.arguments = {BundleArgument::f32(2.0f), BundleArgument::pointer("x"),
                    BundleArgument::pointer("y_out"), BundleArgument::i32(5)};
  writer.addStep(axpy);
  BundleStep sum;
  sum.image = "main";
  sum.kernel = "reduce_sum";
  sum.block = {256, 1, 1};
  sum.dynamicSharedBytes = 65536;
  sum.arguments = {BundleArgument::pointer("x", 4),
                   BundleArgument::pointer("sum"), BundleArgument::i32(4)};
  writer.addStep(sum);
  return writer;
}

/// A new directory's name.
static std::string getDirectory(const char *name) {
  std::string directory = getScratchDir() + "/" + name;
  fs::remove_all(directory);
  fs::create_directories(getScratchDir());
  return directory;
}

static std::vector<std::string> listFiles(const std::string &directory) {
  std::vector<std::string> files;
  for (auto &entry : fs::recursive_directory_iterator(directory))
    if (entry.is_regular_file())
      files.push_back(fs::relative(entry.path(), directory).string());
  std::sort(files.begin(), files.end());
  return files;
}

static void testWriteAndRead() {
  std::string directory = getDirectory("write");
  BundleWriter writer = makeBundle();
  EXPECT_SUCCESS(writer.write(directory));
  EXPECT((listFiles(directory) ==
          std::vector<std::string>{"inputs/x.npy", "inputs/y.npy",
                                   "manifest.json", "sm_80/main.ptx"}));
  Bundle bundle = require(readBundle(directory));
  EXPECT_TEXT(formatManifest(bundle), formatManifest(writer.getBundle()));
  std::vector<char> data =
      require(readInput(directory, *bundle.findBuffer("x")));
  std::vector<float> values(5);
  EXPECT(data.size() == sizeof(kX));
  std::memcpy(values.data(), data.data(), sizeof(kX));
  EXPECT(values == std::vector<float>(std::begin(kX), std::end(kX)));

  EXPECT_ERROR(writer.write(directory),
               directory +
                   ": exists, and is a bundle that was not to be replaced");
  std::ofstream(directory + "/stale") << "old";
  EXPECT_SUCCESS(writer.write(directory, /*replace=*/true));
  EXPECT(!fs::exists(directory + "/stale"));
  fs::remove(directory + "/manifest.json");
  EXPECT_ERROR(writer.write(directory, /*replace=*/true),
               directory + ": exists, and is neither empty nor a bundle");
  std::string empty = getDirectory("empty");
  fs::create_directory(empty);
  EXPECT_SUCCESS(writer.write(empty + "/"));
  EXPECT(fs::exists(empty + "/manifest.json"));
  // Nothing else has appeared beside them.
  for (auto &entry : fs::directory_iterator(getScratchDir()))
    EXPECT(entry.path().filename().string()[0] != '.');
}

static void testInvalidWrites() {
  std::string directory = getDirectory("invalid");
  BundleWriter writer = makeBundle();
  BundleStep step;
  step.image = "other";
  step.kernel = "k";
  writer.addStep(step);
  EXPECT_ERROR(writer.write(directory),
               directory + "/manifest.json: targets[0].steps[4].image: the "
                           "target has no image 'other'; it has: main");
  EXPECT(!fs::exists(directory));
  std::string file = getDirectory("file");
  std::ofstream(file) << "text";
  EXPECT_ERROR(makeBundle().write(file),
               file + ": exists, and is neither empty nor a bundle");
  EXPECT_ERROR(makeBundle().write(file + "/sub"),
               file + "/sub: cannot create: Not a directory");
}

static void testScalars() {
  struct {
    const char *json;
    const char *type;
    uint64_t bits;
  } cases[] = {
      {"1", "i1", 1},
      {"-1", "i8", 0xff},
      {"255", "i8", 0xff},
      {"-32768", "i16", 0x8000},
      {"-2", "i32", 0xfffffffe},
      {"18446744073709551615", "i64", ~uint64_t(0)},
      {"1.5", "f16", 0x3e00},
      {"65504", "f16", 0x7bff},
      {"65520", "f16", 0x7c00},
      {"5.9604644775390625e-8", "f16", 0x0001},
      {"-0.0", "f16", 0x8000},
      // Half way between two, to the even one; and carried into the exponent.
      {"2049", "f16", 0x6800},
      {"2051", "f16", 0x6802},
      {"4095.5", "f16", 0x6c00},
      {"1", "bf16", 0x3f80},
      {"3.140625", "bf16", 0x4049},
      {"0.1", "f32", 0x3dcccccd},
      {"0.1", "f64", 0x3fb999999999999a},
      {"\"0x7fc00000\"", "f32", 0x7fc00000},
      {"\"0xFF80\"", "bf16", 0xff80},
  };
  for (auto &test : cases) {
    std::string text = R"({"format": "nsa-bundle", "version": 1,
      "producer": "", "buffers": [], "targets": [{"chip": "sm_80",
      "images": [{"name": "m", "file": "m"}], "steps": [{"kind": "launch",
      "image": "m", "kernel": "k", "grid": [1, 1, 1], "block": [1, 1, 1],
      "dynamic_shared_bytes": 0, "args": [{"scalar": ")" +
                       std::string(test.type) + "\", \"value\": " + test.json +
                       "}]}]}]}";
    Bundle bundle = require(parseManifest(text));
    if (bundle.targets[0].steps[0].arguments[0].bits != test.bits)
      reportFailure(__FILE__, __LINE__,
                    std::string(test.json) + " as " + test.type);
    // Written and read again, it is the same.
    Bundle again = require(parseManifest(formatManifest(bundle)));
    EXPECT(again.targets[0].steps[0].arguments[0].bits == test.bits);
  }
}

static void testTargets() {
  Bundle bundle;
  for (const char *chip : {"sm_80", "sm_90", "sm_90a", "sm_100f", "sm_100a"}) {
    bundle.targets.emplace_back();
    bundle.targets.back().chip = chip;
  }
  DeviceInfo device;
  device.name = "GPU";
  auto select = [&](int number, bool binary,
                    const std::string &chip = "") -> std::string {
    device.major = number / 10;
    device.minor = number % 10;
    Expected<const BundleTarget *> target =
        selectTarget(bundle, device, chip, std::vector<bool>(5, binary));
    return target ? (*target)->chip : target.getError().str();
  };
  EXPECT_TEXT(select(80, false), "sm_80");
  EXPECT_TEXT(select(86, false), "sm_80");
  EXPECT_TEXT(select(86, true), "sm_80");
  EXPECT_TEXT(select(89, true), "sm_80");
  EXPECT_TEXT(select(90, false), "sm_90a");
  EXPECT_TEXT(select(100, false), "sm_100a");
  EXPECT_TEXT(select(103, false), "sm_100f");
  // A later generation takes portable PTX, and no binary.
  EXPECT_TEXT(select(120, false), "sm_90");
  EXPECT_TEXT(select(120, true),
              "the bundle has no target that GPU (sm_120) can run; it has: "
              "sm_80, sm_90, sm_90a, sm_100f, sm_100a");
  EXPECT_TEXT(select(75, false),
              "the bundle has no target that GPU (sm_75) can run; it has: "
              "sm_80, sm_90, sm_90a, sm_100f, sm_100a");
  EXPECT_TEXT(select(90, false, "sm_80"), "sm_80");
  EXPECT_TEXT(select(90, false, "sm_75"),
              "the bundle has no target sm_75; it has: sm_80, sm_90, sm_90a, "
              "sm_100f, sm_100a");
  EXPECT(!parseChip("sm_") && !parseChip("sm_9") && !parseChip("sm_90b"));
  EXPECT(!parseChip("compute_90") && !parseChip("sm_90aa"));
}

static void testRun() {
  std::string directory = getDirectory("run");
  EXPECT_SUCCESS(makeBundle().write(directory));
  Bundle bundle = require(readBundle(directory));
  CUDADriver driver = require(CUDADriver::load(getFakeDriver()));
  BundleRunOptions options;
  options.warmup = 2;
  options.repeat = 3;
  BundleRunReport report =
      require(runBundle(driver, directory, bundle, options));
  EXPECT_TEXT(report.chip, "sm_80");
  EXPECT(report.outputs.size() == 2);
  float out[5], sum;
  std::memcpy(out, report.outputs[0].data.data(), sizeof(out));
  std::memcpy(&sum, report.outputs[1].data.data(), sizeof(sum));
  for (int i = 0; i != 5; ++i)
    EXPECT(out[i] == 2 * kX[i] + kY[i]);
  EXPECT(sum == 14);
  EXPECT(report.steps.size() == 4 && report.milliseconds.size() == 3);
  EXPECT(report.steps[2].milliseconds == std::vector<float>(3, 0.125f));
  EXPECT(report.milliseconds[0] == 0.34375f);

  // What no step writes is seen.
  bundle.targets[0].steps.erase(bundle.targets[0].steps.begin() + 3);
  BundleStep touch;
  touch.kind = BundleStep::Kind::Copy;
  touch.from = {"scratch", 0};
  touch.to = {"sum", 0};
  bundle.targets[0].steps.push_back(touch);
  report = require(runBundle(driver, directory, bundle, {}));
  EXPECT(report.outputs[1].data == std::vector<char>(4, '\xff'));
}

static void testFailingKernelIsNamed() {
  std::string directory = getDirectory("failing");
  BundleWriter writer = makeBundle();
  BundleStep step;
  step.image = "main";
  step.kernel = "illegal_address";
  writer.addStep(step);
  EXPECT_SUCCESS(writer.write(directory));
  Bundle bundle = require(readBundle(directory));
  CUDADriver driver = require(CUDADriver::load(getFakeDriver()));
  EXPECT_ERROR(
      runBundle(driver, directory, bundle, {}),
      "sm_80, step 4 (illegal_address): cuStreamSynchronize failed: "
      "CUDA_ERROR_ILLEGAL_ADDRESS (an illegal memory access was encountered); "
      "a kernel launched before this call accessed memory that is not its own; "
      "the context cannot be used any more; compute-sanitizer names the place");
  bundle.targets[0].steps.back().arguments.push_back(BundleArgument::i32(1));
  EXPECT_ERROR(runBundle(driver, directory, bundle, {}),
               "sm_80, step 4 (illegal_address): kernel illegal_address has 0 "
               "parameters, and is given 1 arguments");
}

/// Every call of a run fails in turn: the run reports that call, and whatever
/// had been made by then is released.
static void testEveryCallFails() {
  std::string directory = getDirectory("sweep");
  EXPECT_SUCCESS(makeBundle().write(directory));
  Bundle bundle = require(readBundle(directory));
  BundleRunOptions options;
  options.warmup = 1;
  options.repeat = 1;
  auto run = [&]() -> Expected<BundleRunReport> {
    Expected<CUDADriver> driver = CUDADriver::load(getFakeDriver());
    if (!driver)
      return driver.takeError();
    return runBundle(*driver, directory, bundle, options);
  };
  resetCounts();
  EXPECT(bool(run()));
  int calls = getFailableCalls();
  EXPECT(calls > 150);
  int silent = 0;
  for (int i = 1; i <= calls; ++i) {
    resetCounts();
    ScopedVariable fail("NSA_FAKE_CUDA_FAIL_AT", std::to_string(i));
    Expected<BundleRunReport> report = run();
    std::string text = report ? "success" : report.getError().str();
    std::string failed = getLastFailed();
    // While something is released, nobody is told.
    if (report && failed == "cuCtxPushCurrent")
      ++silent;
    else if (text.find(failed) == std::string::npos ||
             text.find(" failed: CUDA_ERROR_UNKNOWN (unknown error)") ==
                 std::string::npos)
      expectEqualText("call", i, text, failed + " failed: ...");
    EXPECT_TEXT(getLiveObjects(), "contexts 0, current 0, modules 0, streams "
                                  "0, events 0, memory 0, orphans 0");
  }
  // Five events, five buffers, a module, a stream.
  EXPECT(silent == 12);
}

static void testOutputs() {
  std::string directory = getDirectory("outputs");
  BundleRunReport::Output output;
  output.buffer.name = "o";
  output.buffer.type = ElementType::BF16;
  output.buffer.shape = {1, 2};
  output.data = {1, 2, 3, 4};
  BundleRunReport::Output bad = output;
  bad.buffer.name = "missing/o";
  // One cannot be written, so none is, and the directory goes again.
  Status status = writeOutputs(directory, {output, bad}, false);
  EXPECT(status.failed());
  EXPECT(!fs::exists(directory));
  EXPECT_SUCCESS(writeOutputs(directory, {output}, false));
  EXPECT_SUCCESS(writeOutputs(directory, {output}, true));
  EXPECT((listFiles(directory) == std::vector<std::string>{"o.bin", "o.npy"}));
  EXPECT(require(readNpyFile(directory + "/o.npy", ElementType::BF16,
                             {1, 2})) == output.data);
}

static void testNpyErrors() {
  std::string path = getDirectory("file.npy");
  auto write = [&](const std::string &text) {
    std::ofstream(path, std::ios::binary) << text;
  };
  auto read = [&] { return readNpyFile(path, ElementType::F32, {2, 3}); };
  std::string header = makeNpyHeader(ElementType::F32, {2, 3});
  EXPECT(header.size() % 64 == 0);
  EXPECT_ERROR(read(), path + ": cannot open: No such file or directory");
  write("no");
  EXPECT_ERROR(read(), path + ": is no .npy file");
  write(header + std::string(23, 0));
  EXPECT_ERROR(read(),
               path + ": has 23 bytes of elements, where 2x3xf32 has 24");
  write(header.substr(0, 40));
  EXPECT_ERROR(read(), path + ": the header of the .npy file is cut off");
  write(makeNpyHeader(ElementType::F64, {2, 3}));
  EXPECT_ERROR(read(), path + ": holds elements of NumPy type '<f8', where f32 "
                              "is wanted");
  write(makeNpyHeader(ElementType::F32, {6}));
  EXPECT_ERROR(read(), path + ": has the shape (6,), where (2, 3) is wanted");
  std::string fortran = header;
  fortran.replace(fortran.find("False"), 5, "True ");
  write(fortran);
  EXPECT_ERROR(read(), path + ": is not in C order");
  std::string future = header;
  future[6] = 4;
  write(future);
  EXPECT_ERROR(read(), path + ": is a .npy file of version 4, which is "
                              "unknown");
  EXPECT_ERROR(readNpyFile(getScratchDir(), ElementType::F32, {}),
               getScratchDir() + ": is no regular file");
}

std::vector<Test> runtimetest::getBundleTests() {
  return {
      {"bundle.write_and_read", testWriteAndRead},
      {"bundle.invalid_writes", testInvalidWrites},
      {"bundle.scalars", testScalars},
      {"bundle.targets", testTargets},
      {"bundle.run", testRun},
      {"bundle.failing_kernel_is_named", testFailingKernelIsNamed},
      {"bundle.every_call_fails", testEveryCallFails},
      {"bundle.outputs", testOutputs},
      {"bundle.npy_errors", testNpyErrors},
  };
}
