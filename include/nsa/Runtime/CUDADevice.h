//===- CUDADevice.h - A CUDA device and what lives on it --------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Contexts, modules, kernels, memory, streams and events as objects that
// release what they hold. An object keeps the context alive that it belongs to,
// so the order of destruction does not matter. Every operation makes its
// context current only while it runs: a process that also uses CUDA elsewhere
// (PyTorch, say) finds its own context current as before.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_RUNTIME_CUDADEVICE_H
#define NSA_RUNTIME_CUDADEVICE_H

#include "nsa/Runtime/CUDADriver.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace mlir::nsa::runtime {

/// Facts of a device, as the driver tells them.
struct DeviceInfo {
  int ordinal = 0;
  std::string name;
  int major = 0;
  int minor = 0;
  size_t totalBytes = 0;
  int multiprocessors = 0;
  int l2Bytes = 0;
  int maxThreadsPerBlock = 0;
  std::array<int, 3> maxBlock = {};
  std::array<int, 3> maxGrid = {};
  /// Static and dynamic shared memory of a block that asks for the most.
  int maxSharedBytesPerBlock = 0;

  /// "sm_90".
  std::string getChip() const;
};

/// Every device's facts; an error if there is no device.
Expected<std::vector<DeviceInfo>> listDevices(const CUDADriver &driver);

/// Static facts of a kernel: CU_FUNC_ATTRIBUTE_*.
struct FunctionAttributes {
  int registers = 0;
  int staticSharedBytes = 0;
  int localBytes = 0;
  int constantBytes = 0;
  int maxThreadsPerBlock = 0;
  int maxDynamicSharedBytes = 0;
  int ptxVersion = 0;
  int binaryVersion = 0;
};

struct LaunchConfig {
  std::array<unsigned, 3> grid = {1, 1, 1};
  std::array<unsigned, 3> block = {1, 1, 1};
  unsigned dynamicSharedBytes = 0;
};

/// The values for a kernel's parameters, in order.
class KernelArguments {
public:
  template <typename T> void add(const T &value) {
    static_assert(std::is_trivially_copyable_v<T>, "arguments are bytes");
    addBytes(&value, sizeof(T));
  }
  void addBytes(const void *data, size_t size);

  size_t size() const { return offsets.size(); }
  size_t getSize(size_t index) const { return sizes[index]; }
  /// What cuLaunchKernel takes; valid until the next change.
  std::vector<void *> getPointers();

private:
  std::vector<char> storage;
  std::vector<size_t> offsets;
  std::vector<size_t> sizes;
};

namespace detail {
struct ContextState;
struct ModuleState;
} // namespace detail

/// A queue of work. Work in different streams is not ordered.
class CUDAStream {
public:
  CUDAStream(CUDAStream &&) noexcept;
  CUDAStream &operator=(CUDAStream &&) noexcept;
  ~CUDAStream();

  /// Waits for all work so far; returns the errors of that work, too.
  Status synchronize() const;
  /// Later work in this stream waits for what `event` recorded.
  Status wait(const class CUDAEvent &event) const;

  cu::CUstream getHandle() const { return handle; }

private:
  friend class CUDAContext;
  CUDAStream(std::shared_ptr<detail::ContextState> context, cu::CUstream handle)
      : context(std::move(context)), handle(handle) {}

  std::shared_ptr<detail::ContextState> context;
  cu::CUstream handle = nullptr;
};

/// A point in a stream.
class CUDAEvent {
public:
  CUDAEvent(CUDAEvent &&) noexcept;
  CUDAEvent &operator=(CUDAEvent &&) noexcept;
  ~CUDAEvent();

  Status record(const CUDAStream &stream) const;
  Status synchronize() const;
  /// Both must have been reached.
  static Expected<float> getMilliseconds(const CUDAEvent &start,
                                         const CUDAEvent &end);

private:
  friend class CUDAContext;
  friend class CUDAStream;
  CUDAEvent(std::shared_ptr<detail::ContextState> context, cu::CUevent handle)
      : context(std::move(context)), handle(handle) {}

  std::shared_ptr<detail::ContextState> context;
  cu::CUevent handle = nullptr;
};

