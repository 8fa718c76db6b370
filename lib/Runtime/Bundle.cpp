//===- Bundle.cpp - Launch bundles on disk --------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reading and writing the folder; the manifest itself is in Manifest.cpp.
//
//===----------------------------------------------------------------------===//

#include "nsa/Runtime/Bundle.h"

#include "FileIO.h"
#include "nsa/Runtime/CUDADevice.h"

#include <cstring>
#include <filesystem>
#include <unistd.h>

using namespace mlir::nsa::runtime;
namespace fs = std::filesystem;

const BundleBuffer *Bundle::findBuffer(const std::string &name) const {
  for (const BundleBuffer &buffer : buffers)
    if (buffer.name == name)
      return &buffer;
  return nullptr;
}

std::optional<ChipName> mlir::nsa::runtime::parseChip(const std::string &chip) {
  if (chip.compare(0, 3, "sm_") != 0)
    return std::nullopt;
  ChipName name;
  size_t i = 3;
  for (; i != chip.size() && chip[i] >= '0' && chip[i] <= '9' && i < 7; ++i)
    name.number = 10 * name.number + (chip[i] - '0');
  if (i + 1 == chip.size() && (chip[i] == 'a' || chip[i] == 'f'))
    name.suffix = chip[i++];
  if (i != chip.size() || name.number < 10)
    return std::nullopt;
  return name;
}

BundleArgument BundleArgument::pointer(std::string buffer, uint64_t offset) {
  BundleArgument argument;
  argument.address = {std::move(buffer), offset};
  return argument;
}

template <typename T>
static BundleArgument makeScalar(ElementType type, T value) {
  BundleArgument argument;
  argument.type = type;
  std::memcpy(&argument.bits, &value, sizeof(T));
  return argument;
}

