//===- RunMain.cpp - The body of nsa-run ----------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Command line, then: read, check, compile, run, write, print. Nothing is
// written before everything has succeeded.
//
//===----------------------------------------------------------------------===//

#include "nsa/Tools/RunMain.h"

#include "Inputs.h"
#include "Options.h"
#include "Outputs.h"
#include "Progress.h"

#include "nsa/Dialect/NSA/IR/NSA.h"
#include "nsa/Dialect/NSA/Transforms/ShapeCheck.h"
#include "nsa/Execution/Allocations.h"
#include "nsa/Execution/BundleRecorder.h"
#include "nsa/Execution/CUDAGPUDevice.h"
#include "nsa/Execution/EmulatorDevice.h"
#include "nsa/Execution/FaultGuard.h"
#include "nsa/Execution/HostExecutor.h"
#include "nsa/Runtime/ThreadPool.h"
#include "nsa/Support/Version.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Regex.h"
#include "llvm/Support/SourceMgr.h"

#include <csignal>

using namespace mlir;
using namespace mlir::nsa;

namespace {

/// Everything between the command line and the exit code.
class Runner {
public:
  Runner(const RunOptions &options, DialectRegistry &registry)
      : options(options), context(registry) {}

  LogicalResult run();

private:
  LogicalResult readModule();
  LogicalResult enableRemarks();
  LogicalResult prepare();
  LogicalResult parseProtection(StringRef spec);
  LogicalResult makeDevice();
  HostExecutorOptions getCompileOptions() const;
  LogicalResult execute(HostExecutor &executor);
  LogicalResult emitBundle();
  LogicalResult recordFor(StringRef wantedChip, ModuleOp targetModule,
                          BundleEmitter &emitter);
  /// Reports the device's error if there is one.
  LogicalResult checkDevice(const GPUDevice &checked);
  LogicalResult checkDevice() {
    return device ? checkDevice(*device) : success();
  }
  LogicalResult dumpDeviceModule();
  LogicalResult report();
  void warnOfLeaks();

  /// The text "FILE:LINE:COLUMN: " of a location, for messages that cannot go
  /// through MLIR's diagnostics.
  std::string formatLocation(Location loc) const;
  /// The "%name" that stands in the source at `loc`, or "".
  std::string getNameAt(Location loc) const;

  const RunOptions &options;
  MLIRContext context;
  llvm::SourceMgr sourceMgr;
  OwningOpRef<ModuleOp> module;
  std::optional<EntryPoint> entry;
  Inputs inputs;
  SmallVector<ProtectedRows> protectedRows;
  /// Null for the CPU. The results are freed through it.
  std::unique_ptr<GPUDevice> device;
  /// The same, if it is the emulator.
  EmulatorDevice *emulator = nullptr;
  /// The chip of a device that exists.
  std::string chip;
  CallResults results;
  SmallVector<double> milliseconds;
  Progress progress;
};

} // namespace

LogicalResult Runner::readModule() {
  std::string message;
  std::unique_ptr<llvm::MemoryBuffer> buffer =
      openInputFile(options.file, &message);
  if (!buffer)
    return fail(message);
  sourceMgr.AddNewSourceBuffer(std::move(buffer), SMLoc());
  module = parseSourceFile<ModuleOp>(sourceMgr, &context);
  return success(static_cast<bool>(module));
}

LogicalResult Runner::enableRemarks() {
  if (options.remarksFilter.empty())
    return success();
  std::string message;
  if (!llvm::Regex(options.remarksFilter).isValid(message))
    return fail("--remarks-filter=" + options.remarksFilter +
                " is not a regular expression: " + message);
  const std::string &filter = options.remarksFilter;
  remark::RemarkCategories categories{filter, filter, filter, filter, filter};
  return remark::enableOptimizationRemarks(
      context, /*streamer=*/nullptr,
      std::make_unique<remark::RemarkEmittingPolicyAll>(), categories,
      /*printAsEmitRemarks=*/true);
}

std::string Runner::formatLocation(Location loc) const {
  if (auto file = loc->findInstanceOf<FileLineColLoc>())
    return llvm::formatv("{0}:{1}:{2}: ", file.getFilename().getValue(),
                         file.getLine(), file.getColumn());
  return "";
}

