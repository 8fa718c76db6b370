//===- Schedule.cpp - The schedule attribute --------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Its assembly and verifier, and on which ops it may stand.
//
//===----------------------------------------------------------------------===//

#include "nsa/Dialect/NSA/IR/Schedule.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::nsa;

//===----------------------------------------------------------------------===//
// ScheduleAttr
//===----------------------------------------------------------------------===//

bool ScheduleAttr::hasTiles(ScheduleFamily family) {
  switch (family) {
  case ScheduleFamily::Plain:
  case ScheduleFamily::Vector:
    return false;
  case ScheduleFamily::Dense:
  case ScheduleFamily::QueryMajor:
  case ScheduleFamily::Union:
    return true;
  }
  llvm_unreachable("unknown family");
}

int64_t ScheduleAttr::getTileHeads(int64_t headsPerGroup) const {
  return getHeadsPerTile(headsPerGroup, getRows() / getQueries());
}

/// `<dense, queries = 4, keys = 64, row_warps = 4, key_warps = 1, stages = 2>`
Attribute ScheduleAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  StringRef keyword;
  if (parser.parseLess())
    return {};
  SMLoc familyLoc = parser.getCurrentLocation();
  if (parser.parseKeyword(&keyword))
    return {};
  std::optional<ScheduleFamily> family = symbolizeScheduleFamily(keyword);
  if (!family) {
    parser.emitError(familyLoc)
        << "unknown family '" << keyword
        << "', expected plain, dense, query_major, union or vector";
    return {};
  }
  int64_t queries = 0, keys = 0, rowWarps = 0, keyWarps = 0, stages = 0;
  if (hasTiles(*family))
    for (auto [name, value] : {std::pair("queries", &queries),
                               {"keys", &keys},
                               {"row_warps", &rowWarps},
                               {"key_warps", &keyWarps},
                               {"stages", &stages}})
      if (parser.parseComma() || parser.parseKeyword(name) ||
          parser.parseEqual() || parser.parseInteger(*value))
        return {};
  if (parser.parseGreater())
    return {};
  return parser.getChecked<ScheduleAttr>(loc, parser.getContext(), *family,
                                         queries, keys, rowWarps, keyWarps,
                                         stages);
}

void ScheduleAttr::print(AsmPrinter &printer) const {
  printer << "<" << stringifyScheduleFamily(getFamily());
  if (hasTiles())
    printer << ", queries = " << getQueries() << ", keys = " << getKeys()
            << ", row_warps = " << getRowWarps()
            << ", key_warps = " << getKeyWarps()
            << ", stages = " << getStages();
  printer << ">";
}

LogicalResult ScheduleAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   ScheduleFamily family, int64_t queries,
                                   int64_t keys, int64_t rowWarps,
                                   int64_t keyWarps, int64_t stages) {
  StringRef name = stringifyScheduleFamily(family);
  if (!hasTiles(family)) {
    if (queries || keys || rowWarps || keyWarps || stages)
      return emitError() << "a schedule of family " << name
                         << " has no numbers: it has no tiles";
    return success();
  }
  struct Range {
    StringRef name;
    int64_t value, least, most;
  };
  for (const Range &range : {Range{"queries", queries, 1, 512},
                             {"keys", keys, 16, 1024},
                             {"row_warps", rowWarps, 1, 32},
                             {"key_warps", keyWarps, 1, 32},
                             {"stages", stages, 2, 8}})
    if (range.value < range.least || range.value > range.most)
      return emitError() << range.name << " (" << range.value << ") must be "
                         << range.least << " to " << range.most;
  if (rowWarps * keyWarps > 32)
    return emitError() << "row_warps (" << rowWarps << ") * key_warps ("
                       << keyWarps
                       << ") must be at most 32: a thread block has "
                       << "at most 1024 threads";
  if (keys % (16 * keyWarps) != 0)
    return emitError() << "keys (" << keys
                       << ") must be a multiple of 16 * key_warps ("
                       << 16 * keyWarps << ")";
  if (family == ScheduleFamily::QueryMajor && queries != 1)
    return emitError() << "queries (" << queries
                       << ") must be 1 in query_major";
  if (family == ScheduleFamily::Union && (queries < 2 || queries > 32))
    return emitError() << "queries (" << queries
                       << ") must be 2 to 32 in union";
  if (queries > 16 * rowWarps)
    return emitError() << "queries (" << queries
                       << ") must be at most 16 * row_warps (" << 16 * rowWarps
                       << "): each has a row at least";
  return success();
}

//===----------------------------------------------------------------------===//
// On ops
//===----------------------------------------------------------------------===//

int64_t mlir::nsa::getHeadsPerTile(int64_t group, int64_t most) {
  int64_t heads = std::min(group, most);
  while (group % heads)
    --heads;
  return heads;
}

ScheduleAttr mlir::nsa::getSchedule(Operation *op) {
  return op->getAttrOfType<ScheduleAttr>(kScheduleAttrName);
}

bool mlir::nsa::isScheduled(Operation *op) {
  return isa_and_nonnull<NSADialect>(op->getDialect()) &&
         !isa<AttentionOp, YieldOp>(op) && !op->getParentOfType<FusionOp>();
}

SmallVector<ScheduleFamily> mlir::nsa::getFamilies(Operation *op) {
  using Families = SmallVector<ScheduleFamily>;
  Families dense{ScheduleFamily::Plain, ScheduleFamily::Dense};
  Families lists{ScheduleFamily::Plain, ScheduleFamily::QueryMajor,
                 ScheduleFamily::Union};
  return TypeSwitch<Operation *, Families>(op)
      .Case<CompressedAttentionOp, WindowAttentionOp>(
          [&](auto) { return dense; })
      .Case<SelectedAttentionOp>([&](auto) { return lists; })
      .Case<FusionOp>([&](FusionOp fusion) {
        return fusion.getKind() == FusionKind::Gated ? lists : dense;
      })
      .Case<CompressOp, GateOp, MergeOp>([](auto) {
        return Families{ScheduleFamily::Plain, ScheduleFamily::Vector};
      })
      .Default([](Operation *) { return Families{ScheduleFamily::Plain}; });
}

LogicalResult NSADialect::verifyOperationAttribute(Operation *op,
                                                   NamedAttribute attribute) {
  // Others have verifiers of their own, or none.
  if (attribute.getName() != kScheduleAttrName)
    return success();
  auto schedule = dyn_cast<ScheduleAttr>(attribute.getValue());
  if (!schedule)
    return op->emitOpError()
           << kScheduleAttrName << " must be an #nsa.schedule, but is "
           << attribute.getValue();
  if (op->getParentOfType<FusionOp>())
    return op->emitOpError() << "is part of a fusion, which has the "
                             << kScheduleAttrName << " of the whole";
  if (!isScheduled(op))
    return op->emitOpError() << "cannot have " << kScheduleAttrName
                             << ": no kernel is made of it";
  SmallVector<ScheduleFamily> families = getFamilies(op);
  if (llvm::is_contained(families, schedule.getFamily()))
    return success();
  InFlightDiagnostic error = op->emitOpError()
                             << "has no kernels of family "
                             << stringifyScheduleFamily(schedule.getFamily())
                             << "; it has ";
  llvm::interleaveComma(families, error, [&](ScheduleFamily family) {
    error << stringifyScheduleFamily(family);
  });
  return error;
}
