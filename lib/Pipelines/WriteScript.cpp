//===- WriteScript.cpp - Schedules as a transform script ------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Decides on a copy of the module, and writes down what was decided. It is
// written as text: a script is there to be read and edited, and the transform
// dialect need not be loaded for that.
//
// A script finds ops by name, in the order in which they stand; nothing moves
// before it has found them.
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/Passes.h"

#include "Phases.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "nsa/Dialect/NSA/Transforms/CostModel.h"
#include "nsa/Pipelines/Pipelines.h"
#include "nsa/Support/WriteFile.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/FormatVariadic.h"
#include <set>

namespace mlir::nsa {
#define GEN_PASS_DEF_NSAWRITESCRIPT
#include "nsa/Pipelines/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;
using namespace mlir::nsa;

static constexpr StringLiteral kAny = "!transform.any_op";
static constexpr StringLiteral kNumberNames[] = {"queries", "keys", "row_warps",
                                                 "key_warps", "stages"};
constexpr size_t kNumNumbers = std::size(kNumberNames);

static std::array<int64_t, kNumNumbers> getNumbers(ScheduleAttr schedule) {
  return {schedule.getQueries(), schedule.getKeys(), schedule.getRowWarps(),
          schedule.getKeyWarps(), schedule.getStages()};
}

namespace {
/// Ops that a script finds by one match.
struct Matched {
  /// For names of values: "fusion_gated".
  std::string name;
  /// What follows `transform.structured.match`.
  std::string filter;
  SmallVector<Operation *> ops;
};

/// Writes one script.
class ScriptWriter {
public:
  ScriptWriter(const NSAToPTXPipelineOptions &options, bool knobs)
      : options(options), chip(getStrictestChip(options.chip)), knobs(knobs) {}

  /// The script for a module, which is decided upon in place.
  FailureOr<std::string> write(ModuleOp module);

private:
  /// Writes how a handle to `chosen` of `all` is had, and returns its name.
  std::string writeHandle(const Matched &all, ArrayRef<Operation *> chosen);
  void writeFusions(Matched roots, FusionKind kind);
  void writeSchedules(const Matched &all);
  void writeSchedule(StringRef handle, StringRef label,
                     ArrayRef<Operation *> ops);
  std::string writeKnob(StringRef label, size_t number, ScheduleAttr schedule,
                        ArrayRef<Operation *> ops);

