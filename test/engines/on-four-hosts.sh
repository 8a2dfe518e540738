#!/bin/sh
# on-four-hosts.sh COMMAND [ARGUMENTS]: runs the command on a host of its own, beside three others for
# database servers, db1 to db3. All are network namespaces without a way out, in namespaces of
# processes and mounts that end with the command, and with whoever started this, however they end: nothing
# of them is left.
#
#   here 10.78.N.1 ------ clients, 10.78.N.2  dbN  members, 10.77.0.N ------ the other two
#
# /mnt is theirs alone as well, in memory.
set -eu

if [ "${1-}" != --inside ]; then
  exec setpriv --pdeathsig KILL unshare --net --pid --mount --fork --kill-child --mount-proc -- "$0" --inside "$@"
fi
shift

mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /mnt
ip link set lo up
ip link add members type bridge
ip link set members up
for n in 1 2 3; do
  ip netns add "db$n"
  ip -n "db$n" link set lo up

  ip link add "clients$n" type veth peer name clients netns "db$n"
  ip addr add "10.78.$n.1/30" dev "clients$n"
  ip link set "clients$n" up
  ip -n "db$n" addr add "10.78.$n.2/30" dev clients
  ip -n "db$n" link set clients up

  ip link add "members$n" type veth peer name members netns "db$n"
  ip link set "members$n" master members up
  ip -n "db$n" addr add "10.77.0.$n/24" dev members
  ip -n "db$n" link set members up
done
# Not exec: as the first process of its namespace the command would have to wait for orphans.
"$@"
