#ifndef NSA_PIPELINES_CUDATOOLKIT_H
#define NSA_PIPELINES_CUDATOOLKIT_H
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/LogicalResult.h"
#include <string>
namespace mlir::nsa {
inline llvm::LogicalResult checkLibdevice(llvm::StringRef toolkit,
                                          std::string &message) {
  return llvm::success();
}
inline llvm::LogicalResult findToolkitDirectory(llvm::StringRef toolkit, bool,
                                                bool, std::string &dir,
                                                std::string &message) {
  dir = toolkit.empty() ? "/usr/local/cuda" : toolkit.str();
  return llvm::success();
}
} // namespace mlir::nsa
#endif
