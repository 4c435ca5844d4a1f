/* http: headers of requests and answers. SPDX-License-Identifier: Apache-2.0 */
#include "http/http.h"

#include <assert.h>
#include <strings.h>

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
