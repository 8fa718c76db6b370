//===- HostExecutor.cpp - Compile a function and call it ------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Module -> LLVM dialect -> LLVM IR -> optimised -> LLJIT. The entry point is
// called through a thunk that takes an array of pointers, so that no calling
// convention has to be imitated here.
//
//===----------------------------------------------------------------------===//

#include "nsa/Execution/HostExecutor.h"

#include "nsa/Conversion/NSAToLinalg/NSAToLinalg.h"
#include "nsa/Execution/Allocations.h"
#include "nsa/Execution/CPUTarget.h"
#include "nsa/Execution/GPURuntime.h"
#include "nsa/Pipelines/Passes.h"
#include "nsa/Pipelines/Pipelines.h"
#include "nsa/Runtime/ThreadPool.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/GPU/GPUToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/DynamicLibrary.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/IPO/Internalize.h"

#include <string>
#include <unistd.h>

using namespace mlir;
using namespace mlir::nsa;

static constexpr llvm::StringLiteral kThunkName("__nsa_run_entry");

//===----------------------------------------------------------------------===//
// Runtime libraries and functions
//===----------------------------------------------------------------------===//

/// Called by a check that does not hold, from whichever thread. The results do
/// not exist yet, and what follows may rely on what was checked: the process
/// ends, as it does on a memory fault (FaultGuard.h).
[[noreturn]] static void reportFailedCheck(const char *message, int64_t values,
                                           int64_t left, int64_t right) {
  // A progress bar may stand on the line.
  if (isatty(STDERR_FILENO))
    llvm::errs() << "\r\033[K";
  std::string text = message;
  if (values == 2)
    text += " (" + std::to_string(left) + " and " + std::to_string(right) + ")";
  llvm::errs() << text + "\n";
  _exit(1);
}

static void *countedMalloc(uint64_t bytes) { return allocateCounted(bytes); }
static void *countedCalloc(uint64_t count, uint64_t bytes) {
  uint64_t total;
  if (__builtin_mul_overflow(count, bytes, &total))
    return nullptr;
  void *block = allocateCounted(total);
  return block ? std::memset(block, 0, total) : nullptr;
}
static void *countedAlignedAlloc(uint64_t alignment, uint64_t bytes) {
  return allocateCounted(bytes, alignment);
}

/// What the compiled code may call besides the process's own symbols. The
/// classic names too: LLVM turns an allocation that is cleared into calloc, and
/// a module that others lowered may use them.
static llvm::orc::SymbolMap
getRuntimeSymbols(llvm::orc::MangleAndInterner mangle, bool hasDevice) {
  llvm::orc::SymbolMap symbols;
  auto add = [&](StringRef name, auto *function) {
    symbols[mangle(name)] = {llvm::orc::ExecutorAddr::fromPtr(function),
                             llvm::JITSymbolFlags::Exported |
                                 llvm::JITSymbolFlags::Callable};
  };
  if (hasDevice)
    forEachGPURuntimeFunction(add);
  add("nsaParallelFor", nsaParallelFor);
  add("nsaSetNumThreads", nsaSetNumThreads);
  add("nsaGetNumThreads", nsaGetNumThreads);
  add("nsaCheckFailed", reportFailedCheck);
  add("_mlir_memref_to_llvm_alloc", countedMalloc);
  add("_mlir_memref_to_llvm_aligned_alloc", countedAlignedAlloc);
  add("_mlir_memref_to_llvm_free", freeCounted);
  add("malloc", countedMalloc);
  add("calloc", countedCalloc);
  add("aligned_alloc", countedAlignedAlloc);
  add("free", freeCounted);
  return symbols;
}

//===----------------------------------------------------------------------===//
// From MLIR to LLVM IR
//===----------------------------------------------------------------------===//

/// Launches and binaries go through the translation to LLVM IR as they are.
static bool isLaunchOrBinary(Operation *op) {
  return isa<gpu::BinaryOp, gpu::LaunchFuncOp>(op);
}

