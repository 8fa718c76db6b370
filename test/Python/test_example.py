# RUN: %python %s
"""The example generator: every form, its arguments' errors, the committed output."""

import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

from nsa_mlir import example

ROOT = Path(__file__).resolve().parents[2]
COMMITTED = {
    "nsa_forward.mlir": ["--form=forward"],
    "nsa_branches.mlir": [
        "--form=branches",
        "--heads=8",
        "--groups=2",
        "--dk=64",
        "--dv=64",
        "--dtype=f32",
    ],
}
SIGNATURES = {
    "forward": (8, "o"),
    "forward_aux": (8, "o, lse_cmp, lse_slc, lse_win, idx"),
    "branches": (
        8,
        "o, kc, vc, o_cmp, lse_cmp, scores, idx, o_slc, lse_slc, o_win, lse_win",
    ),
    "selection": (8, "kc, vc, o_cmp, lse_cmp, idx"),
    "window": (3, "o, lse"),
}
OPTIONS = (
    [],
    ["--heads=6", "--groups=3", "--dk=60", "--dv=20", "--dtype=f16"],
    ["--compression-block=8", "--compression-stride=8", "--selection-block=8", "--top-n=3"],
    ["--gate-activation=sigmoid", "--score-map=max", "--list-heads=query"],
    ["--initial=0", "--local=0", "--top-n=1", "--window=1", "--dtype=f32"],
)


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The generator as a user runs it."""
    return subprocess.run(
        [sys.executable, "-m", "nsa_mlir.example", *arguments],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT / "python")} | environment,
        check=False,
    )


class Forms(unittest.TestCase):
    def test_names_operands_and_results(self) -> None:
        for form, (operands, results) in SIGNATURES.items():
            for options in OPTIONS:
                with self.subTest(form=form, options=options):
                    done = run(f"--form={form}", *options)
                    self.assertEqual((done.returncode, done.stderr), (0, ""))
                    signature = re.search(r"@(\w+)\(([^)]*)\)", done.stdout)
                    assert signature is not None
                    self.assertEqual(signature[1], f"nsa_{form}")
                    names = re.findall(r"%(\w+):", signature[2])
                    expected = ["q", "k", "v"] if operands == 3 else list(example.OPERANDS)
                    self.assertEqual(names, expected)
                    returned = re.search(r"return ([^:]*):", done.stdout)
                    assert returned is not None
                    self.assertEqual(returned[1].replace("%", "").strip(), results)

    def test_defaults_are_the_papers(self) -> None:
        text = run("--form=forward").stdout
        for part in (
            "tensor<?x?x64x192xbf16>",
            "tensor<?x?x4x192xbf16>",
            "tensor<?x?x4x128xbf16>",
            "tensor<?x?x64x128xbf16>",
            "tensor<?x?x64x3xf32>",
            "compression_block = 32, compression_stride = 16",
            "selection_block = 64, top_n = 16, window = 512",
        ):
            self.assertIn(part, text)

    def test_header_tells_how_to_run_it(self) -> None:
        for form in SIGNATURES:
            text = run(f"--form={form}", "--dtype=f32").stdout
            header = [line for line in text.splitlines() if line.startswith("//")]
            self.assertIn(f"--entry=nsa_{form} --device=cpu", "\n".join(header))
            inputs = [line for line in header if "--input=" in line]
            self.assertEqual(len(inputs), SIGNATURES[form][0])
            self.assertTrue(inputs[-1].endswith(f"=random:{len(inputs)}"))

    def test_header_prints_the_same_again(self) -> None:
        text = run("--form=branches", "--dk=32", "--list-heads=query", "--dtype=f16").stdout
        command = re.search(r"python -m nsa_mlir.example (.*)", text)
        assert command is not None
        self.assertEqual(run(*command[1].split()).stdout, text)

    def test_standard_library_alone(self) -> None:
        code = (
            "import sys; from nsa_mlir import example; example.main(['--form=branches']);"
            "assert not {'numpy', 'ml_dtypes', 'hypothesis'} & set(sys.modules)"
        )
        environment = os.environ | {"PYTHONPATH": str(ROOT / "python")}
        # -S: no site-packages at all.
        subprocess.run(
            [sys.executable, "-S", "-c", code], env=environment, check=True, capture_output=True
        )

    def test_the_dialect_accepts_every_form(self) -> None:
        tool = Path(os.environ.get("NSA_TOOLS_DIR", ROOT / "build" / "bin")) / "nsa-opt"
        if not tool.exists():
            self.skipTest(f"{tool} is not built")
        texts = [
            example.generate(form, example.Configuration(**vars(parsed)))
            for form in SIGNATURES
            for options in OPTIONS
            for parsed in [self.parsed(form, options)]
        ]
        done = subprocess.run(
            [str(tool), "--split-input-file", "--verify-roundtrip"],
            input="\n// -----\n".join(texts),
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def parsed(self, form: str, options: list[str]) -> object:
        arguments = example.parser().parse_args([f"--form={form}", *options])
        del arguments.form
        return arguments


class Drift(unittest.TestCase):
    def test_committed_examples(self) -> None:
        for name, options in COMMITTED.items():
            file = ROOT / "docs" / "examples" / name
            if file.read_text(encoding="utf-8") != run(*options).stdout:
                command = f"python -m nsa_mlir.example {' '.join(options)}"
                self.fail(f"docs/examples/{name} is not the output of: {command}")


class Errors(unittest.TestCase):
    def refused(self, message: str, *options: str, form: str = "forward") -> None:
        with self.subTest(options=options):
            done = run(f"--form={form}", *options)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn(f"error: {message}", done.stderr.replace("\n", " "))

    def test_numbers(self) -> None:
        for name in ("heads", "groups", "dk", "dv", "window", "top-n"):
            self.refused(f"--{name} (0) must be at least 1", f"--{name}=0")
        for name in ("compression-block", "compression-stride", "selection-block"):
            self.refused(f"--{name} (-1) must be at least 1", f"--{name}=-1")
        for name in ("initial", "local"):
            self.refused(f"--{name} (-2) must be at least 0", f"--{name}=-2")
        self.refused("argument --dk: invalid int value: '1.5'", "--dk=1.5")

    def test_heads_and_groups(self) -> None:
        message = "--heads (6) must be a multiple of --groups (4); possible --groups: 1, 2, 3, 6"
        for form in SIGNATURES:
            self.refused(message, "--heads=6", form=form)

    def test_blocks(self) -> None:
        self.refused(
            "--compression-stride (12) must divide --compression-block (32); "
            "possible --compression-stride: 1, 2, 4, 8, 16, 32",
            "--compression-stride=12",
        )
        self.refused(
            "--compression-stride (16) must divide --selection-block (40); "
            "possible --compression-stride: 1, 2, 4, 8",
            "--selection-block=40",
        )
        self.refused(
            "--compression-block (32) must not exceed --selection-block (16); "
            "make the latter at least 32",
            "--selection-block=16",
        )

    def test_forced_blocks(self) -> None:
        message = (
            "--top-n (2) must be at least --initial (1) + --local (2), "
            "because forced blocks count against it"
        )
        self.refused(message, "--top-n=2")

    def test_choices(self) -> None:
        self.refused("argument --dtype: invalid choice: 'f64'", "--dtype=f64")
        self.refused("argument --form: invalid choice: 'backward'", form="backward")
        self.refused("unrecognized arguments: --head=3", "--head=3")
        done = run()
        self.assertEqual(done.returncode, 2)
        self.assertIn("the following arguments are required: --form", done.stderr)

    def test_what_a_form_does_not_use_is_not_checked(self) -> None:
        self.assertEqual(run("--form=window", "--compression-stride=12").returncode, 0)

    def test_generate_refuses_an_unknown_form(self) -> None:
        with self.assertRaisesRegex(example.ConfigurationError, "form is 'backward'"):
            example.generate("backward", example.Configuration())


if __name__ == "__main__":
    unittest.main()
