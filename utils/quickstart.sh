#!/usr/bin/env bash
# From a fresh clone to a result: installs what is missing, builds nsa-opt and
# nsa-run, runs an NSA forward pass on the CPU with random input, and compiles it
# for a GPU.
#
# Usage: utils/quickstart.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

utils/build.sh nsa-opt nsa-run

example=docs/examples/nsa_branches.mlir
tokens=4096
q=1x${tokens}x8x64xf32
kv=1x${tokens}x2x64xf32
gates=1x${tokens}x8x3xf32

# Prints the example's kernels for a GPU, with the registers that each takes and
# the bytes that did not fit. That is NVIDIA's assembler's word; no GPU is needed.
show_gpu_kernels() {
  local report=(build/bin/nsa-opt "$example" --nsa-to-ptx=chip=sm_80)
  report+=(--nsa-report-kernels=output=- -o /dev/null)
  echo
  echo "The same compiled for a GPU, to PTX for sm_80, and assembled by ptxas:"
  echo
  printf '+ %s\n' "${report[*]}"
  "${report[@]}"
}

run=(build/bin/nsa-run "$example" --entry=nsa_branches --device=cpu)
run+=(--input="$q=random:1")
for seed in 2 3 4 5 6 7; do run+=(--input="$kv=random:$seed"); done
run+=(--input="$gates=random:8" --repeat=5 --warmup=1)

echo
echo "Running $example: an NSA forward pass over $tokens tokens, 8 query heads,"
echo "2 key/value heads of size 64, written with the branch ops. Inputs, all random:"
echo "  q; k and v of the compressed, the selected and the window branch; gates"
echo "Outputs:"
echo "  o; compressed k and v; o and lse of the compressed branch; block scores;"
echo "  selected blocks; o and lse of the selected and of the window branch"
echo
printf '+ %s' "${run[0]}"
printf ' %s' "${run[@]:1:3}"
printf ' \\\n    %s' "${run[@]:4}"
printf '\n'
"${run[@]}"
show_gpu_kernels
