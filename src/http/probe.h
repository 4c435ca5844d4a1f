/* probe: the questions of whoever runs the server - is it there, can it work, what has it counted.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "http/job.h"

/* Answers /healthz and /metrics; false when the request is for neither. Metrics are told to this
 * machine alone, and not through a proxy. */
bool probe_answer(const struct metrics *m, struct job *j);
/* /readyz: a hand answers it. */
bool probe_is_ready(const struct http_request *rq);
void probe_ready(const struct hand *h, struct job *j);
