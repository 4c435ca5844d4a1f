/* intake: reads a batch, looks who is known, stores the others.
 * SPDX-License-Identifier: Apache-2.0 */
#include "payments/intake.h"

#include <assert.h>
#include <string.h>

#include "billing/billing.h"
#include "collect_sql.h"
#include "intake_sql.h"
#include "method_sql.h"
#include "payments/authorization.h"
#include "payments/forget.h"
#include "payments/method.h"

const struct names intake_outcomes = NAMES("rejected", "imported", "unchanged", "updated");

const struct fault MEMBER_DUPLICATE = {
    E_CONFLICT, "member.duplicate",
    "This external_id stands in the file already; keep one of its rows."};
const struct fault MEMBER_DIFFERS = {
    E_CONFLICT, "member.differs",
    "This member was imported with other content; --update changes contact data, zone and methods, "
    "but never plan, country, dates or biller."};
/* A row that can be stored. */
struct taken {
    struct newcomer m;
    struct gateway_method *methods; /* one for each of m.tokens */
    bool tokens_given;              /* by the row */
    int64_t account_id, method_ids[INTAKE_TOKENS_MAX];
    struct intake_result *result;
};

enum { TRIES_MAX = 8 };

static enum status describe(struct ctx *cx, const struct intake *in, struct taken *t, size_t i,
                            struct error *e)
{
    struct gateway_method *m = &t->methods[i];

    assert(in->gateway);
    TRY(in->gateway->describe(in->gateway->state, t->m.tokens[i], t->m.external_id, m, cx->arena,
                              e));
    if (!m->recurring) return fail(e, &METHOD_NOT_RECURRING, intake_fields.at[IN_METHOD]);
    struct method_card const card = {m->kind, m->brand, m->funding, m->operator_};
    const struct fault *f = country_accepts(t->m.country, &card, in->terms.as_of_day);
    return f && t->tokens_given ? fail(e, f, intake_fields.at[IN_METHOD]) : OK;
}

static enum status read_methods(struct ctx *cx, const struct intake *in, struct taken *t,
                                struct error *e)
{
    t->tokens_given = t->m.n_tokens > 0;
    if (t->tokens_given && !newcomer_direct(&t->m))
        return fail(e, &METHOD_PARTNER_BILLED, intake_fields.at[IN_METHOD]);
    if (!t->tokens_given && in->test_clock && newcomer_direct(&t->m))
        t->m.tokens[t->m.n_tokens++] = "tok_visa";
    t->methods = arena_array(cx->arena, struct gateway_method, t->m.n_tokens);
    for (size_t i = 0; i < t->m.n_tokens; i++) TRY(describe(cx, in, t, i, e));
    return OK;
}

/* What is wrong with the row, as opposed to the database or the gateway. */
static bool is_refusal(enum status st)
{
    return st == E_INVALID || st == E_DENIED || st == E_NOT_FOUND || st == E_CONFLICT;
}

static enum status read_rows(struct ctx *cx, const struct intake *in, const struct intake_row *rows,
                             size_t n, struct intake_result *results, struct taken *list,
                             size_t *n_taken)
{
    *n_taken = 0;
    for (size_t i = 0; i < n; i++) {
        struct taken *t = &list[*n_taken];
        struct error *e = &results[i].why;

        *t = (struct taken){.result = &results[i]};
        results[i].outcome = INTAKE_REJECTED;
        enum status st = newcomer_read(&in->terms, &rows[i], cx->arena, &t->m, e);
        if (st == OK) st = read_methods(cx, in, t, e);
        if (st == OK) {
            ++*n_taken;
        } else if (!is_refusal(st)) {
            *cx->err = *e;
            return st;
        }
    }
    return OK;
}

/* Accounts first, then methods, so that each table grows at its end. */
static enum status number(struct ctx *cx, struct taken **list, size_t n)
{
    for (size_t i = 0; i < n; i++) TRY(db_id(cx, &list[i]->account_id));
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < list[i]->m.n_tokens; k++) TRY(db_id(cx, &list[i]->method_ids[k]));
    return OK;
}

