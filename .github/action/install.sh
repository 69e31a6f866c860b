#!/usr/bin/env bash
# Puts podplay on the PATH of the steps that follow: the release of the tag by which the action is used, otherwise built
# from its source. Nothing is done if podplay is there already.
set -euo pipefail
if command -v podplay; then exit 0; fi

case "$RUNNER_OS-$RUNNER_ARCH" in
  Linux-X64) target=x86_64-unknown-linux-musl ;;
  Linux-ARM64) target=aarch64-unknown-linux-musl ;;
  macOS-X64) target=x86_64-apple-darwin ;;
  macOS-ARM64) target=aarch64-apple-darwin ;;
  *) target= ;;
esac

if [ -n "$target" ] && [[ ${ACTION_REF:-} =~ ^v[0-9]+\.[0-9]+\.[0-9]+ ]]; then
  name="podplay-${ACTION_REF#v}-$target"
  folder="$RUNNER_TEMP/podplay"
  mkdir -p "$folder"
  cd "$folder"
  from="$GITHUB_SERVER_URL/$ACTION_REPOSITORY/releases/download/$ACTION_REF"
  curl --fail --silent --show-error --location --remote-name-all "$from/$name.tar.gz" "$from/SHA256SUMS"
  grep " $name.tar.gz\$" SHA256SUMS > wanted
  if command -v sha256sum > /dev/null; then sha256sum --check wanted; else shasum -a 256 --check wanted; fi
  tar -xzf "$name.tar.gz"
  echo "$folder/$name" >> "$GITHUB_PATH"
else
  cargo install --locked --path "$GITHUB_ACTION_PATH/crates/cli" --profile native
fi
