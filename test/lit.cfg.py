# -*- Python -*-
"""The lit suite: how tests run, what they may name, which features exist.

A test that needs a feature says `REQUIRES: name`; where the feature is absent
the test counts as skipped, and the run names the feature.
"""

import os
import shutil
import subprocess

import lit.formats
import lit.llvm

lit.llvm.initialize(lit_config, config)

from lit.llvm import llvm_config

config.name = "NSA"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".ll", ".test"]
# Python tests (test/Python, test/Integration) carry RUN lines too; their
# directories add ".py" in a lit.local.cfg.
config.excludes = ["Inputs", "lib", "CMakeLists.txt", "lit.cfg.py", "lit.site.cfg.py.in"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.nsa_binary_dir, "test")

# check-nsa-exhaustive gives `--param exhaustive=1`: the same tests with many
# more configurations.
exhaustive = lit_config.params.get("exhaustive", "0") != "0"

if not lit_config.maxIndividualTestTimeIsSupported[0]:
    lit_config.note("no time limit per test: the Python module psutil is absent")
elif not lit_config.maxIndividualTestTime:
    lit_config.maxIndividualTestTime = 30000 if exhaustive else 900

# ----------------------------------------------------------------------------
# What tests may name
# ----------------------------------------------------------------------------

nsa_tools_dir = os.path.join(config.nsa_binary_dir, "bin")
llvm_tools_dir = config.llvm_tools_dir
python = config.python_executable


def add_named_substitution(name, value):
    """Defines %name. A longer name must not match by its beginning."""
    config.substitutions.append((r"%" + name + r"(?![A-Za-z0-9_])", value))


nsa_tools = [
    "nsa-capi-compile",
    "nsa-capi-copies",
    "nsa-capi-errors",
    "nsa-capi-mlir-c",
    "nsa-capi-modules",
    "nsa-capi-threads",
    "nsa-cpu-peak",
    "nsa-emulate",
    "nsa-lsp-server",
    "nsa-opt",
    "nsa-run",
    "nsa-run-bundle",
    "nsa-runtime-test",
    "nsa-test-opt",
    "nsa-test-run",
    "nsa-thread-pool-test",
    "nsa-tune",
]
for name in nsa_tools:
    path = os.path.join(nsa_tools_dir, name)
    add_named_substitution(name.replace("-", "_"), path)
for name in ("mlir-opt", "mlir-runner", "mlir-translate", "mlir-tblgen"):
    path = os.path.join(llvm_tools_dir, name)
    add_named_substitution(name.replace("-", "_"), path)
add_named_substitution("python", python)
add_named_substitution("clang_format", config.clang_format)
add_named_substitution("mlir_lib_dir", config.mlir_lib_dir)
add_named_substitution("mlir_include_dir", config.mlir_include_dir)
add_named_substitution("nsa_source_dir", config.nsa_source_dir)
add_named_substitution("nsa_binary_dir", config.nsa_binary_dir)
add_named_substitution("nsa_tools_dir", nsa_tools_dir)
add_named_substitution("llvm_tools_dir", llvm_tools_dir)
# A driver without a device (test/lib/FakeCuda), and cuda.h's directory.
nsa_lib_dir = os.path.join(config.nsa_binary_dir, "lib")
add_named_substitution("nsa_plugin", os.path.join(nsa_lib_dir, "NSAPlugin.so"))
nsa_capi = os.path.join(nsa_lib_dir, "libNSACAPI.so")
add_named_substitution("nsa_capi", nsa_capi)
add_named_substitution("fake_cuda", os.path.join(nsa_lib_dir, "libnsa_fake_cuda.so"))
cuda_include_dir = os.path.join(os.environ.get("CUDA_HOME", "/usr/local/cuda"), "include")
add_named_substitution("cuda_include_dir", cuda_include_dir)

# Projects outside of this one are configured as this one was.
cmake = '"%s"' % config.cmake_command
add_named_substitution("cmake", cmake)
cmake_settings = {
    "CMAKE_MAKE_PROGRAM": config.cmake_make_program,
    "CMAKE_C_COMPILER": config.c_compiler,
    "CMAKE_CXX_COMPILER": config.cxx_compiler,
    "CMAKE_CXX_COMPILER_LAUNCHER": config.ccache if os.path.exists(config.ccache) else "",
}
configure = [cmake, "-G", '"%s"' % config.cmake_generator]
configure += ['"-D%s=%s"' % setting for setting in cmake_settings.items()]
add_named_substitution("configure", " ".join(configure))

# Two versions of ptxas where they are there: the pinned one, or whichever is
# found, and that of an installed toolkit.
def in_toolkits(directories, *names):
    """The files of these names below the directories, where there is one."""
    paths = [os.path.join(d, *names) for d in directories if d]
    return [path for path in paths if os.path.isfile(path)]


installed_toolkits = [os.environ.get("CUDA_HOME", ""), "/usr/local/cuda"]
toolkits = [config.nsa_cuda_toolkit, *installed_toolkits]
ptxas = next(iter(in_toolkits(toolkits, "bin", "ptxas")), None) or shutil.which("ptxas")
cuda_ptxas = next(iter(in_toolkits(installed_toolkits, "bin", "ptxas")), None)
libdevice = next(iter(in_toolkits(toolkits, "nvvm", "libdevice", "libdevice.10.bc")), None)
# That of libdevice, for upstream looks for ptxas on PATH too.
cuda_toolkit = libdevice and libdevice[: -len("/nvvm/libdevice/libdevice.10.bc")]
for name, path in (
    ("ptxas", ptxas),
    ("cuda_ptxas", cuda_ptxas),
    ("libdevice", libdevice),
    ("cuda_toolkit", cuda_toolkit),
):
    add_named_substitution(name, path or "absent-" + name)

