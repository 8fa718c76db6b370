//===- SetSchedule.cpp - Kernels and tile sizes of each op ------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is written wins over what is computed: an attribute, then options, then
// a file, then the cost model. Whatever wins must be legal.
//
//===----------------------------------------------------------------------===//

#include "nsa/Dialect/NSA/Transforms/Passes.h"

#include "mlir/IR/Remarks.h"
#include "nsa/Dialect/NSA/Transforms/Transforms.h"
#include "nsa/Dialect/NSA/Transforms/TuningFile.h"
#include "llvm/Support/FormatVariadic.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_NSASETSCHEDULE
#include "nsa/Dialect/NSA/Transforms/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;
using namespace mlir::nsa;

//===----------------------------------------------------------------------===//
// One op
//===----------------------------------------------------------------------===//

/// How many of the numbers asked for the schedule has not; none if its family
/// is another.
static std::optional<int64_t> countMisfits(const ScheduleRequest &request,
                                           ScheduleAttr schedule) {
  if (request.family && schedule.getFamily() != *request.family)
    return std::nullopt;
  int64_t misfits = 0;
  for (auto [asked, is] : {std::pair(request.queries, schedule.getQueries()),
                           {request.keys, schedule.getKeys()},
                           {request.rowWarps, schedule.getRowWarps()},
                           {request.keyWarps, schedule.getKeyWarps()},
                           {request.stages, schedule.getStages()}})
    misfits += asked && asked != is;
  return misfits;
}

FailureOr<ScheduleAttr>
mlir::nsa::completeSchedule(Operation *op, const ScheduleRequest &request,
                            ArrayRef<Plan> ranked,
                            function_ref<InFlightDiagnostic()> emitError) {
  MLIRContext *context = op->getContext();
  const Plan *base = nullptr;
  int64_t fewest = 0;
  for (const Plan &plan : ranked)
    if (std::optional<int64_t> misfits = countMisfits(request, plan.schedule);
        misfits && (!base || *misfits < fewest)) {
      base = &plan;
      fewest = *misfits;
    }
  ScheduleAttr start;
  if (base) {
    start = base->schedule;
  } else if (!request.family && !request.hasNumbers()) {
    start = ScheduleAttr::get(context, ScheduleFamily::Plain);
  } else {
    // Of what has no legal schedule: the reason is then found by whoever checks
    // it.
    SmallVector<ScheduleFamily> families = getFamilies(op);
    const auto *tiled = llvm::find_if(families, [](ScheduleFamily family) {
      return ScheduleAttr::hasTiles(family);
    });
    ScheduleFamily family = request.family            ? *request.family
                            : tiled != families.end() ? *tiled
                                                      : families.back();
    start = ScheduleAttr::hasTiles(family)
                ? ScheduleAttr::get(context, family,
                                    family == ScheduleFamily::Union ? 2 : 1, 64,
                                    1, 1, 2)
                : ScheduleAttr::get(context, family);
  }
  auto either = [](int64_t asked, int64_t otherwise) {
    return asked ? asked : otherwise;
  };
  ScheduleAttr schedule =
      ScheduleAttr::getChecked(emitError, context, start.getFamily(),
                               either(request.queries, start.getQueries()),
                               either(request.keys, start.getKeys()),
                               either(request.rowWarps, start.getRowWarps()),
                               either(request.keyWarps, start.getKeyWarps()),
                               either(request.stages, start.getStages()));
  if (!schedule)
    return failure();
  return schedule;
}

std::string mlir::nsa::getScheduleChip(Operation *op, StringRef otherwise) {
  std::string chip = getStrictestChip(getTargetChips(op));
  return chip.empty() ? otherwise.str() : chip;
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
struct SetSchedule : public nsa::impl::NSASetScheduleBase<SetSchedule> {
  using Base::Base;

  void runOnOperation() override {
    if (failed(readOptions()))
      return signalPassFailure();
    SmallVector<Operation *> ops;
    getOperation()->walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (isScheduled(op))
        ops.push_back(op);
    });
    // Every op is tried, so that one run shows all that is wrong.
    for (Operation *op : ops)
      if (failed(setSchedule(op)))
        signalPassFailure();
  }

