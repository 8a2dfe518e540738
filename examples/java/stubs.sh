#!/bin/sh
# Generates and compiles the stubs as pom.xml says: to target/classes, and to target/dependency what they need.
set -eu
cd "$(dirname "$0")"
rm -rf target
mvn --quiet --batch-mode --strict-checksums compile
