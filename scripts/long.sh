# long: what scripts/check --long does after everything else. Sourced by it; PostgreSQL runs.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154

foyer=$root/build-gcc/foyer
fuzz_seconds=${FOYER_FUZZ_SECONDS:-180}

# The simulator takes every commit and every call of a gateway as a moment to crash.
if "$foyer" help 2>/dev/null | grep -q '^  simulate '; then
    program "simulate 1,000 seeds" "$foyer" simulate --seed 1 --count 1000 --members 200 --months 24
    program "simulate 5,000 seeds" \
        "$foyer" simulate --seed 10001 --count 5000 --members 25 --months 10
    program "crash everywhere" "$foyer" simulate --everywhere --count 5 --members 5 --months 4
fi

# Kills real processes at random moments and compares what is exported.
if [ -x "$root/tests/kill/run" ]; then
    export FOYER=$foyer FOYER_LONG=1
    program "kills on SQLite" "$root/tests/kill/run"
    if [ -n "$postgres_folder" ]; then
        FOYER_TEST_DB=$postgres_url program "kills on PostgreSQL" "$root/tests/kill/run"
    fi
fi

# New inputs stay in the build folder; a finding is written there too, and its path is in the log.
fuzz() {
    local name=$1 found=$root/build-fuzz/found/$1
    mkdir -p "$found"
    "$root/build-fuzz/tests/${name}_fuzz" -max_total_time="$fuzz_seconds" -timeout=20 \
        -artifact_prefix="$found-" -verbosity=0 "$found" "$root/tests/fuzz/corpus/$name"
}

if must "build fuzzers" build_in build-fuzz clang "${sanitizers[@]}" -Dfuzz=true; then
    for fuzzer in "$root"/build-fuzz/tests/*_fuzz; do
        fuzzer=$(basename "$fuzzer" _fuzz)
        program "fuzz $fuzzer" fuzz "$fuzzer"
    done
fi
