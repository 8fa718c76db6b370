# RUN: %python %s %nsa_opt
"""A loop over tiles of keys allocates and copies no tile.

After the pipeline has placed its buffers, every allocation of the forward pass is
outside of the innermost loops over tiles: directly in the parallel loop, or, for
the lists of sorted key tiles, in the loop over tiles of queries.
"""

import re
import subprocess
import sys

example = subprocess.run(
    [sys.executable, "-m", "nsa_mlir.example", "--form=forward", "--heads=8", "--groups=2"]
    + ["--dk=64", "--dv=64", "--dtype=f32"],
    capture_output=True,
    text=True,
    check=True,
).stdout
command = [sys.argv[1], "-", "--nsa-to-cpu", "-o", "/dev/null"]
command.append("--mlir-print-ir-after=optimize-allocation-liveness")
done = subprocess.run(command, input=example, capture_output=True, text=True, check=True)

# Loops and conditions around each line, by indentation.
around: list[tuple[int, str]] = []
allocations: dict[str, int] = {}
for line in done.stderr.splitlines():
    indentation = len(line) - len(line.lstrip())
    while around and indentation <= around[-1][0]:
        around.pop()
    if "memref.alloc(" in line:
        place = " ".join(name for _, name in around)
        allocations[place] = allocations.get(place, 0) + 1
    found = re.search(r"scf\.(for|forall|if)\b", line)
    if found and line.rstrip().endswith("{"):
        around.append((indentation, found.group(1)))

print(allocations)
assert allocations.get("forall", 0) > 10, "the parallel loop has buffers"
deep = set(allocations) - {"", "forall", "forall for"}
assert not deep, f"allocations in {deep}"
assert allocations.get("forall for", 0) <= 4, "only the sorted lists"