  const NSAToPTXPipelineOptions &options;
  std::string chip;
  bool knobs;
  /// Fusions that the module came with.
  llvm::SmallPtrSet<Operation *, 4> given;
  std::string text;
};
} // namespace

/// "fusion_gated", "window_attention"
static std::string getLabel(Operation *op) {
  if (auto fusion = dyn_cast<FusionOp>(op))
    return ("fusion_" + stringifyFusionKind(fusion.getKind())).str();
  return op->getName().stripDialect().str();
}

static std::string getFilter(Operation *op) {
  std::string filter =
      llvm::formatv("ops{{[\"{0}\"]}", op->getName().getStringRef());
  if (auto fusion = dyn_cast<FusionOp>(op))
    filter += llvm::formatv(" attributes{{kind = #nsa.fusion_kind<{0}>}",
                            stringifyFusionKind(fusion.getKind()));
  return filter;
}

/// The ops of the dialect by what a match tells apart, in the order in which it
/// meets them.
static SmallVector<Matched> matchAll(ModuleOp module) {
  SmallVector<Matched> all;
  module.walk([&](Operation *op) {
    if (!isa_and_nonnull<NSADialect>(op->getDialect()) || isa<YieldOp>(op))
      return;
    std::string filter = getFilter(op);
    auto *found = llvm::find_if(
        all, [&](const Matched &one) { return one.filter == filter; });
    if (found == all.end()) {
      all.push_back({getLabel(op), filter, {}});
      found = &all.back();
    }
    found->ops.push_back(op);
  });
  return all;
}

std::string ScriptWriter::writeHandle(const Matched &all,
                                      ArrayRef<Operation *> chosen) {
  llvm::raw_string_ostream os(text);
  std::string handle = "%" + all.name;
  os << "    " << handle << " = transform.structured.match " << all.filter
     << " in %module : (" << kAny << ") -> " << kAny << "\n";
  if (chosen.size() == all.ops.size())
    return handle;
  size_t count = all.ops.size();
  std::string each = handle + "_each";
  SmallVector<StringRef> types(count, kAny);
  os << "    " << each << ":" << count << " = transform.split_handle " << handle
     << " : (" << kAny << ") -> (" << llvm::join(types, ", ") << ")\n";
  SmallVector<std::string> parts;
  for (Operation *op : chosen)
    parts.push_back(each + "#" +
                    std::to_string(llvm::find(all.ops, op) - all.ops.begin()));
  if (parts.size() == 1)
    return parts.front();
  std::string some = handle + "_some";
  os << "    " << some << " = transform.merge_handles "
     << llvm::join(parts, ", ") << " : " << kAny << "\n";
  return some;
}

/// `roots` are ops that were there before fusing; those that only now are in a
/// fusion are fused by the script.
void ScriptWriter::writeFusions(Matched roots, FusionKind kind) {
  SmallVector<Operation *> fused;
  for (Operation *root : roots.ops)
    if (auto fusion = root->getParentOfType<FusionOp>();
        fusion && !given.contains(fusion))
      fused.push_back(root);
  if (fused.empty())
    return;
  // The same name may stand for those that are left, later on.
  roots.name += "_to_fuse";
  std::string handle = writeHandle(roots, fused);
  llvm::raw_string_ostream os(text);
  os << "    transform.nsa.fuse " << stringifyFusionKind(kind) << " " << handle
     << " : (" << kAny << ") -> " << kAny << "\n";
}

/// Writes a knob for one number of the schedule of ops, if there is a choice,
/// and returns what stands for the number.
std::string ScriptWriter::writeKnob(StringRef label, size_t number,
                                    ScheduleAttr schedule,
                                    ArrayRef<Operation *> ops) {
  int64_t selected = getNumbers(schedule)[number];
  std::set<int64_t> options{selected};
  for (Operation *op : ops) {
    FailureOr<ChipFacts> facts =
        getChipFacts(chip, op, [&] { return op->emitError(); });
    if (failed(facts))
      continue;
    for (ScheduleAttr other : enumerateSchedules(op, *facts))
      if (other.getFamily() == schedule.getFamily())
        options.insert(getNumbers(other)[number]);
  }
  if (options.size() == 1)
    return std::to_string(selected);
  llvm::raw_string_ostream os(text);
  std::string name = (label + "_" + kNumberNames[number]).str();
  os << "    %" << name << " = transform.tune.knob<\"" << label << "."
     << kNumberNames[number] << "\"> = " << selected << " from options = ["
     << llvm::join(
            llvm::map_range(
                options, [](int64_t value) { return std::to_string(value); }),
            ", ")
     << "] -> !transform.param<i64>\n";
  return "%" + name;
}

void ScriptWriter::writeSchedule(StringRef handle, StringRef label,
                                 ArrayRef<Operation *> ops) {
  ScheduleAttr schedule = getSchedule(ops.front());
  std::string parts = stringifyScheduleFamily(schedule.getFamily()).str();
  std::string types = kAny.str();
  if (schedule.hasTiles())
    for (auto [i, value] : llvm::enumerate(getNumbers(schedule))) {
      std::string number =
          knobs ? writeKnob(label, i, schedule, ops) : std::to_string(value);
      if (number.front() == '%')
        types += ", !transform.param<i64>";
      parts += (", " + kNumberNames[i] + " = " + number).str();
    }
  llvm::raw_string_ostream os(text);
  os << "    transform.nsa.set_schedule " << handle << " <" << parts
     << "> {chip = \"" << chip << "\"} : " << types << "\n";
}

void ScriptWriter::writeSchedules(const Matched &all) {
  // Ops in fusions have none of their own.
  llvm::MapVector<ScheduleAttr, SmallVector<Operation *>> schedules;
  for (Operation *op : all.ops)
    if (ScheduleAttr schedule = getSchedule(op))
      schedules[schedule].push_back(op);
  for (auto [i, pair] : llvm::enumerate(schedules)) {
    Matched matched = all;
    std::string label = all.name;
    if (schedules.size() > 1)
      label = matched.name = all.name + "_" + std::to_string(i);
    std::string handle = writeHandle(matched, pair.second);
    writeSchedule(handle, label, pair.second);
  }
}

static LogicalResult runPasses(ModuleOp module,
                               function_ref<void(OpPassManager &)> build) {
  PassManager pm(module.getContext());
  build(pm);
  return pm.run(module);
}

FailureOr<std::string> ScriptWriter::write(ModuleOp module) {
  if (failed(runPasses(module,
                       [&](OpPassManager &pm) { addBranchOps(pm, options); })))
    return failure();
  SmallVector<Matched> before = matchAll(module);
  module->walk([&](FusionOp fusion) { given.insert(fusion); });
  if (failed(runPasses(module,
                       [&](OpPassManager &pm) { addSchedules(pm, options); })))
    return failure();

  text = llvm::formatv(R"(// What --nsa-to-scheduled=chip={0} decides.
module attributes {{transform.with_named_sequence} {{
  transform.named_sequence @__transform_main(%module: !transform.any_op {{transform.readonly}) {{
    // Branch ops, each once, and lists that are unique.
    %attention = transform.structured.match ops{{["nsa.attention"]} in %module : (!transform.any_op) -> !transform.any_op
    transform.nsa.decompose %attention : (!transform.any_op) -> !transform.any_op
    %functions = transform.structured.match ops{{["func.func"]} in %module : (!transform.any_op) -> !transform.any_op
    %canonical = transform.apply_registered_pass "canonicalize" to %functions : (!transform.any_op) -> !transform.any_op
    %unique = transform.apply_registered_pass "cse" to %canonical : (!transform.any_op) -> !transform.any_op
)",
                       chip);
  if (options.tensorCores) {
    text += "    transform.apply_registered_pass \"nsa-normalise-lists\" to "
            "%unique : (!transform.any_op) -> !transform.any_op\n"
            "\n    // Ops that are one kernel.\n";
    // In the order of the pass.
    for (FusionKind kind : {FusionKind::Selection, FusionKind::Gated})
      for (const Matched &roots : before)
        if (kind == FusionKind::Selection ? isa<SelectTopNOp>(roots.ops.front())
                                          : isa<GateOp>(roots.ops.front()))
          writeFusions(roots, kind);
    text += "\n    // Kernels and tile sizes.\n";
    for (const Matched &all : matchAll(module))
      writeSchedules(all);
  }
  text += "    transform.yield\n  }\n}\n";
  return text;
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
struct WriteScript : public nsa::impl::NSAWriteScriptBase<WriteScript> {
  using Base::Base;

  /// Those of the passes that decide.
  void getDependentDialects(DialectRegistry &registry) const override {
    OpPassManager pm(ModuleOp::getOperationName());
    buildNSAToScheduledPipeline(pm, NSAToPTXPipelineOptions());
    pm.getDependentDialects(registry);
  }

  void runOnOperation() override {
    markAllAnalysesPreserved();
    if (failed(writeScript()))
      signalPassFailure();
  }

private:
  LogicalResult writeScript();

  InFlightDiagnostic error() {
    return emitError(getOperation()->getLoc()) << "nsa-write-script: ";
  }
};
} // namespace

LogicalResult WriteScript::writeScript() {
  NSAToPTXPipelineOptions options;
  std::string problem;
  llvm::raw_string_ostream problems(problem);
  if (failed(options.parseFromString(pipeline, problems)))
    return error() << "pipeline options '" << pipeline.getValue()
                   << "' are not understood: " << StringRef(problem).trim();
  options.chip.clear();
  options.chip.push_back(chip.getValue());
  OwningOpRef<ModuleOp> copy = getOperation().clone();
  FailureOr<std::string> script = ScriptWriter(options, knobs).write(*copy);
  if (failed(script))
    return failure();
  if (llvm::Error failed = writeFile(output, *script))
    return error() << llvm::toString(std::move(failed));
  return success();
}
