# RUN: %python %s %nsa_run
# REQUIRES: numpy
"""Nothing of size Tq x Tk, Tq x Tc or Tq x Ns exists, and no branch's output.

The peak allocation may grow at most 2.2 times when the tokens double; a quadratic
tensor would make that nearly 4. That of the whole forward pass, less the result,
extrapolates to less than 256 MiB at 65536 tokens; the outputs of the branches alone
are 384 MiB there.
"""

import re
import subprocess
import sys
import tempfile

NSA_RUN = sys.argv[1]
HEADS, GROUPS, SIZE = 8, 2, 64


def example(form):
    command = [sys.executable, "-m", "nsa_mlir.example", f"--form={form}", f"--heads={HEADS}"]
    command += [f"--groups={GROUPS}", f"--dk={SIZE}", f"--dv={SIZE}", "--dtype=f32"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def peak(path, entry, tokens):
    command = [NSA_RUN, path, f"--entry={entry}", "--device=cpu", "--memory"]
    command.append(f"--input=1x{tokens}x{HEADS}x{SIZE}xf32=random:1")
    command += [f"--input=1x{tokens}x{GROUPS}x{SIZE}xf32=random:{seed}" for seed in range(2, 8)]
    command.append(f"--input=1x{tokens}x{HEADS}x3xf32=random:8")
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    found = re.search(r"peak allocation (\d+) bytes", result.stdout)
    assert found, result.stdout
    return int(found.group(1))


def compare(form, entry, result_bytes):
    """Peaks less results at 16384 and at 32768 tokens."""
    with tempfile.NamedTemporaryFile("w", suffix=".mlir") as source:
        source.write(example(form))
        source.flush()
        small, large = (
            peak(source.name, entry, tokens) - result_bytes * tokens for tokens in (16384, 32768)
        )
    print(f"{form}: {small} bytes at 16384 tokens, {large} at 32768: {large / small:.2f} times")
    assert large <= 2.2 * small, f"{form}: memory grows faster than the tokens"
    return large


compare("selection", "nsa_selection", 0)
large = compare("forward", "nsa_forward", HEADS * SIZE * 4)
assert 2 * large < 256 << 20, f"{2 * large} bytes beside the result at 65536 tokens"
