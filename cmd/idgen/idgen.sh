#!/bin/sh
# The program; 'make build' links bin/idgen to this file.
set -u
root=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")
main=$root/dist/cmd/idgen/main.js
if [ ! -f "$main" ]; then
  echo "idgen is not built yet: run 'make build' in $root." >&2
  exit 78
fi
# V8 guesses which objects will grow old, and makes those old at once. In a server of HTTP/2 it guesses wrong: all of
# a call then stays until the next full collection, which makes a call a fifth dearer and each pause 20 times as long.
exec "$root/cmd/idgen/node.sh" --no-allocation-site-pretenuring "$main" "$@"
