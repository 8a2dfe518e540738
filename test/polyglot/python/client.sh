#!/bin/sh
# Becomes the client, by the stubs and the Python of examples/python.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
stubs=$here/../../../examples/python
PYTHONPATH=$stubs exec "$stubs/.venv/bin/python" "$here/client.py" "$@"
