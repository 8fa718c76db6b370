//===- Inputs.cpp - What --input means ------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// FILE.npy or SHAPExTYPE=random[:SEED] for an array, a number for a scalar; the
// function's type says which is expected.
//
//===----------------------------------------------------------------------===//

#include "Inputs.h"

#include "nsa/Execution/Npy.h"

#include "llvm/ADT/APFloat.h"

using namespace mlir;
using namespace mlir::nsa;
using llvm::Expected;

/// The bits of a number of the given scalar type.
static Expected<uint64_t> parseScalar(StringRef text, Type type) {
  std::string typeName = formatType(type);
  auto notANumber = [&]() {
    return llvm::createStringError("'" + text + "' is not a number of type " +
                                   typeName);
  };
  auto outOfRange = [&]() {
    return llvm::createStringError("'" + text + "' is out of range for " +
                                   typeName);
  };
  if (auto floatType = dyn_cast<FloatType>(type)) {
    llvm::APFloat value(floatType.getFloatSemantics());
    auto status =
        value.convertFromString(text, llvm::APFloat::rmNearestTiesToEven);
    if (!status) {
      llvm::consumeError(status.takeError());
      return notANumber();
    }
    if (*status & llvm::APFloat::opOverflow)
      return outOfRange();
    return value.bitcastToAPInt().getZExtValue();
  }

  // Wide enough to see every overflow that has few digits, and no more.
  llvm::APInt magnitude;
  StringRef digits = text;
  bool isNegative = digits.consume_front("-");
  if (digits.empty() || !llvm::all_of(digits, llvm::isDigit))
    return notANumber();
  if (digits.ltrim('0').size() > 20)
    return outOfRange();
  digits.getAsInteger(10, magnitude);
  llvm::APInt value = magnitude.zextOrTrunc(128);
  if (isNegative)
    value.negate();
  unsigned width = isa<IndexType>(type) ? 64 : type.getIntOrFloatBitWidth();
  // A signless integer may be meant either way; index is a size or an offset.
  bool asSigned = !type.isUnsignedInteger();
  bool asUnsigned = !type.isSignedInteger() && !isa<IndexType>(type);
  if (!(asSigned && value.isSignedIntN(width)) &&
      !(asUnsigned && !isNegative && value.isIntN(width)))
    return outOfRange();
  return value.trunc(64).getZExtValue();
}

namespace {
/// SHAPExTYPE=random[:SEED] or SHAPExTYPE=zeros.
struct Generator {
  SmallVector<int64_t> shape;
  Type elementType;
  bool isRandom = false;
  std::optional<uint64_t> seed;
};
} // namespace

static Type parseElementType(StringRef text, MLIRContext *context) {
  Builder builder(context);
  Type type = llvm::StringSwitch<Type>(text)
                  .Case("bf16", builder.getBF16Type())
                  .Case("f16", builder.getF16Type())
                  .Case("f32", builder.getF32Type())
                  .Case("f64", builder.getF64Type())
                  .Case("index", builder.getIndexType())
                  .Default({});
  unsigned width;
  if (!type && text.consume_front("i") && !text.getAsInteger(10, width) &&
      width > 0 && width <= 64)
    type = builder.getIntegerType(width);
  return type && getElementBytes(type) ? type : Type();
}

static Expected<Generator> parseGenerator(StringRef text,
                                          MLIRContext *context) {
  auto error = [&](const Twine &message) {
    return llvm::createStringError("'" + text + "': " + message +
                                   "; expected SHAPExTYPE=random[:SEED] or "
                                   "SHAPExTYPE=zeros, for example "
                                   "1x4096x8x64xf32=random:1");
  };
  auto [what, how] = text.rsplit('=');
  Generator generator;
  while (!what.empty() && llvm::isDigit(what.front())) {
    int64_t size;
    if (what.consumeInteger(10, size) || !what.consume_front("x"))
      return error("malformed shape");
    generator.shape.push_back(size);
  }
  generator.elementType = parseElementType(what, context);
  if (!generator.elementType)
    return error("unknown element type '" + what + "'");
  if (how == "zeros")
    return generator;
  if (!how.consume_front("random"))
    return error("unknown content '" + how + "'");
  generator.isRandom = true;
  if (!how.empty()) {
    uint64_t seed;
    if (!how.consume_front(":") || how.getAsInteger(10, seed))
      return error("the seed is not a number from 0 to 2^64 - 1");
    generator.seed = seed;
  }
  if (!isa<FloatType>(generator.elementType))
    return error("random numbers are floating-point; give integers as a file "
                 "or as zeros");
  return generator;
}

