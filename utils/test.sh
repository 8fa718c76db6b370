#!/usr/bin/env bash
# Builds everything and runs all tests, after installing what is missing. The
# last line it prints is `N passed, N failed, N skipped`.
#
# Usage: utils/test.sh [--exhaustive]    (--exhaustive takes hours)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target="check-nsa"
case "${1-}" in
  "") ;;
  --exhaustive) target="check-nsa-exhaustive" ;;
  *) echo "usage: $0 [--exhaustive]" >&2; exit 2 ;;
esac

results=build/test/results.json
rm -f "$results"
utils/build.sh

status=0
cmake --build build --target "$target" || status=$?
if [ ! -f "$results" ]; then
  echo "test: error: the tests did not run" >&2
  exit 1
fi
build/venv/bin/python3 utils/summarize_tests.py "$results" || status=1
exit $status
