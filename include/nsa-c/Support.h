//===- nsa-c/Support.h - Versions, status codes, strings --------*- C -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the rest of the C API is made of. The library is libNSACAPI.so.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_C_SUPPORT_H
#define NSA_C_SUPPORT_H

#include <stddef.h>
#include <stdint.h>

/// Marks what the shared library exports.
#define NSA_C_EXPORTED __attribute__((visibility("default")))

#ifdef __cplusplus
extern "C" {
#endif

/// The version of the binary interface that these headers describe. It changes
/// when a program that was compiled against older headers would no longer work;
/// it is also the library's soname.
#define NSA_C_ABI_VERSION 0

/// The version of the library's binary interface: compare with
/// NSA_C_ABI_VERSION.
NSA_C_EXPORTED int nsaGetABIVersion(void);

/// The version of the project, "0.1.0" for instance. Not to be freed.
NSA_C_EXPORTED const char *nsaGetVersion(void);

/// What became of a call.
typedef enum NSAStatus {
  NSAStatusSuccess = 0,
  /// The work failed; the diagnostic handler was told why.
  NSAStatusFailure = 1,
  /// An argument cannot be: NULL where something is needed, for instance. The
  /// diagnostic handler was told which, unless the argument is the context or
  /// module that has the handler.
  NSAStatusInvalidArgument = 2
} NSAStatus;

//===----------------------------------------------------------------------===//
// Owned strings
//===----------------------------------------------------------------------===//

/// Bytes that belong to the caller, until `nsaStringDestroy`.
typedef struct NSAString NSAString;

/// The bytes, with a NUL behind the last one; they may contain others. NULL for
/// NULL. Valid until the string is destroyed.
NSA_C_EXPORTED const char *nsaStringGetData(const NSAString *string);

/// The number of bytes, without the NUL behind them; 0 for NULL.
NSA_C_EXPORTED size_t nsaStringGetLength(const NSAString *string);

/// Frees a string. NULL is fine.
NSA_C_EXPORTED void nsaStringDestroy(NSAString *string);

#ifdef __cplusplus
}
#endif

#endif // NSA_C_SUPPORT_H
