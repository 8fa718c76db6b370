# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Times of the compiled code, side by side in one run: ``python -m nsa_mlir.bench``."""
