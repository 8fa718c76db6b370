# RUN: %python %s %nsa_opt %nsa_emulate %t
"""Kernels find elements beyond 2^31, which 32-bit offsets would not.

Tensors of more than 2^31 elements are address space without memory. Of the grid
only the last block runs, so the numbers of blocks, rows and elements are large
as well. What it reads was put there, what it writes is looked at, and the bytes
that it touches are counted; the emulator reports what is out of bounds.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

NSA_OPT, NSA_EMULATE, OUT = sys.argv[1:]
out = Path(OUT)
out.mkdir(parents=True, exist_ok=True)


def unescape(text):
    """The bytes of a string in MLIR's syntax, whose bitcode is all escapes."""
    raw = text.encode("utf-8", "surrogateescape")
    pattern = rb'\\(?:([0-9A-F]{2})|([\\"]))'
    return re.sub(pattern, lambda m: bytes([int(m[1], 16)]) if m[1] else m[2], raw)


LAUNCH = re.compile(
    r" *gpu.launch_func +@\S+::@(\S+) blocks in \((.*?)\) threads in \((.*?)\)"
    r"(?: +dynamic_shared_memory_size (%\S+))? +args\((.*)\)$"
)


class Kernel:
    """One kernel, and the call that the host makes."""

    def __init__(self, text, shapes, options=""):
        path = out / "f.mlir"
        path.write_text(text)
        command = [NSA_OPT, str(path), f"--nsa-to-ptx={options} format=llvm"]
        result = subprocess.run(
            [*command, "--mlir-print-ir-after=nsa-attach-gpu-targets"], check=True, capture_output=True
        )
        module = result.stdout.decode("utf-8", "surrogateescape")
        code = re.search(r'gpu\.binary @\S+ .*"((?:[^"\\]|\\.)*)">\]\n', module).group(1)
        self.path = out / "f.bc"
        self.path.write_bytes(unescape(code))
        host = result.stderr.decode()
        self.parse(host[host.index("func.func @f(") :], shapes)

    def source(self, name):
        """The buffer that a view is of; all of them show it as it is."""
        return self.sources.get(name, name)

    def parse(self, host, shapes):
        """Evaluates what the host computes from the shapes."""
        self.shapes = dict(shapes)
        values = {}

        def value(name):
            return values[name]

        self.name, self.shared, self.sources = None, 0, {}

        operations = {
            "muli": lambda a, b: a * b,
            "addi": lambda a, b: a + b,
            "subi": lambda a, b: a - b,
            "divui": lambda a, b: a // b,
            "maxsi": max,
            "minsi": min,
        }
        for line in host.splitlines():
            if m := re.match(r" *(%\S+) = arith.constant (-?\d+) : index", line):
                values[m[1]] = int(m[2])
            elif m := re.match(r" *(%[^, ]+),? .*= memref.extract_strided_metadata (%\S+) :", line):
                self.sources[m[1]] = self.source(m[2])
            elif m := re.match(r" *(%\S+) = memref.(?:reinterpret_)?cast (%\S+) ", line):
                self.sources[m[1]] = self.source(m[2])
            elif m := re.match(r" *(%\S+) = memref.dim (%\S+), (%\S+) :", line):
                values[m[1]] = self.shapes[self.source(m[2])][value(m[3])]
            elif m := re.match(r" *(%\S+) = arith.constant (-?\d+) : i32", line):
                values[m[1]] = int(m[2])
            elif m := re.match(r" *(%\S+) = arith.(\w+) (%\S+), (%\S+) : index", line):
                # Strides and addresses, which decide about alignment, are not known here.
                if m[3] in values and m[4] in values:
                    values[m[1]] = operations[m[2]](value(m[3]), value(m[4]))
            elif m := re.match(r" *(%\S+) = memref.alloc\((.*?)\).*: memref<(.*)x\w+>", line):
                sizes = iter([value(name) for name in m[2].split(", ") if name])
                self.shapes[m[1]] = [next(sizes) if s == "?" else int(s) for s in m[3].split("x")]
            elif m := LAUNCH.match(line):
                # What follows is the plain kernel of a choice, with the same names.
                self.name = m[1]
                self.grid = [value(v) for v in m[2].split(", ")]
                self.block = [value(v) for v in m[3].split(", ")]
                if m[4]:
                    self.shared = value(m[4])
                self.args = re.findall(r"(%\S+) : (index|memref<[^>]*?x(bf16|f32)\b[^()]*?>)(?=, %|$)", m[5])
                break
        self.value = value

    def run(self, contents, prints, block=None):
        """Runs the last block, or `block`; `contents` and `prints` by buffer: {index: value}, [index]."""
        command = [NSA_EMULATE, str(self.path), f"--kernel={self.name}", "--counters=json", "--host-threads=1"]
        command += ["--grid=" + ",".join(map(str, self.grid)), "--block=" + ",".join(map(str, self.block))]
        command.append(f"--blocks={self.grid[0] - 1 if block is None else block}:1")
        if self.shared:
            command.append(f"--shared={self.shared}")
        position, expected = 0, []
        for name, kind, element in self.args:
            name = self.source(name)
            if kind == "index":
                command.append(f"--arg=i64:{self.value(name)}")
                position += 1
                continue
            shape = self.shapes[name]
            strides = [1]
            for size in reversed(shape[1:]):
                strides.insert(0, strides[0] * size)
            values = ";".join(f"{i}@{v}" for i, v in contents.get(name, {}).items())
            command += ["--arg=null", f"--arg=sparse:{element}:{strides[0] * shape[0]}" + (values and ":at=" + values)]
            command += [f"--arg=i64:{v}" for v in [0, *shape, *strides]]
            for index in prints.get(name, []):
                command.append(f"--print={position + 1}:{index}:1")
                expected.append((name, index))
            position += 3 + 2 * len(shape)
        result = subprocess.run(command, capture_output=True, text=True)
        assert result.returncode == 0, (command, result.stderr)
        found = re.findall(r"^arg\d+: (\S+)$", result.stdout, re.MULTILINE)
        counters = json.loads(result.stdout.splitlines()[-1])
        assert len(found) == len(expected), result.stdout
        return dict(zip(expected, map(float, found))), counters


