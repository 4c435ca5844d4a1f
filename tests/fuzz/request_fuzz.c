/* request_fuzz: any bytes as a request; whatever is routed becomes an input or a refusal that can
 * be
 * told, and what no op takes is answered without a database. SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "fuzz.h"
#include "http/api.h"
#include "http/input.h"
#include "http/key.h"

enum { HEADERS_MAX = 16 };

/* Takes what stands before the mark off the text, and the mark; the rest where there is none. */
static char *take(char **text, const char *mark)
{
    char *part = *text, *end = strstr(*text, mark);

    *text = end ? end + strlen(mark) : *text + strlen(*text);
    if (end) *end = 0;
    return part;
}

/* "METHOD /path?query", lines of "Name: value", an empty line, and a body of any bytes. */
static struct http_request split(struct arena *a, const uint8_t *data, size_t size)
{
    char *text = arena_memdup(a, data, size), *const begin = text, *end = strstr(text, "\n\n");
    struct http_header *headers = arena_array(a, struct http_header, HEADERS_MAX);
    struct http_request rq = {.headers = headers, .body = "", .peer = "192.0.2.1", .id = "r"};

    if (end) {
        *end = 0;
        rq.body = end + 2;
        rq.body_bytes = size - (size_t)(end + 2 - begin);
    }
    char *line = take(&text, "\n");
    rq.method = take(&line, " ");
    rq.path = take(&line, "?");
    rq.query = line;
    while (*text && rq.n_headers < HEADERS_MAX) {
        char *header = take(&text, "\n");

        headers[rq.n_headers].name = take(&header, ": ");
        headers[rq.n_headers++].value = header;
    }
    return rq;
}

static void tell(struct arena *a, const struct http_request *rq, const struct error *e)
{
    struct http_answer an;

    http_problem(a, rq, e, &an);
    promise(an.status >= 400 && an.body_bytes && http_status(e->fault) == an.status);
}

static void read_input(struct ctx *cx, const struct http_request *rq, const struct op_route *r)
{
    CLEANUP(json_decrefp) json_t *in = json_object();
    void *to = arena_alloc(cx->arena, r->op->in->size);

    if (input_read(cx, rq, r, in) != OK) {
        tell(cx->arena, rq, cx->err);
        return;
    }
    promise(json_text(cx->arena, in, JSON_SORT_KEYS) != NULL); /* it is UTF-8 */
    if (shape_read(r->op->in, in, to, cx->arena, cx->err) != OK) tell(cx->arena, rq, cx->err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_clear) struct arena arena = {0};
    struct error err = {0};
    struct ctx cx = {
        .arena = &arena, .err = &err, .actor = {.role = ROLE_OWNER, .id = 1}
    };
    struct http_request const rq = split(&arena, data, size);
    const char *key = http_header_of(&rq, "Authorization");
    struct http_answer an;
    struct op_route r;

    if (key) (void)key_is_spelt(key);
    route_find(rq.method, rq.path, &r);
    promise(!r.op || (r.allow && strstr(r.allow, r.op->method)));
    if (r.op) read_input(&cx, &rq, &r);
    if (api_lane(&rq) != API_AT_ONCE) return 0;
    api_answer(&cx, NULL, &rq, &an);
    promise(an.status >= 200 && an.status < 500);
    return 0;
}
