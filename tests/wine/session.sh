#!/bin/bash
# The Wine prefix of a test run: session.sh begin|start|end. Begin makes WINEPREFIX a fresh copy of
# a template kept in the cache outside the tree (a used prefix lies: it remembers what earlier tests
# registered) and starts it: one wineserver for the whole run; end stops it and removes the copy. A
# run that is broken off never calls end: its wineserver leaves by itself, its prefix with the next.
# What start starts keeps its output open: never pipe it, the reader would wait for the wineserver.
set -euo pipefail
: "${WINEPREFIX:?session.sh needs WINEPREFIX}"
cache="${OMSGATEWAY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/omsgateway}"
export WINEDEBUG="${WINEDEBUG:--all}" WINEDLLOVERRIDES="winedbg.exe=d;mscoree,mshtml="
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
idle_s=600       # longer than any test goes without starting a program
service_ms=90000 # a service has so long to begin, on a busy machine; Wine's own limit is 10 s

# Stops a prefix's wineserver, and all that runs on it, and removes the prefix.
drop_prefix() {
    WINEPREFIX=$1 wineserver -k >/dev/null 2>&1 || true
    rm -rf "$1"
}

first_start() {
    "$here/../steady.sh" wineboot -i && "$here/wine.sh" winecfg /v win10 && wineserver -w
}

make_template() {
    local fresh
    echo "wine: making a template prefix (once, about 12 s)"
    mkdir -p "$cache"
    fresh=$(mktemp -d "$cache/wine-template.XXXXXX")
    # shellcheck disable=SC2064  # now: the function's variable is gone when the trap runs
    trap "drop_prefix '$fresh'; rm -f '$fresh.log'" EXIT
    if ! WINEPREFIX=$fresh first_start >"$fresh.log" 2>&1 </dev/null; then
        echo "wine: the template prefix could not be made; what Wine said:" >&2
        cat "$fresh.log" >&2
        exit 1
    fi
    # Another run may have been first: then its template is as good as ours.
    mv -T "$fresh" "$1" 2>/dev/null || true
    rm -rf "$fresh" "$fresh.log"
    trap - EXIT
}

begin() {
    local template
    template="$cache/wine-template-$(wine --version | tr -c 'a-zA-Z0-9.\n' '-')"
    [ -d "$template" ] || make_template "$template"
    drop_prefix "$WINEPREFIX"
    trap 'drop_prefix "$WINEPREFIX"' EXIT
    cp -a "$template" "$WINEPREFIX"
    printf '\n[System\\\\CurrentControlSet\\\\Control]\n"ServicesPipeTimeout"="%s"\n' \
        $service_ms >>"$WINEPREFIX/system.reg"
    start >/dev/null 2>&1 </dev/null
    trap - EXIT
}

# A wineserver holds a descriptor for each socket and file of every program. The first program of a
# session starts Wine's services, which keep its output open: so it is one that nobody reads.
start() {
    ulimit -Sn 65536 2>/dev/null || ulimit -Sn "$(ulimit -Hn)"
    wineserver -p$idle_s
    "$here/wine.sh" cmd /c exit
}

case "${1:-}" in
begin) begin ;;
start) start ;;
end) drop_prefix "$WINEPREFIX" ;;
*)
    echo "usage: session.sh begin|start|end" >&2
    exit 2
    ;;
esac
