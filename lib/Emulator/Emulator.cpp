//===- Emulator.cpp - Loading, compiling and launching --------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each kernel is compiled from its own copy of the module, so that its shared
// memory is laid out for it alone. Variables in global memory are compiled once
// and shared.
//
//===----------------------------------------------------------------------===//

#include "nsa/Emulator/Emulator.h"

#include "Op.h"
#include "Rewrite.h"
#include "Runtime.h"
#include "ThreadBlock.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/ExecutionUtils.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Transforms/Utils/Cloning.h"
#include <atomic>
#include <mutex>
#include <thread>

using namespace llvm;
using namespace mlir::nsa::emulator;
namespace emulator = mlir::nsa::emulator;

StringRef emulator::stringifyErrorClass(ErrorClass errorClass) {
  switch (errorClass) {
  case ErrorClass::InvalidLaunch:
    return "invalid-launch";
  case ErrorClass::OutOfBounds:
    return "out-of-bounds";
  case ErrorClass::Misaligned:
    return "misaligned";
  case ErrorClass::WriteToInput:
    return "write-to-input";
  case ErrorClass::UnwrittenShared:
    return "unwritten-shared";
  case ErrorClass::InFlight:
    return "in-flight";
  case ErrorClass::DataRace:
    return "data-race";
  case ErrorClass::DivergentCollective:
    return "divergent-collective";
  case ErrorClass::BarrierDeadlock:
    return "barrier-deadlock";
  case ErrorClass::Livelock:
    return "livelock";
  case ErrorClass::Trap:
    return "trap";
  }
  llvm_unreachable("covered");
}

static void printDim(raw_ostream &os, Dim3 dim) {
  os << "(" << dim.x << "," << dim.y << "," << dim.z << ")";
}

void KernelError::print(raw_ostream &os) const {
  os << "error: " << stringifyErrorClass(errorClass) << ": " << message << "\n";
  os << "  kernel '" << kernel << "'";
  if (errorClass != ErrorClass::InvalidLaunch) {
    os << ", block ";
    printDim(os, block);
    os << ", thread ";
    printDim(os, thread);
  }
  if (!location.empty())
    os << ", at " << location;
  os << "\n";
  for (const std::string &note : notes)
    os << "  note: " << note << "\n";
}

//===----------------------------------------------------------------------===//
// Loading and compiling
//===----------------------------------------------------------------------===//

namespace {
struct Kernel {
  Image image;
  orc::JITDylib *library = nullptr;
};
} // namespace

struct Emulator::Impl {
  /// The module as it was given, apart from the names of its variables.
  SmallVector<char, 0> bitcode;
  std::vector<std::string> kernelNames;
  std::unique_ptr<orc::LLJIT> jit;
  orc::JITDylib *globals = nullptr;
  StringMap<std::unique_ptr<Kernel>> kernels;
  std::vector<Allocation> allocations;

  Expected<std::unique_ptr<Module>> parse(LLVMContext &context) const;
  Error start();
  Error compileGlobals();
  Expected<Kernel *> getKernel(StringRef name);
  Error addAllocation(Allocation allocation);
  void setHost(Module &module) const {
    module.setDataLayout(jit->getDataLayout());
    module.setTargetTriple(jit->getTargetTriple());
  }
};

