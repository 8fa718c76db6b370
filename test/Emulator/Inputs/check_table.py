"""Runs the instructions of a table in the emulator and compares with its literals.

A row is `name type value, ... -> type value, ...`; `#` begins a comment. Values are
bits (0x...) or numbers; types i1 i16 i32 i64 f16 bf16 f32 f64 v2f16 v2bf16. The name
is an intrinsic's, a function's or, in quotes, inline PTX. Expected values may be
`nan`. All rows run in one kernel, in one thread, with optimisation of operands
prevented by loading them.
"""

import struct
import subprocess
import sys

table, tool, stem = sys.argv[1:]
LLVM = {"f16": "half", "bf16": "bfloat", "f32": "float", "f64": "double"}
LLVM.update({"v2f16": "<2 x half>", "v2bf16": "<2 x bfloat>"})
CONSTRAINT = {"i16": "h", "i32": "r", "i64": "l", "f16": "h", "f32": "f", "f64": "d"}
CONSTRAINT.update({"v2f16": "r", "v2bf16": "r"})
BITS = {"i1": 1, "i16": 16, "i32": 32, "i64": 64, "f16": 16, "bf16": 16, "f32": 32, "f64": 64}
BITS.update({"v2f16": 32, "v2bf16": 32})


def encode(kind, text):
    if text.startswith("0x"):
        return int(text, 16)
    if kind == "f32":
        return struct.unpack("<I", struct.pack("<f", float(text)))[0]
    if kind == "f64":
        return struct.unpack("<Q", struct.pack("<d", float(text)))[0]
    return int(text) & ((1 << BITS[kind]) - 1)


def is_nan(kind, bits):
    width, exponent = {"f32": (23, 8), "f64": (52, 11), "f16": (10, 5), "bf16": (7, 8)}[kind]
    return (bits >> width) % (1 << exponent) == (1 << exponent) - 1 and bits % (1 << width) != 0


def split(text):
    return [tuple(field.split()) for field in text.split(",") if field.strip()]


rows = []
for number, line in enumerate(open(table), 1):
    line = line.split("#")[0].strip()
    if "->" not in line:
        continue
    if line.startswith('"'):
        name, line = line[1:].split('"')
    else:
        name, line = line.split(None, 1)
    before, after = line.split("->")
    rows.append((number, name, split(before), split(after)))

body, declared, inputs, outputs = [], {}, [], []
for row, (_, name, operands, results) in enumerate(rows):
    arguments = []
    for kind, text in operands:
        bits, slot = BITS[kind], len(inputs)
        inputs.append(encode(kind, text))
        body.append(f"  %p{slot} = getelementptr i64, ptr addrspace(1) %in, i32 {slot}")
        body.append(f"  %w{slot} = load i64, ptr addrspace(1) %p{slot}")
        trunc = "" if bits == 64 else f"trunc i64 %w{slot} to i{bits}"
        body.append(f"  %b{slot} = {trunc or f'or i64 %w{slot}, 0'}")
        if kind in LLVM:
            body.append(f"  %a{slot} = bitcast i{bits} %b{slot} to {LLVM[kind]}")
        arguments.append((LLVM.get(kind, kind), f"%{'a' if kind in LLVM else 'b'}{slot}"))
    types = [LLVM.get(kind, kind) for kind, _ in results]
    result = types[0] if len(types) == 1 else "{ " + ", ".join(types) + " }"
    if name.startswith("llvm.") or " " not in name:
        callee = f"@{name}"
        declared[name] = f"declare {result} @{name}({', '.join(t for t, _ in arguments)})"
    else:
        codes = ["=" + CONSTRAINT[k] for k, _ in results] + [CONSTRAINT[k] for k, _ in operands]
        callee = f'asm "{name}", "{",".join(codes)}"'
    body.append(f"  %r{row} = call {result} {callee}({', '.join(f'{t} {v}' for t, v in arguments)})")
    for i, (kind, text) in enumerate(results):
        slot, bits, value = len(outputs), BITS[kind], f"%r{row}"
        outputs.append((row, kind, text))
        if len(results) > 1:
            body.append(f"  %e{slot} = extractvalue {result} %r{row}, {i}")
            value = f"%e{slot}"
        body.append(f"  %c{slot} = bitcast {types[i]} {value} to i{bits}")
        extend = f"or i64 %c{slot}, 0" if bits == 64 else f"zext i{bits} %c{slot} to i64"
        body.append(f"  %z{slot} = {extend}")
        body.append(f"  %q{slot} = getelementptr i64, ptr addrspace(1) %out, i32 {slot}")
        body.append(f"  store i64 %z{slot}, ptr addrspace(1) %q{slot}")

with open(f"{stem}.ll", "w") as ir:
    ir.write('target triple = "nvptx64-nvidia-cuda"\n' + "\n".join(declared.values()) + "\n")
    ir.write("define ptx_kernel void @table(ptr addrspace(1) %in, ptr addrspace(1) %out) {\n")
    ir.write("\n".join(body) + "\n  ret void\n}\n")
with open(f"{stem}.in", "wb") as file:
    file.write(struct.pack(f"<{len(inputs)}Q", *inputs))
subprocess.run(
    [
        tool,
        f"{stem}.ll",
        f"--arg=in:i64:{len(inputs)}:file={stem}.in",
        f"--arg=out:i64:{len(outputs)}",
        f"--dump=1:{stem}.out",
    ],
    check=True,
)
actual = struct.unpack(f"<{len(outputs)}Q", open(f"{stem}.out", "rb").read())
failed = False
for (row, kind, text), bits in zip(outputs, actual):
    good = is_nan(kind, bits) if text == "nan" else bits == encode(kind, text)
    if not good:
        number, name, operands, _ = rows[row]
        values = ", ".join(" ".join(operand) for operand in operands)
        print(f"{table}:{number}: {name} {values} gives 0x{bits:x}, not {text}")
        failed = True
print(f"{len(rows)} rows")
sys.exit(failed)
