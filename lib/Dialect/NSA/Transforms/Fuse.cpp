//===- Fuse.cpp - Branches to fusions ---------------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Forms nsa.fusion where kernels exist that keep on the chip what passes
// between its ops.
//
// A fusion stands where the last of its ops stood, or before the first op that
// uses a result of theirs, whichever comes first: there everything that it
// captures must be known.
//
//===----------------------------------------------------------------------===//

#include "nsa/Dialect/NSA/Transforms/Passes.h"

#include "mlir/IR/Remarks.h"
#include "nsa/Dialect/NSA/IR/Fusion.h"
#include "nsa/Dialect/NSA/Transforms/Transforms.h"
#include "llvm/Support/FormatVariadic.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_NSAFUSE
#include "nsa/Dialect/NSA/Transforms/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;
using namespace mlir::nsa;

namespace {
/// What is to become a fusion, or why it is not.
struct Candidate {
  FusionKind kind;
  /// In the order of the block.
  SmallVector<Operation *> members;
  /// What the fusion yields; all of the members' values that others use.
  SmallVector<Value> results;
  FusionRefusal refusal;

  Candidate(FusionKind kind) : kind(kind) {}
  Candidate &refuse(StringRef name, const Twine &why, StringRef suggest) {
    refusal = {name, why.str(), suggest.str()};
    return *this;
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// What can be fused
//===----------------------------------------------------------------------===//

/// Refuses what no kernel serves, ops that are not of one block, and ops that
/// someone has made kernels of their own.
static bool checkMembers(Candidate &candidate) {
  // Its kernel would be lost.
  for (Operation *op : candidate.members) {
    if (!op->hasAttr(kScheduleAttrName))
      continue;
    candidate.refuse("scheduled",
                     Twine(op->getName().getStringRef()) +
                         " has a schedule of its own already",
                     "fuse before schedules are set");
    return false;
  }
  for (Operation *op : candidate.members) {
    if (op->getBlock() != candidate.members.back()->getBlock()) {
      candidate.refuse("other-block",
                       Twine(op->getName().getStringRef()) +
                           " stands in another block",
                       "have the branches computed in one block");
      return false;
    }
    std::string why = describeFusionLack(op);
    if (!why.empty()) {
      candidate.refuse("not-served",
                       "tensor cores do not serve " +
                           op->getName().getStringRef() + ": " + why,
                       "use f16 or bf16 and head sizes of 64, 128, 192 or 256");
      return false;
    }
  }
  for (auto [first, second] :
       llvm::zip(ArrayRef(candidate.members).drop_back(),
                 ArrayRef(candidate.members).drop_front())) {
    std::string why = describeDisagreement(first, second);
    if (why.empty())
      continue;
    candidate.refuse("disagree",
                     Twine(first->getName().getStringRef()) + " and " +
                         second->getName().getStringRef() +
                         " cannot be one kernel: " + why,
                     "give the branches the same queries, positions and scale");
    return false;
  }
  return true;
}

static Candidate findSelection(SelectTopNOp select) {
  Candidate candidate(FusionKind::Selection);
  auto scores = select.getP().getDefiningOp<BlockScoresOp>();
  if (!scores)
    return candidate.refuse("no-producer",
                            "no nsa.block_scores of this function makes its "
                            "scores",
                            "call nsa.block_scores in the same function");
  if (!scores.getP().hasOneUse())
    return candidate.refuse(
        "shared-scores",
        "its scores have " + Twine(llvm::range_size(scores.getP().getUses())) +
            " uses",
        "do not return or reuse the scores");
  auto compressed = scores.getLse().getDefiningOp<CompressedAttentionOp>();
  if (!compressed || scores.getLse() != compressed.getLse())
    return candidate.refuse("lse-from-elsewhere",
                            "the lse of nsa.block_scores comes from elsewhere "
                            "than nsa.compressed_attention",
                            "none is needed if that is meant");
  if (scores.getKc() != compressed.getKc())
    return candidate.refuse("other-keys",
                            "nsa.block_scores scores other keys than "
                            "nsa.compressed_attention attends to",
                            "none is needed if that is meant");
  candidate.members = {compressed, scores, select};
  candidate.results = {compressed.getO(), compressed.getLse(), select.getIdx()};
  checkMembers(candidate);
  return candidate;
}

static Candidate findGated(GateOp gate) {
  Candidate candidate(FusionKind::Gated);
  constexpr StringLiteral suggestOrder =
      "gate the branches in the order compressed, selected, window";
  int64_t branches = gate.getBranches().size();
  if (branches != 3)
    return candidate.refuse("gate-branches",
                            "it has " + Twine(branches) + " branches, not 3",
                            suggestOrder);
  auto selected = gate.getBranches()[1].getDefiningOp<SelectedAttentionOp>();
  auto window = gate.getBranches()[2].getDefiningOp<WindowAttentionOp>();
  if (!selected || !window)
    return candidate.refuse(
        "gate-order",
        !selected ? "branch 1 is no result of nsa.selected_attention"
                  : "branch 2 is no result of nsa.window_attention",
        suggestOrder);
  for (auto [branch, name] :
       {std::pair(selected.getO(), "nsa.selected_attention"),
        {window.getO(), "nsa.window_attention"}})
    if (!branch.hasOneUse())
      return candidate.refuse("shared-branch",
                              "o of " + Twine(name) + " has " +
                                  Twine(llvm::range_size(branch.getUses())) +
                                  " uses",
                              "do not return or reuse the branch's output");
  candidate.members = {selected, window, gate};
  if (window->getBlock() == selected->getBlock() &&
      window->isBeforeInBlock(selected))
    std::swap(candidate.members[0], candidate.members[1]);
  candidate.results = {gate.getO()};
  if (!selected.getLse().use_empty() || !window.getLse().use_empty())
    candidate.results.append({selected.getLse(), window.getLse()});
  checkMembers(candidate);
  return candidate;
}

//===----------------------------------------------------------------------===//
// Fusing
//===----------------------------------------------------------------------===//

/// The op before which the fusion can stand; null if there is none, and then
/// what is in the way.
static Operation *findPlace(const Candidate &candidate, Operation *&obstacle) {
  Block *block = candidate.members.back()->getBlock();
  llvm::SmallPtrSet<Operation *, 4> members(candidate.members.begin(),
                                            candidate.members.end());
  Operation *place = candidate.members.back();
  for (Operation *member : candidate.members)
    for (Operation *user : member->getUsers()) {
      Operation *ancestor = block->findAncestorOpInBlock(*user);
      if (ancestor && !members.contains(ancestor) &&
          ancestor->isBeforeInBlock(place))
        place = ancestor;
    }
  for (Operation *member : candidate.members)
    for (Value operand : member->getOperands()) {
      Operation *def = operand.getDefiningOp();
      if (!def || def->getBlock() != block || members.contains(def) ||
          def->isBeforeInBlock(place))
        continue;
      obstacle = def;
      return nullptr;
    }
  return place;
}

static FailureOr<FusionOp> form(Candidate candidate, RewriterBase &rewriter,
                                FusionRefusal &refusal) {
  Operation *place = nullptr, *obstacle = nullptr;
  if (candidate.refusal.name.empty()) {
    place = findPlace(candidate, obstacle);
    if (!place)
      candidate.refuse(
          "order",
          Twine("the result of '") + obstacle->getName().getStringRef() +
              "' is needed by one of the ops, but known only after another "
              "has been used",
          "compute what the branches need before they are used");
  }
  if (!candidate.refusal.name.empty()) {
    refusal = std::move(candidate.refusal);
    return failure();
  }

  rewriter.setInsertionPoint(place);
  SmallVector<Location> locs;
  for (Operation *member : candidate.members)
    locs.push_back(member->getLoc());
  auto fusion = FusionOp::create(rewriter, rewriter.getFusedLoc(locs),
                                 TypeRange(ValueRange(candidate.results)),
                                 candidate.kind);
  Block *body = rewriter.createBlock(&fusion.getBody());
  rewriter.setInsertionPointToEnd(body);
  auto yield = YieldOp::create(rewriter, fusion.getLoc(), candidate.results);
  for (Operation *member : candidate.members)
    rewriter.moveOpBefore(member, yield);
  for (auto [value, result] : llvm::zip(candidate.results, fusion.getResults()))
    rewriter.replaceUsesWithIf(value, result, [&](OpOperand &use) {
      return !fusion->isProperAncestor(use.getOwner());
    });
  return fusion;
}

FailureOr<FusionOp> mlir::nsa::formSelectionFusion(SelectTopNOp select,
                                                   RewriterBase &rewriter,
                                                   FusionRefusal &refusal) {
  return form(findSelection(select), rewriter, refusal);
}

FailureOr<FusionOp> mlir::nsa::formGatedFusion(GateOp gate,
                                               RewriterBase &rewriter,
                                               FusionRefusal &refusal) {
  return form(findGated(gate), rewriter, refusal);
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
struct Fuse : public nsa::impl::NSAFuseBase<Fuse> {
  using Base::Base;

  void runOnOperation() override {
    if (selection)
      formAll<SelectTopNOp>(FusionKind::Selection, formSelectionFusion);
    if (gated)
      formAll<GateOp>(FusionKind::Gated, formGatedFusion);
  }

private:
  template <typename RootOp>
  void formAll(FusionKind kind,
               FailureOr<FusionOp> (*form)(RootOp, RewriterBase &,
                                           FusionRefusal &));
};
} // namespace

template <typename RootOp>
void Fuse::formAll(FusionKind kind,
                   FailureOr<FusionOp> (*form)(RootOp, RewriterBase &,
                                               FusionRefusal &)) {
  auto named = [](StringRef name) {
    return remark::RemarkOpts::name(name).category("nsa-fuse");
  };
  SmallVector<RootOp> roots;
  getOperation()->walk([&](RootOp op) {
    if (!op->template getParentOfType<FusionOp>())
      roots.push_back(op);
  });
  IRRewriter rewriter(&getContext());
  for (RootOp root : roots) {
    FusionRefusal refusal;
    FailureOr<FusionOp> fusion = form(root, rewriter, refusal);
    if (failed(fusion)) {
      remark::missed(root->getLoc(), named(refusal.name))
          << remark::add("{0} is not part of a {1} fusion",
                         root->getName().getStringRef(),
                         stringifyFusionKind(kind))
          << remark::reason("{0}", refusal.reason)
          << remark::suggest("{0}", refusal.suggestion);
      continue;
    }
    auto members = fusion->getBody().front().without_terminator();
    std::string names = llvm::join(
        llvm::map_range(
            members, [](Operation &op) { return op.getName().getStringRef(); }),
        ", ");
    remark::passed(fusion->getLoc(), named("fused")) << remark::add(
        "{0} are one {1} fusion", names, stringifyFusionKind(kind));
  }
}
