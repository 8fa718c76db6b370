# RUN: %python %s
# REQUIRES: numpy, ml_dtypes
"""Planted errors: each kind must be caught by the comparison.

Right results come from the float32 stand-in; one error is planted in them, in
every element type, and the judge must refuse them with a message that names the
op and the place. A norm over the whole tensor would let most of these pass.
"""

import functools
import unittest
from collections.abc import Callable
from typing import Any

import numpy as np

from nsa_mlir import compare
from nsa_mlir.testing.backends import Numpy
from nsa_mlir.testing.case import DTYPES, Case
from nsa_mlir.testing.judge import judge
from nsa_mlir.testing.operands import make_operands

Array = np.ndarray[Any, Any]
Results = dict[str, Array]
FLOATS = ("f32", "f16", "bf16")

ATTENTION = ("compressed_attention", "selected_attention", "window_attention")


@functools.cache
def computed(case: Case) -> tuple[dict[str, Any], Results]:
    operands = make_operands(case)
    results = Numpy().run(case, operands)
    judge(case, operands, results)  # right before anything is planted
    return operands, results


class Planted(unittest.TestCase):
    def results(self, case: Case) -> tuple[dict[str, Any], Results]:
        operands, results = computed(case)
        return operands, {name: value.copy() for name, value in results.items()}

    def caught(self, case: Case, plant: Callable[[Results], None], message: str) -> None:
        operands, results = self.results(case)
        plant(results)
        with self.subTest(case.describe()), self.assertRaisesRegex(compare.Mismatch, message):
            judge(case, operands, results)

    def computed_otherwise(self, case: Case, message: str, **changes: Any) -> None:
        """The results of a slightly different op, on the same operands."""
        operands, _ = self.results(case)
        results = Numpy().run(case.but(**changes), operands)
        with self.subTest(f"{case.describe()} {changes}"):
            self.assertRaisesRegex(compare.Mismatch, message, judge, case, operands, results)

    # --- o and lse ------------------------------------------------------------

    def test_window_off_by_one(self) -> None:
        for dtype in FLOATS:
            for causal in (True, False):
                for window in (39, 41):
                    case = Case("window_attention", dtype=dtype, window=40, causal=causal)
                    self.computed_otherwise(case, "window_attention (o|lse).*row", window=window)
        # The same where only o is returned and 40 of 150 keys are seen.
        for dtype in FLOATS:
            case = Case("attention", dtype=dtype, window=40)
            self.computed_otherwise(case, "attention o.*row", window=41)

    def test_one_leaked_future_key(self) -> None:
        for dtype in FLOATS:
            for op in ATTENTION:
                case = Case(op, dtype=dtype, window=1000, top_n=40)
                operands, results = self.results(case)
                late = case.but(q_offset=1)
                leaked = Numpy().run(late, operands | {"q_offset": 1})
                # In one row alone; a compressed block completes there.
                row = 100 - (100 - 6) % 4
                for which in ("o", "lse"):
                    wrong = dict(results)
                    wrong[which] = results[which].copy()
                    wrong[which][0, row, 1] = leaked[which][0, row, 1]
                    with self.subTest(f"{op} {dtype} {which}"):
                        expected = rf"{op} {which}.*row \(b=0, t={row}, h=1\).*allowed"
                        self.assertRaisesRegex(
                            compare.Mismatch, expected, judge, case, operands, wrong
                        )

    def test_one_zeroed_row(self) -> None:
        def zero(results: Results) -> None:
            results["o"][0, 77, 2] = 0

        for dtype in FLOATS:
            for op in (*ATTENTION, "gate", "merge", "attention", "attention_aux", "branches"):
                case = Case(op, dtype=dtype)
                self.caught(case, zero, r"o \(\w+\).*\(b=0, t=77, h=2\)")

    def test_one_nan(self) -> None:
        def plant(name: str) -> Callable[[Results], None]:
            def nan(results: Results) -> None:
                results[name][0, 5, 1, 3] = np.nan

            return nan

        for dtype in FLOATS:
            for op in (*ATTENTION, "gate", "merge", "attention"):
                case = Case(op, dtype=dtype)
                self.caught(case, plant("o"), r"row \(b=0, t=5, h=1, e=3\) is NaN")
            self.caught(Case("compress", dtype=dtype), plant("c"), "compress c: .* is NaN")
            self.caught(Case("block_scores", dtype=dtype), plant("p"), "block_scores p: .* is NaN")

    def test_nan_is_reported_before_anything_else(self) -> None:
        def plant(results: Results) -> None:
            results["o"][0, 0] = 100
            results["o"][0, 9, 0, 0] = np.nan
            results["o"][0, 3, 0, 0] = np.inf

        self.caught(Case("window_attention"), plant, "t=9, h=0, e=0. is NaN")

    def test_one_infinity(self) -> None:
        def plant(results: Results) -> None:
            results["o"][0, 5, 1, 3] = -np.inf

        for dtype in FLOATS:
            for op in (*ATTENTION, "gate", "merge"):
                self.caught(Case(op, dtype=dtype), plant, "is -inf, allowed is .*must match")

    def test_empty_rows(self) -> None:
        """Rows without a visible key: o = 0 exactly and lse = -inf exactly."""

        def residue(results: Results) -> None:
            results["o"][0, 2, 1, 0] = 1e-3

        def nan(results: Results) -> None:
            results["o"][0, 2, 1] = np.nan

        def finite(results: Results) -> None:
            results["lse"][0, 2, 1] = -1e30

        def zero(results: Results) -> None:
            results["lse"][0, 2, 1] = 0

        def nan_lse(results: Results) -> None:
            results["lse"][0, 2, 1] = np.nan

        for dtype in FLOATS:
            for op in ATTENTION:
                case = Case(op, dtype=dtype, q_offset=-20, kv_len=150)
                self.caught(case, residue, r"\(b=0, t=2, h=1\): measured is 0.0\d+, allowed is 0")
                self.caught(case, nan, "is NaN, allowed is 0")
                self.caught(case, finite, "is -1e.30, allowed is -inf: infinities must match")
                self.caught(case, zero, "is 0, allowed is -inf")
                self.caught(case, nan_lse, "is NaN, allowed is -inf")

    def test_lse(self) -> None:
        def shift(by: float) -> Callable[[Results], None]:
            def plant(results: Results) -> None:
                results["lse"][0, 30, 3] += np.float32(by)

            return plant

        def lost(results: Results) -> None:
            results["lse"][0, 30, 3] = -np.inf

        def base_two(results: Results) -> None:
            results["lse"] /= np.float32(np.log(2))

        for dtype in FLOATS:
            for op in (*ATTENTION, "merge"):
                case = Case(op, dtype=dtype)
                self.caught(case, shift(1e-4), rf"{op} lse: row \(b=0, t=30, h=3\)")
                self.caught(case, shift(-1e-4), "lse")
                self.caught(case, lost, "is -inf, allowed is")
                self.caught(case, base_two, "lse")

    def test_other_faults_of_attention(self) -> None:
        for dtype in FLOATS:
            case = Case("selected_attention", dtype=dtype)
            self.computed_otherwise(case, "selected_attention", selection_block=17)
            for op in ATTENTION:
                case = Case(op, dtype=dtype)
                self.computed_otherwise(case, op, scale=1 / 32)
                case = Case(op, dtype=dtype, q_offset=0, kv_len=100)
                self.computed_otherwise(case, op, kv_len=104)
            case = Case("compressed_attention", dtype=dtype)
            self.computed_otherwise(case, "compressed", compression_block=9)

    def test_heads_of_another_group(self) -> None:
        def swap(results: Results) -> None:
            results["o"][:, :, [1, 2]] = results["o"][:, :, [2, 1]]

        for dtype in FLOATS:
            for op in (*ATTENTION, "gate", "merge", "attention"):
                self.caught(Case(op, dtype=dtype), swap, "o .*row")

    def test_error_of_the_whole_tensor(self) -> None:
        """Every row within its tolerance, but all errors pointing one way."""

        def bias(results: Results) -> None:
            wide = results["o"].astype(np.float64)
            factor = {"bfloat16": 1.007, "float16": 1.001}[results["o"].dtype.name]
            results["o"] = (wide * factor).astype(results["o"].dtype)

        for dtype in ("f16", "bf16"):
            for op in (*ATTENTION, "gate"):
                self.caught(Case(op, dtype=dtype, dv=128), bias, "error of the whole tensor")

    # --- c and p --------------------------------------------------------------

    def test_compress(self) -> None:
        def row(results: Results) -> None:
            results["c"][0, 3, 1] = results["c"][0, 4, 1]

        for dtype in FLOATS:
            for phi in ("mean", "weighted", "linear", "mlp"):
                case = Case("compress", dtype=dtype, phi=phi, pe=True)
                self.caught(case, row, r"compress c .*row \(b=0, i=3, g=1\)")
        # In bf16 the two activations differ by less than the tolerance allows.
        for dtype in ("f32", "f16"):
            case = Case("compress", dtype=dtype, phi="mlp", activation="silu")
            self.computed_otherwise(case, "compress c", activation="gelu")

    def test_scores(self) -> None:
        def scaled(results: Results) -> None:
            results["p"][0, 100, 1, 2] *= np.float32(1.001)

        def zeroed(results: Results) -> None:
            results["p"][0, 100, 1, 2] = 0

        def residue(results: Results) -> None:
            results["p"][0, 10, 1, 9] = 1e-20  # no visible key touches this block

        def overflow(results: Results) -> None:
            results["p"][0, 100, 1, 2] = np.inf

        for dtype in FLOATS:
            case = Case("block_scores", dtype=dtype)
            place = r"block_scores p: row \(b=0, t=100, g=1, j=2\)"
            self.caught(case, scaled, place)
            self.caught(case, zeroed, place)
            self.caught(case, residue, r"\(b=0, t=10, g=1, j=9\): measured is 1e-20")
            self.caught(case, overflow, "infinities must match")
            self.computed_otherwise(case, "block_scores p", score_map="max")

    # --- Lists ----------------------------------------------------------------

    def test_list_on_given_scores(self) -> None:
        case = Case("select_top_n", data="ties")
        operands, results = self.results(case)
        full = np.argwhere((results["idx"] >= 0).all(axis=-1))
        row = tuple(int(i) for i in full[-1])
        right = results["idx"][row].tolist()
        other = next(j for j in range(case.blocks) if j not in right)
        wrong_lists = {
            "another block": sorted([*right[:1], other, *right[2:]]),
            "not ascending": [right[1], right[0], *right[2:]],
            "repeated": [right[0], *right[:3]],
            "dropped": [*right[:3], -1],
            "early -1": [-1, *right[1:]],
        }
        for name, wrong in wrong_lists.items():
            idx = results["idx"].copy()
            idx[row] = wrong
            with self.subTest(name), self.assertRaisesRegex(compare.Mismatch, "the list is"):
                judge(case, operands, {"idx": idx})

    def test_list_found_end_to_end(self) -> None:
        for dtype in FLOATS:
            case = Case("attention_aux", dtype=dtype)
            operands, results = self.results(case)
            right = results["idx"][0, 149, 1].tolist()  # blocks 0, 8, 9 are forced
            self.assertLess({0, 8, 9}, set(right))
            free = next(j for j in right if j not in (0, 8, 9))
            others = [j for j in range(1, 8) if j != free]
            wrong_lists = {
                "must be ascending and unique": [right[1], right[0], *right[2:]],
                "must be ascending": [0, 0, 8, 9],
                r"must contain the forced blocks \[0, 8, 9\]": [0, 1, 2, 9],
                "must hold 4 of the blocks 0..9, then -1": [0, 8, 9, -1],
                "of the blocks 0..9": [*right[:3], 10],
                "but not block": sorted([0, 8, 9, others[0]]),
            }
            for message, wrong in wrong_lists.items():
                idx = results["idx"].copy()
                idx[0, 149, 1] = wrong
                with (
                    self.subTest(f"{dtype} {message}"),
                    self.assertRaisesRegex(compare.Mismatch, rf"\(b=0, t=149, g=1\).*{message}"),
                ):
                    judge(case, operands, results | {"idx": idx})

    def test_future_block_in_a_list(self) -> None:
        case = Case("attention_aux")
        operands, results = self.results(case)
        results["idx"][0, 10, 0] = [0, 1, -1, -1]
        with self.assertRaisesRegex(compare.Mismatch, r"must hold 1 of the blocks 0\.\.0"):
            judge(case, operands, results)

    def test_selected_branch_is_judged_on_the_returned_list(self) -> None:
        """A near tie may go either way, but o must follow the list."""
        case = Case("attention_aux", data="equal", initial=0, local=0)
        operands, results = self.results(case)
        idx = results["idx"]
        self.assertEqual(idx[0, 149, 0].shape, (4,))
        spare = [j for j in range(1, 9) if j not in idx[0, 149, 0]]
        swapped = idx.copy()
        swapped[0, 149, 0] = sorted([*idx[0, 149, 0][:-1], spare[0]])
        with self.assertRaisesRegex(compare.Mismatch, "attention_aux (o|lse_slc)"):
            judge(case, operands, results | {"idx": swapped})

    # --- Types and shapes -----------------------------------------------------

    def test_wrong_type_and_shape(self) -> None:
        case = Case("window_attention", dtype="f16")
        operands, results = self.results(case)
        wrong = {
            "element type is float32, expected f16": {"o": results["o"].astype(np.float32)},
            r"lse: element type is float16": {"lse": results["lse"].astype(np.float16)},
            r"shape is \(1, 149, 4, 32\)": {"o": results["o"][:, :-1]},
        }
        for message, change in wrong.items():
            with self.assertRaisesRegex(compare.Mismatch, message):
                judge(case, operands, results | change)
        case = Case("select_top_n")
        operands, results = self.results(case)
        with self.assertRaisesRegex(compare.Mismatch, "idx: element type is int64"):
            judge(case, operands, {"idx": results["idx"].astype(np.int64)})


