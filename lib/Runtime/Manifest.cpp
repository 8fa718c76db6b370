//===- Manifest.cpp - manifest.json of launch bundles ---------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reading with an error for everything that is not as docs/Bundle.md says, and
// writing. The only file that knows JSON.
//
//===----------------------------------------------------------------------===//

#include "nsa/Runtime/Bundle.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

using namespace mlir::nsa::runtime;
using Json = nlohmann::ordered_json;

//===----------------------------------------------------------------------===//
// Syntax
//===----------------------------------------------------------------------===//

namespace {
/// Finds what the parser proper does not report without exceptions: where the
/// text is no JSON, and keys that an object has twice.
class SyntaxChecker : public nlohmann::json_sax<Json> {
public:
  std::string error;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t &) override { return true; }
  bool string(string_t &) override { return true; }
  bool binary(binary_t &) override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool start_object(std::size_t) override {
    keys.emplace_back();
    return true;
  }
  bool end_object() override {
    keys.pop_back();
    return true;
  }
  bool key(string_t &key) override {
    if (keys.back().insert(key).second)
      return true;
    error = "an object has the key '" + key + "' twice";
    return false;
  }
  bool parse_error(std::size_t, const std::string &,
                   const nlohmann::detail::exception &exception) override {
    error = exception.what();
    // Without the library's name and number of the error.
    if (size_t at = error.find("] "); at != std::string::npos)
      error = error.substr(at + 2);
    return false;
  }

private:
  std::vector<std::set<std::string>> keys;
};

/// Reads a manifest into a Bundle; keeps the first error.
class ManifestReader {
public:
  Expected<Bundle> read(const Json &json);

private:
  /// A value and its place in the file.
  struct Node {
    const Json *json;
    std::string path;
  };

  // All of these return whether they succeeded, and call `fail` where not.
  bool fail(const std::string &path, const std::string &message);
  bool checkKeys(const Node &node, std::initializer_list<const char *> keys);
  bool getMember(const Node &object, const char *key, Node &result);
  bool getString(const Node &object, const char *key, std::string &value);
  bool getIdentifier(const Node &object, const char *key, std::string &value);
  bool getUnsigned(const Node &node, uint64_t limit, uint64_t &value);
  bool getUnsigned(const Node &object, const char *key, uint64_t limit,
                   uint64_t &value);
  bool getArray(const Node &object, const char *key, std::vector<Node> &nodes);
  bool getFile(const Node &object, std::string &value);
  bool getDimensions(const Node &object, const char *key,
                     std::array<uint32_t, 3> &value);

  bool readBuffer(const Node &node, BundleBuffer &buffer);
  bool readTarget(const Node &node, BundleTarget &target);
  bool readStep(const Node &node, const BundleTarget &target, BundleStep &step);
  bool readLaunch(const Node &node, const BundleTarget &target,
                  BundleStep &step);
  bool readArgument(const Node &node, BundleArgument &argument);
  bool readScalar(const Node &node, ElementType type, uint64_t &bits);
  bool readRange(const Node &node, const char *key, BufferRange &range);
  bool checkRange(const std::string &path, const BufferRange &range,
                  uint64_t bytes, bool written);
  const BundleBuffer *findBuffer(const Node &node, const std::string &name);

  Bundle bundle;
  std::set<std::string> used;
  std::optional<Error> error;
};
} // namespace

bool ManifestReader::fail(const std::string &path, const std::string &message) {
  if (!error)
    error = Error(path.empty() ? message : path + ": " + message);
  return false;
}

/// The value, cut off where it is long.
static std::string show(const Json &json) {
  std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  return text.size() <= 60 ? text : text.substr(0, 57) + "...";
}

static std::string join(const std::vector<std::string> &items) {
  std::string text;
  for (const std::string &item : items)
    text += (text.empty() ? "" : ", ") + item;
  return text;
}

static std::string member(const std::string &path, const std::string &key) {
  return path.empty() ? key : path + "." + key;
}

bool ManifestReader::checkKeys(const Node &node,
                               std::initializer_list<const char *> keys) {
  if (!node.json->is_object())
    return fail(node.path,
                "is " + show(*node.json) + ", where an object is wanted");
  for (const auto &item : node.json->items()) {
    bool known = false;
    for (const char *key : keys)
      known |= item.key() == key;
    if (!known)
      return fail(member(node.path, item.key()),
                  "is an unknown key; known are " +
                      join({keys.begin(), keys.end()}));
  }
  return true;
}

