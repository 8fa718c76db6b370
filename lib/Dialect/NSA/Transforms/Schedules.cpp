//===- Schedules.cpp - Which schedules an op can have -----------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Support, shared memory, legality, enumeration.
//
//===----------------------------------------------------------------------===//

#include "nsa/Dialect/NSA/Transforms/Schedules.h"

#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir;
using namespace mlir::nsa;

static int64_t extentOf(Value value, int64_t dim) {
  return cast<RankedTensorType>(value.getType()).getDimSize(dim);
}

//===----------------------------------------------------------------------===//
// The op's sizes
//===----------------------------------------------------------------------===//

std::optional<TileProblem> mlir::nsa::getTileProblem(Operation *op) {
  auto fromBranch = [](KeyTraversalOpInterface branch) {
    TileProblem problem{
        extentOf(branch.getQueries(), 2), extentOf(branch.getKeys(), 2),
        extentOf(branch.getKeys(), 3), extentOf(branch.getValues(), 3)};
    if (auto selected = dyn_cast<SelectedAttentionOp>(branch.getOperation())) {
      problem.selectionBlock = selected.getSelectionBlock();
      problem.listWidth = extentOf(selected.getIdx(), 3);
    }
    return problem;
  };
  if (isa<CompressedAttentionOp, SelectedAttentionOp, WindowAttentionOp>(op))
    return fromBranch(cast<KeyTraversalOpInterface>(op));
  auto fusion = dyn_cast<FusionOp>(op);
  if (!fusion)
    return std::nullopt;
  if (fusion.getKind() == FusionKind::Gated) {
    TileProblem problem = fromBranch(cast<KeyTraversalOpInterface>(
        fusion.getMember<SelectedAttentionOp>().getOperation()));
    problem.gates = true;
    return problem;
  }
  TileProblem problem = fromBranch(cast<KeyTraversalOpInterface>(
      fusion.getMember<CompressedAttentionOp>().getOperation()));
  auto select = fusion.getMember<SelectTopNOp>();
  auto scores = fusion.getMember<BlockScoresOp>();
  problem.selectionBlock = select.getSelectionBlock();
  problem.keysPerBlock =
      scores.getSelectionBlock() / scores.getCompressionStride();
  problem.listWidth = select.getTopN();
  problem.selects = true;
  return problem;
}

//===----------------------------------------------------------------------===//
// Support
//===----------------------------------------------------------------------===//

static std::string checkType(StringRef name, Value value) {
  Type type = getElementTypeOrSelf(value.getType());
  if (isa<Float16Type, BFloat16Type>(type))
    return "";
  return llvm::formatv("'{0}' has element type {1}, not f16 or bf16", name,
                       type);
}

static std::string checkSize(StringRef name, int64_t size) {
  if (llvm::is_contained({64, 128, 192, 256}, size))
    return "";
  return llvm::formatv("{0} is {1}, not 64, 128, 192 or 256", name, size);
}

/// Empty if tensor cores serve the op on its own.
static std::string describeLack(Operation *op);

static std::string describeBranchLack(KeyTraversalOpInterface branch) {
  std::string why = checkType("q", branch.getQueries());
  if (why.empty())
    why = checkSize("Dk", extentOf(branch.getKeys(), 3));
  if (why.empty())
    why = checkSize("Dv", extentOf(branch.getValues(), 3));
  auto selected = dyn_cast<SelectedAttentionOp>(branch.getOperation());
  if (!why.empty() || !selected)
    return why;
  if (!selected.getUnique())
    return "its lists are not known to be unique";
  int64_t lists = extentOf(selected.getIdx(), 2),
          groups = extentOf(selected.getK(), 2);
  if (lists != groups)
    return llvm::formatv("it has {0} lists a query for {1} key/value heads",
                         lists, groups);
  return "";
}

