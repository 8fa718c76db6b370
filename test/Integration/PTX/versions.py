# RUN: %python %s %nsa_opt %mlir_opt %t
# REQUIRES: mlir-opt
"""What nsa-verify-gpu-module demands is what LLVM demands.

For each instruction, the pass says which PTX versions it refuses. Upstream's
gpu-module-to-binary must then fail at the last version that was refused (LLVM
aborts the process there), and succeed at the first that was not. The same for
chips, at the highest version.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

NSA_OPT, MLIR_OPT, OUT = sys.argv[1:]
VERSIONS = [70, 71, 72, 73, 74, 75, 76, 77, 78, 80, 81, 82, 83, 84, 85, 86, 87, 88, 90]
LEAST = {"sm_80": 70, "sm_89": 78, "sm_90": 78, "sm_90a": 80, "sm_100": 86, "sm_100a": 86, "sm_120a": 87}
NEWEST = 90

# Instruction: the chip, the PTX version that it needs there (None: any), an
# older chip that does not have it (None: all have it), arguments, ops.
CASES = {
    "mma-free": ("sm_80", None, None, "", ""),
    "prefetch": ("sm_90", 80, "sm_80", "%p: !llvm.ptr", "nvvm.prefetch level = L1, %p : !llvm.ptr"),
    "elect.sync": ("sm_90", 80, "sm_80", "", "%r = nvvm.elect.sync -> i1"),
    "elect.sync-intrinsic": (
        "sm_90", 80, "sm_80", "%m: i32",
        '%r = llvm.call_intrinsic "llvm.nvvm.elect.sync"(%m) : (i32) -> !llvm.struct<(i32, i1)>',
    ),
    "cluster.arrive": ("sm_90", 78, "sm_80", "", "nvvm.cluster.arrive"),
    "cluster.arrive.relaxed": ("sm_90", 80, "sm_80", "", "nvvm.cluster.arrive.relaxed"),
    "cluster.wait": ("sm_90", 78, "sm_80", "", "nvvm.cluster.wait"),
    "cluster.ctarank": ("sm_90", 78, "sm_80", "", "%r = nvvm.read.ptx.sreg.cluster.ctarank : i32"),
    "clusterid": ("sm_90", 78, "sm_80", "", "%r = nvvm.read.ptx.sreg.clusterid.x : i32"),
    "nclusterid": ("sm_90", 78, "sm_80", "", "%r = nvvm.read.ptx.sreg.nclusterid.y : i32"),
    "aggr.smem.size": ("sm_90", 81, "sm_80", "", "%r = nvvm.read.ptx.sreg.aggr.smem.size : i32"),
    "mapa": ("sm_90", 78, "sm_80", "%p: !llvm.ptr, %b: i32", "%r = nvvm.mapa %p, %b : !llvm.ptr -> !llvm.ptr"),
    "griddepcontrol": ("sm_90", 78, "sm_80", "", "nvvm.griddepcontrol wait"),
    "fence.mbarrier.init": ("sm_90", 80, "sm_80", "", "nvvm.fence.mbarrier.init"),
    "fence.sc.cluster": ("sm_90", 78, "sm_80", "", "nvvm.fence.sc.cluster"),
    "fence.proxy.alias": ("sm_80", 75, None, "", "nvvm.fence.proxy {kind = #nvvm.proxy_kind<alias>}"),
    "fence.proxy.async": ("sm_90", 80, "sm_80", "", "nvvm.fence.proxy {kind = #nvvm.proxy_kind<async>}"),
    "fence.proxy.acquire": (
        "sm_90", 83, "sm_80", "%p: !llvm.ptr, %n: i32",
        "%c = llvm.mlir.constant(128 : i32) : i32\nnvvm.fence.proxy.acquire #nvvm.mem_scope<gpu> %p, %c",
    ),
    "fence.proxy.release": ("sm_90", 83, "sm_80", "", "nvvm.fence.proxy.release #nvvm.mem_scope<gpu>"),
    "mbarrier.arrive": ("sm_80", None, None, "%b: !llvm.ptr<3>", "%r = nvvm.mbarrier.arrive %b : !llvm.ptr<3> -> i64"),
    "mbarrier.arrive-cluster": (
        "sm_90", 80, "sm_80", "%b: !llvm.ptr<3>",
        "%r = nvvm.mbarrier.arrive %b {scope = #nvvm.mem_scope<cluster>} : !llvm.ptr<3> -> i64",
    ),
    "mbarrier.arrive-relaxed": (
        "sm_90", 86, "sm_80", "%b: !llvm.ptr<3>",
        "%r = nvvm.mbarrier.arrive %b {relaxed = true} : !llvm.ptr<3> -> i64",
    ),
    "mbarrier.arrive.expect_tx": (
        "sm_90", 80, "sm_80", "%b: !llvm.ptr<3>, %n: i32",
        "%r = nvvm.mbarrier.arrive.expect_tx %b, %n : !llvm.ptr<3>, i32 -> i64",
    ),
    "mbarrier.test.wait": (
        "sm_80", None, None, "%b: !llvm.ptr<3>, %s: i64",
        "%r = nvvm.mbarrier.test.wait %b, %s : !llvm.ptr<3>, i64 -> i1",
    ),
    "mbarrier.test.wait-parity": (
        "sm_80", 71, None, "%b: !llvm.ptr<3>, %s: i32",
        "%r = nvvm.mbarrier.test.wait %b, %s : !llvm.ptr<3>, i32 -> i1",
    ),
    "mbarrier.try_wait": (
        "sm_90", 78, "sm_80", "%b: !llvm.ptr<3>, %s: i64",
        "%r = nvvm.mbarrier.try_wait %b, %s : !llvm.ptr<3>, i64 -> i1",
    ),
    "mbarrier.try_wait-cluster": (
        "sm_90", 80, "sm_80", "%b: !llvm.ptr<3>, %s: i64",
        "%r = nvvm.mbarrier.try_wait %b, %s {scope = #nvvm.mem_scope<cluster>} : !llvm.ptr<3>, i64 -> i1",
    ),
    "ldmatrix": (
        "sm_80", None, None, "%p: !llvm.ptr<3>",
        "%r = nvvm.ldmatrix %p {num = 1 : i32, layout = #nvvm.mma_layout<row>, "
        "shape = #nvvm.ld_st_matrix_shape<m = 8, n = 8>, eltType = #nvvm.ld_st_matrix_elt_type<b16>} "
        ": (!llvm.ptr<3>) -> i32",
    ),
    "stmatrix": (
        "sm_90", 78, "sm_80", "%p: !llvm.ptr<3>, %v: i32",
        "nvvm.stmatrix %p, %v {layout = #nvvm.mma_layout<row>, "
        "shape = #nvvm.ld_st_matrix_shape<m = 8, n = 8>, eltType = #nvvm.ld_st_matrix_elt_type<b16>} "
        ": !llvm.ptr<3>, i32",
    ),
    "stmatrix-m16n8": (
        "sm_100a", 86, "sm_90a", "%p: !llvm.ptr<3>, %v: i32",
        "nvvm.stmatrix %p, %v {layout = #nvvm.mma_layout<col>, "
        "shape = #nvvm.ld_st_matrix_shape<m = 16, n = 8>, eltType = #nvvm.ld_st_matrix_elt_type<b8>} "
        ": !llvm.ptr<3>, i32",
    ),
    "redux.sync": ("sm_80", None, None, "%v: i32, %m: i32", "%r = nvvm.redux.sync add %v, %m : i32 -> i32"),
    "redux.sync-f32": ("sm_100a", 86, "sm_90a", "%v: f32, %m: i32", "%r = nvvm.redux.sync fmin %v, %m : f32 -> f32"),
    "setmaxregister": ("sm_90a", 80, "sm_90", "", "nvvm.setmaxregister increase 232"),
    "wgmma.fence": ("sm_90a", 80, "sm_90", "", "nvvm.wgmma.fence.aligned"),
    "wgmma.commit": ("sm_90a", 80, "sm_90", "", "nvvm.wgmma.commit.group.sync.aligned"),
    "cp.async.bulk.commit": ("sm_90", 80, "sm_80", "", "nvvm.cp.async.bulk.commit.group"),
    "cp.async.bulk.tensor": (
        "sm_90", 80, "sm_80", "%d: !llvm.ptr<7>, %t: !llvm.ptr, %b: !llvm.ptr<3>, %i: i32",
        "nvvm.cp.async.bulk.tensor.shared.cluster.global %d, %t, %b, box[%i] : !llvm.ptr<7>, !llvm.ptr",
    ),
    "cp.async.bulk.tensor-cta": (
        "sm_90", 86, "sm_80", "%d: !llvm.ptr<3>, %t: !llvm.ptr, %b: !llvm.ptr<3>, %i: i32",
        "nvvm.cp.async.bulk.tensor.shared.cluster.global %d, %t, %b, box[%i] {isCTAOnly = true} "
        ": !llvm.ptr<3>, !llvm.ptr",
    ),
    "cp.async.bulk": (
        "sm_90", 80, "sm_80", "%d: !llvm.ptr<7>, %s: !llvm.ptr<3>, %b: !llvm.ptr<3>, %n: i32",
        "nvvm.cp.async.bulk.shared.cluster.shared.cta %d, %s, %b, %n : !llvm.ptr<7>, !llvm.ptr<3>",
    ),
    "tcgen05.alloc": (
        "sm_100a", 86, "sm_90a", "%p: !llvm.ptr, %n: i32", "nvvm.tcgen05.alloc %p, %n : !llvm.ptr, i32",
    ),
    "tcgen05.fence": ("sm_100a", 86, "sm_100", "", "nvvm.tcgen05.fence #nvvm.tcgen05_fence<before>"),
    "convert-e4m3": (
        "sm_90", 78, "sm_80", "%a: f32, %b: f32",
        "%r = nvvm.convert.f32x2.to.f8x2 %a, %b {rnd = #nvvm.fp_rnd_mode<rn>, sat = #nvvm.sat_mode<satfinite>} "
        ": i16 (f8E4M3FN)",
    ),
    "convert-e4m3-ada": (
        "sm_89", 81, "sm_80", "%a: f32, %b: f32",
        "%r = nvvm.convert.f32x2.to.f8x2 %a, %b {rnd = #nvvm.fp_rnd_mode<rn>, sat = #nvvm.sat_mode<satfinite>} "
        ": i16 (f8E4M3FN)",
    ),
}


def module(chip, version, arguments, ops):
    if "%r =" in ops:
        # Optimisation would remove what is not used.
        result = re.search(r"(?:-> |: )([^:>]+|!llvm.struct<[^:]+>)$", ops.replace(" (f8E4M3FN)", "")).group(1)
        arguments = ", ".join(filter(None, [arguments, "%out: !llvm.ptr"]))
        ops += f"\nllvm.store %r, %out : {result}, !llvm.ptr"
    body = "\n".join("    " + line for line in ops.splitlines())
    return f"""gpu.module @m{version} [#nvvm.target<chip = "{chip}", features = "+ptx{version}">] {{
  llvm.func @f({arguments}) {{
{body}
    llvm.return
  }}
}}
"""


def run(tool, path, *options):
    # A crash is expected; its stack is of no interest.
    environment = dict(os.environ, LLVM_DISABLE_SYMBOLIZATION="1")
    return subprocess.run([tool, str(path), *options], capture_output=True, text=True, env=environment)


def refused(path):
    """Whether the pass refuses; any other error is one of this test."""
    result = run(NSA_OPT, path, "--pass-pipeline=builtin.module(gpu.module(nsa-verify-gpu-module))")
    errors = re.findall(r"error: (.*)", result.stderr)
    assert all("nsa-verify-gpu-module: '" in error for error in errors), result.stderr
    return bool(errors)


def compiles(path):
    return run(MLIR_OPT, path, "--gpu-module-to-binary=format=isa").returncode == 0


def main():
    OUT_DIR = Path(OUT)
    OUT_DIR.mkdir(parents=True, exist_ok=True)
    failures = []
    for name, (chip, expected, older, arguments, ops) in CASES.items():
        def path_of(at_chip, version):
            path = OUT_DIR / f"{name}-{at_chip}-{version}.mlir"
            path.write_text(module(at_chip, version, arguments, ops))
            return path

        versions = [version for version in VERSIONS if version >= LEAST[chip]]
        first = max(expected or 0, versions[0])
        at = path_of(chip, first)
        if refused(at):
            failures.append(f"{name}: refused for {chip} with PTX {first}: {run(NSA_OPT, at, '--nsa-verify-gpu-module').stderr}")
        if not compiles(at):
            failures.append(f"{name}: LLVM does not compile it for {chip} with PTX {first}")
        below = [version for version in versions if version < first]
        if below:
            before = path_of(chip, below[-1])
            if not refused(before):
                failures.append(f"{name}: accepted for {chip} with PTX {below[-1]}")
            if compiles(before):
                failures.append(f"{name}: LLVM compiles it for {chip} with PTX {below[-1]}")
        if older:
            before = path_of(older, NEWEST)
            # Upstream may refuse the target when it reads the module.
            result = run(NSA_OPT, before, "--pass-pipeline=builtin.module(gpu.module(nsa-verify-gpu-module))")
            if result.returncode == 0 or result.returncode < 0:
                failures.append(f"{name}: accepted for {older}")
            if compiles(before):
                failures.append(f"{name}: LLVM compiles it for {older}")
    for failure in failures:
        print(failure)
    print(f"{len(CASES)} instructions, {len(failures)} failures")
    return 1 if failures else 0


sys.exit(main())