class Tolerances(unittest.TestCase):
    """The numbers of docs/Spec.md, one by one."""

    def measured(self, dtype: str, relative: float, bound: float = 0.0) -> float:
        """One of many rows off by ``relative``, along one axis."""
        ref = np.zeros((1, 4000, 1, 4))
        ref[..., 0] = 1.0
        got = ref.astype(DTYPES[dtype])
        ref[0, 1234, 0, 0] += relative
        return compare.compare_output("op", got, ref, bound=bound)

    def test_rows(self) -> None:
        for dtype, tolerance in [("bf16", 1e-2), ("f16", 2e-3), ("f32", 1e-5)]:
            used = self.measured(dtype, 0.98 * tolerance)
            self.assertAlmostEqual(used, 0.98, delta=0.02)
            with self.assertRaises(compare.Mismatch):
                self.measured(dtype, 1.03 * tolerance)
        self.assertLess(self.measured("f32", 0.9e-3, bound=1000.0), 1.0)
        with self.assertRaises(compare.Mismatch):
            self.measured("f32", 1.1e-3, bound=1000.0)

    def test_whole(self) -> None:
        ref = np.ones((1, 50, 2, 8))
        for dtype, tolerance in [("bf16", 4e-3), ("f16", 5e-4)]:
            got = ref.astype(DTYPES[dtype])
            compare.compare_output("op", got, ref * (1 + 0.9 * tolerance))
            with self.assertRaisesRegex(compare.Mismatch, "whole tensor"):
                compare.compare_output("op", got, ref * (1 + 1.1 * tolerance))

    def test_lse(self) -> None:
        ref = np.zeros((1, 2, 2))
        for bound in (0.0, 500.0):
            allowed = 1e-5 + 1e-6 * bound
            for share, right in [(0.9, True), (1.1, False)]:
                got = (ref + share * allowed).astype(np.float32)
                if right:
                    compare.compare_lse("op", got, ref, bound=bound)
                else:
                    with self.assertRaises(compare.Mismatch):
                        compare.compare_lse("op", got, ref, bound=bound)

    def test_scores(self) -> None:
        ref = np.full((1, 1, 1, 3), 2.0)
        bound = np.full((1, 1, 1), 100.0)
        allowed = (1e-4 + 2e-6 * 100) * 2.0
        compare.compare_scores("op", (ref + 0.9 * allowed).astype(np.float32), ref, bound=bound)
        with self.assertRaises(compare.Mismatch):
            compare.compare_scores("op", (ref + 1.1 * allowed).astype(np.float32), ref, bound=bound)
        nothing = np.zeros((1, 1, 1, 3))
        compare.compare_scores("op", np.full_like(nothing, 9e-28, np.float32), nothing, bound=bound)
        with self.assertRaises(compare.Mismatch):
            got = np.full_like(nothing, 2e-27, np.float32)
            compare.compare_scores("op", got, nothing, bound=bound)

    def selection(self, gap: float, hidden: bool, bound: float = 0.0) -> float:
        """One block of two, the better by ``gap`` of 1, and the worse one is taken."""
        return compare.compare_selection(
            "op",
            np.array([[[[1]]]], np.int32),
            np.array([[[[1.0, 1.0 - gap]]]]),
            bound=np.full((1, 1, 1), bound),
            positions=np.array([[99]]),
            kv_len=np.array([100]),
            selection_block=50,
            top_n=1,
            initial=0,
            local=0,
            causal=True,
            hidden_rounded_keys=hidden,
        )

    def test_selection(self) -> None:
        for hidden, relative in [(False, 1e-4), (True, 1e-3)]:
            for bound in (0.0, 1000.0):
                allowed = relative + 2e-6 * bound
                self.assertAlmostEqual(self.selection(0.9 * allowed, hidden, bound), 0.9)
                with self.assertRaisesRegex(compare.Mismatch, "has block 1 .* but not block 0"):
                    self.selection(1.1 * allowed, hidden, bound)

    def test_bound(self) -> None:
        """M looks at visible keys only."""
        q = np.full((1, 2, 2, 4), 3.0)  # |q| = 6
        k = np.zeros((1, 3, 1, 4))
        k[0, :, 0, 0] = [1, 10, np.nan]
        visible = np.array([[True, False, False], [True, True, False]])[None, :, None, :]
        bound = compare.score_bound(q, k, visible, 0.5)
        np.testing.assert_array_equal(bound[0], [[3, 3], [30, 30]])
        np.testing.assert_array_equal(compare.list_bound(bound, 1)[0], [[3], [30]])

    def test_unknown_reference_demands_nothing(self) -> None:
        ref = np.ones((1, 2, 1, 2))
        ref[0, 0, 0, 0] = np.nan
        got = ref.astype(np.float32)
        got[0, 0, 0] = [5, np.inf]
        with self.assertRaisesRegex(compare.Mismatch, "infinities"):
            compare.compare_output("op", got, ref)  # element 1 of the row is known
        got[0, 0, 0] = [5, 7]
        self.assertEqual(compare.compare_output("op", got, ref), 0.0)


if __name__ == "__main__":
    unittest.main()
