//===- DeviceTest.cpp - Tests of devices and what lives on them -----------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Data flow through the fake driver, and every error with its whole text.
//
//===----------------------------------------------------------------------===//

#include "RuntimeTest.h"

#include <numeric>

using namespace runtimetest;

/// The PTX that tests load. `ptxas` would accept it; of the bodies, which the
/// fake driver has built in, nothing is needed.
const char runtimetest::kImage[] = R"(
.version 8.0
.target sm_80
.address_size 64

.visible .entry axpy(
  .param .f32 axpy_a,
  .param .u64 axpy_x,
  .param .u64 axpy_y,
  .param .u32 axpy_n
)
{
  .reg .b32 %r<6>;
  .reg .b64 %rd<4>;
  ret;
}
.visible .entry reduce_sum(
  .param .u64 reduce_sum_x,
  .param .u64 reduce_sum_out,
  .param .u32 reduce_sum_n
)
.maxntid 256, 1, 1
{
  .reg .b32 %r<20>;
  .shared .align 4 .b8 partial[1024];
  .local .align 4 .b8 spills[16];
  ret;
}
.visible .entry illegal_address()
{
  ret;
}
.visible .entry misaligned()
{
  ret;
}
.visible .entry trap()
{
  ret;
}
.visible .entry never_ends()
{
  ret;
}
)";

static CUDADriver getDriver() {
  return require(CUDADriver::load(getFakeDriver()));
}
static CUDAContext getContext() {
  return require(CUDAContext::create(getDriver(), 0));
}

static void testDevices() {
  ScopedVariable two("NSA_FAKE_CUDA_DEVICES", "2");
  CUDADriver driver = getDriver();
  std::vector<DeviceInfo> devices = require(listDevices(driver));
  EXPECT(devices.size() == 2);
  EXPECT_TEXT(devices[1].name, "Fake GPU 1");
  EXPECT_TEXT(devices[1].getChip(), "sm_90");
  EXPECT(devices[1].totalBytes == size_t(1) << 30);
  EXPECT(devices[1].multiprocessors == 132);
  EXPECT(devices[1].maxSharedBytesPerBlock == 227 << 10);
  EXPECT_ERROR(CUDAContext::create(driver, 2),
               "there is no device 2: the 2 of this machine are numbered 0 to "
               "1");
  EXPECT_ERROR(CUDAContext::create(driver, -1),
               "there is no device -1: the 2 of this machine are numbered 0 to "
               "1");
}

static void testNoDevice() {
  ScopedVariable none("NSA_FAKE_CUDA_DEVICES", "0");
  CUDADriver driver = getDriver();
  std::string message = "the CUDA driver " + getFakeDriver() +
                        " finds no device; `nvidia-smi` lists the devices; "
                        "CUDA_VISIBLE_DEVICES may hide them";
  EXPECT_ERROR(listDevices(driver), message);
  EXPECT_ERROR(CUDAContext::create(driver, 0), message);
}

static void testContexts() {
  CUDADriver driver = getDriver();
  {
    CUDAContext first = require(CUDAContext::create(driver, 0));
    CUDAContext own =
        require(CUDAContext::create(driver, 0, CUDAContext::Kind::Own));
    EXPECT_TEXT(getLiveObjects(), "contexts 2, current 0, modules 0, streams "
                                  "0, events 0, memory 0, orphans 0");
    EXPECT_SUCCESS(own.synchronize());
  }
  ScopedVariable fail("NSA_FAKE_CUDA_FAIL",
                      "cuDevicePrimaryCtxRetain=2,cuCtxCreate=2");
  EXPECT_ERROR(CUDAContext::create(driver, 0),
               "cuDevicePrimaryCtxRetain(device 0) failed: "
               "CUDA_ERROR_OUT_OF_MEMORY (out of memory)");
  EXPECT_ERROR(
      CUDAContext::create(driver, 0, CUDAContext::Kind::Own),
      "cuCtxCreate(device 0) failed: CUDA_ERROR_OUT_OF_MEMORY (out of memory)");
}

