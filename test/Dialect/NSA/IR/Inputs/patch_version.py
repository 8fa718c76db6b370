"""Changes the version of the dialect in a bytecode file: patch_version.py IN OUT BYTES.

BYTES, in hexadecimal, replace the byte that has version 1. Also checks that the
file has a version, and which.
"""

import sys

DIALECT_SECTION, DIALECT_VERSIONS_SECTION = 1, 7


def read_varint(data, at):
    """A number of MLIR's bytecode of at most 56 bits, and where it ends."""
    first = data[at]
    length = (first & -first).bit_length()
    return int.from_bytes(data[at : at + length], "little") >> length, at + length


def find_dialect_section(data):
    """Begin and end of the section with the names of dialects."""
    assert data[:4] == b"ML\xefR", "not bytecode"
    _, at = read_varint(data, 4)
    at = data.index(b"\0", at) + 1  # The producer.
    while data[at] & 0x7F != DIALECT_SECTION:
        assert not data[at] & 0x80, "an aligned section"
        length, at = read_varint(data, at + 1)
        at += length
    length, at = read_varint(data, at + 1)
    return at, at + length


def main(source, target, patch):
    with open(source, "rb") as file:
        data = file.read()
    begin, end = find_dialect_section(data)
    # The section of a version: its number, its length 1, version 1.
    pattern = bytes([DIALECT_VERSIONS_SECTION, 0x03, 0x03])
    assert data.count(pattern, begin, end) == 1, "no version 1, or several"
    at = data.index(pattern, begin, end) + 2
    with open(target, "wb") as file:
        file.write(data[:at] + bytes.fromhex(patch) + data[at + 1 :])


if __name__ == "__main__":
    main(*sys.argv[1:])
