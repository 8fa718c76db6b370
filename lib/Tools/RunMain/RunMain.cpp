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
#include "Outputs.h"
#include "Progress.h"

#include "nsa/Dialect/NSA/IR/NSA.h"
#include "nsa/Dialect/NSA/Transforms/ShapeCheck.h"
#include "nsa/Execution/Allocations.h"
#include "nsa/Execution/CPUExecutor.h"
#include "nsa/Execution/CPUTarget.h"
#include "nsa/Execution/FaultGuard.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/WithColor.h"

#include <csignal>

using namespace mlir;
using namespace mlir::nsa;

namespace {

/// The command line.
struct Options {
  llvm::cl::OptionCategory runCategory{"Call", "What is called and with what."};
  llvm::cl::OptionCategory compileCategory{"Compilation"};
  llvm::cl::OptionCategory measureCategory{"Measurement"};
  llvm::cl::OptionCategory testCategory{
      "Testing aids", "For tests of compilers rather than for results."};

  llvm::cl::opt<std::string> file{
      llvm::cl::Positional, llvm::cl::Required, llvm::cl::cat(runCategory),
      llvm::cl::desc("FILE.mlir (or - for standard input)")};
  llvm::cl::opt<std::string> entry{
      "entry", llvm::cl::cat(runCategory), llvm::cl::value_desc("FUNCTION"),
      llvm::cl::desc("The public function to call; may be left out if the file "
                     "has only one")};
  llvm::cl::opt<std::string> device{
      "device", llvm::cl::cat(runCategory), llvm::cl::init("cpu"),
      llvm::cl::value_desc("NAME"),
      llvm::cl::desc("Where to run it. The one device is cpu (default)")};
  llvm::cl::list<std::string> inputs{
      "input", llvm::cl::cat(runCategory), llvm::cl::value_desc("VALUE"),
      llvm::cl::desc(
          "One argument, in order: FILE.npy; or SHAPExTYPE=random[:SEED], "
          "standard normal numbers (1x4096x8x64xf32=random:1); or "
          "SHAPExTYPE=zeros; or a number for a scalar argument. bf16 is stored "
          "in .npy as raw 16 bits (uint16 or V2). Without SEED the position of "
          "the argument is the seed")};
  llvm::cl::list<std::string> outputs{
      "output", llvm::cl::cat(runCategory), llvm::cl::value_desc("FILE.npy"),
      llvm::cl::desc("Where to write a result, in order; there may be fewer "
                     "than results")};

  llvm::cl::opt<std::string> cpu{
      "cpu", llvm::cl::cat(compileCategory), llvm::cl::value_desc("NAME"),
      llvm::cl::desc("Compile for this CPU, by LLVM's names (x86-64, haswell, "
                     "...; `llc -mcpu=help` lists them); default: this "
                     "machine's")};
  llvm::cl::opt<unsigned> optLevel{
      "opt-level", llvm::cl::cat(compileCategory), llvm::cl::init(3),
      llvm::cl::value_desc("N"),
      llvm::cl::desc("LLVM's optimisation level, 0 to 3 (default 3)")};
  llvm::cl::opt<std::string> remarksFilter{
      "remarks-filter", llvm::cl::cat(compileCategory),
      llvm::cl::value_desc("REGEX"),
      llvm::cl::desc("Print the compiler's remarks whose category matches as a "
                     "whole to standard error; nsa.* for ours")};

  llvm::cl::opt<unsigned> repeat{
      "repeat", llvm::cl::cat(measureCategory), llvm::cl::init(1),
      llvm::cl::value_desc("N"),
      llvm::cl::desc("Call the function N times and print the median and the "
                     "minimum time of a call")};
  llvm::cl::opt<unsigned> warmup{
      "warmup", llvm::cl::cat(measureCategory), llvm::cl::init(0),
      llvm::cl::value_desc("M"),
      llvm::cl::desc("Call the function M times before measuring (default 0)")};
  llvm::cl::opt<unsigned> threads{
      "threads", llvm::cl::cat(measureCategory), llvm::cl::value_desc("N"),
      llvm::cl::desc("Number of threads; default: OMP_NUM_THREADS or one per "
                     "core")};
  llvm::cl::opt<bool> memory{
      "memory", llvm::cl::cat(measureCategory),
      llvm::cl::desc("Print the most memory that the compiled code had "
                     "allocated at any time, results included, inputs not")};

  llvm::cl::list<std::string> protect{
      "protect", llvm::cl::cat(testCategory),
      llvm::cl::value_desc("ARG:FIRST:LAST"),
      llvm::cl::desc("Make the memory pages that lie wholly within rows FIRST "
                     "to LAST (dimension 1, every batch entry) of input number "
                     "ARG (from 0) unreadable: the run fails if the compiled "
                     "code touches them")};
};

/// Everything between the command line and the exit code.
class Runner {
public:
  Runner(const Options &options, DialectRegistry &registry)
      : options(options), context(registry) {}

  LogicalResult run();

private:
  LogicalResult checkOptions();
  LogicalResult readModule();
  LogicalResult enableRemarks();
  LogicalResult prepare();
  LogicalResult parseProtection(StringRef spec);
  LogicalResult execute(CPUExecutor &executor);
  LogicalResult report();

  /// The text "FILE:LINE:COLUMN: " of a location, for messages that cannot go
  /// through MLIR's diagnostics.
  std::string formatLocation(Location loc) const;
  /// The "%name" that stands in the source at `loc`, or "".
  std::string getNameAt(Location loc) const;

  const Options &options;
  MLIRContext context;
  llvm::SourceMgr sourceMgr;
  OwningOpRef<ModuleOp> module;
  std::optional<EntryPoint> entry;
  Inputs inputs;
  SmallVector<ProtectedRows> protectedRows;
  CallResults results;
  SmallVector<double> milliseconds;
  Progress progress;
};

} // namespace

