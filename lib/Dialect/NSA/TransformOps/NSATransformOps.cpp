//===- NSATransformOps.cpp - Transform ops over nsa -----------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The ops do what the passes do, through the functions of Transforms.h, and
// turn what these refuse into silenceable failures.
//
//===----------------------------------------------------------------------===//

#include "nsa/Dialect/NSA/TransformOps/NSATransformOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Diagnostics.h"
#include "nsa/Dialect/NSA/IR/Decomposition.h"
#include "nsa/Dialect/NSA/Transforms/Transforms.h"
#include "llvm/Support/Threading.h"

using namespace mlir;
using namespace mlir::nsa;
using namespace mlir::transform;

//===----------------------------------------------------------------------===//
// Assembly
//===----------------------------------------------------------------------===//

static ParseResult parseFusionKind(OpAsmParser &parser, FusionKindAttr &attr) {
  SMLoc loc = parser.getCurrentLocation();
  StringRef keyword;
  if (parser.parseKeyword(&keyword))
    return failure();
  std::optional<FusionKind> kind = symbolizeFusionKind(keyword);
  if (!kind)
    return parser.emitError(loc, "expected selection or gated, but found '")
           << keyword << "'";
  attr = FusionKindAttr::get(parser.getContext(), *kind);
  return success();
}

static void printFusionKind(OpAsmPrinter &printer, Operation *,
                            FusionKindAttr attr) {
  printer << stringifyFusionKind(attr.getValue());
}

#define GET_OP_CLASSES
#include "nsa/Dialect/NSA/TransformOps/NSATransformOps.cpp.inc"

//===----------------------------------------------------------------------===//
// NSADecomposeOp
//===----------------------------------------------------------------------===//

DiagnosedSilenceableFailure NSADecomposeOp::apply(TransformRewriter &rewriter,
                                                  TransformResults &results,
                                                  TransformState &state) {
  // A handle may have an op twice.
  llvm::SetVector<AttentionOp> attentions;
  for (Operation *target : state.getPayloadOps(getTarget())) {
    auto attention = dyn_cast<AttentionOp>(target);
    if (!attention) {
      DiagnosedSilenceableFailure failure =
          emitSilenceableError()
          << "only nsa.attention can be decomposed, but a target is '"
          << target->getName() << "'";
      failure.attachNote(target->getLoc()) << "this target";
      return failure;
    }
    attentions.insert(attention);
  }
  SmallVector<Operation *> branches;
  for (AttentionOp attention : attentions)
    rewriter.replaceOp(attention,
                       decomposeAttention(attention, rewriter, &branches));
  results.set(cast<OpResult>(getBranches()), branches);
  return DiagnosedSilenceableFailure::success();
}

void NSADecomposeOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  consumesHandle(getTargetMutable(), effects);
  producesHandle(getOperation()->getOpResults(), effects);
  modifiesPayload(effects);
}

//===----------------------------------------------------------------------===//
// NSAFuseOp
//===----------------------------------------------------------------------===//

static FailureOr<FusionOp> formFusion(Operation *root, RewriterBase &rewriter,
                                      FusionRefusal &refusal) {
  if (auto select = dyn_cast<SelectTopNOp>(root))
    return formSelectionFusion(select, rewriter, refusal);
  return formGatedFusion(cast<GateOp>(root), rewriter, refusal);
}

