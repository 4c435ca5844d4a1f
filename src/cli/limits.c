/* limits: the table, and reading. SPDX-License-Identifier: Apache-2.0 */
#include "cli/limits.h"

#include <string.h>

/* clang-format off */
static const struct field fields[] = {
    INT(struct serve_options, queue_max, 1, 1000000,
        "Requests that wait for one kind of worker; one more is answered 503."),
    INT(struct serve_options, connections_max, 1, 1000000,
        "Open connections; one more is closed at once."),
    INT(struct serve_options, connections_per_address_max, 1, 1000000,
        "Of one client's address; the trusted proxy's are not counted."),
    INT(struct serve_options, requests_per_connection_max, 1, 1000000000,
        "Requests that one connection may bring; then it is closed."),
    INT(struct serve_options, body_bytes_max, 0, 16777216,
        "Of a request's body; a longer one is answered 413."),
    INT(struct serve_options, idle_ms, 1, 86400000,
        "A connection may rest so long between requests."),
    INT(struct serve_options, head_ms, 1, 86400000,
        "For the whole head of a request; then it is answered 408."),
    INT(struct serve_options, body_ms, 1, 86400000,
        "For the whole body of a request; then it is answered 408."),
    INT(struct serve_options, write_ms, 1, 86400000,
        "For a client to take the whole answer."),
    INT(struct serve_options, queue_ms, 1, 86400000,
        "A request that waited longer for a worker is answered 503."),
    INT(struct serve_options, stop_ms, 1, 86400000,
        "When the server stops, for answering what was taken."),
    INT(struct serve_options, stream_ms, 1, 86400000,
        "A stream of events ends after it and comes again, so that its key is checked anew."),
};
/* clang-format on */
const struct shape limits_shape = SHAPE(serve_options, fields);

static bool set(struct serve_options *o, const char *name, size_t n, const char *value)
{
    int64_t number;

    for (size_t i = 0; i < COUNT(fields); i++) {
        const struct field *f = &fields[i];

        if (strlen(f->name) != n || memcmp(f->name, name, n) != 0) continue;
        if (!int_parse(value, &number) || number < f->min || number > f->max) return false;
        *(int64_t *)(void *)((char *)o + f->offset) = number;
        return true;
    }
    return false;
}

bool limits_read(const char *list, struct arena *a, struct serve_options *o)
{
    while (list && *list) {
        size_t const n = strcspn(list, ","), name = strcspn(list, "=,");

        if (list[name] != '=' ||
            !set(o, list, name, arena_memdup(a, list + name + 1, n - name - 1)))
            return false;
        list += n + (list[n] == ',');
    }
    return true;
}
