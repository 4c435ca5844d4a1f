/* probe: /healthz, /readyz and /metrics. SPDX-License-Identifier: Apache-2.0 */
#include "http/probe.h"

#include <string.h>

#include "http/keeper.h"
#include "http/wire.h"

static bool asks(const struct http_request *rq, const char *path)
{
    bool const reads = strcmp(rq->method, "GET") == 0 || strcmp(rq->method, "HEAD") == 0;

    return reads && strcmp(rq->path, path) == 0;
}

static void say(struct job *j, const char *op, const char *type, const char *text)
{
    j->an = (struct http_answer){
        .status = 200, .type = type, .body = text, .body_bytes = strlen(text), .op = op};
}

bool probe_answer(const struct metrics *m, struct job *j)
{
    bool const here = wire_is_loopback(j->rq.peer) && !http_header_of(&j->rq, "X-Forwarded-For");

    if (asks(&j->rq, "/healthz"))
        say(j, "healthz", "text/plain", "ok\n");
    else if (asks(&j->rq, "/metrics") && here)
        say(j, "metrics", "text/plain; version=0.0.4", metrics_text(m, &j->arena));
    else if (strcmp(j->rq.path, "*") == 0) {
        j->an = (struct http_answer){.status = 204, .op = "options"};
        http_answer_header(&j->an, "Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    } else
        return false;
    return true;
}

bool probe_is_ready(const struct http_request *rq)
{
    return asks(rq, "/readyz");
}

void probe_ready(const struct hand *h, struct job *j)
{
    const struct fault *why = keeper_hindrance(h->metrics);

    if (h->db && db_check_version(h->db, &j->err) != OK)
        job_refuse(j, 503, j->err.fault);
    else if (h->db && why)
        job_refuse(j, 503, why);
    else
        say(j, "readyz", "text/plain", "ready\n");
    j->an.op = "readyz";
}
