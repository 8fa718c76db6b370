//===- ElementType.h - Types of elements, and .npy files of them -*- C++
//-*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The types that a launch bundle has, by MLIR's names, and NumPy's file format
// for them. bf16 has no name in it and is stored as raw 16 bits ('<u2').
//
//===----------------------------------------------------------------------===//

#ifndef NSA_RUNTIME_ELEMENTTYPE_H
#define NSA_RUNTIME_ELEMENTTYPE_H

#include "nsa/Runtime/Error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace mlir::nsa::runtime {

enum class ElementType { I1, I8, I16, I32, I64, F16, BF16, F32, F64 };

/// All of them, in the order above.
const std::vector<ElementType> &getElementTypes();

/// "bf16". Booleans take one byte.
const char *getName(ElementType type);
size_t getNumBytes(ElementType type);
std::optional<ElementType> parseElementType(const std::string &name);

/// The bytes of a dense array, or std::nullopt if they do not fit into 63 bits
/// or a size is negative.
std::optional<uint64_t> countBytes(ElementType type,
                                   const std::vector<int64_t> &shape);

/// "2x3xf32".
std::string formatShape(ElementType type, const std::vector<int64_t> &shape);

/// The elements of a .npy file, which must have this type and shape, be
/// little-endian and in C order. The error names the file.
Expected<std::vector<char>> readNpyFile(const std::string &path,
                                        ElementType type,
                                        const std::vector<int64_t> &shape);

/// The header of a .npy file; the elements follow it.
std::string makeNpyHeader(ElementType type, const std::vector<int64_t> &shape);

} // namespace mlir::nsa::runtime

#endif // NSA_RUNTIME_ELEMENTTYPE_H