static bool isLowered(ModuleOp module) {
  WalkResult result = module.walk([](Operation *op) {
    return isa<ModuleOp>(op) || isLaunchOrBinary(op) ||
                   isa_and_nonnull<LLVM::LLVMDialect>(op->getDialect())
               ? WalkResult::advance()
               : WalkResult::interrupt();
  });
  return !result.wasInterrupted();
}

/// Drops what the entry point does not reach: images that it does not launch
/// may be for another chip, functions that it does not call for another device.
static void dropUnreachable(ModuleOp module, const EntryPoint &entry) {
  SymbolTable symbols(module);
  SmallVector<Operation *> worklist;
  llvm::SmallPtrSet<Operation *, 16> reached;
  auto reach = [&](Operation *op) {
    if (op && reached.insert(op).second)
      worklist.push_back(op);
  };
  reach(entry.op);
  reach(symbols.lookup("_mlir_ciface_" + entry.name));
  for (Operation &op : *module.getBody())
    if (!isa<SymbolOpInterface>(op))
      reach(&op);
  while (!worklist.empty()) {
    std::optional<SymbolTable::UseRange> uses =
        SymbolTable::getSymbolUses(worklist.pop_back_val());
    // Not known: all of them.
    if (!uses)
      return;
    for (const SymbolTable::SymbolUse &use : *uses)
      reach(symbols.lookup(use.getSymbolRef().getRootReference()));
  }
  for (Operation &op : llvm::make_early_inc_range(*module.getBody()))
    if (!reached.contains(&op))
      op.erase();
}

/// Says which CPU the code is for, and what follows from that.
static void remarkOnTarget(const EntryPoint &entry, StringRef cpu,
                           unsigned vectorWidth) {
  LinalgTiling tiling = chooseLinalgTiling(vectorWidth);
  std::string name = cpu.empty() ? "any CPU of this kind" : cpu.str();
  remark::analysis(entry.loc,
                   remark::RemarkOpts::name("target").category("nsa-to-cpu"))
      << remark::add("code for {0}, with vectors of {1} bits", name,
                     vectorWidth)
      << remark::reason("these are its widest registers; the rows of a tile "
                        "fill at most eight of them")
      << remark::metric("register_bits", vectorWidth)
      << remark::metric("rows", tiling.rows)
      << remark::metric("keys", tiling.keyTile)
      << remark::metric("grouped_rows", tiling.groupedRows);
}

/// Runs the pipeline on the entry point and what it calls.
static LogicalResult lowerToCPU(ModuleOp module, const EntryPoint &entry,
                                const HostExecutorOptions &executor,
                                StringRef cpu, unsigned vectorWidth) {
  remarkOnTarget(entry, cpu, vectorWidth);
  for (auto func : module.getOps<func::FuncOp>())
    if (func != entry.op)
      func.setPrivate();
  PassManager pm(module.getContext());
  pm.addPass(createSymbolDCEPass());
  // Also of assertions that the file has: the default is to abort.
  pm.addPass(createLowerChecks());
  NSAToCPUPipelineOptions options;
  options.vectorWidth = vectorWidth;
  options.parallel = executor.parallel;
  options.checked = executor.checked;
  buildNSAToCPUPipeline(pm, options);
  return pm.run(module);
}

