//===- CUDAModule.cpp - Modules and kernels of a CUDA device --------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loading, with what the driver's compiler says, and launching, with the checks
// for which the driver would only say "invalid value".
//
//===----------------------------------------------------------------------===//

#include "CUDAContextState.h"

using namespace mlir::nsa::runtime;
using namespace mlir::nsa::runtime::cu;
using detail::ModuleState;

//===----------------------------------------------------------------------===//
// Modules
//===----------------------------------------------------------------------===//

bool mlir::nsa::runtime::isBinaryImage(const std::string &image) {
  return image.compare(0, 4,
                       "\x7f"
                       "ELF") == 0 ||
         image.compare(0, 4, "\x50\xed\x55\xba") == 0;
}

ModuleState::~ModuleState() {
  if (module)
    context->release(
        [&](const Functions &f) { return f.cuModuleUnload(module); });
}

Expected<CUDAModule> CUDAContext::loadModule(const std::string &image,
                                             const std::string &name) const {
  if (image.empty())
    return Error(name + ": the image is empty");
  auto module = std::make_shared<ModuleState>();
  module->context = state;
  module->name = name;

  constexpr size_t kLogBytes = 1 << 16;
  std::vector<char> info(kLogBytes), errors(kLogBytes);
  CUjit_option options[] = {
      CU_JIT_INFO_LOG_BUFFER,  CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES,
      CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES,
      CU_JIT_LOG_VERBOSE,
  };
  // Numbers are passed in the place of the pointer.
  // NOLINTNEXTLINE(performance-no-int-to-ptr)
  auto number = [](uintptr_t value) { return reinterpret_cast<void *>(value); };
  void *values[] = {info.data(), number(kLogBytes), errors.data(),
                    number(kLogBytes), number(1)};
  Status status = state->run(
      [&](const Functions &f) {
        return f.cuModuleLoadDataEx(&module->module, image.c_str(),
                                    std::size(options), options, values);
      },
      [] { return "cuModuleLoadDataEx"; });
  info.back() = errors.back() = '\0';
  if (status.failed()) {
    module->module = nullptr;
    Error error = status.takeError().addContext(name);
    if (error.getCode() == CUDA_ERROR_NO_BINARY_FOR_GPU)
      error = std::move(error).addAdvice("this one, " + state->info.name +
                                         ", is " + state->info.getChip());
    else if (error.getCode() == CUDA_ERROR_UNSUPPORTED_PTX_VERSION)
      error = std::move(error).addAdvice(
          "the driver is of CUDA " +
          formatCUDAVersion(state->driver.getVersion()));
    else if (error.getCode() == CUDA_ERROR_INVALID_IMAGE &&
             !isBinaryImage(image))
      error = std::move(error).addAdvice(
          "the image is neither PTX text nor a cubin");
    return std::move(error).addLog(errors.data());
  }
  module->log = info.data();
  return CUDAModule(std::move(module));
}

const std::string &CUDAModule::getLog() const { return state->log; }

Expected<CUDAFunction> CUDAModule::getFunction(const std::string &name) const {
  CUDAFunction function;
  function.module = state;
  function.name = name;
  Status status = state->context->run(
      [&](const Functions &f) {
        return f.cuModuleGetFunction(&function.handle, state->module,
                                     name.c_str());
      },
      [&] { return "cuModuleGetFunction(" + name + ")"; });
  if (status.failed()) {
    Error error = status.takeError().addContext(state->name);
    if (error.getCode() == CUDA_ERROR_NOT_FOUND)
      error = std::move(error).addAdvice("the image has no such kernel");
    return error;
  }

  FunctionAttributes &attributes = function.attributes;
  const std::pair<CUfunction_attribute, int *> fields[] = {
      {CU_FUNC_ATTRIBUTE_NUM_REGS, &attributes.registers},
      {CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, &attributes.staticSharedBytes},
      {CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES, &attributes.localBytes},
      {CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES, &attributes.constantBytes},
      {CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, &attributes.maxThreadsPerBlock},
      {CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
       &attributes.maxDynamicSharedBytes},
      {CU_FUNC_ATTRIBUTE_PTX_VERSION, &attributes.ptxVersion},
      {CU_FUNC_ATTRIBUTE_BINARY_VERSION, &attributes.binaryVersion},
  };
  for (auto [attribute, value] : fields) {
    Status status = state->context->run(
        [&, attribute = attribute, value = value](const Functions &f) {
          return f.cuFuncGetAttribute(value, attribute, function.handle);
        },
        [&, attribute = attribute] {
          return "cuFuncGetAttribute(" + name + ", attribute " +
                 std::to_string(int(attribute)) + ")";
        });
    if (status.failed())
      return status.takeError();
  }
  return function;
}

//===----------------------------------------------------------------------===//
// Launches
//===----------------------------------------------------------------------===//

void KernelArguments::addBytes(const void *data, size_t size) {
  // As aligned as the vector's memory is.
  size_t offset = (storage.size() + 15) / 16 * 16;
  storage.resize(offset + size);
  std::memcpy(storage.data() + offset, data, size);
  offsets.push_back(offset);
  sizes.push_back(size);
}

