/* reply: writes heads of answers. SPDX-License-Identifier: Apache-2.0 */
#include "http/reply.h"

#include <stdio.h>
#include <string.h>

#include "base/calendar.h"

void reply_date(int64_t at_ms, char to[static REPLY_DATE])
{
    static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int64_t const day = at_ms / DAY_MS, second = at_ms % DAY_MS / 1000;
    struct civil const c = civil_of(day);

    snprintf(to, REPLY_DATE, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[day % 7], (int)c.day,
             months[c.month - 1], (int)c.year, (int)(second / 3600), (int)(second / 60 % 60),
             (int)(second % 60));
}

struct text {
    char *to;
    size_t n;
};

static void put(struct text *t, const char *s)
{
    size_t const n = strlen(s);

    if (t->n + n >= REPLY_HEAD_MAX) return;
    memcpy(t->to + t->n, s, n);
    t->n += n;
}

/* A value that would end its line early is left out: it can only be a bug or an attack. */
static void put_header(struct text *t, const char *name, const char *value)
{
    if (strpbrk(value, "\r\n") || strpbrk(name, "\r\n: ") ||
        t->n + strlen(name) + strlen(value) + 64 > REPLY_HEAD_MAX)
        return;
    put(t, name);
    put(t, ": ");
    put(t, value);
    put(t, "\r\n");
}

static bool has_header(const struct http_answer *an, const char *name)
{
    for (size_t i = 0; i < an->n_headers; i++)
        if (text_equal_nocase(an->headers[i].name, name)) return true;
    return false;
}

static void put_safety(struct text *t, const struct http_answer *an, bool secure)
{
    static const struct http_header usual[] = {
        {"Cache-Control",           "no-store"                                  },
        {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
        {"Referrer-Policy",         "no-referrer"                               },
        {"X-Content-Type-Options",  "nosniff"                                   },
    };

    for (size_t i = 0; i < COUNT(usual); i++)
        if (!has_header(an, usual[i].name)) put_header(t, usual[i].name, usual[i].value);
    if (secure) put_header(t, "Strict-Transport-Security", "max-age=63072000");
}

/* 204 and 304 have no body and say nothing of its length; the answer to a HEAD says what that of
 * the GET would have. */
static void put_length(struct text *t, const struct http_answer *an)
{
    char text[24];

    if (an->streams || an->status == 204 || an->status == 304) return;
    snprintf(text, sizeof text, "%zu", an->body_bytes);
    put_header(t, "Content-Length", text);
}

size_t reply_head(const struct job *j, const struct reply *r, char to[static REPLY_HEAD_MAX])
{
    const struct http_answer *an = &j->an;
    struct text t = {.to = to};
    char line[64];

    snprintf(line, sizeof line, "HTTP/1.1 %d %s\r\n", an->status, http_phrase(an->status));
    put(&t, line);
    put_header(&t, "Date", r->date);
    if (an->type) put_header(&t, "Content-Type", an->type);
    put_length(&t, an);
    put_header(&t, "Connection", r->keep_alive ? "keep-alive" : "close");
    if (j->rq.id) put_header(&t, "X-Request-Id", j->rq.id);
    put_safety(&t, an, r->secure);
    for (size_t i = 0; i < an->n_headers; i++)
        put_header(&t, an->headers[i].name, an->headers[i].value);
    put(&t, "\r\n");
    return t.n;
}
