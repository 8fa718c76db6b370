//===- FakeWork.cpp - Work of the fake driver -----------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Launches, memory, streams and events.
//
//===----------------------------------------------------------------------===//

#include "FakeCall.h"

#include <cstring>

using namespace fakecuda;

//===----------------------------------------------------------------------===//
// Streams
//===----------------------------------------------------------------------===//

/// Does the work of a stream; what fails makes the context unusable.
void fakecuda::flush(Stream *stream) {
  while (!stream->work.empty()) {
    auto work = std::move(stream->work.front());
    stream->work.pop_front();
    work();
  }
}

void fakecuda::flushAll(Context *context) {
  for (auto &[stream, owner] : getState().streams)
    if (stream->context == context)
      flush(stream);
}

/// Hands `work` to a stream. It does not run after a failure.
static CUresult enqueue(Context *context, CUstream handle, double milliseconds,
                        const std::function<CUresult()> &work) {
  Stream *stream = find(getState().streams, handle);
  if (!stream || stream->context != context)
    return CUDA_ERROR_INVALID_HANDLE;
  stream->work.push_back([=] {
    if (context->sticky != CUDA_SUCCESS)
      return;
    context->sticky = work();
    getState().milliseconds += milliseconds;
  });
  return CUDA_SUCCESS;
}

/// The function, or null if its module has been unloaded.
Function *fakecuda::findFunction(State &state, CUfunction handle) {
  for (auto &[module, owner] : state.modules)
    for (Function &function : module->functions)
      if (reinterpret_cast<CUfunction>(&function) == handle)
        return &function;
  return nullptr;
}

// The names are NVIDIA's.
// NOLINTBEGIN(readability-identifier-naming)
extern "C" {

//===----------------------------------------------------------------------===//
// Launches
//===----------------------------------------------------------------------===//

CUresult cuLaunchKernel(CUfunction handle, unsigned gridX, unsigned gridY,
                        unsigned gridZ, unsigned blockX, unsigned blockY,
                        unsigned blockZ, unsigned dynamicSharedBytes,
                        CUstream stream, void **parameters, void **) {
  BEGIN_IN_CONTEXT("cuLaunchKernel")
  Function *function = findFunction(state, handle);
  if (!function || function->context != context)
    return CUDA_ERROR_INVALID_HANDLE;
  uint64_t threads = uint64_t(blockX) * blockY * blockZ;
  if (!gridX || !gridY || !gridZ || gridY > 65535 || gridZ > 65535 ||
      !threads || threads > uint64_t(function->maxThreads) ||
      int64_t(dynamicSharedBytes) > function->maxDynamicSharedBytes)
    return CUDA_ERROR_INVALID_VALUE;
  Launch launch{function->name,
                {gridX, gridY, gridZ},
                {blockX, blockY, blockZ},
                dynamicSharedBytes,
                {}};
  for (size_t i = 0; i != function->parameterSizes.size(); ++i) {
    auto *bytes = static_cast<const char *>(parameters[i]);
    launch.arguments.emplace_back(bytes, bytes + function->parameterSizes[i]);
  }
  return enqueue(context, stream, 0.125, [context, launch] {
    return runKernel(getState(), context, launch);
  });
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

CUresult cuMemGetInfo_v2(size_t *free, size_t *total) {
  BEGIN_IN_CONTEXT("cuMemGetInfo")
  *total = size_t(getNumber("NSA_FAKE_CUDA_MEMORY", 1 << 30));
  *free = *total;
  for (auto &[address, allocation] : state.memory)
    *free -= allocation.bytes.size();
  return CUDA_SUCCESS;
}

CUresult cuMemAlloc_v2(CUdeviceptr *address, size_t bytes) {
  BEGIN_IN_CONTEXT("cuMemAlloc")
  if (bytes == 0)
    return CUDA_ERROR_INVALID_VALUE;
  size_t free = size_t(getNumber("NSA_FAKE_CUDA_MEMORY", 1 << 30));
  for (auto &[other, allocation] : state.memory)
    free -= allocation.bytes.size();
  if (bytes > free)
    return CUDA_ERROR_OUT_OF_MEMORY;
  *address = state.nextAddress;
  // No allocation touches the next.
  state.nextAddress += (bytes + 1023) / 512 * 512;
  state.memory[*address] = {context, std::vector<char>(bytes, '\xab')};
  return CUDA_SUCCESS;
}

CUresult cuMemFree_v2(CUdeviceptr address) {
  BEGIN("cuMemFree", Call::Releases)
  auto found = state.memory.find(address);
  if (found == state.memory.end())
    return CUDA_ERROR_INVALID_VALUE;
  flushAll(found->second.context);
  state.memory.erase(found);
  return CUDA_SUCCESS;
}

CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr target, const void *source,
                              size_t bytes, CUstream stream) {
  BEGIN_IN_CONTEXT("cuMemcpyHtoDAsync")
  if (!state.access(context, target, bytes))
    return CUDA_ERROR_INVALID_VALUE;
  // What is in pageable memory has been read when the call returns.
  auto *begin = static_cast<const char *>(source);
  std::vector<char> staged(begin, begin + bytes);
  return enqueue(context, stream, 0.0625, [=] {
    std::memcpy(getState().access(context, target, bytes), staged.data(),
                bytes);
    return CUDA_SUCCESS;
  });
}

CUresult cuMemcpyDtoHAsync_v2(void *target, CUdeviceptr source, size_t bytes,
                              CUstream stream) {
  BEGIN_IN_CONTEXT("cuMemcpyDtoHAsync")
  if (!state.access(context, source, bytes))
    return CUDA_ERROR_INVALID_VALUE;
  CUresult result = enqueue(context, stream, 0.0625, [=] {
    std::memcpy(target, getState().access(context, source, bytes), bytes);
    return CUDA_SUCCESS;
  });
  // Pageable memory has been written when the call returns.
  if (result == CUDA_SUCCESS) {
    flush(find(state.streams, stream));
    result = context->sticky;
  }
  return result;
}

CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr target, CUdeviceptr source,
                              size_t bytes, CUstream stream) {
  BEGIN_IN_CONTEXT("cuMemcpyDtoDAsync")
  if (!state.access(context, source, bytes) ||
      !state.access(context, target, bytes))
    return CUDA_ERROR_INVALID_VALUE;
  return enqueue(context, stream, 0.0625, [=] {
    std::memcpy(getState().access(context, target, bytes),
                getState().access(context, source, bytes), bytes);
    return CUDA_SUCCESS;
  });
}

