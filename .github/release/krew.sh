#!/usr/bin/env bash
# Prints krew.yaml for a release: krew.sh VERSION REPOSITORY SHA256SUMS
# REPOSITORY is an address such as https://github.com/OWNER/podplay.
set -euo pipefail
version=$1 repository=$2 sums=$3
text=$(sed "s|@VERSION@|$version|g; s|@REPOSITORY@|$repository|g" "$(dirname "${BASH_SOURCE[0]}")/krew.yaml")
while IFS= read -r line; do
  if [[ $line =~ @SHA256\ ([^@]+)@ ]]; then
    archive=${BASH_REMATCH[1]}
    sum=$(awk -v name="$archive" '$2 == name { print $1 }' "$sums")
    [ -n "$sum" ] || { echo "krew.sh: $sums has no $archive" >&2; exit 1; }
    line=${line/"@SHA256 $archive@"/$sum}
  fi
  printf '%s\n' "$line"
done <<<"$text" | tail -n +2
