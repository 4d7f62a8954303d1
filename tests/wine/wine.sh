#!/bin/sh
# Runs one Windows program of the build under Wine, in the prefix that tests/wine/session.sh made:
# wine.sh PROGRAM [ARGUMENT...]. CMake calls it as the emulator of the windows preset.
set -eu
: "${WINEPREFIX:?wine.sh needs WINEPREFIX: ctest sets it, see tests/CMakeLists.txt}"
# No window of the debugger when a program crashes, and no installers of Mono and Gecko.
# File names of any script: Wine asks the locale how they are written outside.
export LC_ALL=C.UTF-8
export WINEDEBUG="${WINEDEBUG:--all}" WINEDLLOVERRIDES="winedbg.exe=d;mscoree,mshtml="
exec "${0%/*}/../steady.sh" "${WINE:-wine}" "$@"