DiagnosedSilenceableFailure NSAFuseOp::apply(TransformRewriter &rewriter,
                                             TransformResults &results,
                                             TransformState &state) {
  StringRef kind = stringifyFusionKind(getKind());
  auto isRoot = [&](Operation *op) {
    return getKind() == FusionKind::Selection ? isa<SelectTopNOp>(op)
                                              : isa<GateOp>(op);
  };
  auto fail = [&](Operation *target, const Twine &why) {
    DiagnosedSilenceableFailure failure = emitSilenceableError() << why;
    failure.attachNote(target->getLoc()) << "this target";
    return failure;
  };
  SmallVector<Operation *> targets(state.getPayloadOps(getTarget()));
  SmallVector<Operation *> fusions;
  if (!targets.empty() && llvm::none_of(targets, isRoot))
    return fail(targets.front(), "a " + Twine(kind) + " fusion ends in " +
                                     (getKind() == FusionKind::Selection
                                          ? SelectTopNOp::getOperationName()
                                          : GateOp::getOperationName()) +
                                     ", but no target is one; the first is '" +
                                     targets.front()->getName().getStringRef() +
                                     "'");
  for (Operation *root : llvm::make_filter_range(targets, isRoot)) {
    if (root->getParentOfType<FusionOp>())
      return fail(root, Twine(root->getName().getStringRef()) +
                            " is part of a fusion already");
    FusionRefusal refusal;
    FailureOr<FusionOp> fusion = formFusion(root, rewriter, refusal);
    if (failed(fusion))
      return fail(root, Twine(root->getName().getStringRef()) +
                            " is not part of a " + kind + " fusion: " +
                            refusal.reason + "; " + refusal.suggestion);
    fusions.push_back(*fusion);
  }
  for (Operation *member : targets)
    if (!llvm::is_contained(fusions, member->getParentOp()))
      return fail(member, Twine("'") + member->getName().getStringRef() +
                              "' is not part of the " + kind +
                              " fusions of the other targets");
  results.set(cast<OpResult>(getFusions()), fusions);
  return DiagnosedSilenceableFailure::success();
}

void NSAFuseOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  onlyReadsHandle(getTargetMutable(), effects);
  producesHandle(getOperation()->getOpResults(), effects);
  modifiesPayload(effects);
}

//===----------------------------------------------------------------------===//
// NSASetScheduleOp: assembly
//===----------------------------------------------------------------------===//

static constexpr StringLiteral kNumberNames[] = {"queries", "keys", "row_warps",
                                                 "key_warps", "stages"};
constexpr size_t kNumNumbers = std::size(kNumberNames);
static constexpr StringLiteral kFamilyName = "family";
static constexpr StringLiteral kUnknownFamily =
    "', expected plain, dense, query_major, union or vector";

namespace {
/// The parts of the brackets: the family, then the numbers.
struct SchedulePart {
  StringRef name;
  Attribute written;
  Value param;
};
} // namespace

static std::array<SchedulePart, 1 + kNumNumbers> getParts(NSASetScheduleOp op) {
  return {{{kFamilyName, op.getFamilyAttr(), op.getFamilyParam()},
           {kNumberNames[0], op.getQueriesAttr(), op.getQueriesParam()},
           {kNumberNames[1], op.getKeysAttr(), op.getKeysParam()},
           {kNumberNames[2], op.getRowWarpsAttr(), op.getRowWarpsParam()},
           {kNumberNames[3], op.getKeyWarpsAttr(), op.getKeyWarpsParam()},
           {kNumberNames[4], op.getStagesAttr(), op.getStagesParam()}}};
}

namespace {
/// Parses what stands between angle brackets.
class RequestParser {
public:
  RequestParser(OpAsmParser &parser, OperationState &result)
      : parser(parser), result(result) {}

  ParseResult parsePart();

  /// By part; those that were not given are empty.
  std::array<std::optional<OpAsmParser::UnresolvedOperand>, 1 + kNumNumbers>
      params;

private:
  ParseResult parseFamily(SMLoc loc, StringRef keyword);
  /// Whether the part comes from a parameter, which is parsed then.
  FailureOr<bool> parseParam(size_t part);
  ParseResult claim(SMLoc loc, size_t part);

  OpAsmParser &parser;
  OperationState &result;
  std::array<bool, 1 + kNumNumbers> seen{};
};
} // namespace

ParseResult RequestParser::claim(SMLoc loc, size_t part) {
  if (std::exchange(seen[part], true))
    return parser.emitError(loc)
           << (part == 0 ? kFamilyName : kNumberNames[part - 1])
           << " is given twice";
  return success();
}

