#!/usr/bin/env bash
# Prints, as Markdown, what the changes since a revision of git do to the runs of manifests: compare.sh REVISION PATH…
# A PATH is a file or a folder of the repository.
set -euo pipefail
revision=$1
shift
before=$(mktemp -d)
trap 'rm -rf "$before"' EXIT

echo "### What this change does to the runs"
told=
while IFS= read -r file; do
  mkdir -p "$before/$(dirname "$file")"
  git show "$revision:./$file" > "$before/$file"
  status=0
  text=$(podplay diff "$before/$file" "$file" 2>&1) || status=$?
  [ "$status" = 0 ] && continue
  told=yes
  printf '\n<details><summary><code>%s</code></summary>\n\n~~~~diff\n%s\n~~~~\n\n</details>\n' "$file" "${text//"$before/"/}"
done < <(git diff --relative --diff-filter=M --name-only "$revision" -- "$@" | grep -E '\.(ya?ml|json)$' || true)
[ -n "$told" ] || printf '\nNothing that a run shows.\n'
