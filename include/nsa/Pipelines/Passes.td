//===- Passes.td - Passes of the CPU pipeline --------------*- tablegen -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The few passes between linalg and the LLVM dialect for which upstream has no
// equivalent. Everything else in `--nsa-to-cpu` is upstream's.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_PIPELINES_PASSES
#define NSA_PIPELINES_PASSES

include "mlir/Pass/PassBase.td"
include "nsa/Dialect/NSA/Transforms/CostOptions.td"

def PrepareEntryPoints : Pass<"nsa-prepare-entry-points", "func::FuncOp"> {
  let summary = "Give public functions the calling convention of nsa-run";
  let description = [{
    For every public function with a body:

    - sets `llvm.emit_c_interface`, so that the lowered module has the symbol
      `_mlir_ciface_<name>` that takes pointers to memref descriptors;
    - sets `bufferization.writable = false` on tensor arguments that do not say
      otherwise: a caller's inputs are never written;
    - records the function's type as `nsa.signature`. The attribute survives
      down to the LLVM dialect, where the type itself is gone, so that a lowered
      file can still be run and its inputs checked.

    ```mlir
    func.func @f(%x: tensor<?xf32>) -> tensor<?xf32>
    // becomes
    func.func @f(%x: tensor<?xf32> {bufferization.writable = false}) -> tensor<?xf32>
        attributes {llvm.emit_c_interface,
                    nsa.signature = (tensor<?xf32>) -> tensor<?xf32>}
    ```
  }];
}

def GenerateChecks : Pass<"nsa-generate-checks", "ModuleOp"> {
  let summary = "Check at run time what verifiers cannot see";
  let description = [{
    Has every op that implements `RuntimeVerifiableOpInterface` generate its
    checks, as upstream's `generate-runtime-verification` does; but the message
    of a check is one line that reads like the compiler's own errors:

    ```mlir
    %o, %lse = nsa.window_attention %q, %k, %v {window = 8} : ...
    // is preceded by
    %tk = tensor.dim %k, %c1 : tensor<1x?x1x4xf32>
    %tv = tensor.dim %v, %c1 : tensor<1x?x1x4xf32>
    %holds = arith.cmpi eq, %tv, %tk : index
    cf.assert %holds, "'nsa.window_attention' op dimension 1 of 'v' must equal dimension 1 of 'k': both are Tk"
    ```

    A remark says how many checks a function has.
  }];
}

def LowerChecks : Pass<"nsa-lower-checks", "ModuleOp"> {
  let summary = "Turn assertions into calls that report what was compared";
  let description = [{
    Each `cf.assert` of a function becomes a call, where its condition does not
    hold, of

    ```c
    void nsaCheckFailed(const char *message, int64_t values, int64_t left,
                        int64_t right);
    ```

    which whoever runs the code provides, and which must not return. `message`
    is that of the assertion behind its place in the source:
    `f.mlir:3:14: error: ...`. `values`
    is 2, and `left` and `right` are what was compared, where the condition is
    an `arith.cmpi` of scalars of up to 64 bits; otherwise `values` is 0.
    (Upstream lowers `cf.assert` to a call of `abort`.)

    With `host-only`, a check inside of an op that becomes a kernel is an error:
    kernels cannot report.
  }];
  let options = [
    Option<"hostOnly", "host-only", "bool", /*default=*/"false",
           "Refuse checks inside of ops that become kernels">,
  ];
  let dependentDialects = ["arith::ArithDialect", "func::FuncDialect",
                           "LLVM::LLVMDialect", "scf::SCFDialect"];
}

def ReuseLoopBuffers : Pass<"nsa-reuse-loop-buffers", "func::FuncOp"> {
  let summary = "Keep each loop-carried tensor in one buffer";
  let description = [{
    A tensor that `scf.for` yields without having updated its iteration argument
    in place would be bufferized to a new allocation per iteration. Where the
    two provably have the same shape, this pass inserts the whole tensor into
    the iteration argument and yields that: at most one copy, no allocation, and
    the loop carries no memref, which also keeps buffer deallocation static.

    Nothing may fold between this pass and bufferization: the insertions replace
    all that there is.
  }];
  let dependentDialects = ["arith::ArithDialect", "tensor::TensorDialect"];
}

