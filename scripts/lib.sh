# lib: what scripts/demo and scripts/check share. Sourced with `root` set to the top of the sources.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash

logs=$root/build-logs

# Progress is for a person who watches: in a pipe only results and failures are printed.
if [ -t 1 ]; then watched=1; else watched=0; fi
say() { if [ "$watched" = 1 ]; then printf '%s\n' "$*"; fi; }
complain() { printf '%s\n' "$*" >&2; }

log_of() { printf '%s/%s.log' "$logs" "${1//[^a-zA-Z0-9]/-}"; }

# Runs a step with its output in a log: `step NAME COMMAND…`. Prints how long it took, or the end of
# the log when it failed.
step() {
    local name=$1 log began=$SECONDS
    shift
    log=$(log_of "$name")
    mkdir -p "$logs"
    if [ "$watched" = 1 ]; then printf '%-44s' "$name"; fi
    if "$@" >"$log" 2>&1 </dev/null; then
        say "$((SECONDS - began)) s"
        return 0
    fi
    say "failed"
    complain "$name failed; the end of $log:"
    tail -n 40 "$log" >&2
    return 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

as_postgres() (
    cd / || return 1
    if [ "$(id -un)" = postgres ]; then
        "$@"
    elif [ "$(id -u)" = 0 ]; then
        runuser -u postgres -- "$@"
    else
        sudo -u postgres "$@"
    fi
)

# The packages of scripts/packages.txt that are not installed: `missing_packages demo|check`. What
# an installed one provides, as some packages of Node do npm, is not missing.
missing_packages() {
    local package provided skip='# check'
    provided=" $(dpkg-query -W -f '${db:Status-Status} ${Provides}\n' |
        sed -n 's/^installed //p' | tr ',\n' '  ') "
    if [ "$1" = check ]; then skip='^$'; fi
    sed "/$skip/d; s/#.*//; /^ *$/d" "$root/scripts/packages.txt" | while read -r package; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
            [ "${provided/ $package /}" != "$provided" ] || echo "$package"
    done
}

# Services of what is installed are not started, as PostgreSQL would be: policy-rc.d is Debian's way
# to say so.
apt_install() {
    local policy=/usr/sbin/policy-rc.d made=0 status=0
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
        as_root chmod 755 $policy
        made=1
    fi
    as_root apt-get update -q && as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends "$@" || status=1
    if [ $made = 1 ]; then as_root rm -f $policy; fi
    return $status
}

# Installs what is missing: `install_packages demo|check`. Asks for rights only when it has to.
install_packages() {
    local missing
    missing=$(missing_packages "$1")
    # shellcheck disable=SC2086 # a list of words
    [ -z "$missing" ] || step "install packages" apt_install $missing
}

# Sets up, if need be, and builds all, or $targets: `build_in FOLDER COMPILER [MESON OPTION…]`.
build_in() {
    local folder=$root/$1 compiler=$2
    shift 2
    if [ ! -e "$folder/build.ninja" ]; then
        rm -rf "$folder"
        CC=$compiler meson setup "$folder" "$root" "$@" || return 1
    fi
    # shellcheck disable=SC2086 # several
    ninja -C "$folder" ${targets:-all}
}

# The program that people use, without its tests.
build_release() { targets=foyer step "build" build_in build gcc; }
