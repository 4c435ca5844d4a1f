/* population: who the members are - when they joined, where they live, what they pay with - and
 * their import. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "sim/world.h"

static const char *const zones[] = {
    "Pacific/Apia",        "Asia/Kathmandu",
    "Australia/Lord_Howe", "America/Sao_Paulo",
    "Africa/Casablanca",   "America/Santiago",
    "Asia/Beirut",         "Pacific/Chatham",
    "Europe/Dublin",       "America/Scoresbysund",
    "Antarctica/Troll",    "Asia/Gaza",
    "Africa/Cairo",        "UTC",
    "Pacific/Kiritimati",  "Etc/GMT+12",
};

static const char *const paying[] = {"tok_visa",     "tok_visa",       "tok_mastercard", "tok_amex",
                                     "tok_discover", "tok_visa_debit", "tok_wallet"};
static const char *const troubled[] = {
    "tok_insufficient_funds",
    "tok_insufficient_funds@mastercard",
    "tok_charge_declined",
    "tok_stolen_card",
    "tok_lost_card@mastercard",
    "tok_expired_card",
    "tok_do_not_try_again",
    "tok_advice_03@mastercard",
    "tok_advice_21@mastercard",
    "tok_processing_error",
    "tok_authentication_required",
    "tok_fail_first_1",
    "tok_fail_first_3",
    "tok_fail_first_6@mastercard",
    "tok_every_3_fail_2",
    "tok_every_2_fail_5",
    "tok_every_4_fail_20",
    "tok_lost_reply",
    "tok_lost_decline",
    "tok_lost_request",
    "tok_rate_limited",
    "tok_slow_capture",
    "tok_slow_decline",
    "tok_duplicate_callbacks",
    "tok_late_callback",
    "tok_unordered_callbacks",
    "tok_no_callback",
    "tok_disputed",
    "tok_dispute_won",
    "tok_dispute_lost@mastercard",
};

static const char *dated_token(struct sim *s)
{
    struct chance *c = &s->chance;
    int64_t const day = chance_between(c, s->start_at / DAY_MS, s->end_at / DAY_MS);
    struct civil const d = civil_of(day);
    const char *word = chance_one_in(c, 3) ? "from" : "until";
    const char *code = chance_one_in(c, 2) ? "" : "_stolen_card";
    char text[64];

    snprintf(text, sizeof text, "tok_%s_%04d%02d%02d%s", word, (int)d.year, (int)d.month,
             (int)d.day, code);
    return arena_strdup(&s->seed_arena, text);
}

static const char *flaky_token(struct sim *s)
{
    int const salt = (int)chance_between(&s->chance, 1, 99);
    int const percent = (int)chance_between(&s->chance, 10, 90);

    return arena_printf(&s->seed_arena, "tok_flaky_%d_%d", salt, percent);
}

static const char *some_token(struct sim *s, int64_t troubled_percent)
{
    struct chance *c = &s->chance;

    if (chance_upto(c, 100) >= troubled_percent) return paying[chance_upto(c, COUNT(paying))];
    switch (chance_upto(c, 6)) {
    case 0: return dated_token(s);
    case 1: return flaky_token(s);
    default: return troubled[chance_upto(c, COUNT(troubled))];
    }
}

const char *population_token(struct sim *s)
{
    return some_token(s, 40);
}

static size_t card_length(const char *token)
{
    static const char *const details[] = {"@expires_", "@postal"};
    size_t n = strlen(token);

    for (size_t i = 0; i < COUNT(details); i++) {
        const char *at = strstr(token, details[i]);

        if (at && (size_t)(at - token) < n) n = (size_t)(at - token);
    }
    return n;
}

bool same_card(const char *a, const char *b)
{
    size_t const n = card_length(a);

    return n == card_length(b) && strncmp(a, b, n) == 0;
}

bool member_has_token(const struct member *m, const char *name)
{
    for (size_t i = 0; i < m->n_tokens; i++)
        if (same_card(m->tokens[i].name, name)) return true;
    return false;
}

struct token *member_token(struct sim *s, struct member *m, const char *name)
{
    struct token *t = NULL;

    for (size_t i = 0; i < m->n_tokens && !t; i++)
        if (same_card(m->tokens[i].name, name)) t = &m->tokens[i];
    if (!t && m->n_tokens < TOKENS_MAX) {
        t = &m->tokens[m->n_tokens++];
        *t = (struct token){.name = arena_strdup(&s->seed_arena, name), .added_at = s->now};
        t->mastercard = strstr(name, "mastercard") != NULL;
        t->card = strcmp(name, "tok_wallet") != 0;
    }
    return t;
}

/* Days 29 to 31 are over-represented: they are where calendars go wrong. */
static int64_t joining_day(struct chance *c, int64_t first, int64_t last)
{
    int64_t const day = chance_between(c, first, last);
    struct civil const d = civil_of(day);

    if (!chance_one_in(c, 3)) return day;
    int64_t const end = month_days(d.year, d.month), want = chance_between(c, 29, 31);
    int64_t const at = day_of(d.year, d.month, want < end ? want : end);
    return at < first ? first : at > last ? last : at;
}

