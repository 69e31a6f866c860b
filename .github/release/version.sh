#!/usr/bin/env bash
# Prints the version of the workspace, if everything agrees with it: the npm package, CHANGELOG.md, and the tag if one is given.
# version.sh [TAG]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
fail() { echo "version.sh: $*" >&2; exit 1; }

version=$(sed -n '/^\[workspace.package\]/,/^$/s/^version = "\(.*\)"$/\1/p' Cargo.toml)
[ -n "$version" ] || fail "Cargo.toml has no version under [workspace.package]"
for package in www/*/package.json; do
  grep -q '"private": true' "$package" && continue
  grep -q "\"version\": \"$version\"" "$package" || fail "$package is not of version $version"
done
while read -r line; do
  [[ $line == *"version = \"$version\""* ]] || fail "Cargo.toml asks for another version: $line"
done < <(grep '^podplay-[a-z]* = { path = "crates/' Cargo.toml | grep 'version = ' || true)
if [ -n "${1:-}" ]; then
  [ "$1" = "v$version" ] || fail "the tag is $1, and the workspace's version $version"
  grep -q "^## $version " CHANGELOG.md || fail "CHANGELOG.md has no section '## $version - DATE'"
fi
echo "$version"