static std::string describeScoresLack(BlockScoresOp scores) {
  std::string why = checkType("q", scores.getQ());
  if (why.empty())
    why = checkSize("Dk", extentOf(scores.getKc(), 3));
  int64_t lists = extentOf(scores.getP(), 2),
          groups = extentOf(scores.getKc(), 2);
  if (why.empty() && lists != groups)
    return llvm::formatv("it has {0} lists a query for {1} key/value heads",
                         lists, groups);
  return why;
}

std::string mlir::nsa::describeFusionLack(Operation *op) {
  if (auto scores = dyn_cast<BlockScoresOp>(op))
    return describeScoresLack(scores);
  if (isa<SelectTopNOp>(op) || !isa<NSADialect>(op->getDialect()))
    return "";
  return describeLack(op);
}

static std::string describeMembersLack(FusionOp fusion) {
  for (Operation &op : fusion.getBody().front().without_terminator()) {
    std::string why = describeFusionLack(&op);
    if (!why.empty())
      return llvm::formatv("of {0}, {1}", op.getName(), why);
  }
  return "";
}

static std::string describeLack(Operation *op) {
  return TypeSwitch<Operation *, std::string>(op)
      .Case<CompressedAttentionOp, SelectedAttentionOp, WindowAttentionOp>(
          [](auto branch) {
            return describeBranchLack(
                cast<KeyTraversalOpInterface>(branch.getOperation()));
          })
      .Case([](CompressOp compress) -> std::string {
        if (compress.getPhi() != Phi::Mean &&
            compress.getPhi() != Phi::Weighted)
          return llvm::formatv("phi is {0}, not mean or weighted",
                               stringifyPhi(compress.getPhi()));
        std::string why = checkType("x", compress.getX());
        return why.empty() ? checkSize("D", extentOf(compress.getX(), 3)) : why;
      })
      .Case([](GateOp gate) {
        std::string why = checkType("branches[0]", gate.getBranches().front());
        return why.empty() ? checkSize("Dv", extentOf(gate.getO(), 3)) : why;
      })
      .Case([](MergeOp merge) {
        std::string why = checkType("os[0]", merge.getOs().front());
        return why.empty() ? checkSize("Dv", extentOf(merge.getO(), 3)) : why;
      })
      .Case([](FusionOp fusion) { return describeMembersLack(fusion); })
      .Default([](Operation *op) -> std::string {
        if (isa<BlockScoresOp, SelectTopNOp>(op))
          return "it is served only as part of a selection fusion";
        return "no kernel is made of it";
      });
}

bool mlir::nsa::supportsTensorCores(Operation *op, std::string &why) {
  why = describeLack(op);
  return why.empty();
}

//===----------------------------------------------------------------------===//
// Cost in memory and registers
//===----------------------------------------------------------------------===//

SharedMemory mlir::nsa::getSharedMemory(Operation *op, ScheduleAttr schedule) {
  SharedMemory memory;
  std::optional<TileProblem> problem = getTileProblem(op);
  if (!problem || !schedule.hasTiles())
    return memory;
  constexpr int64_t element = 2;
  int64_t rows = schedule.getRows(), keys = schedule.getKeys();
  int64_t queries = schedule.getQueries(), warps = schedule.getKeyWarps();
  int64_t dk = problem->keySize, dv = problem->valueSize;
  int64_t list =
      ShapedType::isDynamic(problem->listWidth) ? 0 : problem->listWidth;

  // What the lowering to nsa_tile plans, part by part (SharedMemoryPlan).
  auto part = [](int64_t bytes) { return llvm::alignTo(bytes, 128); };
  constexpr int64_t padding = 8;
  memory.queries = part(rows * dk * element);
  memory.stages = part(schedule.getStages() * keys * (dk + dv) * element);
  // f32 sums, with columns to spread banks, and each warp's maxima and sums.
  if (warps > 1)
    memory.merge = part(4 * warps * rows * (2 + dv + padding * warps));
  // A block and the queries that chose it, of each list, twice; then a counter.
  if (schedule.getFamily() == ScheduleFamily::Union)
    memory.unionList = part(4 * (4 * queries * list + 1));
  if (problem->selects) {
    // Of each row; and their sums over the heads, of two tiles.
    memory.probabilities =
        part(4 * rows * (keys + padding)) + part(4 * queries * 2 * keys);
    // Score and block.
    memory.topN = part(queries * list * 8);
  }
  if (problem->gates)
    memory.gated = part(4 * rows * (dv + padding * warps));
  return memory;
}

