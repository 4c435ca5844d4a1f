/* wire_fuzz: any bytes as what comes over a connection - a head, and a body in chunks. However the
 * bytes are cut they are read alike, and what is taken keeps what the reader promises.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/wire.h"

#include <string.h>

#include "fuzz.h"

static void check_head(const struct wire_head *h)
{
    promise(wire_method_known(h->method) && h->n_headers <= WIRE_HEADERS_MAX);
    promise(h->path[0] == '/' || strcmp(h->path, "*") == 0);
    promise(h->content_length >= 0 && !(h->chunked && h->content_length));
    for (size_t i = 0; i < h->n_headers; i++) {
        promise(h->headers[i].name[0] && !strpbrk(h->headers[i].name, " :\r\n\t"));
        promise(!strpbrk(h->headers[i].value, "\r\n"));
        promise(text_is_utf8(h->headers[i].value, strlen(h->headers[i].value)));
    }
}

/* Returns how long the head is, 0 when there is none to go on from. */
static size_t read_head(const char *bytes, size_t n)
{
    CLEANUP(arena_clear) struct arena arena = {0};
    size_t const end = wire_head_end(bytes, n, 0);
    struct wire_head h;

    for (size_t from = 0; from < end && from < 200; from++)
        promise(wire_head_end(bytes, n, from) == end);
    if (!end) return 0;
    int const refused = wire_read_head(&arena, bytes, end, &h);
    promise(refused == 0 || (refused >= 400 && refused < 600));
    if (refused) return 0;
    check_head(&h);
    return end;
}

struct body {
    char bytes[4096];
    size_t n, used;
    int refused;
    bool done;
};

static void read_body(const char *bytes, size_t n, size_t step, struct body *out)
{
    struct wire_chunks c = {0};

    *out = (struct body){0};
    while (out->used < n && !out->refused && c.at != CHUNKS_DONE) {
        size_t const part = n - out->used < step ? n - out->used : step;
        size_t used, wrote;

        out->refused =
            wire_read_chunks(&c, bytes + out->used, part, &used, out->bytes + out->n, &wrote);
        promise(used <= part && wrote <= used);
        out->used += used;
        out->n += wrote;
    }
    out->done = c.at == CHUNKS_DONE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct body whole, pieces;
    const char *bytes = (const char *)data;
    size_t const n = size < sizeof whole.bytes ? size : sizeof whole.bytes;
    size_t const head = read_head(bytes, n);

    read_body(bytes + head, n - head, sizeof whole.bytes, &whole);
    for (size_t step = 1; step < 8; step += 3) {
        read_body(bytes + head, n - head, step, &pieces);
        promise(pieces.refused == whole.refused && pieces.done == whole.done);
        promise(pieces.used == whole.used && pieces.n == whole.n);
        promise(memcmp(pieces.bytes, whole.bytes, whole.n) == 0);
    }
    return 0;
}
