#!/bin/sh
# Generates goloves/v1/*.pb.go as buf.gen.yaml says, by the generators that go.mod lists as tools.
set -eu
cd "$(dirname "$0")"
rm -rf goloves
../../cmd/idgen/node.sh ../../node_modules/@bufbuild/buf/bin/buf generate ../../api/proto
go build ./goloves/...