BundleArgument BundleArgument::i32(int32_t value) {
  return makeScalar(ElementType::I32, value);
}
BundleArgument BundleArgument::i64(int64_t value) {
  return makeScalar(ElementType::I64, value);
}
BundleArgument BundleArgument::f32(float value) {
  return makeScalar(ElementType::F32, value);
}
BundleArgument BundleArgument::f64(double value) {
  return makeScalar(ElementType::F64, value);
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

Expected<Bundle> mlir::nsa::runtime::readBundle(const std::string &directory) {
  std::string path = directory + "/manifest.json";
  Expected<std::string> text = detail::readFile(path);
  if (!text)
    return text.takeError();
  Expected<Bundle> bundle = parseManifest(*text);
  if (!bundle)
    return bundle.takeError().addContext(path);

  auto checkFile = [&](const std::string &place,
                       const std::string &file) -> Status {
    std::error_code code;
    if (fs::is_regular_file(directory + "/" + file, code))
      return Status::success();
    return Error(path + ": " + place + ": there is no file " + directory + "/" +
                 file);
  };
  auto index = [](size_t i) { return "[" + std::to_string(i) + "]"; };
  for (size_t i = 0; i != bundle->buffers.size(); ++i) {
    const BundleBuffer &buffer = bundle->buffers[i];
    if (buffer.role != BufferRole::Input)
      continue;
    if (Status status = checkFile("buffers" + index(i) + ".file", buffer.file);
        status.failed())
      return status.takeError();
  }
  for (size_t i = 0; i != bundle->targets.size(); ++i) {
    const BundleTarget &target = bundle->targets[i];
    for (size_t j = 0; j != target.images.size(); ++j)
      if (Status status =
              checkFile("targets" + index(i) + ".images" + index(j) + ".file",
                        target.images[j].file);
          status.failed())
        return status.takeError();
  }
  return bundle;
}

static bool endsWith(const std::string &text, const std::string &end) {
  return text.size() >= end.size() &&
         text.compare(text.size() - end.size(), end.size(), end) == 0;
}

Expected<std::vector<char>>
mlir::nsa::runtime::readInput(const std::string &directory,
                              const BundleBuffer &buffer) {
  std::string path = directory + "/" + buffer.file;
  if (endsWith(buffer.file, ".npy"))
    return readNpyFile(path, *buffer.type, buffer.shape);
  Expected<std::string> content = detail::readFile(path);
  if (!content)
    return content.takeError();
  if (content->size() != buffer.bytes)
    return Error(path + ": has " + std::to_string(content->size()) +
                 " bytes, where " + formatShape(*buffer.type, buffer.shape) +
                 " has " + std::to_string(buffer.bytes));
  return std::vector<char>(content->begin(), content->end());
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

void BundleWriter::addInput(const std::string &name, ElementType type,
                            const std::vector<int64_t> &shape,
                            const void *data) {
  BundleBuffer buffer;
  buffer.name = name;
  buffer.role = BufferRole::Input;
  buffer.type = type;
  buffer.shape = shape;
  buffer.bytes = countBytes(type, shape).value_or(0);
  buffer.file = "inputs/" + name + ".npy";
  inputs.emplace_back(buffer.file, data);
  bundle.buffers.push_back(std::move(buffer));
}

void BundleWriter::addOutput(const std::string &name, ElementType type,
                             const std::vector<int64_t> &shape) {
  BundleBuffer buffer;
  buffer.name = name;
  buffer.role = BufferRole::Output;
  buffer.type = type;
  buffer.shape = shape;
  buffer.bytes = countBytes(type, shape).value_or(0);
  bundle.buffers.push_back(std::move(buffer));
}

void BundleWriter::addTemporary(const std::string &name, uint64_t bytes) {
  BundleBuffer buffer;
  buffer.name = name;
  buffer.bytes = bytes;
  bundle.buffers.push_back(std::move(buffer));
}

void BundleWriter::addTarget(const std::string &chip) {
  bundle.targets.emplace_back();
  bundle.targets.back().chip = chip;
}

void BundleWriter::addImage(const std::string &name, std::string content) {
  assert(!bundle.targets.empty() && "an image belongs to a target");
  BundleTarget &target = bundle.targets.back();
  bool binary = isBinaryImage(content);
  std::string file = target.chip + "/" + name + (binary ? ".cubin" : ".ptx");
  target.images.push_back({name, file});
  images.emplace_back(file, std::move(content));
}

void BundleWriter::addStep(BundleStep step) {
  assert(!bundle.targets.empty() && "a step belongs to a target");
  bundle.targets.back().steps.push_back(std::move(step));
}

/// Fills `directory`, which is new.
static Status
writeFiles(const std::string &directory, const std::string &manifest,
           const Bundle &bundle,
           const std::vector<std::pair<std::string, const void *>> &inputs,
           const std::vector<std::pair<std::string, std::string>> &images) {
  auto makeParent = [&](const std::string &file) -> Status {
    std::error_code code;
    fs::path parent = fs::path(directory + "/" + file).parent_path();
    fs::create_directories(parent, code);
    if (code)
      return Error(parent.string() + ": cannot create: " + code.message());
    return Status::success();
  };
  for (auto &[file, data] : inputs) {
    if (Status status = makeParent(file); status.failed())
      return status;
    for (const BundleBuffer &buffer : bundle.buffers) {
      if (buffer.file != file)
        continue;
      std::string header = makeNpyHeader(*buffer.type, buffer.shape);
      if (Status status = detail::writeFile(
              detail::joinPath(directory, file),
              {{header.data(), header.size()}, {data, buffer.bytes}});
          status.failed())
        return status;
    }
  }
  for (auto &[file, content] : images) {
    if (Status status = makeParent(file); status.failed())
      return status;
    if (Status status = detail::writeFile(detail::joinPath(directory, file),
                                          {{content.data(), content.size()}});
        status.failed())
      return status;
  }
  return detail::writeFile(directory + "/manifest.json",
                           {{manifest.data(), manifest.size()}});
}

/// Creates `directory`; `created` gets what was not there before, inner first.
static std::error_code createDirectories(const fs::path &directory,
                                         std::vector<fs::path> &created) {
  std::error_code code;
  for (fs::path path = directory;
       !path.empty() && !fs::exists(fs::symlink_status(path, code));
       path = path.parent_path())
    created.push_back(path);
  fs::create_directories(directory, code);
  return code;
}

/// Removes what is in the first of `created`, and the others.
static void removeDirectories(const std::vector<fs::path> &created) {
  std::error_code ignored;
  if (!created.empty())
    fs::remove_all(created.front(), ignored);
  // Others may have put something there.
  for (const fs::path &path : created)
    fs::remove(path, ignored);
}

Status BundleWriter::write(const std::string &directory, bool replace) const {
  std::string manifest = formatManifest(bundle);
  if (Expected<Bundle> parsed = parseManifest(manifest); !parsed)
    return parsed.takeError().addContext(directory + "/manifest.json");

  std::error_code code;
  fs::path target = fs::absolute(directory, code).lexically_normal();
  if (!target.has_filename())
    target = target.parent_path();
  // A link stays, and the folder that it names is written.
  if (fs::is_symlink(target, code) && fs::is_directory(target, code))
    target = fs::canonical(target, code);
  bool exists = fs::exists(fs::symlink_status(target, code));
  bool empty =
      exists && fs::is_directory(target, code) && fs::is_empty(target, code);
  bool isBundle = fs::exists(target / "manifest.json", code);
  if (exists && !empty && !(replace && isBundle))
    return Error(directory + ": exists, and is " +
                 (isBundle ? "a bundle that was not to be replaced"
                           : "neither empty nor a bundle"));

  std::string unique = "." + std::to_string(getpid());
  fs::path name = target.filename();
  fs::path partial =
      target.parent_path() / ("." + name.string() + ".partial" + unique);
  fs::path old = target.parent_path() / ("." + name.string() + ".old" + unique);
  // Neither can be of a process that lives.
  fs::remove_all(partial, code);
  fs::remove_all(old, code);
  std::vector<fs::path> created;
  code = createDirectories(partial, created);
  if (code) {
    removeDirectories(created);
    return Error(directory + ": cannot create: " + code.message());
  }
  Status status =
      writeFiles(partial.string(), manifest, bundle, inputs, images);
  if (status.failed()) {
    removeDirectories(created);
    return status;
  }

  // A folder that is not empty cannot be renamed over.
  if (exists)
    fs::rename(target, old, code);
  if (!code)
    fs::rename(partial, target, code);
  if (code) {
    Error error(directory + ": cannot put the bundle there: " + code.message());
    std::error_code ignored;
    if (exists && !fs::exists(target, ignored))
      fs::rename(old, target, ignored);
    removeDirectories(created);
    return error;
  }
  fs::remove_all(old, code);
  return Status::success();
}
