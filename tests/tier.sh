#!/bin/sh
# Runs a test as thoroughly as the tier of the run asks for (./test.sh quick, nothing, full):
# tier.sh QUICK CI FULL COMMAND... gives the command its amount as the last word.
set -eu
case "${OMS_TIER:-quick}" in
quick) amount=$1 ;;
full) amount=$3 ;;
*) amount=$2 ;;
esac
shift 3
exec "$@" "$amount"
