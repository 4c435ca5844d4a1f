/* sandbox_charge: the sandbox's charges - keeps the first answer to every key, loses replies, and
 * tells later what became of them. SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "payments/gateways/sandbox_card.h"
#include "payments/gateways/sandbox_parts.h"
#include "sandbox_sql.h"

/* One call of charge. */
struct job {
    struct sandbox *s;
    const struct gateway_charge *charges;
    struct gateway_answer *answers;
    size_t n;        /* fewer than asked when the caller crashes on the way */
    bool *silenced;  /* processed, but the reply is lost; NULL: none */
    bool crashes;    /* afterwards */
    struct arena *a; /* of the answers' texts */
    struct ctx cx;   /* on the scratch arena */

    size_t n_rows;  /* what reaches the provider */
    size_t *places; /* row -> charge */
    struct sandbox_charge_add_in *rows;
    struct sandbox_verdict *verdicts; /* of the rows */
    bool *away;                       /* the row was turned away or lost by its script */
    bool *dead;                       /* the row's token is forgotten */
    bool one_by_one;                  /* some key was there already, or some token is forgotten */
};

/* FNV-1a, finished so that every bit counts. */
static uint64_t hash(const char *text)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);

    for (; *text; text++) h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    h = (h ^ (h >> 33)) * UINT64_C(0xff51afd7ed558ccd);
    return h ^ (h >> 33);
}

/* "ch_" and 16 letters: nothing that could be taken for a card number. */
static const char *reference(struct arena *a, const char *key)
{
    static const char letters[] = "abcdefghjkmnpqrs";
    char *text = arena_alloc(a, 20);
    uint64_t h = hash(key);

    memcpy(text, "ch_", 3);
    for (int i = 0; i < 16; i++, h >>= 4) text[3 + i] = letters[h & 15];
    return text;
}

struct gateway_answer sandbox_plain(enum gateway_outcome outcome, const char *code)
{
    return (struct gateway_answer){.outcome = outcome, .code = code, .advice = "", .ref = ""};
}

struct gateway_answer sandbox_answer_at(struct arena *a, const char *key, int64_t at,
                                        enum gateway_outcome outcome, const char *code,
                                        const char *advice, int64_t settled_at)
{
    struct gateway_answer answer = sandbox_plain(GATEWAY_PENDING, "");

    answer.ref = reference(a, key);
    if (at < settled_at) return answer;
    answer.outcome = outcome;
    answer.code = code;
    answer.advice = advice;
    if (outcome == GATEWAY_CAPTURED) answer.captured_at = settled_at;
    if (outcome == GATEWAY_DECLINED) answer.declined_at = settled_at;
    return answer;
}

static struct gateway_answer stored_answer(struct arena *a, const struct sandbox_charge *row,
                                           int64_t at)
{
    return sandbox_answer_at(a, row->charge_key, at, (enum gateway_outcome)row->outcome,
                             arena_strdup(a, row->code), arena_strdup(a, row->advice),
                             row->settled_at);
}

bool sandbox_is_currency(const char *s)
{
    return strlen(s) == 3 && strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3;
}

/* What is refused before it is looked at, and leaves no trace under its key; NULL otherwise. */
static const char *refusal(struct sandbox *s, const struct gateway_charge *c)
{
    if (c->amount_minor <= 0) return "invalid_amount";
    if (!sandbox_is_currency(c->currency)) return "currency_not_supported";
    return sandbox_read_token(s, c->token) ? NULL : "method_unknown";
}

static void add_row(struct job *j, size_t i)
{
    const struct gateway_charge *c = &j->charges[i];
    const char *refused = refusal(j->s, c);

    assert(c->key[0] && strlen(c->key) < GATEWAY_KEY_TEXT);
    if (refused) {
        j->answers[i] = sandbox_plain(GATEWAY_DECLINED, refused);
        return;
    }
    struct sandbox_verdict *v = &j->verdicts[j->n_rows];
    sandbox_judge(&j->s->token, c, v);
    j->rows[j->n_rows] = (struct sandbox_charge_add_in){
        .charge_key = c->key,
        .token = c->token,
        .currency = c->currency,
        .amount_minor = c->amount_minor,
        .outcome = v->outcome,
        .code = v->code,
        .advice = v->advice,
        .sent_at = c->at,
        .settled_at = v->settled_at,
    };
    j->places[j->n_rows++] = i;
}

