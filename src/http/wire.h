/* wire: HTTP/1.1 as bytes (RFC 9112), read strictly: what two readers could take for two
 * different things is refused. No sockets here, so that everything can be tested and fuzzed.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "http/http.h"

enum {
    WIRE_HEAD_BYTES_MAX = 16384, /* more is answered 431 */
    WIRE_HEADERS_MAX = 100,      /* more is answered 431 */
    WIRE_TARGET_MAX = 4096,      /* a longer target is answered 414 */
    WIRE_CHUNK_LINE_MAX = 256,   /* of a chunk's size, and of all trailers together */
};

/* The head of a request; texts lie in the arena. */
struct wire_head {
    const char *method, *path, *query; /* as in struct http_request */
    struct http_header *headers;
    size_t n_headers;
    bool keep_alive; /* the connection may be used again */
    bool chunked;
    bool expects_continue;
    int64_t content_length; /* 0 when there is no body, or it is chunked */
};

/* The length of the head at the start of the bytes, its empty line included; 0 when its end has not
 * come yet. `from` is where the search begins: what was searched before need not be searched again.
 */
size_t wire_head_end(const char *bytes, size_t n, size_t from);

/* Reads a whole head. Returns 0, or the HTTP status to refuse it with, after which nothing more can
 * be read from this connection. */
int wire_read_head(struct arena *a, const char *bytes, size_t n, struct wire_head *out);

/* Takes a chunked body apart, piece by piece; a zero value is its beginning. */
struct wire_chunks {
    enum { CHUNK_SIZE_LINE, CHUNK_DATA, CHUNK_DATA_END, CHUNK_TRAILER, CHUNKS_DONE } at;
    int64_t left;  /* of the chunk */
    size_t line;   /* bytes of a size line or of the trailers so far */
    size_t digits; /* of the size */
    bool in_extension, saw_return, line_empty;
};
/* Reads up to n bytes; *used of them, and writes the body's to `to`, which has room for n: *wrote
 * of them. Returns 0, or the status to refuse with. */
int wire_read_chunks(struct wire_chunks *c, const char *bytes, size_t n, size_t *used, char *to,
                     size_t *wrote);

/* True when the method is one that Foyer knows of. */
bool wire_method_known(const char *method);

/* An address as --listen and --trusted-proxy write it: 127.0.0.1:8080, [::1]:8080; without a port
 * where `port` is NULL. The host has no brackets then. */
enum { WIRE_HOST_TEXT = 64 };
bool wire_read_address(const char *text, char host[static WIRE_HOST_TEXT], int64_t *port);
bool wire_is_loopback(const char *host);