struct account_add_all_in intake_account(const struct newcomer *m, int64_t account_id, int64_t now)
{
    return (struct account_add_all_in){.account_id = account_id,
                                       .external_id = m->external_id,
                                       .email = m->email,
                                       .name = m->name,
                                       .country = m->country->code,
                                       .region = m->region,
                                       .currency = m->country->currency,
                                       .zone = zone_name(m->zone),
                                       .locale = m->locale,
                                       .joined_day = m->joined_day,
                                       .import_hash = m->hash,
                                       .created_at = now};
}

static enum status add_accounts(struct ctx *cx, struct taken **list, size_t n)
{
    struct account_add_all_in *rows = arena_array(cx->arena, struct account_add_all_in, n);

    for (size_t i = 0; i < n; i++)
        rows[i] = intake_account(&list[i]->m, list[i]->account_id, cx->now);
    return account_add_all(cx, rows, n, NULL);
}

static enum status add_memberships(struct ctx *cx, struct taken **list, size_t n)
{
    struct membership_add_all_in *rows = arena_array(cx->arena, struct membership_add_all_in, n);

    for (size_t i = 0; i < n; i++) {
        const struct newcomer *m = &list[i]->m;
        bool const direct = newcomer_direct(m);
        struct membership due = {0};

        membership_due(&due, direct ? STEP_RENEW : STEP_NONE, m->zone, m->period_end_day);
        rows[i] = (struct membership_add_all_in){.account_id = list[i]->account_id,
                                                 .plan = m->plan->code,
                                                 .biller = m->biller,
                                                 .state = M_ACTIVE,
                                                 .term = 1,
                                                 .anchor_day = m->joined_day,
                                                 .k = m->k,
                                                 .period_start_day = m->period_start_day,
                                                 .period_end_day = m->period_end_day,
                                                 .step = due.step,
                                                 .due_at = due.due_at,
                                                 .due_day = due.due_day,
                                                 .method_id = list[i]->method_ids[0]};
    }
    return membership_add_all(cx, rows, n, NULL);
}

static enum status add_terms(struct ctx *cx, struct taken **list, size_t n)
{
    struct term_add_all_in *rows = arena_array(cx->arena, struct term_add_all_in, n);

    for (size_t i = 0; i < n; i++) {
        const struct newcomer *m = &list[i]->m;

        rows[i] = (struct term_add_all_in){.account_id = list[i]->account_id,
                                           .term = 1,
                                           .anchor_day = m->joined_day,
                                           .zone = zone_name(m->zone),
                                           .started_at = zone_day_start(m->zone, m->joined_day),
                                           .term_cause = "imported"};
    }
    return term_add_all(cx, rows, n, NULL);
}

/* An import counts from the start of as_of, as what it takes over is paid until then: a renewal
 * that was due before the import ran comes after it all the same. */
static int64_t taken_over_at(const struct ctx *cx, const struct intake *in,
                             const struct newcomer *m)
{
    int64_t const at = zone_day_start(m->zone, in->terms.as_of_day);

    return at < cx->now ? at : cx->now;
}

static enum status add_events(struct ctx *cx, const struct intake *in, struct taken **list,
                              size_t n)
{
    const struct move *move = fsm_move(&membership_fsm, M_NONE, MEV_IMPORT);
    struct membership_event_add_all_in *rows =
        arena_array(cx->arena, struct membership_event_add_all_in, n);

    assert(move && move->to == M_ACTIVE);
    for (size_t i = 0; i < n; i++) {
        rows[i] =
            (struct membership_event_add_all_in){.account_id = list[i]->account_id,
                                                 .happened_at = taken_over_at(cx, in, &list[i]->m),
                                                 .event = MEV_IMPORT,
                                                 .state_from = M_NONE,
                                                 .state_to = move->to,
                                                 .actor_role = cx->actor.role,
                                                 .actor_id = cx->actor.id,
                                                 .reason = ""};
        TRY(db_id(cx, &rows[i].event_id));
    }
    return membership_event_add_all(cx, rows, n, NULL);
}

