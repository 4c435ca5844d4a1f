/* http: what a request and its answer are, whoever carries them. serve.c reads and writes them on
 * sockets, api.c makes ops of them, tests make them by hand. All texts lie in the job's arena.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

/* Refusals of requests that never become an op. */
extern const struct fault HTTP_UNKNOWN, HTTP_METHOD, HTTP_NOT_ACCEPTABLE, HTTP_TYPE, HTTP_BODY,
    HTTP_BODY_NOT_HERE, HTTP_QUERY_NOT_HERE, HTTP_TEXT, HTTP_TWICE, HTTP_TOO_LARGE, HTTP_BUSY,
    HTTP_REFUSED, HTTP_PLACE;

/* The status of a fault: HTTP's own where it has one that no class has (405, 415, …), else that of
 * its class. http_own_status is 0 for most codes. */
int http_status(const struct fault *f);
int http_own_status(const char *code);
/* What RFC 9110 calls it, which is the title of a problem without a type of its own. */
const char *http_phrase(int status);

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
    int status;       /* 0: no answer at all, the connection is closed */
    const char *type; /* Content-Type; NULL without a body */
    const char *body;
    size_t body_bytes;
    struct http_header headers[HTTP_ANSWER_HEADERS_MAX]; /* beyond Content-Type and -Length */
    size_t n_headers;
    const char *op, *actor;    /* for the log and the metrics: constants, or NULL */
    bool streams;              /* goes on with server-sent events, and has no body */
    int64_t stream_account_id; /* of this account; 0: of all */
};

/* The value of a header, whatever the case of its name; NULL when it is not there. */
const char *http_header_of(const struct http_request *rq, const char *name);
/* Asserts that there is room: answers have few headers, all of our own making. */
void http_answer_header(struct http_answer *an, const char *name, const char *value);

/* Answers with problem details (RFC 9457): code, field and the request's id, and nothing of
 * e->detail; with Retry-After where a later try may work. */
void http_problem(struct arena *a, const struct http_request *rq, const struct error *e,
                  struct http_answer *an);