static void testMemory() {
  CUDAContext context = getContext();
  CUDAStream stream = require(context.createStream());
  CUDAMemory memory = require(context.allocate(16));
  CUDAMemory other = require(context.allocate(16));
  auto [free, total] = require(context.getMemoryInfo());
  EXPECT(total - free == 32);
  std::string data = "0123456789abcdef", back(16, '?');
  EXPECT_SUCCESS(memory.upload(data.data(), 16, 0, stream));
  EXPECT_SUCCESS(other.fill('x', 0, 16, stream));
  EXPECT_SUCCESS(other.copyFrom(memory, 4, 8, 6, stream));
  EXPECT_SUCCESS(other.download(back.data(), 16, 0, stream));
  EXPECT_TEXT(back, "xxxxxxxx456789xx");
  EXPECT_SUCCESS(memory.download(back.data(), 2, 14, stream));
  EXPECT_TEXT(back, "efxxxxxx456789xx");

  EXPECT_ERROR(memory.upload(data.data(), 9, 8, stream),
               "upload of 9 bytes at offset 8 exceeds memory of 16 bytes");
  EXPECT_ERROR(memory.download(back.data(), 1, 17, stream),
               "download of 1 bytes at offset 17 exceeds memory of 16 bytes");
  EXPECT_ERROR(memory.fill(0, 0, 17, stream),
               "fill of 17 bytes at offset 0 exceeds memory of 16 bytes");
  EXPECT_ERROR(memory.copyFrom(other, 15, 0, 2, stream),
               "copy from of 2 bytes at offset 15 exceeds memory of 16 bytes");
  EXPECT_ERROR(memory.copyFrom(other, 0, 15, 2, stream),
               "copy to of 2 bytes at offset 15 exceeds memory of 16 bytes");
  // Nothing is copied, and nothing is wrong.
  CUDAMemory empty = require(context.allocate(0));
  EXPECT_SUCCESS(empty.upload(data.data(), 0, 0, stream));
  EXPECT(empty.getNumBytes() == 0);
}

static void testOutOfMemory() {
  ScopedVariable small("NSA_FAKE_CUDA_MEMORY", "1000");
  CUDAContext context = getContext();
  CUDAMemory memory = require(context.allocate(300));
  EXPECT_ERROR(context.allocate(701),
               "cuMemAlloc(701 bytes) failed: CUDA_ERROR_OUT_OF_MEMORY (out of "
               "memory); 701 bytes asked, 700 of 1000 bytes free on Fake GPU "
               "0");
  EXPECT_ERROR(context.allocate(701, "buffer q"),
               "buffer q: cuMemAlloc(701 bytes) failed: "
               "CUDA_ERROR_OUT_OF_MEMORY (out of memory); 701 bytes asked, 700 "
               "of 1000 bytes free on Fake GPU 0");
  EXPECT(bool(context.allocate(700)));
}

static void testModules() {
  CUDAContext context = getContext();
  CUDAModule module = require(context.loadModule(kImage, "k.ptx"));
  EXPECT(module.getLog().find("ptxas info    : Function axpy, used 14 "
                              "registers\n") == 0);
  CUDAFunction axpy = require(module.getFunction("axpy"));
  EXPECT_TEXT(axpy.getName(), "axpy");
  CUDAFunction sum = require(module.getFunction("reduce_sum"));
  EXPECT(sum.getAttributes().registers == 20);
  EXPECT(sum.getAttributes().staticSharedBytes == 1024);
  EXPECT(sum.getAttributes().localBytes == 16);
  EXPECT(sum.getAttributes().maxThreadsPerBlock == 256);
  EXPECT(sum.getAttributes().maxDynamicSharedBytes == 48 << 10);
  EXPECT_ERROR(module.getFunction("axpby"),
               "k.ptx: cuModuleGetFunction(axpby) failed: CUDA_ERROR_NOT_FOUND "
               "(named symbol not found); the image has no such kernel");
}

