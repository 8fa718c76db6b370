//===- Report.cpp - Schedules, predictions and kernels ----------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One line of facts after another, as text for people or as JSON for tools.
// Kernels are joined with their ops by location: each op of the copy that is
// compiled gets one that no other has.
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/Passes.h"

#include "Phases.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "nsa/Dialect/NSA/Transforms/CostModel.h"
#include "nsa/Pipelines/CUDAToolkit.h"
#include "nsa/Pipelines/GPUPasses.h"
#include "nsa/Pipelines/Pipelines.h"
#include "nsa/Pipelines/Ptxas.h"
#include "nsa/Support/WriteFile.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_NSAREPORT
#include "nsa/Pipelines/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;
using namespace mlir::nsa;

namespace {
/// A kernel that was made of an op.
struct Kernel {
  std::string module, name, chip;
  /// Of a launch; none if it is not constant.
  std::optional<int64_t> dynamicSharedBytes;
  /// Without ptxas, none.
  std::optional<KernelResources> resources;
};

/// An op of the report.
struct Entry {
  Operation *op;
  std::string name, location;
  /// The op's schedule, or the one that it would get.
  ScheduleAttr schedule;
  bool isSet = true;
  /// Why the schedule cannot be had, or why it is plain.
  std::string reason;
  std::optional<Cost> cost;
  std::optional<Plan> next;
  /// Legal schedules that the cost model compared, by family.
  llvm::MapVector<ScheduleFamily, int64_t> compared;
  /// Seconds of a fusion's ops, were they not fused.
  std::optional<double> apart;
  std::vector<Kernel> kernels;
};

struct Report : public nsa::impl::NSAReportBase<Report> {
  using Base::Base;
  explicit Report(raw_ostream &stream) : stream(&stream) {}

  /// Those of what is compiled: dialects cannot be loaded once passes run.
  void getDependentDialects(DialectRegistry &registry) const override {
    OpPassManager pm(ModuleOp::getOperationName());
    buildNSAToPTXPipeline(pm, NSAToPTXPipelineOptions());
    pm.getDependentDialects(registry);
  }

  void runOnOperation() override {
    markAllAnalysesPreserved();
    if (failed(report()))
      signalPassFailure();
  }

private:
  LogicalResult report();
  FailureOr<Entry> describe(Operation *op);
  LogicalResult describeAll(ModuleOp root, std::vector<Entry> &entries);
  LogicalResult compile(ModuleOp copy, std::vector<Entry> &entries);
  LogicalResult measure(ModuleOp compiled, std::vector<Entry> &entries);
  void writeText(raw_ostream &os, ArrayRef<Entry> entries) const;
  void writeJSON(raw_ostream &os, ArrayRef<Entry> entries) const;
  LogicalResult write(StringRef text);

  InFlightDiagnostic error(Operation *op) {
    return emitError(op->getLoc()) << "nsa-report: ";
  }

  /// Where the report goes besides to `output`.
  raw_ostream *stream = nullptr;
  CostAssumptions assumptions;
  /// The release of ptxas, or why there is none.
  std::string ptxasVersion, ptxasMissing;
};
} // namespace

static std::string describeOp(Operation *op) {
  std::string name = op->getName().getStringRef().str();
  if (auto fusion = dyn_cast<FusionOp>(op))
    name += (" " + stringifyFusionKind(fusion.getKind())).str();
  return name;
}

/// "model.py:3:1"; of ops made one, the first.
static std::string describeLocation(Location loc) {
  std::string text;
  llvm::raw_string_ostream os(text);
  loc->walk([&](Location part) {
    auto file = dyn_cast<FileLineColLoc>(part);
    if (!file)
      return WalkResult::advance();
    os << file.getFilename().getValue() << ":" << file.getLine() << ":"
       << file.getColumn();
    return WalkResult::interrupt();
  });
  return text.empty() ? "unknown" : text;
}

