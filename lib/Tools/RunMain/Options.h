//===- Options.h - The command line of nsa-run ------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What nsa-run can be told, and whether it makes sense.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_TOOLS_RUNMAIN_OPTIONS_H
#define NSA_LIB_TOOLS_RUNMAIN_OPTIONS_H

#include "nsa/Execution/EmulatorDevice.h"
#include "nsa/Execution/GPULowering.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/LogicalResult.h"

namespace mlir::nsa {

enum class DeviceKind { CPU, Emulator, CUDA, Bundle };

/// The command line.
struct RunOptions {
  llvm::cl::OptionCategory runCategory{"Call", "What is called and with what."};
  llvm::cl::OptionCategory compileCategory{"Compilation"};
  llvm::cl::OptionCategory measureCategory{"Measurement"};
  llvm::cl::OptionCategory testCategory{
      "Testing aids", "For tests of compilers rather than for results."};

  llvm::cl::opt<std::string> file{
      llvm::cl::Positional, llvm::cl::Required, llvm::cl::cat(runCategory),
      llvm::cl::desc("FILE.mlir (or - for standard input)")};
  llvm::cl::opt<std::string> entry{
      "entry", llvm::cl::cat(runCategory), llvm::cl::value_desc("FUNCTION"),
      llvm::cl::desc("The public function to call; may be left out if the file "
                     "has only one")};
  llvm::cl::opt<std::string> device{
      "device", llvm::cl::cat(runCategory), llvm::cl::init("cpu"),
      llvm::cl::value_desc("NAME"),
      llvm::cl::desc("Where to run it: cpu (default); emulator, which runs GPU "
                     "kernels without a GPU and checks them; or cuda")};
  llvm::cl::list<std::string> inputs{
      "input", llvm::cl::cat(runCategory), llvm::cl::value_desc("VALUE"),
      llvm::cl::desc(
          "One argument, in order: FILE.npy; or SHAPExTYPE=random[:SEED], "
          "standard normal numbers (1x4096x8x64xf32=random:1); or "
          "SHAPExTYPE=zeros; or a number for a scalar argument. bf16 is stored "
          "in .npy as raw 16 bits (uint16 or V2). Without SEED the position of "
          "the argument is the seed")};
  llvm::cl::list<std::string> outputs{
      "output", llvm::cl::cat(runCategory), llvm::cl::value_desc("FILE.npy"),
      llvm::cl::desc("Where to write a result, in order; there may be fewer "
                     "than results")};

  llvm::cl::opt<bool> checked{
      "checked", llvm::cl::cat(runCategory),
      llvm::cl::desc("Check while it runs what verifiers cannot see: shapes "
                     "that only then are known, lengths, lists of blocks. A "
                     "check that fails is an error with the place of the "
                     "operation, and nothing is written")};
  llvm::cl::opt<std::string> emitBundle{
      "emit-bundle", llvm::cl::cat(runCategory), llvm::cl::value_desc("DIR"),
      llvm::cl::desc("Run nothing; write a launch bundle, which nsa-run-bundle "
                     "runs on a machine with a GPU")};

  llvm::cl::opt<std::string> chip{
      "chip", llvm::cl::cat(compileCategory), llvm::cl::value_desc("NAME"),
      llvm::cl::desc("Compile kernels for this GPU (sm_80, sm_90, ...); "
                     "default: the device's, or sm_80. --emit-bundle takes "
                     "several, separated by commas")};
  llvm::cl::opt<std::string> toolkit{
      "toolkit", llvm::cl::cat(compileCategory), llvm::cl::value_desc("DIR"),
      llvm::cl::desc("The CUDA toolkit whose ptxas and libdevice are used")};
  llvm::cl::opt<std::string> format{
      "format", llvm::cl::cat(compileCategory), llvm::cl::value_desc("FORMAT"),
      llvm::cl::init("isa"),
      llvm::cl::desc("What --emit-bundle writes of kernels: isa, which is PTX "
                     "(default), or bin, which are cubins")};
  llvm::cl::opt<std::string> dumpDeviceLLVM{
      "dump-device-llvm", llvm::cl::cat(compileCategory),
      llvm::cl::value_desc("FILE"),
      llvm::cl::desc("Write the kernels that the emulator runs as LLVM "
                     "assembly")};