static struct intake_method_add_all_in method_row(const struct ctx *cx, const struct intake *in,
                                                  const struct taken *t, size_t k)
{
    const struct gateway_method *m = &t->methods[k];

    return (struct intake_method_add_all_in){.method_id = t->method_ids[k],
                                             .account_id = t->account_id,
                                             .method_rank = (int64_t)k,
                                             .method_kind = m->kind,
                                             .brand = m->brand,
                                             .funding = m->funding,
                                             .last4 = m->last4,
                                             .expiry_month = m->expiry_month,
                                             .issuing_country = m->issuing_country,
                                             .operator= m->operator_,
                                             .gateway = in->gateway->name,
                                             .token = t->m.tokens[k],
                                             .fingerprint = m->fingerprint,
                                             .added_at = cx->now};
}

static enum status add_methods(struct ctx *cx, const struct intake *in, struct taken **list,
                               size_t n)
{
    struct intake_method_add_all_in *rows;
    size_t all = 0, at = 0;

    for (size_t i = 0; i < n; i++) all += list[i]->m.n_tokens;
    if (all == 0) return OK;
    rows = arena_array(cx->arena, struct intake_method_add_all_in, all);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < list[i]->m.n_tokens; k++)
            rows[at++] = method_row(cx, in, list[i], k);
    return intake_method_add_all(cx, rows, all, NULL);
}

/* Whom a partner bills has agreed to no charges of ours. */
static enum status add_consents(struct ctx *cx, struct taken **list, size_t n)
{
    struct consent_record *rows = arena_array(cx->arena, struct consent_record, n);
    size_t direct = 0;

    for (size_t i = 0; i < n; i++)
        if (newcomer_direct(&list[i]->m))
            rows[direct++] =
                (struct consent_record){list[i]->account_id, CONSENT_IMPORTED, "import", "import"};
    return direct ? consent_record_all(cx, rows, direct) : OK;
}

/* Inside the caller's transaction. Faults: DB_TAKEN when one of them exists. */
static enum status add(struct ctx *cx, const struct intake *in, struct taken **list, size_t n)
{
    if (n == 0) return OK;
    TRY(number(cx, list, n));
    TRY(add_accounts(cx, list, n));
    TRY(add_memberships(cx, list, n));
    TRY(add_terms(cx, list, n));
    TRY(add_methods(cx, in, list, n));
    TRY(add_events(cx, in, list, n));
    TRY(add_consents(cx, list, n));
    for (size_t i = 0; i < n; i++) list[i]->result->outcome = INTAKE_IMPORTED;
    return OK;
}

static const struct method *method_find(const struct method *list, size_t n, const char *token)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i].token, token) == 0) return &list[i];
    return NULL;
}

static bool same_methods(const struct method *known, size_t n, const struct taken *t)
{
    for (size_t i = 0; i < n && n == t->m.n_tokens; i++)
        if (strcmp(known[i].token, t->m.tokens[i]) != 0) return false;
    return n == t->m.n_tokens;
}

static bool has_token(const struct newcomer *m, const char *token)
{
    for (size_t i = 0; i < m->n_tokens; i++)
        if (strcmp(m->tokens[i], token) == 0) return true;
    return false;
}

static enum status remove_others(struct ctx *cx, const struct taken *t, const struct method *known,
                                 size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (has_token(&t->m, known[i].token)) continue;
        TRY(intake_method_remove(cx, NULL, .method_id = known[i].method_id,
                                 .account_id = t->account_id));
        TRY(authorization_release(cx, t->account_id, known[i].method_id));
        TRY(forget_want(cx, t->account_id, known[i].method_id));
    }
    return OK;
}

/* Known ones keep their number and their state, one that comes back stays disputed (SPEC I-06), and
 * a blocked one is never the primary while another is usable. */