# The same tools by their bare names.
llvm_config.add_tool_substitutions(nsa_tools, [nsa_tools_dir])
llvm_config.add_tool_substitutions(
    [
        "FileCheck",
        "count",
        "not",
        "split-file",
        "mlir-cat",
        "mlir-opt",
        "mlir-runner",
        "mlir-translate",
        "mlir-tblgen",
    ],
    [llvm_tools_dir],
)

# ----------------------------------------------------------------------------
# Environment
# ----------------------------------------------------------------------------

llvm_config.with_environment("PATH", llvm_tools_dir, append_path=True)
llvm_config.with_system_environment(["HOME", "NSA_NUM_THREADS", "TMPDIR"])
config.environment["PYTHONPATH"] = os.path.join(config.nsa_source_dir, "python")
config.environment["FILECHECK_OPTS"] = "--enable-var-scope --allow-unused-prefixes=false"
# Nothing may be written in the source tree.
config.environment["PYTHONPYCACHEPREFIX"] = os.path.join(config.test_exec_root, "pycache")
config.environment["HYPOTHESIS_STORAGE_DIRECTORY"] = os.path.join(
    config.test_exec_root, "hypothesis"
)
# Where the Python tests find what was built.
config.environment["NSA_TOOLS_DIR"] = nsa_tools_dir
config.environment["LLVM_TOOLS_DIR"] = llvm_tools_dir
config.environment["MLIR_LIB_DIR"] = config.mlir_lib_dir
# What nsa_mlir.compiler loads, wherever the build is.
config.environment["NSA_MLIR_LIBRARY"] = nsa_capi

# ----------------------------------------------------------------------------
# Features
# ----------------------------------------------------------------------------


def add_feature(name, present, remedy):
    if present:
        config.available_features.add(name)
    else:
        lit_config.note("feature %s is absent: %s" % (name, remedy))


def python_modules(names):
    """The modules among names that the tests' Python has, found in one run."""
    code = (
        "import importlib.util, sys\n"
        "print(*[n for n in sys.argv[1:] if importlib.util.find_spec(n)])"
    )
    result = subprocess.run([python, "-c", code, *names], capture_output=True, text=True)
    return result.stdout.split()


def cpu_flags():
    """The host's x86 features as Linux names them; none elsewhere."""
    try:
        with open("/proc/cpuinfo") as info:
            for line in info:
                if line.startswith("flags"):
                    return set(line.split(":", 1)[1].split())
    except OSError:
        pass
    return set()


required_modules = ["numpy", "hypothesis", "ml_dtypes"]
modules = python_modules([*required_modules, "setuptools", "matplotlib"])
for module in required_modules:
    add_feature(module, module in modules, "no such module in %s; utils/setup.sh installs it" % python)
# Python's venv brings it before 3.12.
add_feature("setuptools", "setuptools" in modules, "no such module in %s" % python)
# Of one test alone; not among what utils/setup.sh installs.
add_feature(
    "matplotlib",
    "matplotlib" in modules,
    "no such module in %s; %s -m pip install matplotlib" % (python, python),
)

add_feature("clang-format", os.path.exists(config.clang_format), "clang-format-22 is not installed")
for tool in ("mlir-opt", "mlir-runner"):
    add_feature(
        tool,
        os.path.exists(os.path.join(llvm_tools_dir, tool)),
        "not in %s (Debian: mlir-22-tools)" % llvm_tools_dir,
    )

add_feature("valgrind", shutil.which("valgrind"), "valgrind is not on PATH")
add_feature(
    "mlir-c",
    os.path.exists(os.path.join(nsa_tools_dir, "nsa-capi-mlir-c")),
    "libMLIRCAPIIR.a was not there when CMake ran (Debian: libmlir-22-dev)",
)

add_feature(
    "cuda-headers",
    os.path.exists(os.path.join(cuda_include_dir, "cuda.h")),
    "no cuda.h in %s (set CUDA_HOME)" % cuda_include_dir,
)

toolkit_remedy = "utils/setup.sh installs it (nvidia-cuda-nvcc and nvidia-nvvm of PyPI)"
add_feature("ptxas", ptxas, "there is no ptxas; " + toolkit_remedy)
add_feature("libdevice", libdevice, "there is no libdevice.10.bc; " + toolkit_remedy)
add_feature(
    "cuda-ptxas",
    cuda_ptxas,
    "no bin/ptxas in %s (set CUDA_HOME)" % " or ".join(filter(None, installed_toolkits)),
)

is_x86 = os.uname().machine == "x86_64"
flags = cpu_flags()
haswell = {"avx2", "bmi1", "bmi2", "f16c", "fma", "movbe"}
add_feature("x86_64", is_x86, "the host is %s" % os.uname().machine)
add_feature("cpu-haswell", haswell <= flags, "the host CPU cannot run code for --cpu=haswell")
for feature, flag in (("avx512", "avx512f"), ("avx512bf16", "avx512_bf16")):
    if flag in flags:
        config.available_features.add(feature)

if exhaustive:
    config.available_features.add("exhaustive")
    config.environment["NSA_EXHAUSTIVE"] = "1"
