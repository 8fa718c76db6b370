# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The compiler in this process: parse, verify, run pipelines, take PTX and reports.

>>> from pathlib import Path
>>> from nsa_mlir import compiler
>>> module = compiler.Module.parse(Path("docs/examples/nsa_forward.mlir"))
>>> ptx = compiler.compile(module, to="ptx", chip="sm_90")
>>> for name, text in ptx.items():
...     print(name, text.count(".entry"), "kernels")

Needs the standard library and ``libNSACAPI.so``, which the build makes in
``build/lib``. It is looked for, when first needed, in this order:

1. the file that the environment variable ``NSA_MLIR_LIBRARY`` names;
2. beside this file, where a wheel has it;
3. ``build/lib`` of the checkout that this file is in;
4. where the loader looks (``LD_LIBRARY_PATH``, the system's directories).

What fails raises ``NSAError``, which has the compiler's diagnostics and prints
them as a compiler does. Objects may be used by several threads; calls into one
context wait for each other, those into different contexts do not.
"""

from __future__ import annotations

import ctypes
import os
import threading
import warnings
import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TypeVar, overload

__all__ = [
    "Context",
    "Diagnostic",
    "Module",
    "NSAError",
    "NSAWarning",
    "Object",
    "Pass",
    "compile",
    "passes",
    "pipeline",
    "version",
]

Severity = Literal["error", "warning", "note", "remark"]
ObjectFormat = Literal["ptx", "cubin", "bitcode"]
Option = bool | int | float | str | Iterable[int | float | str]
#: MLIR as text or bytecode, or the path of a file with either.
Source = str | bytes | os.PathLike[str]

ABI_VERSION = 0
SONAME = f"libNSACAPI.so.{ABI_VERSION}"

T = TypeVar("T")

# ------------------------------------------------------------------------------
# Diagnostics
# ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Diagnostic:
    """What the compiler has to say, and about which place."""

    severity: Severity
    message: str
    #: The file as the module was given it; ``None`` if the place is in none.
    #: In an error about the text of a pipeline it is ``<pipeline>``.
    file: str | None
    #: From 1; 0 if unknown.
    line: int
    column: int
    #: All of the location, as MLIR prints it.
    location: str
    notes: tuple[Diagnostic, ...] = ()

    def __str__(self) -> str:
        place = "" if self.file is None else f"{self.file}: "
        if self.file is not None and self.line:
            place = f"{self.file}:{self.line}:{self.column}: "
        lines = [f"{place}{self.severity}: {self.message}"]
        return "\n".join(lines + [str(note) for note in self.notes])


class NSAError(Exception):
    """The compiler refused something; ``diagnostics`` says what, and where."""

    def __init__(self, summary: str, diagnostics: Iterable[Diagnostic] = ()) -> None:
        self.diagnostics = list(diagnostics)
        said = [str(d) for d in self.diagnostics if d.severity != "remark"]
        super().__init__("\n".join(said) or summary)


class NSAWarning(UserWarning):
    """A warning of the compiler, from a context without a handler."""


# ------------------------------------------------------------------------------
# The library
# ------------------------------------------------------------------------------


class _Diagnostic(ctypes.Structure):
    """NSADiagnostic of nsa-c/Compiler.h."""


_Diagnostic._fields_ = [
    ("severity", ctypes.c_int),
    ("message", ctypes.c_char_p),
    ("file", ctypes.c_char_p),
    ("line", ctypes.c_uint32),
    ("column", ctypes.c_uint32),
    ("location", ctypes.c_char_p),
    ("num_notes", ctypes.c_size_t),
    ("notes", ctypes.POINTER(_Diagnostic)),
]


class _PassInfo(ctypes.Structure):
    """NSAPassInfo."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("summary", ctypes.c_char_p),
        ("is_pipeline", ctypes.c_bool),
    )