/// An error of the command line, which has no location.
static LogicalResult fail(const Twine &message) {
  llvm::WithColor::error(llvm::errs()) << message << "\n";
  return failure();
}

LogicalResult Runner::checkOptions() {
  if (options.device != "cpu")
    return fail("unknown device '" + options.device +
                "'; the devices are: cpu");
  if (options.optLevel > 3)
    return fail("--opt-level is " + Twine(options.optLevel) +
                ", expected 0 to 3");
  if (options.repeat == 0)
    return fail("--repeat is 0, expected at least 1");
  if (options.threads.getNumOccurrences() &&
      (options.threads == 0 || options.threads > 4096))
    return fail("--threads is " + Twine(options.threads) +
                ", expected 1 to 4096");
  if (llvm::Expected<CPUTarget> target = getCPUTarget(options.cpu); !target)
    return fail("--cpu: " + llvm::toString(target.takeError()));
  for (auto [index, path] : llvm::enumerate(options.outputs)) {
    if (path.empty())
      return fail("--output is empty, expected a file name");
    if (llvm::is_contained(
            ArrayRef<std::string>(options.outputs).take_front(index), path) &&
        (!llvm::sys::fs::exists(path) || llvm::sys::fs::is_regular_file(path)))
      return fail("--output=" + path + " is given twice");
    // The run may take hours; writeOutputs would find out only then.
    StringRef directory = llvm::sys::path::parent_path(path);
    if (!directory.empty() && !llvm::sys::fs::is_directory(directory))
      return fail("cannot write " + path + ": there is no directory " +
                  directory);
  }
  return success();
}

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

LogicalResult Runner::execute(CPUExecutor &executor) {
  if (options.threads.getNumOccurrences())
    if (llvm::Error error = setNumThreads(options.threads))
      return fail(llvm::toString(std::move(error)));
  FaultGuard guard(formatLocation(entry->loc) +
                       "error: the compiled code of @" + entry->name,
                   protectedRows);
  for (auto [index, rows] : llvm::enumerate(protectedRows))
    llvm::errs() << "protected " << guard.getNumProtectedPages(index)
                 << " pages of rows " << rows.first << " to " << rows.last
                 << " of " << rows.description << "\n";

  if (options.warmup > 0)
    progress.start("warm-up", options.warmup);
  for (unsigned i = 0; i < options.warmup; ++i) {
    results = executor.call(inputs.arguments);
    progress.step();
  }
  progress.start("run", options.repeat);
  for (unsigned i = 0; i < options.repeat; ++i) {
    // Free the previous results first: only one call's memory is measured.
    results = CallResults();
    auto begin = std::chrono::steady_clock::now();
    results = executor.call(inputs.arguments);
    auto end = std::chrono::steady_clock::now();
    milliseconds.push_back(
        std::chrono::duration<double, std::milli>(end - begin).count());
    progress.step();
  }
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
    llvm::outs() << "peak allocation " << getAllocationStatistics().peakBytes
                 << " bytes\n";

  llvm::outs().flush();

  results = CallResults();
  AllocationStatistics statistics = getAllocationStatistics();
  if (statistics.liveAllocations != 0)
    emitWarning(entry->loc)
        << "@" << entry->name << " did not free " << statistics.currentBytes
        << " bytes in " << statistics.liveAllocations << " allocations";
  if (llvm::outs().has_error()) {
    std::error_code error = llvm::outs().error();
    llvm::outs().clear_error();
    return fail("cannot write to standard output: " + error.message());
  }
  return success();
}

LogicalResult Runner::run() {
  SourceMgrDiagnosticHandler diagnostics(sourceMgr, &context, llvm::errs());
  if (failed(checkOptions()) || failed(enableRemarks()) ||
      failed(readModule()) || failed(prepare()))
    return failure();

  progress.start("compiling");
  CPUExecutorOptions compileOptions;
  compileOptions.cpu = options.cpu;
  compileOptions.optLevel = options.optLevel;
  FailureOr<std::unique_ptr<CPUExecutor>> executor =
      CPUExecutor::compile(*module, *entry, compileOptions);
  if (failed(executor) || failed(execute(**executor)))
    return failure();
  return report();
}

/// LLVM's libraries bring options of their own, which are global; ours win.
static void removeClashingOptions() {
  for (StringRef name :
       {"entry", "device", "input", "output", "cpu", "opt-level",
        "remarks-filter", "repeat", "warmup", "threads", "memory", "protect"}) {
    auto &registered = llvm::cl::getRegisteredOptions();
    auto clash = registered.find(name);
    if (clash != registered.end())
      clash->second->removeArgument();
  }
}

int nsa::nsaRunMain(int argc, char **argv, DialectRegistry &registry) {
  llvm::InitLLVM init(argc, argv);
  // A file that grows too large is a failed write like any other.
  std::signal(SIGXFSZ, SIG_IGN);
  removeClashingOptions();
  Options options;
  llvm::cl::HideUnrelatedOptions(
      {&options.runCategory, &options.compileCategory, &options.measureCategory,
       &options.testCategory});
  llvm::cl::ParseCommandLineOptions(
      argc, argv,
      "Runs a function of an .mlir file, at any level from nsa down to the "
      "LLVM dialect\n\n"
      "  nsa-run f.mlir --entry=f --input=x.npy --input=1x8xf32=random "
      "--output=y.npy\n\n"
      "Prints the shape, type, minimum, maximum, mean and number of NaNs of "
      "each result.\n");

  registry.insert<NSADialect>();
  registerCPUExecution(registry);
  return failed(Runner(options, registry).run());
}
