# RUN: %python %s
"""nsa_mlir.compiler: what each function returns and raises, and agreement with nsa-opt."""

import ctypes
import gc
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import warnings
from pathlib import Path
from typing import Any
from unittest import mock

from nsa_mlir import compiler, example
from nsa_mlir.compiler import Context, Diagnostic, Module, NSAError

ROOT = Path(__file__).resolve().parents[2]
FORWARD = ROOT / "docs" / "examples" / "nsa_forward.mlir"
NSA_OPT = Path(os.environ["NSA_TOOLS_DIR"]) / "nsa-opt"
WINDOW = """\
func.func @f(%q: tensor<1x?x4x64xf16>, %k: tensor<1x?x1x64xf16>)
    -> tensor<1x?x4x64xf16> {
  %o:2 = nsa.window_attention %q, %k, %k {window = 64}
      : (tensor<1x?x4x64xf16>, tensor<1x?x1x64xf16>, tensor<1x?x1x64xf16>)
        -> (tensor<1x?x4x64xf16>, tensor<1x?x4xf32>)
  return %o#0 : tensor<1x?x4x64xf16>
}
"""
INVALID = "func.func @f() -> i32 {\n  return\n}\n"


def nsa_opt(*arguments: str, text: str | None = None) -> str:
    """What nsa-opt prints."""
    return subprocess.run(
        [NSA_OPT, *arguments], input=text, capture_output=True, text=True, check=True
    ).stdout


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Another process, since the library is loaded once."""
    inherited = {k: v for k, v in os.environ.items() if k != "NSA_MLIR_LIBRARY"}
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=inherited | environment,
        check=False,
    )


class Parsing(unittest.TestCase):
    def test_text(self) -> None:
        module = Module.parse(WINDOW)
        self.assertIn("nsa.window_attention", str(module))
        self.assertEqual(str(module), nsa_opt("-", text=WINDOW))
        module.verify()

    def test_path(self) -> None:
        self.assertEqual(str(Module.parse(FORWARD)), nsa_opt(str(FORWARD)))
        with self.assertRaises(FileNotFoundError):
            Module.parse(ROOT / "gone.mlir")

    def test_bytecode(self) -> None:
        module = Module.parse(WINDOW, name="window.py")
        data = module.bytecode()
        self.assertTrue(data.startswith(b"ML\xefR"))
        again = Module.parse(data)
        self.assertEqual(again.text(locations=True), module.text(locations=True))
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "window.mlirbc"
            path.write_bytes(data)
            self.assertEqual(str(Module.parse(path)), str(module))
            self.assertEqual(nsa_opt(str(path)), str(module))

    def test_flags_of_printing(self) -> None:
        module = Module.parse(WINDOW, name="window.py")
        self.assertNotIn("loc(", str(module))
        self.assertIn('loc("window.py":3:10)', module.text(locations=True))
        self.assertIn('"nsa.window_attention"(', module.text(generic=True))

    def test_unverified(self) -> None:
        module = Module.parse(INVALID, verify=False)
        with self.assertRaisesRegex(NSAError, r"^-:2:3: error: 'func.return' op has 0 operands"):
            module.verify()
        with self.assertRaisesRegex(NSAError, r"^-:2:3: error:"):
            module.run("cse")
        with self.assertRaisesRegex(NSAError, r"^-:2:3: error:"):
            module.report()

    def test_strings_that_c_does_not_have(self) -> None:
        for call in (
            lambda: Module.parse("", name="a\0b"),
            lambda: Module.parse("").run("a\0b"),
            lambda: Context(remarks="a\0b", handler=print),
        ):
            self.assertRaisesRegex(ValueError, "NUL", call)
        # Within a module a NUL is a character as any other.
        self.assertRaises(NSAError, Module.parse, "module {}\0}")
        self.assertRaises(NSAError, Module.parse, b"\xff\xfe")


class Diagnostics(unittest.TestCase):
    def error(self, source: str, **arguments: Any) -> NSAError:
        with self.assertRaises(NSAError) as caught:
            Module.parse(source, **arguments)
        return caught.exception

    def test_location(self) -> None:
        error = self.error("func.func @f)", name="model.py")
        (diagnostic,) = error.diagnostics
        self.assertEqual(
            (diagnostic.severity, diagnostic.file, diagnostic.line, diagnostic.column),
            ("error", "model.py", 1, 13),
        )
        self.assertEqual(diagnostic.location, 'loc("model.py":1:13)')
        self.assertRegex(str(error), r"^model\.py:1:13: error: expected '\('")

    def test_notes(self) -> None:
        error = self.error("func.func private @f()\nfunc.func private @f()", name="m")
        (diagnostic,) = error.diagnostics
        (note,) = diagnostic.notes
        self.assertEqual((note.severity, note.line, diagnostic.line), ("note", 1, 2))
        self.assertRegex(str(error), r"^m:2:1: error: redefinition.*\nm:1:1: note: see existing")

    def test_op(self) -> None:
        error = self.error(WINDOW.replace("window = 64", "window = 0"))
        self.assertRegex(str(error), r"^-:3:10: error: 'nsa\.window_attention' op.*window")

    def test_text_that_is_not_utf8(self) -> None:
        error = self.error('"\udcff"')
        self.assertEqual(error.diagnostics[0].line, 1)

    def test_nothing_on_standard_error(self) -> None:
        done = python(
            "from nsa_mlir.compiler import *\n"
            "for call in (lambda: Module.parse('}'), lambda: Module.parse('').run('x'),\n"
            "             lambda: Module.parse('').run('nsa-to-ptx', x=1)):\n"
            "    try:\n        call()\n    except NSAError as error:\n        print(error)\n",
            NSA_MLIR_LIBRARY=os.environ["NSA_MLIR_LIBRARY"],
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(len(done.stdout.splitlines()), 3)

    def test_handler(self) -> None:
        seen: list[Diagnostic] = []
        context = Context(remarks="nsa-set-.*", handler=seen.append)
        module = context.parse(WINDOW)
        self.assertEqual(seen, [])
        module.run("nsa-set-schedule")
        self.assertEqual({d.severity for d in seen}, {"remark"})
        self.assertTrue(all(d.line == 3 and "nsa-set-schedule" in d.message for d in seen))
        seen.clear()
        with self.assertRaises(NSAError) as caught:
            context.parse("}")
        self.assertEqual(seen, caught.exception.diagnostics)

    def test_remarks_are_off(self) -> None:
        seen: list[Diagnostic] = []
        Context(handler=seen.append).parse(WINDOW).run("nsa-set-schedule")
        self.assertEqual(seen, [])
        self.assertRaises(TypeError, Context, remarks="nsa.*")
        with self.assertRaisesRegex(NSAError, r"'\(' is not a regular expression"):
            Context(remarks="(", handler=print)

    def test_handler_that_raises(self) -> None:
        class Stop(Exception):
            pass

        def stop(_: Diagnostic) -> None:
            raise Stop

        context = Context(remarks="nsa.*", handler=stop)
        module = context.parse(WINDOW)
        self.assertRaises(Stop, module.run, "nsa-set-schedule")
        # The context is as good as before.
        context.handler = None
        self.assertIn(".entry", compiler.compile(module)["f_kernels"])

    def test_warnings_become_pythons(self) -> None:
        context = Context()
        warning = Diagnostic("warning", "watch out", "f", 1, 2, 'loc("f":1:2)')

        def warn() -> int:
            context._sink.diagnostics.append(warning)
            return 7

        released: list[int] = []
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            self.assertEqual(context._call("", warn, released.append), 7)
            self.assertEqual(released, [])
            # As an error, it takes the place of the result.
            warnings.simplefilter("error")
            self.assertRaises(compiler.NSAWarning, context._call, "", warn, released.append)
            self.assertEqual(released, [7])
        self.assertEqual(
            [(w.category, str(w.message)) for w in caught],
            [(compiler.NSAWarning, "f:1:2: warning: watch out")],
        )

    def test_failure_within_the_c_handler(self) -> None:
        """Nothing is raised through C; the caller has it afterwards."""
        context = Context()
        with mock.patch.object(compiler, "_describe", side_effect=KeyboardInterrupt):
            self.assertRaises(KeyboardInterrupt, context.parse, "}")
        self.assertRaises(NSAError, context.parse, "}")


class Pipelines(unittest.TestCase):
    def test_run_changes_the_module(self) -> None:
        module = Module.parse(FORWARD)
        self.assertIs(module.run("nsa-decompose"), module)
        self.assertEqual(str(module), nsa_opt(str(FORWARD), "--nsa-decompose"))
        module.run("builtin.module(func.func(nsa-fuse-selection),canonicalize)")
        # Two pipelines, of which the first is for modules in the module.
        module.run("builtin.module(cse),func.func(cse)")

    def test_transform_script(self) -> None:
        """Contexts know what nsa-opt knows."""
        script = """
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op) {
    %ops = transform.structured.match ops{["nsa.window_attention"]} in %module
        : (!transform.any_op) -> !transform.any_op
    transform.annotate %ops "found" : !transform.any_op
    transform.yield
  }
