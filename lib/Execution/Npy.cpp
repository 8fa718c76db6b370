//===- Npy.cpp - Reading and writing .npy files ---------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The header is a Python dictionary in plain text; only what NumPy itself
// writes is accepted.
//
//===----------------------------------------------------------------------===//

#include "nsa/Execution/Npy.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;
using namespace mlir::nsa;
using llvm::Error;
using llvm::Expected;

static constexpr llvm::StringLiteral kMagic("\x93NUMPY");

static Error makeError(StringRef path, const Twine &message) {
  return llvm::createStringError(path + ": " + message);
}

namespace {
struct NpyHeader {
  std::string descr;
  bool fortranOrder = false;
  SmallVector<int64_t> shape;
};

/// Parses {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }.
class HeaderParser {
public:
  explicit HeaderParser(StringRef text) : rest(text) {}

  bool parse(NpyHeader &header) {
    bool hasDescr = false, hasOrder = false, hasShape = false;
    if (!consume("{"))
      return false;
    while (!consume("}")) {
      std::string key;
      if (!parseString(key) || !consume(":"))
        return false;
      if (key == "descr") {
        if (!parseString(header.descr)) {
          // A list of fields.
          header.descr = rest.take_until([](char c) { return c == ']'; }).str();
          rest = rest.drop_front(header.descr.size());
          if (!consume("]"))
            return false;
          header.descr += ']';
        }
        hasDescr = true;
      } else if (key == "fortran_order") {
        header.fortranOrder = consume("True");
        if (!header.fortranOrder && !consume("False"))
          return false;
        hasOrder = true;
      } else if (key == "shape") {
        if (!parseShape(header.shape))
          return false;
        hasShape = true;
      } else {
        return false;
      }
      if (!consume(",") && !rest.ltrim().starts_with("}"))
        return false;
    }
    return hasDescr && hasOrder && hasShape && rest.trim().empty();
  }

private:
  bool consume(StringRef token) {
    rest = rest.ltrim();
    return rest.consume_front(token);
  }
  bool parseString(std::string &result) {
    rest = rest.ltrim();
    if (rest.empty() || (rest.front() != '\'' && rest.front() != '"'))
      return false;
    size_t end = rest.find(rest.front(), 1);
    if (end == StringRef::npos)
      return false;
    result = rest.slice(1, end).str();
    rest = rest.drop_front(end + 1);
    return true;
  }
  bool parseShape(SmallVectorImpl<int64_t> &shape) {
    if (!consume("("))
      return false;
    while (!consume(")")) {
      int64_t size;
      rest = rest.ltrim();
      if (rest.consumeInteger(10, size) || size < 0)
        return false;
      shape.push_back(size);
      if (!consume(",") && !rest.ltrim().starts_with(")"))
        return false;
    }
    return true;
  }

  StringRef rest;
};
} // namespace

/// The type codes, without byte order, that hold elements of `type`; the first
/// one is written.
static SmallVector<std::string, 3> getTypeCodes(Type type) {
  if (isa<BFloat16Type>(type))
    return {"u2", "V2"};
  std::string bytes = std::to_string(getElementBytes(type));
  if (isa<FloatType>(type))
    return {"f" + bytes};
  if (type.isInteger(1))
    return {"b1"};
  // MLIR's integers have no sign of their own unless they say so.
  if (type.isUnsignedInteger())
    return {"u" + bytes};
  if (type.isSignedInteger() || isa<IndexType>(type))
    return {"i" + bytes};
  return {"i" + bytes, "u" + bytes};
}

/// "'<u2' or '|V2'", for messages.
static std::string describeTypeCodes(Type type) {
  return llvm::join(
      llvm::map_range(getTypeCodes(type),
                      [](StringRef code) { return ("'" + code + "'").str(); }),
      " or ");
}

