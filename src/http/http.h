/* http: what a request and its answer are, whoever carries them. serve.c reads and writes them on
 * sockets, api.c makes ops of them, tests make them by hand. All texts lie in the job's arena.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

struct http_header {
    const char *name, *value;
};

struct http_request {
    const char *method; /* "GET" */
    const char *path;   /* as it was sent, still %-encoded, without query: begins with '/' */
    const char *query;  /* what follows '?', still encoded; '' */
    const struct http_header *headers;
    size_t n_headers;
    const char *body; /* ends with a NUL that does not count; may hold others */
    size_t body_bytes;
    const char *peer; /* the client's address, as a trusted proxy or the socket says */
    const char *id;   /* of this request: in the log, the answer and the audit */
};

enum { HTTP_ANSWER_HEADERS_MAX = 16 };

struct http_answer {
    int status;
    const char *type; /* Content-Type; NULL without a body */
    const char *body;
    size_t body_bytes;
    struct http_header headers[HTTP_ANSWER_HEADERS_MAX]; /* beyond Content-Type and -Length */
    size_t n_headers;
};

/* The value of a header, whatever the case of its name; NULL when it is not there. */
const char *http_header_of(const struct http_request *rq, const char *name);
/* Asserts that there is room: answers have few headers, all of our own making. */
void http_answer_header(struct http_answer *an, const char *name, const char *value);
