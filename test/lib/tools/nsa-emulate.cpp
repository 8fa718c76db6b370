//===- nsa-emulate.cpp - Run a kernel of a .ll file -----------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Drives the emulator from tests: reads device LLVM IR, makes buffers, launches
// a kernel under one or more schedules, prints buffers, counters or the error.
// IR without debug info gets the lines of its own text.
//
// Arguments, in the order of the kernel's parameters:
//   i32:V i64:V f32:V f64:V      a scalar
//   null                         a null pointer
//   in:TYPE:COUNT[:INIT]         a read-only buffer
//   out:TYPE:COUNT[:INIT]        a buffer, by default of NaNs
//   sparse:TYPE:COUNT[:at=...]   address space without memory behind it
// TYPE: f32 f64 i32 u32 x32 i64 i8 f16 bf16; INIT: zero, iota, const=V,
// random=SEED (multiples of 1/8 in [-2, 2]), values=V;V;...,
// at=INDEX@V;... (zero elsewhere), file=PATH.
//
//===----------------------------------------------------------------------===//

#include "nsa/Emulator/Emulator.h"
#include "nsa/Emulator/Mutants.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/AsmParser/AsmParserContext.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/DIBuilder.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Metadata.h"
#include "llvm/IR/Module.h"
#include "llvm/IRReader/IRReader.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"
#include <random>
#include <sys/mman.h>

using namespace llvm;
using namespace mlir::nsa::emulator;

static cl::opt<std::string> inputFile(cl::Positional,
                                      cl::desc("<.ll or .bc file>"));
static cl::opt<bool> listModelled("list-modelled",
                                  cl::desc("Print what is modelled by name"));
static cl::opt<std::string> kernelName("kernel", cl::desc("Kernel to run"));
static cl::opt<std::string> gridOption("grid", cl::init("1"),
                                       cl::desc("x[,y[,z]]"));
static cl::opt<std::string> blockOption("block", cl::init("1"),
                                        cl::desc("x[,y[,z]]"));
static cl::opt<std::string>
    blocksOption("blocks", cl::desc("FIRST:COUNT: only these run"));
static cl::opt<uint64_t> sharedOption("shared", cl::init(0),
                                      cl::desc("Bytes of dynamic shared "
                                               "memory"));
static cl::list<std::string> argOptions("arg", cl::desc("An argument"));
static cl::opt<std::string>
    scheduleOption("schedule", cl::init("fifo"),
                   cl::desc("fifo, lifo, random:SEED; several with commas"));
static cl::opt<std::string> sanitizeOption("sanitize", cl::init("full"),
                                           cl::desc("fast or full"));
static cl::opt<std::string> countersOption("counters",
                                           cl::desc("text or json"));
static cl::opt<unsigned> hostThreads("host-threads", cl::init(0),
                                     cl::desc("0: one per core"));
static cl::opt<uint64_t> spinLimit("spin-limit", cl::init(uint64_t(1) << 26),
                                   cl::desc("See LaunchOptions"));
static cl::list<std::string>
    printOptions("print", cl::desc("ARG[:FIRST[:COUNT[:STRIDE]]]"));
static cl::list<unsigned> printNonzero("print-nonzero",
                                       cl::desc("Elements that are not zero"));
static cl::list<std::string> dumpOptions("dump", cl::desc("ARG:PATH"));
static cl::opt<std::string> deleteEach(
    "delete-each",
    cl::desc("Delete, one at a time, each call of a function whose name, or "
             "each inline PTX whose text, begins with one of these (commas), "
             "and print what that causes"));

[[noreturn]] static void die(const Twine &message) {
  errs() << "nsa-emulate: " << message << "\n";
  exit(2);
}

template <typename T> static T unwrap(Expected<T> value) {
  if (!value)
    die(toString(value.takeError()));
  return std::move(*value);
}

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

namespace {
struct KernelArgument {
  /// A scalar's bits, or the pointer.
  uint64_t value = 0;
  StringRef type;
  bool isBuffer = false, readOnly = false;
  uint64_t count = 0, bytes = 0;
  char *data = nullptr;
  std::vector<char> initial;
};
} // namespace

