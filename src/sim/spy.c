/* spy: stands between Foyer and the provider and remembers every attempt: what was sent, what the
 * provider did, what Foyer was told. What an attempt may not be is checked as it passes.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "sim/purse.h"

static uint64_t hash(const char *key)
{
    uint64_t h = 0;

    trace_text(&h, key);
    return h;
}

static struct sent **slot(struct sim *s, const char *key)
{
    size_t i = hash(key) & (s->keys_room - 1);

    while (s->keys[i] && strcmp(s->keys[i]->key, key) != 0) i = (i + 1) & (s->keys_room - 1);
    return &s->keys[i];
}

static void make_room(struct sim *s)
{
    struct sent **old = s->keys;
    size_t const room = s->keys_room;

    if (2 * s->n_keys < room) return;
    s->keys_room = room ? 2 * room : 1024;
    s->keys = arena_array(&s->seed_arena, struct sent *, s->keys_room);
    for (size_t i = 0; i < room; i++)
        if (old[i]) *slot(s, old[i]->key) = old[i];
}

static bool is_open(enum gateway_outcome told)
{
    return told == GATEWAY_NO_REPLY || told == GATEWAY_PENDING || told == GATEWAY_LATER ||
           told == GATEWAY_NEVER_SEEN;
}

bool spy_in_doubt(const struct sent *a)
{
    return is_open(a->told);
}

static bool same_duty(const struct sent *a, const char *key, const struct gateway_key *parts)
{
    return a->parts.obligation == parts->obligation && strncmp(a->key, key, parts->obligation) == 0;
}

static struct token *find_token(struct member *m, const char *name)
{
    for (size_t i = 0; i < m->n_tokens; i++)
        if (same_card(m->tokens[i].name, name)) return &m->tokens[i];
    return NULL;
}

static int64_t declines_since(const struct token *t, int64_t at)
{
    int64_t n = 0;

    for (size_t i = 0; i < t->n_declines; i++) n += t->declined_at[i] > at;
    return n;
}

bool token_usable(const struct sim *s, const struct token *t, int64_t at)
{
    const struct settings *set = &s->settings;
    int64_t const day = at - DAY_MS, month = at - 30 * DAY_MS;

    if (t->gone || t->never_at || t->shut || t->disputes) return false;
    if (!t->card) return true;
    if (t->mastercard)
        return declines_since(t, day) < set->max_attempts_mastercard_24h &&
               declines_since(t, month) < set->max_attempts_mastercard_30d;
    return declines_since(t, month) < set->max_attempts_card_30d;
}

static void check_method(struct sim *s, struct member *m, const struct gateway_charge *c)
{
    const struct token *t = find_token(m, c->token);

    if (!t || t->gone) {
        complain(s, m, "E-01: %s is charged, which is no method of the member's", c->token);
    } else if ((t->shut || t->disputes) && t->shut_step < s->steps) {
        complain(s, m, "C-16: %s is charged, which a bank has closed or disputes", c->token);
    } else if (t->shut || t->disputes) {
        /* Foyer may have heard of it and crashed before it could write it down. */
    } else if (t->never_at) {
        complain(s, m, "E-11: %s is tried again after a decline that said never", c->token);
    } else if (!token_usable(s, t, c->at)) {
        complain(s, m, "E-10: %s is tried beyond the network's budget", c->token);
    }
}

/* The provider has never had it, and nobody waits for it any more: a start, a restart or a resume
 * may be asked for anew, and what its method may not pay by now another one does. */
static bool is_closed(const struct sim *s, const struct sent *a, int64_t at)
{
    struct member *m = a->member;
    const struct token *t = find_token(m, a->token);
    bool const given_up =
        a->parts.k == 0 && !a->parts.subject && a->parts.term > m->term && m->state != M_HOLD;

    if (a->told != GATEWAY_NEVER_SEEN) return false;
    return a->closed || given_up || !t || !token_usable(s, t, at);
}

static void check_others(struct sim *s, struct member *m, const char *key,
                         const struct gateway_key *parts, int64_t at)
{
    for (struct sent *a = m->sent; a; a = a->next) {
        bool const same = same_duty(a, key, parts);
        bool const both = !a->parts.subject && !parts->subject;

        if (same && is_closed(s, a, at)) a->closed = true;
        if (spy_in_doubt(a) && !is_closed(s, a, at) && (same || both) &&
            !(a->told == GATEWAY_NEVER_SEEN && !same))
            complain(s, m, "B-11: attempt %s is made while the outcome of %s is unknown", key,
                     a->key);
        else if (same && a->told == GATEWAY_CAPTURED)
            complain(s, m, "B-11: attempt %s is made although %s was paid", key, a->key);
        else if (same && a->parts.attempt >= parts->attempt)
            complain(s, m, "B-11: attempt %s comes after %s", key, a->key);
    }
}

