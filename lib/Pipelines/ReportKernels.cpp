//===- ReportKernels.cpp - nsa-report-kernels -----------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A report is complete or an error: an object that does not assemble fails the
// pass, so that a gate on spills cannot be passed by not being looked at.
//
// Errors are emitted at locations rather than on ops: those would print the op,
// which is all of the PTX.
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/Passes.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/Remarks.h"
#include "nsa/Pipelines/CUDAToolkit.h"
#include "nsa/Pipelines/Ptxas.h"
#include "nsa/Support/WriteFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_REPORTKERNELS
#include "nsa/Pipelines/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;

namespace {

/// A line of the report.
struct Row {
  gpu::BinaryOp binary;
  std::string chip;
  nsa::KernelResources resources;
};

struct ReportKernelsPass
    : public nsa::impl::ReportKernelsBase<ReportKernelsPass> {
  using Base::Base;

  void runOnOperation() override {
    markAllAnalysesPreserved();
    if (failed(report()))
      signalPassFailure();
  }

private:
  LogicalResult report();
  LogicalResult findPtxas(std::string &path);
  LogicalResult assemble(gpu::BinaryOp binary, gpu::ObjectAttr object,
                         StringRef path, std::vector<Row> &rows);
  LogicalResult write(ArrayRef<Row> rows, StringRef path);
  LogicalResult checkSpills(ArrayRef<Row> rows);
};

} // namespace

/// The target, if the object is PTX text.
static NVVM::NVVMTargetAttr getPTXTarget(gpu::ObjectAttr object) {
  if (object.getFormat() != gpu::CompilationTarget::Assembly)
    return nullptr;
  return dyn_cast<NVVM::NVVMTargetAttr>(object.getTarget());
}

LogicalResult ReportKernelsPass::report() {
  SmallVector<std::pair<gpu::BinaryOp, gpu::ObjectAttr>> objects;
  getOperation().walk([&](gpu::BinaryOp binary) {
    for (auto object : binary.getObjects().getAsRange<gpu::ObjectAttr>()) {
      if (getPTXTarget(object)) {
        objects.push_back({binary, object});
        continue;
      }
      remark::missed(
          binary.getLoc(),
          remark::RemarkOpts::name("not-ptx").category("nsa-report-kernels"))
          << remark::add("an object of @{0} is not in the report",
                         binary.getSymName())
          << remark::reason("its format is {0}, and only PTX text of an "
                            "#nvvm.target is assembled",
                            gpu::stringifyCompilationTarget(object.getFormat()))
          << remark::suggest("serialize the kernels with format=isa");
    }
  });
  // No ptxas is needed to say that there is nothing to report.
  std::string path;
  std::vector<Row> rows;
  if (!objects.empty() && failed(findPtxas(path)))
    return failure();
  // Every object is tried, so that one run shows all that is wrong.
  LogicalResult result = success();
  for (auto [binary, object] : objects)
    if (failed(assemble(binary, object, path, rows)))
      result = failure();
  // Where nothing could be assembled there is nothing to say.
  if (failed(result) && rows.empty())
    return failure();
  if (failed(write(rows, path)) || failed(checkSpills(rows)))
    return failure();
  return result;
}

LogicalResult ReportKernelsPass::findPtxas(std::string &path) {
  if (!ptxas.empty()) {
    path = ptxas;
    if (llvm::sys::fs::can_execute(path) && !llvm::sys::fs::is_directory(path))
      return success();
    return emitError(getOperation().getLoc(), "nsa-report-kernels: ptxas=")
           << path << " is not an executable file";
  }
  nsa::CUDAToolkit found;
  std::string message;
  if (failed(nsa::findCUDAToolkit(toolkit,
                                  {/*ptxas=*/true,
                                   /*libdevice=*/false},
                                  found, message)))
    return emitError(getOperation().getLoc(), "nsa-report-kernels: ")
           << message;
  path = found.ptxas;
  return success();
}

LogicalResult ReportKernelsPass::assemble(gpu::BinaryOp binary,
                                          gpu::ObjectAttr object,
                                          StringRef path,
                                          std::vector<Row> &rows) {
  NVVM::NVVMTargetAttr target = getPTXTarget(object);
  std::string level = std::to_string(target.getO());
  nsa::PtxasResult result;
  std::string message;
  if (failed(nsa::runPtxas(object.getObject().getValue(), target.getChip(),
                           path, {"--opt-level", level}, result, message)))
    return emitError(binary.getLoc(), "nsa-report-kernels: @")
           << binary.getSymName() << ": " << message;
  for (StringRef notice : result.notices)
    emitWarning(binary.getLoc(), "ptxas for ")
        << target.getChip() << ": " << notice;
  for (nsa::KernelResources &resources : result.functions)
    rows.push_back({binary, target.getChip().str(), std::move(resources)});
  return success();
}