def BufferizeFunctions : Pass<"nsa-bufferize-functions", "ModuleOp"> {
  let summary = "One-shot-bufferize the functions of a module and nothing else";
  let description = [{
    Upstream's analysis and rewriting, functions' boundaries included. The pass
    of that name would also bufferize tensors within the regions of foreign
    operations beside the functions, or fail to.
  }];
  let options = [
    Option<"stridedInputs", "strided-inputs", "bool", /*default=*/"false",
           "Memrefs at function boundaries have any strides rather than none">,
  ];
  let dependentDialects = ["bufferization::BufferizationDialect",
                           "memref::MemRefDialect"];
}

def ParallelizeForall : Pass<"nsa-parallelize-forall", "func::FuncOp"> {
  let summary = "Outermost scf.forall to scf.parallel, everything inside to loops";
  let description = [{
    Every core is busy with the outermost loop already; a nested parallel region
    would only cost its set-up. So the outermost `scf.forall` or `scf.parallel`
    becomes (stays) `scf.parallel` and nested ones become `scf.for`. Without
    `parallel` all become `scf.for`. Works on bufferized code.
  }];
  let options = [
    Option<"parallel", "parallel", "bool", /*default=*/"true",
           "Keep the outermost loops parallel">,
  ];
  let dependentDialects = ["scf::SCFDialect"];
}

def ExpandStridedCopies : Pass<"nsa-expand-strided-copies", "func::FuncOp"> {
  let summary = "memref.copy that is not a memcpy to vector loops";
  let description = [{
    `finalize-memref-to-llvm` turns a copy of non-contiguous memory into a call
    of the runtime function `memrefCopy`, which moves one element at a time. A
    copy whose innermost dimension is static and contiguous on both sides becomes
    loops over vectors, any other a `linalg.generic`; both need no runtime.
  }];
  let dependentDialects = ["arith::ArithDialect", "linalg::LinalgDialect",
                           "scf::SCFDialect", "vector::VectorDialect"];
}

def ExpandMath : Pass<"nsa-expand-math", "func::FuncOp"> {
  let summary = "Vectorisable f32 approximations for exp, exp2, erf, tanh, ...";
  let description = [{
    LLVM scalarises a vector `exp` into one library call per lane. This pass
    applies upstream's polynomial approximations to those f32 functions where
    they hold 4e-7 relative accuracy and the special values (exp, expm1, erf,
    tanh), and its own to `exp2`, where upstream (as `exp(x * ln 2)`) loses two
    digits. Results of exp and exp2 below 2^-126 are flushed to zero. Functions
    whose upstream approximation is wrong for subnormal or large arguments (log,
    sin, cos, cbrt, erfc, ...) are left to the library.
  }];
  let dependentDialects = ["arith::ArithDialect", "math::MathDialect",
                           "vector::VectorDialect"];
}

def StoreBF16AsI16 : Pass<"nsa-store-bf16-as-i16", "ModuleOp"> {
  let summary = "Replace the type bf16 by i16 where no arithmetic is left on it";
  let description = [{
    LLVM selects, shuffles and masks bf16 vectors by way of f32 on targets
    without AVX512-BF16, and thereby calls the missing conversion functions after
    all. Once bf16 arithmetic has been expanded, i16 says the same without that.
    Functions and globals change; `nsa.signature` keeps bf16. A scalar bf16
    argument is passed like an i16.
  }];
}

def LowerVectors : Pass<"nsa-lower-vectors", "func::FuncOp"> {
  let summary = "Multi-dimensional vector operations to one-dimensional ones";
  let description = [{
    `vector.contract` to outer products of FMAs, reductions to one
    `vector.reduction` per row, transposes to shuffles, transfers to loads and
    stores. No floating-point operation is reordered unless it carries
    `fastmath<reassoc>` itself.
  }];
  let dependentDialects = ["vector::VectorDialect", "scf::SCFDialect",
                           "memref::MemRefDialect", "affine::AffineDialect",
                           "tensor::TensorDialect"];
}

