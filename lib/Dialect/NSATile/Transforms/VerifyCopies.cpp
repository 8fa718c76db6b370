//===- VerifyCopies.cpp - The flow of copies in a kernel --------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What no op can see for itself: where copies, groups and ready values come
// from and go to. Each check carries the label of the pass's documentation.
//
// Two analyses. Which buffers a value stands for does not depend on when, and
// is found by following the value backwards. Which groups are in flight does:
// the program is run once per region in the order of its ops, and loops until
// nothing changes. What is known of a group is the smallest number of groups
// that are committed after it, which can only fall from round to round.
//
//===----------------------------------------------------------------------===//

#include "nsa/Dialect/NSATile/Transforms/Passes.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::nsa_tile {
#define GEN_PASS_DEF_NSATILEVERIFY
#include "nsa/Dialect/NSATile/Transforms/Passes.h.inc"
} // namespace mlir::nsa_tile

using namespace mlir;
using namespace mlir::nsa_tile;

//===----------------------------------------------------------------------===//
// Which buffers
//===----------------------------------------------------------------------===//

/// The value that names the tile; null where it cannot be told.
static Value getBuffer(Value tile) {
  while (auto cast = tile.getDefiningOp<memref::CastOp>())
    tile = cast.getSource();
  if (auto argument = dyn_cast<BlockArgument>(tile)) {
    Operation *parent = argument.getOwner()->getParentOp();
    bool isEntry = argument.getOwner()->isEntryBlock();
    return isEntry && isa<FunctionOpInterface, gpu::LaunchOp>(parent) ? tile
                                                                      : Value();
  }
  return tile.getDefiningOp<SharedOp>() ? tile : Value();
}

/// The bytes of the dynamic shared memory that `op` names.
static std::pair<int64_t, int64_t> getBytes(SharedOp op) {
  MemRefType type = cast<MemRefType>(op.getTile().getType());
  auto begin = static_cast<int64_t>(op.getOffset());
  return {begin,
          begin + type.getNumElements() * type.getElementTypeBitWidth() / 8};
}

static bool overlap(Value a, Value b) {
  if (a == b)
    return true;
  auto first = a.getDefiningOp<SharedOp>(),
       second = b.getDefiningOp<SharedOp>();
  if (!first || !second)
    return false;
  auto [firstBegin, firstEnd] = getBytes(first);
  auto [secondBegin, secondEnd] = getBytes(second);
  return firstBegin < secondEnd && secondBegin < firstEnd;
}

namespace {
/// The buffers that a copy, group or ready value may stand for.
struct Buffers {
  explicit Buffers(Value value) { visit(value); }

  bool mayContain(Value buffer) const {
    return isUnknown || llvm::any_of(found, [&](Value other) {
             return overlap(other, buffer);
           });
  }
  bool contains(Value buffer) const { return !isUnknown && mayContain(buffer); }

  llvm::SmallSetVector<Value, 4> found;
  bool isUnknown = false;

private:
  void visit(Value value);
  void visit(ValueRange values) {
    for (Value value : values)
      visit(value);
  }
  void visitArgument(BlockArgument argument);
  void visitResult(OpResult result);

  DenseSet<Value> visited;
};
} // namespace

static ValueRange getYielded(Region &region) {
  return region.front().getTerminator()->getOperands();
}

void Buffers::visit(Value value) {
  if (!visited.insert(value).second)
    return;
  if (auto argument = dyn_cast<BlockArgument>(value))
    return visitArgument(argument);
  visitResult(cast<OpResult>(value));
}

void Buffers::visitArgument(BlockArgument argument) {
  Operation *parent = argument.getOwner()->getParentOp();
  unsigned number = argument.getArgNumber();
  if (auto loop = dyn_cast<scf::ForOp>(parent)) {
    visit(loop.getInitArgs()[number - 1]);
    return visit(loop.getYieldedValues()[number - 1]);
  }
  auto iterate = dyn_cast<IterateOp>(parent);
  if (!iterate) {
    isUnknown = true;
    return;
  }
  if (argument.getOwner()->getParent() == &iterate.getBegin())
    return visit(iterate.getPending());
  if (number == 2)
    return visit(getYielded(iterate.getLoad()));
  unsigned numBegun =
      iterate.getBegin().empty() ? 0 : getYielded(iterate.getBegin()).size();
  if (number - 3 < numBegun)
    return visit(getYielded(iterate.getBegin())[number - 3]);
  visit(iterate.getInits()[number - 3 - numBegun]);
  visit(getYielded(iterate.getCompute())[number - 3 - numBegun]);
}

