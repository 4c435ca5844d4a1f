/* push: hands push messages to a service that knows people's devices: a JSON document, POSTed and
 * signed as Standard Webhooks are. SPDX-License-Identifier: Apache-2.0 */
#include <curl/curl.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "base/shape.h"
#include "base/signature.h"
#include "notify/outgoing.h"

struct hook {
    const char *folder, *url;
    struct signature_key key;
    void *curl;
};

static char *document(const struct outgoing *o)
{
    char account[ID_TEXT];
    CLEANUP(json_decrefp)
    json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "id", o->token, "member",
                          id_text("mem", o->account_id, account), "kind", o->kind, "reference",
                          o->reference, "language", o->letter->language, "title",
                          o->settings->service_name, "body", o->letter->subject);

    return json_text(o->arena, j, JSON_PRESERVE_ORDER);
}

static void send_push(void *state, const struct outgoing *o, struct carried *out)
{
    struct hook *h = state;
    const char *body = document(o);
    const char *const headers[] = {
        arena_printf(o->arena, "webhook-id: %s", o->token),
        arena_printf(o->arena, "webhook-timestamp: %lld", (long long)(o->at_ms / 1000)),
        arena_printf(o->arena, "webhook-signature: %s",
                     signature_v1(o->arena, h->key.at, h->key.n, o->token, o->at_ms / 1000, body)),
        NULL};
    struct out_post *p = arena_new(o->arena, struct out_post);

    *p = (struct out_post){
        .url = h->url, .type = "application/json", .body = body, .headers = headers};
    if (h->folder)
        p->status = out_put(h->folder, o->token, body) ? 200 : 0;
    else
        out_post(&h->curl, p);
    snprintf(out->code, sizeof out->code, "%lld", (long long)p->status);
    out->outcome = p->status >= 200 && p->status < 300    ? OUTCOME_ACCEPTED
                   : p->status == 404 || p->status == 410 ? OUTCOME_REFUSED
                   : p->status == 400 || p->status == 422 ? OUTCOME_BROKEN
                                                          : OUTCOME_LATER;
}

static void close_push(void *state)
{
    struct hook *h = state;

    if (h && h->curl) curl_easy_cleanup(h->curl);
    if (h) sodium_memzero(&h->key, sizeof h->key);
    memory_free(h);
}

enum status push_open(const struct settings *s, struct way_out *out, struct error *e)
{
    char secret[OUT_SECRET_MAX];

    *out = (struct way_out){0};
    if (!*s->push_url) return OK;
    if (!out_folder(s->push_url) && strncmp(s->push_url, "https://", 8) != 0 &&
        strncmp(s->push_url, "http://", 7) != 0)
        return fail(e, &OUT_URL, "push_url");
    TRY(out_secret(s->push_secret_file, secret, e));
    struct hook *h = memory_new(sizeof *h);
    *h = (struct hook){.folder = out_folder(s->push_url), .url = s->push_url};
    bool const good = !*secret || signature_key_read(secret, &h->key);
    explicit_bzero(secret, sizeof secret);
    *out = (struct way_out){send_push, close_push, h};
    return good ? OK : fail(e, &OUT_SECRET, "push_secret_file");
}