std::string Runner::getNameAt(Location loc) const {
  auto file = dyn_cast<FileLineColLoc>(loc);
  unsigned bufferId = sourceMgr.getMainFileID();
  const llvm::MemoryBuffer *buffer = sourceMgr.getMemoryBuffer(bufferId);
  if (!file || file.getFilename().getValue() != buffer->getBufferIdentifier())
    return "";
  SMLoc position =
      const_cast<llvm::SourceMgr &>(sourceMgr).FindLocForLineAndColumn(
          bufferId, file.getLine(), file.getColumn());
  if (!position.isValid())
    return "";
  StringRef text(position.getPointer(),
                 buffer->getBufferEnd() - position.getPointer());
  if (!text.starts_with("%"))
    return "";
  return text
      .take_front(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz"
                                         "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                         "0123456789_$.-",
                                         1))
      .str();
}

LogicalResult Runner::parseProtection(StringRef spec) {
  auto error = [&](const Twine &message) {
    return fail("--protect=" + spec + ": " + message);
  };
  SmallVector<StringRef> fields;
  spec.split(fields, ':');
  unsigned index;
  int64_t first, last;
  if (fields.size() != 3 || fields[0].getAsInteger(10, index) ||
      fields[1].getAsInteger(10, first) || fields[2].getAsInteger(10, last))
    return error("expected ARG:FIRST:LAST, three numbers");
  if (index >= inputs.arguments.size())
    return error("@" + entry->name + " has " + Twine(inputs.arguments.size()) +
                 " arguments");
  const HostArray *array = inputs.arguments[index].array;
  if (!array || array->getShape().size() < 2)
    return error(entry->describeArgument(index) +
                 " is not an array with rows in dimension 1");
  int64_t rows = array->getShape()[1];
  if (first < 0 || first > last || last >= rows)
    return error("the rows of " + entry->describeArgument(index) +
                 " are 0 to " + Twine(rows - 1));
  protectedRows.push_back({array, first, last, entry->describeArgument(index)});
  return success();
}

LogicalResult Runner::prepare() {
  FailureOr<EntryPoint> found = findEntryPoint(
      *module, options.entry, [this](Location loc) { return getNameAt(loc); });
  if (failed(found))
    return failure();
  entry = std::move(*found);

  unsigned numResults = entry->type.getNumResults();
  if (options.outputs.size() > numResults)
    return emitError(entry->loc)
           << "@" << entry->name << " has " << numResults << " result"
           << (numResults == 1 ? "" : "s") << " but there are "
           << options.outputs.size() << " of --output";
  progress.start("reading inputs");
  FailureOr<Inputs> prepared = prepareInputs(*entry, options.inputs);
  if (failed(prepared))
    return failure();
  inputs = std::move(*prepared);
  for (const std::string &spec : options.protect)
    if (failed(parseProtection(spec)))
      return failure();
  // A function that is already lowered has no nsa operations to ask.
  auto func = dyn_cast<func::FuncOp>(entry->op);
  return func ? checkEntryShapes(func, inputs.shapes) : success();
}

LogicalResult Runner::makeDevice() {
  if (options.kind == DeviceKind::Emulator) {
    EmulatorDeviceOptions emulated = options.emulator;
    if (!options.chips.empty())
      emulated.chip = options.chips.front();
    auto owned = std::make_unique<EmulatorDevice>(emulated);
    emulator = owned.get();
    device = std::move(owned);
  }
  if (options.kind == DeviceKind::CUDA) {
    llvm::Expected<std::unique_ptr<CUDAGPUDevice>> created =
        CUDAGPUDevice::create();
    if (!created)
      return emitError(entry->loc) << "@" << entry->name << ": "
                                   << llvm::toString(created.takeError());
    chip = (*created)->getChip();
    device = std::move(*created);
  }
  return success();
}

HostExecutorOptions Runner::getCompileOptions() const {
  HostExecutorOptions compile;
  compile.cpu = options.cpu;
  compile.optLevel = options.optLevel;
  compile.checked = compile.gpu.checked = options.checked;
  compile.device = device.get();
  compile.gpu.optLevel = options.optLevel;
  compile.gpu.kernelOptions = options.kernelOptions;
  compile.gpu.format = options.kernelFormat;
  compile.gpu.toolkit = options.toolkit;
  if (!options.chips.empty())
    compile.gpu.chip = options.chips.front();
  else if (!chip.empty())
    compile.gpu.chip = chip;
  return compile;
}

