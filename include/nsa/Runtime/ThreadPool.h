//===- ThreadPool.h - Parallel loops of compiled code -----------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What code that `nsa-to-cpu` has compiled calls for its parallel loops
// (nsa-outline-parallel). For C, too.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_RUNTIME_THREADPOOL_H
#define NSA_RUNTIME_THREADPOOL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Calls `body(context, begin, end)` for disjoint ranges that cover
/// [0, count), each of at most `chunk` iterations (at least 1), on several
/// threads, of which the caller is one. Threads take ranges in order, the next
/// as they are done with one, so uneven work is spread evenly. Returns when all
/// is done; what bodies wrote is then visible to the caller.
///
/// A call from within a body, or while another thread is in a call, does all by
/// itself: it never waits for others.
void nsaParallelFor(int64_t count, int64_t chunk,
                    void (*body)(void *context, int64_t begin, int64_t end),
                    void *context);

/// Threads, the caller included, of calls that begin from now on, at most 4096.
/// Less than 1: the default, which is the environment variable NSA_NUM_THREADS,
/// else the number of CPUs that the process may run on. Where the system
/// refuses a thread, fewer do the work.
void nsaSetNumThreads(int64_t threads);

int64_t nsaGetNumThreads(void);

#ifdef __cplusplus
}
#endif

#endif // NSA_RUNTIME_THREADPOOL_H
