# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The numerics suite: every op on real inputs against the float64 reference.

``python -m nsa_mlir.testing --help`` runs it. A *case* (``case``) is one
function with one configuration; ``mlir`` writes it down, ``operands`` makes its
inputs, a *backend* (``backends``) computes its results, and ``judge`` compares
them with the reference. ``cases`` lists the named cases, ``strategies`` draws
random ones, and ``kernels`` is an independent float32 implementation that
stands in for the compiler when the suite itself is tested.
"""