static void make(struct sim *s, struct member *m)
{
    struct chance *c = &s->chance;
    int64_t const start = s->start_at / DAY_MS, end = s->end_at / DAY_MS;

    snprintf(m->external_id, sizeof m->external_id, "m%05zu", m->no);
    m->place = (size_t)chance_upto(c, PLACES);
    m->plan = (size_t)chance_upto(c, PLANS);
    const struct place *p = &places[m->place];
    m->region = p->region && chance_one_in(c, 2) ? p->region : "";
    m->zone_name = chance_one_in(c, 3) ? zones[chance_upto(c, COUNT(zones))] : p->zone;
    if (zone_find(m->zone_name, &m->zone, &s->err) != OK)
        complain(s, m, "there is no zone %s", m->zone_name);
    bool const early = chance_upto(c, 5) > 0;
    m->joined_day = early ? joining_day(c, start - 1500, start)
                          : joining_day(c, start + 1, start + (end - start) * 3 / 4);
    m->import_day = early ? start : m->joined_day;
    m->signs_up = !early && chance_one_in(c, 2);
    m->next_plan = PLANS;
    m->period_plan = m->plan;
    if (early && chance_one_in(c, 8)) m->paid_through_day = start + chance_upto(c, 90);
    if (m->signs_up || chance_one_in(c, 50)) return; /* has no method at all */
    bool const second = chance_one_in(c, 4), third = chance_one_in(c, 12);
    int64_t const n = 1 + second + third;
    for (int64_t i = 0; i < n; i++) member_token(s, m, some_token(s, 35));
}

void population_make(struct sim *s)
{
    s->n_members = (size_t)s->options->members;
    s->members = arena_array(&s->seed_arena, struct member, s->n_members);
    for (s->accounts_room = 16; s->accounts_room < 2 * s->n_members;) s->accounts_room *= 2;
    s->by_account = arena_array(&s->seed_arena, struct member *, s->accounts_room);
    for (size_t i = 0; i < s->n_members; i++) {
        s->members[i].no = i;
        make(s, &s->members[i]);
    }
}

static struct member **place_of(struct sim *s, int64_t account_id)
{
    size_t i = (uint64_t)account_id * UINT64_C(0x9e3779b97f4a7c15) >> 20 & (s->accounts_room - 1);

    while (s->by_account[i] && s->by_account[i]->account_id != account_id)
        i = (i + 1) & (s->accounts_room - 1);
    return &s->by_account[i];
}

struct member *member_by_account(struct sim *s, int64_t account_id)
{
    return *place_of(s, account_id);
}

/* What the auditor expects of a member whom the operator has billed until as_of_day (issue 2, item
 * 4): the first charge is on the first anchor date from then on, or after what is paid already. */
