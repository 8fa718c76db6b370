#!/usr/bin/env bash
# Builds the project in build/, after installing what is missing. Safe to run
# again; builds only what changed.
#
# Usage: utils/build.sh [target...]    (the default is everything)
#
# CMAKE_BUILD_PARALLEL_LEVEL sets the number of jobs (default: one a core).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

utils/setup.sh
export CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}

# Once configured, ninja runs CMake again by itself where that is needed.
if [ ! -f build/build.ninja ]; then
  echo "build: configuring (details in build/configure.log)"
  if ! cmake --preset release >build/configure.log 2>&1; then
    cat build/configure.log >&2
    echo "build: error: CMake failed; if build/ is from another set-up, remove it and run again" >&2
    exit 1
  fi
fi

targets=()
for target in "${@:-all}"; do targets+=(--target "$target"); done
cmake --build build "${targets[@]}"