FailureOr<Entry> Report::describe(Operation *op) {
  FailureOr<ChipFacts> facts =
      getChipFacts(chip, op, [&] { return error(op); });
  if (failed(facts))
    return failure();
  std::vector<Plan> ranked = rankSchedules(op, *facts, assumptions);
  Entry entry;
  entry.op = op;
  entry.name = describeOp(op);
  entry.location = describeLocation(op->getLoc());
  entry.schedule = getSchedule(op);
  if (!entry.schedule) {
    entry.isSet = false;
    entry.schedule =
        ranked.empty() ? ScheduleAttr::get(&getContext(), ScheduleFamily::Plain)
                       : ranked.front().schedule;
  }
  entry.reason = describeIllegalSchedule(op, entry.schedule, *facts);
  if (entry.reason.empty()) {
    if (entry.schedule.getFamily() == ScheduleFamily::Plain)
      (void)supportsTensorCores(op, entry.reason);
    entry.cost = estimateCost(op, entry.schedule, *facts, assumptions);
  }
  for (const Plan &plan : ranked)
    if (plan.schedule.hasTiles())
      ++entry.compared[plan.schedule.getFamily()];
  if (const Plan *next = findNextBest(ranked, entry.schedule))
    entry.next = *next;
  if (auto fusion = dyn_cast<FusionOp>(op))
    entry.apart = predictApart(fusion, *facts, assumptions);
  return entry;
}

LogicalResult Report::describeAll(ModuleOp root, std::vector<Entry> &entries) {
  WalkResult walk = root->walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (!isScheduled(op))
      return WalkResult::advance();
    FailureOr<Entry> entry = describe(op);
    if (failed(entry))
      return WalkResult::interrupt();
    entries.push_back(*entry);
    return WalkResult::advance();
  });
  return failure(walk.wasInterrupted());
}

