/* wire_test: heads and chunks, sound and not. SPDX-License-Identifier: Apache-2.0 */
#include "http/wire.h"

#include <stdlib.h>
#include <string.h>

#include "base/test.h"

#define H "Host: example.com\r\n"

/* clang-format off */
static const struct {
    const char *head;
    int refused;
} heads[] = {
    {"GET / HTTP/1.1\r\n" H "\r\n", 0},
    {"GET / HTTP/1.0\r\n\r\n", 0},
    {"GET /a%20b?c=%C3%A4 HTTP/1.1\r\n" H "\r\n", 0},
    {"GET http://example.com/a HTTP/1.1\r\n" H "\r\n", 0},
    {"GET http://EXAMPLE.com HTTP/1.1\r\n" H "\r\n", 0},
    {"OPTIONS * HTTP/1.1\r\n" H "\r\n", 0},
    {"GET / HTTP/1.1\r\nhOsT:example.com\r\nX-Empty:\r\n\r\n", 0},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\n", 0},
    {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: Chunked\r\n\r\n", 0},
    /* The request line. */
    {"GET / HTTP/1.1\r\n\r\n", 400}, /* no Host */
    {"GET / HTTP/1.1\r\n" H H "\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
    {"GET /\r\n" H "\r\n", 400},
    {"GET  / HTTP/1.1\r\n" H "\r\n", 400},
    {"GET / HTTP/1.1 \r\n" H "\r\n", 400},
    {"GET / http/1.1\r\n" H "\r\n", 400},
    {"GET / HTTP/1.10\r\n" H "\r\n", 400},
    {"GET / HTTP/2.0\r\n" H "\r\n", 505},
    {"PRI * HTTP/2.0\r\n\r\n", 505},
    {"G(T / HTTP/1.1\r\n" H "\r\n", 400},
    {"get / HTTP/1.1\r\n" H "\r\n", 501},
    {"TRACE / HTTP/1.1\r\n" H "\r\n", 501},
    {"BREW /pot HTTP/1.1\r\n" H "\r\n", 501},
    /* The target. */
    {"GET a HTTP/1.1\r\n" H "\r\n", 400},
    {"GET * HTTP/1.1\r\n" H "\r\n", 400},
    {"CONNECT example.com:443 HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /# HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /\x7f HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /\xc3\xa4 HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /%C3 HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /%c0%af HTTP/1.1\r\n" H "\r\n", 400}, /* an overlong '/' */
    {"GET /%ed%a0%80 HTTP/1.1\r\n" H "\r\n", 400}, /* half a surrogate */
    {"GET /%f4%90%80%80 HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /?a=%ff HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /%00 HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /%4 HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /%zz HTTP/1.1\r\n" H "\r\n", 400},
    {"GET http://example.org/ HTTP/1.1\r\n" H "\r\n", 400}, /* not the Host */
    {"GET http://me@example.com/ HTTP/1.1\r\n" H "\r\n", 400},
    {"GET ftp://example.com/ HTTP/1.1\r\n" H "\r\n", 400},
    {"GET http:///a HTTP/1.1\r\n" H "\r\n", 400},
    /* Headers. */
    {"GET / HTTP/1.1\r\n" H "X : 1\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" H "X\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" H ": 1\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" H "X: 1\r\n folded\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" H "X: 1\nY: 2\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" H "X: 1\rY: 2\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" H "X: \x01\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" H "X: \xff\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" H "X: \xc3\xa4\tb\r\n\r\n", 0},
    /* How long it is. */
    {"POST / HTTP/1.1\r\n" H "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 5, 5\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\n" H "Content-Length: +5\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 0x5\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\n" H "Content-Length:\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 9999999999999999999\r\n\r\n", 413},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
    400 },
    {"POST / HTTP/1.0\r\n" H "Transfer-Encoding: chunked\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: gzip, chunked\r\n\r\n", 501},
    {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: identity\r\n\r\n", 501},
    {"POST / HTTP/1.1\r\n" H "Expect: 100-continue\r\nContent-Length: 1\r\n\r\n", 0},
    {"POST / HTTP/1.1\r\n" H "Expect: wonders\r\n\r\n", 417},
};
/* clang-format on */

static void reads_heads(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(heads); i++) {
        CLEANUP(arena_clear) struct arena arena = {0};
        struct wire_head h;
        size_t const n = strlen(heads[i].head);

        CHECK(wire_head_end(heads[i].head, n, 0) == n);
        int const refused = wire_read_head(&arena, heads[i].head, n, &h);
        if (refused != heads[i].refused) FAIL("%d for: %s", refused, heads[i].head);
    }
}

static struct wire_head read(struct arena *a, const char *text)
{
    struct wire_head h;

    if (wire_read_head(a, text, strlen(text), &h) != 0) FAIL("refused: %s", text);
    return h;
}

static void understands(void **state)
{
    CLEANUP(arena_clear) struct arena arena = {0};

    (void)state;
    struct wire_head h = read(&arena, "POST http://example.com?a=%20b HTTP/1.1\r\n" H
                                      "X:  one two \t\r\ncontent-length: 012\r\n\r\n");
    CHECK(strcmp(h.method, "POST") == 0 && strcmp(h.path, "/") == 0);
    CHECK(strcmp(h.query, "a=%20b") == 0 && h.content_length == 12 && !h.chunked);
    CHECK(h.n_headers == 3 && strcmp(h.headers[1].value, "one two") == 0 && h.keep_alive);
    CHECK(!read(&arena, "GET / HTTP/1.1\r\n" H "Connection: te, Close\r\n\r\n").keep_alive);
    CHECK(!read(&arena, "GET / HTTP/1.0\r\n\r\n").keep_alive);
    CHECK(read(&arena, "PUT / HTTP/1.1\r\n" H "Expect: 100-Continue\r\n\r\n").expects_continue);
}

static void limits(void **state)
{
    CLEANUP(arena_clear) struct arena arena = {0};
    const char *text = "GET / HTTP/1.1\r\n" H;
    struct wire_head h;

    (void)state;
    for (int i = 0; i < WIRE_HEADERS_MAX - 1; i++) text = arena_printf(&arena, "%sX: 1\r\n", text);
    const char *full = arena_printf(&arena, "%s\r\n", text);
    CHECK(wire_read_head(&arena, full, strlen(full), &h) == 0 && h.n_headers == WIRE_HEADERS_MAX);
    full = arena_printf(&arena, "%sX: 1\r\n\r\n", text);
    CHECK(wire_read_head(&arena, full, strlen(full), &h) == 431);
    full = arena_printf(&arena, "GET /%0*d HTTP/1.1\r\n" H "\r\n", WIRE_TARGET_MAX, 0);
    CHECK(wire_read_head(&arena, full, strlen(full), &h) == 414);
}

/* Random heads, each with one byte changed: nothing but a status comes out, and whatever is taken
 * would be taken for the same again. */
static void any_bytes(void **state)
{
    unsigned seed = 1;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        CLEANUP(arena_clear) struct arena arena = {0};
        const char *from = heads[(size_t)rand_r(&seed) % COUNT(heads)].head;
        size_t const n = strlen(from);
        char *text = arena_memdup(&arena, from, n);
        struct wire_head h, again;

        text[(size_t)rand_r(&seed) % n] = (char)rand_r(&seed);
        int const refused = wire_read_head(&arena, text, n, &h);
        CHECK(refused == wire_read_head(&arena, text, n, &again));
        if (!refused) CHECK(h.path[0] == '/' || strcmp(h.path, "*") == 0);
        if (!refused) CHECK(!(h.chunked && h.content_length));
    }
}

