"""Breaks a good bundle in one way at a time, and compares the whole error."""

import copy
import json
import pathlib
import shutil
import subprocess
import sys

runner, good, broken = sys.argv[1:]
manifest = json.loads(pathlib.Path(good, "manifest.json").read_text())
TYPES = "i1, i8, i16, i32, i64, f16, bf16, f32, f64"
BIG = 9223372036854775807

# A path to what is changed, the new value (DELETE: none), and the error.
DELETE = object()
STEP = "targets[0].steps"
CASES = [
    ("format", "zip", "format: is 'zip', where 'nsa-bundle' is wanted"),
    ("format", 1, "format: is 1, where a string is wanted"),
    ("format", DELETE, "the key 'format' is missing"),
    (
        "version",
        2,
        "version: is 2, and this program reads version 1 only: write the bundle anew",
    ),
    ("version", 1.5, "version: is 1.5, where an integer from 0 to 2147483647 is wanted"),
    (
        "kernels",
        [],
        "kernels: is an unknown key; known are format, version, producer, buffers, targets",
    ),
    ("producer", DELETE, "the key 'producer' is missing"),
    ("buffers", {}, "buffers: is {}, where an array is wanted"),
    ("buffers[0]", "x", 'buffers[0]: is "x", where an object is wanted'),
    (
        "buffers[0].name",
        "../x",
        "buffers[0].name: '../x' is no name; names have letters, digits, '_', '-' and '.', "
        "which is not the first",
    ),
    (
        "buffers[0].name",
        "x" * 201,
        f"buffers[0].name: '{'x' * 201}' has 201 characters; names have at most 200",
    ),
    ("buffers[1].name", "x", "buffers[1].name: another buffer is named 'x', too"),
    (
        "buffers[0].role",
        "constant",
        "buffers[0].role: is 'constant', where 'input', 'output' or 'temporary' is wanted",
    ),
    ("buffers[0].dtype", "f8", f"buffers[0].dtype: 'f8' is no type of elements; there are {TYPES}"),
    ("buffers[0].dtype", DELETE, "buffers[0]: the key 'dtype' is missing"),
    (
        "buffers[0].shape[0]",
        -1,
        f"buffers[0].shape[0]: is -1, where an integer from 0 to {BIG} is wanted",
    ),
    ("buffers[0].shape", [6], "buffers[0].bytes: is 20, but 6xf32 has 24 bytes"),
    (
        "buffers[0].shape",
        [1 << 40, 1 << 40],
        "buffers[0].bytes: is 20, but 1099511627776x1099511627776xf32 has more than 2^63 bytes",
    ),
    (
        "buffers[0].file",
        "/etc/passwd",
        "buffers[0].file: '/etc/passwd' is no relative path inside of the bundle",
    ),
    (
        "buffers[0].file",
        "inputs/../../x",
        "buffers[0].file: 'inputs/../../x' is no relative path inside of the bundle",
    ),
    ("buffers[0].file", "no.npy", f"buffers[0].file: there is no file {broken}/no.npy"),
    ("buffers[0].file", DELETE, "buffers[0]: the key 'file' is missing"),
    ("buffers[2].file", "y", "buffers[2].file: only an input has a file, and this is an output"),
    ("buffers[4].file", "y", "buffers[4].file: only an input has a file, and this is a temporary"),
    ("targets", [], "targets: there is no target"),
    ("targets[0].chip", "gfx90a", "targets[0].chip: 'gfx90a' is no chip like 'sm_80' or 'sm_90a'"),
    ("targets[1]", manifest["targets"][0], "targets[1].chip: another target is for 'sm_80', too"),
    (
        "targets[0].images[1]",
        {"name": "main", "file": "m"},
        "targets[0].images[1].name: another image is named 'main', too",
    ),
    (
        "targets[0].images[0].file",
        "sm_80/m.ptx",
        f"targets[0].images[0].file: there is no file {broken}/sm_80/m.ptx",
    ),
    (STEP, [], f"{STEP}: there is no step"),
    (f"{STEP}[0]", 5, f"{STEP}[0]: is 5, where an object is wanted"),
    (
        f"{STEP}[0].kind",
        "wait",
        f"{STEP}[0].kind: is 'wait', where 'launch', 'copy' or 'fill' is wanted",
    ),
    (
        f"{STEP}[0].byte",
        256,
        f"{STEP}[0].byte: is 256, where an integer from 0 to 255 is wanted",
    ),
    (f"{STEP}[0].bytes", 65, f"{STEP}[0].to: 65 bytes at offset 0 exceed the 64 bytes of 'scratch'"),
    (f"{STEP}[0].to.buffer", "x", f"{STEP}[0].to: 64 bytes at offset 0 exceed the 20 bytes of 'x'"),
    (
        f"{STEP}[0].to.offset",
        65,
        f"{STEP}[0].to.offset: is 65, where an integer from 0 to 64 is wanted",
    ),
    (
        f"{STEP}[0].count",
        1,
        f"{STEP}[0].count: is an unknown key; known are kind, to, bytes, byte",
    ),
    (f"{STEP}[1].to.buffer", "x", f"{STEP}[1].to: 'x' is an input, which must stay as it is"),
    (
        f"{STEP}[1].from.buffer",
        "y_out",
        f"{STEP}[1]: source and target overlap in 'y_out'",
    ),
    (
        f"{STEP}[1].from.buffer",
        "z",
        f"{STEP}[1].from.buffer: there is no buffer 'z'; there are: x, y, y_out, sum, scratch",
    ),
    (f"{STEP}[2].image", "m", f"{STEP}[2].image: the target has no image 'm'; it has: main"),
    (f"{STEP}[2].kernel", "", f"{STEP}[2].kernel: must not be empty"),
    (f"{STEP}[2].kernel", DELETE, f"{STEP}[2]: the key 'kernel' is missing"),
    (f"{STEP}[2].grid", [1, 1], f"{STEP}[2].grid: has 2 numbers, where 3 are wanted"),
    (f"{STEP}[2].block[1]", 0, f"{STEP}[2].block[1]: must not be 0"),
    (
        f"{STEP}[2].grid[0]",
        4294967296,
        f"{STEP}[2].grid[0]: is 4294967296, where an integer from 0 to 2147483647 is wanted",
    ),
    (
        f"{STEP}[2].dynamic_shared_bytes",
        "all",
        f'{STEP}[2].dynamic_shared_bytes: is "all", where an integer from 0 to 2147483647 is wanted',
    ),
    (f"{STEP}[2].args[0]", [], f"{STEP}[2].args[0]: is [], where an object is wanted"),
    (
        f"{STEP}[2].args[1]",
        {"pointer": "x"},
        f"{STEP}[2].args[1].pointer: is an unknown key; known are buffer, offset",
    ),
    (
        f"{STEP}[2].args[0].scalar",
        "f8",
        f"{STEP}[2].args[0].scalar: 'f8' is no type; there are {TYPES}",
    ),
    (
        f"{STEP}[2].args[0].value",
        None,
        f"{STEP}[2].args[0].value: is null, where a value of type f32, or its bits as \"0x...\", "
        "is wanted",
    ),
    (
        f"{STEP}[2].args[0].value",
        "0x123456789",
        f'{STEP}[2].args[0].value: is "0x123456789", where a value of type f32, or its bits as '
        '"0x...", is wanted',
    ),
    (
        f"{STEP}[2].args[3].value",
        -2147483649,
        f"{STEP}[2].args[3].value: is -2147483649, where a value of type i32, or its bits as "
        '"0x...", is wanted',
    ),
    (
        f"{STEP}[2].args[3].value",
        1.5,
        f"{STEP}[2].args[3].value: is 1.5, where a value of type i32, or its bits as "
        '"0x...", is wanted',
    ),
    (f"{STEP}[3]", DELETE, f"{STEP}: no step names the output 'sum'"),
]