void Buffers::visitResult(OpResult result) {
  unsigned number = result.getResultNumber();
  TypeSwitch<Operation *>(result.getOwner())
      .Case([&](LoadAsyncOp op) {
        if (Value buffer = getBuffer(op.getTile()))
          found.insert(buffer);
        else
          isUnknown = true;
      })
      .Case([&](NoCopyOp) {})
      .Case([&](CommitOp op) { visit(op.getCopies()); })
      .Case([&](WaitOp op) { visit(op.getGroups()); })
      .Case([&](scf::IfOp op) {
        for (Region *region : op.getRegions())
          visit(getYielded(*region)[number]);
      })
      .Case([&](scf::ForOp op) {
        visit(op.getInitArgs()[number]);
        visit(op.getYieldedValues()[number]);
      })
      .Case([&](IterateOp op) {
        size_t numCarried = op.getInits().size();
        if (number >= numCarried)
          return visit(getYielded(op.getBegin())[number - numCarried]);
        visit(op.getInits()[number]);
        visit(getYielded(op.getCompute())[number]);
      })
      .Default([&](Operation *) { isUnknown = true; });
}

//===----------------------------------------------------------------------===//
// Which groups are in flight
//===----------------------------------------------------------------------===//

namespace {
struct Group {
  /// At least so many groups are committed later.
  int64_t newer = 0;
  /// Some wait has covered it, for this group or a later one.
  bool isComplete = false;

  bool operator==(const Group &other) const {
    return newer == other.newer && isComplete == other.isComplete;
  }
};

/// What is known at one point of the program.
struct State {
  /// Groups that nothing has waited for.
  llvm::MapVector<Value, Group> groups;
  /// Copies that were issued and are in no group.
  llvm::SmallSetVector<Value, 4> copies;
  /// Ready values without a barrier behind their wait.
  llvm::SmallSetVector<Value, 4> hidden;

  /// `to` is the value `from` where control goes on.
  void hand(const State &source, Value from, Value to);
  /// What holds whichever way control came.
  void join(const State &other);
};

class FlowVerifier {
public:
  void visitRegions(Operation *op);
  bool failed() const { return hasFailed; }

private:
  void visit(Block &block, State &state);
  void visit(Operation *op, State &state);
  void visit(scf::ForOp op, State &state);
  void visit(scf::IfOp op, State &state);
  void visit(IterateOp op, State &state);
  void visitRead(Operation *op, Value tile, Value ready, const State &state);

  /// A loop's rounds before the last say nothing.
  template <typename Message> void report(Operation *op, Message message) {
    if (isSilent)
      return;
    hasFailed = true;
    InFlightDiagnostic error = op->emitOpError();
    message(error);
  }

  bool isSilent = false, hasFailed = false;
};
} // namespace

void State::hand(const State &source, Value from, Value to) {
  auto group = source.groups.find(from);
  if (group != source.groups.end())
    groups[to] = group->second;
  if (source.copies.contains(from))
    copies.insert(to);
  if (source.hidden.contains(from))
    hidden.insert(to);
}

void State::join(const State &other) {
  groups.remove_if([&](auto &entry) {
    auto found = other.groups.find(entry.first);
    if (found == other.groups.end())
      return true;
    entry.second.newer = std::min(entry.second.newer, found->second.newer);
    entry.second.isComplete &= found->second.isComplete;
    return false;
  });
  copies.insert_range(other.copies);
  hidden.insert_range(other.hidden);
}

void FlowVerifier::visitRegions(Operation *op) {
  for (Region &region : op->getRegions())
    for (Block &block : region) {
      State state;
      visit(block, state);
    }
}

void FlowVerifier::visit(Block &block, State &state) {
  for (Operation &op : block)
    visit(&op, state);
}