private:
  LogicalResult readOptions();
  LogicalResult setSchedule(Operation *op);
  bool optionsApply(Operation *op) const;
  ScheduleRequest getRequest(Operation *op) const;
  void report(Operation *op, ScheduleAttr schedule, StringRef source,
              ArrayRef<Plan> ranked, const ChipFacts &facts);

  InFlightDiagnostic error(Operation *op) {
    return emitError(op->getLoc()) << "nsa-set-schedule: ";
  }
  CostAssumptions assumptions;
  /// What the options ask of every op.
  ScheduleRequest wanted;
  std::vector<TuningEntry> entries;
};
} // namespace

static remark::RemarkOpts remarkNamed(StringRef name) {
  return remark::RemarkOpts::name(name).category("nsa-set-schedule");
}

LogicalResult SetSchedule::readOptions() {
  Operation *root = getOperation();
  assumptions = {batch, tokens, unionAgreement};
  if (failed(checkAssumptions(assumptions, [&] { return error(root); })))
    return failure();
  for (auto [name, value] : {std::pair("queries", int64_t(queries)),
                             {"keys", int64_t(keys)},
                             {"row-warps", int64_t(rowWarps)},
                             {"key-warps", int64_t(keyWarps)},
                             {"stages", int64_t(stages)}})
    if (value < 0)
      return error(root) << name << " (" << value << ") must not be negative";
  wanted = {std::nullopt, queries, keys, rowWarps, keyWarps, stages};
  if (!family.empty()) {
    wanted.family = symbolizeScheduleFamily(family);
    if (!wanted.family)
      return error(root) << "unknown family '" << family
                         << "', expected plain, dense, query_major, union or "
                            "vector";
    if (wanted.hasNumbers() && !ScheduleAttr::hasTiles(*wanted.family))
      return error(root) << "family " << family
                         << " has no tiles, but numbers for them are given";
  }
  // Also where every op of the module would be plain.
  if (failed(getChipFacts(chip, root, [&] { return error(root); })))
    return failure();
  entries.clear();
  if (tuning.empty())
    return success();
  FailureOr<std::vector<TuningEntry>> read =
      readTuningFile(tuning, &getContext());
  if (failed(read))
    return failure();
  entries = std::move(*read);
  return success();
}

/// Whether the op has kernels that the options speak of.
bool SetSchedule::optionsApply(Operation *op) const {
  SmallVector<ScheduleFamily> families = getFamilies(op);
  if (wanted.family)
    return llvm::is_contained(families, *wanted.family);
  return wanted.hasNumbers() &&
         llvm::any_of(families, [](ScheduleFamily family) {
           return ScheduleAttr::hasTiles(family);
         });
}

/// What the options ask of the op: of key warps only where it can have several.
ScheduleRequest SetSchedule::getRequest(Operation *op) const {
  ScheduleRequest request = wanted;
  std::optional<TileProblem> problem = getTileProblem(op);
  if (problem && problem->selects)
    request.keyWarps = 0;
  return request;
}

LogicalResult SetSchedule::setSchedule(Operation *op) {
  std::string chip = getScheduleChip(op, this->chip);
  FailureOr<ChipFacts> facts =
      getChipFacts(chip, op, [&] { return error(op); });
  if (failed(facts))
    return failure();
  std::vector<Plan> ranked = rankSchedules(op, *facts, assumptions);
  std::string why;
  bool served = supportsTensorCores(op, why);
  std::string source;
  ScheduleAttr schedule = getSchedule(op);
  if (schedule) {
    source = "attribute";
  } else if (optionsApply(op) && (served || wanted.family)) {
    source = "options";
    if (!served && wanted.family != ScheduleFamily::Plain) {
      // An option for all ops is no demand on those that cannot follow.
      schedule = ScheduleAttr::get(&getContext(), ScheduleFamily::Plain);
    } else {
      FailureOr<ScheduleAttr> chosen =
          completeSchedule(op, getRequest(op), ranked, [&] {
            return error(op) << "with the options given, ";
          });
      if (failed(chosen))
        return failure();
      schedule = *chosen;
    }
  } else if (std::optional<size_t> entry = findTuningEntry(entries, op, chip)) {
    source = llvm::formatv("entry {0} of {1}", *entry, tuning);
    schedule = entries[*entry].schedule;
  } else {
    source = "cost model";
    schedule = ranked.empty()
                   ? ScheduleAttr::get(&getContext(), ScheduleFamily::Plain)
                   : ranked.front().schedule;
  }
  if (failed(checkSchedule(op, schedule, *facts, [&] {
        return error(op) << op->getName() << ": schedule from " << source
                         << " cannot be had: ";
      })))
    return failure();
  op->setAttr(kScheduleAttrName, schedule);
  report(op, schedule, source, ranked, *facts);
  return success();
}