/// Tells LLVM what it knows of malloc and free: fresh memory aliases nothing.
static void annotateAllocationFunctions(llvm::Module &module) {
  llvm::LLVMContext &context = module.getContext();
  auto setFamily = [&](llvm::Function *function, llvm::AllocFnKind kind) {
    function->addFnAttr("alloc-family", "_mlir_memref_to_llvm");
    function->addFnAttr(llvm::Attribute::get(
        context, llvm::Attribute::AllocKind, static_cast<uint64_t>(kind)));
    function->setDoesNotThrow();
  };
  using Kind = llvm::AllocFnKind;
  for (StringRef name :
       {"_mlir_memref_to_llvm_alloc", "_mlir_memref_to_llvm_aligned_alloc"})
    if (llvm::Function *function = module.getFunction(name)) {
      function->addRetAttr(llvm::Attribute::NoAlias);
      unsigned sizeIndex = function->arg_size() - 1;
      Kind kind = Kind::Alloc | Kind::Uninitialized;
      if (sizeIndex == 1) {
        kind |= Kind::Aligned;
        function->addParamAttr(0, llvm::Attribute::AllocAlign);
      }
      function->addFnAttr(llvm::Attribute::getWithAllocSizeArgs(
          context, sizeIndex, std::nullopt));
      setFamily(function, kind);
    }
  if (llvm::Function *function =
          module.getFunction("_mlir_memref_to_llvm_free")) {
    function->addParamAttr(0, llvm::Attribute::AllocatedPointer);
    setFamily(function, Kind::Free);
  }
}

/// The struct through which `types` are returned: memref descriptors and
/// scalars.
static llvm::StructType *getResultStruct(llvm::LLVMContext &context,
                                         TypeRange types) {
  llvm::Type *pointer = llvm::PointerType::getUnqual(context);
  llvm::Type *i64 = llvm::Type::getInt64Ty(context);
  SmallVector<llvm::Type *> elements;
  for (Type type : types) {
    if (auto shaped = dyn_cast<ShapedType>(type)) {
      SmallVector<llvm::Type *> fields = {pointer, pointer, i64};
      if (shaped.getRank() > 0)
        fields.append(2, llvm::ArrayType::get(i64, shaped.getRank()));
      elements.push_back(llvm::StructType::get(context, fields));
    } else if (isa<IndexType>(type)) {
      elements.push_back(i64);
    } else if (auto intType = dyn_cast<IntegerType>(type)) {
      elements.push_back(llvm::IntegerType::get(context, intType.getWidth()));
    } else if (isa<BFloat16Type>(type)) {
      elements.push_back(llvm::Type::getBFloatTy(context));
    } else {
      elements.push_back(llvm::Type::getFloatingPointTy(
          context, cast<FloatType>(type).getFloatSemantics()));
    }
  }
  return llvm::StructType::get(context, elements);
}

/// Adds `void thunk(ptr args)`: args[i] points to argument i, the last one to
/// the memory for the results.
static LogicalResult addThunk(llvm::Module &module, const EntryPoint &entry) {
  llvm::Function *callee = module.getFunction("_mlir_ciface_" + entry.name);
  unsigned numInputs = entry.type.getNumInputs();
  bool returnsInMemory = entry.type.getNumResults() > 1 ||
                         (entry.type.getNumResults() == 1 &&
                          isa<ShapedType>(entry.type.getResult(0)));
  if (!callee || callee->arg_size() != numInputs + returnsInMemory)
    return emitError(entry.loc)
           << "@" << entry.name
           << " has no C interface that fits its nsa.signature; lower it with "
              "`nsa-opt --nsa-to-cpu`";

  llvm::LLVMContext &context = module.getContext();
  llvm::Type *pointer = llvm::PointerType::getUnqual(context);
  auto *thunk = llvm::Function::Create(
      llvm::FunctionType::get(llvm::Type::getVoidTy(context), {pointer},
                              /*isVarArg=*/false),
      llvm::Function::ExternalLinkage, kThunkName, module);
  llvm::IRBuilder<> builder(llvm::BasicBlock::Create(context, "entry", thunk));
  auto loadSlot = [&](unsigned index) -> llvm::Value * {
    llvm::Value *slot =
        builder.CreateConstGEP1_64(pointer, thunk->getArg(0), index);
    return builder.CreateLoad(pointer, slot);
  };
  SmallVector<llvm::Value *> arguments;
  if (returnsInMemory)
    arguments.push_back(loadSlot(numInputs));
  for (unsigned i = 0; i < numInputs; ++i) {
    llvm::Value *slot = loadSlot(i);
    // A descriptor is passed by pointer, a scalar by value.
    bool isArray = isa<ShapedType>(entry.type.getInput(i));
    llvm::Type *type = callee->getArg(i + returnsInMemory)->getType();
    arguments.push_back(isArray ? slot : builder.CreateLoad(type, slot));
  }
  llvm::Value *result = builder.CreateCall(callee, arguments);
  if (!returnsInMemory && entry.type.getNumResults() == 1)
    builder.CreateStore(result, loadSlot(numInputs));
  builder.CreateRetVoid();
  return success();
}