void FlowVerifier::visit(Operation *op, State &state) {
  TypeSwitch<Operation *>(op)
      .Case([&](LoadAsyncOp op) { state.copies.insert(op.getCopy()); })
      .Case([&](CommitOp op) {
        for (Value copy : op.getCopies())
          state.copies.remove(copy);
        for (auto &[value, group] : state.groups)
          ++group.newer;
        state.groups[op.getGroup()] = Group();
      })
      .Case([&](WaitOp op) {
        int64_t newer = op.getNewer();
        for (Value value : op.getGroups()) {
          auto group = state.groups.find(value);
          if (group == state.groups.end())
            continue;
          // copies_c4
          int64_t known = group->second.newer;
          if (!group->second.isComplete && newer > known)
            report(op, [&](InFlightDiagnostic &error) {
              error << "lets " << newer
                    << " newer groups be in flight, but only " << known
                    << " are committed after a group it waits for, which may "
                       "be read before it has arrived";
            });
          state.groups.erase(group);
        }
        for (auto &[value, group] : state.groups)
          group.isComplete |= group.newer >= newer;
        state.hidden.insert(op.getReady());
      })
      .Case([&](DropOp op) {
        for (Value group : op.getGroups())
          state.groups.erase(group);
      })
      .Case([&](gpu::BarrierOp) { state.hidden.clear(); })
      .Case([&](LoadFragOp op) {
        visitRead(op, op.getTile(), op.getReady(), state);
      })
      .Case([&](MmaSharedOp op) {
        visitRead(op, op.getTile(), op.getReady(), state);
      })
      .Case([&](scf::ForOp op) { visit(op, state); })
      .Case([&](scf::IfOp op) { visit(op, state); })
      .Case([&](IterateOp op) { visit(op, state); })
      // Kernels and functions begin anew; of other control flow nothing is
      // known.
      .Default([&](Operation *op) { visitRegions(op); });
}

void FlowVerifier::visit(scf::ForOp op, State &state) {
  State entry = state;
  for (auto [init, argument] :
       llvm::zip(op.getInitArgs(), op.getRegionIterArgs()))
    entry.hand(state, init, argument);
  for (Value init : op.getInitArgs()) {
    entry.groups.erase(init);
    entry.copies.remove(init);
  }

  auto handBack = [&](const State &end, ValueRange targets) {
    State next = end;
    for (auto [yielded, target] : llvm::zip(op.getYieldedValues(), targets))
      next.hand(end, yielded, target);
    return next;
  };
  bool wasSilent = std::exchange(isSilent, true);
  while (true) {
    State end = entry;
    visit(*op.getBody(), end);
    State next = entry;
    next.join(handBack(end, op.getRegionIterArgs()));
    // Copies and ready values of the body end with it.
    bool isStable = next.groups.size() == entry.groups.size();
    for (auto &[value, group] : next.groups)
      isStable &= group == entry.groups[value];
    for (Value argument : op.getRegionIterArgs())
      isStable &=
          next.copies.contains(argument) == entry.copies.contains(argument) &&
          next.hidden.contains(argument) == entry.hidden.contains(argument);
    if (isStable)
      break;
    entry = next;
  }
  isSilent = wasSilent;
  State end = entry;
  visit(*op.getBody(), end);

  State after = state;
  for (auto [init, result] : llvm::zip(op.getInitArgs(), op.getResults()))
    after.hand(state, init, result);
  for (Value init : op.getInitArgs())
    after.copies.remove(init);
  after.join(handBack(end, op.getResults()));
  state = after;
}

void FlowVerifier::visit(scf::IfOp op, State &state) {
  SmallVector<State, 2> ends;
  for (Region *region : op.getRegions()) {
    State end = state;
    if (!region->empty()) {
      visit(region->front(), end);
      State source = end;
      for (auto [yielded, result] :
           llvm::zip(getYielded(*region), op.getResults())) {
        end.hand(source, yielded, result);
        end.groups.erase(yielded);
        end.copies.remove(yielded);
      }
    }
    ends.push_back(end);
  }
  ends[0].join(ends[1]);
  state = ends[0];
}

void FlowVerifier::visit(IterateOp op, State &state) {
  // How the tiles' own groups go is nsa-tile-pipeline's.
  for (Value group : op.getPending())
    state.groups.erase(group);
  for (Region &region : op->getRegions())
    for (Block &block : region) {
      State inner = state;
      visit(block, inner);
    }
}

void FlowVerifier::visitRead(Operation *op, Value tile, Value ready,
                             const State &state) {
  // copies_c6
  if (state.hidden.contains(ready))
    report(op, [](InFlightDiagnostic &error) {
      error << "reads what other threads copied, but there is no gpu.barrier "
               "between the wait and the read";
    });
  Value buffer = getBuffer(tile);
  if (!buffer)
    return;
  // copies_c5
  if (!Buffers(ready).mayContain(buffer))
    report(op, [](InFlightDiagnostic &error) {
      error << "reads a tile after a wait for other groups: none of them "
               "copies to this tile";
    });
  // copies_c7
  int64_t inFlight = 0;
  for (auto &[value, group] : state.groups)
    inFlight += !group.isComplete && Buffers(value).contains(buffer);
  for (Value copy : state.copies)
    inFlight += Buffers(copy).contains(buffer);
  int64_t stages = cast<MemRefType>(tile.getType()).getDimSize(0);
  if (inFlight + 1 > stages)
    report(op, [&](InFlightDiagnostic &error) {
      error << "tile has " << stages << " stages, but " << inFlight
            << " copies to it are in flight while one is read";
    });
}

