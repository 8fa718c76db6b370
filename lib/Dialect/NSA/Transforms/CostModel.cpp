//===- CostModel.cpp - What a schedule is expected to cost ------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Work is counted by walking the query tiles as a kernel does; where there are
// very many, a sample of them, evenly spread.
//
// A kernel is as slow as its slowest resource. Rates are reached only with
// enough warps to issue and enough bytes on the way, and only by SMs that have
// a thread block; between key tiles a block waits for its warps. That is what
// tells apart schedules of the same work. The constants of these slowdowns are
// estimates, to be replaced by measurements.
//
//===----------------------------------------------------------------------===//

#include "nsa/Dialect/NSA/Transforms/CostModel.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace mlir::nsa;

LogicalResult
mlir::nsa::checkAssumptions(const CostAssumptions &assumptions,
                            function_ref<InFlightDiagnostic()> emitError) {
  constexpr int64_t most = std::numeric_limits<int32_t>::max();
  for (auto [name, value] :
       {std::pair("batch", assumptions.batch), {"tokens", assumptions.tokens}})
    if (value < 1 || value > most)
      return emitError() << name << " (" << value << ") must be 1 to " << most;
  if (!(assumptions.unionAgreement >= 1 && assumptions.unionAgreement <= 4))
    return emitError() << "union-agreement (" << assumptions.unionAgreement
                       << ") must be 1 to 4: distinct blocks of 4 queries over "
                          "those of one";
  return success();
}

StringRef mlir::nsa::stringifyResource(Resource resource) {
  switch (resource) {
  case Resource::MMA:
    return "mma";
  case Resource::Ex2:
    return "ex2";
  case Resource::HBM:
    return "hbm";
  case Resource::L2:
    return "l2";
  case Resource::Shared:
    return "shared";
  }
  llvm_unreachable("unknown resource");
}

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

static int64_t extentOr(Value value, int64_t dim, int64_t otherwise) {
  int64_t extent = cast<RankedTensorType>(value.getType()).getDimSize(dim);
  return ShapedType::isDynamic(extent) ? otherwise : extent;
}

/// Bytes of a tensor with dimensions `[B, tokens, ...]`.
static double getBytes(Value value, int64_t batch, int64_t tokens) {
  auto type = cast<RankedTensorType>(value.getType());
  double bytes = llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  for (auto [i, extent] : llvm::enumerate(type.getShape()))
    bytes *= !ShapedType::isDynamic(extent) ? extent
             : i == 0                       ? batch
             : i == 1                       ? tokens
                                            : 1;
  return bytes;
}

namespace {
/// A walk of rows over keys: what an attention op visits.
struct Walk {
  int64_t batch, queries, keys;
  /// Position of query 0.
  int64_t offset;
  bool causal;
  /// Of the op; 0 where it has none.
  int64_t window = 0, block = 0, stride = 0, selectionBlock = 0, listWidth = 0;
  int64_t compressedKeys = 0;
  /// Compressed keys of a selection block, where blocks are ranked; else 0.
  int64_t ratio = 0;

  int64_t getLimit(int64_t t) const {
    int64_t limit = causal ? std::min(keys, t + offset + 1) : keys;
    return std::max<int64_t>(limit, 0);
  }
  /// The keys that query t sees, of the whole list in the selected branch:
  /// there the query's own block counts whole.
  std::pair<int64_t, int64_t> getVisible(int64_t t) const {
    int64_t limit = getLimit(t);
    if (window) {
      int64_t position = t + offset;
      int64_t begin = std::max<int64_t>(0, position - window + 1);
      int64_t end = causal ? limit : std::min(limit, position + window);
      return {begin, std::max(begin, end)};
    }
    if (block) {
      if (limit < block)
        return {0, 0};
      return {0, std::min(compressedKeys, (limit - block) / stride + 1)};
    }
    return {0, std::min(limit, listWidth * selectionBlock)};
  }
};

/// Keys by the tile, per key/value head and batch entry.
struct Visits {
  /// Sum over rows of what each sees, and the same of the union's keys.
  double pairs = 0, unionPairs = 0;
  /// Sum over query tiles of the keys that they load, and that they compute.
  double loadedKeys = 0, computedKeys = 0;
  /// Key tiles of all query tiles.
  double tiles = 0;
  /// Of a selection's second sweep: its key tiles, and the keys that exist.
  double scoredTiles = 0, scoredKeys = 0;
};
} // namespace

