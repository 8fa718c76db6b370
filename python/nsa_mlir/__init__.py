# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Native Sparse Attention in MLIR: compiler, reference, example generator, test suite.

Importing the package imports nothing else; see the modules
``nsa_mlir.compiler`` (standard library and libNSACAPI.so),
``nsa_mlir.reference`` (numpy), ``nsa_mlir.compare`` (numpy),
``nsa_mlir.example`` (standard library alone) and ``nsa_mlir.testing``
(numpy, ml_dtypes, hypothesis).
"""

__version__ = "0.1.0"