class _Object(ctypes.Structure):
    """NSAObject."""

    _fields_ = (
        ("binary", ctypes.c_char_p),
        ("chip", ctypes.c_char_p),
        ("format", ctypes.c_int),
        ("data", ctypes.c_void_p),
        ("length", ctypes.c_size_t),
    )


_Handler = ctypes.CFUNCTYPE(None, ctypes.POINTER(_Diagnostic), ctypes.c_void_p)

_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note", "remark")
_FORMATS: tuple[ObjectFormat, ...] = ("ptx", "cubin", "bitcode")
_UNVERIFIED = 1
_LOCATIONS, _GENERIC = 1, 2

_POINTER = ctypes.c_void_p
_STRING = ctypes.c_char_p
_SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "nsaGetABIVersion": (ctypes.c_int, []),
    "nsaGetVersion": (_STRING, []),
    "nsaStringGetData": (_POINTER, [_POINTER]),
    "nsaStringGetLength": (ctypes.c_size_t, [_POINTER]),
    "nsaStringDestroy": (None, [_POINTER]),
    "nsaContextCreate": (_POINTER, []),
    "nsaContextDestroy": (None, [_POINTER]),
    "nsaContextSetMultithreading": (None, [_POINTER, ctypes.c_bool]),
    "nsaContextSetDiagnosticHandler": (None, [_POINTER, _Handler, _POINTER]),
    "nsaContextSetRemarks": (ctypes.c_int, [_POINTER, _STRING]),
    "nsaModuleParse": (
        _POINTER,
        [_POINTER, _STRING, ctypes.c_size_t, _STRING, ctypes.c_uint],
    ),
    "nsaModuleClone": (_POINTER, [_POINTER]),
    "nsaModuleDestroy": (None, [_POINTER]),
    "nsaModuleVerify": (ctypes.c_int, [_POINTER]),
    "nsaModulePrint": (_POINTER, [_POINTER, ctypes.c_uint]),
    "nsaModuleWriteBytecode": (_POINTER, [_POINTER]),
    "nsaModuleRunPipeline": (ctypes.c_int, [_POINTER, _STRING]),
    "nsaModuleGetReport": (_POINTER, [_POINTER, _STRING]),
    "nsaModuleGetNumObjects": (ctypes.c_size_t, [_POINTER]),
    "nsaModuleGetObject": (
        ctypes.c_int,
        [_POINTER, ctypes.c_size_t, ctypes.POINTER(_Object)],
    ),
    "nsaModuleGetPTX": (_POINTER, [_POINTER, _STRING, _STRING]),
    "nsaGetNumPasses": (ctypes.c_size_t, []),
    "nsaGetPassInfo": (ctypes.c_int, [ctypes.c_size_t, ctypes.POINTER(_PassInfo)]),
}

_lock = threading.Lock()
_loaded: ctypes.CDLL | None = None


def _candidates() -> list[str]:
    """Where the library may be, in the order in which it is looked for."""
    named = os.environ.get("NSA_MLIR_LIBRARY")
    if named:
        return [named]
    here = Path(__file__).resolve().parent
    return [
        str(here / "libNSACAPI.so"),
        str(here.parents[1] / "build" / "lib" / "libNSACAPI.so"),
        SONAME,
    ]


def _load() -> ctypes.CDLL:
    tried = []
    for candidate in _candidates():
        if os.sep in candidate and not os.path.exists(candidate):
            tried.append(f"{candidate}: there is no such file")
            continue
        try:
            library = ctypes.CDLL(candidate)
        except OSError as error:
            tried.append(f"{candidate}: {error}")
            continue
        try:
            for name, (result, arguments) in _SIGNATURES.items():
                function = getattr(library, name)
                function.restype, function.argtypes = result, arguments
            found = library.nsaGetABIVersion()
        except AttributeError as error:
            tried.append(f"{candidate}: {error}")
            continue
        if found != ABI_VERSION:
            tried.append(f"{candidate}: its ABI version is {found}, not {ABI_VERSION}")
            continue
        return library
    raise OSError(
        "no libNSACAPI.so that can be used:\n  "
        + "\n  ".join(tried)
        + "\nutils/build.sh makes it in build/lib (it needs Debian's libmlir-22); "
        "NSA_MLIR_LIBRARY names one that is elsewhere"
    )


