//===- Options.h - The command line of nsa-tune -----------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What nsa-tune can be told, and whether it makes sense.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_TOOLS_TUNEMAIN_OPTIONS_H
#define NSA_LIB_TOOLS_TUNEMAIN_OPTIONS_H

#include "nsa/Dialect/NSA/Transforms/CostModel.h"
#include "llvm/Support/CommandLine.h"

namespace mlir::nsa {

/// The command line.
struct TuneOptions {
  llvm::cl::OptionCategory tuneCategory{"Tuning",
                                        "What is tried and where it goes."};
  llvm::cl::OptionCategory modelCategory{"Prediction"};
  llvm::cl::OptionCategory measureCategory{"Measurement"};

  llvm::cl::opt<std::string> file{
      llvm::cl::Positional, llvm::cl::Required, llvm::cl::cat(tuneCategory),
      llvm::cl::desc("FILE.mlir (or - for standard input)")};
  llvm::cl::opt<std::string> script{
      "script", llvm::cl::cat(tuneCategory), llvm::cl::value_desc("FILE.mlir"),
      llvm::cl::desc("Try the knobs of this transform script "
                     "(transform.tune.knob), in all combinations; default: for "
                     "each op the schedules that nsa-set-schedule compares")};
  llvm::cl::list<std::string> knobs{
      "knob", llvm::cl::cat(tuneCategory),
      llvm::cl::value_desc("NAME=VALUE[,VALUE]"),
      llvm::cl::desc("Try only these options of a knob of --script")};
  llvm::cl::opt<uint64_t> limit{
      "limit", llvm::cl::cat(tuneCategory), llvm::cl::init(10000),
      llvm::cl::value_desc("N"),
      llvm::cl::desc("Refuse more than N combinations (default 10000)")};
  llvm::cl::opt<std::string> rank{
      "rank", llvm::cl::cat(tuneCategory), llvm::cl::init("model"),
      llvm::cl::value_desc("HOW"),
      llvm::cl::desc("model: by the cost model (default). measure: by the time "
                     "of a call on --device, of those that the model ranks "
                     "first")};
  llvm::cl::opt<unsigned> top{
      "top", llvm::cl::cat(tuneCategory), llvm::cl::init(8),
      llvm::cl::value_desc("N"),
      llvm::cl::desc("Print, and measure, the N that the model ranks first "
                     "(default 8)")};
  llvm::cl::opt<std::string> output{
      "output", llvm::cl::cat(tuneCategory), llvm::cl::value_desc("FILE.json"),
      llvm::cl::desc("Write the best schedules for --nsa-set-schedule=tuning= "
                     "and --nsa-to-ptx=tuning=")};
  llvm::cl::opt<std::string> outputScript{
      "output-script", llvm::cl::cat(tuneCategory),
      llvm::cl::value_desc("FILE.mlir"),
      llvm::cl::desc("Write the script with the best values selected")};

  llvm::cl::opt<std::string> chip{
      "chip", llvm::cl::cat(modelCategory), llvm::cl::value_desc("NAME"),
      llvm::cl::desc("The chip to tune for: sm_80 (default), sm_90, ...; with "
                     "--rank=measure that of the device")};
  llvm::cl::opt<int64_t> batch{
      "batch", llvm::cl::cat(modelCategory), llvm::cl::init(1),
      llvm::cl::desc("Batch entries where their number is dynamic "
                     "(default 1)")};
  llvm::cl::opt<int64_t> tokens{
      "tokens", llvm::cl::cat(modelCategory), llvm::cl::init(32768),
      llvm::cl::desc("Tokens where their number is dynamic (default 32768)")};
  llvm::cl::opt<double> unionAgreement{
      "union-agreement", llvm::cl::cat(modelCategory), llvm::cl::init(1.6),
      llvm::cl::desc("Distinct blocks in the lists of 4 neighbouring queries "
                     "over those in one, 1 to 4 (default 1.6)")};

  llvm::cl::opt<std::string> device{
      "device", llvm::cl::cat(measureCategory), llvm::cl::init("cuda"),
      llvm::cl::value_desc("NAME"),
      llvm::cl::desc("Where --rank=measure runs: cuda")};
  llvm::cl::opt<std::string> entry{
      "entry", llvm::cl::cat(measureCategory), llvm::cl::value_desc("FUNCTION"),
      llvm::cl::desc("The public function to time; may be left out if the file "
                     "has only one")};
  llvm::cl::list<std::string> inputs{
      "input", llvm::cl::cat(measureCategory), llvm::cl::value_desc("VALUE"),
      llvm::cl::desc("One argument of it, in order, as nsa-run takes it")};
  llvm::cl::opt<unsigned> repeat{
      "repeat", llvm::cl::cat(measureCategory), llvm::cl::init(10),
      llvm::cl::value_desc("N"),
      llvm::cl::desc("Calls whose median counts (default 10)")};
  llvm::cl::opt<unsigned> warmup{
      "warmup", llvm::cl::cat(measureCategory), llvm::cl::init(2),
      llvm::cl::value_desc("N"),
      llvm::cl::desc("Calls before them (default 2)")};
  llvm::cl::opt<std::string> toolkit{
      "toolkit", llvm::cl::cat(measureCategory), llvm::cl::value_desc("DIR"),
      llvm::cl::desc("The CUDA toolkit whose libdevice is used")};

  /// Reports what is wrong or does not go together; fills in what follows.
  llvm::LogicalResult check();

  bool measures() const { return rank == "measure"; }
  CostAssumptions assumptions;
};

/// LLVM's libraries bring options of their own, which are global; ours win.
/// Comes before a TuneOptions is made.
void removeOptionsClashingWithTune();

} // namespace mlir::nsa

#endif // NSA_LIB_TOOLS_TUNEMAIN_OPTIONS_H
