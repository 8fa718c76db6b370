# RUN: %python %s %nsa_run %nsa_opt %nsa_source_dir/docs/examples/schedule_sm80.mlir
# REQUIRES: numpy, ml_dtypes
"""One number of the committed script is edited: another schedule, another kernel,
the same results.

The kernels of both scripts run on the emulator, on rows that neither fills, and
are judged against the float64 reference.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from nsa_mlir.testing.backends import NsaRun
from nsa_mlir.testing.case import Case
from nsa_mlir.testing.suite import run_case

NSA_RUN, NSA_OPT, SCRIPT = sys.argv[1:]
CASE = Case(
    op="attention_aux",
    dtype="bf16",
    batch=1,
    tq=83,
    tk=203,
    heads=16,
    groups=1,
    dk=64,
    dv=64,
    compression_block=16,
    compression_stride=8,
    selection_block=32,
    top_n=4,
    window=50,
)


class Scripted(NsaRun):
    """Applies a script before nsa-run."""

    script = ""

    def command(self, case, made, operands, directory):
        command = super().command(case, made, operands, directory)
        text = directory / "case.mlir"
        (directory / "script.mlir").write_text(self.script)
        self.scheduled = subprocess.run(
            [
                NSA_OPT,
                str(text),
                f"--transform-preload-library=transform-library-paths={directory / 'script.mlir'}",
                "--transform-interpreter",
            ],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        text.write_text(self.scheduled)
        return command


def run(script):
    """The schedule of the gated fusion, and the PTX of its kernel."""
    backend = Scripted(path=NSA_RUN, device="emulator")
    backend.script = script
    outcome = run_case(CASE, backend)
    assert outcome.passed, outcome.problem
    schedule = re.search(r"nsa\.fusion gated \{nsa\.schedule = (.*?>)\}", backend.scheduled).group(1)
    with tempfile.NamedTemporaryFile("w", suffix=".mlir") as file:
        file.write(backend.scheduled)
        file.flush()
        done = subprocess.run(
            [NSA_OPT, file.name, "--nsa-to-ptx", "--remarks-filter=nsa-set-schedule"],
            check=True,
            capture_output=True,
            text=True,
        )
    # The pipeline keeps what the script decided.
    assert f"nsa.fusion runs as {schedule}, from attribute" in done.stderr, done.stderr
    kernels = {
        name: body
        for name, body in re.findall(r"\.entry (\w+)\((.*?)\\0A}", done.stdout, re.DOTALL)
    }
    print(f"{schedule}: {outcome.used:.0%} of the tolerance")
    return schedule, kernels


committed = Path(SCRIPT).read_text()
edited, count = re.subn(r'(knob<"gated.keys"> = )64', r"\g<1>32", committed)
assert count == 1
before, kernels_before = run(committed)
after, kernels_after = run(edited)
assert ", keys = 64, " in before and after == before.replace("keys = 64", "keys = 32")
assert kernels_before.keys() == kernels_after.keys() and "fusion_1" in kernels_before
differ = {name for name in kernels_before if kernels_before[name] != kernels_after[name]}
assert differ == {"fusion_1"}, differ
