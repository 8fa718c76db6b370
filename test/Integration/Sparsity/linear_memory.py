# RUN: %python %s %nsa_run
# REQUIRES: numpy
"""Nothing of size Tq x Tk, Tq x Tc or Tq x Ns exists.

The peak allocation of compression, compressed attention, scoring and selection
together may grow at most 2.2 times when the tokens double; a quadratic tensor
would make that nearly 4.
"""

import re
import subprocess
import sys
import tempfile

NSA_RUN = sys.argv[1]
HEADS, GROUPS, SIZE = 8, 2, 64

example = subprocess.run(
    [sys.executable, "-m", "nsa_mlir.example", "--form=selection", f"--heads={HEADS}"]
    + [f"--groups={GROUPS}", f"--dk={SIZE}", f"--dv={SIZE}", "--dtype=f32"],
    capture_output=True,
    text=True,
    check=True,
).stdout


def peak(path, tokens):
    command = [NSA_RUN, path, "--entry=nsa_selection", "--device=cpu", "--memory"]
    command.append(f"--input=1x{tokens}x{HEADS}x{SIZE}xf32=random:1")
    command += [f"--input=1x{tokens}x{GROUPS}x{SIZE}xf32=random:{seed}" for seed in range(2, 8)]
    command.append(f"--input=1x{tokens}x{HEADS}x3xf32=random:8")
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    found = re.search(r"peak allocation (\d+) bytes", result.stdout)
    assert found, result.stdout
    return int(found.group(1))


with tempfile.NamedTemporaryFile("w", suffix=".mlir") as source:
    source.write(example)
    source.flush()
    small, large = peak(source.name, 16384), peak(source.name, 32768)
print(f"{small} bytes at 16384 tokens, {large} at 32768: {large / small:.2f} times")
assert large <= 2.2 * small, "memory grows faster than the tokens"
