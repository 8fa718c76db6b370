//===- BundleRunner.cpp - Running launch bundles --------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything of a run is set up, executed and fetched before anything is
// written.
//
//===----------------------------------------------------------------------===//

#include "nsa/Runtime/BundleRunner.h"

#include "FileIO.h"

#include <map>

using namespace mlir::nsa::runtime;

//===----------------------------------------------------------------------===//
// The target
//===----------------------------------------------------------------------===//

/// Whether a device of this compute capability runs code for `chip`.
static bool canRun(ChipName chip, bool isBinary, const DeviceInfo &device) {
  int number = 10 * device.major + device.minor;
  // "a": this device only. "f" and binaries: later ones of the same generation.
  if (chip.suffix == 'a')
    return chip.number == number;
  if (chip.suffix == 'f' || isBinary)
    return chip.number / 10 == device.major && chip.number <= number;
  return chip.number <= number;
}

Expected<const BundleTarget *>
mlir::nsa::runtime::selectTarget(const Bundle &bundle, const DeviceInfo &device,
                                 const std::string &chip,
                                 const std::vector<bool> &isBinary) {
  const BundleTarget *best = nullptr;
  auto rank = [](const BundleTarget &target) {
    ChipName name = *parseChip(target.chip);
    return 4 * name.number + (name.suffix == 'a'   ? 2
                              : name.suffix == 'f' ? 1
                                                   : 0);
  };
  std::string chips;
  for (size_t i = 0; i != bundle.targets.size(); ++i) {
    const BundleTarget &target = bundle.targets[i];
    chips += (chips.empty() ? "" : ", ") + target.chip;
    if (target.chip == chip)
      return &target;
    if (chip.empty() && canRun(*parseChip(target.chip), isBinary[i], device) &&
        (!best || rank(target) > rank(*best)))
      best = &target;
  }
  if (best)
    return best;
  if (!chip.empty())
    return Error("the bundle has no target " + chip + "; it has: " + chips);
  return Error("the bundle has no target that " + device.name + " (" +
               device.getChip() + ") can run; it has: " + chips);
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

namespace {
/// A step with all names resolved.
struct PreparedStep {
  const BundleStep *step = nullptr;
  std::string label;
  /// In errors: "targets sm_80, step 2 (axpy)".
  std::string place;
  CUDAFunction *function = nullptr;
  LaunchConfig config;
  KernelArguments arguments;
};

class Runner {
public:
  Runner(const std::string &directory, const Bundle &bundle,
         const BundleTarget &target, CUDAContext context, CUDAStream stream)
      : directory(directory), bundle(bundle), target(target),
        context(std::move(context)), stream(std::move(stream)) {}

  Status prepare(const std::vector<std::string> &images,
                 BundleRunReport &report);
  Status run(const BundleRunOptions &options, BundleRunReport &report);
  Status fetch(BundleRunReport &report);

private:
  Status prepareBuffers();
  Status prepareStep(size_t index, BundleRunReport &report);
  Status runStep(PreparedStep &prepared);
  Status runTimed(BundleRunReport &report,
                  const std::vector<CUDAEvent> &events);

  const std::string &directory;
  const Bundle &bundle;
  const BundleTarget &target;
  CUDAContext context;
  CUDAStream stream;
  std::map<std::string, CUDAModule> modules;
  std::map<std::pair<std::string, std::string>, CUDAFunction> functions;
  std::map<std::string, CUDAMemory> buffers;
  std::vector<PreparedStep> steps;
};
} // namespace

Status Runner::prepareBuffers() {
  auto isNamed = [&](const std::string &name) {
    for (const BundleStep &step : target.steps) {
      if (step.from.buffer == name || step.to.buffer == name)
        return true;
      for (const BundleArgument &argument : step.arguments)
        if (!argument.type && argument.address.buffer == name)
          return true;
    }
    return false;
  };
  for (const BundleBuffer &buffer : bundle.buffers) {
    // Other targets may have other temporaries.
    if (!isNamed(buffer.name))
      continue;
    Expected<CUDAMemory> memory =
        context.allocate(buffer.bytes, "buffer " + buffer.name);
    if (!memory)
      return memory.takeError();
    if (buffer.role == BufferRole::Input) {
      Expected<std::vector<char>> data = readInput(directory, buffer);
      if (!data)
        return data.takeError();
      if (Status status = memory->upload(data->data(), data->size(), 0, stream);
          status.failed())
        return status.takeError().addContext("buffer " + buffer.name);
    } else if (Status status = memory->fill(0xff, 0, buffer.bytes, stream);
               status.failed()) {
      return status.takeError().addContext("buffer " + buffer.name);
    }
    buffers.emplace(buffer.name, std::move(*memory));
  }
  return stream.synchronize();
}

Status Runner::prepareStep(size_t index, BundleRunReport &report) {
  const BundleStep &step = target.steps[index];
  PreparedStep &prepared = steps.emplace_back();
  prepared.step = &step;
  prepared.label = step.kind == BundleStep::Kind::Launch ? step.kernel
                   : step.kind == BundleStep::Kind::Copy ? "copy"
                                                         : "fill";
  prepared.place = target.chip + ", step " + std::to_string(index) + " (" +
                   prepared.label + ")";
  if (step.kind != BundleStep::Kind::Launch)
    return Status::success();

  auto key = std::make_pair(step.image, step.kernel);
  auto found = functions.find(key);
  if (found == functions.end()) {
    Expected<CUDAFunction> function =
        modules.find(step.image)->second.getFunction(step.kernel);
    if (!function)
      return function.takeError().addContext(prepared.place);
    found = functions.emplace(key, std::move(*function)).first;
    report.kernels.push_back(
        {step.image, step.kernel, found->second.getAttributes(), 0});
  }
  for (BundleRunReport::Kernel &kernel : report.kernels)
    if (kernel.image == step.image && kernel.name == step.kernel)
      kernel.dynamicSharedBytes =
          std::max(kernel.dynamicSharedBytes, step.dynamicSharedBytes);
  prepared.function = &found->second;
  prepared.config = {step.grid, step.block, step.dynamicSharedBytes};
  for (const BundleArgument &argument : step.arguments) {
    if (argument.type)
      prepared.arguments.addBytes(&argument.bits, getNumBytes(*argument.type));
    else
      prepared.arguments.add(
          buffers.find(argument.address.buffer)->second.getAddress() +
          argument.address.offset);
  }
  if (Status status = found->second.checkArguments(prepared.arguments);
      status.failed())
    return status.takeError().addContext(prepared.place);
  return Status::success();
}

Status Runner::prepare(const std::vector<std::string> &images,
                       BundleRunReport &report) {
  for (size_t i = 0; i != images.size(); ++i) {
    const BundleImage &image = target.images[i];
    Expected<CUDAModule> module =
        context.loadModule(images[i], directory + "/" + image.file);
    if (!module)
      return module.takeError();
    modules.emplace(image.name, std::move(*module));
  }
  if (Status status = prepareBuffers(); status.failed())
    return status;
  for (size_t i = 0; i != target.steps.size(); ++i)
    if (Status status = prepareStep(i, report); status.failed())
      return status;
  return Status::success();
}

Status Runner::runStep(PreparedStep &prepared) {
  const BundleStep &step = *prepared.step;
  auto getBuffer = [&](const BufferRange &range) -> CUDAMemory & {
    return buffers.find(range.buffer)->second;
  };
  auto execute = [&]() -> Status {
    switch (step.kind) {
    case BundleStep::Kind::Launch:
      return prepared.function->launch(prepared.config, prepared.arguments,
                                       stream);
    case BundleStep::Kind::Copy:
      return getBuffer(step.to).copyFrom(getBuffer(step.from), step.from.offset,
                                         step.to.offset, step.bytes, stream);
    case BundleStep::Kind::Fill:
      return getBuffer(step.to).fill(step.byte, step.to.offset, step.bytes,
                                     stream);
    }
    return Status::success();
  };
  Status status = execute();
  if (status.failed())
    return status.takeError().addContext(prepared.place);
  return status;
}

Status Runner::runTimed(BundleRunReport &report,
                        const std::vector<CUDAEvent> &events) {
  if (Status status = events[0].record(stream); status.failed())
    return status;
  for (size_t i = 0; i != steps.size(); ++i) {
    if (Status status = runStep(steps[i]); status.failed())
      return status;
    if (Status status = events[i + 1].record(stream); status.failed())
      return status;
  }
  if (Status status = events.back().synchronize(); status.failed())
    return status;
  for (size_t i = 0; i != steps.size(); ++i) {
    Expected<float> time = CUDAEvent::getMilliseconds(events[i], events[i + 1]);
    if (!time)
      return time.takeError();
    report.steps[i].milliseconds.push_back(*time);
  }
  Expected<float> time =
      CUDAEvent::getMilliseconds(events.front(), events.back());
  if (!time)
    return time.takeError();
  report.milliseconds.push_back(*time);
  return Status::success();
}

Status Runner::run(const BundleRunOptions &options, BundleRunReport &report) {
  for (PreparedStep &step : steps) {
    if (Status status = runStep(step); status.failed())
      return status;
    if (Status status = stream.synchronize(); status.failed())
      return status.takeError().addContext(step.place);
    report.steps.push_back({step.label, {}});
  }
  for (unsigned i = 0; i != options.warmup; ++i)
    for (PreparedStep &step : steps)
      if (Status status = runStep(step); status.failed())
        return status;
  if (options.repeat != 0) {
    std::vector<CUDAEvent> events;
    for (size_t i = 0; i != steps.size() + 1; ++i) {
      Expected<CUDAEvent> event = context.createEvent();
      if (!event)
        return event.takeError();
      events.push_back(std::move(*event));
    }
    for (unsigned i = 0; i != options.repeat; ++i)
      if (Status status = runTimed(report, events); status.failed())
        return status;
  }
  return stream.synchronize();
}

Status Runner::fetch(BundleRunReport &report) {
  for (const BundleBuffer &buffer : bundle.buffers) {
    if (buffer.role != BufferRole::Output)
      continue;
    std::vector<char> data(buffer.bytes);
    if (Status status =
            buffers.find(buffer.name)
                ->second.download(data.data(), data.size(), 0, stream);
        status.failed())
      return status.takeError().addContext("buffer " + buffer.name);
    report.outputs.push_back({buffer, std::move(data)});
  }
  return Status::success();
}

/// The contents of the images of `target`, in order.
static Expected<std::vector<std::string>>
readImages(const std::string &directory, const BundleTarget &target) {
  std::vector<std::string> images;
  for (const BundleImage &image : target.images) {
    Expected<std::string> content =
        detail::readFile(directory + "/" + image.file);
    if (!content)
      return content.takeError();
    images.push_back(std::move(*content));
  }
  return images;
}

Expected<BundleRunReport> mlir::nsa::runtime::runBundle(
    const CUDADriver &driver, const std::string &directory,
    const Bundle &bundle, const BundleRunOptions &options) {
  std::vector<bool> isBinary;
  for (const BundleTarget &target : bundle.targets) {
    Expected<std::vector<std::string>> images = readImages(directory, target);
    if (!images)
      return images.takeError();
    bool binary = false;
    for (const std::string &image : *images)
      binary |= isBinaryImage(image);
    isBinary.push_back(binary);
  }
  Expected<CUDAContext> context = CUDAContext::create(driver, options.device);
  if (!context)
    return context.takeError();
  Expected<const BundleTarget *> target =
      selectTarget(bundle, context->getDevice(), options.chip, isBinary);
  if (!target)
    return target.takeError();
  Expected<std::vector<std::string>> images = readImages(directory, **target);
  if (!images)
    return images.takeError();
  Expected<CUDAStream> stream = context->createStream();
  if (!stream)
    return stream.takeError();

  BundleRunReport report;
  report.device = context->getDevice();
  report.driverVersion = driver.getVersion();
  report.chip = (*target)->chip;
  Runner runner(directory, bundle, **target, *context, std::move(*stream));
  if (Status status = runner.prepare(*images, report); status.failed())
    return status.takeError();
  if (Status status = runner.run(options, report); status.failed())
    return status.takeError();
  if (Status status = runner.fetch(report); status.failed())
    return status.takeError();
  return report;
}
