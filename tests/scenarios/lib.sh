# What the scenarios share. Each script tells one story in commands that a person can type; every
# step prints the
# command and its answer. SPDX-License-Identifier: Apache-2.0
set -u
foyer=${FOYER:-./foyer}
room=$(mktemp -d)
export FOYER_KEY_FILE=$room/key # seals what is personal
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
out="" wrong=0
schema="" server="" url="" key=""

leave() {
    [ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null
    [ -z "$schema" ] || psql -q -d "$FOYER_TEST_DB" \
        -c "DROP SCHEMA IF EXISTS $schema CASCADE" \
        -c "DROP SCHEMA IF EXISTS ${schema}_sandbox CASCADE" 2>/dev/null
    rm -rf "$room"
}
trap leave EXIT

# A database of the scenario's own: a file, or a schema where FOYER_TEST_DB names a server.
if [ -n "${FOYER_TEST_DB:-}" ]; then
    schema=scenario_$$
    psql -q -d "$FOYER_TEST_DB" -c "CREATE SCHEMA $schema" || exit 1
    case $FOYER_TEST_DB in *\?*) mark='&' ;; *) mark='?' ;; esac
    db="$FOYER_TEST_DB${mark}options=-csearch_path%3D$schema"
else
    db=sqlite:$room/foyer.db
fi

# `run WORDS…`: runs foyer and keeps what it prints in $out.
run() {
    printf '\n$ foyer'
    printf ' %q' "$@"
    printf '\n'
    if [ "$1" = call ] && [ -n "$url" ]; then
        out=$("$root/tests/scenarios/over_http" "$room/openapi.json" "$url" "$key" "${@:2}" 2>&1)
    else
        out=$("$foyer" --db "$db" "$@" 2>&1)
    fi
    printf '%s\n' "$out" | sed 's/^/    /'
}

# With FOYER_HTTP set each `call` goes over HTTP, to a server of the scenario's own.
serve() {
    local port=""
    "$foyer" --db "$db" serve --listen 127.0.0.1:0 --no-work --log "$room/log" &
    server=$!
    for _ in $(seq 100); do
        port=$(sed -n 's/.*"listening".*"port":\([0-9]*\).*/\1/p' "$room/log" 2>/dev/null)
        [ -z "$port" ] || break
        sleep 0.1
    done
    [ -n "$port" ] || { bad "no server: $(cat "$room/log")" && return; }
    "$foyer" openapi >"$room/openapi.json"
    run call key.create name=scenario 'scopes=*' \
        roles=visitor,owner,profile,kids,extra,agent,system >/dev/null
    key=$(field secret)
    url=http://127.0.0.1:$port/v1
}

# `begin DATE`: a new service whose clock stands at that date.
begin() {
    printf '%s\n' "$(sed -n '2,/SPDX/{/SPDX/d;s/^# //p}' "$0")"
    run migrate --test-clock "$1" >/dev/null
    run catalog apply "$root/examples/catalog.yaml" >/dev/null
    [ "$out" = "catalog version 1 applied" ] || bad "no catalog: $out"
    [ -z "${FOYER_HTTP:-}" ] || serve
}

# `sign_up COUNTRY PLAN TOKEN`: a new member, whose reference is then in $member.
sign_up() { sign_up_as "somebody$RANDOM@example.com" "$@"; }
# `sign_up_as EMAIL COUNTRY PLAN TOKEN`
sign_up_as() {
    run call membership.start --as visitor --surface web "email=$1" name=Somebody \
        "country=$2" "plan=$3" "token=$4"
    is state active
    member=$(field member)
}

# `call OP …`: as the member, on the web, freshly proven.
call() { run call "$@" --as "owner:$member" --surface web --proof fresh; }
days_pass_until() { run run --until "$1"; }

field() {
    printf '%s\n' "$out" |
        sed -n "s/^ *\"$1\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}$/\1/p" | head -1
}
bad() {
    printf '  WRONG: %s\n' "$1"
    wrong=1
}