static unsigned getBytes(StringRef type) {
  unsigned bytes = StringSwitch<unsigned>(type)
                       .Cases({"f32", "i32", "u32", "x32"}, 4)
                       .Cases({"f64", "i64"}, 8)
                       .Cases({"f16", "bf16"}, 2)
                       .Case("i8", 1)
                       .Default(0);
  if (!bytes)
    die("unknown type '" + type + "'");
  return bytes;
}

static const fltSemantics *getSemantics(StringRef type) {
  return StringSwitch<const fltSemantics *>(type)
      .Case("f16", &APFloat::IEEEhalf())
      .Case("bf16", &APFloat::BFloat())
      .Case("f32", &APFloat::IEEEsingle())
      .Case("f64", &APFloat::IEEEdouble())
      .Default(nullptr);
}

static uint64_t encode(StringRef type, double value) {
  const fltSemantics *semantics = getSemantics(type);
  if (!semantics)
    return static_cast<uint64_t>(static_cast<int64_t>(value));
  APFloat number(value);
  bool losesInfo;
  number.convert(*semantics, APFloat::rmNearestTiesToEven, &losesInfo);
  return number.bitcastToAPInt().getZExtValue();
}

static uint64_t encode(StringRef type, StringRef text) {
  text = text.trim();
  if (!getSemantics(type)) {
    int64_t value;
    uint64_t bits;
    if (!text.getAsInteger(0, value))
      return value;
    if (!text.getAsInteger(0, bits))
      return bits;
    die("'" + text + "' is no integer");
  }
  uint64_t bits;
  if (text.starts_with("0x") && !text.getAsInteger(0, bits))
    return bits;
  double value;
  if (text == "inf" || text == "-inf" || text == "nan")
    value = text == "nan" ? NAN : text == "inf" ? INFINITY : -INFINITY;
  else if (text.getAsDouble(value))
    die("'" + text + "' is no number");
  return encode(type, value);
}

static std::string decode(StringRef type, const char *data) {
  unsigned bytes = getBytes(type);
  uint64_t bits = 0;
  memcpy(&bits, data, bytes);
  std::string text;
  raw_string_ostream os(text);
  if (const fltSemantics *semantics = getSemantics(type)) {
    APFloat number(*semantics, APInt(bytes * 8, bits));
    bool losesInfo;
    number.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven,
                   &losesInfo);
    os << format("%.6g", number.convertToDouble());
  } else if (type == "x32") {
    os << format_hex(bits, 10);
  } else if (type == "u32") {
    os << bits;
  } else {
    os << APInt(bytes * 8, bits).getSExtValue();
  }
  return text;
}

/// INDEX@VALUE;...
static void
forEachElement(const KernelArgument &argument, StringRef text,
               function_ref<void(uint64_t index, uint64_t bits)> set) {
  SmallVector<StringRef> fields;
  text.split(fields, ';');
  for (StringRef field : fields) {
    auto [position, value] = field.split('@');
    uint64_t index;
    if (position.getAsInteger(10, index) || index >= argument.count)
      die("'" + field + "' is not INDEX@VALUE");
    set(index, encode(argument.type, value));
  }
}