static void testInvalidImages() {
  CUDAContext context = getContext();
  EXPECT_ERROR(context.loadModule("", "e.ptx"), "e.ptx: the image is empty");
  EXPECT_ERROR(context.loadModule("text", "t.ptx"),
               "t.ptx: cuModuleLoadDataEx failed: CUDA_ERROR_INVALID_IMAGE "
               "(device kernel image is invalid); the image is neither PTX "
               "text nor a cubin");
  EXPECT_ERROR(
      context.loadModule(".version 8.0\n.target sm_80\nsyntax_error;", "s.ptx"),
      "s.ptx: cuModuleLoadDataEx failed: CUDA_ERROR_INVALID_PTX (a PTX JIT "
      "compilation failed)\n"
      "ptxas application ptx input, line 3; fatal   : Parsing error near "
      "'syntax_error': syntax error\n"
      "ptxas fatal   : Ptx assembly aborted due to errors");
  EXPECT_ERROR(
      context.loadModule(".version 9.0\n.target sm_80\n", "v.ptx"),
      "v.ptx: cuModuleLoadDataEx failed: CUDA_ERROR_UNSUPPORTED_PTX_VERSION "
      "(the provided PTX was compiled with an unsupported toolchain.); the PTX "
      "is newer than this driver: emit an older PTX version, use a cubin, or "
      "update the driver; the driver is of CUDA 12.4\n"
      "ptxas application ptx input, line 1; fatal   : Unsupported .version "
      "9.0; current version is '8.4'");
  std::string noBinary =
      ": cuModuleLoadDataEx failed: CUDA_ERROR_NO_BINARY_FOR_GPU (no kernel "
      "image is available for execution on the device); the image is for "
      "another kind of device: compile for this one's compute capability; this "
      "one, Fake GPU 0, is sm_90";
  EXPECT_ERROR(context.loadModule(".version 8.0\n.target sm_100a\n", "n.ptx"),
               "n.ptx" + noBinary);
  EXPECT_ERROR(context.loadModule("\x7f"
                                  "ELF\n.target sm_80\n",
                                  "n.cubin"),
               "n.cubin" + noBinary);
  ScopedVariable fail("NSA_FAKE_CUDA_FAIL",
                      "cuModuleLoadDataEx=CUDA_ERROR_JIT_COMPILER_NOT_FOUND");
  EXPECT_ERROR(
      context.loadModule(kImage, "k.ptx"),
      "k.ptx: cuModuleLoadDataEx failed: CUDA_ERROR_JIT_COMPILER_NOT_FOUND "
      "(PTX JIT compiler library not found); the driver's PTX compiler "
      "(libnvidia-ptxjitcompiler.so.1) is not installed: install it, or use a "
      "cubin instead of PTX");
}

static void testLaunch() {
  CUDAContext context = getContext();
  CUDAModule module = require(context.loadModule(kImage, "k.ptx"));
  CUDAFunction axpy = require(module.getFunction("axpy"));
  CUDAStream stream = require(context.createStream());
  std::vector<float> x(1000), y(1000, 1.0f);
  std::iota(x.begin(), x.end(), 0.0f);
  CUDAMemory dx = require(context.allocate(4000));
  CUDAMemory dy = require(context.allocate(4000));
  EXPECT_SUCCESS(dx.upload(x.data(), 4000, 0, stream));
  EXPECT_SUCCESS(dy.upload(y.data(), 4000, 0, stream));
  KernelArguments arguments;
  arguments.add(2.0f);
  arguments.add(dx.getAddress());
  arguments.add(dy.getAddress());
  arguments.add(uint32_t(1000));
  EXPECT_SUCCESS(axpy.checkArguments(arguments));
  // Two of three blocks that would be needed: the rest stays.
  EXPECT_SUCCESS(axpy.launch({{2, 1, 1}, {384, 1, 1}, 0}, arguments, stream));
  EXPECT_SUCCESS(dy.download(y.data(), 4000, 0, stream));
  bool right = true;
  for (int i = 0; i != 1000; ++i)
    right &= y[i] == (i < 768 ? 2.0f * i + 1.0f : 1.0f);
  EXPECT(right);

  // More dynamic shared memory than what is allowed without asking.
  CUDAFunction sum = require(module.getFunction("reduce_sum"));
  KernelArguments more;
  more.add(dx.getAddress());
  more.add(dy.getAddress() + 4);
  more.add(uint32_t(1000));
  EXPECT_SUCCESS(sum.launch({{1, 1, 1}, {256, 1, 1}, 100000}, more, stream));
  EXPECT(sum.getAttributes().maxDynamicSharedBytes == 100000);
  EXPECT_SUCCESS(dy.download(y.data(), 12, 0, stream));
  EXPECT(y[0] == 1.0f && y[1] == 499500.0f && y[2] == 5.0f);
}

