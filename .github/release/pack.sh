#!/usr/bin/env bash
# Packs the command for one target: pack.sh VERSION TARGET BINARY FOLDER
# The archive has one folder of its own name; cargo binstall (crates/cli/Cargo.toml), action.yml and krew.yaml know its shape.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
version=$1 target=$2 binary=$(realpath "$3")
mkdir -p "$4"
folder=$(realpath "$4")
name="podplay-$version-$target"

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir "$stage/$name"
cp "$binary" "$root"/LICENSE-* "$root/CHANGELOG.md" "$stage/$name/"
cp "$root/crates/cli/README.md" "$stage/$name/README.md"
cd "$stage"
case $target in
  *-windows-*) 7z a -tzip -bso0 "$folder/$name.zip" "$name" ;;
  *)
    install -m 755 "$root/.github/release/kubectl-play" "$name/"
    tar -czf "$folder/$name.tar.gz" "$name"
    ;;
esac