static void optimize(llvm::Module &module, llvm::TargetMachine &machine,
                     unsigned optLevel, unsigned vectorWidth) {
  module.setDataLayout(machine.createDataLayout());
  module.setTargetTriple(machine.getTargetTriple());
  for (llvm::Function &function : module)
    if (!function.isDeclaration())
      // Some CPUs have 512-bit registers, but LLVM does not use them by itself.
      function.addFnAttr("prefer-vector-width", std::to_string(vectorWidth));
  // Whatever the entry point does not need is dropped, what it calls inlined.
  llvm::internalizeModule(module, [](const llvm::GlobalValue &value) {
    return value.getName() == kThunkName;
  });

  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager sccs;
  llvm::ModuleAnalysisManager modules;
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = tuning.SLPVectorization = optLevel > 1;
  llvm::PassBuilder passes(&machine, tuning);
  passes.registerModuleAnalyses(modules);
  passes.registerCGSCCAnalyses(sccs);
  passes.registerFunctionAnalyses(functions);
  passes.registerLoopAnalyses(loops);
  passes.crossRegisterProxies(loops, functions, sccs, modules);
  static constexpr const llvm::OptimizationLevel *kLevels[] = {
      &llvm::OptimizationLevel::O0, &llvm::OptimizationLevel::O1,
      &llvm::OptimizationLevel::O2, &llvm::OptimizationLevel::O3};
  const llvm::OptimizationLevel &level = *kLevels[optLevel];
  llvm::ModulePassManager pipeline =
      optLevel == 0 ? passes.buildO0DefaultPipeline(level)
                    : passes.buildPerModuleDefaultPipeline(level);
  pipeline.run(module, modules);
}

//===----------------------------------------------------------------------===//
// HostExecutor
//===----------------------------------------------------------------------===//

HostExecutor::~HostExecutor() {
  if (!jit || !device)
    return;
  CurrentDevice scope(device);
  // Unloads the images; there is nobody left to tell that it did not work.
  llvm::consumeError(jit->deinitialize(jit->getMainJITDylib()));
}

/// Reports a name that calls of the host code would take for the runtime's.
static LogicalResult checkNames(ModuleOp module) {
  for (auto function : module.getOps<FunctionOpInterface>())
    if (!function.isExternal() && function.getName().starts_with("mgpu"))
      return emitError(function.getLoc())
             << "@" << function.getName()
             << ": names that begin with mgpu are reserved for the runtime of "
                "GPUs; rename the function";
  return success();
}