Emulator::Emulator(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
Emulator::~Emulator() = default;

static bool isDeviceVariable(const GlobalVariable &variable) {
  return variable.getAddressSpace() != unsigned(Space::Shared) &&
         !variable.getName().starts_with("llvm.");
}

Expected<std::unique_ptr<Emulator>> Emulator::create(const Module &module) {
  const Triple &triple = module.getTargetTriple();
  if (triple.getArch() != Triple::nvptx64)
    return createStringError("the emulator runs nvptx64 modules, not '" +
                             triple.str() + "'");
  if (module.getDataLayout().getPointerSize(unsigned(Space::Shared)) != 8)
    return createStringError("short pointers are not modelled: pointers into "
                             "shared memory must have 64 bits");
  auto impl = std::make_unique<Impl>();
  std::unique_ptr<Module> copy = CloneModule(module);
  unsigned number = 0;
  for (GlobalVariable &variable : copy->globals())
    if (isDeviceVariable(variable))
      variable.setName(Twine(kGlobalPrefix) + Twine(number++) + "." +
                       variable.getName());
  for (Function &function : *copy)
    if (isKernel(function))
      impl->kernelNames.push_back(function.getName().str());
  raw_svector_ostream os(impl->bitcode);
  WriteBitcodeToFile(*copy, os);
  if (Error error = impl->start())
    return std::move(error);
  return std::unique_ptr<Emulator>(new Emulator(std::move(impl)));
}

Expected<std::unique_ptr<Module>>
Emulator::Impl::parse(LLVMContext &context) const {
  return parseBitcodeFile(
      MemoryBufferRef(StringRef(bitcode.data(), bitcode.size()), "kernels"),
      context);
}

Error Emulator::Impl::start() {
  static std::once_flag initialized;
  std::call_once(initialized, [] {
    InitializeNativeTarget();
    InitializeNativeTargetAsmPrinter();
  });
  Expected<orc::JITTargetMachineBuilder> machine =
      orc::JITTargetMachineBuilder::detectHost();
  if (!machine)
    return machine.takeError();
  machine->setCodeGenOptLevel(CodeGenOptLevel::Default);
  // The bf16 conversions of x86 flush subnormal numbers, and code generation
  // puts them between any two instructions: let it call __truncsfbf2 instead.
  if (machine->getTargetTriple().isX86())
    for (StringRef feature : {"avx512bf16", "avxneconvert", "avx10.2"})
      machine->getFeatures().AddFeature(feature, /*Enable=*/false);
  // What NVPTX would not contract stays apart here too.
  machine->getOptions().AllowFPOpFusion = FPOpFusion::Standard;
  Expected<std::unique_ptr<orc::LLJIT>> created =
      orc::LLJITBuilder().setJITTargetMachineBuilder(*machine).create();
  if (!created)
    return created.takeError();
  jit = std::move(*created);
  return compileGlobals();
}

Error Emulator::Impl::compileGlobals() {
  auto context = std::make_unique<LLVMContext>();
  Expected<std::unique_ptr<Module>> module = parse(*context);
  if (!module)
    return module.takeError();
  Expected<orc::JITDylib &> library = jit->createJITDylib("globals");
  if (!library)
    return library.takeError();
  globals = &*library;
  struct Variable {
    std::string symbol, name;
    uint64_t size;
    bool readOnly;
  };
  std::vector<Variable> variables;
  Module &source = **module;
  for (StringRef name : {"llvm.used", "llvm.compiler.used"})
    if (GlobalVariable *variable = source.getNamedGlobal(name))
      variable->eraseFromParent();
  for (Function &function : source)
    function.deleteBody();
  for (GlobalVariable &variable : make_early_inc_range(source.globals())) {
    variable.removeDeadConstantUsers();
    if (!isDeviceVariable(variable) || variable.isDeclaration()) {
      if (variable.use_empty())
        variable.eraseFromParent();
      continue;
    }
    StringRef symbol = variable.getName();
    variables.push_back(
        {symbol.str(),
         symbol.drop_front(kGlobalPrefix.size()).split('.').second.str(),
         source.getDataLayout().getTypeAllocSize(variable.getValueType()),
         variable.isConstant()});
    variable.setLinkage(GlobalValue::ExternalLinkage);
    variable.setComdat(nullptr);
  }
  // Tables of functions may be there; calls through them are refused.
  for (Function &function : make_early_inc_range(source)) {
    function.replaceAllUsesWith(ConstantPointerNull::get(function.getType()));
    function.eraseFromParent();
  }
  setHost(source);
  if (Error error =
          jit->addIRModule(*globals, orc::ThreadSafeModule(std::move(*module),
                                                           std::move(context))))
    return error;
  for (const Variable &variable : variables) {
    Expected<orc::ExecutorAddr> address =
        jit->lookup(*globals, variable.symbol);
    if (!address)
      return address.takeError();
    if (variable.size == 0)
      continue;
    if (Error error = addAllocation({address->getValue(), variable.size,
                                     variable.name, variable.readOnly}))
      return error;
  }
  return Error::success();
}

Expected<Kernel *> Emulator::Impl::getKernel(StringRef name) {
  std::unique_ptr<Kernel> &slot = kernels[name];
  if (slot)
    return slot.get();
  auto context = std::make_unique<LLVMContext>();
  Expected<std::unique_ptr<Module>> module = parse(*context);
  if (!module)
    return module.takeError();
  Function *function = (*module)->getFunction(name);
  if (!function || !isKernel(*function))
    return createStringError("there is no kernel '" + name + "' in the module");
  auto kernel = std::make_unique<Kernel>();
  Expected<Image> image = rewriteKernel(**module, *function);
  if (!image)
    return image.takeError();
  kernel->image = std::move(*image);

  Expected<orc::JITDylib &> library =
      jit->createJITDylib("kernel " + name.str());
  if (!library)
    return library.takeError();
  kernel->library = &*library;
  orc::SymbolMap symbols;
  auto flags = JITSymbolFlags::Exported | JITSymbolFlags::Callable;
  for (auto [symbol, address] : getRuntimeFunctions())
    symbols[jit->mangleAndIntern(symbol)] = {
        orc::ExecutorAddr::fromPtr(address), flags};
  for (Function &callee : **module)
    if (void *address = callee.isDeclaration()
                            ? lookupLibraryFunction(callee.getName())
                            : nullptr)
      symbols[jit->mangleAndIntern(callee.getName())] = {
          orc::ExecutorAddr::fromPtr(address), flags};
  if (Error error = library->define(orc::absoluteSymbols(std::move(symbols))))
    return std::move(error);
  library->addToLinkOrder(*globals);
  // Functions of the C library that code generation calls by itself.
  Expected<std::unique_ptr<orc::DynamicLibrarySearchGenerator>> process =
      orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
          jit->getDataLayout().getGlobalPrefix());
  if (!process)
    return process.takeError();
  library->addGenerator(std::move(*process));
  setHost(**module);
  if (Error error =
          jit->addIRModule(*library, orc::ThreadSafeModule(std::move(*module),
                                                           std::move(context))))
    return std::move(error);
  Expected<orc::ExecutorAddr> entry = jit->lookup(*library, kEntryName);
  if (!entry)
    return entry.takeError();
  kernel->image.entry = entry->toPtr<void (*)(void *const *)>();
  slot = std::move(kernel);
  return slot.get();
}

