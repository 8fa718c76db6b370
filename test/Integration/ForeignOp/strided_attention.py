# RUN: %python %s %nsa_test_run %nsa_test_opt
# REQUIRES: numpy
"""A key pattern that lib/ does not know, run on the CPU and as GPU kernels.

`test_nsa.strided_attention` (test/lib/Dialect/TestNSA) is a definition, its
KeyTraversalOpInterface methods and a registration. Compared with a dense
softmax under the op's mask; the kernels run on the emulator, and reach PTX.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

RUN, OPT = sys.argv[1:]


def check_ptx(path):
    """For two chips, a kernel that is named after the op."""
    command = [OPT, str(path), "--nsa-to-ptx=chip=sm_80,sm_90a"]
    module = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for chip in ("sm_80", "sm_90a"):
        assert f"gpu.binary @f_kernels_{chip} " in module
        assert f".target {chip}\\0A" in module
    assert module.count(".visible .entry strided_attention(") == 2
    assert "test_nsa.strided_attention" not in module


def check(tq, tk, heads, groups, dk, dv, block, stride, batch=2, device="cpu"):
    rng = np.random.default_rng(7)
    q = rng.standard_normal((batch, tq, heads, dk)).astype(np.float32)
    k = rng.standard_normal((batch, tk, groups, dk)).astype(np.float32)
    v = rng.standard_normal((batch, tk, groups, dv)).astype(np.float32)
    types = [f"tensor<?x?x{heads}x{dk}xf32>", f"tensor<?x?x{groups}x{dk}xf32>", f"tensor<?x?x{groups}x{dv}xf32>"]
    results = f"(tensor<?x?x{heads}x{dv}xf32>, tensor<?x?x{heads}xf32>)"
    text = f"""func.func @f(%q: {types[0]}, %k: {types[1]}, %v: {types[2]}) -> {results} {{
  %o, %lse = test_nsa.strided_attention %q, %k, %v {{block = {block}, stride = {stride}}} : ({", ".join(types)}) -> {results}
  return %o, %lse : {results[1:-1]}
}}
"""
    with tempfile.TemporaryDirectory() as temporary:
        directory = Path(temporary)
        (directory / "f.mlir").write_text(text)
        command = [RUN, str(directory / "f.mlir"), "--entry=f", f"--device={device}"]
        for name, array in (("q", q), ("k", k), ("v", v)):
            np.save(directory / f"{name}.npy", array)
            command.append(f"--input={directory / name}.npy")
        command += [f"--output={directory / name}.npy" for name in ("o", "lse")]
        subprocess.run(command, check=True, capture_output=True)
        if device == "emulator":
            check_ptx(directory / "f.mlir")
        o, lse = np.load(directory / "o.npy"), np.load(directory / "lse.npy")

    u, t = np.arange(tk)[None], np.arange(tq)[:, None]
    visible = (u <= t + tk - tq) & (u // block % stride == 0)
    for b in range(batch):
        for h in range(heads):
            g = h // (heads // groups)
            s = q[b, :, h].astype(float) @ k[b, :, g].astype(float).T / np.sqrt(dk)
            p = np.where(visible, np.exp(s), 0)
            total = p.sum(1, keepdims=True)
            expected = np.divide(p @ v[b, :, g].astype(float), total, where=total > 0, out=np.zeros((tq, dv)))
            with np.errstate(divide="ignore"):
                expected_lse = np.log(total[:, 0])
            assert np.isfinite(o[b, :, h]).all()
            assert np.abs(o[b, :, h] - expected).max() < 2e-5, (tq, tk, block, stride)
            assert np.array_equal(np.isinf(lse[b, :, h]), np.isinf(expected_lse))
            finite = np.isfinite(expected_lse)
            assert np.abs(lse[b, finite, h] - expected_lse[finite]).max(initial=0) < 2e-5


check(200, 200, 8, 2, 64, 64, block=48, stride=3)
check(33, 300, 4, 4, 32, 16, block=100, stride=2)
check(50, 50, 6, 2, 60, 60, block=16, stride=5)
check(70, 20, 2, 1, 16, 16, block=7, stride=2)  # 50 queries before the first key
check(20, 40, 4, 2, 64, 64, block=6, stride=3, batch=1, device="emulator")
check(9, 21, 2, 1, 60, 16, block=7, stride=2, device="emulator")
check(12, 4, 2, 2, 16, 33, block=3, stride=2, device="emulator")
print("strided attention agrees")