int64_t mlir::nsa::getSharedMemoryBytes(Operation *op, ScheduleAttr schedule) {
  return getSharedMemory(op, schedule).getTotal();
}

int64_t mlir::nsa::estimateRegisters(Operation *op, ScheduleAttr schedule) {
  std::optional<TileProblem> problem = getTileProblem(op);
  if (!problem || !schedule.hasTiles())
    return 0;
  // A row warp's 16 rows, 32 threads: f32 sums, f32 scores of its share of the
  // keys, the same once more in the input type; addresses, fragments, maxima.
  int64_t keys = schedule.getKeys() / schedule.getKeyWarps();
  return problem->valueSize / 2 + keys / 2 + keys / 4 + 48;
}

//===----------------------------------------------------------------------===//
// Legality
//===----------------------------------------------------------------------===//

/// "plain, dense"
static std::string describeFamilies(ArrayRef<ScheduleFamily> families) {
  return llvm::join(llvm::map_range(families, stringifyScheduleFamily), ", ");
}

static std::string describeSharedMemory(const SharedMemory &memory,
                                        const ChipFacts &chip) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "shared memory (" << memory.getTotal()
     << " bytes) is more than a block may have on " << chip.name << " ("
     << chip.sharedMemoryPerBlock << "): queries " << memory.queries;
  if (memory.merge > memory.stages)
    os << ", merging of key warps " << memory.merge;
  else
    os << ", stages " << memory.stages;
  for (auto [part, bytes] : {std::pair("union", memory.unionList),
                             {"probabilities", memory.probabilities},
                             {"top-n", memory.topN},
                             {"gated sum", memory.gated}})
    if (bytes)
      os << ", " << part << " " << bytes;
  return text;
}

std::string mlir::nsa::describeIllegalSchedule(Operation *op,
                                               ScheduleAttr schedule,
                                               const ChipFacts &chip) {
  ScheduleFamily family = schedule.getFamily();
  StringRef name = stringifyScheduleFamily(family);
  SmallVector<ScheduleFamily> families = getFamilies(op);
  if (!llvm::is_contained(families, family))
    return llvm::formatv("{0} has no kernels of family {1}; it has {2}",
                         op->getName(), name, describeFamilies(families));
  if (family == ScheduleFamily::Plain)
    return "";
  std::string why;
  if (!supportsTensorCores(op, why))
    return llvm::formatv("family {0} does not serve it: {1}", name, why);
  std::optional<TileProblem> problem = getTileProblem(op);
  if (!schedule.hasTiles() || !problem)
    return "";

  int64_t perGroup = problem->getHeadsPerGroup(), rows = schedule.getRows();
  int64_t heads = schedule.getTileHeads(perGroup);
  int64_t queries = schedule.getQueries();
  if (queries * heads > rows)
    return llvm::formatv("queries ({0}) * heads of a group in a tile ({1}) are "
                         "{2} rows, more than 16 * row_warps ({3})",
                         queries, heads, queries * heads, rows);
  if (problem->selects && perGroup > rows)
    return llvm::formatv("the {0} heads that share a list must be in one tile, "
                         "but 16 * row_warps is {1}",
                         perGroup, rows);
  if (problem->selects && schedule.getKeys() % problem->keysPerBlock)
    return llvm::formatv("keys ({0}) must be whole selection blocks, of {1} "
                         "compressed keys",
                         schedule.getKeys(), problem->keysPerBlock);
  if (family == ScheduleFamily::Union &&
      ShapedType::isDynamic(problem->listWidth))
    return "the width of the lists is dynamic, but the union has a place in "
           "shared memory for every entry";
  SharedMemory memory = getSharedMemory(op, schedule);
  if (memory.getTotal() > chip.sharedMemoryPerBlock)
    return describeSharedMemory(memory, chip);
  return "";
}

