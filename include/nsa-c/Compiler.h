//===- nsa-c/Compiler.h - Compiling modules from C --------------*- C -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Parse a module, run pipelines on it, and take the result: text, bytecode,
// PTX, a report. Needs no other header and no other library of MLIR.
//
// Nothing here writes to the standard streams or ends the process: diagnostics
// go to the context's handler, and are dropped where it has none. What is
// LLVM's is outside of that: its parser of options writes a line to standard
// error about a value of the wrong type (`opt-level=high`), and about an
// unknown option of an upstream pipeline, beside the diagnostic; and it ends a
// process that runs out of memory. A pass that is asked to print (`nsa-report`
// without `output`, in a pipeline) prints.
//
// Threads: contexts are independent of each other. One context, and the modules
// made in it, may be used by one thread at a time; a module that no thread uses
// may be destroyed at any time.
//
// Ownership: a function that has "Create", "Parse", "Clone", "Print", "Write"
// or "Get" in its name and returns a pointer to NSAContext, NSAModule or
// NSAString gives the caller something to destroy. Contexts and modules may be
// destroyed in any order. `const char *` that is returned belongs to the
// library.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_C_COMPILER_H
#define NSA_C_COMPILER_H

#include "nsa-c/Support.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

//===----------------------------------------------------------------------===//
// Contexts
//===----------------------------------------------------------------------===//

/// An MLIRContext with the dialects of nsa-opt, and a diagnostic handler.
typedef struct NSAContext NSAContext;

/// Makes a context. The first call also registers, for the process, the passes
/// and pipelines of the project and the upstream passes that nsa-opt has; it
/// may be made by several threads at once. NULL if a copy of the project other
/// than this library has registered its passes in the process, for then LLVM
/// would not have these.
NSA_C_EXPORTED NSAContext *nsaContextCreate(void);

/// Destroys a context; what its modules need of it lives until the last of them
/// is destroyed. NULL is fine.
NSA_C_EXPORTED void nsaContextDestroy(NSAContext *context);

/// Whether passes may use several threads (the default). Has no effect on NULL.
NSA_C_EXPORTED void nsaContextSetMultithreading(NSAContext *context,
                                                bool enable);

//===----------------------------------------------------------------------===//
// Diagnostics
//===----------------------------------------------------------------------===//

typedef enum NSASeverity {
  NSASeverityError = 0,
  NSASeverityWarning = 1,
  /// Of notes, which belong to another diagnostic.
  NSASeverityNote = 2,
  NSASeverityRemark = 3
} NSASeverity;

/// An error, a warning, a remark, or a note of one of these. Strings end with
/// NUL; they and the notes are valid during the call of the handler.
typedef struct NSADiagnostic {
  NSASeverity severity;
  /// Text without a location or severity.
  const char *message;
  /// The first place in a file that the location names, as the module was given
  /// it; NULL if there is none. In an error about the text of a pipeline, file
  /// is "<pipeline>".
  const char *file;
  /// From 1; 0 if unknown.
  uint32_t line, column;
  /// All of the location, as MLIR prints it: `loc("model.py":3:1)`.
  const char *location;
  /// What was attached: "see the existing definition", for instance.
  size_t numNotes;
  const struct NSADiagnostic *notes;
} NSADiagnostic;

/// Is called with each diagnostic, by the thread that called into the library
/// or a thread of its pool, one call at a time for a context. It must return
/// (no longjmp, no exception), and must not use the context or its modules.
typedef void (*NSADiagnosticHandler)(const NSADiagnostic *diagnostic,
                                     void *userData);

/// Sets the handler, which has effect until the next call or until the context
/// and all of its modules are destroyed. NULL: diagnostics are dropped, as
/// before the first call.
NSA_C_EXPORTED void nsaContextSetDiagnosticHandler(NSAContext *context,
                                                   NSADiagnosticHandler handler,
                                                   void *userData);

/// Lets passes report their decisions as diagnostics of severity remark: those
/// whose category (`nsa-fuse-selection`) the regular expression `filter`
/// matches, "nsa.*" for all of the project's. NULL turns remarks off, as they
/// are at first. Fails if `filter` is not a regular expression.
NSA_C_EXPORTED NSAStatus nsaContextSetRemarks(NSAContext *context,
                                              const char *filter);

//===----------------------------------------------------------------------===//
// Modules
//===----------------------------------------------------------------------===//

/// A builtin.module, and a share in its context.
typedef struct NSAModule NSAModule;

/// Flags of `nsaModuleParse`; combined with `|`.
typedef enum NSAParseFlags {
  NSAParseDefault = 0,
  /// Leave out the verification, to look at a module that is not valid.
  /// Pipelines and reports verify before they begin.
  NSAParseUnverified = 1
} NSAParseFlags;

