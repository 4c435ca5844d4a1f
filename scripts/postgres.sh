# postgres: a private PostgreSQL in a temporary folder, on a Unix socket, run by the user postgres.
# Sourced after lib.sh. SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash

postgres_folder=
postgres_bin=/usr/lib/postgresql/15/bin

# Starts it; postgres_url is then what libpq needs. Takes settings of the server as `NAME=VALUE`.
postgres_start() {
    local options="-c listen_addresses='' -c max_connections=200" setting
    postgres_folder=$(as_postgres mktemp -d /tmp/foyer-postgres.XXXXXX) || return 1
    for setting in "unix_socket_directories=$postgres_folder" max_locks_per_transaction=256 "$@"; do
        options="$options -c $setting"
    done
    as_root chgrp "$(id -g)" "$postgres_folder" && as_root chmod 750 "$postgres_folder" || return 1
    as_postgres $postgres_bin/initdb -D "$postgres_folder/data" -U postgres -A trust -E UTF8 \
        --locale=C --no-sync || return 1
    as_postgres $postgres_bin/pg_ctl -D "$postgres_folder/data" -l "$postgres_folder/log" -w \
        -o "$options" start || return 1
    # shellcheck disable=SC2034 # for who sources this
    postgres_url="postgresql:///postgres?host=$postgres_folder&user=postgres"
}

# Stops it and removes its folder; harmless when there is none.
postgres_stop() {
    [ -n "$postgres_folder" ] || return 0
    as_postgres $postgres_bin/pg_ctl -D "$postgres_folder/data" -m immediate -w stop >/dev/null 2>&1
    as_root rm -rf "$postgres_folder"
    postgres_folder=
}