static void initialise(KernelArgument &argument, StringRef init) {
  unsigned bytes = getBytes(argument.type);
  argument.initial.assign(argument.bytes, char(0xff));
  auto set = [&](uint64_t index, uint64_t bits) {
    memcpy(argument.initial.data() + index * bytes, &bits, bytes);
  };
  if (init.empty())
    return;
  if (init == "zero") {
    argument.initial.assign(argument.bytes, 0);
  } else if (init == "iota") {
    for (uint64_t i = 0; i < argument.count; ++i)
      set(i, encode(argument.type, double(i)));
  } else if (init.consume_front("const=")) {
    for (uint64_t i = 0; i < argument.count; ++i)
      set(i, encode(argument.type, init));
  } else if (init.consume_front("values=")) {
    SmallVector<StringRef> fields;
    init.split(fields, ';');
    for (auto [i, field] : enumerate(fields))
      if (i < argument.count)
        set(i, encode(argument.type, field));
  } else if (init.consume_front("at=")) {
    argument.initial.assign(argument.bytes, 0);
    forEachElement(argument, init, set);
  } else if (init.consume_front("random=")) {
    unsigned seed = 0;
    init.getAsInteger(10, seed);
    std::mt19937 random(seed);
    for (uint64_t i = 0; i < argument.count; ++i)
      set(i, encode(argument.type, (int(random() % 33) - 16) / 8.0));
  } else if (init.consume_front("file=")) {
    ErrorOr<std::unique_ptr<MemoryBuffer>> file =
        MemoryBuffer::getFile(init, false, false);
    if (!file || (*file)->getBufferSize() != argument.bytes)
      die("'" + init + "' is no file of " + Twine(argument.bytes) + " bytes");
    llvm::copy((*file)->getBuffer(), argument.initial.begin());
  } else {
    die("unknown initial value '" + init + "'");
  }
}