LogicalResult Runner::checkDevice(const GPUDevice &checked) {
  if (!checked.getError())
    return success();
  auto [message, details] = StringRef(*checked.getError()).split('\n');
  InFlightDiagnostic diag = emitError(entry->loc)
                            << "@" << entry->name << ": " << message;
  SmallVector<StringRef> lines;
  details.split(lines, '\n', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  for (StringRef line : lines) {
    line = line.trim();
    line.consume_front("note: ");
    // The emulator's places end such a line. Only this file's can be shown.
    static const llvm::Regex placeAtEnd(
        "^(.*), (at )?([^ ,]+):([0-9]+):([0-9]+)$");
    SmallVector<StringRef> fields;
    auto file = entry->loc->findInstanceOf<FileLineColLoc>();
    unsigned row = 0, column = 0;
    if (!file || !placeAtEnd.match(line, &fields) ||
        llvm::sys::path::filename(file.getFilename()) != fields[3] ||
        fields[4].getAsInteger(10, row) || fields[5].getAsInteger(10, column)) {
      diag.attachNote() << line;
      continue;
    }
    diag.attachNote(FileLineColLoc::get(file.getFilename(), row, column))
        << fields[1];
  }
  return diag;
}

LogicalResult Runner::dumpDeviceModule() {
  if (options.dumpDeviceLLVM.empty())
    return success();
  std::error_code error;
  llvm::raw_fd_ostream os(options.dumpDeviceLLVM, error);
  if (!error) {
    os << emulator->getText();
    os.close();
    error = os.error();
    os.clear_error();
  }
  return error ? fail("cannot write " + options.dumpDeviceLLVM + ": " +
                      error.message())
               : success();
}

/// The likely cause of a memory fault in host code.
static constexpr char kDeviceMemoryHint[] =
    "; host code cannot access the device's memory";

LogicalResult Runner::execute(HostExecutor &executor) {
  if (options.threads.getNumOccurrences() && !device)
    nsaSetNumThreads(options.threads);
  FaultGuard guard(formatLocation(entry->loc) +
                       "error: the compiled code of @" + entry->name,
                   protectedRows, device ? kDeviceMemoryHint : "");
  for (auto [index, rows] : llvm::enumerate(protectedRows))
    llvm::errs() << "protected " << guard.getNumProtectedPages(index)
                 << " pages of rows " << rows.first << " to " << rows.last
                 << " of " << rows.description << "\n";

  if (options.warmup > 0)
    progress.start("warm-up", options.warmup);
  for (unsigned i = 0; i < options.warmup; ++i) {
    results = CallResults();
    results = executor.call(inputs.arguments);
    if (failed(checkDevice()))
      return failure();
    progress.step();
  }
  progress.start("run", options.repeat);
  for (unsigned i = 0; i < options.repeat; ++i) {
    // Free the previous results first: only one call's memory is measured.
    results = CallResults();
    if (emulator)
      emulator->resetCounters();
    auto begin = std::chrono::steady_clock::now();
    results = executor.call(inputs.arguments);
    auto end = std::chrono::steady_clock::now();
    milliseconds.push_back(
        std::chrono::duration<double, std::milli>(end - begin).count());
    if (failed(checkDevice()))
      return failure();
    progress.step();
  }
  if (llvm::Error error = results.fetch())
    return emitError(entry->loc)
           << "@" << entry->name << ": " << llvm::toString(std::move(error));
  return success();
}

void Runner::warnOfLeaks() {
  auto warn = [&](const AllocationStatistics &statistics, StringRef where) {
    if (statistics.liveAllocations != 0)
      emitWarning(entry->loc)
          << "@" << entry->name << " did not free " << statistics.currentBytes
          << " bytes in " << statistics.liveAllocations << " allocations"
          << where;
  };
  warn(getAllocationStatistics(), "");
  if (device)
    warn(device->getStatistics(), " on the device");
}

LogicalResult Runner::recordFor(StringRef wantedChip, ModuleOp targetModule,
                                BundleEmitter &emitter) {
  auto recorder = std::make_unique<BundleRecorder>();
  chip = wantedChip.empty() ? "sm_80" : wantedChip.str();
  HostExecutorOptions compile = getCompileOptions();
  compile.device = recorder.get();
  compile.gpu.chip = chip;
  EntryPoint target = *entry;
  target.op = targetModule.lookupSymbol(entry->name);
  FailureOr<std::unique_ptr<HostExecutor>> executor =
      HostExecutor::compile(targetModule, target, compile);
  if (failed(executor))
    return failure();
  // A file may have been lowered for some chip already.
  bool isChosen = !wantedChip.empty();
  for (const GPUImage &image : recorder->getProgram().images) {
    if (image.chip.empty())
      continue;
    if (isChosen && image.chip != chip)
      return emitError(entry->loc)
             << "the kernels @" << image.name << " are compiled for "
             << image.chip << ", not for " << chip;
    chip = image.chip;
    isChosen = true;
  }
  (*executor)->upload(*entry, inputs.arguments);
  CallResults recorded;
  {
    FaultGuard guard(formatLocation(entry->loc) +
                         "error: the compiled code of @" + entry->name,
                     {}, kDeviceMemoryHint);
    recorded = (*executor)->call(inputs.arguments);
  }
  if (failed(checkDevice(*recorder)))
    return failure();
  if (llvm::Error error =
          emitter.addTarget(chip, std::move(recorder), recorded))
    return emitError(entry->loc)
           << "@" << entry->name << ": " << llvm::toString(std::move(error));
  return success();
}

LogicalResult Runner::emitBundle() {
  SmallVector<std::string> chips = options.chips;
  if (chips.empty())
    chips.emplace_back();
  BundleEmitter emitter(*entry, inputs.arguments, chips.size() > 1);
  for (const std::string &wantedChip : chips) {
    progress.start("compiling");
    OwningOpRef<ModuleOp> copy = module->clone();
    if (failed(recordFor(wantedChip, *copy, emitter)))
      return failure();
  }
  progress.start("writing the bundle");
  if (llvm::Error error = emitter.write(options.emitBundle))
    return fail(llvm::toString(std::move(error)));
  progress.clear();
  llvm::outs() << "bundle " << options.emitBundle << ": " << emitter.summarize()
               << "\n";
  return success();
}

LogicalResult Runner::report() {
  SmallVector<std::string> summaries;
  progress.start("writing outputs");
  for (const CallResult &result : results.get())
    summaries.push_back(summarize(result));
  if (llvm::Error error = writeOutputs(results.get(), options.outputs))
    return fail(llvm::toString(std::move(error)));

  progress.clear();
  for (auto [index, summary] : llvm::enumerate(summaries))
    llvm::outs() << "output " << index << ": " << summary << "\n";
  if (options.repeat.getNumOccurrences()) {
    llvm::sort(milliseconds);
    size_t middle = milliseconds.size() / 2;
    double median = milliseconds.size() % 2
                        ? milliseconds[middle]
                        : (milliseconds[middle - 1] + milliseconds[middle]) / 2;
    llvm::outs() << llvm::format("median %.3f ms\nminimum %.3f ms\n", median,
                                 milliseconds.front());
  }
  if (options.memory)
    llvm::outs() << "peak allocation "
                 << (device ? device->getStatistics()
                            : getAllocationStatistics())
                        .peakBytes
                 << " bytes\n";
  if (options.counters.getNumOccurrences())
    emulator->printCounters(llvm::outs(), options.counters == "json");
  if (emulator)
    llvm::outs() << emulator->getMutants();

  llvm::outs().flush();

  results = CallResults();
  warnOfLeaks();
  if (llvm::outs().has_error()) {
    std::error_code error = llvm::outs().error();
    llvm::outs().clear_error();
    return fail("cannot write to standard output: " + error.message());
  }
  return success();
}

LogicalResult Runner::run() {
  SourceMgrDiagnosticHandler diagnostics(sourceMgr, &context, llvm::errs());
  if (failed(enableRemarks()) || failed(readModule()) || failed(prepare()) ||
      failed(makeDevice()))
    return failure();

  if (options.kind == DeviceKind::Bundle)
    return emitBundle();

  progress.start("compiling");
  FailureOr<std::unique_ptr<HostExecutor>> executor =
      HostExecutor::compile(*module, *entry, getCompileOptions());
  if (failed(executor) || failed(dumpDeviceModule()))
    return failure();
  (*executor)->upload(*entry, inputs.arguments);
  if (failed(checkDevice()) || failed(execute(**executor)))
    return failure();
  return report();
}

int nsa::nsaRunMain(int argc, char **argv, DialectRegistry &registry) {
  llvm::InitLLVM init(argc, argv);
  addVersionPrinter();
  // A file that grows too large is a failed write like any other.
  std::signal(SIGXFSZ, SIG_IGN);
  removeClashingOptions();
  RunOptions options;
  llvm::cl::HideUnrelatedOptions(
      {&options.runCategory, &options.compileCategory, &options.measureCategory,
       &options.testCategory});
  llvm::cl::ParseCommandLineOptions(
      argc, argv,
      "Runs a function of an .mlir file, at any level from nsa down to the "
      "LLVM dialect\n\n"
      "  nsa-run f.mlir --entry=f --input=x.npy --input=1x8xf32=random "
      "--output=y.npy\n"
      "  nsa-run f.mlir --device=emulator --counters=text --input=...\n"
      "  nsa-run f.mlir --emit-bundle=DIR --chip=sm_80,sm_90 --input=...\n\n"
      "Prints the shape, type, minimum, maximum, mean and number of NaNs of "
      "each result.\n");

  registry.insert<NSADialect>();
  registerExecution(registry);
  if (failed(options.check()))
    return 1;
  return failed(Runner(options, registry).run());
}
