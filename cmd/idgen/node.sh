#!/bin/sh
# Runs its arguments by the first Node that is new enough: the one on the PATH, else the one that npm
# installed with the project. It becomes that Node, so signals and exit codes need no passing on.
set -u
root=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")

new_enough() {
  version=$("$1" --version 2>/dev/null) || return 1
  version=${version#v}
  major=${version%%.*}
  minor=${version#*.}
  minor=${minor%%.*}
  [ "$major" -gt 22 ] || { [ "$major" -eq 22 ] && [ "$minor" -ge 18 ]; }
}

for node in node "$root"/node_modules/node-*/bin/node; do
  if new_enough "$node"; then exec "$node" "$@"; fi
done

cat >&2 <<END
Goloves needs Node 22.18 or newer. Either of these will do:
  - install one and put it first on the PATH;
  - run 'make build' in $root: npm brings one along for Linux and macOS.
END
exit 78
