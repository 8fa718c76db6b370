//===- InlinePTX.cpp - Reading inline PTX ---------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See the header.
//
//===----------------------------------------------------------------------===//

#include "InlinePTX.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir::nsa::emulator;

namespace {
struct Phrase {
  llvm::StringLiteral name;
  llvm::StringLiteral text;
};
} // namespace

/// Of more than one instruction, only those that libdevice contains: arithmetic
/// of 64 and 128 bits with carries, and a selection. Without white space.
static constexpr Phrase kPhrases[] = {
    {"libdevice.mad64", "{mad.lo.cc.u32$0,$2,$3,$4;madc.hi.u32$1,$2,$3,0;}"},
    {"libdevice.mul128",
     "{.reg.u32r0,r1,r2,r3,alo,ahi,blo,bhi;mov.b64{alo,ahi},$2;"
     "mov.b64{blo,bhi},$3;mul.lo.u32r0,alo,blo;mul.hi.u32r1,alo,blo;"
     "mad.lo.cc.u32r1,alo,bhi,r1;madc.hi.u32r2,alo,bhi,0;"
     "mad.lo.cc.u32r1,ahi,blo,r1;madc.hi.cc.u32r2,ahi,blo,r2;"
     "madc.hi.u32r3,ahi,bhi,0;mad.lo.cc.u32r2,ahi,bhi,r2;"
     "addc.u32r3,r3,0;mov.b64$0,{r0,r1};mov.b64$1,{r2,r3};}"},
    {"libdevice.mad128",
     "{.reg.u32r0,r1,r2,r3,alo,ahi,blo,bhi,clo,chi;mov.b64{alo,ahi},$2;"
     "mov.b64{blo,bhi},$3;mov.b64{clo,chi},$4;"
     "mad.lo.cc.u32r0,alo,blo,clo;madc.hi.cc.u32r1,alo,blo,chi;"
     "madc.hi.u32r2,alo,bhi,0;mad.lo.cc.u32r1,alo,bhi,r1;"
     "madc.hi.cc.u32r2,ahi,blo,r2;madc.hi.u32r3,ahi,bhi,0;"
     "mad.lo.cc.u32r1,ahi,blo,r1;madc.lo.cc.u32r2,ahi,bhi,r2;"
     "addc.u32r3,r3,0;mov.b64$0,{r0,r1};mov.b64$1,{r2,r3};}"},
    {"libdevice.add128",
     "{.reg.u32r0,r1,r2,r3,a0,a1,a2,a3,b0,b1,b2,b3;mov.b64{a0,a1},$2;"
     "mov.b64{a2,a3},$3;mov.b64{b0,b1},$4;mov.b64{b2,b3},$5;"
     "add.cc.u32r0,a0,b0;addc.cc.u32r1,a1,b1;addc.cc.u32r2,a2,b2;"
     "addc.u32r3,a3,b3;mov.b64$0,{r0,r1};mov.b64$1,{r2,r3};}"},
    {"libdevice.sub128",
     "{.reg.u32r0,r1,r2,r3,a0,a1,a2,a3,b0,b1,b2,b3;mov.b64{a0,a1},$2;"
     "mov.b64{a2,a3},$3;mov.b64{b0,b1},$4;mov.b64{b2,b3},$5;"
     "sub.cc.u32r0,a0,b0;subc.cc.u32r1,a1,b1;subc.cc.u32r2,a2,b2;"
     "subc.u32r3,a3,b3;mov.b64$0,{r0,r1};mov.b64$1,{r2,r3};}"},
    {"libdevice.select_equal",
     "{.reg.pred__$$temp3;setp.equ.f64__$$temp3,$1,$2;"
     "selp.f64$0,$3,$4,__$$temp3;}"},
};

/// The one instruction, `name $0, $1...`, that a phrase stands for; or the
/// text.
static std::string replacePhrase(llvm::StringRef text, unsigned numOperands) {
  std::string dense;
  for (char c : text)
    if (!llvm::isSpace(c))
      dense += c;
  for (const Phrase &phrase : kPhrases) {
    if (dense != phrase.text)
      continue;
    std::string result = (phrase.name + " ").str();
    for (unsigned i = 0; i < numOperands; ++i)
      result += (i ? ", $" : "$") + llvm::utostr(i);
    return result;
  }
  return text.str();
}