/* One charge of a call, as the injuries let it through; false when the caller crashes here. */
static bool send(struct job *j, size_t i)
{
    enum gateway_injury const injury = sandbox_ask(j->s, GATEWAY_ON_CHARGE);

    if (injury == GATEWAY_LOSE_REQUEST) {
        j->answers[i] = sandbox_plain(GATEWAY_NO_REPLY, "");
    } else if (injury == GATEWAY_LIMIT_RATE) {
        j->answers[i] = sandbox_plain(GATEWAY_LATER, "");
    } else if (injury != GATEWAY_CRASH_BEFORE) {
        add_row(j, i);
        if (injury == GATEWAY_LOSE_REPLY) j->silenced[i] = true;
    }
    j->crashes = injury == GATEWAY_CRASH_BEFORE || injury == GATEWAY_CRASH_AFTER;
    return !j->crashes;
}

static void prepare(struct job *j, size_t n)
{
    struct arena *scratch = &j->s->scratch;

    j->rows = arena_array(scratch, struct sandbox_charge_add_in, n);
    j->verdicts = arena_array(scratch, struct sandbox_verdict, n);
    j->places = arena_array(scratch, size_t, n);
    j->away = arena_array(scratch, bool, n);
    j->dead = arena_array(scratch, bool, n);
    j->silenced = arena_array(scratch, bool, n);
    for (size_t i = 0; i < n; i++)
        if (!send(j, i)) return;
}

/* A method's own is told once, whichever of the member's charges would bring it. */
static const char *event_name(struct job *j, const struct sandbox_callback *b, size_t row)
{
    const char *key = j->rows[row].charge_key;
    struct arena *a = &j->s->scratch;

    if (b->kind < EVENT_METHOD_UPDATED) return arena_printf(a, "evt_%s_%s", b->word, key);
    return arena_printf(a, "evt_%s_%.*s_%s", b->word, (int)strcspn(key, "/"), key,
                        j->rows[row].token);
}

static enum status add_events(struct job *j, size_t row)
{
    const struct sandbox_verdict *v = &j->verdicts[row];
    const char *key = j->rows[row].charge_key;
    struct sandbox_event_add_in in[COUNT(v->callbacks)];

    for (size_t i = 0; i < v->n_callbacks; i++) {
        const struct sandbox_callback *b = &v->callbacks[i];

        in[i] = (struct sandbox_event_add_in){
            .event_id = event_name(j, b, row),
            .copy = b->copy,
            .event_kind = b->kind,
            .charge_key = key,
            .deliver_at = b->deliver_at,
            .outcome = b->outcome,
            .code = b->kind == EVENT_DISPUTE        ? "fraudulent"
                    : b->outcome == GATEWAY_PENDING ? ""
                                                    : v->code,
            .advice = b->kind == EVENT_DISPUTE        ? b->word
                      : b->outcome == GATEWAY_PENDING ? ""
                                                      : v->advice,
            .settled_at = v->settled_at,
        };
    }
    return sandbox_event_add(&j->cx, in, v->n_callbacks, NULL);
}

static void answer_first(struct job *j, size_t row)
{
    const struct sandbox_verdict *v = &j->verdicts[row];
    const struct gateway_charge *c = &j->charges[j->places[row]];

    j->answers[j->places[row]] =
        v->fate == FATE_REPLY_LOST
            ? sandbox_plain(GATEWAY_NO_REPLY, "")
            : sandbox_answer_at(j->a, c->key, c->at, v->outcome, v->code, v->advice, v->settled_at);
}