static Error checkDescr(StringRef path, StringRef descr, Type type) {
  StringRef code = descr;
  bool bigEndian = false;
  if (!code.empty() && StringRef("<>|=").contains(code.front())) {
    bigEndian = code.front() == '>';
    code = code.drop_front();
  }
  if (!llvm::is_contained(getTypeCodes(type), code)) {
    return makeError(path, "holds elements of NumPy type '" + descr +
                               "', but " + formatType(type) + " is stored as " +
                               describeTypeCodes(type));
  }
  if (bigEndian && getElementBytes(type) > 1)
    return makeError(path, "is big-endian ('" + descr +
                               "'); save it with array.astype('<" + code +
                               "')");
  return Error::success();
}

Expected<HostArray> nsa::readNpy(StringRef path, Type elementType) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (std::error_code error = buffer.getError())
    return makeError(path, error.message());
  StringRef content = (*buffer)->getBuffer();

  if (!content.consume_front(kMagic) || content.size() < 2)
    return makeError(path, "is not an .npy file");
  unsigned version = static_cast<unsigned char>(content[0]);
  content = content.drop_front(2);
  if (version < 1 || version > 3)
    return makeError(path, "has .npy version " + Twine(version) +
                               "; versions 1 to 3 are known");
  size_t lengthBytes = version == 1 ? 2 : 4;
  if (content.size() < lengthBytes)
    return makeError(path, "ends within its header");
  size_t length = version == 1
                      ? llvm::support::endian::read16le(content.data())
                      : llvm::support::endian::read32le(content.data());
  content = content.drop_front(lengthBytes);
  if (content.size() < length)
    return makeError(path, "ends within its header");
  NpyHeader header;
  if (!HeaderParser(content.take_front(length)).parse(header))
    return makeError(path, "has a malformed header: " +
                               content.take_front(length).trim());
  content = content.drop_front(length);

  if (Error error = checkDescr(path, header.descr, elementType))
    return std::move(error);
  if (header.fortranOrder && header.shape.size() > 1)
    return makeError(path, "is in Fortran order; save it with "
                           "numpy.ascontiguousarray(array)");
  unsigned elementBytes = getElementBytes(elementType);
  std::optional<int64_t> count = countElements(header.shape, elementBytes);
  std::string shape = formatShape(header.shape, elementType);
  if (!count || static_cast<uint64_t>(*count) * elementBytes != content.size())
    return makeError(
        path,
        "has " + Twine(content.size()) + " bytes of data, which is not what " +
            shape + " needs" +
            (count ? " (" + Twine(*count * elementBytes) + ")" : Twine()));

  Expected<HostArray> array = HostArray::create(elementType, header.shape);
  if (!array)
    return makeError(path, llvm::toString(array.takeError()));
  if (!content.empty())
    std::memcpy(array->getData(), content.data(), content.size());
  if (elementType.isInteger(1))
    for (unsigned char byte : content.bytes())
      if (byte > 1)
        return makeError(path, "holds a boolean that is neither 0 nor 1");
  return array;
}

std::string nsa::makeNpyHeader(Type elementType, ArrayRef<int64_t> shape) {
  std::string dictionary;
  llvm::raw_string_ostream os(dictionary);
  os << "{'descr': '" << (getElementBytes(elementType) == 1 ? '|' : '<')
     << getTypeCodes(elementType).front()
     << "', 'fortran_order': False, 'shape': (";
  for (int64_t size : shape)
    os << size << ", ";
  // A tuple of several is written without the last comma.
  if (!shape.empty())
    dictionary.resize(dictionary.size() - (shape.size() > 1 ? 2 : 1));
  os << "), }";
  // Data begins at a multiple of 64.
  size_t fixed = kMagic.size() + 2 + 2;
  dictionary.resize(
      llvm::alignTo(fixed + dictionary.size() + 1, 64) - fixed - 1, ' ');
  dictionary += '\n';

  std::string header(kMagic);
  header += '\x01';
  header += '\x00';
  header += static_cast<char>(dictionary.size() & 0xff);
  header += static_cast<char>(dictionary.size() >> 8);
  return header + dictionary;
}