static bool may_be_charged(const struct member *m, const struct membership *row,
                           const struct seen_intent *c)
{
    bool const ahead = c->term > row->term && c->kind == CHARGE_RENEWAL;

    if (row->state == M_ENDING)
        return !ahead && (c->wanted_at <= m->cancel_wanted_at || m->asked_at > m->answered_at);
    if (ahead) return row->state == M_PENDING || row->state == M_HOLD;
    return row->state == M_ACTIVE || row->state == M_GRACE || row->state == M_HOLD;
}

/* One that Foyer has surely written down by now. */
static bool has_open_dispute(const struct sim *s, const struct member *m)
{
    for (size_t i = 0; i < m->n_tokens; i++)
        if (m->tokens[i].disputes && m->tokens[i].shut_step < s->steps) return true;
    return false;
}

/* The intent must be stored, and by somebody who may be charged at all. */
static void check_standing(struct sim *s, struct member *m, const struct gateway_charge *c,
                           const struct membership *row, const struct seen_intent *intent)
{
    struct seen_lock_row *lock;
    size_t n;
    bool const was_on = s->harm.on;

    s->harm.on = false;
    enum status const st = seen_lock(&s->cx, &lock, &n, .account_id = m->account_id, .max = 1);
    s->harm.on = was_on;
    if (st != OK || n != 1)
        complain(s, m, "the account cannot be read");
    else if (lock->locked_at)
        complain(s, m, "2.2: %s is charged on a locked account", c->key);
    if (strcmp(row->biller, "direct") != 0)
        complain(s, m, "B-07: %s is charged, and %s bills", c->key, row->biller);
    if (!may_be_charged(m, row, intent))
        complain(s, m, "F-07: %s is charged in state %s", c->key, membership_states.at[row->state]);
    if (intent->recovered_by == RECOVERED_RETRY && has_open_dispute(s, m))
        complain(s, m, "I-06: %s is retried while a dispute is open", c->key);
}

static void check_intent(struct sim *s, struct member *m, const struct gateway_charge *c,
                         const struct gateway_key *parts, bool fresh)
{
    struct membership row;
    struct seen_intent *charges;
    size_t n;
    bool const was_on = s->harm.on;
    enum status st;

    s->harm.on = false;
    st = membership_get(&s->cx, m->account_id, &row);
    if (st == OK)
        st = seen_charge_of(&s->cx, &charges, &n, .account_id = m->account_id, .term = parts->term,
                            .k = parts->k, .kind = name_find(&charge_kinds, parts->kind),
                            .subject = parts->subject, .max = 2);
    s->harm.on = was_on;
    if (st != OK) {
        complain(s, m, "%s is charged without a membership that can be read", c->key);
        return;
    }
    if (n != 1 || charges[0].charge_state != CHARGE_WANTED) {
        complain(s, m, "B-11: %s is sent without a stored intent", c->key);
        return;
    }
    if (charges[0].amount_minor != c->amount_minor || strcmp(charges[0].currency, c->currency) != 0)
        complain(s, m, "%s asks for %lld %s, the charge for %lld %s", c->key,
                 (long long)c->amount_minor, c->currency, (long long)charges[0].amount_minor,
                 charges[0].currency);
    else if (fresh)
        purse_check_method(s, m, c->key, charges[0].attempt_at);
    if (fresh) check_standing(s, m, c, &row, &charges[0]);
}

static struct sent *add(struct sim *s, struct member *m, const struct gateway_charge *c,
                        const struct gateway_key *parts)
{
    struct sent *a = arena_new(&s->seed_arena, struct sent);

    *a = (struct sent){.key = arena_strdup(&s->seed_arena, c->key),
                       .token = arena_strdup(&s->seed_arena, c->token),
                       .currency = arena_strdup(&s->seed_arena, c->currency),
                       .member = m,
                       .parts = *parts,
                       .amount_minor = c->amount_minor,
                       .first_at = c->at,
                       .told = GATEWAY_NO_REPLY,
                       .truth = GATEWAY_NEVER_SEEN,
                       .next = m->sent,
                       .next_open = s->open};
    m->sent = s->open = a;
    make_room(s);
    *slot(s, a->key) = a;
    s->n_keys++;
    return a;
}

