//===- TuneMain.cpp - The body of nsa-tune --------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Command line, then: read, try, rank by the model, measure, print, write.
// Nothing is written before everything has succeeded.
//
// Without a script each op is tuned by itself, the others as the model has
// them; with one, the combinations of its knobs are compared as a whole.
//
//===----------------------------------------------------------------------===//

#include "nsa/Tools/TuneMain.h"

#include "../RunMain/Options.h"
#include "../RunMain/Progress.h"
#include "Measure.h"
#include "Options.h"
#include "Script.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Transforms/Passes.h"
#include "nsa/Dialect/NSA/Transforms/Transforms.h"
#include "nsa/Dialect/NSA/Transforms/TuningFile.h"
#include "nsa/Pipelines/Pipelines.h"
#include "nsa/RegisterAll.h"
#include "nsa/Support/Version.h"
#include "nsa/Support/WriteFile.h"
#include "nsa/Tools/RegisterTransforms.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/SourceMgr.h"
#include <csignal>

using namespace mlir;
using namespace mlir::nsa;

namespace {

/// What ops are predicted to take together.
struct Prediction {
  /// Kernels that the model does not know though others could be had.
  int64_t plain = 0;
  double seconds = 0, ranked = 0;
  /// What binds the slowest.
  Resource binding = Resource::HBM;
  double slowest = -1;

  void add(const Cost &cost) {
    seconds += cost.predictedSeconds;
    ranked += cost.rankedSeconds;
    if (cost.predictedSeconds > slowest) {
      slowest = cost.predictedSeconds;
      binding = cost.binding;
    }
  }
  bool operator<(const Prediction &other) const {
    return std::pair(plain, ranked) < std::pair(other.plain, other.ranked);
  }
};

/// One thing that is tried.
struct Candidate {
  std::string label;
  Prediction prediction;
  std::optional<double> measured;
  /// The place in what is tried: of a schedule in the model's ranking, or the
  /// number of a choice of knobs.
  uint64_t number = 0;
  /// Of the op that is tuned.
  ScheduleAttr schedule;

  /// As the model ranks them; of equals the first that was tried.
  bool isPredictedBefore(const Candidate &other) const {
    return prediction < other.prediction ||
           (!(other.prediction < prediction) && number < other.number);
  }
};

/// Everything between the command line and the exit code.
class Tuner {
public:
  Tuner(TuneOptions &options, DialectRegistry &registry)
      : options(options), context(registry), measurer(options) {}

  LogicalResult run();

private:
  LogicalResult readModule();
  LogicalResult prepare();
  LogicalResult tuneOps();
  LogicalResult tuneScript();
  LogicalResult writeOutputs();

  LogicalResult schedule(ModuleOp copy);
  FailureOr<Prediction> predict(ModuleOp scheduled);
  /// Measures the first of `candidates`, which are ranked by the model, and
  /// sorts those. `make` builds the module of a candidate.
  LogicalResult
  measure(SmallVectorImpl<Candidate> &candidates, StringRef what,
          function_ref<OwningOpRef<ModuleOp>(const Candidate &)> make);
  void printTable(ArrayRef<Candidate> candidates);

  TuneOptions &options;
  MLIRContext context;
  llvm::SourceMgr sourceMgr;
  OwningOpRef<ModuleOp> module;
  Measurer measurer;
  Progress progress;
  /// The module with the best schedules.
  OwningOpRef<ModuleOp> best;
  std::string bestScript;
  /// Why combinations are illegal, and how many are.
  llvm::MapVector<StringAttr, uint64_t> illegal;
  std::string tables;
};

/// Keeps what is reported, until it goes away.
class ErrorLog {
public:
  explicit ErrorLog(MLIRContext *context)
      : handler(context, [this](Diagnostic &diagnostic) {
          if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
            messages.push_back(diagnostic.str());
          return success();
        }) {}

  SmallVector<std::string> messages;

private:
  ScopedDiagnosticHandler handler;
};

} // namespace

static std::string describeOp(Operation *op) {
  std::string name = op->getName().getStringRef().str();
  if (auto fusion = dyn_cast<FusionOp>(op))
    name += (" " + stringifyFusionKind(fusion.getKind())).str();
  return name;
}

LogicalResult Tuner::readModule() {
  std::string message;
  std::unique_ptr<llvm::MemoryBuffer> buffer =
      openInputFile(options.file, &message);
  if (!buffer)
    return fail(message);
  sourceMgr.AddNewSourceBuffer(std::move(buffer), SMLoc());
  module = parseSourceFile<ModuleOp>(sourceMgr, &context);
  return success(static_cast<bool>(module));
}

