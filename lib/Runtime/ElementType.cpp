//===- ElementType.cpp - Types of elements, and .npy files of them --------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The header of a .npy file is a Python dictionary in plain text; only what
// NumPy itself writes is accepted.
//
//===----------------------------------------------------------------------===//

#include "nsa/Runtime/ElementType.h"

#include "FileIO.h"

#include <limits>

using namespace mlir::nsa::runtime;

namespace {
struct TypeFacts {
  const char *name;
  size_t bytes;
  /// NumPy's code without the byte order; the first one is written.
  std::vector<std::string> codes;
};
} // namespace

static const TypeFacts &getFacts(ElementType type) {
  static const TypeFacts facts[] = {
      {"i1", 1, {"b1"}},         {"i8", 1, {"i1", "u1"}},
      {"i16", 2, {"i2", "u2"}},  {"i32", 4, {"i4", "u4"}},
      {"i64", 8, {"i8", "u8"}},  {"f16", 2, {"f2"}},
      {"bf16", 2, {"u2", "V2"}}, {"f32", 4, {"f4"}},
      {"f64", 8, {"f8"}},
  };
  return facts[size_t(type)];
}

const std::vector<ElementType> &mlir::nsa::runtime::getElementTypes() {
  static const std::vector<ElementType> types = {
      ElementType::I1,   ElementType::I8,  ElementType::I16,
      ElementType::I32,  ElementType::I64, ElementType::F16,
      ElementType::BF16, ElementType::F32, ElementType::F64};
  return types;
}

const char *mlir::nsa::runtime::getName(ElementType type) {
  return getFacts(type).name;
}

size_t mlir::nsa::runtime::getNumBytes(ElementType type) {
  return getFacts(type).bytes;
}

std::optional<ElementType>
mlir::nsa::runtime::parseElementType(const std::string &name) {
  for (ElementType type : getElementTypes())
    if (name == getName(type))
      return type;
  return std::nullopt;
}

std::optional<uint64_t>
mlir::nsa::runtime::countBytes(ElementType type,
                               const std::vector<int64_t> &shape) {
  uint64_t limit = std::numeric_limits<int64_t>::max();
  bool empty = false;
  for (int64_t size : shape) {
    if (size < 0)
      return std::nullopt;
    empty |= size == 0;
  }
  if (empty)
    return 0;
  uint64_t bytes = getNumBytes(type);
  for (int64_t size : shape) {
    if (bytes > limit / uint64_t(size))
      return std::nullopt;
    bytes *= uint64_t(size);
  }
  return bytes;
}

std::string mlir::nsa::runtime::formatShape(ElementType type,
                                            const std::vector<int64_t> &shape) {
  std::string text;
  for (int64_t size : shape)
    text += std::to_string(size) + "x";
  return text + getName(type);
}

/// "(2, 3)", "(2,)", "()", as NumPy writes it.
static std::string formatTuple(const std::vector<int64_t> &shape) {
  std::string text = "(";
  for (size_t i = 0; i != shape.size(); ++i)
    text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + (shape.size() == 1 ? ",)" : ")");
}

/// The text of the value of `key` in the dictionary, or an empty one.
static std::string findValue(const std::string &dictionary,
                             const std::string &key) {
  size_t at = dictionary.find("'" + key + "':");
  if (at == std::string::npos)
    return "";
  at += key.size() + 3;
  at = dictionary.find_first_not_of(' ', at);
  if (at == std::string::npos)
    return "";
  char close = dictionary[at] == '(' ? ')' : dictionary[at] == '\'' ? '\'' : 0;
  size_t end = close ? dictionary.find(close, at + 1)
                     : dictionary.find_first_of(",}", at);
  if (end == std::string::npos)
    return "";
  return dictionary.substr(at, end - at + (close ? 1 : 0));
}

Expected<std::vector<char>>
mlir::nsa::runtime::readNpyFile(const std::string &path, ElementType type,
                                const std::vector<int64_t> &shape) {
  Expected<std::string> content = detail::readFile(path);
  if (!content)
    return content.takeError();
  const std::string &text = *content;
  auto byte = [&](size_t i) { return size_t((unsigned char)text[i]); };
  if (text.compare(0, 6, "\x93NUMPY") != 0 || text.size() < 12)
    return Error(path + ": is no .npy file");
  // Version 1 has a length of two bytes, 2 and 3 of four.
  if (byte(6) < 1 || byte(6) > 3)
    return Error(path + ": is a .npy file of version " +
                 std::to_string(byte(6)) + ", which is unknown");
  size_t begin = byte(6) == 1 ? 10 : 12;
  size_t length = byte(8) | byte(9) << 8;
  if (begin == 12)
    length |= byte(10) << 16 | byte(11) << 24;
  if (length > text.size() - begin)
    return Error(path + ": the header of the .npy file is cut off");
  std::string header = text.substr(begin, length);

  std::string descr = findValue(header, "descr");
  bool known = false;
  for (const std::string &code : getFacts(type).codes) {
    // In quotes, behind the byte order.
    if (descr.size() != code.size() + 3 ||
        descr.compare(2, code.size(), code) != 0)
      continue;
    known |= descr[1] == '|' || (descr[1] == '<' && getNumBytes(type) != 1);
  }
  if (!known)
    return Error(path + ": holds elements of NumPy type " + descr + ", where " +
                 getName(type) + " is wanted");
  if (findValue(header, "fortran_order") != "False")
    return Error(path + ": is not in C order");
  std::string found = findValue(header, "shape");
  if (found != formatTuple(shape))
    return Error(path + ": has the shape " + found + ", where " +
                 formatTuple(shape) + " is wanted");
  size_t data = begin + length;
  std::optional<uint64_t> bytes = countBytes(type, shape);
  if (!bytes || text.size() - data != *bytes)
    return Error(path + ": has " + std::to_string(text.size() - data) +
                 " bytes of elements, where " + formatShape(type, shape) +
                 " has " + (bytes ? std::to_string(*bytes) : "too many"));
  return std::vector<char>(text.begin() + data, text.end());
}

std::string
mlir::nsa::runtime::makeNpyHeader(ElementType type,
                                  const std::vector<int64_t> &shape) {
  std::string dictionary =
      std::string("{'descr': '") + (getNumBytes(type) == 1 ? "|" : "<") +
      getFacts(type).codes.front() +
      "', 'fortran_order': False, 'shape': " + formatTuple(shape) + ", }";
  // Data begins at a multiple of 64.
  size_t total = (10 + dictionary.size() + 1 + 63) / 64 * 64;
  dictionary.resize(total - 10 - 1, ' ');
  dictionary += '\n';
  std::string header("\x93NUMPY\x01\x00", 8);
  header += char(dictionary.size() & 0xff);
  header += char(dictionary.size() >> 8);
  return header + dictionary;
}
