# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Puts libNSACAPI.so into the package, beside nsa_mlir.compiler, if it is built.

It is the file that NSA_MLIR_LIBRARY names, or build/lib/libNSACAPI.so of this
checkout. The wheel is then one for this machine's kind (any Python), and needs
Debian's libmlir-22 where it is installed. Without the library the wheel is pure
Python, and nsa_mlir.compiler says where it looked. The rest is in pyproject.toml.
"""

import os
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.dist import Distribution

try:
    from setuptools.command.bdist_wheel import bdist_wheel
except ImportError:  # Before setuptools 70.1 it is the package wheel's.
    try:
        from wheel.bdist_wheel import bdist_wheel
    except ImportError:
        bdist_wheel = None


def find_library():
    named = os.environ.get("NSA_MLIR_LIBRARY")
    default = Path(__file__).resolve().parents[1] / "build" / "lib" / "libNSACAPI.so"
    path = Path(named) if named else default
    if path.is_file():
        return path
    if named:
        sys.exit(f"NSA_MLIR_LIBRARY={named}: there is no such file")
    return None


LIBRARY = find_library()


class BuildPy(build_py):
    def run(self):
        super().run()
        if LIBRARY is not None:
            package = Path(self.build_lib) / "nsa_mlir"
            package.mkdir(parents=True, exist_ok=True)
            self.copy_file(str(LIBRARY), str(package / "libNSACAPI.so"))


class MaybeBinary(Distribution):
    def has_ext_modules(self):
        return LIBRARY is not None


commands = {"build_py": BuildPy}
if bdist_wheel is not None:

    class AnyPython(bdist_wheel):
        def get_tag(self):
            tag = super().get_tag()
            return tag if LIBRARY is None else ("py3", "none", tag[2])

    commands["bdist_wheel"] = AnyPython

setup(cmdclass=commands, distclass=MaybeBinary)