CUresult cuMemsetD8Async(CUdeviceptr target, unsigned char byte, size_t bytes,
                         CUstream stream) {
  BEGIN_IN_CONTEXT("cuMemsetD8Async")
  if (!state.access(context, target, bytes))
    return CUDA_ERROR_INVALID_VALUE;
  return enqueue(context, stream, 0.03125, [=] {
    std::memset(getState().access(context, target, bytes), byte, bytes);
    return CUDA_SUCCESS;
  });
}

//===----------------------------------------------------------------------===//
// Streams and events
//===----------------------------------------------------------------------===//

CUresult cuStreamCreate(CUstream *handle, unsigned) {
  BEGIN_IN_CONTEXT("cuStreamCreate")
  make(state.streams, context, handle);
  return CUDA_SUCCESS;
}

CUresult cuStreamDestroy_v2(CUstream handle) {
  BEGIN("cuStreamDestroy", Call::Releases)
  Stream *stream = find(state.streams, handle);
  if (!stream)
    return CUDA_ERROR_INVALID_HANDLE;
  flush(stream);
  state.streams.erase(stream);
  return CUDA_SUCCESS;
}

CUresult cuStreamSynchronize(CUstream handle) {
  BEGIN_IN_CONTEXT("cuStreamSynchronize")
  Stream *stream = find(state.streams, handle);
  if (!stream)
    return CUDA_ERROR_INVALID_HANDLE;
  flush(stream);
  return context->sticky;
}

CUresult cuStreamWaitEvent(CUstream handle, CUevent eventHandle, unsigned) {
  BEGIN_IN_CONTEXT("cuStreamWaitEvent")
  Event *event = find(state.events, eventHandle);
  if (!event)
    return CUDA_ERROR_INVALID_HANDLE;
  return enqueue(context, handle, 0, [event] {
    if (event->pending)
      flush(event->stream);
    return CUDA_SUCCESS;
  });
}

CUresult cuEventCreate(CUevent *handle, unsigned) {
  BEGIN_IN_CONTEXT("cuEventCreate")
  make(state.events, context, handle);
  return CUDA_SUCCESS;
}

CUresult cuEventDestroy_v2(CUevent handle) {
  BEGIN("cuEventDestroy", Call::Releases)
  Event *event = find(state.events, handle);
  if (!event)
    return CUDA_ERROR_INVALID_HANDLE;
  if (event->pending)
    flush(event->stream);
  state.events.erase(event);
  return CUDA_SUCCESS;
}

CUresult cuEventRecord(CUevent handle, CUstream streamHandle) {
  BEGIN_IN_CONTEXT("cuEventRecord")
  Event *event = find(state.events, handle);
  Stream *stream = find(state.streams, streamHandle);
  if (!event || !stream)
    return CUDA_ERROR_INVALID_HANDLE;
  event->stream = stream;
  ++event->pending;
  // Reached even if a kernel before it fails.
  stream->work.push_back([event] {
    --event->pending;
    event->reached = true;
    event->milliseconds = getState().milliseconds;
  });
  return CUDA_SUCCESS;
}

CUresult cuEventSynchronize(CUevent handle) {
  BEGIN_IN_CONTEXT("cuEventSynchronize")
  Event *event = find(state.events, handle);
  if (!event)
    return CUDA_ERROR_INVALID_HANDLE;
  if (event->pending)
    flush(event->stream);
  return context->sticky;
}

CUresult cuEventElapsedTime(float *milliseconds, CUevent startHandle,
                            CUevent endHandle) {
  BEGIN_IN_CONTEXT("cuEventElapsedTime")
  Event *start = find(state.events, startHandle);
  Event *end = find(state.events, endHandle);
  if (!start || !end || start->stream == nullptr || end->stream == nullptr)
    return CUDA_ERROR_INVALID_HANDLE;
  if (start->pending || end->pending)
    return CUDA_ERROR_NOT_READY;
  *milliseconds = float(end->milliseconds - start->milliseconds);
  return CUDA_SUCCESS;
}

} // extern "C"
// NOLINTEND(readability-identifier-naming)
