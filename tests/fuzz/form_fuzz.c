/* form_fuzz: any bytes as the form in which a provider reports: a first line that is its type, then
 * the body. What is read keeps its fields, and the same fields written anew are read as they were.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "fuzz.h"
#include "http/http.h"
#include "notify/outgoing.h"

static const char form_type[] = "application/x-www-form-urlencoded";

/* Every byte spelt with a %, which nobody can take for anything else. */
static const char *spell(struct arena *a, const char *text)
{
    static const char digits[] = "0123456789abcdef";
    char *out = arena_alloc(a, 3 * strlen(text) + 1), *to = out;

    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        *to++ = '%';
        *to++ = digits[*c >> 4];
        *to++ = digits[*c & 15];
    }
    return out;
}

static bool read_body(struct arena *a, const char *type, const char *body, size_t n,
                      struct form *out)
{
    struct http_header const header = {"Content-Type", type};
    struct http_request const rq = {
        .headers = &header, .n_headers = 1, .body = body, .body_bytes = n};

    return form_read(a, &rq, out);
}

static void reads_again(struct arena *a, const struct form *f)
{
    struct form *again = arena_new(a, struct form);
    char *body = arena_strdup(a, "");

    for (size_t i = 0; i < f->n; i++)
        body = arena_printf(a, "%s%s=%s&", body, spell(a, f->at[i].name), spell(a, f->at[i].value));
    promise(read_body(a, form_type, body, strlen(body), again) && again->n == f->n);
    for (size_t i = 0; i < f->n; i++)
        promise(strcmp(again->at[i].name, f->at[i].name) == 0 &&
                strcmp(again->at[i].value, f->at[i].value) == 0);
}

/* A name's value is that of its only field. */
static void finds(const struct form *f)
{
    for (size_t i = 0; i < f->n; i++) {
        size_t same = 0;

        for (size_t k = 0; k < f->n; k++) same += strcmp(f->at[k].name, f->at[i].name) == 0;
        promise(form_value(f, f->at[i].name) == (same == 1 ? f->at[i].value : NULL));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_clear) struct arena arena = {0};
    char *text = arena_memdup(&arena, data, size), *end = strchr(text, '\n');
    char *body = end ? end + 1 : text + strlen(text);
    struct form *f = arena_new(&arena, struct form);

    if (end) *end = 0;
    if (!read_body(&arena, text, body, size - (size_t)(body - text), f)) return 0;
    promise(f->n <= FORM_FIELDS_MAX && strncasecmp(text, form_type, sizeof form_type - 1) == 0);
    reads_again(&arena, f);
    finds(f);
    promise(!text_callback_is_genuine("token", "https://example.com/", f->at, f->n, body));
    return 0;
}