"""
        module = Module.parse(script + WINDOW + "}").run("transform-interpreter")
        self.assertRegex(str(module), r"nsa\.window_attention .*found")

    def test_failure_leaves_the_module(self) -> None:
        module = Module.parse(WINDOW)
        before = str(module)
        with self.assertRaisesRegex(NSAError, "sm_10"):
            module.run("nsa-decompose,nsa-to-ptx{chip=sm_10}")
        self.assertEqual(str(module), before)

    def test_errors_of_the_text(self) -> None:
        module = Module.parse(WINDOW)
        for text, message in {
            "cse,csee": r"^<pipeline>:1:5: error: 'csee' does not refer to a registered",
            "nsa-to-ptx{chips=sm_80}": r"^<pipeline>: error: no such option chips; failed to add",
            "nsa-set-schedule{chips=sm_80}": r"no such option chips",
            "nsa-to-ptx{chip=sm_80": r"<pipeline>:1:11: error: missing closing '}'",
            "func.func(cse": r"unbalanced parentheses",
        }.items():
            with self.subTest(text), self.assertRaisesRegex(NSAError, message):
                module.run(text)

    def test_text_of_options(self) -> None:
        for options, text in (
            ({"chip": "sm_90"}, "chip=sm_90"),
            ({"chip": ["sm_80", "sm_90"], "opt_level": 2}, "chip=sm_80,sm_90 opt-level=2"),
            (
                {"tensor_cores": False, "union_agreement": 1.5},
                "tensor-cores=false union-agreement=1.5",
            ),
            ({"tuning": "a b.json"}, 'tuning="a b.json"'),
            ({"tuning": 'a"b'}, "tuning='a\"b'"),
            ({"family": ""}, "family="),
            ({}, ""),
        ):
            self.assertEqual(compiler.pipeline("p", **options), "p{" + text + "}")
        for value in ("}{", "a}", "'\"", "a\nb"):
            self.assertRaises(ValueError, compiler.pipeline, "p", x=value)
        for name in ("", "a,b", "f(a)", "a{b=c}", "a b"):
            self.assertRaises(ValueError, compiler.pipeline, name, x=1)

    def test_options_arrive(self) -> None:
        """Each kind of value, in what it makes the compiler do."""
        module = Module.parse(WINDOW)
        module.clone().run("nsa-to-ptx", family="", queries=0, union_agreement=1.5)
        plain = compiler.compile(module, tensor_cores=False)["f_kernels"]
        self.assertNotIn("mma.sync", plain)
        self.assertIn("mma.sync", compiler.compile(module, tensor_cores=True)["f_kernels"])
        # A file's name with a space in it is one value.
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "no such file, really.json")
            with self.assertRaisesRegex(NSAError, re.escape(path)):
                module.run("nsa-set-schedule", tuning=path)
        both = module.clone().run("nsa-to-ptx", chip=["sm_80", "sm_90"])
        self.assertEqual([o.chip for o in both.objects()], ["sm_80", "sm_90"])

    def test_value_of_the_wrong_type(self) -> None:
        with self.assertRaisesRegex(NSAError, "options `opt-level=high`"):
            Module.parse(WINDOW).run("nsa-to-ptx", opt_level="high")


class Compiling(unittest.TestCase):
    def test_ptx_is_nsa_opts(self) -> None:
        """The same bytes as in what nsa-opt prints, for the same options."""
        cases: list[tuple[str, dict[str, Any]]] = [("sm_80", {}), ("sm_90", {"opt_level": 1})]
        for chip, options in cases:
            flags = " ".join(
                [f"chip={chip}", *(f"{k.replace('_', '-')}={v}" for k, v in options.items())]
            )
            printed = nsa_opt(str(FORWARD), f"--nsa-to-ptx={flags}")
            found = re.findall(r'gpu\.binary @(\w+) .*assembly = "((?:[^"\\]|\\.)*)"', printed)
            ((name, escaped),) = found
            expected = re.sub(
                r"\\([0-9A-F]{2}|.)",
                lambda m: chr(int(m[1], 16)) if len(m[1]) == 2 else m[1],
                escaped,
            )
            with self.subTest(chip=chip):
                self.assertIn(".entry", expected)
                self.assertEqual(
                    compiler.compile(FORWARD, "ptx", chip=chip, **options), {name: expected}
                )

    def test_host_code_is_nsa_opts(self) -> None:
        lowered = compiler.compile(FORWARD, "llvm", vector_width=512)
        self.assertEqual(str(lowered), nsa_opt(str(FORWARD), "--nsa-to-cpu=vector-width=512"))

    def test_the_module_stays(self) -> None:
        module = Module.parse(WINDOW)
        before = str(module)
        for to in ("ptx", "bitcode", "llvm"):
            compiler.compile(module, to)
            self.assertEqual(str(module), before)

    def test_sources(self) -> None:
        expected = compiler.compile(WINDOW)
        context = Context()
        for source in (WINDOW.encode(), Module.parse(WINDOW), Module.parse(WINDOW).bytecode()):
            self.assertEqual(compiler.compile(source).keys(), expected.keys())
        self.assertEqual(compiler.compile(WINDOW, context=context), expected)
        with self.assertRaisesRegex(ValueError, "another context"):
            compiler.compile(Module.parse(WINDOW), context=context)

    def test_an_example(self) -> None:
        text = example.generate("window", example.Configuration(dtype="f16"))
        (ptx,) = compiler.compile(text, chip="sm_100").values()
        self.assertIn(".target sm_100", ptx)

    def test_bitcode(self) -> None:
        (code,) = compiler.compile(WINDOW, "bitcode").values()
        self.assertTrue(code.startswith(b"BC\xc0\xde"))

    def test_cubin(self) -> None:
        """Where there is a CUDA toolkit; the error names what was tried, where not."""
        with self.assertRaisesRegex(NSAError, "/gone.*ptxas"):
            compiler.compile(WINDOW, "cubin", toolkit="/gone")
        try:
            (code,) = compiler.compile(WINDOW, "cubin").values()
        except NSAError as error:
            self.assertIn("ptxas", str(error))
        else:
            self.assertTrue(code.startswith(b"\x7fELF"))

    def test_arguments(self) -> None:
        unchecked: Any = compiler.compile
        with self.assertRaisesRegex(ValueError, "to='elf', expected ptx, cubin, bitcode or llvm"):
            unchecked(WINDOW, "elf")
        with self.assertRaisesRegex(ValueError, "for the CPU"):
            unchecked(WINDOW, "llvm", chip="sm_80")
        with self.assertRaisesRegex(NSAError, "sm_10"):
            compiler.compile(WINDOW, chip="sm_10")

    def test_objects_of_one_name(self) -> None:
        """In nested modules names may repeat; none is dropped silently."""
        binary = 'gpu.binary @k [#gpu.object<#nvvm.target<chip = "sm_80">, assembly = "%s">]'
        text = "\n".join(f"module @{m} {{ {binary % m} }}" for m in ("a", "b"))
        module = Module.parse(text)
        self.assertEqual([each.data for each in module.objects()], [b"a", b"b"])
        with self.assertRaisesRegex(NSAError, "several objects are called k"):
            module.ptx()

    def test_ptx_of_a_module(self) -> None:
        module = Module.parse(WINDOW)
        self.assertEqual(module.objects(), [])
        with self.assertRaisesRegex(NSAError, "the module has no ptx; .* nsa-to-ptx"):
            module.ptx()
        module.run("nsa-to-ptx", chip=["sm_80", "sm_90"])
        with self.assertRaisesRegex(NSAError, "ptx for sm_80, sm_90; name the chip"):
            module.ptx()
        with self.assertRaisesRegex(NSAError, "for sm_80, sm_90, not for sm_100"):
            module.ptx("sm_100")
        for found in module.objects():
            self.assertEqual((found.binary, found.format), (f"f_kernels_{found.chip}", "ptx"))
            self.assertEqual(module.ptx(found.chip), {found.binary: found.data.decode()})
            self.assertIn(f".target {found.chip}", found.data.decode())


class Reports(unittest.TestCase):
    def test_text(self) -> None:
        report = Module.parse(WINDOW, name="window.py").report(chip="sm_90")
        self.assertIn("chip sm_90", report)
        self.assertIn("nsa.window_attention at window.py:3:10", report)

    def test_json(self) -> None:
        report = json.loads(Module.parse(WINDOW).report("json", kernels=True, tokens=4096))
        self.assertEqual(report["tokens"], 4096)
        (op,) = report["ops"]
        self.assertEqual(op["op"], "nsa.window_attention")
        self.assertTrue(op["kernels"])

    def test_errors(self) -> None:
        module = Module.parse(WINDOW)
        with self.assertRaisesRegex(NSAError, "nsa-report: options .*no such option chips"):
            module.report(chips="sm_80")
        with self.assertRaisesRegex(NSAError, "nsa-report: .*sm_10"):
            module.report(chip="sm_10")


class Registry(unittest.TestCase):
    def test_all_that_nsa_opt_has(self) -> None:
        """The list is complete: the passes that nsa-opt has of ours, and no others."""
        listed = re.findall(r"^\s+--([a-z0-9-]+)\s+-\s", nsa_opt("--help"), re.MULTILINE)
        ours = {name for name in listed if re.match(r"nsa-|convert-nsa-", name)}
        found = compiler.passes()
        self.assertEqual(len({p.name for p in found}), len(found))
        self.assertEqual({p.name for p in found if "nsa" in p.name} - ours, set())
        self.assertEqual(ours - {p.name for p in found}, set())
        self.assertEqual({p.name for p in found} - set(listed), set())
        self.assertTrue(all(p.summary for p in found))
        pipelines = {p.name for p in found if p.is_pipeline}
        self.assertLessEqual({"nsa-to-cpu", "nsa-to-ptx"}, pipelines)
        self.assertNotIn("nsa-decompose", pipelines)

    def test_version(self) -> None:
        self.assertRegex(compiler.version(), r"^\d+\.\d+\.\d+$")


class Lifetimes(unittest.TestCase):
    def test_modules_keep_their_context(self) -> None:
        context = Context()
        module = context.parse(WINDOW)
        copy = module.clone()
        self.assertIs(copy.context, context)
        del context, module
        gc.collect()
        self.assertRaises(NSAError, copy.run, "x")
        copy.run("nsa-to-ptx")

    def test_close(self) -> None:
        with Module.parse(WINDOW) as module:
            str(module)
        module.close()
        uses: list[Any] = [
            module.verify,
            module.bytecode,
            module.objects,
            module.clone,
            module.report,
        ]
        for use in uses:
            self.assertRaisesRegex(ValueError, "closed", use)

    def test_context_after_the_end(self) -> None:
        """A context that the end of the process has freed is not used."""
        code = (
            "import atexit\n"
            "def late():\n"
            "    try: context.parse('')\n"
            "    except ValueError as error: print(error)\n"
            "atexit.register(late)\n"
            "from nsa_mlir import compiler\n"
            "context = compiler.Context()\n"
        )
        result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        self.assertEqual((result.returncode, result.stdout), (0, "the context is closed\n"))

    def test_no_cycles(self) -> None:
        """Freed with the last reference, without the garbage collector."""
        import weakref

        gc.disable()
        try:
            context = Context()
            module = context.parse(WINDOW)
            alive: list[Any] = [weakref.ref(context), weakref.ref(module)]
            del context, module
            self.assertEqual([ref() for ref in alive], [None, None])
        finally:
            gc.enable()

    def test_end_of_the_process(self) -> None:
        done = python(
            "from nsa_mlir.compiler import *\n"
            "context = Context()\n"
            "module = context.parse('')\n"
            "cycle = [module]; cycle.append(cycle)\n",
            NSA_MLIR_LIBRARY=os.environ["NSA_MLIR_LIBRARY"],
        )
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))


class Threads(unittest.TestCase):
    def in_threads(self, count: int, work: Any) -> list[Any]:
        results: list[Any] = [None] * count

        def run(index: int) -> None:
            results[index] = work(index)

        threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results

    def test_contexts(self) -> None:
        expected = compiler.compile(WINDOW)
        results = self.in_threads(3, lambda _: compiler.compile(WINDOW))
        self.assertEqual(results, [expected] * 3)

    def test_one_context(self) -> None:
        """Each thread has the errors of its own calls."""
        context = Context()
        handle = compiler._Sink.__call__

        def handle_slowly(sink: compiler._Sink, diagnostic: Any, data: object) -> None:
            handle(sink, diagnostic, data)
            time.sleep(0.01)  # Long enough for the others to come in between.

        def work(index: int) -> bool:
            for _ in range(5):
                try:
                    context.parse("}", name=f"thread-{index}")
                except NSAError as error:
                    if [d.file for d in error.diagnostics] != [f"thread-{index}"]:
                        return False
            return True

        with mock.patch.object(compiler._Sink, "__call__", handle_slowly):
            self.assertEqual(self.in_threads(4, work), [True] * 4)


class Library(unittest.TestCase):
    CODE = "from nsa_mlir import compiler\nprint(compiler.version())"

    def test_named(self) -> None:
        done = python(self.CODE, NSA_MLIR_LIBRARY="/gone/libNSACAPI.so")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"OSError: no libNSACAPI\.so that can be used")
        self.assertIn("/gone/libNSACAPI.so: there is no such file", done.stderr)
        self.assertIn("NSA_MLIR_LIBRARY", done.stderr)

    def test_not_ours(self) -> None:
        """A file that is no library, and a library without our functions."""
        done = python(self.CODE, NSA_MLIR_LIBRARY=str(Path(__file__).resolve()))
        self.assertRegex(done.stderr, r"OSError: [^$]*test_compiler\.py: .*ELF")
        other = ctypes.CDLL(None)
        self.assertFalse(hasattr(other, "nsaGetVersion"))
        done = python(self.CODE, NSA_MLIR_LIBRARY="libc.so.6")
        self.assertRegex(done.stderr, r"libc\.so\.6: .*undefined symbol: nsa")

    def test_another_copy(self) -> None:
        with (
            mock.patch.object(compiler._library(), "nsaContextCreate", return_value=None),
            self.assertRaisesRegex(RuntimeError, "another copy"),
        ):
            Context()

    def test_beside_the_package(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            package = Path(name) / "nsa_mlir"
            package.mkdir()
            for file in ("__init__.py", "compiler.py"):
                (package / file).symlink_to(ROOT / "python" / "nsa_mlir" / file)
            code = (
                f"import sys; sys.path.insert(0, {name!r})\n"
                "from pathlib import Path\nfrom nsa_mlir import compiler\n"
                f"compiler.__file__ = {str(package / 'compiler.py')!r}\n"
                "real = Path.resolve\nPath.resolve = lambda self, **_: self\n"
                "print(compiler._candidates())\nprint(compiler.version())"
            )
            done = python(code)
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertIn(str(package / "libNSACAPI.so") + ": there is no such", done.stderr)
            self.assertIn(f"libNSACAPI.so.{compiler.ABI_VERSION}: ", done.stderr)
            (package / "libNSACAPI.so").symlink_to(os.environ["NSA_MLIR_LIBRARY"])
            done = python(code)
            self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