FailureOr<bool> RequestParser::parseParam(size_t part) {
  OpAsmParser::UnresolvedOperand operand;
  OptionalParseResult parsed = parser.parseOptionalOperand(operand);
  if (!parsed.has_value())
    return false;
  if (failed(*parsed))
    return failure();
  params[part] = operand;
  return true;
}

ParseResult RequestParser::parseFamily(SMLoc loc, StringRef keyword) {
  if (failed(claim(loc, 0)))
    return failure();
  if (!symbolizeScheduleFamily(keyword))
    return parser.emitError(loc)
           << "unknown family '" << keyword << kUnknownFamily;
  result.addAttribute(kFamilyName, parser.getBuilder().getStringAttr(keyword));
  return success();
}

ParseResult RequestParser::parsePart() {
  SMLoc loc = parser.getCurrentLocation();
  FailureOr<bool> isParam = parseParam(0);
  if (failed(isParam))
    return failure();
  if (*isParam)
    return claim(loc, 0);
  StringRef keyword;
  if (parser.parseKeyword(&keyword))
    return failure();
  const auto *number = llvm::find(kNumberNames, keyword);
  if (number == std::end(kNumberNames))
    return parseFamily(loc, keyword);
  size_t part = 1 + (number - std::begin(kNumberNames));
  if (failed(claim(loc, part)) || parser.parseEqual())
    return failure();
  isParam = parseParam(part);
  if (failed(isParam))
    return failure();
  int64_t value = 0;
  if (*isParam)
    return success();
  if (parser.parseInteger(value))
    return failure();
  result.addAttribute(*number, parser.getBuilder().getI64IntegerAttr(value));
  return success();
}

ParseResult NSASetScheduleOp::parse(OpAsmParser &parser,
                                    OperationState &result) {
  OpAsmParser::UnresolvedOperand target;
  RequestParser request(parser, result);
  if (parser.parseOperand(target))
    return failure();
  if (succeeded(parser.parseOptionalLess()) &&
      (parser.parseCommaSeparatedList([&] { return request.parsePart(); }) ||
       parser.parseGreater()))
    return failure();
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<OpAsmParser::UnresolvedOperand> operands{target};
  SmallVector<Type> types;
  auto &segments = result.getOrAddProperties<Properties>().operandSegmentSizes;
  segments[0] = 1;
  for (auto [i, param] : llvm::enumerate(request.params)) {
    segments[1 + i] = param.has_value();
    if (param)
      operands.push_back(*param);
  }
  return failure(parser.parseOptionalAttrDict(result.attributes) ||
                 parser.parseColonTypeList(types) ||
                 parser.resolveOperands(operands, types, loc, result.operands));
}

void NSASetScheduleOp::print(OpAsmPrinter &printer) {
  printer << ' ' << getTarget();
  std::array<SchedulePart, 1 + kNumNumbers> parts = getParts(*this);
  auto given = llvm::make_filter_range(parts, [](const SchedulePart &part) {
    return part.written || part.param;
  });
  if (!given.empty()) {
    printer << " <";
    llvm::interleaveComma(given, printer, [&](const SchedulePart &part) {
      if (part.name != kFamilyName)
        printer << part.name << " = ";
      if (part.param)
        printer << part.param;
      else if (auto family = dyn_cast<StringAttr>(part.written))
        printer << family.getValue();
      else
        printer << cast<IntegerAttr>(part.written).getInt();
    });
    printer << ">";
  }
  SmallVector<StringRef> elided{getOperandSegmentSizesAttrName(), kFamilyName};
  elided.append(std::begin(kNumberNames), std::end(kNumberNames));
  printer.printOptionalAttrDict((*this)->getAttrs(), elided);
  printer << " : " << (*this)->getOperandTypes();
}