static void expect(struct sim *s, struct member *m, int64_t as_of_day)
{
    walk_begin(&m->next, m->joined_day);
    m->prev_day = m->anchor_day = m->next.day;
    while (m->next.day < as_of_day || m->next.day <= m->paid_through_day) {
        m->prev_day = m->next.day;
        walk_next(&m->next);
    }
    if (m->n_tokens == 0 && !s->real_clock) member_token(s, m, "tok_visa");
    m->state = M_ACTIVE;
    m->term = m->contract_term = 1;
    m->contract_day = m->joined_day;
    m->touched = true;
    note(s, "import %s %s %s anchor %lld next k %lld", m->external_id, places[m->place].code,
         m->zone_name, (long long)m->joined_day, (long long)m->next.k);
}

static struct intake_row row_of(struct sim *s, const struct member *m)
{
    struct arena *a = &s->job;
    char joined[DAY_TEXT], paid[DAY_TEXT];
    const char *methods = "";

    for (size_t i = 0; i < m->n_tokens; i++)
        methods = arena_printf(a, "%s%s%s", methods, i ? ";" : "", m->tokens[i].name);
    return (struct intake_row){
        .at = {[IN_EXTERNAL_ID] = m->external_id,
               [IN_EMAIL] = "",
               [IN_NAME] = "",
               [IN_COUNTRY] = places[m->place].code,
               [IN_REGION] = m->region,
               [IN_PLAN] = plan_codes[m->plan],
               [IN_JOINED_ON] = arena_strdup(a, day_text(m->joined_day, joined)),
               [IN_PAID_THROUGH] =
                   m->paid_through_day ? arena_strdup(a, day_text(m->paid_through_day, paid)) : "",
               [IN_BILLER] = "",
               [IN_METHOD] = methods,
               [IN_LOCALE] = "",
               [IN_TIME_ZONE] = m->zone_name}
    };
}

bool population_find(struct sim *s, struct member *m)
{
    bool const was_on = s->harm.on;
    struct account account;

    if (m->account_id) return true;
    s->harm.on = false;
    enum status const st = account_find(&s->cx, m->external_id, &account);
    s->harm.on = was_on;
    if (st != OK) return false;
    m->account_id = account.account_id;
    *place_of(s, m->account_id) = m;
    s->n_imported++;
    return true;
}

/* A command that is run again until it works: what is there already stays as it is. */
static void import(struct sim *s, struct intake *in, const struct intake_row *rows, size_t n)
{
    struct intake_result *results = arena_array(&s->job, struct intake_result, n);

    for (int tries = 0; !s->failed; tries++) {
        if (intake_members(&s->cx, in, rows, n, results) == OK) break;
        if (!workload_recover(s, "the import")) return;
    }
    for (size_t i = 0; i < n && !s->failed; i++)
        if (results[i].outcome != INTAKE_IMPORTED && results[i].outcome != INTAKE_UNCHANGED)
            complain(s, NULL, "a member is rejected: %s", results[i].why.fault->code);
}

void population_import(struct sim *s)
{
    struct member **list = arena_array(&s->job, struct member *, s->n_members);
    struct intake_row *rows = arena_array(&s->job, struct intake_row, s->n_members);
    struct intake in = {
        .terms = {.catalog = s->catalog, .as_of_day = INT64_MAX},
        .gateway = &s->spy,
        .test_clock = !s->real_clock
    };
    size_t n = 0;

    for (size_t i = 0; i < s->n_members; i++) {
        struct member *m = &s->members[i];

        /* Later than the day begins anywhere on earth: what was due meanwhile is caught up with. */
        if (m->account_id || m->signs_up || m->import_day * DAY_MS + 12 * 3600000 > s->now)
            continue;
        if (m->import_day < in.terms.as_of_day) in.terms.as_of_day = m->import_day;
        rows[n] = row_of(s, m);
        list[n++] = m;
    }
    if (n == 0) return;
    s->cx.now = s->now;
    s->harm.on = true;
    import(s, &in, rows, n);
    s->harm.on = false;
    for (size_t i = 0; i < n && !s->failed; i++) {
        if (!population_find(s, list[i]))
            complain(s, list[i], "the member was imported and is not there");
        expect(s, list[i], in.terms.as_of_day);
    }
}