/* Somebody who signs up at this moment. */
static struct member *who_signs_up(struct sim *s, int64_t account_id)
{
    bool const was_on = s->harm.on;
    struct account account;

    s->harm.on = false;
    enum status const st = account_get(&s->cx, account_id, &account);
    s->harm.on = was_on;
    for (size_t i = 0; st == OK && i < s->n_members; i++)
        if (strcmp(s->members[i].external_id, account.external_id) == 0 &&
            population_find(s, &s->members[i]))
            return &s->members[i];
    return NULL;
}

static struct member *member_of(struct sim *s, const char *key)
{
    char id[ID_TEXT];
    size_t const n = strcspn(key, "/");
    int64_t account_id;

    if (n >= sizeof id) return NULL;
    memcpy(id, key, n);
    id[n] = 0;
    if (!id_parse("mem", id, &account_id)) return NULL;
    struct member *m = member_by_account(s, account_id);
    return m ? m : who_signs_up(s, account_id);
}

static struct sent *pass_charge(struct sim *s, const struct gateway_charge *c)
{
    struct gateway_key parts;
    struct member *m = member_of(s, c->key);

    if (!m || !gateway_key_read(c->key, &parts)) {
        complain(s, m, "B-11: '%s' is no key of an attempt", c->key);
        return NULL;
    }
    make_room(s);
    struct sent *a = *slot(s, c->key);
    bool const fresh = !a;
    m->touched = true;
    if (!a) {
        check_others(s, m, c->key, &parts, c->at);
        check_method(s, m, c);
        a = add(s, m, c, &parts);
    } else if (strcmp(a->token, c->token) != 0 || a->amount_minor != c->amount_minor ||
               strcmp(a->currency, c->currency) != 0) {
        complain(s, m, "B-11: %s is sent again with another method or amount", c->key);
    } else if (a->closed) {
        complain(s, m, "B-11: %s is sent again although another took its place", c->key);
    } else if (a->told == GATEWAY_CAPTURED || a->told == GATEWAY_DECLINED) {
        /* Allowed: Foyer may have crashed before it could write the answer down. */
    }
    check_intent(s, m, c, &parts, fresh);
    a->times++;
    a->last_at = c->at;
    note(s, "%s: send %s %s %lld %s", m->external_id, c->key, c->token, (long long)c->amount_minor,
         c->currency);
    return a;
}

static bool says_never(const struct gateway_answer *a)
{
    static const char *const codes[] = {"lost_card",
                                        "stolen_card",
                                        "pickup_card",
                                        "invalid_account",
                                        "incorrect_number",
                                        "revocation_of_authorization",
                                        "revocation_of_all_authorizations",
                                        "do_not_try_again"};

    for (size_t i = 0; i < COUNT(codes); i++)
        if (strcmp(a->code, codes[i]) == 0) return true;
    return strcmp(a->advice, "do_not_try_again") == 0 || strcmp(a->advice, "03") == 0 ||
           strcmp(a->advice, "21") == 0;
}

/* Declines after which the same method is surely worth another try. */
static bool says_later(const struct gateway_answer *a)
{
    static const char *const codes[] = {"insufficient_funds", "generic_decline", "processing_error",
                                        "card_velocity_exceeded"};

    if (*a->advice && strcmp(a->advice, "try_again_later") != 0 && strcmp(a->advice, "02") != 0)
        return false;
    for (size_t i = 0; i < COUNT(codes); i++)
        if (strcmp(a->code, codes[i]) == 0) return true;
    return false;
}

static void count_decline(struct token *t, int64_t at, const struct gateway_answer *answer)
{
    if (t->n_declines == DECLINES_MAX) {
        t->n_declines--;
        memmove(t->declined_at, t->declined_at + 1, t->n_declines * sizeof t->declined_at[0]);
    }
    t->declined_at[t->n_declines++] = at;
    if (says_never(answer)) t->never_at = at;
    t->shy = !says_later(answer);
}

/* Foyer hears about an attempt, at `at`. What it has read of its end in the provider's list it
 * keeps until that day has come; look-ups before it are no news. */
