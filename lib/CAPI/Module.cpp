//===- Module.cpp - Modules of the C API ----------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Internal.h"

#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace mlir::nsa;

//===----------------------------------------------------------------------===//
// Text and bytecode
//===----------------------------------------------------------------------===//

NSAModule *nsaModuleParse(NSAContext *context, const char *data, size_t length,
                          const char *name, unsigned flags) {
  if (!context)
    return nullptr;
  if (!data && length != 0) {
    context->shared->report("nsaModuleParse: data is NULL, length " +
                            Twine(length));
    return nullptr;
  }
  // Bytecode wants its blobs aligned, of up to a page in practice.
  auto buffer = llvm::WritableMemoryBuffer::getNewUninitMemBuffer(
      length, name ? name : "-", llvm::Align(4096));
  if (!buffer) {
    context->shared->report("nsaModuleParse: no memory for " + Twine(length) +
                            " bytes");
    return nullptr;
  }
  std::copy_n(data, length, buffer->getBufferStart());
  // Shared, since resources may refer to it rather than be copied.
  auto sources = std::make_shared<llvm::SourceMgr>();
  sources->AddNewSourceBuffer(std::move(buffer), SMLoc());
  bool verify = !(flags & NSAParseUnverified);
  ParserConfig config(context->shared->get(), verify);
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(sources, config);
  if (!module)
    return nullptr;
  return new NSAModule{context->shared, std::move(module)};
}

NSAModule *nsaModuleClone(const NSAModule *module) {
  if (!module)
    return nullptr;
  return new NSAModule{module->shared, module->get().clone()};
}

void nsaModuleDestroy(NSAModule *module) { delete module; }

NSAStatus nsaModuleVerify(const NSAModule *module) {
  if (!module)
    return NSAStatusInvalidArgument;
  return succeeded(verify(module->get())) ? NSAStatusSuccess : NSAStatusFailure;
}

NSAString *nsaModulePrint(const NSAModule *module, unsigned flags) {
  if (!module)
    return nullptr;
  OpPrintingFlags printing;
  if (flags & NSAPrintLocations)
    printing.enableDebugInfo();
  if (flags & NSAPrintGeneric)
    printing.printGenericOpForm();
  auto result = std::make_unique<NSAString>();
  llvm::raw_string_ostream os(result->text);
  module->get().print(os, printing);
  os << "\n";
  return result.release();
}

NSAString *nsaModuleWriteBytecode(const NSAModule *module) {
  if (!module)
    return nullptr;
  auto result = std::make_unique<NSAString>();
  llvm::raw_string_ostream os(result->text);
  if (failed(writeBytecodeToFile(module->get(), os)))
    return nullptr;
  return result.release();
}

//===----------------------------------------------------------------------===//
// Device code
//===----------------------------------------------------------------------===//

namespace {
/// An object of a gpu.binary.
struct Object {
  gpu::BinaryOp binary;
  gpu::ObjectAttr object;

  StringRef getChip() const {
    auto target = dyn_cast<NVVM::NVVMTargetAttr>(object.getTarget());
    return target ? target.getChip() : StringRef();
  }

  NSAObjectFormat getFormat() const {
    switch (object.getFormat()) {
    case gpu::CompilationTarget::Assembly:
      return NSAObjectFormatPTX;
    case gpu::CompilationTarget::Binary:
    case gpu::CompilationTarget::Fatbin:
      return NSAObjectFormatBinary;
    case gpu::CompilationTarget::Offload:
      break;
    }
    return NSAObjectFormatBitcode;
  }
};
} // namespace

static SmallVector<Object> getObjects(ModuleOp module) {
  SmallVector<Object> objects;
  module.walk([&](gpu::BinaryOp binary) {
    for (Attribute attr : binary.getObjects())
      if (auto object = dyn_cast<gpu::ObjectAttr>(attr))
        objects.push_back({binary, object});
  });
  return objects;
}

/// The string, for as long as the context lives, and with a NUL behind it.
static const char *keep(MLIRContext *context, StringRef text) {
  return text.empty() ? "" : StringAttr::get(context, text).data();
}

size_t nsaModuleGetNumObjects(const NSAModule *module) {
  return module ? getObjects(module->get()).size() : 0;
}

NSAStatus nsaModuleGetObject(const NSAModule *module, size_t index,
                             NSAObject *object) {
  if (!module)
    return NSAStatusInvalidArgument;
  if (!object) {
    module->shared->report("nsaModuleGetObject: object is NULL");
    return NSAStatusInvalidArgument;
  }
  SmallVector<Object> objects = getObjects(module->get());
  if (index >= objects.size()) {
    module->shared->report("nsaModuleGetObject: index is " + Twine(index) +
                           ", but the module has " + Twine(objects.size()) +
                           " objects");
    return NSAStatusInvalidArgument;
  }
  Object &found = objects[index];
  MLIRContext *context = module->shared->get();
  StringRef data = found.object.getObject().getValue();
  *object = {keep(context, found.binary.getSymName()),
             keep(context, found.getChip()), found.getFormat(),
             data.empty() ? "" : data.data(), data.size()};
  return NSAStatusSuccess;
}

NSAString *nsaModuleGetPTX(const NSAModule *module, const char *binary,
                           const char *chip) {
  if (!module)
    return nullptr;
  std::string there;
  SmallVector<StringRef> fitting;
  for (Object &object : getObjects(module->get())) {
    if (object.getFormat() != NSAObjectFormatPTX)
      continue;
    StringRef name = object.binary.getSymName();
    there += (Twine(there.empty() ? "" : ", ") + "@" + name + " for " +
              object.getChip())
                 .str();
    if ((!binary || name == binary) && (!chip || object.getChip() == chip))
      fitting.push_back(object.object.getObject().getValue());
  }
  if (fitting.size() == 1)
    return new NSAString{fitting.front().str()};
  std::string wanted = (Twine(binary ? " of @" : "") + (binary ? binary : "") +
                        (chip ? " for " : "") + (chip ? chip : ""))
                           .str();
  if (there.empty())
    module->shared->report("the module has no PTX; nsa-to-ptx makes it");
  else if (fitting.empty())
    module->shared->report("the module has no PTX" + Twine(wanted) + ", but " +
                           there);
  else
    module->shared->report("the module has more than one PTX" + Twine(wanted) +
                           ": " + there + "; name the binary and the chip");
  return nullptr;
}
