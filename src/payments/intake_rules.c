/* intake_rules: rows of a member list, read strictly: nobody is billed by half a row. Pure.
 * SPDX-License-Identifier: Apache-2.0 */
#include "payments/intake_rules.h"

#include <sodium.h>
#include <string.h>

#include "account/contact_rules.h"
#include "base/calendar.h"
#include "base/id.h"
#include "base/luhn.h"

const struct names intake_fields =
    NAMES("external_id", "email", "name", "country", "region", "plan", "joined_on", "paid_through",
          "biller", "method", "locale", "time_zone");

const struct fault MEMBER_VALUE_MISSING = {
    E_INVALID, "member.value_missing",
    "A value is missing that every member needs: external_id, plan, country and joined_on."};
const struct fault MEMBER_VALUE_TOO_LONG = {E_INVALID, "member.value_too_long",
                                            "A text is too long; shorten it."};
const struct fault MEMBER_VALUE_INVALID = {
    E_INVALID, "member.value_invalid",
    "A text has a control character in it, which nobody can see; take it out."};
const struct fault MEMBER_EXTERNAL_ID_INVALID = {
    E_INVALID, "member.external_id_invalid",
    "An external_id has no line breaks or other control characters."};
const struct fault MEMBER_EXTERNAL_ID_RESERVED = {
    E_INVALID, "member.external_id_reserved",
    "That external_id means something else here: me, system, erased, . and .., and all that begin "
    "with mem_ or acc_; put something before it."};
const struct fault MEMBER_EMAIL_INVALID = {
    E_INVALID, "member.email_invalid", "This is no email address; correct it or leave it empty."};
const struct fault MEMBER_COUNTRY_UNKNOWN = {
    E_INVALID, "member.country_unknown",
    "The catalog has no such country; give its ISO code or English name, or add it there."};
const struct fault MEMBER_PLAN_UNKNOWN = {
    E_INVALID, "member.plan_unknown",
    "The catalog has no such plan; give its code or display name, or add it there."};
const struct fault MEMBER_PLAN_NOT_SOLD = {
    E_INVALID, "member.plan_not_sold",
    "The plan has no price in this country on the day of the first charge; add one to the "
    "catalog."};
const struct fault MEMBER_DATE_INVALID = {
    E_INVALID, "member.date_invalid",
    "This is no date that exists; write it as 2024-02-29, or say how with --date-format."};
const struct fault MEMBER_DATE_RANGE = {
    E_INVALID, "member.date_range",
    "The date is out of bounds: joined_on from 1970 to a year ahead, paid_through to ten years "
    "ahead."};
const struct fault MEMBER_BILLER_UNKNOWN = {
    E_INVALID, "member.biller_unknown",
    "A biller is direct or a partner of the catalog, by code or name; add the partner there."};
const struct fault MEMBER_REGION_INVALID = {
    E_INVALID, "member.region_invalid",
    "Taxes differ by region here; give its code of ISO 3166-2, such as CA or US-CA, or leave it "
    "empty."};
const struct fault MEMBER_LOCALE_INVALID = {
    E_INVALID, "member.locale_invalid", "This is no locale; write it as de-DE or leave it empty."};
const struct fault MEMBER_ZONE_UNKNOWN = {
    E_INVALID, "member.zone_unknown",
    "This time zone is not known; give a name such as Europe/Berlin or leave it empty."};
const struct fault MEMBER_METHOD_INVALID = {
    E_INVALID, "member.method_invalid",
    "Give at most eight methods, each once, with ';' between them."};

enum { ID_MAX = 200, NAME_MAX_BYTES = 200, REGION_MAX = 64, REGION_CODE_MAX = 3, BILLER_MAX = 64 };
enum { LOCALE_MAX = 35, TOKEN_MAX = 200 };
enum { JOINED_AHEAD = 366, PAID_AHEAD = 3660 };

/* A charge of the UTC day 0 would be none: that is what 0 means where days are stored. East of
 * Greenwich 1970-01-02 begins on it. */
bool intake_as_of_fits(int64_t as_of_day, int64_t today)
{
    return as_of_day > 1 && as_of_day <= today + PAID_AHEAD;
}