static void tell(struct sim *s, struct sent *a, const struct gateway_answer *answer, int64_t at)
{
    struct token *t = find_token(a->member, a->token);
    bool const first = spy_in_doubt(a);
    bool const counted = a->told_at; /* sent again after a crash, a reply may get lost: no news */

    a->member->touched = true;
    if (!a->listed || !is_open(answer->outcome)) a->told = answer->outcome;
    if (is_open(answer->outcome)) a->member->doubt_at = s->running_until;
    if (a->told == GATEWAY_LATER) a->member->put_off_at = s->running_until;
    if (answer->outcome == GATEWAY_CAPTURED || answer->outcome == GATEWAY_DECLINED) {
        if (first) a->told_at = at;
        if (first && !counted && t && answer->outcome == GATEWAY_DECLINED)
            count_decline(t, answer->declined_at ? answer->declined_at : a->last_at, answer);
    }
    trace_text(&s->trace, a->key);
    trace_number(&s->trace, answer->outcome);
    trace_text(&s->trace, answer->code);
    note(s, "%s:  %s: %s %s %s", a->member->external_id, a->key,
         gateway_outcomes.at[answer->outcome], answer->code, answer->advice);
}

static enum status spy_charge(void *state, const struct gateway_charge *charges, size_t n,
                              struct gateway_answer *answers, struct arena *a, struct error *e)
{
    struct sim *s = state;
    struct sent **sent = arena_array(a, struct sent *, n);

    for (size_t i = 0; i < n; i++) sent[i] = pass_charge(s, &charges[i]);
    if (s->failed) return fail(e, &GATEWAY_UNREACHABLE, NULL);
    s->charges += (int64_t)n;
    enum status const st = s->bank->charge(s->bank->state, charges, n, answers, a, e);
    for (size_t i = 0; st != OK && i < n; i++)
        sent[i]->member->doubt_at = sent[i]->member->put_off_at = s->running_until;
    TRY(st);
    for (size_t i = 0; i < n; i++) tell(s, sent[i], &answers[i], charges[i].at);
    return OK;
}

static enum status spy_look_up(void *state, const struct gateway_question *questions, size_t n,
                               struct gateway_answer *answers, struct arena *a, struct error *e)
{
    struct sim *s = state;

    for (size_t i = 0; i < n; i++) {
        struct member *m = member_of(s, questions[i].key);

        if (m) m->doubt_at = s->running_until;
    }
    TRY(s->bank->look_up(s->bank->state, questions, n, answers, a, e));
    for (size_t i = 0; i < n; i++) {
        struct sent *sent = *slot(s, questions[i].key);

        if (sent) tell(s, sent, &answers[i], questions[i].at);
    }
    return OK;
}

/* Authorizations pass unseen: none of them is ever a charge. */
static struct reserved *reserved_of(struct sim *s, const char *key)
{
    struct reserved *r = s->reserved;

    while (r && strcmp(r->key, key) != 0) r = r->next;
    return r;
}

static void reserve(struct sim *s, const struct gateway_authorization *in)
{
    struct reserved *r = arena_new(&s->seed_arena, struct reserved);
    struct member *m = NULL;

    if (reserved_of(s, in->key)) return;
    for (size_t i = 0; i < s->n_members && !m; i++)
        if (s->members[i].account_id && s->members[i].account_id == s->cx.actor.id)
            m = &s->members[i];
    *r = (struct reserved){.key = arena_strdup(&s->seed_arena, in->key),
                           .member = m,
                           .at = in->at,
                           .next = s->reserved};
    s->reserved = r;
}

/* An answer, or none: what Foyer was not told it asks again within a day. */
static enum status told_of(struct sim *s, const char *key, int64_t at, enum status st,
                           const struct authorization_answer *a)
{
    static const char *const names[] = {"held",     "refused",    "voided",
                                        "no reply", "never seen", "later"};
    struct reserved *r = reserved_of(s, key);
    bool const told =
        st == OK && a->outcome != AUTHORIZATION_NO_REPLY && a->outcome != AUTHORIZATION_LATER;

    if (st == OK) trace_number(&s->trace, a->outcome);
    note(s, "  %s: %s", key, st == OK ? names[a->outcome] : "cut off");
    if (!r) return st;
    if (!told) r->put_off_until = at + DAY_MS;
    r->gone = told && a->outcome != AUTHORIZATION_HELD;
    return st;
}

static enum status spy_authorize(void *state, const struct gateway_authorization *in,
                                 struct authorization_answer *out, struct arena *a, struct error *e)
{
    struct sim *s = state;

    reserve(s, in);
    enum status const st = s->bank->authorize(s->bank->state, in, out, a, e);
    return told_of(s, in->key, in->at, st, out);
}

