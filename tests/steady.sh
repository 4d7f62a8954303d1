#!/bin/sh
# Runs a command with the addresses of its memory not drawn by lot, where the machine lets it:
# steady.sh COMMAND... For what may fail by the draw: Wine without a preloader of its own leaves a
# start without a word (status 1) where the heap came to lie on the one address its programs share
# with it, 0x7ffe0000, as it did in 1 of 20,000 on Linux 6.18; the thread sanitizer does not live
# with every draw; and what a fuzzer tries depends on it.
set -eu
if setarch -R true 2>/dev/null; then
    exec setarch -R "$@"
fi
exec "$@"
