//===- CUDADevice.cpp - Devices, contexts, memory, streams, events --------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See CUDAModule.cpp for modules and kernels.
//
//===----------------------------------------------------------------------===//

#include "nsa/Runtime/CUDADevice.h"

#include "CUDAContextState.h"

using namespace mlir::nsa::runtime;
using namespace mlir::nsa::runtime::cu;
using detail::ContextState;

//===----------------------------------------------------------------------===//
// Devices
//===----------------------------------------------------------------------===//

std::string DeviceInfo::getChip() const {
  return "sm_" + std::to_string(major) + std::to_string(minor);
}

static Expected<DeviceInfo> getDeviceInfo(const CUDADriver &driver, int ordinal,
                                          CUdevice &device) {
  const Functions &functions = driver.functions();
  DeviceInfo info;
  info.ordinal = ordinal;
  if (CUresult result = functions.cuDeviceGet(&device, ordinal))
    return driver.makeError(result,
                            "cuDeviceGet(" + std::to_string(ordinal) + ")");
  char name[256] = {};
  if (CUresult result = functions.cuDeviceGetName(name, sizeof(name), device))
    return driver.makeError(result, "cuDeviceGetName");
  info.name = name;
  if (CUresult result = functions.cuDeviceTotalMem_v2(&info.totalBytes, device))
    return driver.makeError(result, "cuDeviceTotalMem");

  const std::pair<CUdevice_attribute, int *> attributes[] = {
      {CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, &info.major},
      {CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, &info.minor},
      {CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, &info.multiprocessors},
      {CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE, &info.l2Bytes},
      {CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK, &info.maxThreadsPerBlock},
      {CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X, &info.maxBlock[0]},
      {CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y, &info.maxBlock[1]},
      {CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z, &info.maxBlock[2]},
      {CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X, &info.maxGrid[0]},
      {CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y, &info.maxGrid[1]},
      {CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z, &info.maxGrid[2]},
      {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN,
       &info.maxSharedBytesPerBlock},
  };
  for (auto [attribute, value] : attributes)
    if (CUresult result =
            functions.cuDeviceGetAttribute(value, attribute, device))
      return driver.makeError(result, "cuDeviceGetAttribute(attribute " +
                                          std::to_string(int(attribute)) + ")");
  return info;
}

/// The number of devices, which must not be 0.
static Expected<int> requireDevices(const CUDADriver &driver) {
  Expected<int> count = driver.getDeviceCount();
  if (count && *count == 0)
    return Error("the CUDA driver " + driver.getLibrary() +
                 " finds no device; `nvidia-smi` lists the devices; "
                 "CUDA_VISIBLE_DEVICES may hide them");
  return count;
}

Expected<std::vector<DeviceInfo>>
mlir::nsa::runtime::listDevices(const CUDADriver &driver) {
  Expected<int> count = requireDevices(driver);
  if (!count)
    return count.takeError();
  std::vector<DeviceInfo> devices;
  for (int ordinal = 0; ordinal != *count; ++ordinal) {
    CUdevice device = 0;
    Expected<DeviceInfo> info = getDeviceInfo(driver, ordinal, device);
    if (!info)
      return info.takeError();
    devices.push_back(std::move(*info));
  }
  return devices;
}

//===----------------------------------------------------------------------===//
// Contexts
//===----------------------------------------------------------------------===//

ContextState::~ContextState() {
  if (!context)
    return;
  if (primary)
    (void)driver.functions().cuDevicePrimaryCtxRelease_v2(device);
  else
    (void)driver.functions().cuCtxDestroy_v2(context);
}

Expected<CUDAContext> CUDAContext::create(const CUDADriver &driver, int ordinal,
                                          Kind kind) {
  Expected<int> count = requireDevices(driver);
  if (!count)
    return count.takeError();
  if (ordinal < 0 || ordinal >= *count)
    return Error("there is no device " + std::to_string(ordinal) + ": the " +
                 std::to_string(*count) +
                 " of this machine are numbered 0 to " +
                 std::to_string(*count - 1));

  auto state = std::make_shared<ContextState>(driver);
  Expected<DeviceInfo> info = getDeviceInfo(driver, ordinal, state->device);
  if (!info)
    return info.takeError();
  state->info = std::move(*info);
  state->primary = kind == Kind::Primary;
  const Functions &functions = driver.functions();
  if (state->primary) {
    CUresult result =
        functions.cuDevicePrimaryCtxRetain(&state->context, state->device);
    if (result != CUDA_SUCCESS) {
      state->context = nullptr;
      return driver.makeError(result, "cuDevicePrimaryCtxRetain(device " +
                                          std::to_string(ordinal) + ")");
    }
    return CUDAContext(std::move(state));
  }
  CUresult result = functions.cuCtxCreate_v2(&state->context, CU_CTX_SCHED_AUTO,
                                             state->device);
  if (result != CUDA_SUCCESS) {
    state->context = nullptr;
    return driver.makeError(result, "cuCtxCreate(device " +
                                        std::to_string(ordinal) + ")");
  }
  // It was also made current, which no operation here relies on.
  CUcontext popped = nullptr;
  if (CUresult result = functions.cuCtxPopCurrent_v2(&popped))
    return driver.makeError(result, "cuCtxPopCurrent");
  return CUDAContext(std::move(state));
}

