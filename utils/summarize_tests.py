#!/usr/bin/env python3
"""Sums up a run of the lit suite, from the file that lit's --output wrote.

Prints every skipped test with its reason, every failed test, and as the last
line `N passed, N failed, N skipped`. Exits with 1 if a test failed, or none
ran.
"""

import argparse
import json
import sys

PASSED = {"PASS", "FLAKYPASS"}
SKIPPED = {"UNSUPPORTED", "XFAIL"}


def reason(test):
    """Why lit did not run a test, or did not count on it, in a few words."""
    if test["code"] == "XFAIL":
        return "expected to fail"
    for line in test["output"].splitlines():
        for words, said in (
            ("requires the following unavailable features: ", "missing feature: "),
            ("does not support the following features and/or targets: ", "not supported with: "),
        ):
            if words in line:
                return said + line.split(words, 1)[1].strip()
    return test["output"].strip().splitlines()[0] if test["output"].strip() else "no reason given"


def summarize(results, out=sys.stdout):
    """Prints the summary of what lit wrote; returns the exit status."""
    tests = sorted(results["tests"], key=lambda test: test["name"])
    passed = [test for test in tests if test["code"] in PASSED]
    skipped = [test for test in tests if test["code"] in SKIPPED]
    # Whatever else lit may call it: it did not pass.
    failed = [test for test in tests if test["code"] not in PASSED | SKIPPED]
    for test in skipped:
        print(f"skipped: {test['name']} ({reason(test)})", file=out)
    for test in failed:
        print(f"failed: {test['name']} ({test['code']})", file=out)
    if not passed and not failed:
        print("error: no test ran", file=out)
    print(f"{len(passed)} passed, {len(failed)} failed, {len(skipped)} skipped", file=out)
    return 0 if passed and not failed else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", help="the JSON file that lit's --output wrote")
    with open(parser.parse_args().results, encoding="utf-8") as file:
        return summarize(json.load(file))


if __name__ == "__main__":
    sys.exit(main())
