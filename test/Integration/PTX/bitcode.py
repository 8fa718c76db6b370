# RUN: %python %s %nsa_opt %llvm_tools_dir/llc %nsa_source_dir %t
"""What the emulator runs is what becomes PTX.

`format=llvm` is the bitcode from which `format=isa` is made: LLVM's llc turns the
one into the other, to the letter.
"""

import re
import subprocess
import sys
from pathlib import Path

NSA_OPT, LLC, SOURCE, OUT = sys.argv[1:]
TARGETS = [("sm_80", "+ptx80", 3), ("sm_90a", "+ptx86", 3), ("sm_80", "+ptx80", 1)]
FILES = [
    "test/Integration/Emulator/Inputs/programs.mlir",
    "docs/examples/nsa_decode.mlir",
    "docs/examples/infllm_v2.mlir",
    "docs/examples/window_sink.mlir",
]


def unescape(text):
    """The bytes of a string in MLIR's syntax."""
    out = bytearray()
    raw = text.encode("utf-8", "surrogateescape")
    i = 0
    while i < len(raw):
        if raw[i : i + 1] != b"\\":
            out.append(raw[i])
            i += 1
        elif raw[i + 1 : i + 2] in (b"\\", b'"'):
            out.append(raw[i + 1])
            i += 2
        else:
            out.append(int(raw[i + 1 : i + 3], 16))
            i += 3
    return bytes(out)


def compile_objects(path, chip, features, level, kind):
    """The object of each gpu.binary, by name."""
    options = f"--nsa-to-ptx=chip={chip} features={features} opt-level={level} format={kind}"
    result = subprocess.run([NSA_OPT, str(path), options], check=True, capture_output=True)
    text = result.stdout.decode("utf-8", "surrogateescape")
    objects = {}
    for name, rest in re.findall(r"gpu\.binary @(\S+) +\[(.*)\]\n", text):
        # The last string of the line; quotes in it are escaped.
        objects[name] = unescape(re.search(r'"((?:[^"\\]|\\.)*)">$', rest).group(1))
    return objects


out = Path(OUT)
out.mkdir(parents=True, exist_ok=True)
compared = 0
for file in FILES:
    for chip, features, level in TARGETS:
        ptx = compile_objects(Path(SOURCE) / file, chip, features, level, "isa")
        bitcode = compile_objects(Path(SOURCE) / file, chip, features, level, "llvm")
        assert ptx and ptx.keys() == bitcode.keys(), file
        for name, code in bitcode.items():
            assert code.startswith(b"BC\xc0\xde"), name
            (out / "kernels.bc").write_bytes(code)
            command = [LLC, f"-O{level}", f"-mcpu={chip}", f"-mattr={features}", "--asm-verbose=false"]
            command += [str(out / "kernels.bc"), "-o", "-"]
            again = subprocess.run(command, check=True, capture_output=True).stdout
            if again != ptx[name].rstrip(b"\0"):
                (out / "pipeline.ptx").write_bytes(ptx[name])
                (out / "llc.ptx").write_bytes(again)
                sys.exit(f"{file}: @{name} for {chip} -O{level}: {out}/pipeline.ptx and llc.ptx differ")
            compared += 1
print(compared, "modules are equal")