static void testRefusedLaunches() {
  CUDAContext context = getContext();
  CUDAModule module = require(context.loadModule(kImage, "k.ptx"));
  CUDAFunction sum = require(module.getFunction("reduce_sum"));
  CUDAStream stream = require(context.createStream());
  KernelArguments none;
  EXPECT_ERROR(sum.launch({{1, 0, 1}, {1, 1, 1}, 0}, none, stream),
               "kernel reduce_sum: grid 1x0x1 is empty");
  EXPECT_ERROR(sum.launch({{1, 65536, 1}, {1, 1, 1}, 0}, none, stream),
               "kernel reduce_sum: grid 1x65536x1 exceeds the device's limit "
               "of 65535 in dimension y");
  EXPECT_ERROR(sum.launch({{1, 1, 1}, {1, 1, 65}, 0}, none, stream),
               "kernel reduce_sum: block 1x1x65 exceeds the device's limit of "
               "64 in dimension z");
  EXPECT_ERROR(sum.launch({{1, 1, 1}, {32, 16, 1}, 0}, none, stream),
               "kernel reduce_sum: block 32x16x1 has 512 threads; with its 20 "
               "registers, or as it was compiled, the kernel allows 256");
  EXPECT_ERROR(sum.launch({{1, 1, 1}, {1, 1, 1}, 232000}, none, stream),
               "kernel reduce_sum: 232000 bytes of dynamic and 1024 of static "
               "shared memory exceed the 232448 that a block may have on Fake "
               "GPU 0 (sm_90)");
  EXPECT_ERROR(sum.checkArguments(none),
               "kernel reduce_sum has 3 parameters, and is given 0 arguments");
  KernelArguments wrong;
  wrong.add(uint64_t(0));
  wrong.add(uint32_t(0));
  wrong.add(uint32_t(0));
  EXPECT_ERROR(sum.checkArguments(wrong), "kernel reduce_sum: parameter 1 has "
                                          "8 bytes, and is given 4");
  ScopedVariable fail("NSA_FAKE_CUDA_FAIL",
                      "cuLaunchKernel=701,cuFuncSetAttribute=1");
  EXPECT_ERROR(
      sum.launch({{2, 3, 4}, {5, 6, 7}, 8}, none, stream),
      "cuLaunchKernel(reduce_sum, grid 2x3x4, block 5x6x7, 8 bytes of dynamic "
      "shared memory) failed: CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES (too many "
      "resources requested for launch); the block needs more registers or "
      "shared memory than a multiprocessor has: use fewer threads per block");
  EXPECT_ERROR(sum.launch({{1, 1, 1}, {1, 1, 1}, 50000}, none, stream),
               "cuFuncSetAttribute(reduce_sum, 50000 bytes of dynamic shared "
               "memory) failed: CUDA_ERROR_INVALID_VALUE (invalid argument)");
}

static void testFailedKernels() {
  struct {
    const char *kernel;
    const char *message;
  } cases[] = {
      {"illegal_address",
       "CUDA_ERROR_ILLEGAL_ADDRESS (an illegal memory access was encountered); "
       "a kernel launched before this call accessed memory that is not its "
       "own; the context cannot be used any more; compute-sanitizer names the "
       "place"},
      {"misaligned",
       "CUDA_ERROR_MISALIGNED_ADDRESS (misaligned address); a kernel launched "
       "before this call accessed a misaligned address; the context cannot be "
       "used any more; compute-sanitizer names the place"},
      {"trap", "CUDA_ERROR_LAUNCH_FAILED (unspecified launch failure); a "
               "kernel launched before this call failed; the context cannot be "
               "used any more; compute-sanitizer names the place"},
      {"never_ends",
       "CUDA_ERROR_LAUNCH_TIMEOUT (the launch timed out and was terminated); a "
       "kernel launched before this call ran longer than the time limit that "
       "devices with a display have; the context cannot be used any more"},
  };
  for (auto &test : cases) {
    CUDAContext context = getContext();
    CUDAModule module = require(context.loadModule(kImage, "k.ptx"));
    CUDAFunction kernel = require(module.getFunction(test.kernel));
    CUDAStream stream = require(context.createStream());
    CUDAMemory memory = require(context.allocate(4));
    KernelArguments none;
    // The launch itself is in order; what waits for it learns the failure.
    EXPECT_SUCCESS(kernel.launch({}, none, stream));
    EXPECT_ERROR(stream.synchronize(),
                 std::string("cuStreamSynchronize failed: ") + test.message);
    // So does all that comes after.
    EXPECT_ERROR(context.synchronize(),
                 std::string("cuCtxSynchronize failed: ") + test.message);
    EXPECT_ERROR(memory.fill(0, 0, 4, stream),
                 std::string("cuMemsetD8Async(4 bytes) failed: ") +
                     test.message);
  }
}