/// Reads or makes the array for argument `index`.
static FailureOr<HostArray> makeArray(const EntryPoint &entry, unsigned index,
                                      StringRef spec) {
  auto type = cast<ShapedType>(entry.type.getInput(index));
  Location loc = entry.argLocs[index];
  auto fail = [&](llvm::Error error) -> LogicalResult {
    return emitError(loc) << entry.describeArgument(index) << ": "
                          << llvm::toString(std::move(error));
  };
  if (spec.ends_with(".npy") || !spec.contains('=')) {
    double number;
    if (!spec.getAsDouble(number))
      return emitError(loc) << entry.describeArgument(index) << " is "
                            << formatType(entry.type.getInput(index))
                            << ": expected FILE.npy or SHAPExTYPE=random, not "
                               "the number '"
                            << spec << "'";
    Expected<HostArray> array = readNpy(spec, type.getElementType());
    if (!array)
      return fail(array.takeError());
    if (failed(checkArgument(entry, index, array->getShape(),
                             array->getElementType(), spec)))
      return failure();
    return std::move(*array);
  }

  Expected<Generator> generator = parseGenerator(spec, loc.getContext());
  if (!generator)
    return fail(generator.takeError());
  if (failed(checkArgument(entry, index, generator->shape,
                           generator->elementType, "the input")))
    return failure();
  Expected<HostArray> array =
      HostArray::create(generator->elementType, generator->shape);
  if (!array)
    return fail(array.takeError());
  if (generator->isRandom)
    // Without a seed, inputs differ from each other and runs do not.
    fillNormal(*array, generator->seed.value_or(index));
  return std::move(*array);
}

FailureOr<Inputs> nsa::prepareInputs(const EntryPoint &entry,
                                     ArrayRef<std::string> specs) {
  if (specs.size() != entry.type.getNumInputs()) {
    InFlightDiagnostic diag = emitError(entry.loc);
    unsigned count = entry.type.getNumInputs();
    diag << "@" << entry.name << " takes " << count << " input"
         << (count == 1 ? "" : "s") << " but there are " << specs.size()
         << " of --input; the arguments are (";
    llvm::interleaveComma(llvm::seq(entry.type.getNumInputs()), diag,
                          [&](unsigned index) {
                            if (!entry.argNames[index].empty())
                              diag << entry.argNames[index] << ": ";
                            diag << formatType(entry.type.getInput(index));
                          });
    return diag << ")";
  }
  Inputs inputs;
  for (auto [index, spec] : llvm::enumerate(specs)) {
    CallArgument argument;
    Type type = entry.type.getInput(index);
    if (isa<ShapedType>(type)) {
      FailureOr<HostArray> array = makeArray(entry, index, spec);
      if (failed(array))
        return failure();
      inputs.arrays.push_back(std::move(*array));
      argument.array = &inputs.arrays.back();
      inputs.shapes.emplace_back(argument.array->getShape());
    } else {
      Expected<uint64_t> bits = parseScalar(spec, type);
      if (!bits)
        return emitError(entry.argLocs[index])
               << entry.describeArgument(index) << ": "
               << llvm::toString(bits.takeError());
      argument.scalarBits = *bits;
      inputs.shapes.emplace_back();
    }
    inputs.arguments.push_back(argument);
  }
  return inputs;
}
