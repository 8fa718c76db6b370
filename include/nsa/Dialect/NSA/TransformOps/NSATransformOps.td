//===- NSATransformOps.td - Transform ops over nsa ---------*- tablegen -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What nsa-decompose, nsa-fuse and nsa-set-schedule do, for single ops that a
// script names.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_DIALECT_NSA_TRANSFORMOPS_NSATRANSFORMOPS_TD
#define NSA_DIALECT_NSA_TRANSFORMOPS_NSATRANSFORMOPS_TD

include "mlir/Dialect/Transform/IR/TransformDialect.td"
include "mlir/Dialect/Transform/Interfaces/TransformInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "nsa/Dialect/NSA/IR/NSAAttributes.td"

class NSATransformOp<string mnemonic, list<Trait> traits = []>
    : Op<Transform_Dialect, "nsa." # mnemonic,
         traits # [DeclareOpInterfaceMethods<TransformOpInterface>,
                   DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
                   ReportTrackingListenerFailuresOpTrait]>;

def NSADecomposeOp : NSATransformOp<"decompose"> {
  let summary = "Decompose nsa.attention into the ops of its branches";
  let description = [{
    Replaces each `nsa.attention` that the target handle names by the ops that
    define it, as the pass `nsa-decompose` does.

    #### Return modes

    Consumes the target handle. The result handle names the branch ops, for each
    target in this order: `compress` (keys, then values), `compressed_attention`,
    `block_scores`, `select_top_n`, `selected_attention`, `window_attention`,
    `gate`. `transform.select` takes those of one name out of it. A target that
    is no `nsa.attention` is a silenceable failure; nothing is decomposed then.

    ```mlir
    %branches = transform.nsa.decompose %attention
        : (!transform.any_op) -> !transform.any_op
    %gates = transform.select "nsa.gate" in %branches
        : (!transform.any_op) -> !transform.any_op
    ```
  }];
  let arguments = (ins TransformHandleTypeInterface:$target);
  let results = (outs TransformHandleTypeInterface:$branches);
  let assemblyFormat =
      "$target attr-dict `:` functional-type(operands, results)";
}

def NSAFuseOp : NSATransformOp<"fuse"> {
  let summary = "Form a fusion: ops that a GPU runs as one kernel";
  let description = [{
    Puts ops into an `nsa.fusion` of the kind `selection` or `gated`, as the pass
    `nsa-fuse` does, which says what each joins. Every op of such a kind at the
    end of the chain, `select_top_n` or `gate`, that the target handle names gets
    a fusion. The handle may name other members as well; each of them must
    become part of one of these fusions.

    #### Return modes

    Reads the target handle: it and other handles to the ops, which are moved and
    not replaced, stay valid. The result handle names the fusions, in the order
    of the targets. What cannot be fused is a silenceable failure with the reason
    that `nsa-fuse` gives in a remark; so is a target that is no member of the
    fusions, and a handle that names ops, but none at the end of a chain. Fusions
    formed before the failure remain. An empty handle gives an empty handle.

    ```mlir
    %fusions = transform.nsa.fuse selection %selects
        : (!transform.any_op) -> !transform.any_op
    ```
  }];
  let arguments = (ins NSA_FusionKindAttr:$kind,
                       TransformHandleTypeInterface:$target);
  let results = (outs TransformHandleTypeInterface:$fusions);
  let assemblyFormat = [{
    custom<FusionKind>($kind) $target attr-dict
    `:` functional-type(operands, results)
  }];
}

def NSASetScheduleOp : NSATransformOp<"set_schedule",
                                      [AttrSizedOperandSegments]> {
  let summary = "Give ops the nsa.schedule that they run by on a GPU";
  let description = [{
    Sets `nsa.schedule` on each op that the target handle names, in place of one
    that is there. The angle brackets hold what a `#nsa.schedule` does, in any
    order, and each part is written or comes from a parameter, such as the result
    of `transform.tune.knob`: a string for the family, an integer for a number. A
    parameter has one value, or one for each target. What is left out is chosen
    by the cost model, as for the options of the pass `nsa-set-schedule`; without
    brackets that is everything.

    The chip is the one with the least shared memory of those that `nsa.targets`
    names, on the function or on what is around it, else `chip`, else `sm_80`.
    `batch`, `tokens` and `union_agreement` are what the cost model assumes, the
    options of that name of `nsa-set-schedule`.

    #### Return modes

    Reads the target handle and the parameters, and has no results. A schedule
    that the op cannot have on the chip is a silenceable failure in the words of
    `nsa-set-schedule`; so are targets that no kernel is made of (ops of other
    dialects, `nsa.attention`, ops in a fusion), an unknown chip, and parameters
    of another number or type. No schedule is set then.

    ```mlir
    %keys = transform.tune.knob<"keys"> = 64 from options = [32, 64, 128]
        -> !transform.param<i64>
    transform.nsa.set_schedule %fusion
        <union, queries = 4, keys = %keys, row_warps = 4, key_warps = 1, stages = 2>
        {chip = "sm_90"} : !transform.any_op, !transform.param<i64>
    transform.nsa.set_schedule %compress <vector> : !transform.any_op
    transform.nsa.set_schedule %others {chip = "sm_90", tokens = 65536 : i64}
        : !transform.any_op
    ```
  }];
  let arguments = (ins
    TransformHandleTypeInterface:$target,
    Optional<TransformParamTypeInterface>:$family_param,
    Optional<TransformParamTypeInterface>:$queries_param,
    Optional<TransformParamTypeInterface>:$keys_param,
    Optional<TransformParamTypeInterface>:$row_warps_param,
    Optional<TransformParamTypeInterface>:$key_warps_param,
    Optional<TransformParamTypeInterface>:$stages_param,
    OptionalAttr<StrAttr>:$family,
    OptionalAttr<I64Attr>:$queries,
    OptionalAttr<I64Attr>:$keys,
    OptionalAttr<I64Attr>:$row_warps,
    OptionalAttr<I64Attr>:$key_warps,
    OptionalAttr<I64Attr>:$stages,
    OptionalAttr<StrAttr>:$chip,
    OptionalAttr<I64Attr>:$batch,
    OptionalAttr<I64Attr>:$tokens,
    OptionalAttr<F64Attr>:$union_agreement);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let builders = [
    // Everything written, nothing from parameters.
    OpBuilder<(ins "::mlir::Value":$target,
                   "::mlir::nsa::ScheduleAttr":$schedule,
                   "::llvm::StringRef":$chip)>
  ];
}

#endif // NSA_DIALECT_NSA_TRANSFORMOPS_NSATRANSFORMOPS_TD