def _library() -> ctypes.CDLL:
    global _loaded
    with _lock:
        if _loaded is None:
            _loaded = _load()
        return _loaded


def _text(data: bytes | None) -> str:
    # MLIR's strings are bytes.
    return (data or b"").decode("utf-8", "replace")


def _c_string(text: str, what: str) -> bytes:
    encoded = os.fsencode(text)
    if b"\0" in encoded:
        raise ValueError(f"{what} has a NUL character in it: {text!r}")
    return encoded


def _describe(diagnostic: _Diagnostic) -> Diagnostic:
    return Diagnostic(
        severity=_SEVERITIES[diagnostic.severity],
        message=_text(diagnostic.message),
        file=None if diagnostic.file is None else _text(diagnostic.file),
        line=diagnostic.line,
        column=diagnostic.column,
        location=_text(diagnostic.location),
        notes=tuple(_describe(diagnostic.notes[i]) for i in range(diagnostic.num_notes)),
    )


class _Sink:
    """What the C handler leaves behind: it must not raise, nor run others' code."""

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.failure: BaseException | None = None

    def __call__(self, diagnostic: Any, _: object) -> None:
        try:
            self.diagnostics.append(_describe(diagnostic.contents))
        except BaseException as failure:
            self.failure = failure

    def take(self) -> list[Diagnostic]:
        taken, self.diagnostics = self.diagnostics, []
        failure, self.failure = self.failure, None
        if failure is not None:
            raise failure
        return taken


# ------------------------------------------------------------------------------
# Contexts
# ------------------------------------------------------------------------------


class Context:
    """What modules are made in. Modules keep their context alive.

    ``handler`` is called with each warning and remark, and with the errors of
    what fails, before the exception is raised; what it raises goes to the
    caller. Without one, warnings become Python's (``NSAWarning``).
    ``remarks="nsa.*"`` also has the passes' decisions reported: those whose pass
    the regular expression matches. They need a handler.
    ``multithreading=False`` keeps passes in the calling thread.
    """

    def __init__(
        self,
        *,
        remarks: str | None = None,
        handler: Callable[[Diagnostic], object] | None = None,
        multithreading: bool = True,
    ) -> None:
        if remarks is not None and handler is None:
            raise TypeError("remarks need a handler that they are given to")
        self.handler = handler
        self._library = _library()
        self._lock = threading.RLock()
        self._sink = _Sink()
        # The library keeps it as long as the context or a module lives; both
        # refer to this object.
        self._c_handler = _Handler(self._sink)
        self._address: int | None = self._library.nsaContextCreate()
        if self._address is None:
            raise RuntimeError("another copy of nsa-mlir is loaded in this process")
        self._finalizer = weakref.finalize(self, self._library.nsaContextDestroy, self._address)
        self._library.nsaContextSetDiagnosticHandler(self._handle, self._c_handler, None)
        if not multithreading:
            self._library.nsaContextSetMultithreading(self._handle, False)
        if remarks is not None:
            pattern = _c_string(remarks, "remarks")
            self._call(
                "remarks cannot be enabled",
                lambda: self._library.nsaContextSetRemarks(self._handle, pattern) == 0,
            )

    @property
    def _handle(self) -> int:
        # Finalizers run when the interpreter exits, with this object alive.
        if not self._finalizer.alive or self._address is None:
            raise ValueError("the context is closed")
        return self._address

    def parse(self, source: Source, *, name: str | None = None, verify: bool = True) -> Module:
        """``Module.parse`` in this context."""
        return Module.parse(source, name=name, context=self, verify=verify)

    def _call(
        self,
        summary: str,
        function: Callable[[], T],
        release: Callable[[T], object] | None = None,
    ) -> T:
        """Calls into the library; its result must be true. Tells what it says.

        ``release`` frees the result where that does not reach the caller.
        """
        with self._lock:
            self._sink.take()
            result = function()
            said = self._sink.take()
        try:
            # Others' code.
            for diagnostic in said:
                if self.handler is not None:
                    self.handler(diagnostic)
                elif diagnostic.severity == "warning":
                    warnings.warn(str(diagnostic), NSAWarning, stacklevel=3)
        except BaseException:
            if result and release is not None:
                release(result)
            raise
        if not result:
            raise NSAError(summary, said)
        return result

    def _bytes(self, summary: str, function: Callable[[], int | None]) -> bytes:
        """The contents of the NSAString that the function makes."""
        destroy = self._library.nsaStringDestroy
        string = self._call(summary, function, destroy)
        try:
            data = self._library.nsaStringGetData(string)
            return ctypes.string_at(data, self._library.nsaStringGetLength(string))
        finally:
            destroy(string)


