#!/bin/sh
# Becomes a database server on a host whose local time is Berlin's. The zone is spelt out, because not
# every machine has a table of zones: summer time from the last Sunday of March to that of October.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
server=$(command -v mariadbd || command -v mysqld) || exit
TZ=CET-1CEST,M3.5.0,M10.5.0/3 exec "$server" "$@"
