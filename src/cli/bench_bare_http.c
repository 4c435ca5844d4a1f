/* bench_bare_http: evhttp, one loop, one handler that answers with as many bytes as the op that is
 * measured: the limit to measure beside. SPDX-License-Identifier: Apache-2.0 */
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/bench_load.h"

static char body[65536];
static size_t body_bytes;

static void answer(struct evhttp_request *rq, void *arg)
{
    struct evbuffer *out = evbuffer_new();

    (void)arg;
    evbuffer_add(out, body, body_bytes);
    evhttp_add_header(evhttp_request_get_output_headers(rq), "Content-Type", "application/json");
    evhttp_send_reply(rq, 200, "OK", out);
    evbuffer_free(out);
}

void bare_http(int port_file, size_t bytes)
{
    struct sockaddr_in a = {0};
    socklen_t n = sizeof a;
    struct event_base *base = event_base_new();
    struct evhttp *http = evhttp_new(base);
    struct evhttp_bound_socket *s = evhttp_bind_socket_with_handle(http, "127.0.0.1", 0);

    body_bytes = bytes < sizeof body ? bytes : sizeof body;
    memset(body, 'x', body_bytes);
    if (!s) _exit(1);
    getsockname(evhttp_bound_socket_get_fd(s), (struct sockaddr *)&a, &n);
    int64_t const port = ntohs(a.sin_port);
    if (write(port_file, &port, sizeof port) != sizeof port) _exit(1);
    evhttp_set_gencb(http, answer, NULL);
    event_base_dispatch(base);
    _exit(0);
}
