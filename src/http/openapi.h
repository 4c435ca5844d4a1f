/* openapi: the API described as OpenAPI 3.1, from the rows of ops.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "http/op.h"

/* The whole document; the caller owns it. */
json_t *openapi_json(void);
/* The same as text, made once and kept. */
const char *openapi_text(void);

enum { OPENAPI_FAULTS_MAX = 128 };
/* Every fault that a request for an op can be answered with, each once; returns how many. */
size_t openapi_faults(const struct op *op, const struct fault *to[static OPENAPI_FAULTS_MAX]);
