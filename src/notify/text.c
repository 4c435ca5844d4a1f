/* text: text messages by the HTTP interface that Twilio made common, or into a maildir.
 * SPDX-License-Identifier: Apache-2.0 */
#include <curl/curl.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "notify/mail_rules.h"
#include "notify/outgoing.h"

enum { FIELDS_MAX = 64 };

struct phone {
    const char *folder, *url, *account, *from, *callback;
    char token[OUT_SECRET_MAX];
    void *curl;
};

/* ---- sending ---- */

static char *form_text(struct arena *a, const char *s)
{
    static const char hex[] = "0123456789ABCDEF";
    static const char stays[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._";
    char *out = arena_alloc(a, 3 * strlen(s) + 1), *to = out;

    for (; *s; s++) {
        if (strchr(stays, *s)) {
            *to++ = *s;
            continue;
        }
        *to++ = '%';
        *to++ = hex[(unsigned char)*s >> 4];
        *to++ = hex[*s & 15];
    }
    return out;
}

static char *form(struct arena *a, const struct phone *p, const struct outgoing *o)
{
    bool const service = strncmp(p->from, "MG", 2) == 0; /* else a number or a name */
    char *out = arena_printf(a, "To=%s&%s=%s&Body=%s", form_text(a, o->address),
                             service ? "MessagingServiceSid" : "From", form_text(a, p->from),
                             form_text(a, o->letter->brief));

    if (!*p->callback) return out;
    return arena_printf(a, "%s&StatusCallback=%s", out, form_text(a, p->callback));
}

/* The number does not exist, cannot get texts, or has said STOP. */
static bool is_of_number(int64_t code)
{
    static const int64_t codes[] = {21211, 21214, 21217, 21610, 21612, 21614, 30003, 30005, 30006};

    for (size_t i = 0; i < COUNT(codes); i++)
        if (codes[i] == code) return true;
    return false;
}

static int64_t code_of(const json_t *j)
{
    const json_t *code = json_object_get(j, "code");

    if (!json_is_integer(code)) code = json_object_get(j, "error_code");
    return json_integer_value(code);
}

static void judge(const struct out_post *p, struct carried *out)
{
    CLEANUP(json_decrefp) json_t *j = json_loads(p->answer, 0, NULL);
    const char *sid = json_string_value(json_object_get(j, "sid"));
    int64_t const code = code_of(j), status = p->status;

    snprintf(out->provider_ref, sizeof out->provider_ref, "%s", sid ? sid : "");
    snprintf(out->code, sizeof out->code, "%lld", (long long)(code ? code : status));
    out->outcome = OUTCOME_LATER;
    if (status >= 200 && status < 300) out->outcome = OUTCOME_ACCEPTED;
    if (status == 400 || status == 404 || status == 422)
        out->outcome = is_of_number(code) ? OUTCOME_REFUSED : OUTCOME_BROKEN;
}

static void into_folder(const struct phone *p, const struct outgoing *o, struct carried *out)
{
    char *bytes = arena_printf(
        o->arena,
        "Date: %s\nFrom: %s\nTo: %s\nSubject: Text message\nX-Reference: %s\n"
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n%s\n",
        mail_date(o->arena, o->at_ms), o->settings->service_name, o->address, o->reference,
        o->letter->brief);

    out->outcome = out_put(p->folder, o->token, bytes) ? OUTCOME_ACCEPTED : OUTCOME_LATER;
    snprintf(out->code, sizeof out->code, "%s",
             out->outcome == OUTCOME_ACCEPTED ? "stored" : "the folder cannot be written");
}

static void send_text(void *state, const struct outgoing *o, struct carried *out)
{
    struct phone *p = state;
    const char *const headers[] = {arena_printf(o->arena, "Idempotency-Key: %s", o->token), NULL};

    if (p->folder) return into_folder(p, o, out);
    struct out_post *post = arena_new(o->arena, struct out_post);
    *post =
        (struct out_post){.url = arena_printf(o->arena, "%s/2010-04-01/Accounts/%s/Messages.json",
                                              p->url, p->account),
                          .type = "application/x-www-form-urlencoded",
                          .body = form(o->arena, p, o),
                          .user = p->account,
                          .password = p->token,
                          .headers = headers};
    out_post(&p->curl, post);
    judge(post, out);
}

static void close_text(void *state)
{
    struct phone *p = state;

    if (p && p->curl) curl_easy_cleanup(p->curl);
    if (p) explicit_bzero(p->token, sizeof p->token);
    memory_free(p);
}

enum status text_open(const struct settings *s, struct way_out *out, struct error *e)
{
    char token[OUT_SECRET_MAX];

    *out = (struct way_out){0};
    if (!*s->text_url) return OK;
    if (!out_folder(s->text_url) && strncmp(s->text_url, "https://", 8) != 0 &&
        strncmp(s->text_url, "http://", 7) != 0)
        return fail(e, &OUT_URL, "text_url");
    TRY(out_secret(s->text_token_file, token, e));
    struct phone *p = memory_new(sizeof *p);
    *p = (struct phone){.folder = out_folder(s->text_url),
                        .url = s->text_url,
                        .account = s->text_account,
                        .from = s->text_from,
                        .callback = s->text_callback_url};
    memcpy(p->token, token, sizeof token);
    explicit_bzero(token, sizeof token);
    *out = (struct way_out){send_text, close_text, p};
    return OK;
}

/* ---- what the provider tells afterwards ---- */

static int by_name(const void *a, const void *b)
{
    const struct form_field *x = a, *y = b;
    int const order = strcmp(x->name, y->name);

    return order ? order : strcmp(x->value, y->value);
}

bool text_callback_is_genuine(const char *token, const char *url, const struct form_field *fields,
                              size_t n, const char *signature)
{
    CLEANUP(arena_clear) struct arena a = {0};
    unsigned char mac[EVP_MAX_MD_SIZE];
    char wanted[64];
    unsigned bytes = 0;

    if (n > FIELDS_MAX) return false;
    struct form_field *sorted = arena_array(&a, struct form_field, n + 1);
    memcpy(sorted, fields, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_name);
    char *all = arena_strdup(&a, url);
    for (size_t i = 0; i < n; i++)
        all = arena_printf(&a, "%s%s%s", all, sorted[i].name, sorted[i].value);
    if (!HMAC(EVP_sha1(), token, (int)strlen(token), (const unsigned char *)all, strlen(all), mac,
              &bytes))
        return false;
    sodium_bin2base64(wanted, sizeof wanted, mac, bytes, sodium_base64_VARIANT_ORIGINAL);
    return strlen(wanted) == strlen(signature) &&
           sodium_memcmp(wanted, signature, strlen(wanted)) == 0;
}