static Walk getWalk(Operation *op, const CostAssumptions &assumptions) {
  auto branch = cast<KeyTraversalOpInterface>(op);
  Walk walk;
  walk.batch = extentOr(branch.getQueries(), 0, assumptions.batch);
  walk.queries = extentOr(branch.getQueries(), 1, assumptions.tokens);
  int64_t stored = extentOr(branch.getKeys(), 1, ShapedType::kDynamic);
  walk.keys = ShapedType::isDynamic(stored)
                  ? std::max(assumptions.tokens, walk.queries)
                  : stored;
  Value offset;
  TypeSwitch<Operation *>(op)
      .Case([&](CompressedAttentionOp compressed) {
        walk.block = compressed.getCompressionBlock();
        walk.stride = compressed.getCompressionStride();
        // The tokens behind the compressed keys, but for a last few.
        if (!ShapedType::isDynamic(stored))
          walk.keys = stored ? (stored - 1) * walk.stride + walk.block : 0;
        walk.compressedKeys =
            CompressOp::getNumBlocks(walk.keys, walk.block, walk.stride);
        walk.causal = compressed.getCausal();
        offset = compressed.getQOffset();
      })
      .Case([&](SelectedAttentionOp selected) {
        walk.selectionBlock = selected.getSelectionBlock();
        walk.listWidth = extentOr(selected.getIdx(), 3, 16);
        walk.causal = selected.getCausal();
        offset = selected.getQOffset();
      })
      .Case([&](WindowAttentionOp window) {
        walk.window = window.getWindow();
        walk.causal = window.getCausal();
        offset = window.getQOffset();
      });
  // Unless it says otherwise, a chunk of queries ends where the keys do.
  walk.offset = walk.keys - walk.queries;
  if (walk.block)
    walk.offset = std::max<int64_t>(walk.offset, 0);
  if (offset)
    walk.offset = getConstantIntValue(offset).value_or(walk.offset);
  return walk;
}

/// Neighbouring queries agree the less the more they are: a power law through
/// 1 for one query and the given factor for 4.
static double getUnionFactor(int64_t queries, double agreement) {
  return std::pow(static_cast<double>(queries),
                  std::log(agreement) / std::log(4.0));
}

/// Walks query tiles as the kernels do: key tiles start where the range of the
/// tile's rows does, a block of a list is so many whole tiles, a query's whole
/// list is walked, of the union only what somebody sees.
static Visits visit(const Walk &walk, ScheduleAttr schedule,
                    double unionFactor) {
  constexpr int64_t mostTiles = 16384;
  Visits visits;
  int64_t perTile = schedule.getQueries(), keys = schedule.getKeys();
  int64_t tiles = llvm::divideCeil(walk.queries, perTile);
  int64_t step = llvm::divideCeil(tiles, mostTiles);
  bool isUnion = schedule.getFamily() == ScheduleFamily::Union;
  double sampled = 0;
  for (int64_t tile = step / 2; tile < tiles; tile += step) {
    ++sampled;
    int64_t first = tile * perTile;
    int64_t last = std::min(walk.queries, first + perTile) - 1;
    double pairs = 0;
    for (int64_t t = first; t <= last; ++t) {
      auto [begin, end] = walk.getVisible(t);
      pairs += static_cast<double>(end - begin);
    }
    visits.pairs += pairs;
    if (!walk.selectionBlock) {
      int64_t begin = walk.getVisible(first).first;
      int64_t end = std::max(begin, walk.getVisible(last).second);
      visits.tiles += static_cast<double>(llvm::divideCeil(end - begin, keys));
      visits.unionPairs += pairs;
      visits.loadedKeys += static_cast<double>(end - begin);
      if (walk.ratio) {
        // Every candidate block, whether or not its keys are visible.
        int64_t candidates =
            llvm::divideCeil(walk.getLimit(last), walk.ratio * walk.stride);
        visits.scoredTiles += static_cast<double>(
            llvm::divideCeil(candidates * walk.ratio, keys));
        visits.scoredKeys += static_cast<double>(end);
      }
      continue;
    }
    int64_t perBlock = llvm::divideCeil(
        std::min(walk.selectionBlock, std::max<int64_t>(walk.keys, 1)), keys);
    double seen = static_cast<double>(walk.getLimit(last));
    double wanted = static_cast<double>(walk.getVisible(last).second);
    double loaded = std::min(seen, wanted * unionFactor);
    double blocks =
        isUnion ? std::ceil(loaded / static_cast<double>(walk.selectionBlock))
                : static_cast<double>(walk.listWidth);
    visits.tiles += blocks * static_cast<double>(perBlock);
    visits.unionPairs += loaded * static_cast<double>(last - first + 1);
    visits.loadedKeys += loaded;
  }
  double scale = sampled > 0 ? static_cast<double>(tiles) / sampled : 0;
  for (double *count : {&visits.pairs, &visits.unionPairs, &visits.loadedKeys,
                        &visits.tiles, &visits.scoredTiles, &visits.scoredKeys})
    *count *= scale;
  visits.computedKeys = visits.tiles * static_cast<double>(keys);
  return visits;
}

