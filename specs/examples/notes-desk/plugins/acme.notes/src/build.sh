#!/bin/sh
# Builds notes.wasm, and the twin that also reads the environment (-DWITH_ENV) for the example that is refused.
#
#   sh build.sh [OUT_DIR]
#
# Without OUT_DIR the two artifacts of the repository are replaced: verify the workspace again afterwards, for
# a proof is bound to the artifact's bytes. Needs clang with the wasm32 target, lld and node. The component
# tool comes from npm into a temporary folder; JCO_PREFIX names a folder where it is installed already.
# Built last with clang 14.0.6 and @bytecodealliance/jco 1.35.0: the same versions give the same bytes.
set -eu

src=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
examples=$(CDPATH= cd -- "$src/../../../.." && pwd)
wit=$examples/../wit/plugin.wit
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

if [ -z "${JCO_PREFIX:-}" ]; then
  JCO_PREFIX=$tmp/npm
  npm install --silent --no-audit --no-fund --prefix "$JCO_PREFIX" @bytecodealliance/jco@1.35.0
fi
export JCO_PREFIX

build() { # OUT FLAGS...
  out=$1
  shift
  (cd "$src" && clang --target=wasm32 -std=c11 -Os -flto -mbulk-memory -nostdlib -ffreestanding \
    -Wall -Wextra -Werror "$@" -Wl,--no-entry -Wl,--lto-O2 -Wl,-z,stack-size=65536 -Wl,--strip-all \
    -o "$tmp/core.wasm" abi.c json.c out.c notes.c)
  node "$src/componentize.mjs" "$tmp/core.wasm" "$wit" "$out"
}

if [ $# -gt 0 ]; then
  mkdir -p "$1"
  build "$1/notes.wasm"
  build "$1/notes-with-env.wasm" -DWITH_ENV
else
  build "$src/../notes.wasm"
  build "$examples/notes-desk-escalated/plugins/acme.notes/notes.wasm" -DWITH_ENV
fi
