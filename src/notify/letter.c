/* letter: arguments from facts, paragraphs from texts. SPDX-License-Identifier: Apache-2.0 */
#include "notify/letter.h"

#include <jansson.h>
#include <string.h>

#include "base/calendar.h"
#include "base/locale.h"
#include "base/message.h"
#include "db/db.h"

enum { CLEAN_MAX = 200, PARAGRAPHS_MAX = 24 };
static const char none[] = "none"; /* what texts ask for where there is no such fact */
static const char mark[] = "¶";    /* ends a paragraph in texts/ */

/* ---- what comes from outside ---- */

/* The bytes of a sequence in UTF-8; 0 when it is none, or may not stand in a message. */
static size_t fit(const unsigned char *s)
{
    static const unsigned char turns[][2] = {
        {0x80, 0x8b},
        {0x80, 0x8e},
        {0x80, 0x8f},
        {0x80, 0xa8},
        {0x80, 0xa9},
        {0x80, 0xaa},
        {0x80, 0xab},
        {0x80, 0xac},
        {0x80, 0xad},
        {0x80, 0xae},
        {0x81, 0xa6},
        {0x81, 0xa7},
        {0x81, 0xa8},
        {0x81, 0xa9},
    };
    size_t n = 1;

    if (s[0] < ' ' || s[0] == 0x7f) return 0;
    if (s[0] < 0x80) return 1;
    if (s[0] >= 0xc2 && s[0] < 0xe0) n = 2;
    if (s[0] >= 0xe0 && s[0] < 0xf0) n = 3;
    if (s[0] >= 0xf0 && s[0] < 0xf5) n = 4;
    if (n == 1) return 0;
    for (size_t i = 1; i < n; i++)
        if (s[i] < 0x80 || s[i] > 0xbf) return 0;
    for (size_t i = 0; s[0] == 0xe2 && i < COUNT(turns); i++)
        if (s[1] == turns[i][0] && s[2] == turns[i][1]) return 0;
    if (s[0] == 0xc2 && (s[1] < 0xa0 || s[1] == 0xb6)) return 0; /* C1 controls, our mark */
    return n;
}

/* Mail programs make links of more than that, but what a stranger may put here is a name or a
 * device: a domain without a path is the worst that is left. */
static bool is_link(const char *s)
{
    for (; *s; s++)
        if (strncmp(s, "://", 3) == 0 || strncasecmp(s, "www.", 4) == 0) return true;
    return false;
}

char *letter_clean(struct arena *a, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    char *out = arena_alloc(a, strlen(text) + 1);
    size_t at = 0;

    while (*s) {
        size_t const n = fit(s);

        if (at + n > CLEAN_MAX) break;
        if (!n && at && out[at - 1] != ' ') out[at++] = ' ';
        memcpy(out + at, s, n);
        at += n;
        s += n ? n : 1;
    }
    while (at && out[at - 1] == ' ') at--;
    out[at] = 0;
    return is_link(out) ? arena_strdup(a, "") : out;
}

/* ---- arguments ---- */

static const char *text_fact(struct arena *a, const json_t *facts, const char *name)
{
    const json_t *j = json_object_get(facts, name);

    if (json_is_string(j)) return letter_clean(a, json_string_value(j));
    if (json_is_boolean(j)) return json_is_true(j) ? "yes" : "no";
    if (json_is_integer(j)) return arena_printf(a, "%lld", (long long)json_integer_value(j));
    return "";
}

static const char *date_fact(struct arena *a, const json_t *facts, const char *name,
                             const char *locale)
{
    int64_t day;

    return day_parse(text_fact(a, facts, name), &day) ? locale_date(a, locale, day) : "";
}

static const char *money_fact(struct arena *a, const json_t *facts, const char *name,
                              const char *currency, const char *locale)
{
    int64_t const minor = json_integer_value(json_object_get(facts, name));
    const char *code = text_fact(a, facts, currency);

    return minor && *code ? locale_money(a, locale, minor, code) : "";
}

/* Where people write from right to left, what is put in keeps its own direction: FSI … PDI. */
static const char *isolated(struct arena *a, const char *locale, const char *text)
{
    return locale_is_rtl(locale) ? arena_printf(a, "\u2068%s\u2069", text) : text;
}

static const char *argument(struct arena *a, const json_t *facts, const struct message_arg *arg,
                            const char *locale)
{
    const char *text = "";

    if (arg->type == ARG_WORD || arg->type == ARG_TEXT) text = text_fact(a, facts, arg->fact);
    if (arg->type == ARG_DATE) text = date_fact(a, facts, arg->fact, locale);
    if (arg->type == ARG_MONEY) text = money_fact(a, facts, arg->fact, arg->currency, locale);
    if (!*text) return none;
    return arg->type == ARG_WORD ? text : isolated(a, locale, text);
}

static char *say(struct arena *a, const struct letter_in *in, const json_t *facts, const char *part)
{
    const char *args[KIND_ARGS_MAX];

    for (size_t i = 0; i < KIND_ARGS_MAX; i++)
        args[i] = argument(a, facts, &in->kind->args[i], in->locale);
    return message_text(a, in->locale, arena_printf(a, "message.%s.%s", in->kind->topic, part),
                        args, KIND_ARGS_MAX);
}

static json_t *facts_of_letter(const struct letter_in *in)
{
    json_t *facts = json_loads(in->facts, 0, NULL);

    return facts ? facts : json_object();
}

char *letter_subject(struct arena *a, const struct letter_in *in)
{
    CLEANUP(json_decrefp) json_t *facts = facts_of_letter(in);

    return say(a, in, facts, "subject");
}