/// "next best is X, predicted at 2 ms (l2)"; a given schedule need not be the
/// best.
static std::string describeNextBest(const Plan *next, const Cost *cost) {
  if (!next)
    return "next best are plain kernels";
  bool faster = cost && next->cost.rankedSeconds < cost->rankedSeconds;
  std::string text = llvm::formatv("{0} {1}, predicted at {2} ({3})",
                                   faster ? "better would be" : "next best is",
                                   formatSchedule(next->schedule),
                                   formatSeconds(next->cost.predictedSeconds),
                                   stringifyResource(next->cost.binding));
  if (cost && next->cost.sharedMemory != cost->sharedMemory)
    text += llvm::formatv(", with {0} bytes of shared memory for {1}",
                          next->cost.sharedMemory, cost->sharedMemory);
  return text;
}

void SetSchedule::report(Operation *op, ScheduleAttr schedule, StringRef source,
                         ArrayRef<Plan> ranked, const ChipFacts &facts) {
  StringRef name = op->getName().getStringRef();
  const Plan *next = findNextBest(ranked, schedule);
  if (schedule.getFamily() == ScheduleFamily::Plain) {
    std::string why;
    StringRef suggestion =
        "f16 or bf16, head sizes of 64, 128, 192 or 256, unique lists and "
        "nsa-fuse make kernels on tensor cores possible";
    if (supportsTensorCores(op, why)) {
      if (ranked.empty()) {
        why = "no schedule has room on " + facts.name;
      } else {
        why = "it was asked for; " + describeNextBest(next, nullptr);
        suggestion = "none is needed if that is meant";
      }
    }
    remark::missed(op->getLoc(), remarkNamed("plain"))
        << remark::add("{0} runs as {1}, from {2}", name,
                       formatSchedule(schedule), source)
        << remark::reason("{0}", why) << remark::suggest("{0}", suggestion);
    return;
  }
  std::optional<Cost> cost = estimateCost(op, schedule, facts, assumptions);
  std::optional<double> apart;
  if (auto fusion = dyn_cast<FusionOp>(op))
    apart = predictApart(fusion, facts, assumptions);
  {
    auto remark = remark::passed(op->getLoc(), remarkNamed("schedule"));
    remark << remark::add("{0} runs as {1}, from {2}: predicted at {3} on {4}, "
                          "bound by {5}; {6}",
                          name, formatSchedule(schedule), source,
                          formatSeconds(cost->predictedSeconds), facts.name,
                          stringifyResource(cost->binding),
                          describeNextBest(next, &*cost));
    if (schedule.getFamily() == ScheduleFamily::Union)
      remark << remark::metric(
          "union_factor", llvm::formatv("{0:F2}", cost->unionFactor).str());
    if (apart)
      remark << remark::metric("apart", formatSeconds(*apart));
  }
  if (apart && *apart < cost->predictedSeconds)
    remark::missed(op->getLoc(), remarkNamed("better-apart"))
        << remark::add("{0} is predicted at {1}, its ops apart at {2}", name,
                       formatSeconds(cost->predictedSeconds),
                       formatSeconds(*apart))
        << remark::reason("one tile serves all of a fusion's ops, and none "
                          "suits each of them")
        << remark::suggest("run nsa-fuse with {0}=false",
                           stringifyFusionKind(cast<FusionOp>(op).getKind()));
}
