/* text_api: what a provider of texts reports, as a form under its signature.
 * SPDX-License-Identifier: Apache-2.0 */
#include <sodium.h>
#include <string.h>

#include "http/callback.h"
#include "http/input.h"
#include "notify/notify.h"

bool form_read(struct arena *a, const struct http_request *rq, struct form *out)
{
    static const char type[] = "application/x-www-form-urlencoded";
    const char *given = http_header_of(rq, "Content-Type"), *s = rq->body;

    *out = (struct form){0};
    if (!given || strncasecmp(given, type, sizeof type - 1) != 0) return false;
    if (strlen(s) != rq->body_bytes || http_header_of(rq, "Content-Encoding")) return false;
    for (; *s; s += strcspn(s, "&"), s += *s == '&') {
        size_t const n = strcspn(s, "&"), name = strcspn(s, "=&"), value = name + (name < n);

        if (!n) continue;
        if (out->n == FORM_FIELDS_MAX) return false;
        struct form_field const f = {input_decode(a, s, name, true),
                                     input_decode(a, s + value, n - value, true)};
        if (!f.name || !f.value) return false;
        out->at[out->n++] = f;
    }
    return true;
}

const char *form_value(const struct form *f, const char *name)
{
    const char *value = NULL;

    for (size_t i = 0; i < f->n; i++) {
        if (strcmp(f->at[i].name, name) != 0) continue;
        if (value) return NULL;
        value = f->at[i].value;
    }
    return value;
}

/* Over the address as the provider has it, which no proxy's headers can change. */
static bool genuine(struct ctx *cx, const struct op_world *w, const struct http_request *rq)
{
    const char *signature = http_header_of(rq, "X-Twilio-Signature");
    const struct settings *s = cx->settings;
    struct error aside = {0};
    char token[OUT_SECRET_MAX];
    struct form form;

    (void)w;
    if (!signature || !*s->text_callback_url || !form_read(cx->arena, rq, &form)) return false;
    bool good = out_secret(s->text_token_file, token, &aside) == OK && *token;
    good =
        good && text_callback_is_genuine(token, s->text_callback_url, form.at, form.n, signature);
    sodium_memzero(token, sizeof token);
    return good;
}

static enum status take(struct ctx *cx, const struct op_world *w, const struct http_request *rq)
{
    const struct op *report;
    struct form form;
    json_t *out = NULL;

    if (!form_read(cx->arena, rq, &form)) return fail(cx->err, &HTTP_CALLBACK, NULL);
    const char *sid = form_value(&form, "MessageSid"), *status = form_value(&form, "MessageStatus");
    const char *code = form_value(&form, "ErrorCode");
    if (!sid || !*sid || !status) return fail(cx->err, &HTTP_CALLBACK, NULL);
    CLEANUP(json_decrefp)
    json_t *in = json_pack("{s:s, s:s, s:s*}", "provider_ref", sid, "status", status, "code",
                           code && *code ? code : NULL);
    if (!in) return fail(cx->err, &HTTP_CALLBACK, NULL); /* not UTF-8 */
    TRY(op_find("message.report", &report, cx->err));
    enum status const s = op_call(cx, w, report, in, &out);
    json_decref(out);
    return s == E_INVALID ? fail(cx->err, &HTTP_CALLBACK, NULL) : s;
}

const struct callback text_callback = {
    .id = "callback.text", .path = "/v1/callbacks/text", .genuine = genuine, .take = take};
