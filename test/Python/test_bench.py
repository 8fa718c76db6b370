# RUN: %python %s
# REQUIRES: numpy
"""The benchmark: its table and verdicts on a stand-in, its programs on the compiler."""

import importlib.util
import io
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np

from nsa_mlir import compare, example, reference
from nsa_mlir.bench import page, plot, programs
from nsa_mlir.bench.progress import Progress
from nsa_mlir.bench.report import PUBLISHED_ROUNDS, milliseconds
from nsa_mlir.bench.results import Key, Results
from nsa_mlir.bench.targets import ABSENT, FAIL, PASS, VOID, judge
from nsa_mlir.bench.tools import Memory, Peak

ROOT = Path(__file__).resolve().parents[2]
STAND_IN = ROOT / "test" / "Python" / "Inputs" / "stand_in_for_timing.py"
TOOLS = Path(os.environ["NSA_TOOLS_DIR"])
# Without numpy and torch, whose times are real.
ALONE = "--parts=forward,decode,variants,memory"
HAS_MATPLOTLIB = importlib.util.find_spec("matplotlib") is not None


class OnStandIn(unittest.TestCase):
    """The whole command, with programs that answer at once."""

    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)
        for name in ("nsa-run", "nsa-cpu-peak"):
            script = self.scratch / name
            script.write_text(f"#!{sys.executable}\n" + STAND_IN.read_text())
            script.chmod(0o755)
        self.log = self.scratch / "log"

    def environment(self, environment: dict[str, str]) -> dict[str, str]:
        path = {"PYTHONPATH": str(ROOT / "python"), "STAND_IN_LOG": str(self.log)}
        return os.environ | path | environment

    def bench(self, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
        tool = f"--nsa-run={self.scratch / 'nsa-run'}"
        return subprocess.run(
            [sys.executable, "-m", "nsa_mlir.bench", tool, *options],
            capture_output=True,
            text=True,
            env=self.environment(environment),
            check=False,
        )

    def calls(self, key: str) -> list[str]:
        return [line for line in self.log.read_text().splitlines() if line.startswith(f"{key} :")]

    def test_whole_run(self) -> None:
        """Every target is reached; contenders take turns; what is called is what is meant."""
        done = self.bench(ALONE, "--check", "--cpu=haswell")
        self.assertEqual((done.returncode, done.stdout.count("PASS")), (0, 12), done)
        for status in (FAIL, VOID, ABSENT):
            self.assertNotIn(status, done.stdout)
        self.assertIn("nsa-mlir version 0.0.1, LLVM 22.1.0, code for haswell", done.stdout)
        # The larger one of before and after counts.
        self.assertIn("Peak of one core: 102.0 GFLOP/s (256-bit FMA, 14 acc", done.stdout)
        self.assertIn("before and after: 100.0, 102.0); of 2 threads: 203.0.", done.stdout)
        self.assertIn("| dense, T = 4096: one thread, of one core's peak | 29.4 % |", done.stdout)
        self.assertIn(
            "| decoding a token, T = 65536, 2 threads: NSA over dense | 19.96x", done.stdout
        )
        self.assertNotIn("too few", done.stdout + done.stderr)
        log = self.log.read_text().splitlines()
        self.assertIn("--cpu=haswell", log[10])
        timed = [line.split(" :")[0] for line in log if not line.startswith("peak")]
        self.assertEqual(timed[: len(timed) // 5] * 5, timed)
        for key in ("dense 65536 2", "nsa 65536 1", "dense-decode 65536 1", "nsa-8/2-bf16 16384 2"):
            self.assertEqual(len(self.calls(key)), 5, key)
        self.assertFalse(self.calls("dense 65536 1"))
        # Long calls once, and without another before.
        self.assertIn("--repeat=1 --warmup=0", self.calls("dense 65536 2")[1])
        self.assertRegex(self.calls("dense-decode 65536 2")[1], "--repeat=[0-9]{2,} --warmup=10")

    def test_medians(self) -> None:
        times = '{"dense 4096 1": [1600, 100, 700, 9000, 500]}'
        done = self.bench("--parts=forward", "--tokens=4096", STAND_IN_TIMES=times)
        self.assertRegex(done.stdout, r"\| 4096 \| 700\.0 \| 301\.\d \|")
        self.assertIn("by at most 1271% (dense, T = 4096, 1 thread)", done.stdout)

    def test_missed_targets(self) -> None:
        """--check alone makes the exit code; a slow dense attention voids the ratios."""
        times = '{"nsa 16384 2": [2000, 2000, 2000, 2000, 2000]}'
        self.assertEqual(self.bench(ALONE, STAND_IN_TIMES=times).returncode, 0)
        self.log.unlink()
        done = self.bench(ALONE, "--check", STAND_IN_TIMES=times)
        self.assertEqual(done.returncode, 1)
        what = "FAIL: forward, T = 16384, 2 threads: NSA over dense: 2.41x, at least 2.5x\n"
        self.assertIn(f"bench: {what}", done.stderr)
        self.assertEqual(done.stderr.count("NSA over dense"), 1)
        self.log.unlink()
        slow = '{"dense 4096 1": [1000, 1000, 1000, 1000, 1000]}'
        done = self.bench(ALONE, "--check", STAND_IN_TIMES=slow)
        self.assertEqual((done.returncode, done.stderr.count("bench: void: ")), (1, 5))

    def test_failing_program(self) -> None:
        """Its message and code; the page stays."""
        target = self.scratch / "page.md"
        target.write_text(before := f"{page.BEGIN}\nold\n{page.END}\n")
        done = self.bench(ALONE, f"--output={target}", STAND_IN_FAULT="nsa 16384 1")
        self.assertEqual((done.returncode, done.stdout), (7, ""))
        self.assertIn("--entry=nsa_forward", done.stderr)
        self.assertIn("returned 7:\nforward.mlir:3:5: error: something is wrong", done.stderr)
        self.assertEqual(target.read_text(), before)

    def test_page(self) -> None:
        target = self.scratch / "page.md"
        target.write_text(f"# Page\n{page.BEGIN}\nold\n{page.END}\nend\n")
        done = self.bench("--parts=decode", "--rounds=1", f"--output={target}")
        self.assertIn("warning: 1 rounds are too few for publication", done.stderr)
        expected = f"# Page\n{page.BEGIN}\n{done.stdout}{page.END}\nend\n"
        self.assertEqual(target.read_text(), expected)
        self.assertEqual(target.stat().st_mode & 0o777, 0o644)

    def test_bad_options(self) -> None:
        """Are found before anything runs."""
        empty = self.scratch / "empty.md"
        empty.touch()
        for options, message in (
            ([f"--output={empty}"], f"{empty}: wants one line '{page.BEGIN}'"),
            (["--output=/gone/page.md"], "cannot read /gone/page.md: No such file"),
            (["--nsa-cpu-peak=/gone"], "/gone: there is no such program; give --nsa-cpu-peak"),
            (["--nsa-run=/gone"], "--nsa-run=/gone: there is no such program"),
            (["--rounds=0"], "--rounds: must be at least 1, not 0"),
            (["--tokens=16,x"], "--tokens: invalid"),
            (["--parts=decode,all"], "no part 'all'; there are forward, others, decode"),
        ):
            with self.subTest(options=options):
                done = self.bench(*options)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn(message, done.stderr)
                self.assertFalse(self.log.exists())

    def test_interruption(self) -> None:
        """Ends the child, removes the scratch directory, writes nothing."""
        slow = self.scratch / "nsa-run"
        slow.write_text(
            f"#!{sys.executable}\nimport os, sys, time\n"
            "if sys.argv[1:] == ['--version']:\n"
            "    print('LLVM version 1\\nnsa-mlir version 1')\n    sys.exit()\n"
            f"open({str(self.scratch / 'pid')!r} + '.new', 'w').write(str(os.getpid()))\n"
            f"os.rename({str(self.scratch / 'pid')!r} + '.new', {str(self.scratch / 'pid')!r})\n"
            "time.sleep(120)\n"
        )
        target = self.scratch / "page.md"
        target.write_text(before := f"{page.BEGIN}\n{page.END}\n")
        temporary = self.scratch / "tmp"
        temporary.mkdir()
        with subprocess.Popen(
            [sys.executable, "-m", "nsa_mlir.bench", f"--nsa-run={slow}", f"--output={target}"],
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment({"TMPDIR": str(temporary)}),
            # Started in the background, we ignore it, and so would the child.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        ) as running:
            while not (self.scratch / "pid").exists() and running.poll() is None:
                time.sleep(0.02)
            running.send_signal(signal.SIGINT)
            _, err = running.communicate(timeout=60)
        self.assertEqual(running.returncode, 130)
        self.assertIn("bench: interrupted\n", err)
        self.assertEqual((target.read_text(), list(temporary.iterdir())), (before, []))
        with self.assertRaises(ProcessLookupError):
            os.kill(int((self.scratch / "pid").read_text()), 0)

    def test_without_matplotlib(self) -> None:
        """A message that says what to install, before anything runs."""
        (self.scratch / "matplotlib.py").touch()  # Found, and of no use.
        code = (
            "import importlib.util, sys\n"
            "find = importlib.util.find_spec\n"
            "importlib.util.find_spec = lambda n, *a: None if n == 'matplotlib' else find(n, *a)\n"
            "from nsa_mlir.bench.__main__ import main\n"
            f"sys.exit(main(['--nsa-run={self.scratch / 'nsa-run'}', '--plot=x.png']))\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            env=self.environment({}),
            check=False,
        )
        self.assertEqual(done.returncode, 2)
        self.assertIn("--plot needs matplotlib: build/venv/bin/python -m pip inst", done.stderr)
        self.assertFalse(self.log.exists())

    @unittest.skipUnless(HAS_MATPLOTLIB, "matplotlib is not installed")
    def test_plot(self) -> None:
        picture = self.scratch / "plot.png"
        done = self.bench("--parts=forward", "--rounds=1", f"--plot={picture}")
        self.assertEqual(done.returncode, 0, done.stderr)
        content = picture.read_bytes()
        self.assertEqual((content[:8], content[-8:-4]), (b"\x89PNG\r\n\x1a\n", b"IEND"))
        self.assertGreater(len(content), 10_000)


class Verdicts(unittest.TestCase):
    def results(self) -> Results:
        """All targets are reached, barely."""
        results = Results(threads=2, rounds=5, peaks=[Peak(1, 100.0, 256, True, 14)])
        for tokens in (4096, 16384):
            one, two = Key("dense", tokens, 1), Key("dense", tokens, 2)
            results.flops[one] = 26e6 * 161
            results.times |= {one: [161.0], two: [100.0]}
            results.times |= {Key("nsa", tokens, 1): [64.0], Key("nsa", tokens, 2): [39.9]}
        results.times |= {Key("dense", 65536, 2): [500.0], Key("nsa", 65536, 2): [99.0]}
        for threads in (1, 2):
            for kind, value in (("dense", 10.0), ("nsa", 0.99)):
                results.times[Key(kind, 65536, threads, decode=True)] = [value]
        results.memory = {t: Memory(t * 4095, 0) for t in (16384, 32768, 65536)}
        return results

    def statuses(self, results: Results) -> dict[str, str]:
        return {one.what: one.status for one in judge(results)}

    def test_reached(self) -> None:
        self.assertEqual(set(self.statuses(self.results()).values()), {PASS})

    def test_each_limit(self) -> None:
        """Just missed: that target alone fails, or the ratios are void with it."""

        for what, key, value, void in (
            ("dense, T = 4096: one thread, of one core's peak", Key("dense", 4096, 1), 168.0, 5),
            ("dense, T = 16384: two threads", Key("dense", 16384, 2), 100.7, 5),
            ("forward, T = 16384, 1 thread: NSA over dense", Key("nsa", 16384, 1), 64.5, 0),
            ("forward, T = 16384, 2 threads: NSA over dense", Key("nsa", 16384, 2), 40.1, 0),
            ("forward, T = 65536, 2 threads: NSA over dense", Key("nsa", 65536, 2), 100.1, 0),
            (
                "decoding a token, T = 65536, 1 thread: NSA over dense",
                Key("nsa", 65536, 1, decode=True),
                1.001,
                0,
            ),
        ):
            with self.subTest(what=what):
                results = self.results()
                results.times[key] = [value]
                statuses = self.statuses(results)
                failed = [name for name, status in statuses.items() if status == FAIL]
                self.assertEqual(failed, [what])
                self.assertEqual(list(statuses.values()).count(VOID), void)

    def test_memory(self) -> None:
        results = self.results()
        results.memory[65536] = Memory(256 * 2**20, 0)
        self.assertEqual(self.statuses(results)["memory, T = 65536"], FAIL)
        results.memory[65536] = Memory(65536 * 4050, 0)
        results.memory[32768] = Memory(16384 * 4095 * 3, 0)
        self.assertEqual(self.statuses(results)["memory, T = 16384 to 32768"], FAIL)
        self.assertEqual(self.statuses(results)["memory, T = 32768 to 65536"], PASS)

    def test_absent(self) -> None:
        """What was not measured is not reached, and nothing rests on it."""
        results = self.results()
        del results.times[Key("dense", 4096, 2)]
        statuses = self.statuses(results)
        self.assertEqual(statuses["dense, T = 4096: two threads"], ABSENT)
        self.assertEqual(list(statuses.values()).count(VOID), 5)
        empty = self.statuses(Results(threads=2, rounds=5))
        self.assertEqual(set(empty.values()), {ABSENT})


class Parts(unittest.TestCase):
    def test_operations(self) -> None:
        """Every pair of a query and a key at or before it, counted."""
        c = programs.configuration()
        pairs = sum(t + 1 for t in range(7))
        self.assertEqual(programs.dense_flops(7, 7, c), 4 * 64 * 8 * pairs)
        self.assertEqual(programs.dense_flops(1, 7, c), 4 * 64 * 8 * 7)

    def test_sizes(self) -> None:
        program = programs.forward(100, programs.configuration(dtype="bf16"))
        self.assertEqual(program.output_bytes, 100 * 8 * 64 * 2)
        self.assertEqual(program.input_bytes, 100 * ((8 + 6 * 2) * 64 * 2 + 8 * 3 * 4))
        self.assertEqual(programs.dense(10, programs.configuration()).output_bytes, 10 * 8 * 65 * 4)

    def test_progress(self) -> None:
        """Half of the guessed work in the time that half takes leaves as much."""
        now = [0.0]
        with mock.patch("time.monotonic", lambda: now[0]):
            progress = Progress()
            progress.begin(20)
            progress.start("first", 10)
            now[0] = 30.0
            progress.start("second", 10)
            self.assertEqual(progress.line(), f"[{'#' * 12}{' ' * 12}]  50%, 30 s left: second")

    def test_silence(self) -> None:
        """Without a terminal there is no bar."""
        with mock.patch("sys.stderr", io.StringIO()) as err:
            with Progress() as progress:
                progress.start("first", 1)
            self.assertEqual(err.getvalue(), "")
            with Progress(verbose=True) as progress:
                progress.start("first", 1)
            self.assertEqual(err.getvalue(), "bench: first\n")

    def test_numbers(self) -> None:
        values = (None, 0.12345, 12.345, 123.45, 1234.5)
        self.assertEqual(
            [milliseconds(value) for value in values], ["", "0.123", "12.35", "123.5", "1234"]
        )

    def test_series(self) -> None:
        results = Results(2, 1)
        results.times = {
            Key("nsa", 256, 2): [3.0],
            Key("nsa", 128, 2): [1.0],
            Key("nsa", 128, 2, heads="8/8"): [9.0],
            Key("nsa", 128, 2, decode=True): [9.0],
        }
        self.assertEqual(plot.series(results), {("nsa", 2): [(128, 1.0), (256, 3.0)]})

    def test_page_of_the_documentation(self) -> None:
        text = (ROOT / "docs" / "performance" / "cpu.md").read_text()
        self.assertIn("new part", page.replaced(text, "new part", "cpu.md"))
        self.assertGreaterEqual(PUBLISHED_ROUNDS, 5)


class OnCompiler(unittest.TestCase):
    """What is timed is what it is called."""

    def run_program(self, program: programs.Program, operands: list[np.ndarray]) -> np.ndarray:
        with tempfile.TemporaryDirectory() as name:
            scratch = Path(name)
            (scratch / "program.mlir").write_text(program.text)
            command = [
                str(TOOLS / "nsa-run"),
                str(scratch / "program.mlir"),
                f"--entry={program.entry}",
            ]
            for i, (shape, operand) in enumerate(zip(program.inputs, operands, strict=True)):
                dims = "x".join(map(str, operand.shape))
                self.assertEqual(shape, f"{dims}xf32")
                np.save(scratch / f"{i}.npy", operand)
                command.append(f"--input={scratch / f'{i}.npy'}")
            command.append(f"--output={scratch / 'o.npy'}")
            subprocess.run(command, check=True, capture_output=True, text=True)
            return np.asarray(np.load(scratch / "o.npy"))

    def operands(self, program: programs.Program) -> list[np.ndarray]:
        rng = np.random.default_rng(7)
        shapes = [list(map(int, shape.split("x")[:-1])) for shape in program.inputs]
        return [rng.standard_normal(shape).astype(np.float32) for shape in shapes]

    def test_dense(self) -> None:
        c = programs.configuration()
        for queries, program in (
            (97, programs.dense(97, c)),
            (1, programs.decode_dense(97, c)),
        ):
            q, k, v = self.operands(program)
            got = self.run_program(program, [q, k, v])
            # Softmax over every key up to the query's own, without any notion of a window.
            visible = np.tril(np.ones((97, 97), bool))[-queries:][None, :, None]
            o, _ = reference.softmax_attention(q, k, v, visible, None)
            bound = compare.score_bound(q, k, visible, None)
            compare.compare_output("dense", got, o, bound=bound)

    def test_forward_and_decode(self) -> None:
        """Decoding gives the last row of a forward pass."""
        c = programs.configuration()
        tokens = 1300
        forward = programs.forward(tokens, c)
        whole = self.operands(forward)
        q, k_cmp, v_cmp, k_slc, v_slc, k_win, v_win, gates = whole
        last = (q[:, -1:], k_cmp, v_cmp, k_slc, v_slc, k_win, v_win, gates[:, -1:])
        ref = reference.attention(
            *last,
            compression_block=c.compression_block,
            compression_stride=c.compression_stride,
            selection_block=c.selection_block,
            top_n=c.top_n,
            window=c.window,
        )
        # Blocks are chosen, and some are left out.
        self.assertGreater(tokens // c.selection_block, c.top_n)
        yardstick = compare.gated_yardstick(last[7], [ref.o_cmp, ref.o_slc, ref.o_win])
        bound = compare.score_bound(last[0], whole[3], np.ones((1, 1, 1, tokens), bool), None)

        def check(got: np.ndarray) -> None:
            compare.compare_output("nsa", got, ref.o, bound=bound, yardstick=yardstick)

        check(self.run_program(forward, whole)[:, -1:])
        decode = programs.decode_nsa(tokens, c)
        caches = [ref.kc.astype(np.float32), ref.vc.astype(np.float32)]
        operands = [last[0], *caches, *whole[3:7], last[7]]
        check(self.run_program(decode, operands))
        # Another window or block would not have passed.
        for other_c in (replace(c, window=511), replace(c, top_n=15)):
            other = replace(decode, text=programs.decode_text(other_c))
            with self.assertRaises(compare.Mismatch):
                check(self.run_program(other, operands))

    def test_16_bit_and_other_heads(self) -> None:
        """The variants' texts are the example printer's, with their heads and type."""
        c = programs.configuration(16, 1, "bf16")
        self.assertEqual(c, example.Configuration(heads=16, groups=1, dk=64, dv=64, dtype="bf16"))
        self.assertEqual(programs.forward(9, c).text, example.generate("forward", c))
        self.assertEqual(programs.forward(9, c).inputs[1], "1x9x1x64xbf16")

    def test_quick(self) -> None:
        """The command on the tools that were built, and few tokens."""
        done = subprocess.run(
            [sys.executable, "-m", "nsa_mlir.bench", "--device=cpu", "--quick", "--check"],
            capture_output=True,
            text=True,
            env=os.environ
            | {"PYTHONPATH": str(ROOT / "python"), "NSA_RUN": str(TOOLS / "nsa-run")},
            check=False,
        )
        # There are no targets for so few tokens.
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("not measured: dense, T = 4096: two threads", done.stderr)
        for pattern in (
            r"Peak of one core: \d+\.\d GFLOP/s \(\d+-bit",
            r"^\| 128 \| \d+\.\d+ \| \d+\.\d+ \| \d+\.\d+x \| \d+\.\d \| \d+\.\d% \| \d+",
            r"^\| numpy \| 128 \| 2 \| \d+",
            r"^\| 512 \| 2 \| \d+\.\d+ \| \d+\.\d+ \|",
            r"^\| 8/2 \| bf16 \| 128 \| \d+",
            r"^\| 256 \| \d+\.\d \| \d+\.\d \|$",
            r"^(torch: not installed\.|\| torch \| 128 \|)",
        ):
            self.assertRegex(done.stdout, re.compile(pattern, re.MULTILINE))


if __name__ == "__main__":
    unittest.main()