static enum status spy_void(void *state, const char *key, int64_t at,
                            struct authorization_answer *out, struct arena *a, struct error *e)
{
    struct sim *s = state;

    enum status const st = s->bank->void_authorization(s->bank->state, key, at, out, a, e);
    return told_of(s, key, at, st, out);
}

/* SPEC B-10: none is left for longer than the setting says, unless the provider itself has just put
 * its end off. The day on which it ends is the member's, who may be ahead of UTC or behind. */
void spy_check_reserved(struct sim *s)
{
    int64_t const longest = (s->settings.auth_void_days + 1) * DAY_MS;

    for (const struct reserved *r = s->reserved; r; r = r->next)
        if (!r->gone && r->at + longest < s->now && r->put_off_until < s->now)
            complain(s, r->member, "B-10: authorization %s was never voided", r->key);
}

static struct returned *returned_of(struct sim *s, const char *key)
{
    struct returned *r = s->returned;

    while (r && strcmp(r->key, key) != 0) r = r->next;
    return r;
}

/* SPEC I-04: all refunds of an attempt together never exceed it. */
static struct returned *pass_refund(struct sim *s, const struct gateway_refund *in)
{
    const struct sent *a = *slot(s, in->charge_key);
    struct member *m = member_of(s, in->charge_key);
    struct returned *r = returned_of(s, in->key);
    int64_t sum = 0;

    if (!a || (a->truth != GATEWAY_CAPTURED && a->told != GATEWAY_CAPTURED)) {
        complain(s, m, "I-04: money of %s goes back, which was never paid", in->charge_key);
        return NULL;
    }
    if (r && (r->amount_minor != in->amount_minor || strcmp(r->charge_key, in->charge_key) != 0))
        complain(s, m, "I-04: refund %s is sent again with other particulars", in->key);
    if (!r) {
        r = arena_new(&s->seed_arena, struct returned);
        *r = (struct returned){.key = arena_strdup(&s->seed_arena, in->key),
                               .charge_key = a->key,
                               .amount_minor = in->amount_minor,
                               .next = s->returned};
        s->returned = r;
    }
    for (const struct returned *b = s->returned; b; b = b->next)
        if (b->charge_key == a->key && !b->refused) sum += b->amount_minor;
    if (sum > a->amount_minor)
        complain(s, m, "I-04: %lld go back of %s, which paid %lld", (long long)sum, a->key,
                 (long long)a->amount_minor);
    return r;
}

static void told_refund(struct sim *s, struct returned *r, const struct gateway_answer *answer)
{
    if (!r) return;
    if (answer->outcome == GATEWAY_DECLINED) r->refused = true;
    trace_text(&s->trace, r->key);
    trace_number(&s->trace, answer->outcome);
    note(s, "  %s: %s %s", r->key, gateway_outcomes.at[answer->outcome], answer->code);
}

static enum status spy_refund(void *state, const struct gateway_refund *in,
                              struct gateway_answer *out, struct arena *a, struct error *e)
{
    struct sim *s = state;
    struct returned *r = pass_refund(s, in);

    TRY(s->bank->refund(s->bank->state, in, out, a, e));
    told_refund(s, r, out);
    return OK;
}

static enum status spy_look_up_refund(void *state, const struct gateway_question *q,
                                      struct gateway_answer *out, struct arena *a, struct error *e)
{
    struct sim *s = state;

    TRY(s->bank->look_up_refund(s->bank->state, q, out, a, e));
    told_refund(s, returned_of(s, q->key), out);
    return OK;
}

/* A token that is on anybody's method is never forgotten. */
static enum status spy_forget(void *state, const char *token, int64_t at, enum forget_outcome *out,
                              struct error *e)
{
    struct sim *s = state;
    struct seen_token_user *users;
    bool const was_on = s->harm.on;
    size_t n = 0;

    s->harm.on = false;
    enum status st = seen_token_users(&s->cx, &users, &n, .token = token, .max = 1);
    s->harm.on = was_on;
    if (st != OK || n) complain(s, NULL, "C-18: %s is forgotten, which is on a method", token);
    st = s->bank->forget(s->bank->state, token, at, out, e);
    note(s, "  forget %s: %s", token, st == OK ? forget_outcomes.at[*out] : "cut off");
    return st;
}

static enum status spy_describe(void *state, const char *token, const char *customer,
                                struct gateway_method *out, struct arena *a, struct error *e)
{
    struct sim *s = state;

    return s->bank->describe(s->bank->state, token, customer, out, a, e);
}

