#!/bin/sh
# private-mariadb.sh SERVER PORT: runs a database of its own until its standard input ends, which it
# does however its parent ends, and leaves nothing behind. It says on standard error when it is ready.
# root needs no password, and there is an empty database goloves_test.
set -u
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
server=$1
port=$2
me=$(id -un)
folder=$(mktemp -d) || exit
trap 'rm -rf "$folder"' EXIT

if installer=$(command -v mariadb-install-db || command -v mysql_install_db); then
  "$installer" --no-defaults --user="$me" --datadir="$folder/data" \
    --auth-root-authentication-method=normal --skip-test-db >&2 || exit
else
  "$server" --no-defaults --initialize-insecure --user="$me" --datadir="$folder/data" || exit
fi
echo 'CREATE DATABASE goloves_test;' >"$folder/init.sql"

exec 3<&0
"$server" --no-defaults --user="$me" --datadir="$folder/data" --init-file="$folder/init.sql" \
  --bind-address=127.0.0.1 --port="$port" --socket="$folder/socket" --pid-file="$folder/pid" 3<&- &
pid=$!
# The data are thrown away, so there is no need for an orderly end.
(cat <&3 >/dev/null && kill -9 "$pid" 2>/dev/null) &
wait "$pid" 2>/dev/null
