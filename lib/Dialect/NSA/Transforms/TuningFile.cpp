//===- TuningFile.cpp - Schedules that were found to be good ----*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A misspelt key would make an entry fit too much or nothing; every key is
// therefore checked.
//
//===----------------------------------------------------------------------===//

#include "nsa/Dialect/NSA/Transforms/TuningFile.h"

#include "mlir/Support/FileUtilities.h"
#include "nsa/Dialect/NSA/Transforms/Schedules.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;
using namespace mlir::nsa;

static constexpr StringLiteral kWords[] = {"op", "kind", "chip", "dtype"};
static constexpr StringLiteral kSizes[] = {
    "heads",  "kv_heads",          "dk",
    "dv",     "list_width",        "selection_block",
    "window", "compression_block", "compression_stride"};
static constexpr StringLiteral kNumbers[] = {"queries", "keys", "row_warps",
                                             "key_warps", "stages"};

/// Suffixes of chips change instructions, not speeds.
static StringRef dropSuffix(StringRef chip) { return chip.rtrim("af"); }

llvm::json::Object mlir::nsa::describeForTuning(Operation *op, StringRef chip) {
  llvm::json::Object keys{{"op", op->getName().getStringRef()},
                          {"chip", dropSuffix(chip)}};
  if (auto fusion = dyn_cast<FusionOp>(op))
    keys["kind"] = stringifyFusionKind(fusion.getKind());
  if (op->getNumResults() > 0) {
    std::string type;
    llvm::raw_string_ostream os(type);
    os << cast<ShapedType>(op->getResult(0).getType()).getElementType();
    keys["dtype"] = type;
  }
  if (std::optional<TileProblem> problem = getTileProblem(op)) {
    keys["heads"] = problem->heads;
    keys["kv_heads"] = problem->kvHeads;
    keys["dk"] = problem->keySize;
    keys["dv"] = problem->valueSize;
    if (problem->listWidth > 0)
      keys["list_width"] = problem->listWidth;
  }
  // Attributes of the op, or of those of a fusion.
  op->walk([&](Operation *member) {
    for (StringRef name : {"selection_block", "window", "compression_block",
                           "compression_stride"})
      if (auto value = member->getAttrOfType<IntegerAttr>(name))
        keys[name] = value.getInt();
  });
  return keys;
}

TuningEntry mlir::nsa::makeTuningEntry(Operation *op, StringRef chip) {
  return {describeForTuning(op, chip), getSchedule(op)};
}

std::string mlir::nsa::formatTuningFile(ArrayRef<TuningEntry> entries) {
  llvm::json::Array array;
  for (const TuningEntry &entry : entries) {
    ScheduleAttr is = entry.schedule;
    llvm::json::Object schedule{
        {"family", stringifyScheduleFamily(is.getFamily())}};
    if (is.hasTiles())
      for (auto [name, number] : llvm::zip_equal(
               kNumbers,
               std::array{is.getQueries(), is.getKeys(), is.getRowWarps(),
                          is.getKeyWarps(), is.getStages()}))
        schedule[name] = number;
    llvm::json::Object object = entry.keys;
    object["schedule"] = std::move(schedule);
    array.push_back(std::move(object));
  }
  return llvm::formatv("{0:2}\n", llvm::json::Value(std::move(array)));
}

namespace {
/// Turns JSON into entries, reporting at the file.
class Reader {
public:
  Reader(StringRef path, MLIRContext *context) : path(path), context(context) {}

  FailureOr<std::vector<TuningEntry>> read();

private:
  InFlightDiagnostic error(unsigned line = 1, unsigned column = 1) {
    return emitError(FileLineColLoc::get(context, path, line, column))
           << "tuning file: ";
  }
  InFlightDiagnostic entryError() {
    return error() << "entry " << index << ": ";
  }
  LogicalResult readEntry(const llvm::json::Value &value, TuningEntry &entry);
  LogicalResult readSchedule(const llvm::json::Value &value,
                             ScheduleAttr &schedule);

  StringRef path;
  MLIRContext *context;
  size_t index = 0;
};
} // namespace

