#!/bin/sh
# make-secrets.sh [FOLDER]: makes the secrets that compose.yaml names, as far as they are not there yet.
set -eu
folder=${1:-$(dirname "$0")/secrets}
mkdir -p "$folder"
cd "$folder"

for name in mysql_password mysql_root_password grafana_password; do
  [ -s "$name" ] || od -An -tx1 -N16 /dev/urandom | tr -d ' \n' >"$name"
done
[ -s store_url ] || printf 'mysql://goloves:%s@mysql:3306/goloves\n' "$(cat mysql_password)" >store_url

# The containers read the files as users of their own. Others on this machine are kept out by the folder.
chmod 644 ./*
chmod 700 .