/// Parses MLIR, as text or bytecode. `data` need not end with NUL; it is
/// copied. `name` stands for the file in locations and diagnostics (NULL: "-").
/// What is not in a builtin.module is put into one. Returns NULL if `data` is
/// not valid MLIR, does not verify, or is NULL although `length` is not 0.
NSA_C_EXPORTED NSAModule *nsaModuleParse(NSAContext *context, const char *data,
                                         size_t length, const char *name,
                                         unsigned flags);

/// A copy in the same context; NULL for NULL.
NSA_C_EXPORTED NSAModule *nsaModuleClone(const NSAModule *module);

/// Destroys a module. NULL is fine.
NSA_C_EXPORTED void nsaModuleDestroy(NSAModule *module);

/// Verifies the module.
NSA_C_EXPORTED NSAStatus nsaModuleVerify(const NSAModule *module);

/// Flags of `nsaModulePrint`; combined with `|`.
typedef enum NSAPrintFlags {
  NSAPrintDefault = 0,
  /// Locations too, as in nsa-opt --mlir-print-debuginfo.
  NSAPrintLocations = 1,
  /// Every op in its generic form.
  NSAPrintGeneric = 2
} NSAPrintFlags;

/// The module as text, which `nsaModuleParse` reads. NULL for NULL.
NSA_C_EXPORTED NSAString *nsaModulePrint(const NSAModule *module,
                                         unsigned flags);

/// The module as MLIR bytecode, locations included. NULL for NULL, or if a
/// dialect cannot be written.
NSA_C_EXPORTED NSAString *nsaModuleWriteBytecode(const NSAModule *module);

//===----------------------------------------------------------------------===//
// Pipelines
//===----------------------------------------------------------------------===//

/// Runs passes on the module. `pipeline` is what nsa-opt takes with
/// --pass-pipeline, `builtin.module(func.func(cse),nsa-to-ptx{chip=sm_90})`, or
/// the same without `builtin.module(` and `)`. Verifies before and between
/// passes. The passes work on a copy, which becomes the module if all of them
/// succeed: after a failure the module is what it was.
NSA_C_EXPORTED NSAStatus nsaModuleRunPipeline(NSAModule *module,
                                              const char *pipeline);

/// What `nsa-report` says of the module, which does not change. `options` are
/// the options of that pass, "format=json kernels=1 chip=sm_90" for instance
/// (NULL or empty: its defaults, a text). NULL if the pass fails.
NSA_C_EXPORTED NSAString *nsaModuleGetReport(const NSAModule *module,
                                             const char *options);

/// A pass or a pipeline of the project.
typedef struct NSAPassInfo {
  /// What it is called in a pipeline.
  const char *name;
  /// One line that says what it does.
  const char *summary;
  /// A pipeline: several passes with one list of options.
  bool isPipeline;
} NSAPassInfo;

/// The number of passes and pipelines that the project has. Upstream's passes
/// do not count. 0 where nsaContextCreate returns NULL.
NSA_C_EXPORTED size_t nsaGetNumPasses(void);

/// Describes the pass at `index`, pipelines last, else by name. Fails if there
/// are not that many, or `info` is NULL.
NSA_C_EXPORTED NSAStatus nsaGetPassInfo(size_t index, NSAPassInfo *info);

//===----------------------------------------------------------------------===//
// Device code
//===----------------------------------------------------------------------===//

typedef enum NSAObjectFormat {
  /// PTX text (`nsa-to-ptx`).
  NSAObjectFormatPTX = 0,
  /// A cubin or fatbin (`nsa-to-ptx{format=bin}`).
  NSAObjectFormatBinary = 1,
  /// LLVM bitcode (`nsa-to-ptx{format=llvm}`).
  NSAObjectFormatBitcode = 2
} NSAObjectFormat;

/// Device code in a module: one for each `gpu.binary` and chip.
typedef struct NSAObject {
  /// The symbol of the gpu.binary.
  const char *binary;
  /// "sm_80"; "" if the object's target is not NVIDIA's.
  const char *chip;
  NSAObjectFormat format;
  /// Its bytes, with a NUL behind the last one.
  const char *data;
  size_t length;
} NSAObject;

/// The number of objects; 0 for NULL and before a pipeline has made some.
NSA_C_EXPORTED size_t nsaModuleGetNumObjects(const NSAModule *module);

/// Describes the object at `index`, in the order of the module. What `object`
/// points to is valid until the module is destroyed. Fails if there are not
/// that many, or an argument is NULL.
NSA_C_EXPORTED NSAStatus nsaModuleGetObject(const NSAModule *module,
                                            size_t index, NSAObject *object);

/// The PTX in the gpu.binary `binary` for `chip`, of a module that `nsa-to-ptx`
/// has made. NULL for either means the only one that there is. Returns NULL if
/// no object or several fit; the diagnostic lists those that are there.
NSA_C_EXPORTED NSAString *nsaModuleGetPTX(const NSAModule *module,
                                          const char *binary, const char *chip);

#ifdef __cplusplus
}
#endif

#endif // NSA_C_COMPILER_H
