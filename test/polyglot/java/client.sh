#!/bin/sh
# Becomes the client, by the stubs of examples/java.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
stubs=$here/../../../examples/java/target
exec java -cp "$stubs/classes:$stubs/dependency/*" "$here/Client.java" "$@"
