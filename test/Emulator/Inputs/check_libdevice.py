"""Links libdevice, optimises, runs its functions and compares with Python's own.

CUDA's documentation allows single-precision functions up to 8 units in the last
place (powf), double-precision ones up to 5 (pow is 2, erfc 5).
"""

import array
import math
import subprocess
import sys

libdevice, llvm, tool, stem = sys.argv[1:]


def cbrt(x):
    return math.copysign(abs(x) ** (1 / 3), x)


# Name without suffix, Python's function, values.
ALL = [-88.5, -3.25, -1.0, -0.3, 0.0, 1e-3, 0.25, 0.7, 1.0, 2.5, 10.0, 80.0]
POSITIVE = [1e-30, 1e-3, 0.25, 0.7, 1.0, 1.01, 2.5, 10.0, 80.0, 1e10, 3e20, 1e30]
UNIT = [-1.0, -0.99, -0.6, -0.3, -1e-3, 0.0, 1e-3, 0.25, 0.5, 0.7, 0.99, 1.0]
# Large ones take the slow path of the reduction by pi.
ANGLES = [-1e9, -1e6, -88.5, -3.25, -1.0, 0.0, 0.25, 0.7, 3.0, 80.0, 2e5, 1e10]
UNARY = [
    ("exp", math.exp, ALL),
    ("exp2", lambda x: 2.0**x, ALL),
    ("expm1", math.expm1, ALL),
    ("log", math.log, POSITIVE),
    ("log2", math.log2, POSITIVE),
    ("log10", math.log10, POSITIVE),
    ("log1p", math.log1p, POSITIVE),
    ("erf", math.erf, ALL),
    ("erfc", math.erfc, [x for x in ALL if x < 9] + [5.0, 8.0]),
    ("tanh", math.tanh, ALL),
    ("sinh", math.sinh, ALL),
    ("cosh", math.cosh, ALL),
    ("asinh", math.asinh, ALL),
    ("acosh", math.acosh, [1 + x for x in POSITIVE]),
    ("atanh", math.atanh, UNIT[1:-1]),
    ("sin", math.sin, ANGLES),
    ("cos", math.cos, ANGLES),
    ("tan", math.tan, ANGLES),
    ("asin", math.asin, UNIT),
    ("acos", math.acos, UNIT),
    ("atan", math.atan, ALL),
    ("sqrt", math.sqrt, POSITIVE),
    ("rsqrt", lambda x: 1 / math.sqrt(x), POSITIVE),
    ("cbrt", cbrt, ALL),
    ("floor", math.floor, ALL),
    ("ceil", math.ceil, ALL),
    ("rint", round, ALL),
    ("round", lambda x: math.copysign(math.floor(abs(x) + 0.5), x), ALL),
    ("fabs", abs, ALL),
]
BINARY = [
    ("pow", lambda x, y: x**y, [1e-3, 0.25, 0.7, 1.0, 2.5, 10.0], [-3.5, -1.0, 0.0, 0.5, 2.0, 7.25]),
    ("atan2", math.atan2, ALL, list(reversed(ALL))),
    ("fmod", math.fmod, ALL, [2.5, 0.7, 3.0, 80.0] * 3),
]


def rounded(values, code):
    return list(array.array(code, values))


def run(suffix, kind, code, digits, limit):
    rows, inputs = [], [[], []]
    body = []
    for name, function, *operands in UNARY + BINARY:
        operands = [rounded(values, code) for values in operands]
        for values in zip(*operands):
            index = len(rows)
            rows.append((f"__nv_{name}{suffix}", values, function(*values)))
            arguments = []
            for i in range(2):
                inputs[i].append(values[i] if i < len(values) else 0.0)
            for i in range(len(values)):
                body.append(f"  %p{i}_{index} = getelementptr {kind}, ptr addrspace(1) %in{i}, i32 {index}")
                body.append(f"  %x{i}_{index} = load {kind}, ptr addrspace(1) %p{i}_{index}")
                arguments.append(f"{kind} %x{i}_{index}")
            body.append(f"  %r{index} = call {kind} @__nv_{name}{suffix}({', '.join(arguments)})")
            body.append(f"  %q{index} = getelementptr {kind}, ptr addrspace(1) %out, i32 {index}")
            body.append(f"  store {kind} %r{index}, ptr addrspace(1) %q{index}")
    path = stem + (suffix or "d")
    with open(path + ".ll", "w") as ir:
        ir.write('target triple = "nvptx64-nvidia-cuda"\n')
        for name, _, *operands in UNARY + BINARY:
            ir.write(f"declare {kind} @__nv_{name}{suffix}({', '.join([kind] * len(operands))})\n")
        ir.write("define ptx_kernel void @all(ptr addrspace(1) %in0, ptr addrspace(1) %in1, ")
        ir.write("ptr addrspace(1) %out) {\n" + "\n".join(body) + "\n  ret void\n}\n")
        ir.write('!llvm.module.flags = !{!0}\n!0 = !{i32 4, !"nvvm-reflect-ftz", i32 0}\n')
    for i in range(2):
        with open(f"{path}.in{i}", "wb") as file:
            array.array(code, inputs[i]).tofile(file)

    def check(*command):
        subprocess.run(command, check=True)

    check(f"{llvm}/llvm-link", "--internalize", "--only-needed", path + ".ll", libdevice, "-o", path + ".bc")
    check(f"{llvm}/opt", "-O3", "-mcpu=sm_90", path + ".bc", "-o", path + ".opt.bc")
    number = {"f": "f32", "": "f64"}[suffix]
    check(
        tool,
        path + ".opt.bc",
        *(f"--arg=in:{number}:{len(rows)}:file={path}.in{i}" for i in range(2)),
        f"--arg=out:{number}:{len(rows)}",
        f"--dump=2:{path}.out",
    )
    actual = array.array(code)
    with open(path + ".out", "rb") as file:
        actual.fromfile(file, len(rows))
    worst = {}
    for (name, values, expected), result in zip(rows, actual):
        ulp = 2.0 ** (max(math.frexp(expected)[1], -120) - digits)
        error = abs(result - expected) / ulp
        worst[name] = max(worst.get(name, (0,)), (error, values, result, expected))
    bad = {name: entry for name, entry in worst.items() if not entry[0] <= limit}
    for name, (error, values, result, expected) in bad.items():
        print(f"{name}{values} = {result}, not {expected}: {error:.1f} units in the last place")
    print(f"{len(rows)} values, {len(worst)} functions")
    return not bad


good = run("f", "float", "f", 24, 8)
good = run("", "double", "d", 53, 6) and good
sys.exit(not good)