LogicalResult Tuner::prepare() {
  if (options.measures() &&
      (failed(measurer.open(*module)) || failed(measurer.prepare(*module))))
    return failure();
  if (options.chip.empty())
    options.chip = options.measures() ? measurer.getChip() : "sm_80";
  auto error = [&] { return emitError(module->getLoc()); };
  if (failed(checkAssumptions(options.assumptions, error)) ||
      failed(getChipFacts(options.chip, *module, error)))
    return failure();
  return success();
}

/// Runs the passes that decide.
LogicalResult Tuner::schedule(ModuleOp copy) {
  PassManager pm(&context);
  NSAToPTXPipelineOptions pipeline;
  pipeline.chip.clear();
  pipeline.chip.push_back(options.chip);
  pipeline.batch = options.batch;
  pipeline.tokens = options.tokens;
  pipeline.unionAgreement = options.unionAgreement;
  buildNSAToScheduledPipeline(pm, pipeline);
  return pm.run(copy);
}

/// Ops that become kernels.
static SmallVector<Operation *> getScheduled(ModuleOp module) {
  SmallVector<Operation *> ops;
  module.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (isScheduled(op))
      ops.push_back(op);
  });
  return ops;
}

FailureOr<Prediction> Tuner::predict(ModuleOp scheduled) {
  Prediction sum;
  for (Operation *op : getScheduled(scheduled)) {
    FailureOr<ChipFacts> facts =
        getChipFacts(getScheduleChip(op, options.chip), op,
                     [&] { return emitError(op->getLoc()); });
    if (failed(facts))
      return failure();
    if (std::optional<Cost> cost =
            estimateCost(op, getSchedule(op), *facts, options.assumptions))
      sum.add(*cost);
    else
      ++sum.plain;
  }
  return sum;
}

//===----------------------------------------------------------------------===//
// Ranking
//===----------------------------------------------------------------------===//

LogicalResult
Tuner::measure(SmallVectorImpl<Candidate> &candidates, StringRef what,
               function_ref<OwningOpRef<ModuleOp>(const Candidate &)> make) {
  size_t count = std::min<size_t>(candidates.size(), options.top);
  progress.start(("measuring " + what).str(), count);
  for (Candidate &candidate : MutableArrayRef(candidates).take_front(count)) {
    OwningOpRef<ModuleOp> made = make(candidate);
    if (!made)
      return failure();
    FailureOr<double> seconds = measurer.measure(*made);
    if (failed(seconds))
      return failure();
    candidate.measured.emplace(*seconds);
    progress.step();
  }
  llvm::sort(MutableArrayRef(candidates).take_front(count),
             [](const Candidate &a, const Candidate &b) {
               return std::pair(*a.measured, a.number) <
                      std::pair(*b.measured, b.number);
             });
  return success();
}

void Tuner::printTable(ArrayRef<Candidate> candidates) {
  llvm::raw_string_ostream os(tables);
  bool isMeasured = options.measures();
  os << "  rank  ";
  if (isMeasured)
    os << "measured   ";
  os << "predicted  bound by  "
     << (options.script.empty() ? "schedule" : "knobs") << "\n";
  for (auto [i, candidate] :
       llvm::enumerate(candidates.take_front(options.top))) {
    os << llvm::format("  %4zu  ", i + 1);
    auto column = [&](const std::string &text) {
      os << llvm::left_justify(text, 9) << "  ";
    };
    if (isMeasured)
      column(formatSeconds(*candidate.measured));
    column(formatSeconds(candidate.prediction.seconds));
    os << llvm::left_justify(stringifyResource(candidate.prediction.binding), 8)
       << "  " << candidate.label;
    if (candidate.prediction.plain)
      os << " (and " << candidate.prediction.plain
         << " plain kernels, which are not predicted)";
    os << "\n";
  }
}

