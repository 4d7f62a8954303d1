#!/bin/sh
# Runs the simulator over as many seeds as the tier of the run asks for: sim.sh [EMULATOR] PROGRAM.
set -eu
case "${OMS_TIER:-quick}" in
quick) seeds=3000 ;;
full) seeds=100000 ;;
*) seeds=10000 ;;
esac
exec "$@" 1 "$seeds"
