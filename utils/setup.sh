#!/usr/bin/env bash
# Installs what the project is built and tested with, and nothing when it is
# there: Debian 12's packages of LLVM 22, and a Python environment in
# build/venv. Safe to run again; takes no time then.
#
# Usage: utils/setup.sh [--verbose]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

packages=(
  # MLIR, and what its CMake files look for.
  libmlir-22-dev mlir-22-tools llvm-22-dev llvm-22-tools
  zlib1g-dev libzstd-dev
  # Compiler, linker and build.
  clang-22 lld-22 cmake ninja-build ccache git
  # Launch bundles' manifests; the emulator's fibers.
  nlohmann-json3-dev libboost-context-dev
  # Checks.
  clang-format-22 clang-tidy-22 valgrind
  python3 python3-venv
)
venv=build/venv
requirements=utils/requirements.txt
log=build/setup.log

verbose=0
case "${1-}" in
  "") ;;
  --verbose) verbose=1 ;;
  *) echo "usage: $0 [--verbose]" >&2; exit 2 ;;
esac

fail() {
  printf 'setup: error: %s\n' "$1" >&2
  shift
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}

# Runs a command with its output in the log; shows the end of it on failure.
logged() {
  local status=0
  printf '+ %s\n' "$*" >>"$log"
  if [ "$verbose" = 1 ]; then
    "$@" 2>&1 </dev/null | tee -a "$log" || status=$?
  else
    "$@" >>"$log" 2>&1 </dev/null || status=$?
  fi
  return $status
}

show_log() {
  printf -- '--- the end of %s:\n' "$log" >&2
  tail -n 15 "$log" >&2
  printf -- '---\n' >&2
}

# Prints the packages that dpkg does not list as installed.
missing_packages() {
  command -v dpkg-query >/dev/null || { printf '%s\n' "${packages[@]}"; return; }
  local installed
  installed=$(dpkg-query -W -f='${db:Status-Abbrev}${Package}\n' "${packages[@]}" \
                2>/dev/null | sed -n 's/^ii //p' || true)
  for package in "${packages[@]}"; do
    grep -qxF "$package" <<<"$installed" || printf '%s\n' "$package"
  done
}

install_packages() {
  local missing=("$@") as_root=(env) id='' version='' name=''
  # shellcheck source=/dev/null
  IFS=: read -r id version name < <(. /etc/os-release && echo "$ID:${VERSION_ID-}:$PRETTY_NAME") || true
  if [ "$id" != debian ] || [ "$version" != 12 ]; then
    fail "this is ${name:-an unknown system}; the script can install packages on Debian 12 only." \
         "Needed are LLVM, MLIR, clang and lld 22.1; in Debian's names:" "${missing[*]}"
  fi
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null ||
      fail "packages are missing, and this is neither root nor is sudo installed. As root:" \
           "apt-get install ${missing[*]}"
    as_root=(sudo env)
    sudo -v || fail "sudo was refused. As root:" "apt-get install ${missing[*]}"
  fi
  as_root+=(DEBIAN_FRONTEND=noninteractive)
  local apt=(apt-get -q -y -o DPkg::Lock::Timeout=300 -o APT::Update::Error-Mode=any
             -o Acquire::Retries=3)

  echo "setup: installing ${#missing[@]} Debian packages (a few minutes; details in $log):"
  printf '  %s\n' "${missing[*]}"
  # A source of the user's that fails need not matter; say so, and go on.
  logged "${as_root[@]}" "${apt[@]}" update || updated=no
  local unknown=()
  for package in "${missing[@]}"; do
    # Read to the end: a reader that stops early makes apt-cache complain.
    apt-cache policy "$package" 2>/dev/null | grep -E '^ +Candidate: [^(]' >/dev/null ||
      unknown+=("$package")
  done
  if [ ${#unknown[@]} != 0 ]; then
    if [ "${updated-}" = no ]; then
      show_log
      fail "apt-get update failed (is the network there?), so these are not known: ${unknown[*]}"
    fi
    fail "apt does not know: ${unknown[*]}" \
         "LLVM 22 comes with Debian 12's security updates: is the suite" \
         "bookworm-security (component main) in /etc/apt/sources.list or sources.list.d?"
  fi
  # Never remove what the user has: fail instead, with apt's explanation.
  if ! logged "${as_root[@]}" "${apt[@]}" install --no-install-recommends --no-remove "${missing[@]}"; then
    show_log
    fail "apt-get could not install the packages (see above; is the network there?)." \
         "LLVM 22's -dev packages exclude those of other versions: if apt speaks of" \
         "removing packages, remove the old ones by hand."
  fi
}

# The first Python of at least 3.11 that can make an environment.
find_python() {
  local candidate
  for candidate in python3 /usr/bin/python3; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
         >/dev/null 2>&1; then
      echo "$candidate"
      return
    fi
  done
  fail "no Python of at least 3.11 with the modules venv and ensurepip (Debian: python3-venv)"
}

install_python() {
  local python
  if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    echo "setup: making a Python environment in $venv ($("$python" --version))"
    rm -rf "$venv"
    logged "$python" -m venv "$venv" ||
      { show_log; fail "$python could not make $venv"; }
  fi
  echo "setup: installing $requirements into $venv"
  if ! logged "$venv/bin/python" -m pip --disable-pip-version-check install \
       --no-input --only-binary=:all: -r "$requirements"; then
    show_log
    fail "pip could not install $requirements (see above; is the network there?)"
  fi
  # Last, so that an interrupted run is not taken for a finished one.
  cp "$requirements" "$venv/requirements.installed"
}

mkdir -p build
readarray -t missing < <(missing_packages)
changed=0
if [ ${#missing[@]} != 0 ]; then
  : >"$log"
  install_packages "${missing[@]}"
  changed=1
fi
if ! cmp -s "$requirements" "$venv/requirements.installed" ||
   ! "$venv/bin/python" -c '' 2>/dev/null; then
  [ $changed = 1 ] || : >"$log"
  install_python
  changed=1
fi
if [ $changed = 1 ]; then
  echo "setup: done"
else
  echo "setup: everything is installed"
fi
