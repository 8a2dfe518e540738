#!/bin/sh
# The program; 'make build' links bin/idgen to this file.
set -u
root=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")
main=$root/dist/cmd/idgen/main.js
if [ ! -f "$main" ]; then
  echo "idgen is not built yet: run 'make build' in $root." >&2
  exit 78
fi
exec "$root/cmd/idgen/node.sh" "$main" "$@"