LogicalResult NSASetScheduleOp::verify() {
  for (const SchedulePart &part : getParts(*this)) {
    if (part.written && part.param)
      return emitOpError() << part.name
                           << " is both written and taken from a parameter";
    auto number = dyn_cast_or_null<IntegerAttr>(part.written);
    if (number && number.getInt() < 1)
      return emitOpError() << part.name << " (" << number.getInt()
                           << ") must be at least 1";
  }
  if (std::optional<StringRef> family = getFamily();
      family && !symbolizeScheduleFamily(*family))
    return emitOpError() << "unknown family '" << *family << kUnknownFamily;
  return success();
}

//===----------------------------------------------------------------------===//
// NSASetScheduleOp: application
//===----------------------------------------------------------------------===//

namespace {
/// The diagnostics of this thread, kept instead of reported.
class DiagnosticCapture {
public:
  explicit DiagnosticCapture(MLIRContext *context)
      : thread(llvm::get_threadid()),
        handler(context, [this](Diagnostic &diagnostic) {
          if (llvm::get_threadid() != thread)
            return failure();
          diagnostics.push_back(std::move(diagnostic));
          return success();
        }) {}

  SmallVector<Diagnostic> diagnostics;

private:
  uint64_t thread;
  ScopedDiagnosticHandler handler;
};
} // namespace

/// The parts that targets ask for: values of each, one or as many as targets.
static DiagnosedSilenceableFailure
readParts(NSASetScheduleOp op, TransformState &state, size_t numTargets,
          std::array<SmallVector<Attribute>, 1 + kNumNumbers> &values) {
  for (auto [part, found] : llvm::zip_equal(getParts(op), values)) {
    if (part.written)
      found.push_back(part.written);
    if (!part.param)
      continue;
    llvm::append_range(found, state.getParams(part.param));
    if (found.size() != 1 && found.size() != numTargets)
      return op.emitSilenceableError()
             << "the parameter for " << part.name << " has " << found.size()
             << " values, but there are " << numTargets << " targets";
    for (Attribute value : found) {
      auto number = dyn_cast<IntegerAttr>(value);
      if (part.name == kFamilyName) {
        auto family = dyn_cast<StringAttr>(value);
        if (!family)
          return op.emitSilenceableError() << "the parameter for family is "
                                           << value << ", expected a string";
        if (!symbolizeScheduleFamily(family.getValue()))
          return op.emitSilenceableError()
                 << "unknown family '" << family.getValue() << kUnknownFamily;
      } else if (!number) {
        return op.emitSilenceableError()
               << "the parameter for " << part.name << " is " << value
               << ", expected an integer";
      } else if (number.getValue().getSignificantBits() > 64 ||
                 number.getValue().getSExtValue() < 1) {
        return op.emitSilenceableError()
               << "the parameter for " << part.name << " is " << value
               << ", which must be at least 1";
      }
    }
  }
  return DiagnosedSilenceableFailure::success();
}

/// What is asked for the `index`-th target.
static ScheduleRequest getRequest(ArrayRef<SmallVector<Attribute>> values,
                                  size_t index) {
  auto get = [&](size_t part) -> Attribute {
    const SmallVector<Attribute> &of = values[part];
    return of.empty() ? Attribute() : of[of.size() == 1 ? 0 : index];
  };
  auto number = [&](size_t part) -> int64_t {
    auto value = cast_or_null<IntegerAttr>(get(part));
    return value ? value.getValue().getSExtValue() : 0;
  };
  std::optional<ScheduleFamily> family;
  if (auto name = cast_or_null<StringAttr>(get(0)))
    family = symbolizeScheduleFamily(name.getValue());
  return {family, number(1), number(2), number(3), number(4), number(5)};
}