static KernelArgument parseArgument(StringRef text) {
  KernelArgument argument;
  if (text == "null")
    return argument;
  auto [kind, rest] = text.split(':');
  if (kind != "in" && kind != "out" && kind != "sparse") {
    getBytes(kind);
    argument.value = encode(kind, rest);
    return argument;
  }
  StringRef count, init;
  std::tie(argument.type, rest) = rest.split(':');
  std::tie(count, init) = rest.split(':');
  if (count.getAsInteger(0, argument.count))
    die("'" + text + "' has no count");
  argument.bytes = argument.count * getBytes(argument.type);
  argument.isBuffer = true;
  argument.readOnly = kind == "in";
  void *memory = mmap(nullptr, std::max<uint64_t>(argument.bytes, 1),
                      PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    die("no address space for '" + text + "'");
  argument.data = static_cast<char *>(memory);
  argument.value = reinterpret_cast<uint64_t>(memory);
  if (kind != "sparse") {
    initialise(argument, init);
  } else if (init.consume_front("at=")) {
    unsigned bytes = getBytes(argument.type);
    forEachElement(argument, init, [&](uint64_t index, uint64_t bits) {
      memcpy(argument.data + index * bytes, &bits, bytes);
    });
  } else if (!init.empty()) {
    die("'" + text + "' would need memory for all of it");
  }
  return argument;
}

static Dim3 parseDim(StringRef text) {
  SmallVector<StringRef> fields;
  text.split(fields, ',');
  Dim3 dim;
  uint32_t *parts[] = {&dim.x, &dim.y, &dim.z};
  for (unsigned i = 0; i < fields.size() && i < 3; ++i)
    if (fields[i].getAsInteger(10, *parts[i]))
      die("'" + text + "' is no size");
  return dim;
}

//===----------------------------------------------------------------------===//
// The module
//===----------------------------------------------------------------------===//

/// Gives functions without debug info that of the text they were read from.
static void addTextLocations(Module &module,
                             const AsmParserContext &locations) {
  DIBuilder builder(module);
  DIFile *file = nullptr;
  bool any = false;
  for (Function &function : module) {
    if (function.isDeclaration() || function.getSubprogram())
      continue;
    std::optional<FileLocRange> range =
        locations.getFunctionLocation(&function);
    if (!range)
      continue;
    if (!any) {
      file = builder.createFile(sys::path::filename(inputFile), ".");
      builder.createCompileUnit(DISourceLanguageName(dwarf::DW_LANG_C), file,
                                "nsa-emulate", true, "", 0);
      any = true;
    }
    DISubprogram *program = builder.createFunction(
        file, function.getName(), function.getName(), file,
        range->Start.Line + 1,
        builder.createSubroutineType(builder.getOrCreateTypeArray({})),
        range->Start.Line + 1, DINode::FlagZero,
        DISubprogram::SPFlagDefinition | DISubprogram::SPFlagOptimized);
    function.setSubprogram(program);
    for (Instruction &inst : instructions(function))
      if (std::optional<FileLocRange> loc =
              locations.getInstructionLocation(&inst))
        inst.setDebugLoc(DILocation::get(module.getContext(),
                                         loc->Start.Line + 1, 0, program));
  }
  if (!any)
    return;
  builder.finalize();
  if (!module.getModuleFlag("Debug Info Version"))
    module.addModuleFlag(Module::Warning, "Debug Info Version",
                         DEBUG_METADATA_VERSION);
}

static std::unique_ptr<Module> readModule(LLVMContext &context) {
  SMDiagnostic diagnostic;
  AsmParserContext locations;
  std::unique_ptr<Module> module =
      parseIRFile(inputFile, diagnostic, context, {}, &locations);
  if (!module) {
    diagnostic.print("nsa-emulate", errs());
    exit(2);
  }
  addTextLocations(*module, locations);
  return module;
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

namespace {
struct NamedSchedule {
  std::string name;
  Schedule schedule;
  uint64_t seed = 0;
};
} // namespace

static std::vector<NamedSchedule> parseSchedules() {
  std::vector<NamedSchedule> schedules;
  SmallVector<StringRef> fields;
  StringRef(scheduleOption).split(fields, ',');
  for (StringRef field : fields) {
    NamedSchedule schedule{field.str(), Schedule::FIFO};
    StringRef rest = field;
    if (field == "lifo")
      schedule.schedule = Schedule::LIFO;
    else if (rest.consume_front("random:") &&
             !rest.getAsInteger(10, schedule.seed))
      schedule.schedule = Schedule::Random;
    else if (field != "fifo")
      die("unknown schedule '" + field + "'");
    schedules.push_back(std::move(schedule));
  }
  return schedules;
}

static std::unique_ptr<Emulator> load(const Module &module,
                                      std::vector<KernelArgument> &arguments) {
  std::unique_ptr<Emulator> emulator = unwrap(Emulator::create(module));
  for (auto [i, argument] : enumerate(arguments))
    if (argument.isBuffer)
      if (Error error =
              emulator->addAllocation(argument.data, argument.bytes,
                                      "arg" + utostr(i), argument.readOnly))
        die(toString(std::move(error)));
  return emulator;
}

static LaunchResult launch(Emulator &emulator, const LaunchOptions &options,
                           std::vector<KernelArgument> &arguments) {
  std::vector<void *> pointers;
  for (KernelArgument &argument : arguments) {
    pointers.push_back(&argument.value);
    llvm::copy(argument.initial, argument.data);
  }
  return unwrap(emulator.launch(kernelName, options, pointers));
}

static void printArgument(StringRef text,
                          const std::vector<KernelArgument> &arguments) {
  SmallVector<StringRef> fields;
  text.split(fields, ':');
  uint64_t numbers[4] = {0, 0, ~uint64_t(0), 1};
  for (unsigned i = 0; i < fields.size() && i < 4; ++i)
    if (fields[i].getAsInteger(0, numbers[i]))
      die("'" + text + "' is not ARG[:FIRST[:COUNT[:STRIDE]]]");
  auto [index, first, count, stride] = numbers;
  if (index >= arguments.size() || !arguments[index].isBuffer)
    die("argument " + Twine(index) + " is no buffer");
  const KernelArgument &argument = arguments[index];
  outs() << "arg" << index << ":";
  for (uint64_t i = 0; i < count && first + i * stride < argument.count; ++i)
    outs() << " "
           << decode(argument.type,
                     argument.data +
                         (first + i * stride) * getBytes(argument.type));
  outs() << "\n";
}

static void printNonzeroElements(unsigned index,
                                 const std::vector<KernelArgument> &arguments) {
  if (index >= arguments.size() || !arguments[index].isBuffer)
    die("argument " + Twine(index) + " is no buffer");
  const KernelArgument &argument = arguments[index];
  unsigned bytes = getBytes(argument.type);
  outs() << "arg" << index << ":";
  for (uint64_t i = 0; i < argument.count; ++i)
    if (any_of(ArrayRef<char>(argument.data + i * bytes, bytes),
               [](char byte) { return byte != 0; }))
      outs() << " [" << i
             << "]=" << decode(argument.type, argument.data + i * bytes);
  outs() << "\n";
}

/// Each mutant is one line: what was deleted where, and the errors it causes.
static int runMutants(Module &module, LaunchOptions options,
                      std::vector<KernelArgument> &arguments) {
  int survivors = 0;
  auto run = [&](Module &mutant, StringRef what) {
    std::unique_ptr<Emulator> emulator = load(mutant, arguments);
    std::vector<std::string> seen;
    for (const NamedSchedule &schedule : parseSchedules()) {
      options.schedule = schedule.schedule;
      options.seed = schedule.seed;
      LaunchResult result = launch(*emulator, options, arguments);
      std::string text = "no error";
      if (result.error)
        text = (stringifyErrorClass(result.error->errorClass) + " at " +
                result.error->location)
                   .str();
      else
        ++survivors;
      if (!is_contained(seen, text))
        seen.push_back(text);
    }
    outs() << "without " << what << ": " << join(seen, "; ") << "\n";
    return Error::success();
  };
  if (Error error = forEachDeletion(module, kernelName, deleteEach, run))
    die(toString(std::move(error)));
  return survivors ? 1 : 0;
}

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  cl::ParseCommandLineOptions(argc, argv, "Runs a kernel without a GPU\n");
  if (listModelled) {
    for (StringRef name : getModelledInstructions())
      outs() << name << "\n";
    return 0;
  }
  if (inputFile.empty())
    die("no file");
  LLVMContext context;
  std::unique_ptr<Module> module = readModule(context);
  std::vector<KernelArgument> arguments;
  for (StringRef text : argOptions)
    arguments.push_back(parseArgument(text));
  LaunchOptions options;
  options.grid = parseDim(gridOption);
  options.block = parseDim(blockOption);
  if (!blocksOption.empty()) {
    auto [first, count] = StringRef(blocksOption).split(':');
    if (first.getAsInteger(10, options.firstBlock) ||
        count.getAsInteger(10, options.maxBlocks))
      die("--blocks is FIRST:COUNT");
  }
  options.dynamicShared = sharedOption;
  options.counters = !countersOption.empty();
  options.hostThreads = hostThreads;
  options.spinLimit = spinLimit;
  if (sanitizeOption != "fast" && sanitizeOption != "full")
    die("--sanitize is fast or full");
  options.sanitize = sanitizeOption == "full" ? Sanitize::Full : Sanitize::Fast;
  if (kernelName.empty()) {
    std::vector<std::string> names = load(*module, arguments)->getKernels();
    if (names.size() != 1)
      die("--kernel is one of: " + join(names, ", "));
    kernelName = names.front();
  }
  if (!deleteEach.empty())
    return runMutants(*module, options, arguments);

  std::unique_ptr<Emulator> emulator = load(*module, arguments);
  KernelInfo info = unwrap(emulator->getKernel(kernelName));
  if (info.parameterBytes.size() != arguments.size())
    die("kernel '" + kernelName + "' has " + Twine(info.parameterBytes.size()) +
        " parameters");
  std::vector<NamedSchedule> schedules = parseSchedules();
  for (const NamedSchedule &schedule : schedules) {
    options.schedule = schedule.schedule;
    options.seed = schedule.seed;
    LaunchResult result = launch(*emulator, options, arguments);
    if (schedules.size() > 1)
      outs() << "schedule " << schedule.name << ":\n";
    outs().flush();
    if (result.error) {
      result.error->print(errs());
      return 1;
    }
    for (StringRef text : printOptions)
      printArgument(text, arguments);
    for (unsigned index : printNonzero)
      printNonzeroElements(index, arguments);
    if (countersOption == "json")
      result.counters.printJSON(outs(), kernelName);
    else if (!countersOption.empty())
      result.counters.printText(outs(), kernelName);
  }
  for (StringRef text : dumpOptions) {
    auto [number, path] = text.split(':');
    unsigned index;
    if (number.getAsInteger(10, index) || index >= arguments.size())
      die("'" + text + "' is not ARG:PATH");
    std::error_code error;
    raw_fd_ostream os(path, error);
    if (error)
      die("cannot write '" + path + "'");
    os.write(arguments[index].data, arguments[index].bytes);
  }
  return 0;
}