def check_gate(options, rows=1):
    """`rows` of a block."""
    # 2 * 300001 * 64 * 128 is 4.9e9.
    b, t = 2, 300001
    x, g = [b, t, 64, 128], [b, t, 64, 2]
    text = """!t = tensor<?x?x64x128xbf16>
func.func @f(%x: !t, %y: !t, %g: tensor<?x?x64x2xf32>) -> !t {
  %o = nsa.gate %x, %y gates(%g) : (!t, !t, tensor<?x?x64x2xf32>) -> !t
  return %o : !t
}
"""
    kernel = Kernel(text, {"%arg0": x, "%arg1": x, "%arg2": g}, options)
    row = b * t * 64 - 1
    first = row * 128
    assert first > 2**31
    output = next(name for name in kernel.shapes if name.startswith("%alloc"))
    contents = {
        "%arg0": {first: 1, first + 127: 3},
        "%arg1": {first + 1: 5, first + 127: 1},
        "%arg2": {row * 2: 2, row * 2 + 1: 0.5},
    }
    prints = {output: [first - 1, first, first + 1, first + 2, first + 127]}
    found, counters = kernel.run(contents, prints)
    assert list(found.values()) == [0, 2, 2.5, 0, 6.5], found
    assert counters["global_bytes_written_distinct"] == rows * 128 * 2, counters
    assert counters["global_bytes_read_distinct"] == rows * (2 * 128 * 2 + 2 * 4), counters


def check_window(options, queries=0):
    """`queries` of a tile of a kernel for tensor cores; 0 for the plain kernel."""
    # 2 * (2^24 + 65) * 2 heads * 64 are 4.3e9.
    b, t, heads, d = 2, 2**24 + 65, 2, 64
    text = """!t = tensor<?x?x2x64xbf16>
func.func @f(%q: !t, %k: !t, %v: !t) -> (!t, tensor<?x?x2xf32>) {
  %o, %l = nsa.window_attention %q, %k, %v {window = 3} : (!t, !t, !t) -> (!t, tensor<?x?x2xf32>)
  return %o, %l : !t, tensor<?x?x2xf32>
}
"""
    shape = [b, t, heads, d]
    kernel = Kernel(text, {f"%arg{i}": shape for i in range(3)}, options)

    def at(token, head, dim):
        return (((b - 1) * t + token) * heads + head) * d + dim

    last = t - 1
    assert at(last, 1, 0) > 2**31
    o = next(name for name, s in kernel.shapes.items() if name.startswith("%alloc") and len(s) == 4)
    lse = next(name for name, s in kernel.shapes.items() if name.startswith("%alloc") and len(s) == 3)
    contents = {
        # Head 1 of the last query looks at the key before its own; head 0 at all.
        "%arg0": {at(last, 1, 63): 8},
        "%arg1": {at(last - 1, 1, 63): 1000},
        "%arg2": {
            at(last - 1, 1, 1): 5,
            at(last, 1, 1): 100,
            at(last - 2, 0, 2): 3,
            at(last - 3, 0, 2): 100,
        },
    }
    row = at(last, 1, 0) // d
    prints = {o: [at(last, 1, 0), at(last, 1, 1), at(last, 0, 2), at(last, 0, 3)], lse: [row - 1, row]}
    # A tile kernel has a block for each head, and numbers the last queries first.
    tiles = -(-t // queries) if queries else 0
    block = kernel.grid[0] - tiles if queries else None
    values, counters = kernel.run(contents, prints, block)
    if queries:
        of_head_0, _ = kernel.run(contents, prints, kernel.grid[0] - 2 * tiles)
        for key in [(o, at(last, 0, 2)), (o, at(last, 0, 3)), (lse, row - 1)]:
            values[key] = of_head_0[key]
    assert values[(o, at(last, 1, 0))] == 0 and values[(o, at(last, 1, 1))] == 5, values
    assert values[(o, at(last, 0, 2))] == 1 and values[(o, at(last, 0, 3))] == 0, values
    # log(3), and 8 * 1000 / sqrt(64).
    assert abs(values[(lse, row - 1)] - 1.0986) < 1e-3, values
    assert abs(values[(lse, row)] - 1000) < 1e-2, values
    # The block's rows of 64 and their lse.
    rows = t % queries if queries else 4
    assert counters["global_bytes_written_distinct"] == rows * (64 * 2 + 4), counters
    assert (counters["mma"] > 0) == (queries > 0), counters


plain = "tensor-cores=0"
tile = "family=dense queries=16 row-warps=1 key-warps=1 keys=32 stages=2"
for options in ("", "strided-inputs=true"):
    check_gate(f"{options} {plain}")
    check_window(f"{options} {plain}")
    check_gate(options, rows=8)
    check_window(f"{options} {tile}", queries=16)
print("elements beyond 2^31 are found")