//===----------------------------------------------------------------------===//
// Work
//===----------------------------------------------------------------------===//

namespace {
/// Work of an op or fusion under one schedule.
class WorkCounter {
public:
  WorkCounter(Operation *op, ScheduleAttr schedule,
              const CostAssumptions &assumptions)
      : op(op), schedule(schedule), assumptions(assumptions) {}

  void count();

  Work work, ideal;
  double usefulFlops = 0, unionFactor = 1, blocks = 0, keyTiles = 0;
  /// Cycles of a thread block until it has its union.
  double unionCycles = 0;

private:
  void countBranch(Operation *branch, BlockScoresOp scores);
  void countMemory();

  Operation *op;
  ScheduleAttr schedule;
  const CostAssumptions &assumptions;
};
} // namespace

/// Matrix products, exponentials, and what goes from L2 to the SMs and from
/// shared memory to the warps. Scoring sweeps over the keys once more.
void WorkCounter::countBranch(Operation *branch, BlockScoresOp scores) {
  constexpr double element = 2;
  TileProblem problem = *getTileProblem(branch);
  Walk walk = getWalk(branch, assumptions);
  if (scores)
    walk.ratio = scores.getSelectionBlock() / walk.stride;
  bool isUnion =
      walk.selectionBlock && schedule.getFamily() == ScheduleFamily::Union;
  if (isUnion)
    unionFactor =
        getUnionFactor(schedule.getQueries(), assumptions.unionAgreement);
  Visits visits = visit(walk, schedule, isUnion ? unionFactor : 1);

  double dk = static_cast<double>(problem.keySize);
  double dv = static_cast<double>(problem.valueSize);
  double heads = static_cast<double>(walk.batch * problem.heads);
  // Thread blocks beside each other over one query tile.
  int64_t perGroup = problem.getHeadsPerGroup();
  double beside =
      static_cast<double>(walk.batch * problem.kvHeads *
                          (perGroup / schedule.getTileHeads(perGroup)));
  double rows = static_cast<double>(schedule.getRows());
  double keys = static_cast<double>(schedule.getKeys());
  double rowWarps = static_cast<double>(schedule.getRowWarps());
  double warps = static_cast<double>(schedule.getWarps());

  // One sweep: `wide` elements of each key's operands, `tiles` key tiles.
  // `rescales` is whether sums are rescaled after each tile, by an exponential
  // of every thread for both of its rows.
  auto addSweep = [&](double wide, double idealPairs, double loadedKeys,
                      double tiles, bool rescales) {
    usefulFlops += 2 * wide * heads * visits.pairs;
    ideal[Resource::MMA] += 2 * wide * heads * idealPairs;
    ideal[Resource::Ex2] += heads * idealPairs;
    ideal[Resource::L2] += wide * element * beside * loadedKeys;
    // Each row warp reads every key and value once for its 16 rows.
    ideal[Resource::Shared] += wide * element * heads / 16 * idealPairs;
    double computed = beside * tiles * keys;
    work[Resource::MMA] += 2 * wide * rows * computed;
    work[Resource::Ex2] +=
        rows * computed + (rescales ? beside * tiles * warps * 64 : 0);
    work[Resource::L2] += wide * element * beside * loadedKeys;
    work[Resource::Shared] += wide * element * rowWarps * computed;
    keyTiles += tiles * beside;
  };
  addSweep(dk + dv, visits.unionPairs, visits.loadedKeys, visits.tiles, true);
  if (scores)
    addSweep(dk, visits.pairs, visits.scoredKeys, visits.scoredTiles, false);
  double tiles = static_cast<double>(
      llvm::divideCeil(walk.queries, schedule.getQueries()));
  blocks = std::max(blocks, tiles * beside);
  if (isUnion) {
    // Each entry is compared with those before it, then with all, at some ten
    // instructions a comparison.
    double entries =
        static_cast<double>(schedule.getQueries() * walk.listWidth);
    unionCycles = 1.5 * entries * entries /
                  static_cast<double>(schedule.getThreads()) * 10;
  }
}

