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
  problem.selectionBlock = select.getSelectionBlock();
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

/// The most keys and rows of a tile that an #nsa.schedule can have.
static constexpr int64_t kMostKeys = 1024, kMostRows = 16 * 32;

/// Compression strides, and thus compressed keys, of a selection block.
static int64_t getRatio(BlockScoresOp scores) {
  return scores.getSelectionBlock() / scores.getCompressionStride();
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
  if (extentOf(selected.getIdx(), 3) == 0)
    return "its lists are empty";
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
  if (!why.empty())
    return why;
  // A tile has whole blocks.
  int64_t ratio = getRatio(scores);
  if (int64_t least = std::lcm(int64_t(16), ratio); least > kMostKeys)
    return llvm::formatv("a selection block has {0} compression strides, and "
                         "the least multiple of both that and 16 is {1}, more "
                         "than a tile's {2} keys",
                         ratio, least, kMostKeys);
  int64_t group = extentOf(scores.getQ(), 2) / groups;
  if (group > kMostRows)
    return llvm::formatv(
        "the {0} heads that share a list are more than the {1} "
        "rows of a tile",
        group, kMostRows);
  return "";
}

static std::string describeTopNLack(SelectTopNOp select) {
  int64_t n = select.getTopN();
  if (n >= 1 && n <= kMostSelected)
    return "";
  return llvm::formatv("top_n ({0}) is not 1 to {1}", n, kMostSelected);
}

std::string mlir::nsa::describeFusionLack(Operation *op) {
  if (auto scores = dyn_cast<BlockScoresOp>(op))
    return describeScoresLack(scores);
  if (auto select = dyn_cast<SelectTopNOp>(op))
    return describeTopNLack(select);
  if (!isa<NSADialect>(op->getDialect()))
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

/// The layout of what is not laid out yet: only sizes are known.
static void layOut(SharedMemory &memory) {
  // Rows of tiles are swizzled within this.
  constexpr int64_t alignment = 128;
  auto place = [&](SharedPart &part) {
    part.offset = memory.total;
    memory.total += llvm::alignTo(part.bytes, alignment);
  };
  place(memory.queries);
  // Key warps exchange what they have when keys and values are over.
  memory.merge.offset = memory.total;
  place(memory.keys);
  place(memory.values);
  memory.total = std::max(
      memory.total, memory.merge.offset + static_cast<int64_t>(llvm::alignTo(
                                              memory.merge.bytes, alignment)));
  for (SharedPart *part : {&memory.gated, &memory.unionLists,
                           &memory.probabilities, &memory.sums, &memory.topN})
    place(*part);
}

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

  memory.queries.bytes = rows * dk * element;
  memory.keys.bytes = schedule.getStages() * keys * dk * element;
  memory.values.bytes = schedule.getStages() * keys * dv * element;
  // Of each key warp: maximum, sum, and the columns that each of them sums.
  if (warps > 1)
    memory.merge.bytes =
        4 * warps * rows * (2 + warps * (dv / warps + kRowPadding));
  // Each key warp has some columns.
  if (problem->gates)
    memory.gated.bytes = 4 * rows * (dv + warps * kRowPadding);
  // Of each entry: block, whether it is the block's first; of each block of the
  // union: its number, who chose it. Then the size.
  if (schedule.getFamily() == ScheduleFamily::Union)
    memory.unionLists.bytes = 4 * (4 * queries * list + 1);
  if (problem->selects) {
    memory.probabilities.bytes = 4 * rows * (keys + kRowPadding);
    memory.sums.bytes = 4 * queries * 2 * keys;
    // Rank and block.
    memory.topN.bytes = 2 * 4 * queries * list;
  }
  layOut(memory);
  return memory;
}

int64_t mlir::nsa::getSharedMemoryBytes(Operation *op, ScheduleAttr schedule) {
  return getSharedMemory(op, schedule).total;
}

int64_t mlir::nsa::estimateRegisters(Operation *op, ScheduleAttr schedule) {
  std::optional<TileProblem> problem = getTileProblem(op);
  if (!problem || !schedule.hasTiles())
    return 0;
  // Of a warp's 16 rows, 32 threads: f32 sums, f32 scores of its share of the
  // keys, the same once more in the input type, and the queries, unless they
  // would not fit and are read 64 columns at a time; addresses, maxima.
  int64_t keys = schedule.getKeys() / schedule.getKeyWarps();
  int64_t tiles = problem->valueSize / 2 + keys / 2 + keys / 4;
  int64_t queries = problem->keySize / 4;
  // A gated sum has a second output to address and gates. A number of heads
  // that is no power of two is divided by with a multiplication, and ptxas then
  // keeps more of both outputs apart at the end.
  int64_t heads = getHeadsPerTile(problem->getHeadsPerGroup(),
                                  schedule.getRows() / schedule.getQueries());
  int64_t others = 48 + (problem->gates ? 16 : 0);
  if (!llvm::isPowerOf2_64(heads))
    others +=
        problem->gates ? problem->valueSize / 6 / schedule.getKeyWarps() : 8;
  return tiles + (tiles + queries <= kTileRegisters ? queries : 16) + others;
}

//===----------------------------------------------------------------------===//
// Legality
//===----------------------------------------------------------------------===//

/// "plain, dense"
static std::string describeFamilies(ArrayRef<ScheduleFamily> families) {
  return llvm::join(llvm::map_range(families, stringifyScheduleFamily), ", ");
}