LogicalResult Reader::readSchedule(const llvm::json::Value &value,
                                   ScheduleAttr &schedule) {
  const llvm::json::Object *object = value.getAsObject();
  if (!object)
    return entryError() << "'schedule' is no object";
  std::optional<StringRef> name = object->getString("family");
  std::optional<ScheduleFamily> family =
      name ? symbolizeScheduleFamily(*name) : std::nullopt;
  if (!family)
    return entryError() << "'schedule' needs 'family': plain, dense, "
                           "query_major, union or vector";
  std::array<int64_t, std::size(kNumbers)> numbers{};
  for (const auto &[key, number] : *object) {
    if (key == "family")
      continue;
    const auto *known = llvm::find(kNumbers, StringRef(key));
    std::optional<int64_t> integer = number.getAsInteger();
    if (known == std::end(kNumbers))
      return entryError() << "'schedule' has an unknown key '" << StringRef(key)
                          << "'";
    if (!integer)
      return entryError() << "'" << StringRef(key) << "' of 'schedule' is no "
                          << "integer";
    numbers[known - std::begin(kNumbers)] = *integer;
  }
  schedule = ScheduleAttr::getChecked([&] { return entryError(); }, context,
                                      *family, numbers[0], numbers[1],
                                      numbers[2], numbers[3], numbers[4]);
  return success(schedule != nullptr);
}

LogicalResult Reader::readEntry(const llvm::json::Value &value,
                                TuningEntry &entry) {
  const llvm::json::Object *object = value.getAsObject();
  if (!object)
    return entryError() << "is no object";
  for (StringRef required : {"op", "schedule"})
    if (!object->get(required))
      return entryError() << "needs '" << required << "'";
  for (const auto &[key, asked] : *object) {
    StringRef name = key;
    if (name == "schedule") {
      if (failed(readSchedule(asked, entry.schedule)))
        return failure();
      continue;
    }
    if (llvm::is_contained(kWords, name)) {
      std::optional<StringRef> word = asked.getAsString();
      if (!word)
        return entryError() << "'" << name << "' is no string";
      // Copies: the file is gone when the entry is used.
      entry.keys[name.str()] =
          (name == "chip" ? dropSuffix(*word) : *word).str();
    } else if (llvm::is_contained(kSizes, name)) {
      std::optional<int64_t> size = asked.getAsInteger();
      if (!size)
        return entryError() << "'" << name << "' is no integer";
      entry.keys[name.str()] = *size;
    } else {
      InFlightDiagnostic report = entryError() << "has an unknown key '" << name
                                               << "'; known are ";
      llvm::interleaveComma(kWords, report);
      report << ", ";
      llvm::interleaveComma(kSizes, report);
      return report << " and schedule";
    }
  }
  return success();
}

FailureOr<std::vector<TuningEntry>> Reader::read() {
  std::string message;
  std::unique_ptr<llvm::MemoryBuffer> file = openInputFile(path, &message);
  if (!file)
    return error() << message << "; give an existing file, or no tuning";
  llvm::Expected<llvm::json::Value> value =
      llvm::json::parse(file->getBuffer());
  if (!value) {
    unsigned line = 1, column = 1;
    std::string what;
    llvm::handleAllErrors(
        value.takeError(),
        [&](const llvm::json::ParseError &parse) { what = parse.message(); },
        [&](const llvm::ErrorInfoBase &other) { what = other.message(); });
    // "[3:7, byte=42]: Expected , or ]"
    StringRef text = what;
    if (text.consume_front("[") && !text.consumeInteger(10, line) &&
        text.consume_front(":") && !text.consumeInteger(10, column))
      text = text.split("]: ").second;
    return error(line, column) << "not JSON: " << text;
  }
  const llvm::json::Array *array = value->getAsArray();
  if (!array)
    return error() << "is no array of entries";
  std::vector<TuningEntry> entries;
  for (const llvm::json::Value &element : *array) {
    if (failed(readEntry(element, entries.emplace_back())))
      return failure();
    ++index;
  }
  return entries;
}

FailureOr<std::vector<TuningEntry>>
mlir::nsa::readTuningFile(StringRef path, MLIRContext *context) {
  return Reader(path, context).read();
}

std::optional<size_t> mlir::nsa::findTuningEntry(ArrayRef<TuningEntry> entries,
                                                 Operation *op,
                                                 StringRef chip) {
  llvm::json::Object is = describeForTuning(op, chip);
  for (auto [i, entry] : llvm::enumerate(entries))
    if (llvm::all_of(entry.keys, [&](const auto &key) {
          const llvm::json::Value *value = is.get(key.first);
          return value && *value == key.second;
        }))
      return i;
  return std::nullopt;
}
