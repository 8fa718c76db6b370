//===- BundleEmitter.cpp - Recordings as a launch bundle ------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Inputs and outputs are the same for all targets, everything else is a
// target's own. An output has memory of its own in a bundle: where a result is
// a part of something, or returned twice, a step copies it.
//
//===----------------------------------------------------------------------===//

#include "nsa/Execution/BundleRecorder.h"

#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;
using namespace mlir::nsa;
using runtime::BufferRange;
using runtime::BundleStep;

/// The type of the same size and name; signs do not matter for memory.
static runtime::ElementType getBundleType(Type type) {
  using runtime::ElementType;
  if (isa<Float16Type>(type))
    return ElementType::F16;
  if (isa<BFloat16Type>(type))
    return ElementType::BF16;
  if (isa<Float32Type>(type))
    return ElementType::F32;
  if (isa<Float64Type>(type))
    return ElementType::F64;
  if (type.isInteger(1))
    return ElementType::I1;
  switch (getElementBytes(type)) {
  case 1:
    return ElementType::I8;
  case 2:
    return ElementType::I16;
  case 4:
    return ElementType::I32;
  default:
    return ElementType::I64;
  }
}

static llvm::Error toLLVM(runtime::Status status) {
  return status.failed() ? llvm::createStringError(status.getError().str())
                         : llvm::Error::success();
}

/// What the format allows, and is not in `names` yet.
static std::string makeName(StringRef wanted, llvm::StringSet<> &names) {
  std::string name = wanted.str();
  for (char &c : name)
    if (!llvm::isAlnum(c) && c != '_' && c != '-' && c != '.')
      c = '_';
  if (name.empty() || name.front() == '.')
    name.insert(name.begin(), '_');
  std::string unique, end;
  do {
    unique = name.substr(0, runtime::kMaxNameLength - end.size()) + end;
    end += '_';
  } while (!names.insert(unique).second);
  return unique;
}

/// A target while its buffers get their names.
struct BundleEmitter::Target {
  BundleRecorder &recorder;
  /// By position; empty for what has none yet.
  std::vector<std::string> names;
  std::vector<BundleStep> lastSteps;
};

BundleEmitter::BundleEmitter(const EntryPoint &entry,
                             ArrayRef<CallArgument> arguments,
                             bool hasSeveralTargets)
    : entryName(entry.name), hasSeveralTargets(hasSeveralTargets),
      writer("nsa-run, @" + entry.name) {
  for (auto [index, argument] : llvm::enumerate(arguments)) {
    if (!argument.array)
      continue;
    StringRef name = entry.argNames[index];
    name.consume_front("%");
    inputNames.push_back(makeName(
        name.empty() ? "input" + std::to_string(index) : name.str(), names));
    writer.addInput(
        inputNames.back(), getBundleType(argument.array->getElementType()),
        argument.array->getShape().vec(), argument.array->getData());
  }
}

llvm::Error BundleEmitter::addResult(Target &target, unsigned index,
                                     const CallResult &result) {
  BundleRecorder &recorder = target.recorder;
  runtime::ElementType type = getBundleType(result.elementType);
  std::vector<int64_t> shape(result.shape.begin(), result.shape.end());
  std::optional<uint64_t> bytes = runtime::countBytes(type, shape);
  if (!bytes || !result.isContiguous())
    return llvm::createStringError("result " + llvm::Twine(index) +
                                   " has gaps between its elements, which an "
                                   "output of a bundle cannot have");
  if (index == outputNames.size()) {
    outputNames.push_back(makeName("output" + std::to_string(index), names));
    writer.addOutput(outputNames.back(), type, shape);
  }
  const std::string &name = outputNames[index];

  BundleStep step;
  step.to = {name, 0};
  step.bytes = *bytes;
  if (result.isScalar) {
    // The host has computed it; it is the same in every run.
    step.kind = BundleStep::Kind::Copy;
    step.from = recorder.addConstant(
        std::vector<char>(result.data, result.data + *bytes));
    target.names.resize(recorder.buffers.size());
    target.lastSteps.push_back(std::move(step));
    return llvm::Error::success();
  }
  std::optional<DevicePlace> place =
      recorder.find(reinterpret_cast<DeviceAddress>(result.data), *bytes);
  if (!place) {
    if (*bytes != 0)
      return llvm::createStringError("result " + llvm::Twine(index) +
                                     " is not in the device's memory");
    // A step must name it.
    step.kind = BundleStep::Kind::Fill;
    target.lastSteps.push_back(std::move(step));
    return llvm::Error::success();
  }
  size_t position = recorder.positions.at(place->base);
  if (place->allocation->bytes == *bytes && place->offset == 0 &&
      !place->allocation->isInput && target.names[position].empty()) {
    target.names[position] = name;
    return llvm::Error::success();
  }
  step.kind = BundleStep::Kind::Copy;
  step.from = recorder.getRange(*place);
  target.lastSteps.push_back(std::move(step));
  return llvm::Error::success();
}