static void shut(struct sim *s, struct token *t)
{
    t->shut = true;
    t->shut_step = s->steps;
}

void spy_disputed(struct sim *s, struct sent *a, int what)
{
    struct token *t = find_token(a->member, a->token);
    struct token none = {0};

    if (!t) t = &none;
    if (a->dispute >= what || a->dispute > 1) return;
    a->member->touched = true;
    if (a->dispute == 0) t->disputes++, t->shut_step = s->steps;
    if (what > 1) t->disputes--, t->opened_at = s->running_until;
    if (what == 3) shut(s, t);
    a->dispute = what;
    note(s, "%s: dispute of %s: %d", a->member->external_id, a->key, what);
}

/* What happens to a method outside. */
static void hear_of_method(struct sim *s, const struct gateway_event *e)
{
    struct member *m = member_of(s, e->key);
    struct token *t = m ? find_token(m, e->token) : NULL;

    if (t && !t->gone && (e->kind == EVENT_METHOD_CLOSED || e->kind == EVENT_MANDATE_REVOKED))
        shut(s, t);
    if (m) m->touched = true;
}

static enum status spy_update(void *state, const struct gateway_update *in, const char **token,
                              struct gateway_method *out, struct arena *a, struct error *e)
{
    struct sim *s = state;

    return s->bank->update(s->bank->state, in, token, out, a, e);
}

static enum status spy_events(void *state, int64_t after, int64_t at, struct gateway_event **out,
                              size_t *n, size_t max, struct arena *a, struct error *e)
{
    struct sim *s = state;

    TRY(s->bank->events(s->bank->state, after, at, out, n, max, a, e));
    for (size_t i = 0; i < *n; i++) {
        struct sent *sent = *slot(s, (*out)[i].key);

        if ((*out)[i].kind == EVENT_CHARGE && sent && spy_in_doubt(sent)) {
            sent->listed = !is_open((*out)[i].answer.outcome);
            tell(s, sent, &(*out)[i].answer, (*out)[i].deliver_at);
        }
        if ((*out)[i].kind == EVENT_DISPUTE && sent)
            spy_disputed(s, sent, 1 + (int)(*out)[i].dispute);
        if ((*out)[i].kind >= EVENT_METHOD_UPDATED) hear_of_method(s, &(*out)[i]);
        if ((*out)[i].kind == EVENT_REFUND)
            told_refund(s, returned_of(s, (*out)[i].key), &(*out)[i].answer);
    }
    return OK;
}

static void spy_close(void *state)
{
    (void)state;
}

void spy_open(struct sim *s)
{
    make_room(s);
    s->spy = (struct gateway){.name = s->bank->name,
                              .state = s,
                              .charge = spy_charge,
                              .look_up = spy_look_up,
                              .authorize = spy_authorize,
                              .void_authorization = spy_void,
                              .refund = spy_refund,
                              .look_up_refund = spy_look_up_refund,
                              .describe = spy_describe,
                              .update = spy_update,
                              .forget = spy_forget,
                              .events = spy_events,
                              .close = spy_close};
}

/* What the provider says when nobody disturbs it. */
static void ask(struct sim *s, struct sent *a)
{
    struct gateway_question const question = {a->key, s->now};
    struct gateway_answer answer;
    struct error e = {0};

    if (s->bank->look_up(s->bank->state, &question, 1, &answer, &s->job, &e) != OK) {
        complain(s, a->member, "the provider does not answer: %s", e.fault->code);
        return;
    }
    a->truth = answer.outcome;
    if (answer.outcome != GATEWAY_CAPTURED) return;
    a->captured_at = answer.captured_at;
    a->member->touched = true;
    s->captures++;
    for (const struct sent *b = a->member->sent; b; b = b->next)
        if (b != a && b->truth == GATEWAY_CAPTURED && same_duty(b, a->key, &a->parts))
            complain(s, a->member, "B-11: charged twice: %s and %s", b->key, a->key);
}

void spy_settle(struct sim *s)
{
    bool const was_on = s->harm.on;
    struct sent **at = &s->open;

    s->harm.on = false;
    while (*at) {
        struct sent *a = *at;

        ask(s, a);
        /* What the provider has never seen can still arrive, if Foyer sends it again. */
        bool const final = a->truth == GATEWAY_CAPTURED || a->truth == GATEWAY_DECLINED;
        if (!final) a->member->touched = true;
        if (final)
            *at = a->next_open;
        else
            at = &a->next_open;
    }
    s->harm.on = was_on;
}