  llvm::cl::opt<std::string> cpu{
      "cpu", llvm::cl::cat(compileCategory), llvm::cl::value_desc("NAME"),
      llvm::cl::desc("Compile for this CPU, by LLVM's names (x86-64, haswell, "
                     "...; `llc -mcpu=help` lists them); default: this "
                     "machine's")};
  llvm::cl::opt<std::string> kernelOptions{
      "kernel-options", llvm::cl::cat(compileCategory),
      llvm::cl::value_desc("OPTIONS"),
      llvm::cl::desc("Options of the pipeline --nsa-to-ptx that choose kernels "
                     "(tensor-cores=0, \"family=union queries=4\"); nsa-opt "
                     "--help lists them")};
  llvm::cl::opt<unsigned> optLevel{
      "opt-level", llvm::cl::cat(compileCategory), llvm::cl::init(3),
      llvm::cl::value_desc("N"),
      llvm::cl::desc("LLVM's optimisation level, 0 to 3 (default 3)")};
  llvm::cl::opt<std::string> remarksFilter{
      "remarks-filter", llvm::cl::cat(compileCategory),
      llvm::cl::value_desc("REGEX"),
      llvm::cl::desc("Print the compiler's remarks whose category matches as a "
                     "whole to standard error; nsa.* for ours")};

  llvm::cl::opt<unsigned> repeat{
      "repeat", llvm::cl::cat(measureCategory), llvm::cl::init(1),
      llvm::cl::value_desc("N"),
      llvm::cl::desc("Call the function N times and print the median and the "
                     "minimum time of a call")};
  llvm::cl::opt<unsigned> warmup{
      "warmup", llvm::cl::cat(measureCategory), llvm::cl::init(0),
      llvm::cl::value_desc("M"),
      llvm::cl::desc("Call the function M times before measuring (default 0)")};
  llvm::cl::opt<unsigned> threads{
      "threads", llvm::cl::cat(measureCategory), llvm::cl::value_desc("N"),
      llvm::cl::desc("Number of threads; default: OMP_NUM_THREADS or one per "
                     "core")};
  llvm::cl::opt<bool> memory{
      "memory", llvm::cl::cat(measureCategory),
      llvm::cl::desc("Print the most memory that the compiled code had "
                     "allocated at any time, results included, inputs not")};

  llvm::cl::opt<std::string> counters{
      "counters", llvm::cl::cat(measureCategory),
      llvm::cl::value_desc("FORMAT"),
      llvm::cl::desc("Print what each kernel did on the emulator in one call, "
                     "as text or json")};

  llvm::cl::opt<std::string> schedule{
      "emulator-schedule", llvm::cl::cat(testCategory),
      llvm::cl::value_desc("ORDER"), llvm::cl::init("fifo"),
      llvm::cl::desc("The order in which the emulator runs threads that can "
                     "run: fifo (default), lifo or random:SEED")};
  llvm::cl::opt<std::string> sanitize{
      "sanitize", llvm::cl::cat(testCategory), llvm::cl::value_desc("LEVEL"),
      llvm::cl::init("full"),
      llvm::cl::desc("What the emulator checks: full (default), or fast, "
                     "without races and initialisation")};
  llvm::cl::opt<std::string> mutate{
      "emulator-mutate", llvm::cl::cat(testCategory),
      llvm::cl::value_desc("KERNEL[:N]"),
      llvm::cl::desc(
          "Run the kernel also without each of its barriers, commits "
          "and waits (or the N-th alone), in several orders, and "
          "print the errors")};
  llvm::cl::list<std::string> protect{
      "protect", llvm::cl::cat(testCategory),
      llvm::cl::value_desc("ARG:FIRST:LAST"),
      llvm::cl::desc("Make the memory pages that lie wholly within rows FIRST "
                     "to LAST (dimension 1, every batch entry) of input number "
                     "ARG (from 0) unreadable: the run fails if the compiled "
                     "code touches them")};

  /// Checks everything that needs no file to be read, reports what is wrong,
  /// and fills in what follows.
  llvm::LogicalResult check();

  DeviceKind kind = DeviceKind::CPU;
  KernelFormat kernelFormat = KernelFormat::ISA;
  /// Empty for the default.
  llvm::SmallVector<std::string> chips;
  EmulatorDeviceOptions emulator;

private:
  llvm::LogicalResult checkDevice();
  llvm::LogicalResult checkOutputs();
};

/// An error of the command line, which has no location.
llvm::LogicalResult fail(const llvm::Twine &message);

/// LLVM's libraries bring options of their own, which are global; ours win.
/// Comes before a RunOptions is made.
void removeClashingOptions();

} // namespace mlir::nsa

#endif // NSA_LIB_TOOLS_RUNMAIN_OPTIONS_H