/// Operands read once and results written once; of keys and values no more than
/// the SMs ask for.
void WorkCounter::countMemory() {
  double bytes = 0;
  llvm::SmallPtrSet<Value, 8> seen;
  auto add = [&](Value value, int64_t tokens) {
    if (isa<RankedTensorType>(value.getType()) && seen.insert(value).second)
      bytes += getBytes(value, assumptions.batch, tokens);
  };
  auto addAll = [&](Operation *member) {
    for (Value value : member->getOperands()) {
      int64_t tokens = assumptions.tokens;
      if (auto compressed = dyn_cast<CompressedAttentionOp>(member))
        if (value != compressed.getQ())
          tokens =
              CompressOp::getNumBlocks(tokens, compressed.getCompressionBlock(),
                                       compressed.getCompressionStride());
      Operation *def = value.getDefiningOp();
      if (!def || !op->isProperAncestor(def))
        add(value, tokens);
    }
  };
  if (auto fusion = dyn_cast<FusionOp>(op)) {
    for (Operation &member : fusion.getBody().front().without_terminator())
      addAll(&member);
  } else {
    addAll(op);
  }
  // What a single query of a decoding step does not visit is not read.
  if (schedule.hasTiles()) {
    double keys = 0;
    op->walk([&](KeyTraversalOpInterface branch) {
      for (Value value : {Value(branch.getKeys()), Value(branch.getValues())})
        if (seen.erase(value)) {
          int64_t tokens = assumptions.tokens;
          if (auto compressed =
                  dyn_cast<CompressedAttentionOp>(branch.getOperation()))
            tokens = CompressOp::getNumBlocks(
                tokens, compressed.getCompressionBlock(),
                compressed.getCompressionStride());
          keys += getBytes(value, assumptions.batch, tokens);
        }
    });
    bytes += std::min(keys, ideal[Resource::L2]) - keys;
  }
  for (Value result : op->getResults()) {
    int64_t tokens = assumptions.tokens;
    if (auto compress = dyn_cast<CompressOp>(op))
      tokens = CompressOp::getNumBlocks(tokens, compress.getCompressionBlock(),
                                        compress.getCompressionStride());
    if (!result.use_empty() || op->getNumResults() == 1)
      add(result, tokens);
  }
  work[Resource::HBM] = ideal[Resource::HBM] = bytes;
}

void WorkCounter::count() {
  BlockScoresOp scores;
  if (auto fusion = dyn_cast<FusionOp>(op);
      fusion && fusion.getKind() == FusionKind::Selection)
    scores = fusion.getMember<BlockScoresOp>();
  if (schedule.hasTiles())
    op->walk([&](Operation *member) {
      if (isa<CompressedAttentionOp, SelectedAttentionOp, WindowAttentionOp>(
              member))
        countBranch(member, scores);
    });
  countMemory();
}