def OutlineParallel : Pass<"nsa-outline-parallel", "ModuleOp"> {
  let summary = "scf.parallel to calls of nsaParallelFor";
  let description = [{
    The body of an outermost `scf.parallel` becomes a private function
    `(context, begin, end)` of a range of iterations (dimensions are counted as
    one); the loop becomes a call of `nsaParallelFor(count, chunk, function,
    context)`, which the library NSARuntime has (nsa/Runtime/ThreadPool.h): a
    pool of threads that take ranges as they become free, since the work of a
    query tile grows with its position (causal attention). There are at most
    about a thousand ranges. Values from outside are passed in a struct on the
    caller's stack, constants are repeated in the function. Loops with
    reductions are left to convert-scf-to-cf, which makes them sequential.

    It is an error if the module has an `nsaParallelFor` of another type.
  }];
  let dependentDialects = ["arith::ArithDialect", "func::FuncDialect",
                           "LLVM::LLVMDialect", "scf::SCFDialect"];
}

def ScopeStackAllocations : Pass<"nsa-scope-stack-allocations"> {
  let summary = "memref.alloca_scope and alloca in loops to stack save/restore";
  let description = [{
    A `memref.alloca` lives until the end of its `memref.alloca_scope` or
    iteration. This pass says so with `llvm.intr.stacksave` and
    `llvm.intr.stackrestore`, which unlike `memref.alloca_scope` need no control
    flow and can therefore be lowered before or after the loops. Scopes that
    allocate nothing disappear.
  }];
  let dependentDialects = ["LLVM::LLVMDialect"];
}

def ConvertToLLVM : Pass<"nsa-convert-to-llvm", "ModuleOp"> {
  let summary = "Functions of arith, cf, memref, ... to the LLVM dialect";
  let description = [{
    One conversion with the patterns of upstream's convert-{arith, cf, index, ub,
    func}-to-llvm, convert-math-to-libm and finalize-memref-to-llvm, applied to
    the functions of the module and its memref globals. Foreign operations
    beside them keep their bodies. Functions with
    `nsa.signature` get `nsa.cpu_only`, so that nsa-run does not take their memory
    for a GPU's.
  }];
  let dependentDialects = ["LLVM::LLVMDialect", "func::FuncDialect",
                           "vector::VectorDialect"];
}

def HoistStackAllocations : Pass<"nsa-hoist-stack-allocations", "LLVM::LLVMFuncOp"> {
  let summary = "Move llvm.alloca of constant size to the entry of its function";
  let description = [{
    An `llvm.alloca` in a loop takes new stack in every iteration, and LLVM
    promotes only allocations of the entry block to registers.
  }];
  let dependentDialects = ["LLVM::LLVMDialect"];
}

def HoistConditionalBuffers : Pass<"nsa-hoist-conditional-buffers", "func::FuncOp"> {
  let summary = "Allocate before an scf.if what is allocated in it";
  let description = [{
    Moves a `memref.alloc` of static shape out of the `scf.if` it stands in,
    unless the buffer leaves the branch. A loop around the branch then owns the
    allocation, and upstream's `buffer-loop-hoisting` moves it before the loop:
    a tile that is visited under a condition costs no allocation.
  }];
  let dependentDialects = ["memref::MemRefDialect", "scf::SCFDialect"];
}

def KeepBranchBuffers : Pass<"nsa-keep-branch-buffers", "func::FuncOp"> {
  let summary = "tensor.empty that both branches of a condition write to alloc_tensor";
  let description = [{
    CSE makes one of all `tensor.empty` of a shape. Where both branches of an
    `scf.if` compute their result in one, bufferization then finds that the tensor
    is written elsewhere, too, and gives each branch an allocation and a copy. As
    `bufferization.alloc_tensor` it stays one of its own. Run it before CSE.
  }];
  let dependentDialects = ["bufferization::BufferizationDialect"];
}