const CUDADriver &CUDAContext::getDriver() const { return state->driver; }

const DeviceInfo &CUDAContext::getDevice() const { return state->info; }

Status CUDAContext::synchronize() const {
  return state->run([](const Functions &f) { return f.cuCtxSynchronize(); },
                    [] { return "cuCtxSynchronize"; });
}

Expected<std::pair<size_t, size_t>> CUDAContext::getMemoryInfo() const {
  size_t free = 0, total = 0;
  Status status = state->run(
      [&](const Functions &f) { return f.cuMemGetInfo_v2(&free, &total); },
      [] { return "cuMemGetInfo"; });
  if (status.failed())
    return status.takeError();
  return std::make_pair(free, total);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Expected<CUDAMemory> CUDAContext::allocate(size_t bytes,
                                           const std::string &name) const {
  CUdeviceptr address = 0;
  // The driver refuses to allocate nothing.
  size_t asked = bytes == 0 ? 1 : bytes;
  Status status = state->run(
      [&](const Functions &f) { return f.cuMemAlloc_v2(&address, asked); },
      [&] { return "cuMemAlloc(" + std::to_string(asked) + " bytes)"; });
  if (status.failed()) {
    Error error = status.takeError();
    if (error.getCode() == CUDA_ERROR_OUT_OF_MEMORY) {
      std::string advice = std::to_string(asked) + " bytes asked";
      if (Expected<std::pair<size_t, size_t>> memory = getMemoryInfo())
        advice += ", " + std::to_string(memory->first) + " of " +
                  std::to_string(memory->second) + " bytes free on " +
                  state->info.name;
      error = std::move(error).addAdvice(advice);
    }
    if (!name.empty())
      error = std::move(error).addContext(name);
    return error;
  }
  return CUDAMemory(state, address, bytes);
}

CUDAMemory::CUDAMemory(CUDAMemory &&other) noexcept
    : context(std::move(other.context)),
      address(std::exchange(other.address, 0)),
      numBytes(std::exchange(other.numBytes, 0)) {}

CUDAMemory &CUDAMemory::operator=(CUDAMemory &&other) noexcept {
  std::swap(context, other.context);
  std::swap(address, other.address);
  std::swap(numBytes, other.numBytes);
  return *this;
}

CUDAMemory::~CUDAMemory() {
  if (address)
    context->release(
        [&](const Functions &f) { return f.cuMemFree_v2(address); });
}

Status CUDAMemory::checkRange(const char *what, size_t offset,
                              size_t bytes) const {
  if (offset <= numBytes && bytes <= numBytes - offset)
    return Status::success();
  return Error(std::string(what) + " of " + std::to_string(bytes) +
               " bytes at offset " + std::to_string(offset) +
               " exceeds memory of " + std::to_string(numBytes) + " bytes");
}

Status CUDAMemory::upload(const void *source, size_t bytes, size_t offset,
                          const CUDAStream &stream) {
  if (Status status = checkRange("upload", offset, bytes); status.failed())
    return status;
  if (bytes == 0)
    return Status::success();
  Status status = context->run(
      [&](const Functions &f) {
        return f.cuMemcpyHtoDAsync_v2(address + offset, source, bytes,
                                      stream.getHandle());
      },
      [&] { return "cuMemcpyHtoDAsync(" + std::to_string(bytes) + " bytes)"; });
  return status.failed() ? std::move(status) : stream.synchronize();
}

Status CUDAMemory::download(void *target, size_t bytes, size_t offset,
                            const CUDAStream &stream) const {
  if (Status status = checkRange("download", offset, bytes); status.failed())
    return status;
  if (bytes == 0)
    return Status::success();
  Status status = context->run(
      [&](const Functions &f) {
        return f.cuMemcpyDtoHAsync_v2(target, address + offset, bytes,
                                      stream.getHandle());
      },
      [&] { return "cuMemcpyDtoHAsync(" + std::to_string(bytes) + " bytes)"; });
  return status.failed() ? std::move(status) : stream.synchronize();
}

Status CUDAMemory::fill(unsigned char byte, size_t offset, size_t bytes,
                        const CUDAStream &stream) {
  if (Status status = checkRange("fill", offset, bytes); status.failed())
    return status;
  if (bytes == 0)
    return Status::success();
  return context->run(
      [&](const Functions &f) {
        return f.cuMemsetD8Async(address + offset, byte, bytes,
                                 stream.getHandle());
      },
      [&] { return "cuMemsetD8Async(" + std::to_string(bytes) + " bytes)"; });
}

Status CUDAMemory::copyFrom(const CUDAMemory &source, size_t sourceOffset,
                            size_t offset, size_t bytes,
                            const CUDAStream &stream) {
  if (Status status = source.checkRange("copy from", sourceOffset, bytes);
      status.failed())
    return status;
  if (Status status = checkRange("copy to", offset, bytes); status.failed())
    return status;
  if (bytes == 0)
    return Status::success();
  return context->run(
      [&](const Functions &f) {
        return f.cuMemcpyDtoDAsync_v2(address + offset,
                                      source.address + sourceOffset, bytes,
                                      stream.getHandle());
      },
      [&] { return "cuMemcpyDtoDAsync(" + std::to_string(bytes) + " bytes)"; });
}

//===----------------------------------------------------------------------===//
// Streams
//===----------------------------------------------------------------------===//

Expected<CUDAStream> CUDAContext::createStream() const {
  CUstream handle = nullptr;
  // One that ignores the legacy default stream, where the rest of the process
  // may be at work.
  Status status = state->run(
      [&](const Functions &f) {
        return f.cuStreamCreate(&handle, CU_STREAM_NON_BLOCKING);
      },
      [] { return "cuStreamCreate"; });
  if (status.failed())
    return status.takeError();
  return CUDAStream(state, handle);
}

CUDAStream::CUDAStream(CUDAStream &&other) noexcept
    : context(std::move(other.context)),
      handle(std::exchange(other.handle, nullptr)) {}

CUDAStream &CUDAStream::operator=(CUDAStream &&other) noexcept {
  std::swap(context, other.context);
  std::swap(handle, other.handle);
  return *this;
}

CUDAStream::~CUDAStream() {
  if (handle)
    context->release(
        [&](const Functions &f) { return f.cuStreamDestroy_v2(handle); });
}

Status CUDAStream::synchronize() const {
  return context->run(
      [&](const Functions &f) { return f.cuStreamSynchronize(handle); },
      [] { return "cuStreamSynchronize"; });
}

Status CUDAStream::wait(const CUDAEvent &event) const {
  return context->run(
      [&](const Functions &f) {
        return f.cuStreamWaitEvent(handle, event.handle, 0);
      },
      [] { return "cuStreamWaitEvent"; });
}

//===----------------------------------------------------------------------===//
// Events
//===----------------------------------------------------------------------===//

Expected<CUDAEvent> CUDAContext::createEvent() const {
  CUevent handle = nullptr;
  Status status = state->run(
      [&](const Functions &f) {
        return f.cuEventCreate(&handle, CU_EVENT_DEFAULT);
      },
      [] { return "cuEventCreate"; });
  if (status.failed())
    return status.takeError();
  return CUDAEvent(state, handle);
}

CUDAEvent::CUDAEvent(CUDAEvent &&other) noexcept
    : context(std::move(other.context)),
      handle(std::exchange(other.handle, nullptr)) {}

CUDAEvent &CUDAEvent::operator=(CUDAEvent &&other) noexcept {
  std::swap(context, other.context);
  std::swap(handle, other.handle);
  return *this;
}

CUDAEvent::~CUDAEvent() {
  if (handle)
    context->release(
        [&](const Functions &f) { return f.cuEventDestroy_v2(handle); });
}

Status CUDAEvent::record(const CUDAStream &stream) const {
  return context->run(
      [&](const Functions &f) {
        return f.cuEventRecord(handle, stream.getHandle());
      },
      [] { return "cuEventRecord"; });
}

Status CUDAEvent::synchronize() const {
  return context->run(
      [&](const Functions &f) { return f.cuEventSynchronize(handle); },
      [] { return "cuEventSynchronize"; });
}

Expected<float> CUDAEvent::getMilliseconds(const CUDAEvent &start,
                                           const CUDAEvent &end) {
  float milliseconds = 0;
  Status status = start.context->run(
      [&](const Functions &f) {
        return f.cuEventElapsedTime(&milliseconds, start.handle, end.handle);
      },
      [] { return "cuEventElapsedTime"; });
  if (status.failed())
    return status.takeError();
  return milliseconds;
}