/// Reports host code that needs a GPU.
static LogicalResult checkNeedsNoGPU(ModuleOp module) {
  WalkResult result = module.walk<WalkOrder::PreOrder>([](Operation *op) {
    // The host's operations say better where it is.
    if (isa<gpu::GPUModuleOp, gpu::BinaryOp>(op))
      return WalkResult::skip();
    if (!isa_and_nonnull<gpu::GPUDialect>(op->getDialect()))
      return WalkResult::advance();
    emitError(op->getLoc()) << "'" << op->getName()
                            << "' needs a GPU; the devices for it are emulator "
                               "and cuda";
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

/// Reports code that checks cannot be added to any more.
static LogicalResult checkHasChecks(ModuleOp module, const EntryPoint &entry) {
  if (isLowered(module))
    return emitError(entry.loc)
           << "@" << entry.name
           << " is lowered already, so no checks can be added; start from the "
              "file before that, or lower it with `nsa-opt "
              "--nsa-to-cpu=checked=true`";
  WalkResult result = module.walk([](Operation *op) {
    return canBeChecked(op) ? WalkResult::interrupt() : WalkResult::advance();
  });
  if (!result.wasInterrupted())
    emitWarning(entry.loc) << "@" << entry.name
                           << " has no operation that can be checked";
  return success();
}

/// The module in a form that can be translated to LLVM IR, and the device told
/// of its kernels.
static LogicalResult lower(ModuleOp module, const EntryPoint &entry,
                           const HostExecutorOptions &options,
                           const CPUTarget &target) {
  dropUnreachable(module, entry);
  if (options.checked && failed(checkHasChecks(module, entry)))
    return failure();
  if (!options.device) {
    if (!isLowered(module)) {
      if (failed(checkNeedsNoGPU(module)))
        return failure();
      return lowerToCPU(module, entry, options, target.machine.getCPU(),
                        target.vectorWidth);
    }
    WalkResult result = module.walk([](Operation *op) {
      auto function = dyn_cast<LLVM::LLVMFuncOp>(op);
      bool isRuntime = function && function.isExternal() &&
                       function.getName().starts_with("mgpu");
      return isRuntime || isLaunchOrBinary(op) ? WalkResult::interrupt()
                                               : WalkResult::advance();
    });
    if (!result.wasInterrupted())
      return success();
    return emitError(entry.loc)
           << "@" << entry.name
           << " is lowered for GPUs, not for the CPU; the devices for it are "
              "emulator and cuda";
  }
  if (failed(checkNames(module)))
    return failure();
  if (entry.op->hasAttr(kCPUOnlyAttrName))
    return emitError(entry.loc)
           << "@" << entry.name
           << " is lowered for the CPU, not for GPUs; start from the file "
              "before that";
  if (!isLowered(module) && failed(lowerToGPU(module, entry, options.gpu)))
    return failure();
  FailureOr<GPUProgram> program = GPUProgram::create(module, options.gpu.chip);
  if (failed(program))
    return failure();
  options.device->setProgram(std::move(*program));
  return success();
}

FailureOr<std::unique_ptr<HostExecutor>>
HostExecutor::compile(ModuleOp module, const EntryPoint &entry,
                      const HostExecutorOptions &options) {
  Location loc = entry.loc;
  auto fail = [&](llvm::Error error) -> LogicalResult {
    return emitError(loc) << llvm::toString(std::move(error));
  };
  llvm::Expected<CPUTarget> target = getCPUTarget(options.cpu);
  if (!target)
    return fail(target.takeError());
  target->machine.setCodeGenOptLevel(options.optLevel == 0
                                         ? llvm::CodeGenOptLevel::None
                                         : llvm::CodeGenOptLevel::Aggressive);
  llvm::Expected<std::unique_ptr<llvm::TargetMachine>> machine =
      target->machine.createTargetMachine();
  if (!machine)
    return fail(machine.takeError());

  if (failed(lower(module, entry, options, *target)))
    return failure();

  auto context = std::make_unique<llvm::LLVMContext>();
  std::unique_ptr<llvm::Module> llvmModule =
      translateModuleToLLVMIR(module, *context, "nsa");
  if (!llvmModule)
    return emitError(loc) << "@" << entry.name
                          << " could not be translated to LLVM IR";
  if (failed(addThunk(*llvmModule, entry)))
    return failure();
  annotateAllocationFunctions(*llvmModule);
  optimize(*llvmModule, **machine, options.optLevel, target->vectorWidth);

  std::unique_ptr<HostExecutor> executor(new HostExecutor());
  executor->type = entry.type;
  executor->device = options.device;
  llvm::StructType *resultStruct =
      getResultStruct(*context, entry.type.getResults());
  const llvm::StructLayout *layout =
      llvmModule->getDataLayout().getStructLayout(resultStruct);
  executor->resultBytes = layout->getSizeInBytes();
  for (unsigned i = 0, e = entry.type.getNumResults(); i < e; ++i)
    executor->resultOffsets.push_back(layout->getElementOffset(i));

  // f16 conversions on CPUs without F16C are functions of libgcc.
  llvm::sys::DynamicLibrary::LoadLibraryPermanently("libgcc_s.so.1");

  llvm::Expected<std::unique_ptr<llvm::orc::LLJIT>> jit =
      llvm::orc::LLJITBuilder()
          .setJITTargetMachineBuilder(std::move(target->machine))
          .create();
  if (!jit)
    return fail(jit.takeError());
  llvm::orc::LLJIT &lljit = **jit;
  // Our functions are found before the process's functions of the same name.
  llvm::orc::JITDylib &runtime =
      lljit.getExecutionSession().createBareJITDylib("nsa.runtime");
  llvm::cantFail(runtime.define(llvm::orc::absoluteSymbols(
      getRuntimeSymbols(llvm::orc::MangleAndInterner(
                            lljit.getExecutionSession(), lljit.getDataLayout()),
                        options.device))));
  llvm::orc::JITDylibSearchOrder order = {
      {&runtime, llvm::orc::JITDylibLookupFlags::MatchExportedSymbolsOnly}};
  llvm::append_range(order, lljit.defaultLinkOrder());
  lljit.getMainJITDylib().setLinkOrder(order);
  // The session reports causes (which symbol is missing), the lookup below only
  // that something failed.
  std::string causes;
  lljit.getExecutionSession().setErrorReporter([&](llvm::Error error) {
    causes += (causes.empty() ? "" : "; ") + llvm::toString(std::move(error));
  });

  if (llvm::Error error = lljit.addIRModule(llvm::orc::ThreadSafeModule(
          std::move(llvmModule), std::move(context))))
    return fail(std::move(error));
  llvm::Expected<llvm::orc::ExecutorAddr> address = lljit.lookup(kThunkName);
  lljit.getExecutionSession().setErrorReporter(llvm::consumeError);
  if (!address) {
    std::string message = llvm::toString(address.takeError());
    return emitError(loc) << "@" << entry.name << " could not be linked: "
                          << (causes.empty() ? message : causes);
  }
  executor->function = address->toPtr<void (*)(void **)>();
  executor->jit = std::move(*jit);
  if (options.device) {
    // Images are loaded by constructors.
    CurrentDevice scope(options.device);
    if (llvm::Error error =
            executor->jit->initialize(executor->jit->getMainJITDylib()))
      return fail(std::move(error));
  }
  return executor;
}

void HostExecutor::upload(const EntryPoint &entry,
                          ArrayRef<CallArgument> arguments) {
  uploaded.assign(arguments.size(), 0);
  if (!device)
    return;
  for (auto [index, argument] : llvm::enumerate(arguments)) {
    if (!argument.array)
      continue;
    StringRef name = entry.argNames[index];
    name.consume_front("%");
    uploaded[index] = device->allocateInput(
        argument.array->getData(), argument.array->getNumBytes(),
        name.empty() ? "input" + std::to_string(index) : name.str());
  }
}

CallResults HostExecutor::call(ArrayRef<CallArgument> arguments) {
  // Descriptors: allocated pointer, aligned pointer, offset, sizes, strides.
  SmallVector<SmallVector<uint64_t, 11>> descriptors(arguments.size());
  SmallVector<void *> slots;
  for (auto [index, argument] : llvm::enumerate(arguments)) {
    SmallVector<uint64_t, 11> &descriptor = descriptors[index];
    if (argument.array) {
      auto pointer =
          device ? uploaded[index]
                 : reinterpret_cast<uint64_t>(argument.array->getData());
      ArrayRef<int64_t> shape = argument.array->getShape();
      descriptor.assign({pointer, pointer, 0});
      descriptor.append(shape.begin(), shape.end());
      descriptor.append(shape.size(), 1);
      for (size_t i = shape.size(); i-- > 1;)
        descriptor[3 + shape.size() + i - 1] =
            descriptor[3 + shape.size() + i] * shape[i];
    } else {
      descriptor.assign({argument.scalarBits});
    }
    slots.push_back(descriptor.data());
  }
  CallResults call;
  call.device = device;
  call.storage = std::make_unique<char[]>(resultBytes + 1);
  slots.push_back(call.storage.get());
  CurrentDevice scope(device);
  function(slots.data());

  for (auto [resultType, offset] :
       llvm::zip_equal(type.getResults(), resultOffsets)) {
    const char *raw = call.storage.get() + offset;
    CallResult result;
    auto shaped = dyn_cast<ShapedType>(resultType);
    result.elementType = shaped ? shaped.getElementType() : resultType;
    result.isScalar = !shaped;
    result.data = raw;
    if (shaped) {
      auto *words = reinterpret_cast<const int64_t *>(raw);
      size_t rank = shaped.getRank();
      result.shape.assign(words + 3, words + 3 + rank);
      result.strides.assign(words + 3 + rank, words + 3 + 2 * rank);
      result.data = reinterpret_cast<const char *>(words[1]) +
                    words[2] * getElementBytes(result.elementType);
      auto *allocation = reinterpret_cast<void *>(words[0]);
      // Ours lowers to fresh memory; a module that was lowered otherwise may
      // return an argument or (with this marker) a constant.
      bool isOwned =
          words[0] != 0xdeadbeef &&
          llvm::none_of(arguments, [&](const CallArgument &argument) {
            return argument.array && argument.array->getData() == allocation;
          });
      if (device) {
        std::optional<DevicePlace> place =
            device->find(static_cast<DeviceAddress>(words[0]));
        isOwned = place && place->offset == 0 && !place->allocation->isInput;
      }
      if (isOwned && !llvm::is_contained(call.allocations, allocation))
        call.allocations.push_back(allocation);
    }
    call.results.push_back(std::move(result));
  }
  return call;
}

bool CallResult::isContiguous() const {
  int64_t expected = 1;
  if (llvm::is_contained(shape, 0))
    return true;
  for (auto [size, stride] : llvm::reverse(llvm::zip_equal(shape, strides))) {
    if (size != 1 && stride != expected)
      return false;
    expected *= size;
  }
  return true;
}

CallResults &CallResults::operator=(CallResults &&other) {
  release();
  storage = std::move(other.storage);
  results = std::move(other.results);
  allocations = std::move(other.allocations);
  device = other.device;
  copies = std::move(other.copies);
  return *this;
}

CallResults::~CallResults() { release(); }

void CallResults::release() {
  for (void *allocation : allocations) {
    if (device)
      device->free(reinterpret_cast<DeviceAddress>(allocation));
    else
      freeCounted(allocation);
  }
  allocations.clear();
}

llvm::Error CallResults::fetch() {
  if (!device)
    return llvm::Error::success();
  for (auto [index, result] : llvm::enumerate(results)) {
    if (result.isScalar)
      continue;
    // From the first to behind the last element, gaps included.
    uint64_t bytes = 0, elementBytes = getElementBytes(result.elementType);
    if (!llvm::is_contained(result.shape, 0)) {
      bytes = elementBytes;
      for (auto [size, stride] : llvm::zip_equal(result.shape, result.strides))
        bytes += (size - 1) * stride * elementBytes;
    }
    auto address = reinterpret_cast<DeviceAddress>(result.data);
    if (bytes != 0 && !device->find(address, bytes))
      return llvm::createStringError("result " + llvm::Twine(index) +
                                     " is not in the device's memory");
    copies.push_back(std::make_unique<char[]>(bytes + 1));
    device->copyToHost(copies.back().get(), address, bytes);
    if (device->getError())
      return llvm::createStringError(*device->getError());
    result.data = copies.back().get();
  }
  return llvm::Error::success();
}

void nsa::registerExecution(DialectRegistry &registry) {
  registerNSAPipelineDialects(registry);
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  registry.insert<gpu::GPUDialect, NVVM::NVVMDialect>();
  registerGPUDialectTranslation(registry);
  registerNVVMDialectTranslation(registry);
  gpu::registerOffloadingLLVMTranslationInterfaceExternalModels(registry);
}
