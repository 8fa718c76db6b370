# RUN: %python %s %nsa_run %nsa_source_dir %t
# REQUIRES: numpy
"""Programs beside and around nsa ops compute the same on the emulator.

Each function runs on the CPU and on the emulator, which reports what kernels and
host code do wrong, and memory that is left. Results are compared: bit for bit
where no exponential is involved, otherwise through a bound that f32 keeps.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np

RUN, SOURCE, OUT = sys.argv[1:]
HERE = Path(SOURCE) / "test/Integration/Emulator/Inputs/programs.mlir"
TOOLS = Path(SOURCE) / "test/Tools/nsa-run-programs.mlir"
X = "2x9x4x32xf32=random:{}".format

# File, function, inputs, results, whether they are equal bit for bit.
CASES = [
    (HERE, "pad", ["3x7xf32=random:1"], 1, True),
    (HERE, "pad", ["0x7xf32=zeros"], 1, True),
    (HERE, "matmul", ["3x7xf32=random:1", "7x5xf32=random:2"], 1, False),
    (HERE, "reduce", ["5x7xf32=random:1"], 2, False),
    (HERE, "from", ["1.5", "4"], 3, True),
    (HERE, "mem", ["4xf32=random:3", "2"], 1, True),
    (HERE, "gather", ["8xf32=random:3", "5xi32=zeros"], 1, True),
    (HERE, "concat", ["8xf32=random:1", "8xf32=random:2"], 1, True),
    (HERE, "transpose", ["5x4xf16=random:2"], 1, True),
    (HERE, "argmax", ["8xf32=random:2"], 2, True),
    (HERE, "calls", [X(1), X(2), X(3)], 2, False),
    (HERE, "for", [X(1), X(2), X(3), "3"], 1, False),
    (HERE, "for", [X(1), X(2), X(3), "0"], 1, True),
    (HERE, "while", [X(1), "2"], 2, False),
    (HERE, "if", [X(1), X(2), X(3), "1"], 1, False),
    (HERE, "if", [X(1), X(2), X(3), "0"], 1, True),
    (HERE, "forall", ["3x8x1x32xf32=random:1"], 1, False),
    (HERE, "slices", ["2x9x8x48xf32=random:1", "7"], 1, False),
    (HERE, "buffers", [X(1), X(2)], 1, False),
    (HERE, "stack", ["4xf32=random:1"], 1, True),
    (HERE, "local", ["200xf32=random:1"], 1, True),
    (HERE, "scalars", ["7"], 1, True),
    (TOOLS, "arguments", ["4xf32=random:7", "5xf32=random:7"], 3, True),
    (TOOLS, "increment", ["4xf32=random:1"], 1, True),
    (TOOLS, "constants", [], 4, True),
    (TOOLS, "column", ["6x7xf32=random:1"], 3, True),
    (TOOLS, "choose", ["1", "5xf32=random:1"], 1, True),
    (TOOLS, "choose", ["0", "5xf32=random:1"], 1, True),
    (TOOLS, "nothing", [], 0, True),
    (TOOLS, "loops", ["3"], 4, True),
    (TOOLS, "nested", ["64", "5"], 1, True),
]


def run(device, file, entry, inputs, results):
    directory = Path(OUT)
    directory.mkdir(parents=True, exist_ok=True)
    paths = [directory / f"{device}{i}.npy" for i in range(results)]
    command = [RUN, str(file), f"--entry={entry}", f"--device={device}", "--memory"]
    command += [f"--input={value}" for value in inputs] + [f"--output={path}" for path in paths]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, (command, result.stderr[:2000])
    assert "warning" not in result.stderr, (command, result.stderr[:2000])
    return [np.load(path) for path in paths]


for file, entry, inputs, results, exact in CASES:
    expected = run("cpu", file, entry, inputs, results)
    actual = run("emulator", file, entry, inputs, results)
    for e, a in zip(expected, actual):
        assert e.shape == a.shape and e.dtype == a.dtype, (entry, e.shape, a.shape)
        if exact:
            assert e.tobytes() == a.tobytes(), (entry, e, a)
        else:
            np.testing.assert_allclose(a, e, rtol=1e-5, atol=1e-5, err_msg=entry)
print(len(CASES), "programs agree")
