//===- Bundle.h - Launch bundles --------------------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A launch bundle is a folder with all that a machine with a GPU needs to run a
// compiled function: kernels as PTX or cubin, the launches, the inputs. See
// docs/Bundle.md for the format. nsa-run writes it, nsa-run-bundle runs it.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_RUNTIME_BUNDLE_H
#define NSA_RUNTIME_BUNDLE_H

#include "nsa/Runtime/ElementType.h"

#include <array>

namespace mlir::nsa::runtime {

/// The version of the format that this library reads and writes.
constexpr int kBundleVersion = 1;

/// Names of buffers and images become names of files.
constexpr size_t kMaxNameLength = 200;

enum class BufferRole { Input, Output, Temporary };

struct BundleBuffer {
  std::string name;
  BufferRole role = BufferRole::Temporary;
  uint64_t bytes = 0;
  /// Present for inputs and outputs.
  std::optional<ElementType> type;
  std::vector<int64_t> shape;
  /// Of an input: .npy, or anything else for the plain bytes.
  std::string file;
};

/// A place in a buffer.
struct BufferRange {
  std::string buffer;
  uint64_t offset = 0;
};

/// An argument of a kernel: an address, or a scalar if `type` is present.
struct BundleArgument {
  BufferRange address;
  std::optional<ElementType> type;
  /// The scalar's bytes, little-endian, in the low ones.
  uint64_t bits = 0;

  static BundleArgument pointer(std::string buffer, uint64_t offset = 0);
  static BundleArgument i32(int32_t value);
  static BundleArgument i64(int64_t value);
  static BundleArgument f32(float value);
  static BundleArgument f64(double value);
};

struct BundleStep {
  enum class Kind { Launch, Copy, Fill };
  Kind kind = Kind::Launch;

  // Launch.
  std::string image;
  std::string kernel;
  std::array<uint32_t, 3> grid = {1, 1, 1};
  std::array<uint32_t, 3> block = {1, 1, 1};
  uint32_t dynamicSharedBytes = 0;
  std::vector<BundleArgument> arguments;

  // Copy: from, to. Fill: to.
  BufferRange from;
  BufferRange to;
  uint64_t bytes = 0;
  uint8_t byte = 0;
};

struct BundleImage {
  std::string name;
  std::string file;
};

/// The program for one kind of device.
struct BundleTarget {
  /// "sm_80", "sm_90a", "sm_100f".
  std::string chip;
  std::vector<BundleImage> images;
  std::vector<BundleStep> steps;
};

struct Bundle {
  /// What wrote it; free text.
  std::string producer;
  std::vector<BundleBuffer> buffers;
  std::vector<BundleTarget> targets;

  /// Null if there is none.
  const BundleBuffer *findBuffer(const std::string &name) const;
};

/// Reads `text`, the content of a manifest.json. Errors begin with the place in
/// it: "targets[0].steps[2].grid: ...".
Expected<Bundle> parseManifest(const std::string &text);

/// The text of a manifest.json. Not validated; parseManifest does that.
std::string formatManifest(const Bundle &bundle);

/// Reads and validates `directory`/manifest.json, and sees that the files which
/// it names are there.
Expected<Bundle> readBundle(const std::string &directory);

/// The bytes of an input.
Expected<std::vector<char>> readInput(const std::string &directory,
                                      const BundleBuffer &buffer);

/// A chip's name taken apart: "sm_90a" is {90, 'a'}, "sm_80" is {80, 0}.
struct ChipName {
  int number = 0;
  char suffix = 0;
};
std::optional<ChipName> parseChip(const std::string &chip);

/// Builds a bundle and writes it at once: the folder appears whole or not at
/// all.
class BundleWriter {
public:
  explicit BundleWriter(std::string producer) {
    bundle.producer = std::move(producer);
  }

  /// The data must stay until `write`.
  void addInput(const std::string &name, ElementType type,
                const std::vector<int64_t> &shape, const void *data);
  void addOutput(const std::string &name, ElementType type,
                 const std::vector<int64_t> &shape);
  void addTemporary(const std::string &name, uint64_t bytes);
  /// A program for `chip`; what follows belongs to it.
  void addTarget(const std::string &chip);
  /// PTX text or a cubin.
  void addImage(const std::string &name, std::string content);
  void addStep(BundleStep step);

  const Bundle &getBundle() const { return bundle; }

  /// Refuses what does not make a valid manifest. `directory` must not exist,
  /// or be empty, or, with `replace`, be a bundle.
  Status write(const std::string &directory, bool replace = false) const;

private:
  Bundle bundle;
  /// Data of inputs and contents of images, by file.
  std::vector<std::pair<std::string, const void *>> inputs;
  std::vector<std::pair<std::string, std::string>> images;
};

} // namespace mlir::nsa::runtime

#endif // NSA_RUNTIME_BUNDLE_H