LogicalResult Report::report() {
  ModuleOp root = getOperation();
  assumptions = {batch, tokens, unionAgreement};
  if (failed(checkAssumptions(assumptions, [&] { return error(root); })) ||
      failed(getChipFacts(chip, root, [&] { return error(root); })))
    return failure();
  std::vector<Entry> entries;
  OwningOpRef<ModuleOp> copy;
  if (kernels) {
    copy = root.clone();
    if (failed(compile(*copy, entries)))
      return failure();
  } else if (failed(describeAll(root, entries))) {
    return failure();
  }
  std::string text;
  llvm::raw_string_ostream os(text);
  if (format == KernelReportFormat::JSON)
    writeJSON(os, entries);
  else
    writeText(os, entries);
  return write(text);
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

/// Names the entry at the front of a location.
static constexpr StringLiteral kEntryPrefix = "nsa-report entry ";

/// The entry that the location is of.
static std::optional<size_t> findEntry(Location loc) {
  std::optional<size_t> number;
  loc->walk([&](Location part) {
    auto name = dyn_cast<NameLoc>(part);
    size_t found = 0;
    StringRef text = name ? name.getName().getValue() : StringRef();
    if (!text.consume_front(kEntryPrefix) || text.getAsInteger(10, found))
      return WalkResult::advance();
    number = found;
    return WalkResult::interrupt();
  });
  return number;
}

static LogicalResult runPasses(ModuleOp module,
                               function_ref<void(OpPassManager &)> build) {
  PassManager pm(module.getContext());
  pm.enableVerifier(false);
  build(pm);
  return pm.run(module);
}

/// Takes the copy to PTX; `entries` are its ops, once scheduled.
LogicalResult Report::compile(ModuleOp copy, std::vector<Entry> &entries) {
  NSAToPTXPipelineOptions options;
  options.chip = {chip.getValue()};
  options.toolkit = toolkit.getValue();
  options.batch = batch;
  options.tokens = tokens;
  options.unionAgreement = unionAgreement;
  auto schedule = [&](OpPassManager &pm) {
    buildNSAToScheduledPipeline(pm, options);
  };
  if (failed(runPasses(copy, schedule)) || failed(describeAll(copy, entries)))
    return failure();
  for (auto [number, entry] : llvm::enumerate(entries)) {
    auto name =
        StringAttr::get(&getContext(), kEntryPrefix + llvm::Twine(number));
    // Those in a fusion too: the plain path takes it apart.
    entry.op->walk(
        [&](Operation *op) { op->setLoc(NameLoc::get(name, op->getLoc())); });
    // The op goes away.
    entry.op = nullptr;
  }
  auto lower = [&](OpPassManager &pm) {
    buildNSAScheduledToNVVMPipeline(pm, options);
  };
  if (failed(runPasses(copy, lower)))
    return failure();
  return measure(copy, entries);
}

/// Finds the kernels of each entry, and what ptxas says of them.
LogicalResult Report::measure(ModuleOp compiled, std::vector<Entry> &entries) {
  llvm::StringMap<std::optional<int64_t>> dynamicBytes;
  auto getKey = [](StringRef module, StringRef name) {
    return (module + "::" + name).str();
  };
  compiled.walk([&](gpu::LaunchFuncOp launch) {
    std::optional<int64_t> bytes = 0;
    if (Value size = launch.getDynamicSharedMemorySize())
      bytes = getConstantIntValue(size);
    dynamicBytes[getKey(launch.getKernelModuleName(), launch.getKernelName())] =
        bytes;
  });
  // An entry's kernels, in the order in which they are launched.
  llvm::StringMap<std::pair<size_t, size_t>> places;
  for (auto module : compiled.getOps<gpu::GPUModuleOp>())
    for (auto func : module.getOps<LLVM::LLVMFuncOp>()) {
      std::optional<size_t> number = findEntry(func.getLoc());
      std::string key = getKey(module.getName(), func.getName());
      if (!number || *number >= entries.size() || !dynamicBytes.contains(key))
        continue;
      std::vector<Kernel> &made = entries[*number].kernels;
      places[key] = {*number, made.size()};
      made.push_back({module.getName().str(),
                      func.getName().str(),
                      {},
                      dynamicBytes[key],
                      {}});
    }
  CUDAToolkit found;
  std::string path = ptxas;
  if (path.empty()) {
    if (succeeded(findCUDAToolkit(toolkit,
                                  {/*ptxas=*/true, /*libdevice=*/false}, found,
                                  ptxasMissing))) {
      path = found.ptxas;
      // Where it was looked for in vain.
      ptxasMissing.clear();
    }
  } else if (!llvm::sys::fs::can_execute(path) ||
             llvm::sys::fs::is_directory(path)) {
    ptxasMissing = "ptxas=" + path + " is not an executable file";
    path.clear();
  }
  if (path.empty())
    return success();
  ptxasVersion = getPtxasVersion(path);
  SerializeGPUModulesOptions serialize;
  serialize.format = "isa";
  serialize.toolkit = toolkit.getValue();
  if (failed(runPasses(compiled, [&](OpPassManager &pm) {
        pm.addPass(createSerializeGPUModules(serialize));
      })))
    return failure();
  for (auto binary : compiled.getOps<gpu::BinaryOp>())
    for (auto object : binary.getObjects().getAsRange<gpu::ObjectAttr>()) {
      auto target = dyn_cast<NVVM::NVVMTargetAttr>(object.getTarget());
      if (!target)
        continue;
      PtxasResult result;
      std::string message;
      if (failed(runPtxas(object.getObject().getValue(), target.getChip(), path,
                          {"--opt-level", std::to_string(target.getO())},
                          result, message)))
        return error(getOperation())
               << "@" << binary.getSymName() << ": " << message;
      for (KernelResources &resources : result.functions) {
        auto place = places.find(getKey(binary.getSymName(), resources.name));
        if (place == places.end())
          continue;
        auto [number, index] = place->second;
        Kernel &kernel = entries[number].kernels[index];
        kernel.chip = target.getChip();
        kernel.resources = std::move(resources);
      }
    }
  return success();
}

//===----------------------------------------------------------------------===//
// Formats
//===----------------------------------------------------------------------===//

/// Why the model did not choose `next`, or that it would have.
static std::string describeWhyNot(const Cost &cost, const Cost &next) {
  if (next.rankedSeconds < cost.rankedSeconds)
    return "the schedule was given, not chosen";
  if (next.predictedSeconds < cost.predictedSeconds)
    return llvm::formatv("{0:F1} % of its products are rounding, {1:F1} % here",
                         100 * next.rounding, 100 * cost.rounding);
  double slower = cost.predictedSeconds > 0
                      ? next.predictedSeconds / cost.predictedSeconds - 1
                      : 0;
  if (slower < 0.0005 && next.sharedMemory > cost.sharedMemory)
    return "as fast, with more shared memory";
  std::string text = llvm::formatv("{0:F1} % slower", 100 * slower);
  // What it does more of, in the resource that binds it.
  double own = cost.seconds[next.binding], other = next.seconds[next.binding];
  if (own > 0 && other > own * 1.005)
    text +=
        llvm::formatv(", with {0:F1} % more work of {1}",
                      100 * (other / own - 1), stringifyResource(next.binding));
  else if (next.blocksPerSM < cost.blocksPerSM)
    text += llvm::formatv(", with {0} blocks an SM for {1}", next.blocksPerSM,
                          cost.blocksPerSM);
  else
    text += ", by fewer warps or bytes on the way, or more waiting between key "
            "tiles";
  return text;
}

void Report::writeText(raw_ostream &os, ArrayRef<Entry> entries) const {
  os << "nsa-report: chip " << chip << "; dynamic sizes: batch "
     << assumptions.batch << ", tokens " << assumptions.tokens
     << "; union-agreement "
     << llvm::formatv("{0:F2}", assumptions.unionAgreement) << "\n";
  if (kernels) {
    if (ptxasMissing.empty())
      os << "ptxas " << ptxasVersion << "\n";
    else
      os << "no registers and spills: " << ptxasMissing << "\n";
  }
  if (entries.empty())
    os << "no op becomes a kernel\n";
  for (const Entry &entry : entries) {
    os << entry.name << " at " << entry.location << "\n  schedule   "
       << entry.schedule << (entry.isSet ? "" : " (not set)") << "\n";
    if (!entry.reason.empty())
      os << "  because    " << entry.reason << "\n";
    if (entry.cost) {
      const Cost &cost = *entry.cost;
      os << "  predicted  " << formatSeconds(cost.predictedSeconds)
         << ", bound by " << stringifyResource(cost.binding) << "\n"
         << "  at best    " << formatSeconds(cost.boundSeconds) << ", bound by "
         << stringifyResource(cost.bound) << "\n"
         << "  each alone ";
      bool first = true;
      for (int64_t i = 0; i < kNumResources; ++i)
        if (double seconds = cost.seconds.amounts[i]; seconds > 0) {
          os << (first ? "" : ", ")
             << stringifyResource(static_cast<Resource>(i)) << " "
             << formatSeconds(seconds);
          first = false;
        }
      os << "\n";
      if (entry.schedule.hasTiles()) {
        os << "  mma        "
           << llvm::formatv("{0:E3} m16n8k16, {1:F1} % for nothing, {2:F1} % "
                            "by rounding to tiles",
                            cost.mmas, 100 * cost.waste, 100 * cost.rounding)
           << "\n  resources  " << cost.sharedMemory
           << " bytes of shared memory, about " << cost.registers
           << " registers, " << llvm::formatv("{0:F0}", cost.blocks)
           << " blocks, " << cost.blocksPerSM << " an SM\n";
        if (entry.schedule.getFamily() == ScheduleFamily::Union)
          os << "  union      " << llvm::formatv("{0:F2}", cost.unionFactor)
             << " times the blocks of one list\n";
      }
    }
    if (entry.apart)
      os << "  not fused  " << formatSeconds(*entry.apart) << "\n";
    if (!entry.compared.empty()) {
      os << "  compared  ";
      for (auto [family, count] : entry.compared)
        os << " " << count << " " << stringifyScheduleFamily(family);
      os << "\n";
    }
    if (entry.next)
      os << (entry.cost &&
                     entry.next->cost.rankedSeconds < entry.cost->rankedSeconds
                 ? "  better     "
                 : "  next best  ")
         << entry.next->schedule << ": "
         << formatSeconds(entry.next->cost.predictedSeconds) << ", bound by "
         << stringifyResource(entry.next->cost.binding) << ", "
         << entry.next->cost.sharedMemory << " bytes of shared memory"
         << (entry.cost && entry.schedule.hasTiles()
                 ? "; " + describeWhyNot(*entry.cost, entry.next->cost)
                 : "")
         << "\n";
    for (const Kernel &kernel : entry.kernels) {
      os << "  kernel     @" << kernel.module << "::@" << kernel.name << ": ";
      if (const auto &resources = kernel.resources)
        os << resources->registers.value_or(0) << " registers, spills "
           << resources->spillStoreBytes << " stored and "
           << resources->spillLoadBytes << " loaded bytes, "
           << resources->sharedBytes << " static and ";
      if (kernel.dynamicSharedBytes)
        os << *kernel.dynamicSharedBytes;
      else
        os << "unknown";
      os << " dynamic bytes of shared memory\n";
    }
  }
}

static void writeWork(llvm::json::OStream &json, StringRef name,
                      const Work &work) {
  json.attributeObject(name, [&] {
    for (int64_t i = 0; i < kNumResources; ++i)
      json.attribute(stringifyResource(static_cast<Resource>(i)),
                     work.amounts[i]);
  });
}

static void writeCost(llvm::json::OStream &json, const Cost &cost) {
  json.attribute("predicted_s", cost.predictedSeconds);
  json.attribute("binding", stringifyResource(cost.binding));
  json.attribute("bound_s", cost.boundSeconds);
  json.attribute("bound_by", stringifyResource(cost.bound));
  writeWork(json, "work", cost.work);
  writeWork(json, "seconds", cost.seconds);
  writeWork(json, "ideal_work", cost.idealWork);
  writeWork(json, "ideal_seconds", cost.idealSeconds);
  json.attribute("mmas", cost.mmas);
  json.attribute("waste", cost.waste);
  json.attribute("rounding", cost.rounding);
  json.attribute("union_factor", cost.unionFactor);
  json.attribute("shared_bytes", cost.sharedMemory);
  json.attribute("registers", cost.registers);
  json.attribute("blocks", cost.blocks);
  json.attribute("blocks_per_sm", cost.blocksPerSM);
}

static void writeKernel(llvm::json::OStream &json, const Kernel &kernel) {
  json.attribute("name", kernel.name);
  json.attribute("module", kernel.module);
  if (kernel.dynamicSharedBytes)
    json.attribute("dynamic_shared_bytes", *kernel.dynamicSharedBytes);
  else
    json.attribute("dynamic_shared_bytes", nullptr);
  if (!kernel.resources)
    return;
  const KernelResources &resources = *kernel.resources;
  json.attribute("chip", kernel.chip);
  json.attribute("registers", resources.registers.value_or(0));
  json.attribute("spill_store_bytes", resources.spillStoreBytes);
  json.attribute("spill_load_bytes", resources.spillLoadBytes);
  json.attribute("stack_bytes", resources.stackBytes);
  json.attribute("static_shared_bytes", resources.sharedBytes);
}

void Report::writeJSON(raw_ostream &os, ArrayRef<Entry> entries) const {
  llvm::json::OStream json(os, /*IndentSize=*/2);
  json.object([&] {
    json.attribute("chip", chip.getValue());
    json.attribute("batch", assumptions.batch);
    json.attribute("tokens", assumptions.tokens);
    json.attribute("union_agreement", assumptions.unionAgreement);
    if (kernels) {
      if (ptxasMissing.empty()) {
        json.attribute("ptxas", ptxasVersion);
      } else {
        json.attribute("ptxas", nullptr);
        json.attribute("ptxas_missing", ptxasMissing);
      }
    }
    json.attributeArray("ops", [&] {
      for (const Entry &entry : entries)
        json.object([&] {
          json.attribute("op", entry.name);
          json.attribute("location", entry.location);
          json.attribute("schedule", formatSchedule(entry.schedule));
          json.attribute("is_set", entry.isSet);
          if (!entry.reason.empty())
            json.attribute("reason", entry.reason);
          if (entry.cost)
            json.attributeObject("cost", [&] { writeCost(json, *entry.cost); });
          if (entry.apart)
            json.attribute("apart_s", *entry.apart);
          if (!entry.compared.empty())
            json.attributeObject("compared", [&] {
              for (auto [family, count] : entry.compared)
                json.attribute(stringifyScheduleFamily(family), count);
            });
          if (entry.next)
            json.attributeObject("next_best", [&] {
              json.attribute("schedule", formatSchedule(entry.next->schedule));
              json.attributeObject("cost",
                                   [&] { writeCost(json, entry.next->cost); });
              if (entry.cost && entry.schedule.hasTiles())
                json.attribute("why_not",
                               describeWhyNot(*entry.cost, entry.next->cost));
            });
          if (kernels)
            json.attributeArray("kernels", [&] {
              for (const Kernel &kernel : entry.kernels)
                json.object([&] { writeKernel(json, kernel); });
            });
        });
    });
  });
  os << "\n";
}

LogicalResult Report::write(StringRef text) {
  if (stream)
    *stream << text;
  if (output.empty()) {
    if (!stream)
      llvm::errs() << text;
    return success();
  }
  if (llvm::Error failed = writeFile(output, text))
    return error(getOperation()) << llvm::toString(std::move(failed));
  return success();
}

std::unique_ptr<Pass> nsa::createNSAReportTo(raw_ostream &stream) {
  return std::make_unique<Report>(stream);
}
