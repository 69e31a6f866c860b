#!/usr/bin/env bash
# Prints what CHANGELOG.md says of a version: notes.sh VERSION
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
awk -v version="$1" '/^## / { inside = ($2 == version); next } inside' CHANGELOG.md