/* ---- chunks ---- */

static const struct {
    const char *bytes, *body;
    int refused;
} chunked[] = {
    {"0\r\n\r\n",                                        "",           0  },
    {"3\r\nabc\r\n0\r\n\r\n",                            "abc",        0  },
    {"1\r\na\r\n2\r\nbc\r\n0\r\n\r\n",                   "abc",        0  },
    {"00A\r\n0123456789\r\n0\r\n\r\n",                   "0123456789", 0  },
    {"3;name=value\r\nabc\r\n0\r\nX-Trailer: 1\r\n\r\n", "abc",        0  },
    {"3\r\nabc0\r\n\r\n",                                NULL,         400},
    {"3\nabc\r\n0\r\n\r\n",                              NULL,         400},
    {"\r\n",                                             NULL,         400},
    {";a\r\n",                                           NULL,         400},
    {"-1\r\n",                                           NULL,         400},
    {"0x3\r\nabc\r\n",                                   NULL,         400},
    {" 3\r\nabc\r\n",                                    NULL,         400},
    {"fffffffffffffffff\r\n",                            NULL,         400},
    {"3\r\nabcd\r\n",                                    NULL,         400},
    {"0\r\nX\rY\r\n\r\n",                                NULL,         400},
};

/* However the bytes are cut into pieces. */
static void reads_chunks(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(chunked); i++)
        for (size_t piece = 1; piece <= strlen(chunked[i].bytes); piece++) {
            struct wire_chunks c = {0};
            char body[64] = "";
            size_t n = 0, used, wrote, all = strlen(chunked[i].bytes);
            int refused = 0;

            for (size_t at = 0; at < all && !refused; at += piece) {
                size_t const part = all - at < piece ? all - at : piece;

                refused =
                    wire_read_chunks(&c, chunked[i].bytes + at, part, &used, body + n, &wrote);
                n += wrote;
                CHECK(refused || used == part);
            }
            if (refused != chunked[i].refused) FAIL("%d for %s", refused, chunked[i].bytes);
            if (!refused) CHECK(c.at == CHUNKS_DONE && strcmp(body, chunked[i].body) == 0);
        }
}