//===----------------------------------------------------------------------===//
// Values that are used once
//===----------------------------------------------------------------------===//

static bool isLinear(Value value) {
  return isa<CopyType, GroupType>(value.getType()) &&
         !value.getDefiningOp<NoCopyOp>();
}

/// Whether `op` may take a copy or group further.
static bool isKnownUser(Operation *op) {
  return isa<CommitOp, WaitOp, DropOp, IterateOp, scf::ForOp, scf::YieldOp,
             nsa_tile::YieldOp>(op);
}

static LogicalResult verifyLinear(Value value) {
  bool isCopy = isa<CopyType>(value.getType());
  auto emitError = [&]() -> InFlightDiagnostic {
    if (Operation *op = value.getDefiningOp())
      return op->emitOpError() << (isCopy ? "copy " : "group ");
    Operation *parent = value.getParentBlock()->getParentOp();
    return parent->emitOpError()
           << (isCopy ? "copy" : "group") << " in argument "
           << cast<BlockArgument>(value).getArgNumber() << " ";
  };
  // copies_c1
  if (value.use_empty())
    return emitError() << (isCopy ? "is never committed"
                                  : "is never waited for or dropped");
  // copies_c2
  if (!value.hasOneUse()) {
    auto error = emitError()
                 << "must be used once, but is used "
                 << std::distance(value.use_begin(), value.use_end())
                 << " times";
    for (Operation *user : value.getUsers())
      error.attachNote(user->getLoc()) << "used here";
    return error;
  }
  // copies_c3
  Operation *user = *value.user_begin();
  if (user->getBlock() != value.getParentBlock() || !isKnownUser(user)) {
    auto error = emitError() << "must be used in the block it belongs to, by "
                                "an op that hands it on or ends it";
    error.attachNote(user->getLoc()) << "used here";
    return error;
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Overlapping tiles
//===----------------------------------------------------------------------===//

/// copies_c8: one order of the pieces for tiles of one shape in one place.
static LogicalResult verifyOverlaps(MutableArrayRef<SharedOp> ops) {
  for (auto [i, op] : llvm::enumerate(ops))
    for (SharedOp other : ops.take_front(i)) {
      auto type = cast<MemRefType>(op.getTile().getType());
      auto otherType = cast<MemRefType>(other.getTile().getType());
      if (type.getShape() != otherType.getShape() ||
          type.getLayout() == otherType.getLayout() ||
          !overlap(op.getTile(), other.getTile()))
        continue;
      InFlightDiagnostic error = op.emitOpError()
                                 << "has " << type.getLayout()
                                 << ", but a tile of its shape that overlaps "
                                    "it has "
                                 << otherType.getLayout();
      error.attachNote(other.getLoc()) << "the other tile";
      return error;
    }
  return success();
}

namespace {
struct VerifyCopies : public nsa_tile::impl::NSATileVerifyBase<VerifyCopies> {
  void runOnOperation() override {
    bool ok = true;
    llvm::MapVector<Operation *, SmallVector<SharedOp>> tiles;
    getOperation()->walk<WalkOrder::PreOrder>([&](Operation *op) {
      auto check = [&](Value value) {
        if (isLinear(value))
          ok &= succeeded(verifyLinear(value));
      };
      llvm::for_each(op->getResults(), check);
      for (Region &region : op->getRegions())
        for (Block &block : region)
          llvm::for_each(block.getArguments(), check);
      if (auto tile = dyn_cast<SharedOp>(op)) {
        Operation *kernel = op->getParentOp();
        while (kernel->getParentOp() &&
               !isa<FunctionOpInterface, gpu::LaunchOp>(kernel))
          kernel = kernel->getParentOp();
        tiles[kernel].push_back(tile);
      }
    });
    for (auto &[kernel, ops] : tiles)
      ok &= succeeded(verifyOverlaps(ops));
    // A value that is lost or used twice has no one flow.
    if (ok) {
      FlowVerifier flow;
      flow.visitRegions(getOperation());
      ok = !flow.failed();
    }
    if (!ok)
      return signalPassFailure();
    markAllAnalysesPreserved();
  }
};
} // namespace
