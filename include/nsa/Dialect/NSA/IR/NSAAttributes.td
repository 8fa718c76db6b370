//===- NSAAttributes.td - Attributes of the nsa dialect ----*- tablegen -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The closed choices that the ops make: how a block is compressed, how gates
// are activated, who shares an index list, how scores are mapped to blocks, which
// ops a fusion joins.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_DIALECT_NSA_IR_NSAATTRIBUTES_TD
#define NSA_DIALECT_NSA_IR_NSAATTRIBUTES_TD

include "nsa/Dialect/NSA/IR/NSADialect.td"

class NSA_Enum<string name, string summary, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::mlir::nsa";
  let genSpecializedAttr = 0;
}

class NSA_EnumAttr<EnumInfo info, string mnemonic>
    : EnumAttr<NSA_Dialect, info, mnemonic> {
  let assemblyFormat = "`<` $value `>`";
}

def NSA_Phi : NSA_Enum<"Phi", "how a block of tokens becomes one",
  [I32EnumAttrCase<"Mean", 0, "mean">,
   I32EnumAttrCase<"Weighted", 1, "weighted">,
   I32EnumAttrCase<"Linear", 2, "linear">,
   I32EnumAttrCase<"MLP", 3, "mlp">]>;
def NSA_PhiAttr : NSA_EnumAttr<NSA_Phi, "phi">;

def NSA_Activation : NSA_Enum<"Activation", "activation of the hidden layer of an mlp compression",
  [I32EnumAttrCase<"GELU", 0, "gelu">,
   I32EnumAttrCase<"SiLU", 1, "silu">,
   I32EnumAttrCase<"ReLU", 2, "relu">]>;
def NSA_ActivationAttr : NSA_EnumAttr<NSA_Activation, "activation">;

def NSA_GateActivation : NSA_Enum<"GateActivation", "what is applied to a gate before it multiplies",
  [I32EnumAttrCase<"None", 0, "none">,
   I32EnumAttrCase<"Sigmoid", 1, "sigmoid">]>;
def NSA_GateActivationAttr : NSA_EnumAttr<NSA_GateActivation, "gate_activation">;

def NSA_ListHeads : NSA_Enum<"ListHeads", "which heads have an index list of their own",
  [I32EnumAttrCase<"KV", 0, "kv">,
   I32EnumAttrCase<"Query", 1, "query">]>;
def NSA_ListHeadsAttr : NSA_EnumAttr<NSA_ListHeads, "list_heads">;

def NSA_ScoreMap : NSA_Enum<"ScoreMap", "how compressed blocks' probabilities become a selection block's score",
  [I32EnumAttrCase<"Overlap", 0, "overlap">,
   I32EnumAttrCase<"Max", 1, "max">]>;
def NSA_ScoreMapAttr : NSA_EnumAttr<NSA_ScoreMap, "score_map">;

def NSA_FusionKind : NSA_Enum<"FusionKind", "which ops a fusion joins",
  [I32EnumAttrCase<"Selection", 0, "selection">,
   I32EnumAttrCase<"Gated", 1, "gated">]>;
def NSA_FusionKindAttr : NSA_EnumAttr<NSA_FusionKind, "fusion_kind">;

#endif // NSA_DIALECT_NSA_IR_NSAATTRIBUTES_TD