/// The schedule of one target, legal on the chip. Reports through `emitError`.
static FailureOr<ScheduleAttr>
chooseSchedule(Operation *target, const ScheduleRequest &request,
               StringRef chip, const CostAssumptions &assumptions,
               function_ref<InFlightDiagnostic()> emitError) {
  if (!isScheduled(target))
    return emitError() << "cannot have " << kScheduleAttrName
                       << ": no kernel is made of it";
  FailureOr<ChipFacts> facts =
      getChipFacts(getScheduleChip(target, chip), target, emitError);
  if (failed(facts))
    return failure();
  std::vector<Plan> ranked;
  if (!request.isComplete())
    ranked = rankSchedules(target, *facts, assumptions);
  FailureOr<ScheduleAttr> schedule =
      completeSchedule(target, request, ranked, emitError);
  if (failed(schedule) ||
      failed(checkSchedule(target, *schedule, *facts, emitError)))
    return failure();
  return schedule;
}

DiagnosedSilenceableFailure NSASetScheduleOp::apply(TransformRewriter &rewriter,
                                                    TransformResults &results,
                                                    TransformState &state) {
  SmallVector<Operation *> targets(state.getPayloadOps(getTarget()));
  std::array<SmallVector<Attribute>, 1 + kNumNumbers> values;
  DiagnosedSilenceableFailure read =
      readParts(*this, state, targets.size(), values);
  if (!read.succeeded())
    return read;
  CostAssumptions assumptions;
  if (std::optional<int64_t> batch = getBatch())
    assumptions.batch = *batch;
  if (std::optional<int64_t> tokens = getTokens())
    assumptions.tokens = *tokens;
  if (auto agreement = getUnionAgreementAttr())
    assumptions.unionAgreement = agreement.getValueAsDouble();

  SmallVector<ScheduleAttr> schedules;
  for (auto [i, target] : llvm::enumerate(targets)) {
    DiagnosticCapture capture(getContext());
    auto error = [&, name = target->getName()] {
      return mlir::emitError(getLoc()) << name << ": ";
    };
    FailureOr<ScheduleAttr> schedule = failure();
    if (succeeded(checkAssumptions(assumptions, error)))
      schedule =
          chooseSchedule(target, getRequest(values, i),
                         getChip().value_or("sm_80"), assumptions, error);
    if (failed(schedule)) {
      capture.diagnostics.back().attachNote(target->getLoc()) << "this target";
      return DiagnosedSilenceableFailure::silenceableFailure(
          std::move(capture.diagnostics));
    }
    schedules.push_back(*schedule);
  }
  for (auto [target, schedule] : llvm::zip_equal(targets, schedules))
    rewriter.modifyOpInPlace(target, [&, target = target, schedule = schedule] {
      target->setAttr(kScheduleAttrName, schedule);
    });
  return DiagnosedSilenceableFailure::success();
}

void NSASetScheduleOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  onlyReadsHandle(getOperation()->getOpOperands(), effects);
  modifiesPayload(effects);
}

//===----------------------------------------------------------------------===//
// The extension
//===----------------------------------------------------------------------===//

namespace {
class NSATransformExtension
    : public TransformDialectExtension<NSATransformExtension> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(NSATransformExtension)
  using Base::Base;

  // The base calls this one.
  // NOLINTNEXTLINE(bugprone-derived-method-shadowing-base-method)
  void init() {
    // For #nsa.fusion_kind.
    declareDependentDialect<NSADialect>();
    declareGeneratedDialect<arith::ArithDialect>();
    declareGeneratedDialect<tensor::TensorDialect>();
    // Scripts run nsa-normalise-lists, whose dialects cannot be loaded while
    // other passes run.
    declareGeneratedDialect<bufferization::BufferizationDialect>();
    declareGeneratedDialect<gpu::GPUDialect>();
    declareGeneratedDialect<LLVM::LLVMDialect>();
    declareGeneratedDialect<memref::MemRefDialect>();
    declareGeneratedDialect<scf::SCFDialect>();
    registerTransformOps<NSADecomposeOp, NSAFuseOp, NSASetScheduleOp>();
  }
};
} // namespace

void mlir::nsa::registerTransformDialectExtension(DialectRegistry &registry) {
  registry.addExtensions<NSATransformExtension>();
}
