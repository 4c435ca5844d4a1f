# tally: counts tests. The input is Meson's JSON log, one test program per line; or, with
# -v status=N, the TAP output of one program that ended so. Each TAP line is a test, and so is a
# program that prints none, or that fails without saying which test did. Prints
# "PASSED FAILED SKIPPED"; what failed goes to stderr, under the name `run`.
# SPDX-License-Identifier: Apache-2.0

function field(name, s) {
    if (!match($0, "\"" name "\": \"")) return ""
    s = substr($0, RSTART + RLENGTH)
    return substr(s, 1, index(s, "\"") - 1)
}

function failure(text) {
    failed++
    print "not ok: " run (program ? ": " program : "") (text ? ": " text : "") > "/dev/stderr"
}

function count_line(line) {
    if (line !~ /^(not )?ok( |$)/) return
    seen++
    if (line ~ /# SKIP/) skipped++
    else if (line ~ /^ok/) passed++
    else {
        named++
        sub(/^not ok [0-9]* *-? */, "", line)
        failure(line)
    }
}

function count_program(result) {
    if (result != "OK" && result != "SKIP" && result != "EXPECTEDFAIL") {
        if (!named) failure("ended with " result)
    } else if (!seen) {
        if (result == "SKIP") skipped++
        else passed++
    }
    seen = named = 0
}

status != "" {
    count_line($0)
    next
}

{
    program = field("name")
    n = split($0, line, /\\n/)
    sub(/^.*"stdout": "/, "", line[1])
    for (i = 1; i <= n; i++) count_line(line[i])
    count_program(field("result"))
}

END {
    if (status != "") count_program(status == 0 ? "OK" : "status " status)
    printf "%d %d %d\n", passed, failed, skipped
}