static void testOtherFailures() {
  struct {
    int code;
    const char *message;
  } cases[] = {
      {710, "CUDA_ERROR_ASSERT (device-side assert triggered); a kernel "
            "launched before this call failed an assertion; the context cannot "
            "be used any more"},
      {715, "CUDA_ERROR_ILLEGAL_INSTRUCTION (an illegal instruction was "
            "encountered); a kernel launched before this call executed an "
            "illegal instruction; the context cannot be used any more"},
      {718, "CUDA_ERROR_INVALID_PC (invalid program counter); a kernel "
            "launched before this call jumped out of its program; the context "
            "cannot be used any more"},
  };
  CUDAContext context = getContext();
  for (auto &test : cases) {
    ScopedVariable fail("NSA_FAKE_CUDA_FAIL",
                        "cuCtxSynchronize=" + std::to_string(test.code));
    EXPECT_ERROR(context.synchronize(),
                 std::string("cuCtxSynchronize failed: ") + test.message);
  }
  ScopedVariable fail("NSA_FAKE_CUDA_FAIL", "cuCtxPushCurrent=201");
  EXPECT_ERROR(context.synchronize(),
               "cuCtxPushCurrent failed: CUDA_ERROR_INVALID_CONTEXT (invalid "
               "device context)");
}

static void testStreamsAndEvents() {
  CUDAContext context = getContext();
  CUDAStream first = require(context.createStream());
  CUDAStream second = require(context.createStream());
  CUDAEvent start = require(context.createEvent());
  CUDAEvent end = require(context.createEvent());
  CUDAMemory memory = require(context.allocate(4));
  CUDAMemory copy = require(context.allocate(4));
  EXPECT_ERROR(CUDAEvent::getMilliseconds(start, end),
               "cuEventElapsedTime failed: CUDA_ERROR_INVALID_HANDLE (invalid "
               "resource handle)");
  EXPECT_SUCCESS(start.record(first));
  EXPECT_SUCCESS(memory.fill('a', 0, 4, first));
  EXPECT_SUCCESS(end.record(first));
  EXPECT_ERROR(CUDAEvent::getMilliseconds(start, end),
               "cuEventElapsedTime failed: CUDA_ERROR_NOT_READY (device not "
               "ready)");
  // Nothing has made the first stream do its work; the second one waits.
  EXPECT_SUCCESS(second.wait(end));
  EXPECT_SUCCESS(copy.copyFrom(memory, 0, 0, 4, second));
  std::string back(4, '?');
  EXPECT_SUCCESS(copy.download(back.data(), 4, 0, second));
  EXPECT_TEXT(back, "aaaa");
  EXPECT_SUCCESS(end.synchronize());
  EXPECT(require(CUDAEvent::getMilliseconds(start, end)) == 0.03125f);

  // Moved objects are released once.
  CUDAStream moved = std::move(first);
  moved = std::move(second);
  CUDAEvent movedEvent = std::move(end);
  movedEvent = std::move(start);
  CUDAMemory movedMemory = std::move(memory);
  movedMemory = std::move(copy);
}

static void testLifetimes() {
  // What is in a context keeps it; functions keep their module.
  std::vector<CUDAFunction> functions;
  std::vector<CUDAMemory> memory;
  {
    CUDAContext context =
        require(CUDAContext::create(getDriver(), 0, CUDAContext::Kind::Own));
    memory.push_back(require(context.allocate(1)));
    functions.push_back(require(
        require(context.loadModule(kImage, "k.ptx")).getFunction("axpy")));
  }
  EXPECT_TEXT(getLiveObjects(), "contexts 1, current 0, modules 1, streams 0, "
                                "events 0, memory 1, orphans 0");
}

static void testOldDriver() {
  // Without cuFuncGetParamInfo, arguments are not checked.
  CUDADriver driver =
      require(CUDADriver::load(getLibraryDir() + "/libnsa_fake_cuda_old.so"));
  CUDAContext context = require(CUDAContext::create(driver, 0));
  CUDAModule module = require(context.loadModule(kImage, "k.ptx"));
  CUDAFunction axpy = require(module.getFunction("axpy"));
  EXPECT_SUCCESS(axpy.checkArguments(KernelArguments()));
}

std::vector<Test> runtimetest::getDeviceTests() {
  return {
      {"device.list", testDevices},
      {"device.none", testNoDevice},
      {"device.contexts", testContexts},
      {"device.memory", testMemory},
      {"device.out_of_memory", testOutOfMemory},
      {"device.modules", testModules},
      {"device.invalid_images", testInvalidImages},
      {"device.launch", testLaunch},
      {"device.refused_launches", testRefusedLaunches},
      {"device.failed_kernels", testFailedKernels},
      {"device.other_failures", testOtherFailures},
      {"device.streams_and_events", testStreamsAndEvents},
      {"device.lifetimes", testLifetimes},
      {"device.old_driver", testOldDriver},
  };
}
