/* http: headers of requests and answers, and refusals as problem details (RFC 9457).
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/http.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "http/op.h"

const struct fault HTTP_UNKNOWN = {E_NOT_FOUND, "http.unknown",
                                   "There is nothing at this path; /openapi.json lists what is."};
const struct fault HTTP_METHOD = {E_INVALID, "http.method",
                                  "This path does not take that method; see the header Allow."};
const struct fault HTTP_NOT_ACCEPTABLE = {
    E_INVALID, "http.not_acceptable",
    "Answers are application/json, those of /v1/events text/event-stream; accept that."};
const struct fault HTTP_TYPE = {E_INVALID, "http.type",
                                "Send the body as application/json in UTF-8, not compressed."};
const struct fault HTTP_BODY = {
    E_INVALID, "http.body",
    "The body is no JSON object in UTF-8, says a name twice, or nests too deep."};
const struct fault HTTP_BODY_NOT_HERE = {E_INVALID, "http.body_not_here",
                                         "This method takes no body; use the query."};
const struct fault HTTP_QUERY_NOT_HERE = {
    E_INVALID, "http.query_not_here",
    "This method takes its values in the body, where they stand in no log; use that."};
const struct fault HTTP_TEXT = {E_INVALID, "http.text",
                                "A part of the path or the query is no %-encoded UTF-8."};
const struct fault HTTP_TWICE = {E_INVALID, "http.twice",
                                 "A value stands there twice; say it once."};
const struct fault HTTP_TOO_LARGE = {E_INVALID, "http.too_large",
                                     "The request is larger than this service takes."};
const struct fault HTTP_BUSY = {E_BUSY, "http.busy",
                                "There is too much to do right now; try again soon."};
const struct fault HTTP_REFUSED = {
    E_INVALID, "http.refused",
    "What came is no request that we read: the status says what is wrong with it; send HTTP/1.1."};
const struct fault HTTP_PLACE = {
    E_INVALID, "http.place",
    "That is no id of an event of this service; leave Last-Event-ID out, and load what you show "
    "anew."};

int http_own_status(const char *code)
{
    static const struct {
        const char *code;
        int status;
    } own[] = {
        {"http.method",         405},
        {"http.not_acceptable", 406},
        {"http.too_large",      413},
        {"http.type",           415},
        {"db.gone",             503},
        {"db.full",             503},
        {"key.missing",         401},
        {"key.invalid",         401},
    };

    for (size_t i = 0; i < COUNT(own); i++)
        if (strcmp(own[i].code, code) == 0) return own[i].status;
    return 0;
}

int http_status(const struct fault *f)
{
    int const own = http_own_status(f->code);

    return own ? own : op_http_status(f->status);
}

const char *http_header_of(const struct http_request *rq, const char *name)
{
    for (size_t i = 0; i < rq->n_headers; i++)
        if (strcasecmp(rq->headers[i].name, name) == 0) return rq->headers[i].value;
    return NULL;
}

void http_answer_header(struct http_answer *an, const char *name, const char *value)
{
    assert(an->n_headers < HTTP_ANSWER_HEADERS_MAX);
    an->headers[an->n_headers++] = (struct http_header){name, value};
}

const char *http_phrase(int status)
{
    static const struct {
        int status;
        const char *phrase;
    } phrases[] = {
        {200, "OK"                             },
        {201, "Created"                        },
        {202, "Accepted"                       },
        {204, "No Content"                     },
        {303, "See Other"                      },
        {304, "Not Modified"                   },
        {400, "Bad Request"                    },
        {401, "Unauthorized"                   },
        {403, "Forbidden"                      },
        {404, "Not Found"                      },
        {405, "Method Not Allowed"             },
        {406, "Not Acceptable"                 },
        {408, "Request Timeout"                },
        {409, "Conflict"                       },
        {413, "Content Too Large"              },
        {414, "URI Too Long"                   },
        {415, "Unsupported Media Type"         },
        {417, "Expectation Failed"             },
        {429, "Too Many Requests"              },
        {431, "Request Header Fields Too Large"},
        {501, "Not Implemented"                },
        {502, "Bad Gateway"                    },
        {503, "Service Unavailable"            },
        {504, "Gateway Timeout"                },
        {505, "HTTP Version Not Supported"     },
    };

    for (size_t i = 0; i < COUNT(phrases); i++)
        if (phrases[i].status == status) return phrases[i].phrase;
    return "Internal Server Error";
}

/* Seconds: a race is over at once; what is limited is limited by the day, and asking each hour
 * does no harm. */
static const char *retry_after(int status, const struct fault *f)
{
    if (f == &OP_KEY_RUNNING) return "1";
    return status == 429 ? "3600" : status == 503 ? "1" : NULL;
}

void http_problem(struct arena *a, const struct http_request *rq, const struct error *e,
                  struct http_answer *an)
{
    int const status = http_status(e->fault);
    const char *const title = http_phrase(status), *const later = retry_after(status, e->fault);
    CLEANUP(json_decrefp)
    json_t *problem = json_pack("{s:s, s:s, s:i, s:s, s:s, s:s*, s:s*}", "type", "about:blank",
                                "title", title, "status", status, "detail", e->fault->text, "code",
                                e->fault->code, "field", e->field, "request", rq->id);

    assert(problem); /* fields are UTF-8 by the time they are named */
    *an = (struct http_answer){.status = status, .type = "application/problem+json"};
    an->body = json_text(a, problem, JSON_PRESERVE_ORDER);
    an->body_bytes = strlen(an->body);
    http_answer_header(an, "Cache-Control", "no-store");
    if (later) http_answer_header(an, "Retry-After", later);
}
