#!/bin/sh
# private-mariadb.sh SERVER PORT: runs a database of its own until its standard input ends, which it
# does however its parent ends, and leaves nothing behind. It says on standard error when it is ready.
# Each line on standard input kills the server, which then starts again on the same files.
# root needs no password, and there is an empty database goloves_test.
set -u
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
server=$1
port=$2
me=$(id -un)
folder=$(mktemp -d) || exit
trap 'rm -rf "$folder"' EXIT
# A server that starts removes temporary files, those of others too.
mkdir "$folder/tmp" && export TMPDIR="$folder/tmp"

if "$server" --no-defaults --version | grep -q MariaDB; then
  installer=$(command -v mariadb-install-db || command -v mysql_install_db) || exit
  "$installer" --no-defaults --user="$me" --datadir="$folder/data" \
    --auth-root-authentication-method=normal --skip-test-db >&2 || exit
else
  "$server" --no-defaults --initialize-insecure --user="$me" --datadir="$folder/data" || exit
fi
echo 'CREATE DATABASE IF NOT EXISTS goloves_test;' >"$folder/init.sql"

exec 3<&0
(
  while read -r _; do
    touch "$folder/again"
    kill -9 "$(cat "$folder/serving")"
  done
  touch "$folder/over"
  # The data are thrown away, so there is no need for an orderly end. It may be just starting again.
  while [ -d "$folder" ]; do
    kill -9 "$(cat "$folder/serving")"
    sleep 0.1
  done
) <&3 2>/dev/null &
while [ ! -e "$folder/over" ]; do
  "$server" --no-defaults --user="$me" --datadir="$folder/data" --init-file="$folder/init.sql" \
    --bind-address=127.0.0.1 --port="$port" --socket="$folder/socket" --pid-file="$folder/pid" 3<&- &
  echo $! >"$folder/serving"
  wait $! 2>/dev/null
  rm "$folder/again" 2>/dev/null || break
done