//===----------------------------------------------------------------------===//
// Time
//===----------------------------------------------------------------------===//

static Work getSeconds(const Work &work, const ChipFacts &chip) {
  Work seconds;
  seconds[Resource::MMA] = work[Resource::MMA] / chip.mmaFlopsPerSecond;
  seconds[Resource::Ex2] = work[Resource::Ex2] / chip.getEx2PerSecond();
  seconds[Resource::HBM] = work[Resource::HBM] / chip.hbmBytesPerSecond;
  seconds[Resource::L2] = work[Resource::L2] / chip.l2BytesPerSecond;
  seconds[Resource::Shared] =
      work[Resource::Shared] / chip.getSharedBytesPerSecond();
  return seconds;
}

static Resource findSlowest(const Work &seconds) {
  const auto *slowest = llvm::max_element(seconds.amounts);
  return static_cast<Resource>(slowest - seconds.amounts.begin());
}

/// How much slower than at full rate the resources are.
static Work getSlowdowns(const Cost &cost, ScheduleAttr schedule,
                         const TileProblem &problem, const ChipFacts &chip) {
  // Two warps for each of an SM's four schedulers hide each other's waiting.
  constexpr double fullWarps = 8;
  // From L2 under load.
  constexpr double latency = 700e-9;
  double sms = static_cast<double>(chip.sms);
  double slots = sms * static_cast<double>(cost.blocksPerSM);
  double busy = std::min(cost.blocks, sms);
  double perSM = std::min(cost.blocks, slots) / busy;
  // The last wave is as long as the others, however few its blocks.
  double waves = cost.blocks / slots;
  double tail = std::max(1.0, std::ceil(waves) / std::max(waves, 1.0));
  double idle = sms / busy;
  double issue = std::max(
      1.0, fullWarps / (perSM * static_cast<double>(schedule.getWarps())));
  double inFlight =
      perSM *
      static_cast<double>((schedule.getStages() - 1) * schedule.getKeys() *
                          (problem.keySize + problem.valueSize) * 2);
  double needed = chip.l2BytesPerSecond / sms * latency;
  Work slowdowns;
  slowdowns[Resource::MMA] = tail * idle * issue;
  slowdowns[Resource::Ex2] = tail * idle * issue;
  slowdowns[Resource::Shared] = tail * idle * issue;
  slowdowns[Resource::L2] = tail * idle * std::max(1.0, needed / inFlight);
  slowdowns[Resource::HBM] = 1;
  return slowdowns;
}

