#!/usr/bin/env python3
"""Holds the Markdown files to what they say.

Relative links lead to files. Every ```mlir block is a module that nsa-opt
accepts. Every ```sh block runs, in order, all in one scratch directory that
looks like the root of a built checkout; a ```text block right after it is
(part of) what it prints: `...` stands for anything on a line, alone on a line
for any lines, and numbers with a decimal point may differ by a percent, as they
do between CPUs. A comment in the line before a block changes that:

  <!-- doctest: skip -->       the block is not run (say why in the text)
  <!-- doctest: file PATH -->  the block is, line by line, part of that file
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
FENCE = re.compile(r"^```(\S*)\s*$")
DIRECTIVE = re.compile(r"^<!-- doctest: (skip|file (\S+)) -->$")
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
NUMBER = r"-?\d+\.\d+(?:e[-+]\d+)?"
# What a scratch directory shows of the checkout; build/bin and build/lib are added.
SHOWN = ["CMakeLists.txt", "docs", "include", "lib", "python", "test", "tools", "utils"]


class Block:
    def __init__(self, language, line, directive):
        self.language = language
        self.line = line
        self.directive = directive
        self.lines = []
        self.text_follows = None

    @property
    def text(self):
        return "".join(line + "\n" for line in self.lines)


def parse(text):
    """The fenced blocks of a page, and its text without them."""
    blocks, prose, block, before = [], [], None, ""
    since = []  # The prose since the last block.
    for number, line in enumerate(text.splitlines(), 1):
        fence = FENCE.match(line)
        if block is not None:
            if fence:
                block = None
            else:
                block.lines.append(line)
        elif fence:
            directive = DIRECTIVE.match(before)
            block = Block(fence.group(1), number, directive and directive.groups())
            # Directly after a command: its output.
            if block.language == "text" and blocks and blocks[-1].language == "sh":
                if not "".join(since).strip():
                    blocks[-1].text_follows = block
            blocks.append(block)
            since = []
        else:
            prose.append(line)
            since.append(line)
        if line.strip():
            before = line
    return blocks, "\n".join(prose)


def prints(expected, output):
    """Whether the expected lines are part of the output."""
    parts, numbers = [], []
    for line in expected:
        if line.strip() == "...":
            parts.append(r"(?:.*\n)*?")
            continue
        # Split at the variable pieces, which the odd positions then hold.
        for position, piece in enumerate(re.split(rf"(\.\.\.|{NUMBER})", line.rstrip())):
            if position % 2 == 0:
                parts.append(re.escape(piece))
            elif piece == "...":
                parts.append(".*?")
            else:
                parts.append(f"({NUMBER})")
                numbers.append(float(piece))
        parts.append(r"[ \t]*\n")
    pattern = re.compile("^" + "".join(parts), re.MULTILINE)
    return any(
        all(abs(float(is_) - said) <= 0.01 * abs(said) for is_, said in zip(match.groups(), numbers))
        for match in pattern.finditer(output)
    )


class Checker:
    def __init__(self, tools, scratch):
        self.tools = tools
        self.scratch = scratch
        self.problems = []
        self.counts = {"links": 0, "modules": 0, "commands": 0, "quotes": 0}
        for name in SHOWN:
            if (ROOT / name).exists():
                (scratch / name).symlink_to(ROOT / name)
        (scratch / "build").mkdir()
        (scratch / "build" / "bin").symlink_to(tools)
        (scratch / "build" / "lib").symlink_to(tools.parent / "lib")

    def run(self, command, **kwargs):
        return subprocess.run(
            command,
            cwd=self.scratch,
            text=True,
            encoding="utf-8",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            **kwargs,
        )

    def check(self, page):
        name = page.relative_to(ROOT) if page.is_relative_to(ROOT) else page
        blocks, prose = parse(page.read_text(encoding="utf-8"))
        for target in LINK.findall(prose):
            if re.match(r"[a-z]+:|#", target):
                continue
            self.counts["links"] += 1
            if not (page.parent / target.split("#")[0]).exists():
                self.problems.append(f"{name}: link to {target}, which is not there")
        for block in blocks:
            problem = self.check_block(block)
            if problem:
                self.problems.append(f"{name}:{block.line}: {problem}")

    def check_block(self, block):
        if block.directive and block.directive[0] == "skip":
            return None
        if block.directive:
            self.counts["quotes"] += 1
            path = ROOT / block.directive[1]
            if not path.exists():
                return f"quotes {block.directive[1]}, which is not there"
            lines = "\n" + path.read_text(encoding="utf-8")
            return None if "\n" + block.text in lines else f"is not part of {block.directive[1]}"
        if block.language == "mlir":
            self.counts["modules"] += 1
            result = self.run([self.tools / "nsa-opt", "-"], input=block.text)
            return f"nsa-opt refuses it:\n{result.stdout}" if result.returncode else None
        if block.language == "sh":
            self.counts["commands"] += 1
            result = self.run(["bash", "-euo", "pipefail", "-c", block.text], stdin=subprocess.DEVNULL)
            if result.returncode:
                return f"exits with {result.returncode}:\n{result.stdout}"
            expected = block.text_follows
            if expected and not prints(expected.lines, result.stdout):
                return f"prints something else than the page says:\n{result.stdout}"
        return None


def self_test():
    """Pages with each kind of error, and without."""
    cases = [
        ("link to gone.md", "[x](gone.md)"),
        ("exits with 1", "```sh\nfalse\n```"),
        ("exits with 1", "```sh\nfalse | true\n```"),
        ("", "<!-- doctest: skip -->\n```sh\nfalse\n```"),
        ("something else", "```sh\necho a 1 b\n```\n```text\na ... c\n```"),
        ("something else", "```sh\necho a; echo b\n```\n```text\nb\na\n```"),
        ("", "```sh\necho a 1 b; seq 3\n```\n\n```text\na ... b\n...\n3\n```"),
        ("", "```sh\necho 1.501 -2.5e-07 nan\n```\n```text\n1.503 -2.51e-07 nan\n```"),
        ("something else", "```sh\necho 1.501\n```\n```text\n1.603\n```"),
        ("something else", "```sh\necho 64\n```\n```text\n65\n```"),
        ("", "```sh\necho a\n```\nBut not:\n```text\nb\n```"),
        ("", "```sh\ntouch made\n```\nThen\n```sh\nls made\n```"),
        ("is not part of", "<!-- doctest: file LICENSE -->\n```text\nApache\n```"),
        ("", "<!-- doctest: file LICENSE -->\n```text\n   END OF TERMS AND CONDITIONS\n```"),
        ("which is not there", "<!-- doctest: file gone -->\n```text\nx\n```"),
    ]
    for expected, text in cases:
        with tempfile.TemporaryDirectory() as name:
            page = pathlib.Path(name) / "page.md"
            page.write_text(text, encoding="utf-8")
            scratch = pathlib.Path(name) / "scratch"
            scratch.mkdir()
            checker = Checker(pathlib.Path(name), scratch)
            checker.check(page)
        found = "\n".join(checker.problems)
        if (expected not in found) if expected else found:
            sys.exit(f"self-test: {text!r}: expected {expected or 'no problem'!r}, got {found!r}")
    print(f"self-test: {len(cases)} cases behave")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", nargs="*", type=pathlib.Path)
    parser.add_argument("--tools", type=pathlib.Path, default=ROOT / "build" / "bin")
    parser.add_argument("--self-test", action="store_true", help="check this script instead")
    arguments = parser.parse_args()
    if arguments.self_test:
        return self_test()
    pages = arguments.pages or [
        *sorted(ROOT.glob("*.md")),
        *sorted(ROOT.glob("docs/*.md")),
        *sorted(ROOT.glob("docs/examples/*.md")),
    ]
    with tempfile.TemporaryDirectory() as name:
        checker = Checker(arguments.tools.resolve(), pathlib.Path(name))
        for page in pages:
            checker.check(page.resolve())
    for problem in checker.problems:
        print(f"error: {problem}", file=sys.stderr)
    if checker.problems:
        sys.exit(1)
    print(f"{len(pages)} pages:", ", ".join(f"{n} {what}" for what, n in checker.counts.items()))


if __name__ == "__main__":
    main()
