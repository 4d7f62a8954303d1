# What run.sh and test.sh share: saying what happens, installing packages, building a preset.
# Sourced by both; does nothing by itself.
set -euo pipefail

OMS_STARTED=$SECONDS
OMS_DOING="starting"

# Packages of Debian 12, by what needs them. A package is added with the code that needs it.
OMS_BUILD_PACKAGES="gcc libc6-dev cmake ninja-build libssl-dev libsqlite3-dev"
OMS_TEST_PACKAGES="python3 python3-pytest libcmocka-dev gnupg dpkg-dev git clang
    libclang-rt-14-dev clang-format gdb groff-base curl openssl wget socat ncat proxytunnel
    tinyproxy-bin mono-mcs mono-runtime"
OMS_WINDOWS_PACKAGES="gcc-mingw-w64-x86-64-win32 wine wine64 tcl debian-archive-keyring"
# Other people's recordings, hellos and certificates, which the tests read, and a second opinion on
# them; the larger clients and relay proxies.
OMS_FULL_PACKAGES="golang-1.19-src testssl.sh python3-cryptography-vectors tshark haproxy squid
    python3-requests nodejs ruby libwww-perl liblwp-protocol-https-perl php-cli golang-go
    default-jdk-headless waagent slowhttptest gnutls-bin libnss3-tools
    chromium-headless-shell"

say() {
    OMS_DOING="$*"
    printf '\n== %s\n' "$*"
}

# The last words when something failed: what was being done, so that nobody searches for it.
oms_on_exit() {
    local status=$1
    if [ "$status" -ne 0 ]; then
        printf '\n%s failed (status %s) while: %s\n' "${0##*/}" "$status" "$OMS_DOING" >&2
    fi
}
trap 'oms_on_exit "$?"' EXIT

oms_missing() {
    local package
    for package in "$@"; do
        if ! dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -q '^installed$'
        then
            printf '%s ' "$package"
        fi
    done
}

# Installs what is missing of the packages named; quick when nothing is. An archive that is being
# renewed gives lists that name what it no longer has: a moment later both fit again.
oms_install() {
    local missing as_root="" tries=1
    missing=$(oms_missing "$@")
    if [ -z "$missing" ]; then
        return 0
    fi
    say "installing packages: $missing"
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "These packages are missing and need root: apt-get install $missing" >&2
            return 1
        fi
        as_root="sudo"
    fi
    # shellcheck disable=SC2086  # words are packages
    until $as_root apt-get update -q &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
            --no-install-recommends -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 $missing
    do
        [ "$tries" -lt 3 ] || return 1
        tries=$((tries + 1))
        say "installing packages once more, in 10 s"
        sleep 10
    done
}

# Configures and builds one preset; further words are targets, without any everything is built. What
# CMake remembers of a checkout that was somewhere else is of no use: it starts afresh.
oms_build() {
    local preset=$1 home="" fresh=""
    shift
    say "building: $preset"
    if [ -f "build/$preset/CMakeCache.txt" ]; then
        home=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "build/$preset/CMakeCache.txt")
        [ "$home" -ef . ] || fresh="--fresh"
    fi
    cmake --preset "$preset" $fresh >/dev/null && # what is wrong it says on the other stream
        cmake --build --preset "$preset" --parallel "$(nproc)" ${1:+--target "$@"}
}