/* Whether the script turns the first sending of the row's key away, or loses it. */
static enum status turn_away(struct job *j, size_t row)
{
    enum sandbox_fate const fate = j->verdicts[row].fate;
    int64_t first = 0;

    if (fate == FATE_REQUEST_LOST || fate == FATE_TURNED_AWAY)
        TRY(sandbox_sending_add(&j->cx, &first, .charge_key = j->rows[row].charge_key));
    j->away[row] = first > 0;
    if (first)
        j->answers[j->places[row]] =
            sandbox_plain(fate == FATE_REQUEST_LOST ? GATEWAY_NO_REPLY : GATEWAY_LATER, "");
    return OK;
}

/* Which rows have a forgotten token; mostly there is none at all. */
static enum status find_forgotten(struct job *j)
{
    struct sandbox_forgotten_row *rows;
    size_t n;

    TRY(sandbox_forgotten_any(&j->cx, &rows, &n, .max = 1));
    for (size_t i = 0; n && i < j->n_rows; i++) {
        TRY(sandbox_is_forgotten(&j->cx, j->rows[i].token, &j->dead[i]));
        if (j->dead[i]) j->one_by_one = true;
    }
    return OK;
}

/* All rows at once, in the hope that their keys are new; otherwise nothing is kept of it. */
static enum status store_all(struct job *j)
{
    struct sandbox_charge_add_in *in =
        arena_array(&j->s->scratch, struct sandbox_charge_add_in, j->n_rows);
    int64_t added = 0;
    size_t n = 0;
    TX tx = {0};

    TRY(tx_begin_kind(&tx, &j->cx, TX_BATCH));
    TRY(find_forgotten(j));
    if (j->one_by_one) return OK;
    for (size_t i = 0; i < j->n_rows; i++) {
        TRY(turn_away(j, i));
        if (!j->away[i]) in[n++] = j->rows[i];
    }
    TRY(sandbox_charge_add(&j->cx, in, n, &added));
    j->one_by_one = added != (int64_t)n;
    if (j->one_by_one) return OK;
    for (size_t i = 0; i < j->n_rows; i++)
        if (!j->away[i] && j->verdicts[i].n_callbacks) TRY(add_events(j, i));
    TRY(tx_commit(&tx));
    for (size_t i = 0; i < j->n_rows; i++)
        if (!j->away[i]) answer_first(j, i);
    return OK;
}

/* The key is known: the same answer again, or a refusal to use it for something else. */
static void replay(struct job *j, size_t row, const struct sandbox_charge *was)
{
    const struct sandbox_charge_add_in *in = &j->rows[row];
    struct gateway_answer *answer = &j->answers[j->places[row]];

    if (was->amount_minor != in->amount_minor || strcmp(was->currency, in->currency) != 0 ||
        strcmp(was->token, in->token) != 0) {
        *answer = sandbox_plain(GATEWAY_DECLINED, "idempotency_key_in_use");
        return;
    }
    *answer = stored_answer(j->a, was, was->sent_at);
    answer->replayed = true;
}

static enum status store_one(struct job *j, size_t row)
{
    struct sandbox_charge *was;
    size_t n;

    if (!j->dead[row]) TRY(turn_away(j, row));
    if (j->away[row]) return OK;
    TRY(sandbox_charge_by_key(&j->cx, &was, &n, .charge_key = j->rows[row].charge_key));
    if (n) {
        replay(j, row, was);
        return OK;
    }
    if (j->dead[row]) {
        j->answers[j->places[row]] = sandbox_plain(GATEWAY_DECLINED, "method_unknown");
        return OK;
    }
    TRY(sandbox_charge_add(&j->cx, &j->rows[row], 1, NULL));
    TRY(add_events(j, row));
    answer_first(j, row);
    return OK;
}

static enum status store_one_by_one(struct job *j)
{
    TX tx = {0};

    TRY(tx_begin_kind(&tx, &j->cx, TX_BATCH));
    for (size_t i = 0; i < j->n_rows; i++) TRY(store_one(j, i));
    return tx_commit(&tx);
}

