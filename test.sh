#!/bin/bash
# Installs what the tests need and runs them: ./test.sh [quick|full]
#   quick   native: unit, conform, sim, fault, fuzz corpus, end to end, tidy (under two minutes)
#   (none)  what CI runs: that with greater amounts (tests/tier.sh), then with the sanitizers, the
#           fuzzers, and Windows under Wine
#   full    the same with the greatest amounts, and the coverage
# Every preset runs, whatever became of the one before; the exit status is the first failure's.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

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
. service/tools/build/setup.sh

table=""
remarks=""
passed_all=0
failed_all=0
skipped_all=0
first_failure=0

# What CTest printed for a preset: a row of the table, a remark for each test that failed or was
# skipped.
keep_result() {
    local preset=$1 log=$2 took=$3 passed failed skipped
    failed=$(sed -n 's/.*% tests passed, \([0-9]*\) tests failed out of .*/\1/p' "$log")
    passed=$(sed -n 's/.* tests failed out of \([0-9]*\)$/\1/p' "$log")
    skipped=$(grep -c '\*\*\*Skipped' "$log") || true
    if [ -z "$passed" ]; then
        table+=$(printf '%-10s CTest came to no end' "$preset")$'\n'
        return 1
    fi
    passed=$((passed - failed - skipped))
    table+=$(printf '%-10s %4d passed %4d failed %4d skipped %5d s' \
        "$preset" "$passed" "$failed" "$skipped" "$took")$'\n'
    remarks+=$(sed -n "s/^\t *[0-9]* - \(.*\)/$preset: \1/p" "$log"
        sed -n "s/^SKIPPED /$preset: skipped: /p" \
            "build/$preset/Testing/Temporary/LastTest.log" 2>/dev/null)$'\n'
    passed_all=$((passed_all + passed))
    failed_all=$((failed_all + failed))
    skipped_all=$((skipped_all + skipped))
}

# One preset: build it, run CTest, keep the numbers. Called where a failure does not end the script,
# so each step looks after itself.
run_preset() {
    local preset=$1 started=$SECONDS log="build/$1/ctest.log" status=0
    oms_build "$preset" || status=$?
    if [ "$status" -ne 0 ]; then
        table+=$(printf '%-10s not built' "$preset")$'\n'
        return "$status"
    fi
    say "testing: $preset"
    # One more than there are processors: some tests only wait. That a test has started is no news.
    OMS_TIER=$tier ctest --preset "$preset" --parallel $(($(nproc) + 1)) 2>&1 | tee "$log" |
        sed -u '/^ *Start *[0-9]*: /d' || status=$?
    keep_result "$preset" "$log" $((SECONDS - started)) || status=1
    return "$status"
}

# A row of a table is code in each file that reads it: it has no coverage of its own.
measure_coverage() {
    say "coverage of the product's C"
    gcovr --root . --object-directory build/coverage --exclude 'tests/.*' --exclude '.*/tools/.*' \
        --exclude '.*\.def' --txt - build/coverage
}

# What a test that fails here and nowhere else may come from.
show_machine() {
    printf '%s, %s processors, %s descriptors' "$(uname -sr)" "$(nproc)" "$(ulimit -Sn)"
    setarch -R true 2>/dev/null || printf ', addresses drawn by lot: see tests/steady.sh'
}

show_results() {
    say "results of '$tier' after $((SECONDS - OMS_STARTED)) s on $(show_machine)"
    [ ! -f build/native/build.ninja ] ||
        cmake --build --preset native --target figures -- --quiet || true
    printf '\n%s' "$table"
    printf '%s' "$remarks" | sed '/^$/d; s/^/  /'
    printf '%s passed, %s failed, %s skipped\n' "$passed_all" "$failed_all" "$skipped_all"
}

# A broken-off run leaves a Wine session behind; the table of what there is comes in any case.
on_exit() {
    local status=$? doing=$OMS_DOING prefix="$PWD/build/windows/wine-prefix"
    [ ! -d "$prefix" ] || WINEPREFIX=$prefix tests/wine/session.sh end
    [ -z "$table" ] || show_results
    OMS_DOING=$doing
    oms_on_exit "$status"
}
trap on_exit EXIT
trap 'exit 130' INT

# Runs a step that the next ones do not need, and remembers the first that failed.
step() {
    local status=0
    "$@" || status=$?
    if [ "$status" -ne 0 ] && [ "$first_failure" -eq 0 ]; then
        first_failure=$status
        first_failed=$OMS_DOING
    fi
}

packages="$OMS_BUILD_PACKAGES $OMS_TEST_PACKAGES"
case " $presets " in *" windows "*) packages="$packages $OMS_WINDOWS_PACKAGES" ;; esac
case " $presets " in *" coverage "*) packages="$packages gcovr" ;; esac
[ "$tier" != full ] || packages="$packages $OMS_FULL_PACKAGES"
# shellcheck disable=SC2086  # words are packages
oms_install $packages

for preset in $presets; do
    step run_preset "$preset"
done
[ "$tier" != full ] || step measure_coverage
OMS_DOING=${first_failed:-}
exit "$first_failure"
