# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The generated part of a page, and files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from nsa_mlir.bench.errors import BenchError

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


def replaced(page: str, part: str, name: str) -> str:
    """The page with another generated part; raises ``BenchError`` if it has no place for it."""
    if page.count(BEGIN) != 1 or page.count(END) != 1 or page.index(BEGIN) > page.index(END):
        raise BenchError(f"{name}: wants one line '{BEGIN}' and, behind it, one line '{END}'", 2)
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n{part.rstrip()}\n{END}{rest.partition(END)[2]}"


def read_page(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BenchError(f"cannot read {path}: {error.strerror}", 2) from error


def check_directory(path: Path) -> None:
    """Raises ``BenchError`` if no file can be made there."""
    if not os.access(path.parent, os.W_OK):
        raise BenchError(f"cannot write {path}: {path.parent} is no directory to write in", 2)


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Lets ``write`` make the file under another name, then renames it."""
    try:
        handle, name = tempfile.mkstemp(path.suffix, ".", path.parent)
        os.close(handle)
    except OSError as error:
        raise BenchError(f"cannot write {path}: {error.strerror}") from error
    made = Path(name)
    try:
        write(made)
        made.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
        made.replace(path)
    except OSError as error:
        raise BenchError(f"cannot write {path}: {error.strerror}") from error
    finally:
        made.unlink(missing_ok=True)