/* Reruns what lost a race of its own: a provider does not bother its callers with that. Keys make
 * a rerun safe even when it is not known whether the first one counts. */
static enum status store(struct job *j)
{
    enum status st = E_BUSY;

    if (j->n_rows == 0) return OK;
    for (int i = 0; i < SANDBOX_TRIES && (st == E_BUSY || st == E_UNKNOWN); i++) {
        if (!j->one_by_one) st = store_all(j);
        if (j->one_by_one) st = store_one_by_one(j);
    }
    return st;
}

static void lose_all(struct job *j, size_t n)
{
    for (size_t i = 0; i < n; i++) j->answers[i] = sandbox_plain(GATEWAY_NO_REPLY, "");
}

static enum status charge_unhurt(struct job *j, size_t n)
{
    prepare(j, n);
    enum status const st = store(j);
    if (st == E_UNKNOWN) {
        lose_all(j, n);
        return OK;
    }
    if (st != OK) return sandbox_failed(j->s, j->cx.err);
    for (size_t i = 0; i < n; i++)
        if (j->silenced[i]) j->answers[i] = sandbox_plain(GATEWAY_NO_REPLY, "");
    return j->crashes ? fail(j->cx.err, &GATEWAY_CRASHED, NULL) : OK;
}

enum status sandbox_charge_all(void *state, const struct gateway_charge *charges, size_t n,
                               struct gateway_answer *answers, struct arena *a, struct error *e)
{
    struct job j = {.s = state, .charges = charges, .answers = answers, .a = a};

    j.cx = sandbox_context(j.s, e);
    switch (sandbox_ask(j.s, GATEWAY_ON_CALL)) {
    case GATEWAY_CUT_OFF: return fail(e, &GATEWAY_UNREACHABLE, NULL);
    case GATEWAY_CRASH_BEFORE: return fail(e, &GATEWAY_CRASHED, NULL);
    case GATEWAY_LOSE_REQUEST: lose_all(&j, n); return OK;
    case GATEWAY_LIMIT_RATE:
        for (size_t i = 0; i < n; i++) answers[i] = sandbox_plain(GATEWAY_LATER, "");
        return OK;
    case GATEWAY_LOSE_REPLY:
        TRY(charge_unhurt(&j, n));
        lose_all(&j, n);
        return OK;
    case GATEWAY_CRASH_AFTER: TRY(charge_unhurt(&j, n)); return fail(e, &GATEWAY_CRASHED, NULL);
    case GATEWAY_UNHURT:
    case GATEWAY_REPEAT_EVENTS:
    case GATEWAY_DELAY_EVENTS: break;
    }
    return charge_unhurt(&j, n);
}

static enum status look_up_once(struct ctx *cx, const struct gateway_question *questions, size_t n,
                                struct gateway_answer *answers, struct arena *a)
{
    TX tx = {0};

    TRY(tx_begin_kind(&tx, cx, TX_READ));
    for (size_t i = 0; i < n; i++) {
        struct sandbox_charge *row;
        size_t found;

        TRY(sandbox_charge_by_key(cx, &row, &found, .charge_key = questions[i].key));
        answers[i] =
            found ? stored_answer(a, row, questions[i].at) : sandbox_plain(GATEWAY_NEVER_SEEN, "");
    }
    return tx_commit(&tx);
}

enum status sandbox_look_up(void *state, const struct gateway_question *questions, size_t n,
                            struct gateway_answer *answers, struct arena *a, struct error *e)
{
    struct ctx cx = sandbox_context(state, e);
    enum gateway_injury injury;
    enum status st = E_BUSY;

    TRY(sandbox_hurt(state, GATEWAY_ON_LOOK_UP, &injury, e));
    for (int i = 0; i < SANDBOX_TRIES && (st == E_BUSY || st == E_UNKNOWN); i++)
        st = look_up_once(&cx, questions, n, answers, a);
    return st == OK ? OK : sandbox_failed(state, e);
}