//===----------------------------------------------------------------------===//
// Formats
//===----------------------------------------------------------------------===//

static void writeText(raw_ostream &os, ArrayRef<Row> rows, StringRef version) {
  if (rows.empty()) {
    os << "no kernels in PTX\n";
    return;
  }
  constexpr size_t columns = 8, numbersFrom = 3;
  using Cells = std::array<std::string, columns>;
  std::vector<Cells> table = {{"binary", "chip", "kernel", "registers",
                               "spill stores", "spill loads", "stack",
                               "shared"}};
  for (const Row &row : rows) {
    const nsa::KernelResources &resources = row.resources;
    bool isKernel = resources.isKernel();
    gpu::BinaryOp binary = row.binary;
    table.push_back({("@" + binary.getSymName()).str(), row.chip,
                     resources.name,
                     isKernel ? std::to_string(*resources.registers) : "-",
                     std::to_string(resources.spillStoreBytes),
                     std::to_string(resources.spillLoadBytes),
                     std::to_string(resources.stackBytes),
                     isKernel ? std::to_string(resources.sharedBytes) : "-"});
  }
  std::array<size_t, columns> widths{};
  for (const Cells &cells : table)
    for (auto [width, cell] : llvm::zip_equal(widths, cells))
      width = std::max(width, cell.size());
  os << "ptxas " << version
     << "; spills and stack in bytes per thread, shared memory per block\n";
  for (const Cells &cells : table) {
    for (size_t column = 0; column < columns; ++column) {
      std::string padding(widths[column] - cells[column].size(), ' ');
      os << (column ? "  " : "");
      if (column < numbersFrom)
        os << cells[column] << padding;
      else
        os << padding << cells[column];
    }
    os << "\n";
  }
}

static void writeJSON(raw_ostream &os, ArrayRef<Row> rows, StringRef version) {
  llvm::json::OStream json(os, /*IndentSize=*/2);
  json.object([&] {
    json.attribute("ptxas", version);
    json.attributeArray("kernels", [&] {
      for (const Row &row : rows) {
        const nsa::KernelResources &resources = row.resources;
        gpu::BinaryOp binary = row.binary;
        json.object([&] {
          json.attribute("binary", binary.getSymName());
          json.attribute("chip", row.chip);
          json.attribute("name", resources.name);
          json.attribute("is_kernel", resources.isKernel());
          if (resources.isKernel())
            json.attribute("registers", *resources.registers);
          json.attribute("spill_store_bytes", resources.spillStoreBytes);
          json.attribute("spill_load_bytes", resources.spillLoadBytes);
          json.attribute("stack_bytes", resources.stackBytes);
          json.attribute("shared_bytes", resources.sharedBytes);
          json.attribute("constant_bytes", resources.constantBytes);
        });
      }
    });
  });
  os << "\n";
}

LogicalResult ReportKernelsPass::write(ArrayRef<Row> rows, StringRef path) {
  std::string version = path.empty() ? "unused" : nsa::getPtxasVersion(path);
  std::string text;
  llvm::raw_string_ostream stream(text);
  if (format == nsa::KernelReportFormat::JSON)
    writeJSON(stream, rows, version);
  else
    writeText(stream, rows, version);
  if (output.empty()) {
    llvm::errs() << text;
    return success();
  }
  if (llvm::Error error = nsa::writeFile(output, text))
    return emitError(getOperation().getLoc(), "nsa-report-kernels: ")
           << llvm::toString(std::move(error));
  return success();
}

LogicalResult ReportKernelsPass::checkSpills(ArrayRef<Row> rows) {
  LogicalResult result = success();
  if (maxSpills < 0)
    return result;
  for (const Row &row : rows) {
    uint64_t stores = row.resources.spillStoreBytes;
    uint64_t loads = row.resources.spillLoadBytes;
    if (std::max(stores, loads) <= static_cast<uint64_t>(maxSpills))
      continue;
    gpu::BinaryOp binary = row.binary;
    result = emitError(binary.getLoc(), "nsa-report-kernels: '")
             << row.resources.name << "' spills registers on " << row.chip
             << ": stores of " << stores << " bytes, loads of " << loads
             << "; max-spills is " << int64_t(maxSpills);
  }
  return result;
}
