#!/bin/bash
# The Wine prefix of a test run: session.sh begin|end. Begin makes WINEPREFIX a fresh copy of a
# template kept in the cache outside the tree (a used prefix lies: it remembers what earlier tests
# registered) and starts one wineserver for the whole run; end stops it and removes the copy.
set -euo pipefail
: "${WINEPREFIX:?session.sh needs WINEPREFIX}"
cache="${OMSGATEWAY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/omsgateway}"
export WINEDEBUG=-all WINEDLLOVERRIDES="winedbg.exe=d;mscoree,mshtml="
template="$cache/wine-template-$(wine --version | tr -c 'a-zA-Z0-9.\n' '-')"

make_template() {
    echo "wine: making a template prefix (once, about 12 s)"
    mkdir -p "$cache"
    local fresh
    fresh=$(mktemp -d "$cache/wine-template.XXXXXX")
    WINEPREFIX=$fresh wineboot -i >"$fresh.log" 2>&1
    WINEPREFIX=$fresh wine winecfg /v win10 >>"$fresh.log" 2>&1
    WINEPREFIX=$fresh wineserver -w
    rm -f "$fresh.log"
    # Another run may have been first: then its template is as good as ours.
    mv -T "$fresh" "$template" 2>/dev/null || rm -rf "$fresh"
}

case "${1:-}" in
begin)
    [ -d "$template" ] || make_template
    wineserver -k >/dev/null 2>&1 || true
    rm -rf "$WINEPREFIX"
    cp -a "$template" "$WINEPREFIX"
    # What outlives this script must not hold its output: whoever runs it waits for the end of it.
    wineserver -p >/dev/null 2>&1 </dev/null
    # The first program of a session starts Wine's services, which keep its output open: a reader
    # would never see the end of it. So the first program is one that nobody reads.
    wine cmd /c exit >/dev/null 2>&1 </dev/null
    ;;
end)
    wineserver -k >/dev/null 2>&1 || true
    rm -rf "$WINEPREFIX"
    ;;
*)
    echo "usage: session.sh begin|end" >&2
    exit 2
    ;;
esac