static void chunks_end(void **state)
{
    static const char two[] = "0\r\n\r\nGET / HTTP/1.1\r\n";
    struct wire_chunks c = {0};
    char body[64], big[600];
    size_t used, wrote;

    (void)state;
    CHECK(wire_read_chunks(&c, two, sizeof two - 1, &used, body, &wrote) == 0 && used == 5);
    memset(big, 'x', sizeof big);
    memcpy(big, "1;", 2);
    c = (struct wire_chunks){0};
    CHECK(wire_read_chunks(&c, big, sizeof big, &used, body, &wrote) == 400);
    memcpy(big, "0\r\n", 3);
    c = (struct wire_chunks){0};
    CHECK(wire_read_chunks(&c, big, sizeof big, &used, body, &wrote) == 431);
}

static void addresses(void **state)
{
    char host[WIRE_HOST_TEXT];
    int64_t port;

    (void)state;
    CHECK(wire_read_address("127.0.0.1:80", host, &port) && port == 80 && wire_is_loopback(host));
    CHECK(wire_read_address("[::1]:0", host, &port) && wire_is_loopback(host));
    CHECK(wire_read_address("0.0.0.0:8080", host, &port) && !wire_is_loopback(host));
    CHECK(!wire_read_address("127.0.0.1", host, &port));
    CHECK(!wire_read_address("127.0.0.1:", host, &port));
    CHECK(!wire_read_address(":80", host, &port));
    CHECK(!wire_read_address("127.0.0.1:65536", host, &port));
    CHECK(!wire_read_address("[::1:80", host, &port));
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE("heads are read strictly", reads_heads),
        CASE("what a head says is understood", understands),
        CASE("heads have limits", limits),
        CASE("any byte may be wrong", any_bytes),
        CASE("chunks are read in any pieces", reads_chunks),
        CASE("chunked bodies end where they say, within limits", chunks_end),
        CASE("addresses", addresses),
    };
    return RUN_CASES("wire", cases);
}
