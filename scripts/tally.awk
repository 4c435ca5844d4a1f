# tally: counts the tests in Meson's JSON log, one test program per line: each TAP line is a test,
# and so is a program that prints no TAP, or that fails without saying which test did. Prints
# "PASSED FAILED SKIPPED"; what failed goes to stderr, under the name `run`.
# SPDX-License-Identifier: Apache-2.0

function field(name, s) {
    if (!match($0, "\"" name "\": \"")) return ""
    s = substr($0, RSTART + RLENGTH)
    return substr(s, 1, index(s, "\"") - 1)
}

function failure(text) {
    failed++
    print "not ok: " run ": " program (text ? ": " text : "") > "/dev/stderr"
}

{
    program = field("name")
    result = field("result")
    good = result == "OK" || result == "EXPECTEDFAIL" || result == "SKIP"
    seen = here = 0
    n = split($0, line, /\\n/)
    sub(/^.*"stdout": "/, "", line[1])
    for (i = 1; i <= n; i++) {
        if (line[i] !~ /^(not )?ok( |$)/) continue
        seen++
        if (line[i] ~ /# SKIP/) skipped++
        else if (line[i] ~ /^ok/) passed++
        else {
            here++
            sub(/^not ok [0-9]* *-? */, "", line[i])
            failure(line[i])
        }
    }
    if (!good && !here) failure("ended with " result)
    else if (good && !seen && result == "SKIP") skipped++
    else if (good && !seen) passed++
}

END { printf "%d %d %d\n", passed, failed, skipped }
