#!/bin/sh
# Runs a test in a folder of its own that is gone afterwards: scratch.sh COMMAND... The folder lies
# in memory where it can: a store that is broken a thousand times is synced as often, and what a
# test of ours loses is never what a disk loses.
set -eu
place=/dev/shm
[ -w "$place" ] || place=${TMPDIR:-/tmp}
folder=$(mktemp -d "$place/omsgateway-test.XXXXXX")
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder" # a test may become another user
trap 'exit 130' INT
trap 'exit 143' TERM HUP
cd "$folder"
"$@"
