//===- Report.cpp - Schedules and what they are predicted to cost ---------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One line of facts after another, as text for people or as JSON for tools.
//
//===----------------------------------------------------------------------===//

#include "nsa/Dialect/NSA/Transforms/Passes.h"

#include "mlir/Support/FileUtilities.h"
#include "nsa/Dialect/NSA/Transforms/CostModel.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/ToolOutputFile.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_NSAREPORT
#include "nsa/Dialect/NSA/Transforms/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;
using namespace mlir::nsa;

namespace {
/// An op of the report.
struct Entry {
  Operation *op;
  /// The op's schedule, or the one that it would get.
  ScheduleAttr schedule;
  bool isSet;
  /// Why the schedule cannot be had, or why it is plain.
  std::string reason;
  std::optional<Cost> cost;
  std::optional<Plan> next;
  /// Legal schedules that the cost model compared, by family.
  llvm::MapVector<ScheduleFamily, int64_t> compared;
  /// Seconds of a fusion's ops, were they not fused.
  std::optional<double> apart;
};

struct Report : public nsa::impl::NSAReportBase<Report> {
  using Base::Base;

  void runOnOperation() override {
    markAllAnalysesPreserved();
    if (failed(report()))
      signalPassFailure();
  }

private:
  LogicalResult report();
  FailureOr<Entry> describe(Operation *op);
  void writeText(raw_ostream &os, ArrayRef<Entry> entries) const;
  void writeJSON(raw_ostream &os, ArrayRef<Entry> entries) const;
  LogicalResult write(StringRef text);

  InFlightDiagnostic error(Operation *op) {
    return emitError(op->getLoc()) << "nsa-report: ";
  }

  CostAssumptions assumptions;
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
  SmallVector<Plan> ranked = rankSchedules(op, *facts, assumptions);
  Entry entry{op, getSchedule(op), true, {}, {}, {}, {}, {}};
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

LogicalResult Report::report() {
  Operation *root = getOperation();
  assumptions = {batch, tokens, unionAgreement};
  if (failed(checkAssumptions(assumptions, [&] { return error(root); })) ||
      failed(getChipFacts(chip, root, [&] { return error(root); })))
    return failure();
  std::vector<Entry> entries;
  WalkResult walk = root->walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (!isScheduled(op))
      return WalkResult::advance();
    FailureOr<Entry> entry = describe(op);
    if (failed(entry))
      return WalkResult::interrupt();
    entries.push_back(*entry);
    return WalkResult::advance();
  });
  if (walk.wasInterrupted())
    return failure();
  std::string text;
  llvm::raw_string_ostream os(text);
  if (format == ReportFormat::JSON)
    writeJSON(os, entries);
  else
    writeText(os, entries);
  return write(text);
}

void Report::writeText(raw_ostream &os, ArrayRef<Entry> entries) const {
  os << "nsa-report: chip " << chip << "; dynamic sizes: batch "
     << assumptions.batch << ", tokens " << assumptions.tokens
     << "; union-agreement "
     << llvm::formatv("{0:F2}", assumptions.unionAgreement) << "\n";
  if (entries.empty())
    os << "no op becomes a kernel\n";
  for (const Entry &entry : entries) {
    os << describeOp(entry.op) << " at " << describeLocation(entry.op->getLoc())
       << "\n  schedule   " << entry.schedule
       << (entry.isSet ? "" : " (not set)") << "\n";
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
           << llvm::formatv("{0:E3} m16n8k16, {1:F1} % for nothing", cost.mmas,
                            100 * cost.waste)
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
      os << (entry.cost && entry.next->cost.predictedSeconds <
                               entry.cost->predictedSeconds
                 ? "  faster     "
                 : "  next best  ")
         << entry.next->schedule << ": "
         << formatSeconds(entry.next->cost.predictedSeconds) << ", bound by "
         << stringifyResource(entry.next->cost.binding) << ", "
         << entry.next->cost.sharedMemory << " bytes of shared memory\n";
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
  json.attribute("union_factor", cost.unionFactor);
  json.attribute("shared_bytes", cost.sharedMemory);
  json.attribute("registers", cost.registers);
  json.attribute("blocks", cost.blocks);
  json.attribute("blocks_per_sm", cost.blocksPerSM);
}

void Report::writeJSON(raw_ostream &os, ArrayRef<Entry> entries) const {
  llvm::json::OStream json(os, /*IndentSize=*/2);
  json.object([&] {
    json.attribute("chip", chip.getValue());
    json.attribute("batch", assumptions.batch);
    json.attribute("tokens", assumptions.tokens);
    json.attribute("union_agreement", assumptions.unionAgreement);
    json.attributeArray("ops", [&] {
      for (const Entry &entry : entries)
        json.object([&] {
          json.attribute("op", describeOp(entry.op));
          json.attribute("location", describeLocation(entry.op->getLoc()));
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
            });
        });
    });
  });
  os << "\n";
}

LogicalResult Report::write(StringRef text) {
  if (output.empty()) {
    llvm::errs() << text;
    return success();
  }
  std::string message;
  std::unique_ptr<llvm::ToolOutputFile> file = openOutputFile(output, &message);
  if (!file)
    return error(getOperation()) << message;
  file->os() << text;
  file->os().flush();
  if (std::error_code failed = file->os().error()) {
    // The stream's destructor would end the process.
    file->os().clear_error();
    return error(getOperation())
           << "cannot write " << output << ": " << failed.message();
  }
  file->keep();
  return success();
}