# Texts that are no JSON at all, or ambiguous.
TEXTS = [
    (
        "",
        "parse error at line 1, column 1: syntax error while parsing value - unexpected end of "
        "input; expected '[', '{', or a literal",
    ),
    (
        '{"format":\n  nsa}',
        "parse error at line 2, column 4: syntax error while parsing value - invalid literal; "
        "last read: '\"format\":<U+000A>  ns'",
    ),
    ("[]", "is [], where an object is wanted"),
    ('{"format": "nsa-bundle", "format": "x"}', "an object has the key 'format' twice"),
]


def change(root, path, value):
    """Sets what a path like "a[0].b" leads to."""
    keys = path.replace("[", ".").replace("]", "").split(".")
    keys = [int(key) if key.isdigit() else key for key in keys]
    for key in keys[:-1]:
        root = root[key]
    if value is DELETE:
        del root[keys[-1]]
    elif isinstance(root, list) and keys[-1] == len(root):
        root.append(value)
    else:
        root[keys[-1]] = value


def check(text, expected, where):
    pathlib.Path(broken, "manifest.json").write_text(text)
    result = subprocess.run([runner, "--check", broken], capture_output=True, text=True)
    expected = f"nsa-run-bundle: error: {broken}/manifest.json: {expected}\n"
    if (result.returncode, result.stdout, result.stderr) != (1, "", expected):
        print(f"{where}: status {result.returncode}\n{result.stdout}  {result.stderr}  {expected}")
        return 1
    return 0


shutil.copytree(good, broken)
failures = 0
for path, value, expected in CASES:
    changed = copy.deepcopy(manifest)
    change(changed, path, value)
    failures += check(json.dumps(changed), expected, path)
for text, expected in TEXTS:
    failures += check(text, expected, repr(text))
# A file that is not what the manifest says.
pathlib.Path(broken, "manifest.json").write_text(json.dumps(manifest))
pathlib.Path(broken, "inputs/x.npy").write_bytes(b"short")
result = subprocess.run([runner, "--check", broken], capture_output=True, text=True)
if result.stderr != f"nsa-run-bundle: error: {broken}/inputs/x.npy: is no .npy file\n":
    print(result.stderr)
    failures += 1
print(f"{len(CASES) + len(TEXTS) + 1} cases, {failures} failures")
sys.exit(failures != 0)