/* When money is taken next, by whom and how much (SPEC B-12). */
static char *next_charge(struct arena *a, const struct letter_in *in, const json_t *facts)
{
    const char *on = date_fact(a, facts, "next_on", in->locale);
    const char *money = money_fact(a, facts, "next_minor", "next_currency", in->locale);
    const char *by = text_fact(a, facts, "next_by");

    if (*text_fact(a, facts, "next_waits")) return MESSAGE(a, in->locale, "message.next.disputed");
    if (!*on) return MESSAGE(a, in->locale, "message.next.none");
    on = isolated(a, in->locale, on);
    if (*by) return MESSAGE(a, in->locale, "message.next.partner", isolated(a, in->locale, by), on);
    return MESSAGE(a, in->locale, "message.next.direct",
                   *money ? isolated(a, in->locale, money) : none, on);
}

/* ---- paragraphs ---- */

struct paragraphs {
    char *at[PARAGRAPHS_MAX];
    size_t n;
};

/* A text of one or more; empty ones, such as of a fact that is not there, are left out. */
static void add(struct arena *a, struct paragraphs *p, const char *text)
{
    while (text && p->n < PARAGRAPHS_MAX) {
        const char *end = strstr(text, mark);
        size_t n = end ? (size_t)(end - text) : strlen(text);
        const char *start = text;

        for (; n && *start == ' '; n--) start++;
        while (n && start[n - 1] == ' ') n--;
        if (n) p->at[p->n++] = arena_memdup(a, start, n);
        text = end ? end + strlen(mark) : NULL;
    }
}

static void add_body(struct arena *a, const struct letter_in *in, const json_t *facts,
                     struct paragraphs *p)
{
    add(a, p, say(a, in, facts, "body"));
    if (in->kind->next) add(a, p, next_charge(a, in, facts));
    if (in->kind->urgency == URGENCY_SECURITY) add(a, p, MESSAGE(a, in->locale, "message.not_you"));
}

static char *join(struct arena *a, const struct paragraphs *p)
{
    char *out = arena_strdup(a, "");

    for (size_t i = 0; i < p->n; i++)
        out = arena_printf(a, "%s%s%s\n", out, i ? "\n" : "", p->at[i]);
    return out;
}

char *letter_body(struct arena *a, const struct letter_in *in)
{
    CLEANUP(json_decrefp) json_t *facts = facts_of_letter(in);
    struct paragraphs p = {0};

    add_body(a, in, facts, &p);
    return join(a, &p);
}

/* ---- HTML ---- */

static char *escape(struct arena *a, const char *text)
{
    static const struct {
        char c;
        const char *as;
    } table[] = {
        {'&',  "&amp;" },
        {'<',  "&lt;"  },
        {'>',  "&gt;"  },
        {'"',  "&quot;"},
        {'\'', "&#39;" }
    };
    char *out = arena_alloc(a, 6 * strlen(text) + 1), *to = out;

    for (; *text; text++) {
        const char *as = NULL;

        for (size_t i = 0; i < COUNT(table); i++)
            if (*text == table[i].c) as = table[i].as;
        size_t const n = as ? strlen(as) : 1;
        memcpy(to, as ? as : text, n);
        to += n;
    }
    return out;
}

/* The site is the one thing that may be clicked. */
static char *link_site(struct arena *a, char *html, const char *site)
{
    const char *there = strstr(html, site);

    if (!there) return html;
    return arena_printf(a, "%.*s<a href=\"%s\">%s</a>%s", (int)(there - html), html, site, site,
                        there + strlen(site));
}

static char *document(struct arena *a, const struct letter_in *in, const struct letter *l,
                      const struct paragraphs *p)
{
    char *site = escape(a, in->site), *subject = escape(a, l->subject), *body = arena_strdup(a, "");

    for (size_t i = 0; i < p->n; i++)
        body = arena_printf(a, "%s<p>%s</p>\n", body, link_site(a, escape(a, p->at[i]), site));
    return arena_printf(
        a,
        "<!DOCTYPE html>\n<html lang=\"%s\" dir=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n<title>%s</title>\n</head>\n"
        "<body style=\"margin:0;padding:24px;font:16px/1.5 sans-serif;color:#1a1a1a;"
        "background:#ffffff\">\n<main style=\"max-width:36em;margin:0 auto\">\n"
        "<h1 style=\"font-size:20px;line-height:1.3\">%s</h1>\n%s</main>\n</body>\n</html>\n",
        l->language, l->rtl ? "rtl" : "ltr", subject, subject, body);
}

/* ---- the whole ---- */

static char *brief(struct arena *a, const struct letter_in *in, const char *subject)
{
    bool const security = in->kind->urgency == URGENCY_SECURITY;

    return MESSAGE(a, in->locale, security ? "message.brief.security" : "message.brief.plain",
                   in->service, subject, in->reference);
}

void letter_write(struct arena *a, const struct letter_in *in, struct letter *out)
{
    CLEANUP(json_decrefp) json_t *facts = facts_of_letter(in);
    const char *name = letter_clean(a, in->name);
    struct paragraphs p = {0};

    out->language = message_language(a, in->locale);
    out->rtl = locale_is_rtl(out->language);
    out->subject = say(a, in, facts, "subject");
    out->brief = brief(a, in, out->subject);
    add(a, &p,
        MESSAGE(a, in->locale, "message.greeting", *name ? isolated(a, in->locale, name) : none));
    add_body(a, in, facts, &p);
    add(a, &p, MESSAGE(a, in->locale, "message.todo", isolated(a, in->locale, in->site)));
    add(a, &p, MESSAGE(a, in->locale, "message.safety"));
    add(a, &p, MESSAGE(a, in->locale, "message.signature", in->service));
    add(a, &p, MESSAGE(a, in->locale, "message.reference", isolated(a, in->locale, in->reference)));
    out->text = join(a, &p);
    out->html = document(a, in, out, &p);
}
