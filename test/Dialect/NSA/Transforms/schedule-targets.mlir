// A schedule fits every chip that its kernels are compiled for: those of nsa.targets
// on the function, else on the module, else of the option. Chips that the table does
// not have count as the smallest that it has.

// RUN: split-file %s %t
// RUN: sed "s/TARGETS/#nvvm.target<chip = \"sm_90\">/" %t/f.mlir | nsa-opt --nsa-set-schedule="chip=sm_90 keys=128 row-warps=8 stages=2" | FileCheck %s --check-prefix=LARGE
// RUN: sed 's/TARGETS/#nvvm.target<chip = "sm_90">, #nvvm.target<chip = "sm_86">/' %t/f.mlir | not nsa-opt --nsa-set-schedule="chip=sm_90 keys=128 row-warps=8 stages=2" 2>&1 | FileCheck %s --check-prefix=SMALL
// RUN: sed 's/TARGETS/#nvvm.target<chip = "sm_200">/' %t/f.mlir | not nsa-opt --nsa-set-schedule="chip=sm_90 keys=128 row-warps=8 stages=2" 2>&1 | FileCheck %s --check-prefix=SMALL
// RUN: nsa-opt %t/module.mlir --nsa-set-schedule="chip=sm_86 keys=128 row-warps=8 stages=2" | FileCheck %s --check-prefix=LARGE

// The pipeline takes any chip.
// RUN: nsa-opt %t/g.mlir --nsa-to-ptx="chip=sm_120,sm_103,sm_90" -o /dev/null
// RUN: nsa-opt %t/g.mlir --nsa-to-ptx="chip=sm_88" -o /dev/null

// LARGE: keys = 128, row_warps = 8
// SMALL: is more than a block may have on sm_86 (101376)

//--- f.mlir
func.func @f(%q: tensor<?x?x8x128xbf16>, %k: tensor<?x?x1x128xbf16>) -> tensor<?x?x8x128xbf16> attributes {nsa.targets = [TARGETS]} {
  %0, %lse = nsa.window_attention %q, %k, %k {window = 512} : (tensor<?x?x8x128xbf16>, tensor<?x?x1x128xbf16>, tensor<?x?x1x128xbf16>) -> (tensor<?x?x8x128xbf16>, tensor<?x?x8xf32>)
  return %0 : tensor<?x?x8x128xbf16>
}

//--- module.mlir
module attributes {nsa.targets = [#nvvm.target<chip = "sm_86">]} {
  func.func @f(%q: tensor<?x?x8x128xbf16>, %k: tensor<?x?x1x128xbf16>) -> tensor<?x?x8x128xbf16> attributes {nsa.targets = [#nvvm.target<chip = "sm_90a">]} {
    %0, %lse = nsa.window_attention %q, %k, %k {window = 512} : (tensor<?x?x8x128xbf16>, tensor<?x?x1x128xbf16>, tensor<?x?x1x128xbf16>) -> (tensor<?x?x8x128xbf16>, tensor<?x?x8xf32>)
    return %0 : tensor<?x?x8x128xbf16>
  }
}

//--- g.mlir
func.func @f(%q: tensor<?x?x8x64xbf16>, %k: tensor<?x?x1x64xbf16>) -> tensor<?x?x8x64xbf16> {
  %0, %lse = nsa.window_attention %q, %k, %k {window = 512} : (tensor<?x?x8x64xbf16>, tensor<?x?x1x64xbf16>, tensor<?x?x1x64xbf16>) -> (tensor<?x?x8x64xbf16>, tensor<?x?x8xf32>)
  return %0 : tensor<?x?x8x64xbf16>
}