static enum status change_methods(struct ctx *cx, const struct intake *in, struct taken *t,
                                  const struct method *known, size_t n, int64_t *primary)
{
    struct method_order order = {.n = t->m.n_tokens};
    bool disputed[INTAKE_TOKENS_MAX] = {false};

    TRY(remove_others(cx, t, known, n));
    for (size_t k = 0; k < order.n; k++) {
        const struct method *old = method_find(known, n, t->m.tokens[k]);
        struct dispute_card const card = {in->gateway->name, t->m.tokens[k],
                                          t->methods[k].fingerprint};

        if (!old) TRY(db_id(cx, &t->method_ids[k]));
        if (!old) TRY(dispute_stands(cx, t->account_id, &card, &disputed[k]));
        if (old) t->method_ids[k] = old->method_id;
        order.at[k].method_id = t->method_ids[k];
        order.at[k].usable = old ? old->method_state == METHOD_USABLE : !disputed[k];
    }
    methods_settle(&order);
    for (size_t k = 0; k < order.n; k++) {
        struct intake_method_add_all_in row = method_row(cx, in, t, k);

        row.method_rank = (int64_t)methods_find(&order, row.method_id);
        if (method_find(known, n, row.token))
            TRY(method_rank_put(cx, NULL, .method_rank = row.method_rank,
                                .method_id = row.method_id, .account_id = row.account_id));
        else
            TRY(intake_method_add_all(cx, &row, 1, NULL));
        if (disputed[k])
            TRY(method_block(cx, NULL, .method_id = row.method_id, .blocked_code = "disputed"));
    }
    *primary = order.at[0].method_id;
    return OK;
}

static const char *either(const char *new, const char *old)
{
    return *new ? new : old;
}

static enum status change_account(struct ctx *cx, const struct taken *t, const struct account *was)
{
    const struct newcomer *m = &t->m;

    return intake_account_change(
        cx, NULL, .account_id = was->account_id, .email = either(m->email, was->email),
        .name = either(m->name, was->name), .region = either(m->region, was->region),
        .locale = either(m->locale, was->locale),
        .zone = m->zone_given ? zone_name(m->zone) : was->zone, .import_hash = m->hash);
}

static enum status refuse(struct taken *t, const struct fault *f)
{
    t->result->outcome = INTAKE_REJECTED;
    t->result->why = (struct error){.fault = f};
    return OK;
}

/* The period that runs ends where it would have; a renewal that is due next is one of the new zone
 * (DESIGN: a change of zone counts from the next period). */
static enum status change(struct ctx *cx, const struct intake *in, struct taken *t,
                          const struct account *was)
{
    struct method *known;
    struct membership m;
    size_t n;

    t->account_id = was->account_id;
    TRY(membership_get(cx, was->account_id, &m));
    TRY(methods_of(cx, &known, &n, .account_id = was->account_id, .max = METHODS_OF_ACCOUNT_MAX));
    bool const methods = t->tokens_given && !same_methods(known, n, t);
    if (m.state == M_DELETED) return refuse(t, &MEMBER_DIFFERS);
    t->result->outcome = INTAKE_UPDATED;
    if (in->dry_run) return OK;
    if (methods) TRY(change_methods(cx, in, t, known, n, &m.method_id));
    if (t->m.zone_given && m.step == STEP_RENEW)
        membership_due(&m, STEP_RENEW, t->m.zone, m.period_end_day);
    TRY(membership_store(cx, &m));
    TRY(change_account(cx, t, was));
    return methods ? billing_try_now(cx, in->terms.catalog, m.account_id, m.method_id) : OK;
}

/* Someone we have: unchanged, refused or changed. What an earlier try did, whose commit nobody
 * answered, counts as done by this one. */
static enum status meet(struct ctx *cx, const struct intake *in, struct taken *t,
                        const struct account *was)
{
    if (strcmp(was->import_hash, t->m.hash) == 0) {
        t->result->outcome = was->account_id == t->account_id ? INTAKE_IMPORTED : INTAKE_UNCHANGED;
        return OK;
    }
    if (!in->update || !newcomer_same_terms(t->m.hash, was->import_hash))
        return refuse(t, &MEMBER_DIFFERS);
    return change(cx, in, t, was);
}

