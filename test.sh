#!/bin/bash
# Installs what the tests need and runs them: ./test.sh [quick|full]
#   quick   native: unit, fuzz corpus, end to end, tidy (under two minutes)
#   (none)  what CI runs: quick, then the sanitizers, the fuzzers, and Windows under Wine
#   full    more of everything, with the coverage
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. service/tools/build/setup.sh

tier=${1:-ci}
case "$tier" in
quick) presets="native" ;;
ci) presets="native asan tsan fuzz windows" ;;
full) presets="native asan tsan fuzz coverage windows" ;;
*)
    echo "usage: ./test.sh [quick|full]" >&2
    exit 2
    ;;
esac

table=""
passed_all=0
failed_all=0
skipped_all=0

# One preset: build it, run CTest, and keep the numbers of its summary for the table at the end.
run_preset() {
    local preset=$1 started=$SECONDS log passed failed skipped status=0
    oms_build "$preset"
    say "testing: $preset"
    log="build/$preset/ctest.log"
    OMS_TIER=$tier ctest --preset "$preset" 2>&1 | tee "$log" || status=$?
    skipped=$(grep -c '\*\*\*Skipped' "$log") || true
    failed=$(sed -n 's/.*% tests passed, \([0-9]*\) tests failed out of .*/\1/p' "$log")
    passed=$(sed -n 's/.* tests failed out of \([0-9]*\)$/\1/p' "$log")
    [ -n "$passed" ] || { echo "ctest of $preset printed no summary" >&2; return 1; }
    passed=$((passed - failed - skipped))
    table+=$(printf '%-10s %4d passed %4d failed %4d skipped %5d s' \
        "$preset" "$passed" "$failed" "$skipped" $((SECONDS - started)))$'\n'
    passed_all=$((passed_all + passed))
    failed_all=$((failed_all + failed))
    skipped_all=$((skipped_all + skipped))
    return "$status"
}

packages="$OMS_BUILD_PACKAGES $OMS_TEST_PACKAGES"
case " $presets " in *" windows "*) packages="$packages $OMS_WINDOWS_PACKAGES" ;; esac
case " $presets " in *" coverage "*) packages="$packages gcovr" ;; esac
# shellcheck disable=SC2086  # words are packages
oms_install $packages

for preset in $presets; do
    run_preset "$preset"
done
if [ "$tier" = full ]; then
    say "coverage of the product's C"
    gcovr --root . --object-directory build/coverage --exclude 'tests/.*' --exclude '.*/tools/.*' \
        --txt - build/coverage
fi

say "all tests of '$tier' passed in $((SECONDS - OMS_STARTED)) s"
printf '%s' "$table"
echo "$passed_all passed, $failed_all failed, $skipped_all skipped"