LogicalResult
mlir::nsa::checkSchedule(Operation *op, ScheduleAttr schedule,
                         const ChipFacts &chip,
                         function_ref<InFlightDiagnostic()> emitError) {
  std::string why = describeIllegalSchedule(op, schedule, chip);
  if (why.empty())
    return success();
  return emitError() << schedule << ": " << why;
}

//===----------------------------------------------------------------------===//
// Enumeration
//===----------------------------------------------------------------------===//

/// Numbers of queries worth trying: those that fill the rows, as far as the
/// family and the op allow.
static SmallVector<int64_t> getQueries(ScheduleFamily family, int64_t rowWarps,
                                       int64_t perGroup) {
  int64_t rows = 16 * rowWarps, heads = std::min(perGroup, rows);
  int64_t most = rows / heads;
  switch (family) {
  case ScheduleFamily::QueryMajor:
    // More rows than the heads fill would be idle.
    return rows < heads + 16 ? SmallVector<int64_t>{1} : SmallVector<int64_t>{};
  case ScheduleFamily::Union:
    if (most < 2 || 32 * heads <= rows - 16)
      return {};
    return {std::min<int64_t>(most, 32)};
  case ScheduleFamily::Dense:
    return {most};
  case ScheduleFamily::Plain:
  case ScheduleFamily::Vector:
    break;
  }
  return {};
}

SmallVector<ScheduleAttr> mlir::nsa::enumerateSchedules(Operation *op,
                                                        const ChipFacts &chip) {
  SmallVector<ScheduleAttr> schedules;
  MLIRContext *context = op->getContext();
  std::string why;
  if (!supportsTensorCores(op, why))
    return schedules;
  std::optional<TileProblem> problem = getTileProblem(op);
  auto add = [&](ScheduleAttr schedule) {
    // ptxas gives a thread at most 255 registers.
    if (describeIllegalSchedule(op, schedule, chip).empty() &&
        estimateRegisters(op, schedule) <= 255)
      schedules.push_back(schedule);
  };
  for (ScheduleFamily family : getFamilies(op)) {
    if (family == ScheduleFamily::Plain)
      continue;
    if (!ScheduleAttr::hasTiles(family)) {
      add(ScheduleAttr::get(context, family));
      continue;
    }
    // Where 3 divides the heads of a group, so it should the rows.
    int64_t perGroup = problem->getHeadsPerGroup();
    SmallVector<int64_t> rowWarpsTried{1, 2, 4, 8};
    if (perGroup % 3 == 0)
      rowWarpsTried.append({3, 6});
    // A selection fusion scores whole blocks of a tile.
    SmallVector<int64_t> keysTried{16, 32, 64, 128};
    if (problem->selects)
      for (int64_t keys = std::lcm<int64_t>(16, problem->keysPerBlock);
           keys <= 128; keys *= 2)
        if (!llvm::is_contained(keysTried, keys))
          keysTried.push_back(keys);
    for (int64_t rowWarps : rowWarpsTried)
      for (int64_t queries : getQueries(family, rowWarps, perGroup))
        for (int64_t keyWarps : {1, 2, 4})
          for (int64_t keys : keysTried)
            for (int64_t stages : {2, 3, 4}) {
              if (keys % (16 * keyWarps) || rowWarps * keyWarps > 8)
                continue;
              // A tile is part of one block, which bounds what it can use.
              if (problem->selectionBlock && !problem->selects &&
                  keys > std::max<int64_t>(problem->selectionBlock, 32))
                continue;
              add(ScheduleAttr::get(context, family, queries, keys, rowWarps,
                                    keyWarps, stages));
            }
  }
  return schedules;
}
