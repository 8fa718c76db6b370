//===- Incomplete.cpp - A library that is no CUDA driver ------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Has one of the driver's functions, as a very old driver has some.
//
//===----------------------------------------------------------------------===//

extern "C" int cuInit(unsigned) { return 0; }