def VectorizeTiles : Pass<"nsa-vectorize-tiles", "func::FuncOp"> {
  let summary = "linalg on tiles to loops over register-tiled vectors";
  let description = [{
    Rewrites linalg ops on tensors into loops over 1-D vectors of at most 64
    elements: along the innermost dimension of the result, where that is static
    and lies innermost in each operand that has it; else along the dimension
    that is reduced. Reductions keep their accumulators in registers,
    contractions several rows of them; a transposition goes through square
    blocks. Other ops stay and become scalar loops; a remark
    (`nsa-vectorize-tiles`) names those that compute.
  }];
  let options = [
    Option<"vectorWidth", "vector-width", "unsigned", "256",
           "Bits of the target's vector registers: 128, 256 or 512; decides how "
           "many rows of accumulators a contraction keeps.">
  ];
  let dependentDialects = ["arith::ArithDialect", "scf::SCFDialect",
                           "tensor::TensorDialect", "vector::VectorDialect"];
}

def ReportKernels : Pass<"nsa-report-kernels", "ModuleOp"> {
  let summary = "Registers and spills of the kernels in gpu.binary, from ptxas";
  let description = [{
    Assembles every object that is PTX text (`assembly = "..."`, target
    `#nvvm.target`) for its target's chip, at its target's `O`, and prints a line
    for each kernel: registers per thread; bytes of spill stores, spill loads and
    stack per thread; bytes of static shared memory per block. A device function
    that was not inlined has a line too, without registers. The module does not
    change.

    ```
    ptxas 13.5.37; spills and stack in bytes per thread, shared memory per block
    binary      chip   kernel      registers  spill stores  spill loads  stack  shared
    @f_kernels  sm_80  f_window           64             0            0      0   16384
    ```

    ptxas is the file that `ptxas` names, else that of the CUDA toolkit
    `toolkit`, else that of CUDA_ROOT, CUDA_HOME or CUDA_PATH, on PATH, in the
    directory that CMake found (NSA_CUDA_TOOLKIT), or in /usr/local/cuda. If there
    is none, or PTX does not assemble, that is an error; the PTX is then kept in a
    file. ptxas's warnings, and its remarks on performance that have a number
    (C7510), become warnings. Objects in other formats are passed over with a
    remark.
  }];
  let options = [
    Option<"format", "format", "::mlir::nsa::KernelReportFormat",
           /*default=*/"::mlir::nsa::KernelReportFormat::Text",
           "text: a table. json: an object with a list of kernels.",
           [{::llvm::cl::values(
             clEnumValN(::mlir::nsa::KernelReportFormat::Text, "text", "A table"),
             clEnumValN(::mlir::nsa::KernelReportFormat::JSON, "json",
                        "An object with a list of kernels"))}]>,
    Option<"ptxas", "ptxas", "std::string", [{""}], "Path of ptxas.">,
    Option<"toolkit", "toolkit", "std::string", [{""}],
           "Directory of a CUDA toolkit with bin/ptxas.">,
    Option<"maxSpills", "max-spills", "int64_t", "-1",
           "Fail if a function stores or loads more bytes of spilled registers "
           "than this (default -1: any number is fine).">,
    Option<"output", "output", "std::string", [{""}],
           "File to write to, - for standard output (default: standard error).">
  ];
}

