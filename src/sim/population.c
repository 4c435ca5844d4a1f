/* population: who the members are - when they joined, where they live, what they pay with - and
 * their import. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
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
};

static const char *dated_token(struct sim *s)
{
    struct chance *c = &s->chance;
    int64_t const day = chance_between(c, s->start_at / DAY_MS, s->end_at / DAY_MS);
    struct civil const d = civil_of(day);
    static const char *const forms[] = {"tok_until_%04d%02d%02d_then_expired_card",
                                        "tok_until_%04d%02d%02d_stolen_card",
                                        "tok_from_%04d%02d%02d_insufficient_funds"};
    char text[64];

    snprintf(text, sizeof text, "tok_%s_%04d%02d%02d%s", chance_one_in(c, 3) ? "from" : "until",
             (int)d.year, (int)d.month, (int)d.day, chance_one_in(c, 2) ? "" : "_stolen_card");
    (void)forms;
    return arena_strdup(&s->seed_arena, text);
}

static const char *some_token(struct sim *s, int64_t troubled_percent)
{
    struct chance *c = &s->chance;

    if (chance_upto(c, 100) >= troubled_percent) return paying[chance_upto(c, COUNT(paying))];
    switch (chance_upto(c, 6)) {
    case 0: return dated_token(s);
    case 1:
        return arena_printf(&s->seed_arena, "tok_flaky_%d_%d", (int)chance_between(c, 1, 99),
                            (int)chance_between(c, 10, 90));
    default: return troubled[chance_upto(c, COUNT(troubled))];
    }
}

struct token *member_token(struct sim *s, struct member *m, const char *name)
{
    struct token *t = NULL;

    for (size_t i = 0; i < m->n_tokens && !t; i++)
        if (strcmp(m->tokens[i].name, name) == 0) t = &m->tokens[i];
    if (!t && m->n_tokens < TOKENS_MAX) {
        t = &m->tokens[m->n_tokens++];
        *t = (struct token){.name = arena_strdup(&s->seed_arena, name)};
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
    if (chance_one_in(c, 50)) return; /* has no method at all */
    int64_t const n = 1 + chance_one_in(c, 4) + chance_one_in(c, 12);
    for (int64_t i = 0; i < n; i++) member_token(s, m, some_token(s, 35));
}

void population_make(struct sim *s)
{
    s->n_members = (size_t)s->options->members;
    s->members = arena_array(&s->seed_arena, struct member, s->n_members);
    for (size_t i = 0; i < s->n_members; i++) {
        s->members[i].no = i;
        make(s, &s->members[i]);
    }
}

/* Accounts come in order of their ids. */
struct member *member_by_account(struct sim *s, int64_t account_id)
{
    for (size_t i = 0; i < s->n_members; i++)
        if (s->members[i].account_id == account_id) return &s->members[i];
    return NULL;
}

static enum status add_methods(struct sim *s, const struct member *m, int64_t account_id,
                               int64_t *primary)
{
    char customer[ID_TEXT];

    *primary = 0;
    for (size_t i = 0; i < m->n_tokens; i++) {
        struct gateway_method is;
        int64_t id;

        TRY(s->bank->describe(s->bank->state, m->tokens[i].name,
                              id_text("mem", account_id, customer), &is, s->cx.arena, s->cx.err));
        TRY(db_id(&s->cx, &id));
        TRY(sim_method_add(
            &s->cx, NULL, .method_id = id, .account_id = account_id, .method_rank = (int64_t)i,
            .method_kind = is.kind, .brand = is.brand, .funding = is.funding, .last4 = is.last4,
            .expiry_month = is.expiry_month, .issuing_country = is.issuing_country,
            .operator= is.operator_, .gateway = s->bank->name, .token = m->tokens[i].name,
            .fingerprint = is.fingerprint, .added_at = s->cx.now));
        if (i == 0) *primary = id;
    }
    return OK;
}

/* What an import writes for a member whose next charge is at period k (issue 2, item 4). */
static enum status add_member(struct sim *s, const struct member *m, const struct walk *next)
{
    const struct place *p = &places[m->place];
    struct membership row = {0};
    int64_t id, method_id;
    TX tx = {0};

    TRY(tx_begin(&tx, &s->cx));
    TRY(db_id(&s->cx, &id));
    struct account_add_all_in const account = {.account_id = id,
                                               .external_id = m->external_id,
                                               .email = "",
                                               .name = "",
                                               .country = p->code,
                                               .region = m->region,
                                               .currency = p->currency,
                                               .zone = m->zone_name,
                                               .locale = "en",
                                               .joined_day = m->joined_day,
                                               .import_hash = "",
                                               .created_at = s->cx.now};
    TRY(account_add_all(&s->cx, &account, 1, NULL));
    TRY(add_methods(s, m, id, &method_id));
    row.account_id = id;
    membership_due(&row, STEP_RENEW, m->zone, next->day);
    TRY(membership_move(&s->cx, &row, MEV_IMPORT, s->cx.now, "", NULL));
    struct membership_add_all_in const add = {
        .account_id = id,
        .plan = plan_codes[m->plan],
        .biller = "direct",
        .state = M_ACTIVE,
        .term = 1,
        .anchor_day = m->joined_day,
        .k = next->k - 1,
        .period_start_day = m->prev_day,
        .period_end_day = next->day,
        .step = row.step,
        .due_at = row.due_at,
        .due_day = row.due_day,
        .method_id = method_id,
    };
    TRY(membership_add_all(&s->cx, &add, 1, NULL));
    TRY(term_add(&s->cx, NULL, .account_id = id, .term = 1, .anchor_day = m->joined_day,
                 .zone = m->zone_name, .started_at = s->cx.now, .term_cause = "imported"));
    return tx_commit(&tx);
}

/* Ends like any command that is run again until it works: what is there already stays. */
static void import(struct sim *s, struct member *m)
{
    struct account account;

    walk_begin(&m->next, m->joined_day);
    m->prev_day = m->next.day;
    while (m->next.day < m->import_day) {
        m->prev_day = m->next.day;
        walk_next(&m->next);
    }
    for (int tries = 0; !s->failed; tries++) {
        enum status st = account_find(&s->cx, m->external_id, &account);

        if (st == E_NOT_FOUND) st = add_member(s, m, &m->next);
        if (st == OK && m->account_id == 0) st = account_find(&s->cx, m->external_id, &account);
        if (st == OK) break;
        if (db_crashed(s->db)) harm_restart(s);
        if (tries > 100)
            complain(s, m, "the import does not come to an end: %s", s->err.fault->code);
    }
    if (s->failed) return;
    m->account_id = account.account_id;
    m->state = M_ACTIVE;
    m->term = 1;
    m->anchor_day = m->joined_day;
    m->touched = true;
    s->n_imported++;
    note(s, "import %s %s %s anchor %lld next k %lld", m->external_id, places[m->place].code,
         m->zone_name, (long long)m->joined_day, (long long)m->next.k);
}

void population_import(struct sim *s)
{
    for (size_t i = 0; i < s->n_members; i++) {
        struct member *m = &s->members[i];

        /* A day later than anywhere on earth: what was due meanwhile is caught up with. */
        if (!m->account_id && m->import_day * DAY_MS + 12 * 3600000 <= s->now) import(s, m);
    }
}