# ------------------------------------------------------------------------------
# Modules
# ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Object:
    """Device code in a module: one for each ``gpu.binary`` and chip."""

    #: The symbol of the gpu.binary.
    binary: str
    #: ``sm_80``; empty if the target is not NVIDIA's.
    chip: str
    format: ObjectFormat
    data: bytes


class Module:
    """A ``builtin.module``. ``str`` prints it."""

    def __init__(self, context: Context, handle: int) -> None:
        """For this file alone; see ``Module.parse``."""
        self.context = context
        self._library = context._library
        self._address = handle
        self._finalizer = weakref.finalize(self, self._library.nsaModuleDestroy, handle)

    @classmethod
    def parse(
        cls,
        source: Source,
        *,
        name: str | None = None,
        context: Context | None = None,
        verify: bool = True,
    ) -> Module:
        """Parses MLIR: a ``str`` or ``bytes`` is the text or bytecode itself, a
        ``Path`` the file that it is in.

        ``name`` is the file's name in diagnostics (default: the path, or ``-``).
        Without a ``context``, the module has one of its own. With
        ``verify=False`` a module may be looked at that is not valid.
        """
        if isinstance(source, str):
            data = source.encode("utf-8", "surrogateescape")
        elif isinstance(source, bytes):
            data = source
        else:
            data = Path(source).read_bytes()
            name = os.fspath(source) if name is None else name
        in_context = Context() if context is None else context
        file = _c_string("-" if name is None else name, "name")
        flags = 0 if verify else _UNVERIFIED
        handle = in_context._call(
            "the module cannot be parsed",
            lambda: in_context._library.nsaModuleParse(
                in_context._handle, data, len(data), file, flags
            ),
            in_context._library.nsaModuleDestroy,
        )
        return cls(in_context, handle)

    @property
    def _handle(self) -> int:
        if not self._finalizer.alive:
            raise ValueError("the module is closed")
        return self._address

    def close(self) -> None:
        """Frees the module now rather than with the last reference to it."""
        with self.context._lock:
            self._finalizer()

    def __enter__(self) -> Module:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def clone(self) -> Module:
        """A copy in the same context."""
        handle = self.context._call(
            "the module cannot be copied",
            lambda: self._library.nsaModuleClone(self._handle),
            self._library.nsaModuleDestroy,
        )
        return Module(self.context, handle)

    def verify(self) -> None:
        """Raises ``NSAError`` if the module is not valid."""
        self.context._call(
            "the module is not valid",
            lambda: self._library.nsaModuleVerify(self._handle) == 0,
        )

    def __str__(self) -> str:
        return self.text()

    def text(self, *, locations: bool = False, generic: bool = False) -> str:
        """The module as MLIR prints it, with locations or with generic ops."""
        flags = (_LOCATIONS if locations else 0) | (_GENERIC if generic else 0)
        return _text(
            self.context._bytes(
                "the module cannot be printed",
                lambda: self._library.nsaModulePrint(self._handle, flags),
            )
        )

    def bytecode(self) -> bytes:
        """The module as MLIR bytecode, locations included."""
        return self.context._bytes(
            "the module cannot be written as bytecode",
            lambda: self._library.nsaModuleWriteBytecode(self._handle),
        )

    def run(self, passes: str, **options: Option) -> Module:
        """Runs passes; returns the module itself.

        ``passes`` is what nsa-opt takes with ``--pass-pipeline``, without or with
        ``builtin.module(...)`` around it; or one name with ``options`` as
        ``pipeline`` takes them. If a pass fails, the module is what it was.
        """
        text = _c_string(pipeline(passes, **options) if options else passes, "the pipeline")
        self.context._call(
            "the pipeline failed",
            lambda: self._library.nsaModuleRunPipeline(self._handle, text) == 0,
        )
        return self

    def report(self, format: Literal["text", "json"] = "text", **options: Option) -> str:
        """What the pass ``nsa-report`` says of the module, as text or JSON.

        Options are the pass's, for instance ``chip="sm_90"``, ``kernels=True``.
        """
        text = _c_string(_options({"format": format, **options}), "an option")
        return _text(
            self.context._bytes(
                "nsa-report failed",
                lambda: self._library.nsaModuleGetReport(self._handle, text),
            )
        )

    def objects(self) -> list[Object]:
        """The device code that ``nsa-to-ptx`` has made."""
        with self.context._lock:
            found = []
            for index in range(self._library.nsaModuleGetNumObjects(self._handle)):
                described = _Object()
                self._library.nsaModuleGetObject(self._handle, index, ctypes.byref(described))
                found.append(
                    Object(
                        binary=_text(described.binary),
                        chip=_text(described.chip),
                        format=_FORMATS[described.format],
                        data=ctypes.string_at(described.data, described.length),
                    )
                )
            return found

    def ptx(self, chip: str | None = None) -> dict[str, str]:
        """The PTX for a chip, by the symbol of its ``gpu.binary``.

        ``None``: for the only chip that there is. Raises ``NSAError`` if there is
        no PTX for the chip, or for several chips and none is named.
        """
        return {name: _text(data) for name, data in self._device_code("ptx", chip).items()}

    def _device_code(self, format: ObjectFormat, chip: str | None) -> dict[str, bytes]:
        have = [each for each in self.objects() if each.format == format]
        chips = sorted({each.chip for each in have})
        if not have:
            raise NSAError(f"the module has no {format}; the pipeline nsa-to-ptx makes it")
        if chip is None and len(chips) > 1:
            raise NSAError(f"the module has {format} for {', '.join(chips)}; name the chip")
        if chip is not None and chip not in chips:
            raise NSAError(f"the module has {format} for {', '.join(chips)}, not for {chip}")
        fitting = [each for each in have if chip in (None, each.chip)]
        names = [each.binary for each in fitting]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise NSAError(f"several objects are called {', '.join(twice)}; see objects()")
        return {each.binary: each.data for each in fitting}