llvm::Error BundleEmitter::addTarget(const std::string &chip,
                                     std::unique_ptr<BundleRecorder> recording,
                                     const CallResults &results) {
  recorders.push_back(std::move(recording));
  BundleRecorder &recorder = *recorders.back();
  Target target{
      recorder, std::vector<std::string>(recorder.buffers.size()), {}};
  unsigned numInputs = 0;
  for (auto [buffer, name] : llvm::zip_equal(recorder.buffers, target.names))
    if (buffer.isInput)
      name = inputNames[numInputs++];
  for (auto [index, result] : llvm::enumerate(results.get()))
    if (llvm::Error error = addResult(target, index, result))
      return error;
  if (recorder.steps.empty() && outputNames.empty())
    return llvm::createStringError(
        "it does nothing on a device, and returns nothing");

  std::string prefix = hasSeveralTargets ? chip + "." : "";
  unsigned numTemporaries = 0, numConstants = 0;
  for (auto [buffer, name] : llvm::zip_equal(recorder.buffers, target.names)) {
    if (!name.empty())
      continue;
    if (buffer.content.empty()) {
      name = makeName(prefix + "temporary" + std::to_string(numTemporaries++),
                      names);
      writer.addTemporary(name, buffer.bytes);
      continue;
    }
    name =
        makeName(prefix + "constant" + std::to_string(numConstants++), names);
    writer.addInput(name, runtime::ElementType::I8,
                    {static_cast<int64_t>(buffer.bytes)},
                    buffer.content.data());
  }

  writer.addTarget(chip);
  std::map<std::string, std::string> imageNames;
  // Names are a target's own.
  llvm::StringSet<> takenNames;
  for (auto &[name, image] : recorder.images) {
    if (!image.isLaunched)
      continue;
    imageNames[name] = makeName(name, takenNames);
    writer.addImage(imageNames[name], image.content);
  }
  auto rename = [&](BufferRange &range) {
    size_t position;
    if (!StringRef(range.buffer).getAsInteger(10, position))
      range.buffer = target.names[position];
  };
  auto isUsed = [&](const std::string &output) {
    auto names = [&](const BufferRange &range) {
      return range.buffer == output;
    };
    return llvm::any_of(recorder.steps, [&](const BundleStep &step) {
      return names(step.from) || names(step.to) ||
             llvm::any_of(step.arguments, [&](const auto &argument) {
               return names(argument.address);
             });
    });
  };
  for (BundleStep &step : recorder.steps) {
    rename(step.from);
    rename(step.to);
    for (runtime::BundleArgument &argument : step.arguments)
      rename(argument.address);
    if (!step.image.empty())
      step.image = imageNames.at(step.image);
    writer.addStep(step);
  }
  for (BundleStep &step : target.lastSteps) {
    rename(step.from);
    writer.addStep(step);
  }
  // What nobody writes stays as a runner leaves it, but must be named.
  for (auto [index, name] : llvm::enumerate(target.names)) {
    if (!llvm::is_contained(outputNames, name) || isUsed(name))
      continue;
    BundleStep step;
    step.kind = BundleStep::Kind::Fill;
    step.to = {name, 0};
    step.bytes = recorder.buffers[index].bytes;
    step.byte = 0xff;
    writer.addStep(step);
  }
  return llvm::Error::success();
}

llvm::Error BundleEmitter::write(const std::string &directory) const {
  return toLLVM(writer.write(directory));
}

std::string BundleEmitter::summarize() const {
  auto count = [](size_t number, StringRef what) {
    return (llvm::Twine(number) + " " + what + (number == 1 ? "" : "s")).str();
  };
  std::string text = count(inputNames.size(), "input") + ", " +
                     count(outputNames.size(), "output");
  for (const runtime::BundleTarget &target : writer.getBundle().targets)
    text += "; " + target.chip + ": " + count(target.steps.size(), "step") +
            ", " + count(target.images.size(), "image");
  return text;
}
