#!/usr/bin/env bash
# Creates .venv with every distribution of this repository (editable) and the tools, in the tested versions.
# Quick when nothing changed: a stamp holds the checksum of everything that decides what gets installed.
#
#   PYTHON       the interpreter to use; otherwise the first of python3.11 ... python3 that is new enough
#   TORCH_INDEX  a package index that has a CPU build of torch; otherwise pip's own settings decide
set -euo pipefail
cd "$(dirname "$0")/../.."

PROJECTS=(protos services/common services/talent services/matching services/gateway deploy/runner)
TORCH=$(grep '^torch==' constraints.txt)

fail() { printf 'setup: %s\n' "$@" >&2; exit 1; }

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
  if [ -n "${PYTHON:-}" ]; then
    new_enough "$PYTHON" || fail "PYTHON=$PYTHON is not Python 3.11 or newer, or does not run."
    echo "$PYTHON"; return
  fi
  local name
  for name in python3.11 python3 python3.12 python3.13; do
    if command -v "$name" >/dev/null && new_enough "$name"; then command -v "$name"; return; fi
  done
  fail "no Python 3.11 or newer was found." \
    "Install it (Debian and Ubuntu: apt-get install python3 python3-venv), or name one: make setup PYTHON=/path/to/python3.11"
}

create_venv() {
  "$1" -c 'import venv, ensurepip' >/dev/null 2>&1 || fail \
    "$1 cannot create virtual environments: its module venv or ensurepip is missing." \
    "Debian and Ubuntu keep them in a package of their own: apt-get install python3-venv"
  echo "setup: creating .venv with $("$1" --version)"
  "$1" -m venv .venv
}

checksum() {
  { .venv/bin/python --version; printf '%s\n' "$PWD"; cat constraints.txt requirements-dev.txt "$0"
    for project in "${PROJECTS[@]}"; do cat "$project/pyproject.toml"; done; } | sha256sum | cut -d' ' -f1
}

if [ ! -x .venv/bin/python ]; then python=$(find_python); create_venv "$python"; fi   # two steps: the first may fail
stamp=$(checksum)
if [ "$(cat .venv/.stamp 2>/dev/null)" = "$stamp" ]; then exit 0; fi

started=$SECONDS
pip=(.venv/bin/python -m pip --disable-pip-version-check)
# torch comes first and alone: on Linux, left to the others' requirements, pip takes the build with CUDA (several GB).
echo "setup: installing $TORCH${TORCH_INDEX:+ from TORCH_INDEX}"
"${pip[@]}" install -q "$TORCH" ${TORCH_INDEX:+--index-url "$TORCH_INDEX"}
echo "setup: installing the rest"
"${pip[@]}" install -q -c constraints.txt hatchling editables   # builds all six below; once is quicker than six times
editable=(); for project in "${PROJECTS[@]}"; do editable+=(-e "$project"); done
"${pip[@]}" install -q --no-build-isolation -c constraints.txt -r requirements-dev.txt "${editable[@]}"
checksum > .venv/.stamp
echo "setup: ready in $((SECONDS - started)) s"