LogicalResult Tuner::tuneOps() {
  best = module->clone();
  if (failed(schedule(*best)))
    return failure();
  // Ops that one entry of a tuning file fits, and that can have the same
  // schedules, have one.
  llvm::MapVector<StringAttr, SmallVector<Operation *>> groups;
  for (Operation *op : getScheduled(*best)) {
    llvm::json::Value key =
        describeForTuning(op, getScheduleChip(op, options.chip));
    std::string why;
    bool isServed = supportsTensorCores(op, why);
    groups[StringAttr::get(&context, llvm::formatv("{0} {1}", key, isServed))]
        .push_back(op);
  }
  bool found = false;
  for (const auto &group : groups) {
    ArrayRef<Operation *> ops = group.second;
    if (llvm::none_of(getFamilies(ops.front()), [](ScheduleFamily family) {
          return ScheduleAttr::hasTiles(family);
        }))
      continue;
    FailureOr<ChipFacts> facts =
        getChipFacts(getScheduleChip(ops.front(), options.chip), ops.front(),
                     [&] { return emitError(ops.front()->getLoc()); });
    if (failed(facts))
      return failure();
    SmallVector<Candidate> candidates;
    for (const Plan &plan :
         rankSchedules(ops.front(), *facts, options.assumptions)) {
      Candidate candidate;
      candidate.number = candidates.size();
      candidate.schedule = plan.schedule;
      candidate.label = formatSchedule(plan.schedule);
      for (Operation *op : ops)
        if (std::optional<Cost> cost =
                estimateCost(op, plan.schedule, *facts, options.assumptions))
          candidate.prediction.add(*cost);
      candidates.push_back(std::move(candidate));
    }
    std::string title = describeOp(ops.front());
    if (ops.size() > 1)
      title = llvm::formatv("{0} {1}", ops.size(), title);
    if (candidates.empty()) {
      std::string why;
      if (supportsTensorCores(ops.front(), why))
        why = "no schedule has room on " + facts->name;
      tables += llvm::formatv("{0}: plain kernels only: {1}\n", title, why);
      continue;
    }
    found = true;
    llvm::sort(candidates, [](const Candidate &a, const Candidate &b) {
      return a.isPredictedBefore(b);
    });
    auto set = [&](const Candidate &candidate) {
      for (Operation *op : ops)
        op->setAttr(kScheduleAttrName, candidate.schedule);
    };
    size_t count = candidates.size();
    if (options.measures() && count > 1 &&
        failed(measure(candidates, title, [&](const Candidate &candidate) {
          set(candidate);
          return best->clone();
        })))
      return failure();
    set(candidates.front());
    tables += llvm::formatv("{0}: {1} schedule{2}\n", title, count,
                            count == 1 ? "" : "s");
    if (options.measures() && count == 1) {
      tables +=
          "  the only one, not measured: " + candidates.front().label + "\n";
      continue;
    }
    printTable(candidates);
  }
  if (!found)
    return emitError(module->getLoc())
           << "there is nothing to tune: the module has no op with kernels on "
              "tensor cores on "
           << options.chip.getValue();
  return success();
}

LogicalResult Tuner::tuneScript() {
  FailureOr<Script> script = Script::read(options.script, &context);
  if (failed(script))
    return failure();
  KnobSpace &knobs = script->getKnobs();
  if (knobs.empty())
    return fail(options.script +
                " has no transform.tune.knob: there is nothing to choose");
  for (const std::string &spec : options.knobs)
    if (failed(knobs.restrict(spec)))
      return failure();
  uint64_t count = knobs.count();
  if (count > options.limit)
    return fail(
        "the knobs of " + options.script + " have " + Twine(count) +
        " combinations, which is more than --limit=" + Twine(options.limit) +
        "; choose options with --knob, or raise the limit");

  auto make = [&](ArrayRef<Attribute> choice) {
    OwningOpRef<ModuleOp> made = module->clone();
    if (failed(script->apply(*made, choice)) || failed(schedule(*made)))
      made = nullptr;
    return made;
  };
  SmallVector<Candidate> candidates;
  progress.start("ranking", count);
  for (uint64_t number = 0; number < count; ++number) {
    Choice choice = knobs.get(number);
    ErrorLog log(&context);
    OwningOpRef<ModuleOp> made = make(choice);
    FailureOr<Prediction> prediction = failure();
    if (made)
      prediction = predict(*made);
    if (succeeded(prediction)) {
      Candidate candidate;
      candidate.label = knobs.describe(choice);
      candidate.prediction = *prediction;
      candidate.number = number;
      candidates.push_back(std::move(candidate));
    } else {
      ++illegal[StringAttr::get(&context, log.messages.empty()
                                              ? "the script failed"
                                              : log.messages.front())];
    }
    progress.step();
  }
  uint64_t numIllegal = count - candidates.size();
  tables += llvm::formatv("{0}: {1} combinations, {2} of them illegal\n",
                          options.script.getValue(), count, numIllegal);
  for (const auto &[message, times] : illegal)
    tables += llvm::formatv("  {0} times: {1}\n", times, message.getValue());
  if (candidates.empty()) {
    progress.clear();
    llvm::errs() << tables;
    return fail("no combination of the knobs of " + options.script +
                " can be had");
  }
  llvm::sort(candidates, [](const Candidate &a, const Candidate &b) {
    return a.isPredictedBefore(b);
  });
  auto makeAgain = [&](const Candidate &candidate) {
    return make(knobs.get(candidate.number));
  };
  if (options.measures() &&
      failed(measure(candidates, "combinations", makeAgain)))
    return failure();
  printTable(candidates);
  best = makeAgain(candidates.front());
  bestScript = script->format(knobs.get(candidates.front().number));
  return success();
}