/// Memory of the device.
class CUDAMemory {
public:
  CUDAMemory(CUDAMemory &&) noexcept;
  CUDAMemory &operator=(CUDAMemory &&) noexcept;
  ~CUDAMemory();

  cu::CUdeviceptr getAddress() const { return address; }
  size_t getNumBytes() const { return numBytes; }

  /// Copies between the host and `offset` of this memory, after the work that
  /// is in the stream, and waits until it is done.
  Status upload(const void *source, size_t bytes, size_t offset,
                const CUDAStream &stream);
  Status download(void *target, size_t bytes, size_t offset,
                  const CUDAStream &stream) const;

  // These do not wait.
  Status fill(unsigned char byte, size_t offset, size_t bytes,
              const CUDAStream &stream);
  Status copyFrom(const CUDAMemory &source, size_t sourceOffset, size_t offset,
                  size_t bytes, const CUDAStream &stream);

private:
  friend class CUDAContext;
  CUDAMemory(std::shared_ptr<detail::ContextState> context,
             cu::CUdeviceptr address, size_t numBytes)
      : context(std::move(context)), address(address), numBytes(numBytes) {}
  Status checkRange(const char *what, size_t offset, size_t bytes) const;

  std::shared_ptr<detail::ContextState> context;
  cu::CUdeviceptr address = 0;
  size_t numBytes = 0;
};

/// A kernel of a module, which it keeps loaded.
class CUDAFunction {
public:
  const std::string &getName() const { return name; }
  const FunctionAttributes &getAttributes() const { return attributes; }

  /// Refuses what the device cannot do with a message that says so, raises the
  /// kernel's limit of dynamic shared memory where needed, and launches. Does
  /// not wait: what goes wrong in the kernel is an error of a later call.
  Status launch(const LaunchConfig &config, KernelArguments &arguments,
                const CUDAStream &stream);

  /// Compares number and sizes of the arguments with the kernel's parameters.
  /// Drivers older than CUDA 12.4 cannot tell; it succeeds then.
  Status checkArguments(const KernelArguments &arguments) const;

private:
  friend class CUDAModule;
  CUDAFunction() = default;

  std::shared_ptr<detail::ModuleState> module;
  cu::CUfunction handle = nullptr;
  std::string name;
  FunctionAttributes attributes;
};

/// A loaded image: PTX, which the driver compiles, or a cubin.
class CUDAModule {
public:
  Expected<CUDAFunction> getFunction(const std::string &name) const;
  /// What the driver's compiler said of a PTX image that it accepted.
  const std::string &getLog() const;

private:
  friend class CUDAContext;
  explicit CUDAModule(std::shared_ptr<detail::ModuleState> state)
      : state(std::move(state)) {}

  std::shared_ptr<detail::ModuleState> state;
};

/// A context on a device.
class CUDAContext {
public:
  enum class Kind {
    /// The one that the CUDA runtime (and so PyTorch) uses.
    Primary,
    /// A new one, of nobody else's.
    Own,
  };
  static Expected<CUDAContext> create(const CUDADriver &driver, int ordinal,
                                      Kind kind = Kind::Primary);

  const CUDADriver &getDriver() const;
  const DeviceInfo &getDevice() const;

  /// Waits for all work of the context.
  Status synchronize() const;
  /// Free and total bytes of the device.
  Expected<std::pair<size_t, size_t>> getMemoryInfo() const;

  /// `name` is what errors call the image, a file's name for instance.
  Expected<CUDAModule> loadModule(const std::string &image,
                                  const std::string &name) const;
  /// At least one byte, aligned to 256. `name` is what errors call it.
  Expected<CUDAMemory> allocate(size_t bytes,
                                const std::string &name = "") const;
  Expected<CUDAStream> createStream() const;
  Expected<CUDAEvent> createEvent() const;

private:
  explicit CUDAContext(std::shared_ptr<detail::ContextState> state)
      : state(std::move(state)) {}

  std::shared_ptr<detail::ContextState> state;
};

/// Whether the image is an ELF file or a fatbin rather than PTX text.
bool isBinaryImage(const std::string &image);

} // namespace mlir::nsa::runtime

#endif // NSA_RUNTIME_CUDADEVICE_H
