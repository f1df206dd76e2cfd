#!/usr/bin/env bash
# Fails where the committed stubs differ from what the protos give, where the protos break buf's rules, or where
# they break clients of the last release (the last tag; before the first one, the last commit).
set -euo pipefail
cd "$(dirname "$0")/../.."

fresh=$(mktemp -d); trap 'rm -rf "$fresh"' EXIT
python protos/generate.py "$fresh/gen" 2>/dev/null
if ! diff -r --brief --exclude=__pycache__ "$fresh/gen" protos/gen; then
  echo "protos-check: the stubs in protos/gen are out of date: make protos, and commit them." >&2; exit 1
fi
(cd protos && buf lint)
against=$(git describe --tags --abbrev=0 2>/dev/null || git rev-parse --short HEAD 2>/dev/null || true)
if [ -n "$against" ] && git cat-file -e "$against:protos/buf.yaml" 2>/dev/null; then
  (cd protos && buf breaking --against "../.git#ref=$against,subdir=protos")
  echo "protos-check: stubs up to date, nothing broken since $against"
else
  echo "protos-check: stubs up to date"
fi
