#!/bin/sh
# Generates goloves/v1/*_pb2*.py by the grpcio-tools that requirements.txt lists, installed in .venv.
set -eu
cd "$(dirname "$0")"
rm -rf goloves
.venv/bin/python -c '' 2>/dev/null || python3 -m venv --clear .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
.venv/bin/python -m grpc_tools.protoc -I ../../api/proto --python_out=. --pyi_out=. --grpc_python_out=. \
  goloves/v1/id_service.proto goloves/v1/tag_service.proto