std::vector<std::string> Emulator::getKernels() const {
  return impl->kernelNames;
}

Expected<KernelInfo> Emulator::getKernel(StringRef name) {
  Expected<Kernel *> kernel = impl->getKernel(name);
  if (!kernel)
    return kernel.takeError();
  const Image &image = (*kernel)->image;
  return KernelInfo{image.name, image.parameterBytes, image.staticShared};
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Error Emulator::Impl::addAllocation(Allocation allocation) {
  auto it = llvm::lower_bound(
      allocations, allocation.base,
      [](const Allocation &a, uint64_t base) { return a.base < base; });
  bool overlaps = (it != allocations.end() &&
                   it->base - allocation.base < allocation.size) ||
                  (it != allocations.begin() &&
                   allocation.base - std::prev(it)->base < std::prev(it)->size);
  if (overlaps)
    return createStringError("allocation '" + allocation.name +
                             "' overlaps another one");
  allocations.insert(it, std::move(allocation));
  return Error::success();
}

Error Emulator::addAllocation(void *base, uint64_t size, StringRef name,
                              bool readOnly) {
  return impl->addAllocation(
      {reinterpret_cast<uint64_t>(base), size, name.str(), readOnly});
}

void Emulator::removeAllocation(void *base) {
  llvm::erase_if(impl->allocations, [&](const Allocation &allocation) {
    return allocation.base == reinterpret_cast<uint64_t>(base);
  });
}

//===----------------------------------------------------------------------===//
// Launching
//===----------------------------------------------------------------------===//

std::string emulator::checkLaunchSizes(Dim3 grid, Dim3 block) {
  if (grid.x == 0 || grid.y == 0 || grid.z == 0 || grid.x > INT32_MAX ||
      grid.y > 65535 || grid.z > 65535)
    return "the grid must be within (2147483647,65535,65535)";
  if (block.x == 0 || block.y == 0 || block.z == 0 || block.x > 1024 ||
      block.y > 1024 || block.z > 64 || block.size() > 1024)
    return "a block has 1 to 1024 threads, at most 64 of them in z";
  return "";
}

uint64_t emulator::getSharedMemoryLimit(StringRef chip) {
  if (!chip.consume_back("a"))
    chip.consume_back("f");
  uint64_t kib = llvm::StringSwitch<uint64_t>(chip)
                     .Cases({"sm_80", "sm_87"}, 163)
                     .Cases({"sm_86", "sm_89", "sm_120", "sm_121"}, 99)
                     .Default(227);
  return kib << 10;
}

/// What the driver would refuse.
static std::string checkLaunch(const Image &image, const LaunchOptions &options,
                               size_t numArgs) {
  Dim3 block = options.block;
  if (numArgs != image.parameterBytes.size())
    return "the kernel has " + utostr(image.parameterBytes.size()) +
           " parameters, but " + utostr(numArgs) + " arguments are given";
  std::string problem = checkLaunchSizes(options.grid, block);
  if (!problem.empty())
    return problem;
  if (block.size() > image.maxThreads)
    return "the block has " + utostr(block.size()) +
           " threads, more than the kernel's bound of " +
           utostr(image.maxThreads);
  const uint32_t *required = image.requiredBlock;
  if (required[0] && (block.x != required[0] || block.y != required[1] ||
                      block.z != required[2]))
    return "the kernel requires blocks of (" + utostr(required[0]) + "," +
           utostr(required[1]) + "," + utostr(required[2]) + ")";
  if (image.staticShared > (48u << 10))
    return "static shared memory of " + utostr(image.staticShared) +
           " bytes exceeds 48 KiB";
  uint64_t total = image.dynamicSharedOffset + options.dynamicShared;
  if (total > options.maxShared)
    return "shared memory of " + utostr(total) + " bytes exceeds " +
           utostr(options.maxShared >> 10) + " KiB";
  return "";
}

Expected<LaunchResult> Emulator::launch(StringRef name,
                                        const LaunchOptions &options,
                                        ArrayRef<void *> args) {
  Expected<Kernel *> found = impl->getKernel(name);
  if (!found)
    return found.takeError();
  const Image &image = (*found)->image;
  LaunchResult result;
  std::string problem = checkLaunch(image, options, args.size());
  if (!problem.empty()) {
    KernelError error;
    error.errorClass = ErrorClass::InvalidLaunch;
    error.kernel = image.name;
    error.block = error.thread = {0, 0, 0};
    error.message = problem;
    result.error = std::move(error);
    return result;
  }

  uint64_t sharedBytes = options.dynamicShared
                             ? image.dynamicSharedOffset + options.dynamicShared
                             : image.staticShared;
  Launch launch{image,       options, args.data(), impl->allocations,
                sharedBytes, {},      {}};
  uint64_t firstBlock = std::min(options.firstBlock, options.grid.size());
  uint64_t numBlocks =
      std::min(options.grid.size() - firstBlock, options.maxBlocks);
  uint64_t endBlock = firstBlock + numBlocks;
  unsigned numWorkers = options.hostThreads
                            ? options.hostThreads
                            : std::max(1u, std::thread::hardware_concurrency());
  numWorkers = std::min<uint64_t>(numWorkers, std::max<uint64_t>(numBlocks, 1));

  std::atomic<uint64_t> nextBlock{firstBlock};
  // Blocks before the first failing one still run: the error reported is that
  // of the first.
  std::atomic<uint64_t> firstError{endBlock};
  std::mutex mutex;
  ByteSet read, written;
  bool outOfMemory = false;
  auto work = [&] {
    StackPool stacks(options.block.size(),
                     options.stackBytes + image.localBytes);
    if (!stacks.isValid()) {
      std::lock_guard<std::mutex> lock(mutex);
      outOfMemory = true;
      return;
    }
    ThreadBlock block(launch, stacks);
    for (;;) {
      uint64_t index = nextBlock++;
      if (index >= endBlock || index > firstError)
        break;
      std::optional<KernelError> error = block.run(index);
      if (!error)
        continue;
      std::lock_guard<std::mutex> lock(mutex);
      if (index < firstError) {
        firstError = index;
        result.error = std::move(error);
      }
    }
    std::lock_guard<std::mutex> lock(mutex);
    result.counters.add(block.getCounters());
    read.merge(block.getBytesRead());
    written.merge(block.getBytesWritten());
  };
  // The compiled code lives on the workers' own small stacks; the workers
  // themselves need little.
  std::vector<std::thread> workers;
  for (unsigned i = 1; i < numWorkers; ++i)
    workers.emplace_back(work);
  work();
  for (std::thread &worker : workers)
    worker.join();
  if (outOfMemory)
    return createStringError("no memory for the stacks of " +
                             Twine(options.block.size()) + " threads");
  result.counters.globalBytesReadDistinct = read.count();
  result.counters.globalBytesWrittenDistinct = written.count();
  return std::move(result);
}
