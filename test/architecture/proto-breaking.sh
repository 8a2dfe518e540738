#!/bin/sh
# Holds the gRPC contract against its last state: that of the newest earlier commit that changed it.
set -eu
cd "$(dirname "$0")/../.."

commits=$(git log -2 --format=%H -- api/proto 2>/dev/null || true)
if [ -n "$(git status --porcelain -- api/proto 2>/dev/null)" ]; then
  before=$(echo "$commits" | sed -n 1p)
else
  before=$(echo "$commits" | sed -n 2p)
fi
if [ -z "$before" ]; then
  echo 'buf breaking: the contract has no earlier state to compare with.'
  exit
fi

earlier=$(mktemp -d)
trap 'rm -rf "$earlier"' EXIT
git archive "$before" api/proto | tar -x -C "$earlier"
cmd/idgen/node.sh node_modules/@bufbuild/buf/bin/buf breaking --against "$earlier/api/proto"