bool ManifestReader::getMember(const Node &object, const char *key,
                               Node &result) {
  auto found = object.json->find(key);
  if (found == object.json->end())
    return fail(object.path, std::string("the key '") + key + "' is missing");
  result = {&*found, member(object.path, key)};
  return true;
}

bool ManifestReader::getString(const Node &object, const char *key,
                               std::string &value) {
  Node node;
  if (!getMember(object, key, node))
    return false;
  if (!node.json->is_string())
    return fail(node.path,
                "is " + show(*node.json) + ", where a string is wanted");
  value = node.json->get<std::string>();
  return true;
}

/// A string that can be the name of a file.
bool ManifestReader::getIdentifier(const Node &object, const char *key,
                                   std::string &value) {
  if (!getString(object, key, value))
    return false;
  if (value.size() > kMaxNameLength)
    return fail(member(object.path, key),
                "'" + value + "' has " + std::to_string(value.size()) +
                    " characters; names have at most " +
                    std::to_string(kMaxNameLength));
  bool valid = !value.empty() && value[0] != '.';
  for (char c : value)
    valid &= (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
             (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  if (!valid)
    return fail(member(object.path, key),
                "'" + value +
                    "' is no name; names have letters, digits, '_', '-' and "
                    "'.', which is not the first");
  return true;
}

bool ManifestReader::getUnsigned(const Node &node, uint64_t limit,
                                 uint64_t &value) {
  if (!node.json->is_number_unsigned() || node.json->get<uint64_t>() > limit)
    return fail(node.path, "is " + show(*node.json) +
                               ", where an integer from 0 to " +
                               std::to_string(limit) + " is wanted");
  value = node.json->get<uint64_t>();
  return true;
}

bool ManifestReader::getUnsigned(const Node &object, const char *key,
                                 uint64_t limit, uint64_t &value) {
  Node node;
  return getMember(object, key, node) && getUnsigned(node, limit, value);
}

bool ManifestReader::getArray(const Node &object, const char *key,
                              std::vector<Node> &nodes) {
  Node node;
  if (!getMember(object, key, node))
    return false;
  if (!node.json->is_array())
    return fail(node.path,
                "is " + show(*node.json) + ", where an array is wanted");
  for (size_t i = 0; i != node.json->size(); ++i)
    nodes.push_back(
        {&(*node.json)[i], node.path + "[" + std::to_string(i) + "]"});
  return true;
}

/// A path inside of the bundle.
bool ManifestReader::getFile(const Node &object, std::string &value) {
  if (!getString(object, "file", value))
    return false;
  bool inside = !value.empty() && value[0] != '/' &&
                ("/" + value + "/").find("/../") == std::string::npos &&
                value.find('\0') == std::string::npos;
  if (!inside)
    return fail(member(object.path, "file"),
                "'" + value + "' is no relative path inside of the bundle");
  return true;
}

bool ManifestReader::getDimensions(const Node &object, const char *key,
                                   std::array<uint32_t, 3> &value) {
  std::vector<Node> nodes;
  if (!getArray(object, key, nodes))
    return false;
  if (nodes.size() != 3)
    return fail(member(object.path, key), "has " +
                                              std::to_string(nodes.size()) +
                                              " numbers, where 3 are wanted");
  for (int i = 0; i != 3; ++i) {
    uint64_t size = 0;
    if (!getUnsigned(nodes[i], std::numeric_limits<int32_t>::max(), size))
      return false;
    if (size == 0)
      return fail(nodes[i].path, "must not be 0");
    value[i] = uint32_t(size);
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Buffers
//===----------------------------------------------------------------------===//

static const char *getRoleName(BufferRole role) {
  switch (role) {
  case BufferRole::Input:
    return "input";
  case BufferRole::Output:
    return "output";
  case BufferRole::Temporary:
    return "temporary";
  }
  return "";
}

static std::string listElementTypes() {
  std::vector<std::string> names;
  for (ElementType type : getElementTypes())
    names.push_back(getName(type));
  return join(names);
}

bool ManifestReader::readBuffer(const Node &node, BundleBuffer &buffer) {
  std::string role;
  if (!checkKeys(node, {"name", "role", "dtype", "shape", "bytes", "file"}) ||
      !getIdentifier(node, "name", buffer.name) ||
      !getString(node, "role", role))
    return false;
  if (bundle.findBuffer(buffer.name))
    return fail(member(node.path, "name"),
                "another buffer is named '" + buffer.name + "', too");
  if (role == "input")
    buffer.role = BufferRole::Input;
  else if (role == "output")
    buffer.role = BufferRole::Output;
  else if (role == "temporary")
    buffer.role = BufferRole::Temporary;
  else
    return fail(member(node.path, "role"),
                "is '" + role +
                    "', where 'input', 'output' or 'temporary' is wanted");
  if (!getUnsigned(node, "bytes", std::numeric_limits<int64_t>::max(),
                   buffer.bytes))
    return false;

  bool typed = buffer.role != BufferRole::Temporary ||
               node.json->contains("dtype") || node.json->contains("shape");
  if (typed) {
    std::string type;
    std::vector<Node> sizes;
    if (!getString(node, "dtype", type) || !getArray(node, "shape", sizes))
      return false;
    buffer.type = parseElementType(type);
    if (!buffer.type)
      return fail(member(node.path, "dtype"),
                  "'" + type + "' is no type of elements; there are " +
                      listElementTypes());
    for (const Node &size : sizes) {
      uint64_t value = 0;
      if (!getUnsigned(size, std::numeric_limits<int64_t>::max(), value))
        return false;
      buffer.shape.push_back(int64_t(value));
    }
    std::optional<uint64_t> bytes = countBytes(*buffer.type, buffer.shape);
    if (!bytes || *bytes != buffer.bytes)
      return fail(member(node.path, "bytes"),
                  "is " + std::to_string(buffer.bytes) + ", but " +
                      formatShape(*buffer.type, buffer.shape) + " has " +
                      (bytes ? std::to_string(*bytes) : "more than 2^63") +
                      " bytes");
  }
  if (buffer.role == BufferRole::Input)
    return getFile(node, buffer.file);
  if (node.json->contains("file"))
    return fail(
        member(node.path, "file"),
        std::string("only an input has a file, and this is ") +
            (buffer.role == BufferRole::Output ? "an output" : "a temporary"));
  return true;
}

const BundleBuffer *ManifestReader::findBuffer(const Node &node,
                                               const std::string &name) {
  if (const BundleBuffer *buffer = bundle.findBuffer(name)) {
    used.insert(name);
    return buffer;
  }
  std::vector<std::string> names;
  names.reserve(bundle.buffers.size());
  for (const BundleBuffer &buffer : bundle.buffers)
    names.push_back(buffer.name);
  fail(member(node.path, "buffer"),
       "there is no buffer '" + name + "'; there are: " + join(names));
  return nullptr;
}

bool ManifestReader::readRange(const Node &node, const char *key,
                               BufferRange &range) {
  Node place = node;
  if (key && !getMember(node, key, place))
    return false;
  if (!checkKeys(place, {"buffer", "offset"}) ||
      !getString(place, "buffer", range.buffer))
    return false;
  const BundleBuffer *buffer = findBuffer(place, range.buffer);
  return buffer && (!place.json->contains("offset") ||
                    getUnsigned(place, "offset", buffer->bytes, range.offset));
}

bool ManifestReader::checkRange(const std::string &path,
                                const BufferRange &range, uint64_t bytes,
                                bool written) {
  const BundleBuffer *buffer = bundle.findBuffer(range.buffer);
  if (bytes > buffer->bytes - range.offset)
    return fail(path, std::to_string(bytes) + " bytes at offset " +
                          std::to_string(range.offset) + " exceed the " +
                          std::to_string(buffer->bytes) + " bytes of '" +
                          range.buffer + "'");
  if (written && buffer->role == BufferRole::Input)
    return fail(path,
                "'" + range.buffer + "' is an input, which must stay as it is");
  return true;
}

//===----------------------------------------------------------------------===//
// Steps
//===----------------------------------------------------------------------===//

/// Rounds to nearest, ties to even, into a float of fewer bits.
static uint64_t encodeSmallFloat(double value, int exponentBits,
                                 int mantissaBits) {
  uint64_t sign = std::signbit(value) ? 1 : 0;
  int bias = (1 << (exponentBits - 1)) - 1;
  uint64_t infinity = uint64_t((1 << exponentBits) - 1) << mantissaBits;
  double magnitude = std::fabs(value);
  int exponent = 0;
  std::frexp(magnitude, &exponent);
  // The exponent of the last place; denormals have that of the smallest normal.
  int last = std::max(exponent - 1, 1 - bias) - mantissaBits;
  uint64_t units = uint64_t(std::nearbyint(std::ldexp(magnitude, -last)));
  // Units carry into the exponent by themselves.
  uint64_t bits = units;
  if (units >> mantissaBits)
    bits = (uint64_t(last + mantissaBits + bias - 1) << mantissaBits) + units;
  bits = std::min(bits, infinity);
  return sign << (exponentBits + mantissaBits) | bits;
}

/// A number, or a string with the bits as "0x...".
bool ManifestReader::readScalar(const Node &node, ElementType type,
                                uint64_t &bits) {
  Node value;
  if (!getMember(node, "value", value))
    return false;
  unsigned width = type == ElementType::I1 ? 1 : 8 * getNumBytes(type);
  uint64_t mask = width == 64 ? ~uint64_t(0) : (uint64_t(1) << width) - 1;
  std::string wanted = std::string("a value of type ") + getName(type) +
                       ", or its bits as \"0x...\", is wanted";
  auto refuse = [&] {
    return fail(value.path, "is " + show(*value.json) + ", where " + wanted);
  };
  if (value.json->is_string()) {
    std::string text = value.json->get<std::string>();
    if (text.size() < 3 || text.size() > 18 || text.compare(0, 2, "0x") != 0 ||
        text.find_first_not_of("0123456789abcdefABCDEF", 2) !=
            std::string::npos)
      return refuse();
    bits = std::strtoull(text.c_str() + 2, nullptr, 16);
    return bits <= mask || refuse();
  }
  switch (type) {
  case ElementType::F16:
  case ElementType::BF16:
  case ElementType::F32:
  case ElementType::F64: {
    if (!value.json->is_number())
      return refuse();
    double number = value.json->get<double>();
    bits = 0;
    if (type == ElementType::F64) {
      std::memcpy(&bits, &number, 8);
    } else if (type == ElementType::F32) {
      float single = float(number);
      std::memcpy(&bits, &single, 4);
    } else {
      bits = type == ElementType::F16 ? encodeSmallFloat(number, 5, 10)
                                      : encodeSmallFloat(number, 8, 7);
    }
    return true;
  }
  default:
    break;
  }
  if (value.json->is_number_unsigned()) {
    bits = value.json->get<uint64_t>();
    return bits <= mask || refuse();
  }
  if (!value.json->is_number_integer() || width == 1)
    return refuse();
  int64_t number = value.json->get<int64_t>();
  if (width < 64 && number < -(int64_t(1) << (width - 1)))
    return refuse();
  bits = uint64_t(number) & mask;
  return true;
}

bool ManifestReader::readArgument(const Node &node, BundleArgument &argument) {
  if (!node.json->is_object() || !node.json->contains("scalar"))
    return readRange(node, nullptr, argument.address);
  std::string type;
  if (!checkKeys(node, {"scalar", "value"}) || !getString(node, "scalar", type))
    return false;
  argument.type = parseElementType(type);
  if (!argument.type)
    return fail(member(node.path, "scalar"),
                "'" + type + "' is no type; there are " + listElementTypes());
  return readScalar(node, *argument.type, argument.bits);
}

bool ManifestReader::readLaunch(const Node &node, const BundleTarget &target,
                                BundleStep &step) {
  uint64_t shared = 0;
  std::vector<Node> arguments;
  if (!checkKeys(node, {"kind", "image", "kernel", "grid", "block",
                        "dynamic_shared_bytes", "args"}) ||
      !getString(node, "image", step.image) ||
      !getString(node, "kernel", step.kernel) ||
      !getDimensions(node, "grid", step.grid) ||
      !getDimensions(node, "block", step.block) ||
      !getUnsigned(node, "dynamic_shared_bytes",
                   std::numeric_limits<int32_t>::max(), shared) ||
      !getArray(node, "args", arguments))
    return false;
  step.dynamicSharedBytes = uint32_t(shared);
  std::vector<std::string> images;
  bool found = false;
  for (const BundleImage &image : target.images) {
    images.push_back(image.name);
    found |= image.name == step.image;
  }
  if (!found)
    return fail(member(node.path, "image"), "the target has no image '" +
                                                step.image +
                                                "'; it has: " + join(images));
  if (step.kernel.empty())
    return fail(member(node.path, "kernel"), "must not be empty");
  for (const Node &argument : arguments) {
    step.arguments.emplace_back();
    if (!readArgument(argument, step.arguments.back()))
      return false;
  }
  return true;
}

bool ManifestReader::readStep(const Node &node, const BundleTarget &target,
                              BundleStep &step) {
  if (!node.json->is_object())
    return checkKeys(node, {});
  std::string kind;
  if (!getString(node, "kind", kind))
    return false;
  uint64_t limit = std::numeric_limits<int64_t>::max();
  if (kind == "launch") {
    step.kind = BundleStep::Kind::Launch;
    return readLaunch(node, target, step);
  }
  if (kind == "copy") {
    step.kind = BundleStep::Kind::Copy;
    if (!checkKeys(node, {"kind", "from", "to", "bytes"}) ||
        !readRange(node, "from", step.from) ||
        !readRange(node, "to", step.to) ||
        !getUnsigned(node, "bytes", limit, step.bytes) ||
        !checkRange(member(node.path, "from"), step.from, step.bytes, false) ||
        !checkRange(member(node.path, "to"), step.to, step.bytes, true))
      return false;
    if (step.from.buffer == step.to.buffer &&
        step.from.offset < step.to.offset + step.bytes &&
        step.to.offset < step.from.offset + step.bytes)
      return fail(node.path,
                  "source and target overlap in '" + step.to.buffer + "'");
    return true;
  }
  if (kind == "fill") {
    step.kind = BundleStep::Kind::Fill;
    uint64_t byte = 0;
    if (!checkKeys(node, {"kind", "to", "bytes", "byte"}) ||
        !readRange(node, "to", step.to) ||
        !getUnsigned(node, "bytes", limit, step.bytes) ||
        !getUnsigned(node, "byte", 255, byte) ||
        !checkRange(member(node.path, "to"), step.to, step.bytes, true))
      return false;
    step.byte = uint8_t(byte);
    return true;
  }
  return fail(member(node.path, "kind"),
              "is '" + kind + "', where 'launch', 'copy' or 'fill' is wanted");
}

bool ManifestReader::readTarget(const Node &node, BundleTarget &target) {
  std::vector<Node> images, steps;
  if (!checkKeys(node, {"chip", "images", "steps"}) ||
      !getString(node, "chip", target.chip) ||
      !getArray(node, "images", images) || !getArray(node, "steps", steps))
    return false;
  if (!parseChip(target.chip))
    return fail(member(node.path, "chip"),
                "'" + target.chip + "' is no chip like 'sm_80' or 'sm_90a'");
  for (const BundleTarget &other : bundle.targets)
    if (other.chip == target.chip)
      return fail(member(node.path, "chip"),
                  "another target is for '" + target.chip + "', too");
  for (const Node &image : images) {
    BundleImage result;
    if (!checkKeys(image, {"name", "file"}) ||
        !getIdentifier(image, "name", result.name) ||
        !getFile(image, result.file))
      return false;
    for (const BundleImage &other : target.images)
      if (other.name == result.name)
        return fail(member(image.path, "name"),
                    "another image is named '" + result.name + "', too");
    target.images.push_back(std::move(result));
  }
  if (steps.empty())
    return fail(member(node.path, "steps"), "there is no step");
  used.clear();
  for (const Node &step : steps) {
    target.steps.emplace_back();
    if (!readStep(step, target, target.steps.back()))
      return false;
  }
  for (const BundleBuffer &buffer : bundle.buffers)
    if (buffer.role == BufferRole::Output && !used.count(buffer.name))
      return fail(member(node.path, "steps"),
                  "no step names the output '" + buffer.name + "'");
  return true;
}

Expected<Bundle> ManifestReader::read(const Json &json) {
  Node root{&json, ""};
  std::string format;
  uint64_t version = 0;
  std::vector<Node> buffers, targets;
  auto readAll = [&]() -> bool {
    // Before all else, so that the error for a newer file speaks of that.
    if (!json.is_object())
      return checkKeys(root, {});
    if (!getString(root, "format", format))
      return false;
    if (format != "nsa-bundle")
      return fail("format",
                  "is '" + format + "', where 'nsa-bundle' is wanted");
    if (!getUnsigned(root, "version", std::numeric_limits<int32_t>::max(),
                     version))
      return false;
    if (version != kBundleVersion)
      return fail("version", "is " + std::to_string(version) +
                                 ", and this program reads version " +
                                 std::to_string(kBundleVersion) +
                                 " only: write the bundle anew");
    if (!checkKeys(root,
                   {"format", "version", "producer", "buffers", "targets"}) ||
        !getString(root, "producer", bundle.producer) ||
        !getArray(root, "buffers", buffers) ||
        !getArray(root, "targets", targets))
      return false;
    for (const Node &node : buffers) {
      BundleBuffer buffer;
      if (!readBuffer(node, buffer))
        return false;
      bundle.buffers.push_back(std::move(buffer));
    }
    if (targets.empty())
      return fail("targets", "there is no target");
    for (const Node &node : targets) {
      BundleTarget target;
      if (!readTarget(node, target))
        return false;
      bundle.targets.push_back(std::move(target));
    }
    return true;
  };
  if (!readAll())
    return std::move(*error);
  return std::move(bundle);
}

Expected<Bundle> mlir::nsa::runtime::parseManifest(const std::string &text) {
  SyntaxChecker checker;
  if (!Json::sax_parse(text, &checker))
    return Error(checker.error);
  return ManifestReader().read(Json::parse(text, nullptr, false));
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

static Json toJson(const BufferRange &range) {
  return {{"buffer", range.buffer}, {"offset", range.offset}};
}

static Json toJson(const BundleArgument &argument) {
  if (!argument.type)
    return toJson(argument.address);
  Json json = {{"scalar", getName(*argument.type)}};
  // Numbers where they are exact and readable, bits elsewhere.
  double number = 0;
  switch (*argument.type) {
  case ElementType::F64:
    std::memcpy(&number, &argument.bits, 8);
    break;
  case ElementType::F32: {
    float single = 0;
    std::memcpy(&single, &argument.bits, 4);
    number = single;
    break;
  }
  case ElementType::F16:
  case ElementType::BF16:
    number = std::numeric_limits<double>::quiet_NaN();
    break;
  default: {
    unsigned shift = 64 - 8 * unsigned(getNumBytes(*argument.type));
    json["value"] = int64_t(argument.bits << shift) >> shift;
    return json;
  }
  }
  if (std::isfinite(number)) {
    json["value"] = number;
    return json;
  }
  char text[24];
  std::snprintf(text, sizeof(text), "0x%llx",
                static_cast<unsigned long long>(argument.bits));
  json["value"] = text;
  return json;
}

static Json toJson(const BundleStep &step) {
  switch (step.kind) {
  case BundleStep::Kind::Copy:
    return {{"kind", "copy"},
            {"from", toJson(step.from)},
            {"to", toJson(step.to)},
            {"bytes", step.bytes}};
  case BundleStep::Kind::Fill:
    return {{"kind", "fill"},
            {"to", toJson(step.to)},
            {"bytes", step.bytes},
            {"byte", step.byte}};
  case BundleStep::Kind::Launch:
    break;
  }
  Json arguments = Json::array();
  for (const BundleArgument &argument : step.arguments)
    arguments.push_back(toJson(argument));
  return {{"kind", "launch"},
          {"image", step.image},
          {"kernel", step.kernel},
          {"grid", step.grid},
          {"block", step.block},
          {"dynamic_shared_bytes", step.dynamicSharedBytes},
          {"args", arguments}};
}

std::string mlir::nsa::runtime::formatManifest(const Bundle &bundle) {
  Json buffers = Json::array(), targets = Json::array();
  for (const BundleBuffer &buffer : bundle.buffers) {
    Json json = {{"name", buffer.name}, {"role", getRoleName(buffer.role)}};
    if (buffer.type) {
      json["dtype"] = getName(*buffer.type);
      json["shape"] = buffer.shape;
    }
    json["bytes"] = buffer.bytes;
    if (!buffer.file.empty())
      json["file"] = buffer.file;
    buffers.push_back(std::move(json));
  }
  for (const BundleTarget &target : bundle.targets) {
    Json images = Json::array(), steps = Json::array();
    for (const BundleImage &image : target.images)
      images.push_back({{"name", image.name}, {"file", image.file}});
    for (const BundleStep &step : target.steps)
      steps.push_back(toJson(step));
    targets.push_back(
        {{"chip", target.chip}, {"images", images}, {"steps", steps}});
  }
  Json json = {{"format", "nsa-bundle"},
               {"version", kBundleVersion},
               {"producer", bundle.producer},
               {"buffers", buffers},
               {"targets", targets}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}