//===----------------------------------------------------------------------===//
// Output
//===----------------------------------------------------------------------===//

/// One entry for each description that ops with tiles have; other schedules are
/// no choice. An entry that would give an op what it cannot have is left out.
static std::vector<TuningEntry> getEntries(ModuleOp module, StringRef chip) {
  SmallVector<Operation *> ops = getScheduled(module);
  std::vector<TuningEntry> entries;
  for (Operation *op : ops) {
    if (!getSchedule(op).hasTiles())
      continue;
    TuningEntry entry = makeTuningEntry(op, getScheduleChip(op, chip));
    if (llvm::any_of(entries, [&](const TuningEntry &other) {
          return other.keys == entry.keys;
        }))
      continue;
    // The first that fits counts: what asks for more comes before what asks for
    // less.
    auto asksMore = [](const TuningEntry &a, const TuningEntry &b) {
      return a.keys.size() > b.keys.size();
    };
    entries.insert(llvm::upper_bound(entries, entry, asksMore), entry);
  }
  for (Operation *op : ops)
    while (std::optional<size_t> i =
               findTuningEntry(entries, op, getScheduleChip(op, chip))) {
      ScheduleAttr schedule = entries[*i].schedule;
      if (schedule == getSchedule(op))
        break;
      InFlightDiagnostic warning =
          emitWarning(op->getLoc())
          << describeOp(op) << ": a tuning file cannot tell this op from "
          << "another, which is best with " << formatSchedule(schedule);
      std::string why = describeIllegalSchedule(op, schedule);
      if (why.empty()) {
        warning << "; it gets that, not " << formatSchedule(getSchedule(op));
        break;
      }
      warning << "; that is left out, since this op cannot have it: " << why;
      entries.erase(entries.begin() + *i);
    }
  return entries;
}

LogicalResult Tuner::writeOutputs() {
  progress.clear();
  llvm::raw_ostream &os = options.output == "-" || options.outputScript == "-"
                              ? llvm::errs()
                              : llvm::outs();
  os << "nsa-tune: chip " << options.chip << "; dynamic sizes: batch "
     << options.batch << ", tokens " << options.tokens << "; union-agreement "
     << llvm::format("%.2f", options.unionAgreement.getValue()) << "\n"
     << tables;
  os.flush();
  if (options.output.getNumOccurrences())
    if (llvm::Error error = writeFile(
            options.output, formatTuningFile(getEntries(*best, options.chip))))
      return fail(llvm::toString(std::move(error)));
  if (options.outputScript.getNumOccurrences())
    if (llvm::Error error = writeFile(options.outputScript, bestScript))
      return fail(llvm::toString(std::move(error)));
  return success();
}

LogicalResult Tuner::run() {
  SourceMgrDiagnosticHandler diagnostics(sourceMgr, &context, llvm::errs());
  if (failed(readModule()) || failed(prepare()) ||
      failed(options.script.empty() ? tuneOps() : tuneScript()))
    return failure();
  return writeOutputs();
}

int nsa::nsaTuneMain(int argc, char **argv, DialectRegistry &registry) {
  llvm::InitLLVM init(argc, argv);
  addVersionPrinter();
  // A file that grows too large is a failed write like any other.
  std::signal(SIGXFSZ, SIG_IGN);
  removeOptionsClashingWithTune();
  TuneOptions options;
  llvm::cl::HideUnrelatedOptions({&options.tuneCategory, &options.modelCategory,
                                  &options.measureCategory});
  llvm::cl::ParseCommandLineOptions(
      argc, argv,
      "Finds good schedules for the nsa ops of an .mlir file\n\n"
      "  nsa-tune f.mlir --chip=sm_90 --output=tuning.json\n"
      "  nsa-tune f.mlir --chip=sm_90 --script=script.mlir "
      "--output-script=best.mlir\n"
      "  nsa-tune f.mlir --rank=measure --input=... --output=tuning.json\n\n"
      "Prints what was tried, best first.\n");

  registry.insert<NSADialect>();
  registerExecution(registry);
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registerTransformDialect(registry);
  // Scripts run passes by name.
  registerTransformsPasses();
  registerAllPasses();
  if (failed(options.check()))
    return 1;
  return failed(Tuner(options, registry).run());
}
