/* input: what a request says - path, query and body - as the JSON that an op takes.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "http/http.h"
#include "http/route.h"

enum { INPUT_DEPTH_MAX = 16 };

/* Values of the path; then the query where the op's method has no body, else a JSON object. Texts
 * become numbers and truth values where the op's shape wants them; whether the op knows the names
 * is left to it. On an account, `me` is the caller's own. Faults: HTTP_TEXT, HTTP_TWICE,
 * HTTP_BODY, HTTP_TYPE, HTTP_BODY_NOT_HERE, HTTP_QUERY_NOT_HERE. */
enum status input_read(struct ctx *cx, const struct http_request *rq, const struct op_route *r,
                       json_t *in) MUST_CHECK;

/* A text without its %-encoding; NULL unless each % is followed by two digits of a byte that is not
 * 0. In a query a blank may be spelt +, as forms do. */
char *input_decode(struct arena *a, const char *s, size_t n, bool query);

/* A query in which one parameter has another value. */
const char *input_query_with(struct arena *a, const char *query, const char *name,
                             const char *value);