/* Looks everybody up, in the caller's transaction; leaves those whom nobody knows in `fresh`. */
static enum status look_up(struct ctx *cx, const struct intake *in, struct taken *list, size_t n,
                           struct taken **fresh, size_t *n_fresh)
{
    *n_fresh = 0;
    for (size_t i = 0; i < n; i++) {
        struct account was;
        enum status const st = account_by_external_id(cx, &was, &ACCOUNT_UNKNOWN,
                                                      .external_id = list[i].m.external_id);

        if (st == E_NOT_FOUND && external_id_is_reserved(list[i].m.external_id))
            TRY(refuse(&list[i], &MEMBER_EXTERNAL_ID_RESERVED));
        else if (st == E_NOT_FOUND)
            fresh[(*n_fresh)++] = &list[i];
        else if (st != OK)
            return st;
        else
            TRY(meet(cx, in, &list[i], &was));
    }
    return OK;
}

/* Of those whom nobody knows: who was erased (SPEC E-22) is not brought back. */
static enum status refuse_erased(struct ctx *cx, struct taken **fresh, size_t *n_fresh)
{
    const char **ids = arena_array(cx->arena, const char *, *n_fresh + 1);
    bool *erased = arena_array(cx->arena, bool, *n_fresh + 1);
    size_t const n = *n_fresh;

    for (size_t i = 0; i < n; i++) ids[i] = fresh[i]->m.external_id;
    TRY(former_known(cx, ids, n, erased));
    *n_fresh = 0;
    for (size_t i = 0; i < n; i++) {
        if (erased[i])
            TRY(refuse(fresh[i], &MEMBER_ERASED));
        else
            fresh[(*n_fresh)++] = fresh[i];
    }
    return OK;
}

static enum status store(struct ctx *cx, struct intake *in, struct taken *list, size_t n,
                         struct taken **fresh)
{
    TX tx = {0};
    size_t n_fresh = n;

    TRY(tx_begin_kind(&tx, cx, in->dry_run ? TX_READ : TX_BATCH));
    if (in->look_first || in->dry_run) {
        TRY(look_up(cx, in, list, n, fresh, &n_fresh));
    } else {
        for (size_t i = 0; i < n; i++) fresh[i] = &list[i];
    }
    bool const met = n_fresh < n;
    TRY(refuse_erased(cx, fresh, &n_fresh));
    for (size_t i = 0; i < n_fresh && in->dry_run; i++) fresh[i]->result->outcome = INTAKE_IMPORTED;
    if (!in->dry_run) TRY(add(cx, in, fresh, n_fresh));
    TRY(tx_commit(&tx));
    in->look_first = met;
    return OK;
}

/* Most files hold only new members, so the first try looks for nobody; when somebody is known after
 * all, or the reply of a commit was lost, the next one does. */
enum status intake_members(struct ctx *cx, struct intake *in, const struct intake_row *rows,
                           size_t n, struct intake_result *results)
{
    struct taken *list = arena_array(cx->arena, struct taken, n + 1);
    struct taken **fresh = arena_array(cx->arena, struct taken *, n + 1);
    enum status st = OK;
    size_t n_taken;

    TRY(read_rows(cx, in, rows, n, results, list, &n_taken));
    if (n_taken == 0) return OK;
    for (size_t i = 0; i < n_taken; i++) /* whoever has such an id already keeps it */
        in->look_first = in->look_first || external_id_is_reserved(list[i].m.external_id);
    for (int i = 0; i < TRIES_MAX; i++) {
        st = store(cx, in, list, n_taken, fresh);
        bool const taken = st == E_CONFLICT && cx->err->fault == &DB_TAKEN;
        if (st != E_BUSY && st != E_UNKNOWN && !taken) break;
        in->look_first = true;
    }
    return st;
}