# ------------------------------------------------------------------------------
# Compiling
# ------------------------------------------------------------------------------


def _format_value(name: str, value: Option) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if not isinstance(value, str):
        return ",".join(_format_value(name, element) for element in value)
    # Braces are matched before quotes are seen.
    depth = 0
    for character in value:
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth < 0:
            break
    if depth != 0 or ('"' in value and "'" in value) or "\n" in value:
        raise ValueError(f"{name}={value!r} cannot be written in a pipeline")
    if any(character in value for character in " '\"{}()[],="):
        quote = "'" if '"' in value else '"'
        return quote + value + quote
    return value


def _options(options: dict[str, Option]) -> str:
    return " ".join(
        f"{name.replace('_', '-')}={_format_value(name, value)}" for name, value in options.items()
    )


def pipeline(name: str, **options: Option) -> str:
    """A pass or pipeline with options, as text for ``Module.run``.

    Underscores stand for the dashes in names of options; values are numbers,
    booleans, strings, or lists of them: ``pipeline("nsa-to-ptx", chip=["sm_80",
    "sm_90"], opt_level=2)``.
    """
    if not name or any(character in name for character in "(){},= \n"):
        raise ValueError(f"options need the name of one pass or pipeline, not {name!r}")
    return f"{name}{{{_options(options)}}}"