std::optional<Cost>
mlir::nsa::estimateCost(Operation *op, ScheduleAttr schedule,
                        const ChipFacts &chip,
                        const CostAssumptions &assumptions) {
  if (schedule.getFamily() == ScheduleFamily::Plain)
    return std::nullopt;
  WorkCounter counter(op, schedule, assumptions);
  counter.count();
  Cost cost;
  cost.work = counter.work;
  cost.idealWork = counter.ideal;
  cost.seconds = getSeconds(cost.work, chip);
  cost.idealSeconds = getSeconds(cost.idealWork, chip);
  cost.bound = findSlowest(cost.idealSeconds);
  cost.boundSeconds = cost.idealSeconds[cost.bound];
  cost.unionFactor = counter.unionFactor;
  Work slowed = cost.seconds;
  if (std::optional<TileProblem> problem = getTileProblem(op);
      problem && schedule.hasTiles()) {
    // 2 * 16 * 8 * 16 floating-point operations.
    cost.mmas = cost.work[Resource::MMA] / 4096;
    if (cost.work[Resource::MMA] > 0) {
      cost.waste = 1 - counter.usefulFlops / cost.work[Resource::MMA];
      cost.rounding =
          1 - cost.idealWork[Resource::MMA] / cost.work[Resource::MMA];
    }
    cost.sharedMemory = getSharedMemoryBytes(op, schedule);
    cost.registers = estimateRegisters(op, schedule);
    cost.blocks = std::max(1.0, counter.blocks);
    // Each block also takes 1 KiB that the system has.
    cost.blocksPerSM = std::max<int64_t>(
        1, std::min(
               {chip.sharedMemoryPerSM / (cost.sharedMemory + 1024),
                chip.registersPerSM / (cost.registers * schedule.getThreads()),
                chip.threadsPerSM / schedule.getThreads()}));
    Work slowdowns = getSlowdowns(cost, schedule, *problem, chip);
    for (auto [time, factor] : llvm::zip(slowed.amounts, slowdowns.amounts))
      time *= factor;
  }
  cost.binding = findSlowest(slowed);
  cost.predictedSeconds = slowed[cost.binding];
  if (cost.blocks > 0) {
    // Barriers, maxima across lanes and rescaling between two key tiles, while
    // which only other blocks of the SM compute.
    constexpr double betweenTiles = 150;
    double resident =
        std::min(cost.blocks, static_cast<double>(chip.sms * cost.blocksPerSM));
    cost.predictedSeconds +=
        (counter.keyTiles * betweenTiles + cost.blocks * counter.unionCycles) /
        resident / chip.clockHz;
  }
  cost.rankedSeconds = cost.predictedSeconds;
  if (schedule.getFamily() == ScheduleFamily::Dense)
    cost.rankedSeconds *= 1 + 4 * std::max(0.0, cost.rounding - 0.1);
  return cost;
}

std::vector<Plan> mlir::nsa::rankSchedules(Operation *op, const ChipFacts &chip,
                                           const CostAssumptions &assumptions) {
  std::vector<Plan> plans;
  for (ScheduleAttr schedule : enumerateSchedules(op, chip))
    if (std::optional<Cost> cost =
            estimateCost(op, schedule, chip, assumptions))
      plans.push_back({schedule, *cost});
  // Differences in the last bits are none.
  auto rank = [](const Plan &plan) {
    ScheduleAttr schedule = plan.schedule;
    return std::tuple(
        std::llround(plan.cost.rankedSeconds * 1e10), plan.cost.sharedMemory,
        schedule.getFamily(), schedule.getWarps(), schedule.getKeyWarps(),
        schedule.getKeys(), schedule.getQueries(), schedule.getStages());
  };
  llvm::sort(plans,
             [&](const Plan &a, const Plan &b) { return rank(a) < rank(b); });
  return plans;
}

std::optional<double>
mlir::nsa::predictApart(FusionOp fusion, const ChipFacts &chip,
                        const CostAssumptions &assumptions) {
  double seconds = 0;
  for (Operation &member : fusion.getBody().front().without_terminator()) {
    if (!isa<NSADialect>(member.getDialect()))
      continue;
    std::vector<Plan> ranked = rankSchedules(&member, chip, assumptions);
    if (ranked.empty())
      return std::nullopt;
    seconds += ranked.front().cost.predictedSeconds;
  }
  return seconds;
}

const Plan *mlir::nsa::findNextBest(ArrayRef<Plan> ranked,
                                    ScheduleAttr schedule) {
  const Plan *found = llvm::find_if(ranked, [&](const Plan &plan) {
    ScheduleAttr other = plan.schedule;
    return other.getFamily() != schedule.getFamily() ||
           other.getQueries() != schedule.getQueries() ||
           other.getKeys() != schedule.getKeys() ||
           other.getRowWarps() != schedule.getRowWarps() ||
           other.getKeyWarps() != schedule.getKeyWarps();
  });
  return found == ranked.end() ? nullptr : found;
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

std::string mlir::nsa::formatSeconds(double seconds) {
  std::string text;
  llvm::raw_string_ostream os(text);
  if (seconds >= 1e-3)
    os << llvm::format("%.3f ms", seconds * 1e3);
  else
    os << llvm::format("%.1f us", seconds * 1e6);
  return text;
}

std::string mlir::nsa::formatSchedule(ScheduleAttr schedule) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << schedule;
  return text;
}
