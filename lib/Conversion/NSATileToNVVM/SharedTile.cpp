//===- SharedTile.cpp - Addresses in a swizzled tile ------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SharedTile.h"

using namespace mlir;
using namespace mlir::nsa;

SharedTile::SharedTile(MemRefType type)
    : rows(type.getDimSize(1)), elementBytes(type.getElementTypeBitWidth() / 8),
      rowBytes(type.getDimSize(2) * elementBytes), stageBytes(rows * rowBytes),
      pieces(cast<nsa_tile::SwizzleAttr>(type.getLayout()).getBytes() /
             kPieceBytes) {}

Value SharedTile::getSwizzle(LaneBuilder &lane, Value row) const {
  // A row is an odd number of periods, or of whole 128 bytes: eight rows of one
  // piece are then in different banks.
  return lane.rem(lane.div(row, 8 / pieces), pieces);
}

MatrixReader::MatrixReader(LaneBuilder &lane, Value pointer, MemRefType type,
                           Value slot, Value row, Value column, LanePlace place)
    : lane(lane), tile(type), pointer(pointer), column(column), place(place) {
  Value stage = lane.mul(slot, tile.stageBytes);
  Value start = lane.add(stage, lane.mul(row, tile.rowBytes));
  rowOffset = lane.add(lane.mul(place.row, tile.rowBytes), start);
  swizzle = lane.mul(tile.getSwizzle(lane, place.row), kPieceBytes);
}

Value MatrixReader::getPointer(int64_t rows, int64_t columns) {
  int64_t piece = columns * tile.elementBytes / kPieceBytes;
  Value lanePiece = lane.mul(place.piece, kPieceBytes);
  int64_t distance = rows * tile.rowBytes;

  std::optional<int64_t> first = getConstant(column);
  if (!first) {
    Value &start = pointers[piece];
    if (!start) {
      Value behind = lane.add(lane.mul(column, tile.elementBytes),
                              lane.add(lanePiece, piece * kPieceBytes));
      Value offset = lane.add(rowOffset, lane.bitXor(behind, swizzle));
      start = lane.advance(pointer, offset);
    }
    return lane.advance(start, distance);
  }

  // Whole periods of the swizzle are a constant distance.
  piece += *first * tile.elementBytes / kPieceBytes;
  int64_t period = std::max(tile.pieces, place.numPieces);
  int64_t inPeriod = piece % period;
  distance += (piece - inPeriod) * kPieceBytes;
  Value &start = pointers[inPeriod];
  if (!start) {
    // The lane's piece does not carry into an aligned one, so that addresses
    // differ in a xor with a constant only.
    Value swizzled =
        inPeriod % place.numPieces == 0
            ? lane.bitXor(lane.bitXor(lanePiece, swizzle),
                          inPeriod * kPieceBytes)
            : lane.bitXor(lane.add(lanePiece, inPeriod * kPieceBytes), swizzle);
    start = lane.advance(pointer, lane.add(rowOffset, swizzled));
  }
  return lane.advance(start, distance);
}

SmallVector<Value> MatrixReader::read(int64_t rows, int64_t columns,
                                      unsigned count, bool transposed) {
  MLIRContext *context = lane.builder.getContext();
  Type i32 = lane.builder.getI32Type();
  SmallVector<Type> registers(count, i32);
  Value matrices = lane.create<NVVM::LdMatrixOp>(
      LLVM::LLVMStructType::getLiteral(context, registers),
      getPointer(rows, columns), count,
      transposed ? NVVM::MMALayout::col : NVVM::MMALayout::row,
      NVVM::LdStMatrixShapeAttr::get(context, 8, 8),
      NVVM::LdStMatrixEltType::B16);
  return lane.unpack(matrices, count);
}