llvm::Expected<InlinePTX>
mlir::nsa::emulator::parseInlinePTX(const llvm::InlineAsm &assembly) {
  auto fail = [&](const llvm::Twine &reason) {
    return llvm::createStringError("inline PTX \"" + assembly.getAsmString() +
                                   "\" is not modelled" + reason);
  };
  // Operands $0, $1... are the outputs, then the inputs; an input may be tied
  // to an output, whose number it then shares.
  unsigned numOutputs = 0;
  llvm::SmallVector<int> tiedArgument;
  llvm::InlineAsm::ConstraintInfoVector constraints =
      assembly.ParseConstraints();
  int numArguments = 0;
  for (const llvm::InlineAsm::ConstraintInfo &constraint : constraints) {
    if (constraint.Type == llvm::InlineAsm::isOutput) {
      if (constraint.isIndirect)
        return fail(": it writes through a pointer operand");
      ++numOutputs;
      tiedArgument.push_back(-1);
    } else if (constraint.Type == llvm::InlineAsm::isInput) {
      if (constraint.hasMatchingInput() ||
          (!constraint.Codes.empty() &&
           llvm::all_of(constraint.Codes[0], llvm::isDigit))) {
        unsigned output;
        if (!llvm::StringRef(constraint.Codes[0]).getAsInteger(10, output) &&
            output < numOutputs)
          tiedArgument[output] = numArguments;
      }
      ++numArguments;
    }
  }

  std::string storage =
      replacePhrase(assembly.getAsmString(), numOutputs + numArguments);
  for (char &c : storage)
    if (llvm::isSpace(c))
      c = ' ';
  llvm::StringRef text = llvm::StringRef(storage).trim();
  while (text.consume_back(";"))
    text = text.trim();
  InlinePTX result;
  if (text.empty())
    return result;
  if (text.contains(';') || text.starts_with("@") || text.starts_with("{"))
    return fail(": it is more than one plain instruction");

  auto [mnemonic, rest] = text.split(' ');
  // Flatten: braces and brackets only group.
  llvm::SmallVector<llvm::StringRef> fields;
  llvm::SmallVector<std::string> flattened;
  rest.split(fields, ',', -1, /*KeepEmpty=*/false);
  llvm::SmallVector<InlinePTX::Operand> operands;
  llvm::SmallVector<int> numbers;
  for (llvm::StringRef field : fields) {
    field = field.trim(" {}[]");
    InlinePTX::Operand operand;
    int number = -1;
    if (field.consume_front("$")) {
      bool braced = field.consume_front("{");
      llvm::StringRef digits = field.take_while(llvm::isDigit);
      field = field.drop_front(digits.size());
      if (digits.getAsInteger(10, number))
        return fail("");
      // ${2:n} and the like print the operand differently.
      if (braced && !field.consume_front("}") && !field.empty())
        return fail("");
      field = field.trim();
      bool wellFormed = field.consume_front("+")
                            ? !field.trim().getAsInteger(0, operand.offset)
                            : field.empty();
      if (!wellFormed)
        return fail("");
    } else if (field.getAsInteger(0, operand.literal)) {
      return fail("");
    }
    operands.push_back(operand);
    numbers.push_back(number);
  }

  const PTXOp *entry = nullptr;
  for (unsigned results = 0; results <= operands.size() && !entry; ++results) {
    entry = lookupPTXOp(mnemonic, operands.size() - results);
    if (entry && entry->numResults != results)
      entry = nullptr;
  }
  if (!entry)
    return fail("");
  result.op = lookupOp(entry->name);
  for (unsigned i = 0; i < entry->numResults; ++i) {
    if (numbers[i] < 0 || numbers[i] >= int(numOutputs))
      return fail(": a result is no output operand");
    result.results.push_back(numbers[i]);
  }
  llvm::SmallVector<InlinePTX::Operand> sources;
  for (unsigned i = entry->numResults; i < operands.size(); ++i) {
    InlinePTX::Operand operand = operands[i];
    if (numbers[i] >= 0) {
      operand.argument = numbers[i] < int(numOutputs)
                             ? tiedArgument[numbers[i]]
                             : numbers[i] - int(numOutputs);
      if (operand.argument < 0 || operand.argument >= numArguments)
        return fail(": it reads an output operand");
    }
    sources.push_back(operand);
  }
  if (entry->order.empty()) {
    result.sources = std::move(sources);
  } else {
    for (char digit : llvm::StringRef(entry->order)) {
      if (unsigned(digit - '0') >= sources.size())
        return fail(": an operand is missing");
      result.sources.push_back(sources[digit - '0']);
    }
  }
  return result;
}