def NSAReport : Pass<"nsa-report", "ModuleOp"> {
  let summary = "Report schedules, predicted cost, and what ptxas makes of them";
  let description = [{
    For each op of the dialect that becomes a kernel: its schedule, the work of
    the kernel (matrix products as executed and the part of them that no row
    asked for, exponentials, bytes from HBM, from L2 and from shared memory), the
    predicted time and what binds it, the bound (the ideal work of that schedule at
    full rates: what no kernel can beat), and the next best schedule with the
    reason why it is not the best. Ops without a schedule are reported with the one
    that `nsa-set-schedule` would choose; plain kernels are not modelled. Changes
    nothing.

    With `kernels`, a copy of the module is taken through `--nsa-to-ptx` for
    `chip`: ops are decomposed, fused and scheduled there, and the report has the
    ops that result. Under each are its kernels, as `nsa-report-kernels` finds
    them: registers and spills by ptxas, and shared memory, both what ptxas knows
    of and what the launch asks for. The first kernel of an op is the one that its
    schedule describes; plain ones that follow serve operands whose rows are not
    aligned. Without ptxas the report says so, and has the rest.

    The JSON object has the keys `chip`, `batch`, `tokens`, `union_agreement` and
    `ops`; with `kernels` also `ptxas`, its version or null, and in the latter case
    `ptxas_missing`, the reason. An op has

    * `op`, `location`, `schedule`, `is_set`: whether the op had that schedule;
    * `reason`: why the schedule cannot be had, or why it is plain;
    * `cost`: `predicted_s`, `binding`, `bound_s`, `bound_by`, the objects `work`,
      `seconds`, `ideal_work` and `ideal_seconds` by resource (`mma`, `ex2`, `hbm`,
      `l2`, `shared`), `mmas` (instructions m16n8k16), `waste` (the part of them
      that no row asked for), `rounding` (the part that comes of whole tiles and
      rows, not of the union), `union_factor`, `shared_bytes`, `registers`,
      `blocks`, `blocks_per_sm`;
    * `apart_s`: of a fusion, the predicted time of its ops, were they not fused;
    * `compared`: how many schedules were legal, by family;
    * `next_best`: `schedule`, `cost` and `why_not`;
    * `kernels`: a list of `name`, `module`, `chip`, `dynamic_shared_bytes` (null
      where it is not constant) and, from ptxas, `registers`, `spill_store_bytes`,
      `spill_load_bytes`, `stack_bytes` and `static_shared_bytes`.

    Absent values are absent keys.
  }];
  let options = !listconcat(NSA_CostOptions<>.options, [
    Option<"format", "format", "::mlir::nsa::KernelReportFormat",
           /*default=*/"::mlir::nsa::KernelReportFormat::Text",
           "text: a paragraph for each op. json: an object with a list of ops.",
           [{::llvm::cl::values(
             clEnumValN(::mlir::nsa::KernelReportFormat::Text, "text", "A paragraph for each op"),
             clEnumValN(::mlir::nsa::KernelReportFormat::JSON, "json",
                        "An object with a list of ops"))}]>,
    Option<"kernels", "kernels", "bool", "false",
           "Compile a copy of the module and report its kernels too.">,
    Option<"ptxas", "ptxas", "std::string", [{""}], "Path of ptxas.">,
    Option<"toolkit", "toolkit", "std::string", [{""}],
           "Directory of a CUDA toolkit with bin/ptxas.">,
    Option<"output", "output", "std::string", [{""}],
           "File to write to, - for standard output (default: standard error).">
  ]);
}

def NSAWriteScript : Pass<"nsa-write-script", "ModuleOp"> {
  let summary = "Write the decisions of the pipeline as a transform script";
  let description = [{
    Writes what the first part of `--nsa-to-ptx`, `--nsa-to-scheduled`, does with
    the module as a script of upstream's transform dialect: which ops are fused,
    and the schedule of each op. Applied to the same module, or to one that
    `nsa-decompose` has been run on, the script makes the same module; edited, it
    makes another one (docs/Schedules.md). Changes nothing.

    With `knobs`, each number of a schedule with tiles is a `transform.tune.knob`:
    its options are the numbers of the schedules that `nsa-set-schedule` compares
    for the op, and the one that it chooses is selected. `nsa-tune` tries the
    others.

    Entry points are not prepared by the script: `nsa-prepare-entry-points` comes
    first in the pipelines and decides nothing.
  }];
  let options = [
    Option<"chip", "chip", "std::string", [{"sm_80"}],
           "The chip that schedules are for.">,
    Option<"pipeline", "pipeline", "std::string", [{""}],
           "Further options of --nsa-to-ptx, in braces: "
           "pipeline={tokens=65536 fuse-gated=0}.">,
    Option<"knobs", "knobs", "bool", "false",
           "Whether numbers of tiles are knobs.">,
    Option<"output", "output", "std::string", [{"-"}],
           "File to write to; default: -, standard output.">
  ];
}

#endif // NSA_PIPELINES_PASSES