@overload
def compile(
    source: Module | Source,
    to: Literal["ptx"] = "ptx",
    *,
    chip: str | None = None,
    context: Context | None = None,
    **options: Option,
) -> dict[str, str]: ...


@overload
def compile(
    source: Module | Source,
    to: Literal["cubin", "bitcode"],
    *,
    chip: str | None = None,
    context: Context | None = None,
    **options: Option,
) -> dict[str, bytes]: ...


@overload
def compile(
    source: Module | Source,
    to: Literal["llvm"],
    *,
    chip: None = None,
    context: Context | None = None,
    **options: Option,
) -> Module: ...


def compile(
    source: Module | Source,
    to: str = "ptx",
    *,
    chip: str | None = None,
    context: Context | None = None,
    **options: Option,
) -> dict[str, str] | dict[str, bytes] | Module:
    """Compiles a module, which does not change, or what ``Module.parse`` takes.

    ============  ==============================================================
    ``to``        result
    ============  ==============================================================
    ``ptx``       PTX for ``chip`` (default: sm_80), by the symbol of its
                  ``gpu.binary``: one for each function that has kernels
    ``cubin``     the same assembled by ptxas, from a CUDA toolkit
    ``bitcode``   the same as LLVM bitcode, before PTX is made of it
    ``llvm``      a module in the LLVM dialect, for the CPU
    ============  ==============================================================

    The first three run ``nsa-to-ptx``, the last ``nsa-to-cpu``; ``options`` are
    the pipeline's. For several chips at once, and the host code of kernels, use
    ``Module.run`` and ``Module.objects``.
    """
    formats: dict[str, tuple[str, ObjectFormat]] = {
        "ptx": ("isa", "ptx"),
        "cubin": ("bin", "cubin"),
        "bitcode": ("llvm", "bitcode"),
    }
    if to != "llvm" and to not in formats:
        raise ValueError(f"to={to!r}, expected ptx, cubin, bitcode or llvm")
    if to == "llvm" and chip is not None:
        raise ValueError(f"chip={chip!r}, but to='llvm' is for the CPU")
    if isinstance(source, Module):
        if context is not None and context is not source.context:
            raise ValueError("the module has another context")
        module = source.clone()
    else:
        module = Module.parse(source, context=context)
    if to == "llvm":
        return module.run("nsa-to-cpu", **options)
    chip = "sm_80" if chip is None else chip
    with module:
        format, kind = formats[to]
        module.run("nsa-to-ptx", chip=chip, format=format, **options)
        code = module._device_code(kind, chip)
        return {name: _text(data) for name, data in code.items()} if to == "ptx" else code


@dataclass(frozen=True)
class Pass:
    """A pass or pipeline of the project."""

    name: str
    summary: str
    is_pipeline: bool


def passes() -> list[Pass]:
    """The project's passes, by name, then its pipelines."""
    library = _library()
    found = []
    for index in range(library.nsaGetNumPasses()):
        info = _PassInfo()
        if library.nsaGetPassInfo(index, ctypes.byref(info)) == 0:
            found.append(Pass(_text(info.name), _text(info.summary), bool(info.is_pipeline)))
    return found


def version() -> str:
    """The version of the library."""
    return _text(_library().nsaGetVersion())