static std::string describeSharedMemory(const SharedMemory &memory,
                                        StringRef where, int64_t most) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "shared memory (" << memory.total
     << " bytes) is more than a block may have on " << where << " (" << most
     << "): queries " << memory.queries.bytes;
  int64_t stages = memory.keys.bytes + memory.values.bytes;
  if (memory.merge.bytes > stages)
    os << ", merging of key warps " << memory.merge.bytes;
  else
    os << ", stages " << stages;
  for (auto [name, part] : {std::pair("gated sum", memory.gated),
                            {"union", memory.unionLists},
                            {"probabilities", memory.probabilities},
                            {"sums", memory.sums},
                            {"top-n", memory.topN}})
    if (part.bytes)
      os << ", " << name << " " << part.bytes;
  return text;
}

/// Of a selection fusion: lists are made of whole tiles' scores by all heads.
static std::string describeIllegalSelection(FusionOp fusion,
                                            ScheduleAttr schedule,
                                            const TileProblem &problem) {
  auto scores = fusion.getMember<BlockScoresOp>();
  int64_t keys = schedule.getKeys(), ratio = getRatio(scores),
          perGroup = problem.getHeadsPerGroup();
  if (schedule.getKeyWarps() != 1)
    return llvm::formatv("key_warps ({0}) must be 1 in a selection fusion, "
                         "where a warp ranks what it scored",
                         schedule.getKeyWarps());
  if (keys % ratio)
    return llvm::formatv("keys ({0}) must be a multiple of the {1} compression "
                         "strides of a selection block",
                         keys, ratio);
  // The op has compression blocks no longer than its selection blocks, so what
  // touches a block begins in its tile or the one before.
  assert(scores.getCompressionBlock() <= scores.getSelectionBlock());
  if (schedule.getTileHeads(perGroup) != perGroup)
    return llvm::formatv("the {0} heads that share a list must be in one tile, "
                         "but 16 * row_warps / queries is {1}",
                         perGroup, schedule.getRows() / schedule.getQueries());
  return "";
}

static std::string describeIllegalUnion(ScheduleAttr schedule,
                                        const TileProblem &problem) {
  int64_t width = problem.listWidth, queries = schedule.getQueries();
  if (ShapedType::isDynamic(width))
    return "the width of the lists is dynamic, but the union has a place in "
           "shared memory for every entry";
  if (width < 1 || queries * width > kMostUnionEntries)
    return llvm::formatv("queries ({0}) * width of a list ({1}) are {2} "
                         "entries, not 1 to {3}: the work of making their "
                         "union grows with the square",
                         queries, width, queries * width, kMostUnionEntries);
  return "";
}

/// Whatever the shared memory.
static std::string describeIllegalTiles(Operation *op, ScheduleAttr schedule) {
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

  int64_t keyWarps = schedule.getKeyWarps();
  if (problem->valueSize % (16 * keyWarps))
    return llvm::formatv("Dv ({0}) must be a multiple of 16 * key_warps ({1}): "
                         "each sums some columns of all",
                         problem->valueSize, 16 * keyWarps);
  if (family == ScheduleFamily::Union)
    why = describeIllegalUnion(schedule, *problem);
  if (why.empty() && problem->selects)
    why = describeIllegalSelection(cast<FusionOp>(op), schedule, *problem);
  return why;
}

std::string mlir::nsa::describeIllegalSchedule(Operation *op,
                                               ScheduleAttr schedule) {
  std::string why = describeIllegalTiles(op, schedule);
  SharedMemory memory = getSharedMemory(op, schedule);
  if (why.empty() && memory.total > getMostSharedMemory())
    return describeSharedMemory(memory, "any chip", getMostSharedMemory());
  return why;
}

std::string mlir::nsa::describeIllegalSchedule(Operation *op,
                                               ScheduleAttr schedule,
                                               const ChipFacts &chip) {
  std::string why = describeIllegalTiles(op, schedule);
  SharedMemory memory = getSharedMemory(op, schedule);
  if (why.empty() && memory.total > chip.sharedMemoryPerBlock)
    return describeSharedMemory(memory, chip.name, chip.sharedMemoryPerBlock);
  return why;
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
                                       const TileProblem &problem) {
  int64_t rows = 16 * rowWarps, perGroup = problem.getHeadsPerGroup();
  int64_t heads = getHeadsPerTile(perGroup, rows);
  int64_t most = rows / heads;
  switch (family) {
  case ScheduleFamily::QueryMajor:
    // More rows than the heads fill would be idle.
    return rows < heads + 16 ? SmallVector<int64_t>{1} : SmallVector<int64_t>{};
  case ScheduleFamily::Union: {
    int64_t width = std::max<int64_t>(problem.listWidth, 1);
    most = std::min({most, int64_t(32), kMostUnionEntries / width});
    if (most < 2 || most * heads <= rows - 16)
      return {};
    return {most};
  }
  case ScheduleFamily::Dense:
    return {most};
  case ScheduleFamily::Plain:
  case ScheduleFamily::Vector:
    break;
  }
  return {};
}

/// Numbers of keys worth trying.
static SmallVector<int64_t> getKeys(Operation *op, const TileProblem &problem) {
  SmallVector<int64_t> tried{16, 32, 64, 128};
  if (!problem.selects)
    return tried;
  // Whole selection blocks.
  int64_t unit = std::lcm(
      int64_t(16), getRatio(cast<FusionOp>(op).getMember<BlockScoresOp>()));
  for (int64_t keys : {unit, 2 * unit})
    if (keys <= 128 && !llvm::is_contained(tried, keys))
      tried.push_back(keys);
  return tried;
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
    for (int64_t rowWarps : rowWarpsTried)
      for (int64_t queries : getQueries(family, rowWarps, *problem))
        for (int64_t keyWarps : {1, 2, 4})
          for (int64_t keys : getKeys(op, *problem))
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
