#!/bin/sh
# Builds the client in the module of examples/go, where the stubs are, and becomes it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
go -C "$here/../../../examples/go" build -o "$here/bin/client" "$here/client.go"
exec "$here/bin/client" "$@"
