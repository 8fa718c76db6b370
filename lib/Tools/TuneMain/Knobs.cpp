//===- Knobs.cpp - The knobs of a transform script ------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Choices are numbered like digits: each knob is one, its options are the
// values.
//
//===----------------------------------------------------------------------===//

#include "Knobs.h"

#include "../RunMain/Options.h"
#include "mlir/Dialect/Transform/TuneExtension/TuneExtensionOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::nsa;

/// "64", "union"; what else there may be, as MLIR writes it.
static std::string formatOption(Attribute option) {
  if (auto text = dyn_cast<StringAttr>(option))
    return text.str();
  std::string text;
  llvm::raw_string_ostream os(text);
  option.print(os, /*elideType=*/true);
  return text;
}

static std::string formatOptions(ArrayRef<Attribute> options) {
  return llvm::join(llvm::map_range(options, formatOption), ", ");
}

FailureOr<KnobSpace> KnobSpace::collect(Operation *script) {
  KnobSpace space;
  WalkResult walk = script->walk([&](transform::tune::KnobOp op) -> WalkResult {
    auto options = dyn_cast<ArrayAttr>(op.getOptions());
    if (!options || options.empty())
      return emitError(op.getLoc())
             << "knob '" << op.getName().getValue()
             << "' has no list of options to try: its options are "
             << op.getOptions();
    auto *known = llvm::find_if(space.knobs, [&](const Knob &knob) {
      return knob.name == op.getName();
    });
    if (known == space.knobs.end()) {
      space.knobs.push_back({op.getName().str(), op.getLoc(),
                             llvm::to_vector(options.getValue())});
    } else if (options.getValue() != ArrayRef<Attribute>(known->options)) {
      InFlightDiagnostic error = emitError(op.getLoc())
                                 << "knob '" << op.getName().getValue()
                                 << "' has other options here than before, but "
                                    "one name is one choice";
      error.attachNote(known->loc) << "there";
      return error;
    }
    return WalkResult::advance();
  });
  if (walk.wasInterrupted())
    return failure();
  return space;
}

LogicalResult KnobSpace::restrict(StringRef spec) {
  auto [name, list] = spec.split('=');
  if (name.empty() || list.empty())
    return fail("--knob=" + spec + ": expected NAME=VALUE[,VALUE...]");
  auto *knob = llvm::find_if(
      knobs, [&, name = name](const Knob &knob) { return knob.name == name; });
  if (knob == knobs.end())
    return fail(
        "--knob=" + spec + ": the script has no knob '" + name +
        "'; its knobs are: " +
        llvm::join(llvm::map_range(knobs, [](const Knob &k) { return k.name; }),
                   ", "));
  SmallVector<StringRef> values;
  list.split(values, ',');
  SmallVector<Attribute> kept;
  for (StringRef value : values) {
    auto *option = llvm::find_if(knob->options, [&](Attribute option) {
      return formatOption(option) == value;
    });
    if (option == knob->options.end())
      return fail("--knob=" + spec + ": '" + value +
                  "' is no option of the knob; its options are: " +
                  formatOptions(knob->options));
    kept.push_back(*option);
  }
  knob->options = kept;
  return success();
}

uint64_t KnobSpace::count() const {
  uint64_t product = 1;
  for (const Knob &knob : knobs)
    product = llvm::SaturatingMultiply<uint64_t>(product, knob.options.size());
  return product;
}

Choice KnobSpace::get(uint64_t number) const {
  Choice choice(knobs.size());
  for (size_t i = knobs.size(); i-- > 0;) {
    choice[i] = knobs[i].options[number % knobs[i].options.size()];
    number /= knobs[i].options.size();
  }
  return choice;
}

void KnobSpace::select(Operation *script, ArrayRef<Attribute> choice) const {
  script->walk([&](transform::tune::KnobOp op) {
    for (auto [knob, value] : llvm::zip_equal(knobs, choice))
      if (knob.name == op.getName())
        op.setSelectedAttr(value);
  });
}

std::string KnobSpace::describe(ArrayRef<Attribute> choice) const {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::interleaveComma(llvm::zip_equal(knobs, choice), os, [&](auto pair) {
    os << std::get<0>(pair).name << " = " << formatOption(std::get<1>(pair));
  });
  return text;
}