bool intake_required(enum intake_field field)
{
    return field == IN_EXTERNAL_ID || field == IN_PLAN || field == IN_COUNTRY ||
           field == IN_JOINED_ON;
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The first of them, U+0080 to U+009F (in UTF-8) among them; NULL: none. */
static const char *control_in(const char *s)
{
    for (; *s; s++) {
        unsigned char const c = (unsigned char)s[0], next = (unsigned char)s[1];

        if (c < 0x20 || c == 0x7f || (c == 0xc2 && next < 0xa0)) return s;
    }
    return NULL;
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static enum status refuse(struct error *e, const struct fault *f, enum intake_field field,
                          const char *value)
{
    enum status const st = failf(e, f, "%s: '%.120s'", intake_fields.at[field], value);

    e->field = intake_fields.at[field];
    return st;
}

static char *trim(struct arena *a, const char *s, size_t n)
{
    while (n && is_blank(*s)) s++, n--;
    while (n && is_blank(s[n - 1])) n--;
    return arena_memdup(a, s, n);
}

char *intake_trim(struct arena *a, const char *text)
{
    return trim(a, text, strlen(text));
}

/* A text for people: line breaks and runs of blanks become one blank. */
static enum status read_text(const struct intake_row *row, enum intake_field field, size_t max,
                             struct arena *a, const char **out, struct error *e)
{
    char *text = intake_trim(a, row->at[field]), *to = text;

    for (const char *s = text; *s; s++)
        if (!is_blank(*s) || !is_blank(s[1])) *to++ = is_blank(*s) ? ' ' : *s;
    *to = 0;
    if (control_in(text)) return refuse(e, &MEMBER_VALUE_INVALID, field, "a control character");
    if ((size_t)(to - text) > max) return refuse(e, &MEMBER_VALUE_TOO_LONG, field, text);
    *out = text;
    return OK;
}

bool external_id_is_reserved(const char *id)
{
    static const char *const words[] = {"me", "system", ".", "..", "erased"};

    for (size_t i = 0; i < COUNT(words); i++)
        if (strcmp(words[i], id) == 0) return true;
    return strncmp(id, "mem_", 4) == 0 || strncmp(id, "acc_", 4) == 0;
}

static enum status read_external_id(const struct intake_row *row, struct arena *a,
                                    struct newcomer *out, struct error *e)
{
    const char *id = intake_trim(a, row->at[IN_EXTERNAL_ID]);
    int64_t ours;

    if (strlen(id) > ID_MAX) return refuse(e, &MEMBER_VALUE_TOO_LONG, IN_EXTERNAL_ID, id);
    if (control_in(id)) return refuse(e, &MEMBER_EXTERNAL_ID_INVALID, IN_EXTERNAL_ID, id);
    if (id_parse("mem", id, &ours) || id_parse("acc", id, &ours))
        return refuse(e, &MEMBER_EXTERNAL_ID_RESERVED, IN_EXTERNAL_ID, id);
    out->external_id = id;
    return OK;
}

static enum status read_email(const struct intake_row *row, struct arena *a, struct newcomer *out,
                              struct error *e)
{
    out->email = intake_trim(a, row->at[IN_EMAIL]);
    if (!*out->email || email_is_valid(out->email)) return OK;
    return refuse(e, &MEMBER_EMAIL_INVALID, IN_EMAIL, out->email);
}

static enum status read_country(const struct intake_terms *terms, const struct intake_row *row,
                                struct arena *a, struct newcomer *out, struct error *e)
{
    const char *text;

    TRY(read_text(row, IN_COUNTRY, NAME_MAX_BYTES, a, &text, e));
    out->country = catalog_country_named(terms->catalog, text);
    return out->country ? OK : refuse(e, &MEMBER_COUNTRY_UNKNOWN, IN_COUNTRY, text);
}

static enum status read_plan(const struct intake_terms *terms, const struct intake_row *row,
                             struct arena *a, struct newcomer *out, struct error *e)
{
    const char *text;

    TRY(read_text(row, IN_PLAN, NAME_MAX_BYTES, a, &text, e));
    out->plan = catalog_plan_named(terms->catalog, text);
    return out->plan ? OK : refuse(e, &MEMBER_PLAN_UNKNOWN, IN_PLAN, text);
}

/* "US-CA" (ISO 3166-2) and "ca" are CA; a region that has a tax is spelt as the catalog does. */
static enum status read_region(const struct intake_row *row, struct arena *a, struct newcomer *out,
                               struct error *e)
{
    const char *text;
    char const start[4] = {out->country->code[0], out->country->code[1], '-'};

    TRY(read_text(row, IN_REGION, REGION_MAX, a, &text, e));
    if (strlen(text) > 3 && text_equal_nocase(arena_memdup(a, text, 3), start)) text += 3;
    for (size_t i = 0; i < out->country->n_taxes; i++) {
        const char *region = out->country->taxes[i].region;

        if (region && text_equal_nocase(region, text)) text = region;
        if (region && strlen(text) > REGION_CODE_MAX) /* a name would go untaxed */
            return refuse(e, &MEMBER_REGION_INVALID, IN_REGION, text);
    }
    out->region = text;
    return OK;
}

static enum status read_day(const struct intake_terms *terms, const struct intake_row *row,
                            enum intake_field field, int64_t days_ahead, struct arena *a,
                            int64_t *out, struct error *e)
{
    const char *text = intake_trim(a, row->at[field]);
    int64_t day;

    if (!*text) return OK;
    if (terms->date_format ? !day_parse_format(text, terms->date_format, &day)
                           : !day_parse(text, &day))
        return refuse(e, &MEMBER_DATE_INVALID, field, text);
    if (day < (field == IN_PAID_THROUGH) || day > terms->as_of_day + days_ahead) /* 0: not paid */
        return refuse(e, &MEMBER_DATE_RANGE, field, text);
    *out = day;
    return OK;
}

/* "App Store" is app_store. */
static enum status read_biller(const struct intake_terms *terms, const struct intake_row *row,
                               struct arena *a, struct newcomer *out, struct error *e)
{
    const char *text;

    TRY(read_text(row, IN_BILLER, BILLER_MAX, a, &text, e));
    out->biller = "direct";
    if (!*text || text_equal_nocase(text, "direct")) return OK;
    const struct partner *p = catalog_partner_named(terms->catalog, text);
    if (!p) return refuse(e, &MEMBER_BILLER_UNKNOWN, IN_BILLER, text);
    out->biller = p->code;
    return OK;
}

static enum status read_locale(const struct intake_row *row, struct arena *a, struct newcomer *out,
                               struct error *e)
{
    char *text = intake_trim(a, row->at[IN_LOCALE]);
    size_t const n = strlen(text);

    for (char *s = text; *s; s++) {
        if (*s == '_') *s = '-';
        bool const good = *s == '-' ? s > text && s[1] && is_word(s[-1]) : is_word(*s);
        if (!good) return refuse(e, &MEMBER_LOCALE_INVALID, IN_LOCALE, text);
    }
    if (n == 1 || n > LOCALE_MAX) return refuse(e, &MEMBER_LOCALE_INVALID, IN_LOCALE, text);
    out->locale = text;
    return OK;
}

static enum status read_zone(const struct intake_terms *terms, const struct intake_row *row,
                             struct arena *a, struct newcomer *out, struct error *e)
{
    const char *text = intake_trim(a, row->at[IN_TIME_ZONE]);
    const char *name = *text ? text : out->country->zone_name;

    out->zone_text = text;
    out->zone = terms->zone;
    out->zone_given = *text || terms->zone;
    if (!*text && terms->zone) return OK;
    if ((*text ? zone_find_place : zone_find)(name, &out->zone, e) == OK) return OK;
    return refuse(e, &MEMBER_ZONE_UNKNOWN, IN_TIME_ZONE, name);
}

static enum status add_token(const char *token, struct newcomer *out, struct error *e)
{
    if (strlen(token) > TOKEN_MAX) return refuse(e, &MEMBER_VALUE_TOO_LONG, IN_METHOD, token);
    for (size_t i = 0; i < out->n_tokens; i++)
        if (strcmp(out->tokens[i], token) == 0)
            return refuse(e, &MEMBER_METHOD_INVALID, IN_METHOD, "the same twice");
    if (out->n_tokens == INTAKE_TOKENS_MAX)
        return refuse(e, &MEMBER_METHOD_INVALID, IN_METHOD, "more than eight");
    out->tokens[out->n_tokens++] = token;
    return OK;
}

static enum status read_tokens(const struct intake_row *row, struct arena *a, struct newcomer *out,
                               struct error *e)
{
    for (const char *s = row->at[IN_METHOD]; *s;) {
        size_t const n = strcspn(s, ";");
        const char *token = trim(a, s, n);

        if (*token) TRY(add_token(token, out, e));
        s += n + (s[n] == ';');
    }
    return OK;
}

static void hash_put(char to[static INTAKE_HASH_TEXT], const char *text)
{
    unsigned char hash[16];

    crypto_generichash(hash, sizeof hash, (const unsigned char *)text, strlen(text), NULL, 0);
    sodium_bin2base64(to, INTAKE_HASH_TEXT / 2, hash, sizeof hash,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* Two hashes, of what an import may never change and of the rest; no value holds a line break. */
static void newcomer_hash(struct newcomer *m, struct arena *a)
{
    char second[INTAKE_HASH_TEXT];
    char *rest = arena_printf(a, "%s\n%s\n%s\n%s\n%s", m->email, m->name, m->region, m->locale,
                              m->zone_text);

    for (size_t i = 0; i < m->n_tokens; i++) rest = arena_printf(a, "%s\n%s", rest, m->tokens[i]);
    hash_put(m->hash,
             arena_printf(a, "%s\n%s\n%lld\n%lld\n%s", m->plan->code, m->country->code,
                          (long long)m->joined_day, (long long)m->paid_through_day, m->biller));
    hash_put(second, rest);
    memcpy(m->hash + strlen(m->hash), second, strlen(second) + 1);
}

bool newcomer_same_terms(const char *hash, const char *stored)
{
    size_t const half = strlen(hash) / 2;

    return strlen(stored) == 2 * half && memcmp(hash, stored, half) == 0;
}

bool newcomer_direct(const struct newcomer *m)
{
    return strcmp(m->biller, "direct") == 0;
}

void newcomer_place(struct newcomer *m, int64_t as_of_day)
{
    int64_t const unpaid = m->paid_through_day ? m->paid_through_day + 1 : as_of_day;
    int64_t const k = period_on_or_after(m->joined_day, unpaid > as_of_day ? unpaid : as_of_day);

    m->k = k - 1;
    m->period_start_day = k > 0 ? period_start_day(m->joined_day, k - 1) : m->joined_day;
    m->period_end_day = period_start_day(m->joined_day, k);
}

static enum status check_required(const struct intake_row *row, struct error *e)
{
    for (enum intake_field f = 0; f < INTAKE_FIELDS; f++) {
        const char *s = row->at[f];

        while (is_blank(*s)) s++;
        if (intake_required(f) && !*s) return refuse(e, &MEMBER_VALUE_MISSING, f, "");
    }
    return OK;
}

enum status newcomer_read(const struct intake_terms *terms, const struct intake_row *row,
                          struct arena *a, struct newcomer *out, struct error *e)
{
    TRY(check_required(row, e));
    TRY(read_external_id(row, a, out, e));
    TRY(read_country(terms, row, a, out, e));
    TRY(read_plan(terms, row, a, out, e));
    TRY(read_day(terms, row, IN_JOINED_ON, JOINED_AHEAD, a, &out->joined_day, e));
    TRY(read_day(terms, row, IN_PAID_THROUGH, PAID_AHEAD, a, &out->paid_through_day, e));
    TRY(read_email(row, a, out, e));
    TRY(read_text(row, IN_NAME, NAME_MAX_BYTES, a, &out->name, e));
    if (text_has_card_number(out->name)) return fail(e, &INPUT_CARD_NUMBER, "name");
    TRY(read_region(row, a, out, e));
    TRY(read_biller(terms, row, a, out, e));
    TRY(read_locale(row, a, out, e));
    TRY(read_zone(terms, row, a, out, e));
    TRY(read_tokens(row, a, out, e));
    newcomer_place(out, terms->as_of_day);
    if (newcomer_direct(out) &&
        !country_price(out->country, out->plan->code, NULL, out->period_end_day))
        return refuse(e, &MEMBER_PLAN_NOT_SOLD, IN_PLAN, out->plan->code);
    newcomer_hash(out, a);
    return OK;
}
