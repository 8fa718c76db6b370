# RUN: %python %s
# REQUIRES: numpy, ml_dtypes, hypothesis
"""The numerics suite's machinery, on a stand-in for nsa-run."""

import contextlib
import io
import os
import stat
import subprocess
import sys
import tempfile
import unittest
from collections import Counter
from pathlib import Path
from unittest import mock

import numpy as np

from nsa_mlir.testing import __main__ as command
from nsa_mlir.testing.backends import BackendError, NsaRun, Numpy
from nsa_mlir.testing.case import CHAINS, SINGLE_OPS, Case
from nsa_mlir.testing.cases import AWKWARD, GROUPS, OPTIONS, cpu_cases, named_cases
from nsa_mlir.testing.mlir import program
from nsa_mlir.testing.operands import make_operands
from nsa_mlir.testing.strategies import WEIGHTS, draw_cases, explore
from nsa_mlir.testing.suite import run_case, run_cases

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def suite(*arguments: str) -> tuple[int, str, str]:
    """The command line: exit code, standard output, standard error."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = command.main(list(arguments))
        except SystemExit as error:
            code = int(error.code or 0)
    return code, out.getvalue(), err.getvalue()


class NamedCases(unittest.TestCase):
    def test_every_situation_of_the_specification(self) -> None:
        """Each awkward situation, with each op it concerns, in each element type."""
        have = {(case.op, case.name, case.dtype) for case in named_cases()}
        for name, (ops, _) in AWKWARD.items():
            for op in ops:
                dtypes = ("f32",) if op == "select_top_n" else ("f32", "f16", "bf16")
                if op == "attention":
                    continue  # each situation in one type; attention_aux has all
                for dtype in dtypes:
                    self.assertIn((op, name, dtype), have)
        for name, (ops, _) in OPTIONS.items():
            for op in ops:
                self.assertTrue(any((op, name, d) in have for d in ("f32", "f16", "bf16")))

    def test_situations_are_what_they_are_called(self) -> None:
        cases = {(case.op, case.name): case for case in named_cases()}
        op = "branches"
        base = Case(op)
        self.assertLess(
            cases[op, "shorter_than_a_block"].tk,
            cases[op, "shorter_than_a_block"].compression_block,
        )
        self.assertEqual(cases[op, "exactly_one_block"].tk, base.compression_block)
        for case in (base, cases[op, "ragged"]):
            for unit in (case.compression_stride, case.selection_block, 16, 32, 64):
                self.assertTrue(case.tk % unit)
        ratios = {case.heads // case.groups for case in cases.values()}
        self.assertLessEqual({1, 2, 3, 4, 16}, ratios)
        self.assertLessEqual({60, 64, 128, 192, 256}, {case.dk for case in cases.values()})
        self.assertTrue(any(case.dk != case.dv for case in cases.values()))
        for name in ("many_blocks", "small_n"):
            self.assertGreater(cases[op, name].blocks, 2 * cases[op, name].top_n)
        self.assertGreater(
            cases[op, "n_exceeds_blocks"].top_n, cases[op, "n_exceeds_blocks"].blocks
        )
        self.assertGreater(
            cases[op, "window_exceeds_tokens"].window, cases[op, "window_exceeds_tokens"].tk
        )
        self.assertLess(
            cases[op, "more_keys_than_queries"].tq, cases[op, "more_keys_than_queries"].tk
        )
        wild = make_operands(cases["selected_attention", "wild_lists"])["idx"]
        rows = wild.reshape(-1, wild.shape[-1])
        self.assertTrue(any(len(set(row)) < len(row) for row in rows.tolist()))
        self.assertTrue(any(row != sorted(row) for row in rows.tolist()))
        self.assertTrue((rows[:, 0] == -1).any() and (rows[:, 5] == -1).any())
        tail = make_operands(cases["window_attention", "nan_beyond_kv_len"])
        self.assertTrue(np.isnan(tail["k"][0, 101:].astype(float)).all())
        self.assertFalse(np.isnan(tail["k"][0, :101].astype(float)).any())

    def test_names_are_unique(self) -> None:
        names = Counter(case.describe() for case in named_cases())
        self.assertEqual([name for name, count in names.items() if count > 1], [])

    def test_groups_hold_every_op(self) -> None:
        ops = {op for group in GROUPS.values() for op in group}
        self.assertEqual(ops, {*SINGLE_OPS, *CHAINS})
        self.assertEqual({case.op for case in named_cases()}, ops)

    def test_cpu_cases(self) -> None:
        self.assertEqual({case.dtype for case in cpu_cases()}, {"f16", "bf16"})
        # p and idx have one type whatever the inputs are.
        expected = {*SINGLE_OPS, "attention", "attention_aux", "branches"} - {"select_top_n"}
        self.assertEqual({case.op for case in cpu_cases()}, expected)

    def test_json_round_trip(self) -> None:
        for case in [*named_cases(), *draw_cases(50, 3)]:
            again = Case.from_json(case.to_json())
            self.assertEqual(again, case)
        with self.assertRaisesRegex(ValueError, "no such field of a case: width"):
            Case.from_json('{"op": "gate", "width": 3}')

    def test_operands_are_reproducible(self) -> None:
        case = Case("branches", dtype="bf16", data="outlier")
        first, second = make_operands(case), make_operands(case)
        self.assertEqual(list(first), list(second))
        for name in first:
            np.testing.assert_array_equal(first[name], second[name])
        other = make_operands(case.but(seed=2))
        self.assertFalse(np.array_equal(other["q"], first["q"]))


class Text(unittest.TestCase):
    def test_the_dialect_accepts_every_case(self) -> None:
        tool = Path(os.environ.get("NSA_TOOLS_DIR", ROOT / "build" / "bin")) / "nsa-opt"
        if not tool.exists():
            self.skipTest(f"{tool} is not built")
        cases = [*named_cases(), *draw_cases(200, 5)]
        text = "\n// -----\n".join(program(case).text for case in cases)
        done = subprocess.run(
            [str(tool), "--split-input-file", "-o", os.devnull],
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))


class RandomCases(unittest.TestCase):
    def test_the_seed_decides(self) -> None:
        self.assertEqual(draw_cases(40, 9), draw_cases(40, 9))
        self.assertNotEqual(draw_cases(40, 9), draw_cases(40, 10))

    def test_they_are_various(self) -> None:
        cases = draw_cases(400, 1)
        self.assertEqual(len(cases), 400)
        self.assertGreater(len(set(cases)), 390)
        self.assertEqual({case.op for case in cases}, set(WEIGHTS))
        self.assertTrue({"f32", "f16", "bf16"} == {case.dtype for case in cases})
        decided = [c for c in cases if c.op == "branches" and c.blocks > c.top_n and c.tq]
        self.assertGreater(len(decided), 10)
        self.assertTrue(any(isinstance(case.q_offset, tuple) for case in cases))
        self.assertTrue(any(case.nan_tail for case in cases))

    def test_right_results_pass(self) -> None:
        for outcome in run_cases(draw_cases(150, 2), Numpy()):
            self.assertTrue(outcome.passed, f"{outcome.case.describe()}: {outcome.problem}")

    def test_shrinking(self) -> None:
        """The smallest failing case of an op that fails with more than one head."""
        failing: list[Case] = []

        def test(case: Case) -> None:
            if case.heads > 1:
                failing.append(case)
                raise AssertionError

        with self.assertRaises(AssertionError):
            explore(test, 50, 1, ("window_attention",), shrink=True)
        smallest = failing[-1]
        self.assertLessEqual(smallest.heads, 4)
        self.assertEqual((smallest.dtype, smallest.batch, smallest.static), ("f32", 1, "none"))


class StandIn(unittest.TestCase):
    def setUp(self) -> None:
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.tool = self.directory / "nsa-run"
        script = HERE / "Inputs" / "stand_in_for_nsa_run.py"
        self.tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "$@"\n')
        self.tool.chmod(self.tool.stat().st_mode | stat.S_IXUSR)

    def run_one(self, case: Case, fault: str = "", **options: object) -> dict[str, np.ndarray]:
        with mock.patch.dict(
            os.environ, {"STAND_IN_FAULT": fault, "PYTHONPATH": str(ROOT / "python")}
        ):
            backend = NsaRun(str(self.tool), **options)  # type: ignore[arg-type]
            return backend.run(case, make_operands(case))

    def test_right_results(self) -> None:
        cases = [
            Case("block_scores", dtype="bf16", q_offset=(3, -2), batch=2, kv_len=50, tq=20),
            Case("branches", dtype="f16", phi="mlp", pe=True, q_offset=-5, kv_len=140, tq=20),
            Case("shards_selected", list_heads="query", tq=20),
        ]
        for case in cases:
            results = self.run_one(case)
            expected = Numpy().run(case, make_operands(case))
            for name in expected:
                np.testing.assert_array_equal(results[name], expected[name])

    def test_bf16_may_be_raw_bytes(self) -> None:
        results = self.run_one(Case("gate", dtype="bf16", tq=3), "V2")
        self.assertEqual(results["o"].dtype.name, "bfloat16")

    def test_options_are_passed_on(self) -> None:
        with self.assertRaisesRegex(BackendError, "did not write o"):
            self.run_one(Case("gate", tq=3), "cpu", cpu="haswell", threads=3)

    def test_faults(self) -> None:
        case = Case("gate", tq=3)
        expected = {
            "crash": r"nsa-run returned 1:\ncase.mlir:3:5: error: something is wrong\nat the end",
            "missing": "nsa-run did not write o",
            "type": "the result has type float64, expected f32",
        }
        for fault, message in expected.items():
            with self.assertRaisesRegex(BackendError, message):
                self.run_one(case, fault)
        with self.assertRaisesRegex(BackendError, "no result after 1 s"):
            self.run_one(case, "hang", timeout=1.0)
        with self.assertRaisesRegex(BackendError, "cannot run .*: No such file"):
            NsaRun(str(self.directory / "absent")).run(case, make_operands(case))

    def test_files_are_kept(self) -> None:
        keep = self.directory / "kept"
        self.run_one(Case("gate", name="some", tq=3), keep=keep)
        kept = {file.name for file in (keep / "gate_some_f32").iterdir()}
        inputs = {"o0.npy", "o1.npy", "o2.npy", "gates.npy"}
        self.assertEqual(kept, {"case.mlir", "command", "out_o.npy", *inputs})

    def test_command_line(self) -> None:
        self.enterContext(mock.patch.dict(os.environ, {"PYTHONPATH": str(ROOT / "python")}))
        choice = ["--nsa-run", str(self.tool), "--case=gate/one_part/*"]
        code, out, _ = suite(*choice, "--verbose", "--jobs=2")
        self.assertEqual(code, 0)
        self.assertRegex(out, r"pass gate/one_part/f32: \d+% of the tolerance")
        self.assertRegex(out, r"numerics: 2 passed, 0 failed, \d+ s\n$")
        with mock.patch.dict(os.environ, {"STAND_IN_FAULT": "wrong"}):
            code, out, _ = suite(*choice)
        self.assertEqual(code, 1)
        self.assertRegex(out, r"FAIL gate/one_part/f32\n    gate o \(float32\): .*row \(b=0")
        self.assertIn('again: python -m nsa_mlir.testing --json=\'{"op": "gate"', out)
        self.assertRegex(out, r"numerics: 0 passed, 2 failed, \d+ s\n$")


class CommandLine(unittest.TestCase):
    def test_selection_of_cases(self) -> None:
        _, everything, _ = suite("--list")
        self.assertEqual(everything.count("\n"), len(named_cases()))
        _, gates, _ = suite("--list", "--group=gate_merge", "--dtype=f16", "--case=gate/*")
        self.assertTrue(all(line.startswith("gate/") for line in gates.splitlines()))
        self.assertTrue(all(line.endswith("/f16") for line in gates.splitlines()))
        _, cpu, _ = suite("--list", "--group=cpu")
        self.assertEqual(cpu.count("\n"), len(cpu_cases()))
        parts = [suite("--list", f"--shard={i}/3")[1] for i in (1, 2, 3)]
        self.assertEqual(sorted("".join(parts).split()), sorted(everything.split()))

    def test_a_random_run(self) -> None:
        code, out, _ = suite("--backend=numpy", "--random=20", "--seed=4", "--op=gate")
        self.assertEqual(code, 0)
        self.assertRegex(out, "numerics: 20 passed, 0 failed")

    def test_shrink(self) -> None:
        code, out, _ = suite("--backend=numpy", "--random=10", "--op=gate", "--shrink")
        self.assertEqual((code, out), (0, "numerics: 10 passed, 0 failed\n"))

        class Wrong:
            def run(self, case: Case, operands: object) -> dict[str, np.ndarray]:
                return {"o": np.zeros((1,), np.float32)}

        with mock.patch.object(command, "Numpy", Wrong):
            code, out, _ = suite("--backend=numpy", "--random=10", "--op=gate", "--shrink")
        self.assertEqual(code, 1)
        self.assertIn("numerics: 1 failed (the smallest case found)", out)

    def test_print_mlir(self) -> None:
        code, out, _ = suite("--print-mlir", '--json={"op": "gate", "tq": 3}')
        self.assertEqual(code, 0)
        self.assertIn("nsa.gate %o0, %o1, %o2 gates(%gates)", out)

    def test_errors(self) -> None:
        expected = {
            ("--group=dense",): "no such group: dense",
            ("--backend=numpy", "--case=nothing*"): "no case matches",
            ("--shard=4/3",): "--shard=4/3 must be I/N with 1 <= I <= N",
            ("--nsa-run=/nonexistent/nsa-run",): "nsa-run was not found",
            ("--json={}",): "op of a case is None, expected one of compress,",
            ("--backend=numpy", "--shrink"): "--shrink needs --random=N",
        }
        for arguments, message in expected.items():
            with self.subTest(arguments):
                code, _, err = suite(*arguments)
                self.assertEqual(code, 2)
                self.assertIn(message, err)

    def test_a_broken_judge_is_a_failure(self) -> None:
        class Broken:
            def run(self, case: Case, operands: object) -> dict[str, np.ndarray]:
                return {}

        outcome = run_case(Case("gate", tq=3), Broken())  # type: ignore[arg-type]
        self.assertFalse(outcome.passed)
        self.assertIn("the suite itself failed", outcome.problem)
        self.assertIn("KeyError", outcome.problem)


if __name__ == "__main__":
    unittest.main()