# `is FIELD VALUE`: the newest answer's first field of that name.
is() {
    [ "$(field "$1")" = "$2" ] && printf '  ok: %s is %s\n' "$1" "$2" ||
        bad "$1 is $(field "$1"), not $2"
}
# `refused CODE`: the newest answer is this error.
refused() { is code "$1"; }
says() {
    case $out in *"$1"*) printf '  ok: it says %s\n' "$1" ;; *) bad "it does not say $1" ;; esac
}
says_not() {
    case $out in *"$1"*) bad "it says $1" ;; *) printf '  ok: it does not say %s\n' "$1" ;; esac
}
# `times TEXT N`: the newest answer has it so often.
times() {
    local n
    n=$(printf '%s\n' "$out" | grep -cF -- "$1")
    [ "$n" = "$2" ] && printf '  ok: it says %s %s times\n' "$1" "$2" || bad "it says $1 $n times"
}
# `option ACTION RESULT PLACE`: what the newest answer of policy.options says of one action.
option() {
    local found
    found=$(printf '%s\n' "$out" | awk -F'"' -v action="$1" '
        $2 == "action" { on = ($4 == action) }
        on && $2 == "result" { result = $4 }
        on && $2 == "place" { print result " " $4; exit }')
    [ "$found" = "$2 $3" ] && printf '  ok: %s is %s, go to %s\n' "$1" "$2" "$3" ||
        bad "$1 is $found, not $2 $3"
}
# `every_option ROLE SURFACE`: what $member's account offers there; each action must have a result,
# a reason and a place.
every_option() {
    local problems
    out=$("$foyer" --db "$db" call policy.options "member=$member" "role=$1" "surface=$2" 2>&1)
    problems=$(printf '%s\n' "$out" | awk -F'"' '
        $2 == "action" { action = $4; n++ }
        $2 == "result" { result = $4; seen[result]++ }
        $2 == "code" && $4 !~ /^policy[.]/ { print action ": no code" }
        $2 == "reason" && $4 !~ /[.]$/ { print action ": no reason" }
        $2 == "place" && ($4 == "" || (result != "allowed" && $4 == "here")) {
            print action ": no place"
        }
        END {
            sum = seen["allowed"] + seen["hidden"] + seen["disabled"] + seen["redirect"]
            if (n < 30 || sum != n) print n " actions, " sum " results"
        }')
    [ -z "$problems" ] && printf '  ok: %s as %s on %s\n' "$member" "$1" "$2" ||
        bad "$member as $1 on $2: $problems"
}
# `charged DATE…`: the dates on which the member was charged and has paid, oldest first.
charged() {
    run charges --csv >/dev/null
    run --json history "$member" >/dev/null
    local dates
    dates=$(printf '%s\n' "$out" | awk -F'"' '/"captured": "/ {print $4}' | sort | tr '\n' ' ')
    [ "$dates" = "$* " ] && printf '  ok: charged on %s\n' "$*" || bad "charged on $dates, not $*"
}

# `mail_comes`: what is to be told goes out, by mail and by text message; $out is then every mail
# that came of it, in words. `texts_come` after it: $out is every text message.
mail_comes() {
    FOYER_SET_MAIL_URL=maildir:$room/mail FOYER_SET_TEXT_URL=maildir:$room/texts run courier --once
    letters "$room/mail"
}
texts_come() {
    printf '\nText messages:\n'
    letters "$room/texts"
}
letters() {
    out=$(/usr/bin/python3 - "$1/new" <<'END'
import email, email.policy, os, sys
names = os.scandir(sys.argv[1]) if os.path.isdir(sys.argv[1]) else []
for entry in sorted(names, key=lambda e: e.stat().st_mtime_ns):
    with open(entry.path, "rb") as f:
        mail = email.message_from_binary_file(f, policy=email.policy.default)
    print("To:", mail["To"], "\nSubject:", mail["Subject"], "\n")
    print((mail.get_body(("plain",)) or mail).get_content())
    os.remove(entry.path)
END
    )
    printf '%s\n' "$out" | sed 's/^/    /'
}
# `quoted TEXT`: the code that stands behind this text in the newest answer.
quoted() { printf '%s\n' "$out" | sed -n "s/.*$1\([0-9A-Za-z-]*\).*/\1/p" | head -1; }

# Ends the story: the books and everything else are in order.
finish() {
    run doctor >/dev/null
    case $out in *", 0 findings") printf '\n  ok: the doctor finds nothing\n' ;;
    *) bad "the doctor: $out" ;;
    esac
    exit $wrong
}