std::vector<void *> KernelArguments::getPointers() {
  std::vector<void *> pointers;
  pointers.reserve(offsets.size());
  for (size_t offset : offsets)
    pointers.push_back(storage.data() + offset);
  return pointers;
}

static std::string formatDimensions(const std::array<unsigned, 3> &value) {
  return std::to_string(value[0]) + "x" + std::to_string(value[1]) + "x" +
         std::to_string(value[2]);
}

/// What the device or the kernel does not allow.
static Status checkConfig(const DeviceInfo &info, const std::string &name,
                          const FunctionAttributes &attributes,
                          const LaunchConfig &config) {
  auto refuse = [&](const std::string &message) {
    return Error("kernel " + name + ": " + message);
  };
  auto checkDimensions = [&](const char *what,
                             const std::array<unsigned, 3> &value,
                             const std::array<int, 3> &limit) -> Status {
    for (int i = 0; i != 3; ++i) {
      if (value[i] == 0)
        return refuse(std::string(what) + " " + formatDimensions(value) +
                      " is empty");
      if (value[i] > unsigned(limit[i]))
        return refuse(std::string(what) + " " + formatDimensions(value) +
                      " exceeds the device's limit of " +
                      std::to_string(limit[i]) + " in dimension " + "xyz"[i]);
    }
    return Status::success();
  };
  if (Status status = checkDimensions("grid", config.grid, info.maxGrid);
      status.failed())
    return status;
  if (Status status = checkDimensions("block", config.block, info.maxBlock);
      status.failed())
    return status;
  uint64_t threads =
      uint64_t(config.block[0]) * config.block[1] * config.block[2];
  if (threads > uint64_t(attributes.maxThreadsPerBlock))
    return refuse("block " + formatDimensions(config.block) + " has " +
                  std::to_string(threads) + " threads; with its " +
                  std::to_string(attributes.registers) +
                  " registers, or as it was compiled, the kernel allows " +
                  std::to_string(attributes.maxThreadsPerBlock));
  int64_t shared =
      int64_t(config.dynamicSharedBytes) + attributes.staticSharedBytes;
  if (shared > info.maxSharedBytesPerBlock)
    return refuse(
        std::to_string(config.dynamicSharedBytes) + " bytes of dynamic and " +
        std::to_string(attributes.staticSharedBytes) +
        " of static shared memory exceed the " +
        std::to_string(info.maxSharedBytesPerBlock) +
        " that a block may have on " + info.name + " (" + info.getChip() + ")");
  return Status::success();
}

Status CUDAFunction::launch(const LaunchConfig &config,
                            KernelArguments &arguments,
                            const CUDAStream &stream) {
  const detail::ContextState &context = *module->context;
  if (Status status = checkConfig(context.info, name, attributes, config);
      status.failed())
    return status;
  if (int64_t(config.dynamicSharedBytes) > attributes.maxDynamicSharedBytes) {
    Status status = context.run(
        [&](const Functions &f) {
          return f.cuFuncSetAttribute(
              handle, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
              int(config.dynamicSharedBytes));
        },
        [&] {
          return "cuFuncSetAttribute(" + name + ", " +
                 std::to_string(config.dynamicSharedBytes) +
                 " bytes of dynamic shared memory)";
        });
    if (status.failed())
      return status;
    attributes.maxDynamicSharedBytes = int(config.dynamicSharedBytes);
  }
  std::vector<void *> pointers = arguments.getPointers();
  return context.run(
      [&](const Functions &f) {
        return f.cuLaunchKernel(handle, config.grid[0], config.grid[1],
                                config.grid[2], config.block[0],
                                config.block[1], config.block[2],
                                config.dynamicSharedBytes, stream.getHandle(),
                                pointers.data(), nullptr);
      },
      [&] {
        return "cuLaunchKernel(" + name + ", grid " +
               formatDimensions(config.grid) + ", block " +
               formatDimensions(config.block) + ", " +
               std::to_string(config.dynamicSharedBytes) +
               " bytes of dynamic shared memory)";
      });
}

Status CUDAFunction::checkArguments(const KernelArguments &arguments) const {
  const detail::ContextState &context = *module->context;
  if (!context.driver.functions().cuFuncGetParamInfo)
    return Status::success();
  // It answers "invalid value" for the first index that there is not.
  std::vector<size_t> sizes;
  while (sizes.size() <= 4096) {
    size_t offset = 0, size = 0;
    Status status = context.run(
        [&](const Functions &f) {
          return f.cuFuncGetParamInfo(handle, sizes.size(), &offset, &size);
        },
        [&] { return "cuFuncGetParamInfo(" + name + ")"; });
    if (status.failed()) {
      if (status.getError().getCode() == CUDA_ERROR_INVALID_VALUE)
        break;
      return status;
    }
    sizes.push_back(size);
  }
  if (sizes.size() != arguments.size())
    return Error("kernel " + name + " has " + std::to_string(sizes.size()) +
                 " parameters, and is given " +
                 std::to_string(arguments.size()) + " arguments");
  for (size_t i = 0; i != sizes.size(); ++i)
    if (sizes[i] != arguments.getSize(i))
      return Error("kernel " + name + ": parameter " + std::to_string(i) +
                   " has " + std::to_string(sizes[i]) +
                   " bytes, and is given " +
                   std::to_string(arguments.getSize(i)));
  return Status::success();
}
