/* gateway_test: what every gateway must do. A gateway says what it is able to; whatever it claims
 * is
 * tried. SPDX-License-Identifier: Apache-2.0 */
#include "payments/gateways/gateway_test.h"
#include "payments/decline_rules.h"

/* --- what all of them do --- */

static void try_capture(struct rig *r)
{
    struct gateway_answer const a = send(r, "tok_visa", KEY(1, 0, 1), START);

    CHECK(captured(a, START) && !a.replayed && a.ref);
}

static void captures(void **state)
{
    (void)state;
    with_each(0, try_capture);
}

static void try_amounts(struct rig *r)
{
    static const int64_t amounts[] = {0, -1, INT64_MIN};
    struct gateway_answer a;

    for (size_t i = 0; i < COUNT(amounts); i++) {
        struct gateway_charge const c = {KEY(1, 0, 1), "tok_visa", "EUR",
                                         "FOYER",      amounts[i], START};

        CHECK_SENT(r->g->charge(r->g->state, &c, 1, &a, r->a, r->e));
        CHECK(declined(a, "invalid_amount"));
    }
    CHECK(captured(send(r, "tok_visa", KEY(1, 0, 1), START), START));
}

static void refuses_amounts(void **state)
{
    (void)state;
    with_each(0, try_amounts);
}

static void try_numbers(struct rig *r)
{
    static const char *const numbers[] = {"4242424242424242", "4242 4242 4242 4242",
                                          "4242-4242-4242-4242", "378282246310005"};
    struct gateway_method m;

    for (size_t i = 0; i < COUNT(numbers); i++) {
        CHECK(r->g->describe(r->g->state, numbers[i], "one", &m, r->a, r->e) == E_INVALID);
        CHECK(r->e->fault == &METHOD_IS_NUMBER && !strstr(r->e->detail, "42"));
        CHECK(strcmp(r->e->field, "token") == 0);
    }
    CHECK(r->g->describe(r->g->state, "", "one", &m, r->a, r->e) == E_NOT_FOUND);
    CHECK(r->e->fault == &METHOD_TOKEN_UNKNOWN);
}

static void refuses_numbers(void **state)
{
    (void)state;
    with_each(0, try_numbers);
}

static void try_fingerprints(struct rig *r)
{
    struct gateway_method a, b, c;

    CHECK_SENT(r->g->describe(r->g->state, "tok_visa", "one", &a, r->a, r->e));
    CHECK_SENT(r->g->describe(r->g->state, "tok_visa", "one", &b, r->a, r->e));
    CHECK_SENT(r->g->describe(r->g->state, "tok_visa", "two", &c, r->a, r->e));
    CHECK(strcmp(a.fingerprint, b.fingerprint) == 0 && strcmp(a.fingerprint, c.fingerprint) != 0);
    CHECK(strlen(a.last4) == 4 && strcmp(a.brand, "visa") == 0 && a.kind == KIND_CARD);
    CHECK(*a.fingerprint && a.issuing_country && a.operator_ && a.recurring);
}

static void fingerprints(void **state)
{
    (void)state;
    with_each(0, try_fingerprints);
}

static void try_no_events(struct rig *r)
{
    struct gateway_event *events;

    CHECK(read_events(r, 0, INT64_MAX, &events) == 0);
    CHECK_SENT(r->g->charge(r->g->state, NULL, 0, NULL, r->a, r->e));
    CHECK_SENT(r->g->look_up(r->g->state, NULL, 0, NULL, r->a, r->e));
}

static void nothing_from_nothing(void **state)
{
    (void)state;
    with_each(0, try_no_events);
}

/* --- memory --- */

static void try_replay(struct rig *r)
{
    struct gateway_answer const first = send(r, "tok_visa", KEY(1, 0, 1), START);
    struct gateway_answer const again = send(r, "tok_visa", KEY(1, 0, 1), START + 9 * HOUR);
    struct gateway_answer const other = send(r, "tok_visa", KEY(1, 1, 1), START);

    CHECK(captured(first, START) && captured(again, START));
    CHECK(!first.replayed && again.replayed && !other.replayed);
    CHECK(*first.ref && strcmp(first.ref, again.ref) == 0 && strcmp(first.ref, other.ref) != 0);
}

static void replays(void **state)
{
    (void)state;
    with_each(REMEMBERS, try_replay);
}

static void try_mismatch(struct rig *r)
{
    struct gateway_charge c = {KEY(1, 0, 1), "tok_visa", "EUR", "FOYER", 1299, START};
    struct gateway_answer a[4];
    struct gateway_charge others[] = {c, c, c, c};

    others[1].token = "tok_mastercard";
    others[2].amount_minor = 1300;
    others[3].currency = "USD";
    CHECK(captured(send(r, c.token, c.key, START), START));
    CHECK_SENT(r->g->charge(r->g->state, others, 4, a, r->a, r->e));
    CHECK(a[0].replayed && captured(a[0], START));
    for (int i = 1; i < 4; i++) CHECK(declined(a[i], "idempotency_key_in_use"));
    CHECK(captured(look(r, c.key, START), START));
    others[0].key = others[1].key = KEY(1, 1, 1); /* new, and twice in one call */
    others[1].token = "tok_visa";
    CHECK_SENT(r->g->charge(r->g->state, others, 2, a, r->a, r->e));
    CHECK(captured(a[0], START) && !a[0].replayed && captured(a[1], START) && a[1].replayed);
}

static void keys_are_bound(void **state)
{
    (void)state;
    with_each(REMEMBERS, try_mismatch);
}

static void try_look_up(struct rig *r)
{
    CHECK(look(r, KEY(1, 0, 1), START).outcome == GATEWAY_NEVER_SEEN);
    CHECK(!send(r, "tok_visa", KEY(1, 0, 1), START).replayed);
    CHECK(captured(look(r, KEY(1, 0, 1), START + HOUR), START));
    CHECK(look(r, KEY(1, 0, 2), START).outcome == GATEWAY_NEVER_SEEN);
}

static void looks_up(void **state)
{
    (void)state;
    with_each(REMEMBERS, try_look_up);
}

/* The caller's transaction is no part of it. */
static void try_rollback(struct rig *r)
{
    struct test_db *t = &r->db;
    {
        TX tx = {0};
        CHECK_OK(tx_begin(&tx, &t->cx));
        CHECK(captured(send(r, "tok_visa", KEY(1, 0, 1), START), START));
    }
    CHECK(send(r, "tok_visa", KEY(1, 0, 1), START).replayed);
}

static void survives_rollback(void **state)
{
    (void)state;
    with_each(REMEMBERS, try_rollback);
}

static void try_reopen(struct rig *r)
{
    char dir[] = "/tmp/foyer-gateway-XXXXXX", url[80], file[120];
    bool const pg = r->db.schema[0];
    struct test_db *t = &r->db;

    CHECK(mkdtemp(dir));
    snprintf(url, sizeof url, "sqlite:%s/foyer.db", dir);
    for (int i = 0; i < 2; i++) {
        gateway_close(r->g);
        r->g = NULL;
        CHECK_OK(gateway_open(r->subject->name, pg ? t->url : url, &r->g, r->e));
        CHECK(send(r, "tok_slow_capture", KEY(1, 0, 1), START).replayed == (i == 1));
    }
    gateway_close(r->g);
    r->g = NULL;
    snprintf(file, sizeof file, "%s-sandbox", url + 7);
    CHECK((unlink(file) == 0) == !pg);
    CHECK(rmdir(dir) == 0);
}

static void survives_restart(void **state)
{
    (void)state;
    with_each(SURVIVES, try_reopen);
}

/* A call of many charges answers as many calls would: in another order, for another member, with
 * replays and doubles among them. */
enum { MANY = 3000 };

static void fill(struct rig *r, struct gateway_charge *c, const char *member)
{
    static const char *const tokens[] = {
        "tok_visa",         "tok_insufficient_funds", "tok_fail_first_2",
        "tok_flaky_7_30",   "tok_slow_capture",       "tok_every_3_fail_1_do_not_honor",
        "tok_lost_reply",   "tok_lost_request",       "tok_rate_limited",
        "tok_no_such_card",
    };

    for (int i = 0; i < MANY; i++) {
        c[i] = (struct gateway_charge){
            .key =
                arena_printf(r->a, "%s/%d/%d/renewal/0/%d", member, i % 7, i / 21, i / 7 % 3 + 1),
            .token = tokens[i % 10],
            .currency = i % 2 ? "EUR" : "JPY",
            .amount_minor = 100 + i,
            .at = START + i * HOUR,
        };
    }
}

static bool same_answer(const struct gateway_answer *a, const struct gateway_answer *b)
{
    return a->outcome == b->outcome && strcmp(a->code, b->code) == 0 &&
           strcmp(a->advice, b->advice) == 0 && a->captured_at == b->captured_at &&
           a->declined_at == b->declined_at;
}

static void try_many(struct rig *r)
{
    struct gateway_charge *one = arena_array(r->a, struct gateway_charge, MANY);
    struct gateway_charge *other = arena_array(r->a, struct gateway_charge, MANY);
    struct gateway_answer *a = arena_array(r->a, struct gateway_answer, MANY);
    struct gateway_answer *b = arena_array(r->a, struct gateway_answer, MANY);
    struct gateway_answer *again = arena_array(r->a, struct gateway_answer, MANY);

    fill(r, one, "mem_ONE");
    fill(r, other, "mem_OTHER");
    for (int i = MANY - 1; i >= 0; i--)
        CHECK_SENT(r->g->charge(r->g->state, &other[i], 1, &b[i], r->a, r->e));
    CHECK_SENT(r->g->charge(r->g->state, one, MANY, a, r->a, r->e));
    CHECK_SENT(r->g->charge(r->g->state, one, MANY, again, r->a, r->e));
    for (int i = 0; i < MANY; i++) {
        if (!same_answer(&a[i], &b[i])) FAIL("charge %d depends on more than its key", i);
        bool const arrived = a[i].outcome != GATEWAY_NO_REPLY && a[i].outcome != GATEWAY_LATER;
        if (arrived && !same_answer(&a[i], &again[i])) FAIL("charge %d changed its mind", i);
    }
}

static void many_at_once(void **state)
{
    (void)state;
    with_each(REMEMBERS | LOSES | DECLINES, try_many);
}

/* --- declines --- */

static void try_declines(struct rig *r)
{
    size_t n;
    const struct decline *all = decline_list(&n);

    for (size_t i = 0; i < n; i++) {
        const char *token = arena_printf(r->a, "tok_%s", all[i].code);
        const char *key = arena_printf(r->a, "mem_TEST/1/%zu/renewal/0/1", i);
        struct gateway_answer const a = send(r, token, key, START);

        if (!declined(a, all[i].code)) FAIL("%s is not declined", token);
        struct decline const read = decline_read(a.code, a.advice);
        if (read.class > all[i].class) FAIL("%s is taken too lightly", token);
        if (read.retry != all[i].retry) FAIL("%s has an advice that does not fit", token);
    }
}

static void declines(void **state)
{
    (void)state;
    with_each(DECLINES, try_declines);
}

/* --- the unknown --- */

static void try_lost_reply(struct rig *r)
{
    CHECK(send(r, "tok_lost_reply", KEY(1, 0, 1), START).outcome == GATEWAY_NO_REPLY);
    CHECK(captured(look(r, KEY(1, 0, 1), START + HOUR), START));
    struct gateway_answer const again = send(r, "tok_lost_reply", KEY(1, 0, 1), START + HOUR);
    CHECK(captured(again, START) && again.replayed);
    CHECK(send(r, "tok_lost_decline", KEY(1, 1, 1), START).outcome == GATEWAY_NO_REPLY);
    struct gateway_answer const no = look(r, KEY(1, 1, 1), START + HOUR);
    CHECK(declined(no, "insufficient_funds") && no.declined_at == START);
}

static void loses_replies(void **state)
{
    (void)state;
    with_each(LOSES, try_lost_reply);
}

static void try_lost_request(struct rig *r)
{
    CHECK(send(r, "tok_lost_request", KEY(1, 0, 1), START).outcome == GATEWAY_NO_REPLY);
    CHECK(look(r, KEY(1, 0, 1), START + HOUR).outcome == GATEWAY_NEVER_SEEN);
    CHECK(look(r, KEY(1, 0, 1), START + 2 * HOUR).outcome == GATEWAY_NEVER_SEEN);
    struct gateway_answer const a = send(r, "tok_lost_request", KEY(1, 0, 1), START + 3 * HOUR);
    CHECK(captured(a, START + 3 * HOUR) && !a.replayed);
    CHECK(send(r, "tok_rate_limited", KEY(1, 1, 1), START).outcome == GATEWAY_LATER);
    CHECK(look(r, KEY(1, 1, 1), START).outcome == GATEWAY_NEVER_SEEN);
    CHECK(captured(send(r, "tok_rate_limited", KEY(1, 1, 1), START + 1), START + 1));
    CHECK(send(r, "tok_rate_limited", KEY(1, 1, 1), START + 2).replayed);
}

static void loses_requests(void **state)
{
    (void)state;
    with_each(LOSES, try_lost_request);
}

/* --- callbacks --- */

static void try_slow(struct rig *r)
{
    int64_t const done = START + 2 * DAY_MS;
    struct gateway_event *events;

    CHECK(send(r, "tok_slow_capture", KEY(1, 0, 1), START).outcome == GATEWAY_PENDING);
    CHECK(send(r, "tok_slow_decline", KEY(1, 1, 1), START).outcome == GATEWAY_PENDING);
    CHECK(look(r, KEY(1, 0, 1), done - 1).outcome == GATEWAY_PENDING);
    CHECK(read_events(r, 0, done - 1, &events) == 0);
    CHECK(read_events(r, 0, done, &events) == 2);
    CHECK(strcmp(events[0].key, KEY(1, 0, 1)) == 0 && captured(events[0].answer, done));
    CHECK(events[0].deliver_at == done && events[0].cursor > 0);
    CHECK(strcmp(events[1].key, KEY(1, 1, 1)) == 0);
    CHECK(declined(events[1].answer, "generic_decline") && events[1].answer.declined_at == done);
    CHECK(captured(look(r, KEY(1, 0, 1), done), done));
    CHECK(send(r, "tok_slow_capture", KEY(1, 0, 1), done).outcome == GATEWAY_PENDING);
    CHECK(read_events(r, 0, done + 30 * DAY_MS, &events) == 2);
}

static void slow_ones(void **state)
{
    (void)state;
    with_each(CALLS_BACK, try_slow);
}

static void try_odd_callbacks(struct rig *r)
{
    struct gateway_event *e;

    CHECK(captured(send(r, "tok_duplicate_callbacks", KEY(1, 0, 1), START), START));
    CHECK(read_events(r, 0, START + DAY_MS, &e) == 2);
    CHECK(strcmp(e[0].id, e[1].id) == 0 && e[0].cursor < e[1].cursor);
    CHECK(captured(e[0].answer, START) && captured(e[1].answer, START));
    int64_t const after = e[1].cursor;

    CHECK(send(r, "tok_late_callback", KEY(1, 1, 1), START).outcome == GATEWAY_PENDING);
    CHECK(captured(look(r, KEY(1, 1, 1), START + HOUR), START + HOUR));
    CHECK(read_events(r, after, START + 5 * DAY_MS - 1, &e) == 0);
    CHECK(read_events(r, after, START + 5 * DAY_MS, &e) == 1);
    CHECK(captured(e[0].answer, START + HOUR));

    CHECK(send(r, "tok_unordered_callbacks", KEY(1, 2, 1), START).outcome == GATEWAY_PENDING);
    CHECK(read_events(r, after + 1, START + 9 * DAY_MS, &e) == 2);
    CHECK(captured(e[0].answer, START + DAY_MS) && e[1].answer.outcome == GATEWAY_PENDING);
    CHECK(strcmp(e[0].id, e[1].id) != 0);

    CHECK(send(r, "tok_no_callback", KEY(1, 3, 1), START).outcome == GATEWAY_PENDING);
    CHECK(read_events(r, after + 3, START + 90 * DAY_MS, &e) == 0);
    CHECK(captured(look(r, KEY(1, 3, 1), START + DAY_MS), START + DAY_MS));
}

static void odd_callbacks(void **state)
{
    (void)state;
    with_each(CALLS_BACK, try_odd_callbacks);
}

/* Later made but earlier due events still come after what was delivered before them. */
static void try_cursor(struct rig *r)
{
    struct gateway_event *e;
    int64_t after = 0, seen = 0;
    size_t n;

    for (int i = 0; i < 40; i++)
        send(r, i % 2 ? "tok_slow_capture" : "tok_late_callback",
             arena_printf(r->a, "mem_TEST/1/%d/renewal/0/1", i), START + i * HOUR);
    for (int64_t at = START; at < START + 20 * DAY_MS; at += DAY_MS) {
        if (at == START + 6 * DAY_MS) send(r, "tok_duplicate_callbacks", KEY(2, 0, 1), START);
        do {
            CHECK_SENT(r->g->events(r->g->state, after, at, &e, &n, 3, r->a, r->e));
            CHECK(n <= 3);
            for (size_t i = 0; i < n; i++) {
                CHECK(e[i].cursor > after && e[i].deliver_at <= at);
                after = e[i].cursor;
            }
            seen += (int64_t)n;
        } while (n);
    }
    CHECK(seen == 42);
}

static void cursors(void **state)
{
    (void)state;
    with_each(CALLS_BACK, try_cursor);
}

/* --- temporary authorizations --- */

#define HOLD_KEY "mem_TEST/mth_TEST/authorization"

static struct authorization_answer hold(struct rig *r, const char *token, int64_t amount_minor,
                                        int64_t at)
{
    struct gateway_authorization const in = {HOLD_KEY, token, "EUR", amount_minor, at};
    struct authorization_answer out;

    CHECK_SENT(r->g->authorize(r->g->state, &in, &out, r->a, r->e));
    return out;
}

static enum authorization_outcome release(struct rig *r, int64_t at)
{
    struct authorization_answer out;

    CHECK_SENT(r->g->void_authorization(r->g->state, HOLD_KEY, at, &out, r->a, r->e));
    return out.outcome;
}

static bool refused(struct authorization_answer a, const char *code)
{
    return a.outcome == AUTHORIZATION_REFUSED && strcmp(a.code, code) == 0;
}

static void try_hold(struct rig *r)
{
    CHECK(refused(hold(r, "tok_visa", -1, START), "invalid_amount"));
    struct authorization_answer const a = hold(r, "tok_visa", 100, START);
    CHECK(a.outcome == AUTHORIZATION_HELD && !*a.code);
    CHECK(release(r, START + 8 * DAY_MS) == AUTHORIZATION_VOIDED);
}

static void holds(void **state)
{
    (void)state;
    with_each(0, try_hold);
}

static void try_hold_nothing(struct rig *r)
{
    CHECK(hold(r, "tok_visa", 0, START).outcome == AUTHORIZATION_HELD);
    CHECK(release(r, START) == AUTHORIZATION_VOIDED);
}

static void holds_nothing(void **state)
{
    (void)state;
    with_each(0, try_hold_nothing);
}

static void try_hold_again(struct rig *r)
{
    CHECK(release(r, START) == AUTHORIZATION_NEVER_SEEN);
    CHECK(hold(r, "tok_visa", 100, START).outcome == AUTHORIZATION_HELD);
    CHECK(hold(r, "tok_visa", 100, START + HOUR).outcome == AUTHORIZATION_HELD);
    CHECK(refused(hold(r, "tok_visa", 101, START), "idempotency_key_in_use"));
    CHECK(refused(hold(r, "tok_mastercard", 100, START), "idempotency_key_in_use"));
    CHECK(release(r, START + DAY_MS) == AUTHORIZATION_VOIDED);
    CHECK(release(r, START + 2 * DAY_MS) == AUTHORIZATION_VOIDED);
    CHECK(hold(r, "tok_visa", 100, START + 3 * DAY_MS).outcome == AUTHORIZATION_VOIDED);
    /* it is nowhere among the charges, and nothing was ever told of it */
    struct gateway_event *events;
    CHECK(look(r, HOLD_KEY, START + 90 * DAY_MS).outcome == GATEWAY_NEVER_SEEN);
    CHECK(read_events(r, 0, START + 90 * DAY_MS, &events) == 0);
}

static void remembers_holds(void **state)
{
    (void)state;
    with_each(REMEMBERS, try_hold_again);
}

static void try_hold_refused(struct rig *r)
{
    CHECK(refused(hold(r, "tok_no_such_card", 100, START), "method_unknown"));
    CHECK(refused(hold(r, "tok_stolen_card", 100, START), "stolen_card"));
    CHECK(release(r, START) == AUTHORIZATION_REFUSED);
}

static void refuses_holds(void **state)
{
    (void)state;
    with_each(DECLINES, try_hold_refused);
}

static void try_hold_lost(struct rig *r)
{
    CHECK(hold(r, "tok_lost_reply", 100, START).outcome == AUTHORIZATION_NO_REPLY);
    CHECK(hold(r, "tok_lost_reply", 100, START).outcome == AUTHORIZATION_HELD);
    CHECK(release(r, START) == AUTHORIZATION_VOIDED);
}

static void try_hold_never_sent(struct rig *r)
{
    CHECK(hold(r, "tok_lost_request", 100, START).outcome == AUTHORIZATION_NO_REPLY);
    CHECK(release(r, START) == AUTHORIZATION_NEVER_SEEN);
    CHECK(hold(r, "tok_lost_request", 100, START).outcome == AUTHORIZATION_HELD);
}

static void try_hold_limited(struct rig *r)
{
    CHECK(hold(r, "tok_rate_limited", 100, START).outcome == AUTHORIZATION_LATER);
    CHECK(hold(r, "tok_rate_limited", 100, START + 1).outcome == AUTHORIZATION_HELD);
}

static void loses_holds(void **state)
{
    (void)state;
    with_each(LOSES, try_hold_lost);
    with_each(LOSES, try_hold_never_sent);
    with_each(LOSES, try_hold_limited);
}

/* --- forgetting --- */

static enum forget_outcome forget(struct rig *r, const char *token)
{
    enum forget_outcome out;

    CHECK_SENT(r->g->forget(r->g->state, token, START, &out, r->e));
    return out;
}

static void try_forget(struct rig *r)
{
    CHECK(forget(r, "tok_visa") == FORGET_DONE && forget(r, "tok_visa") == FORGET_DONE);
    CHECK(forget(r, "tok_no_such_card") == FORGET_DONE);
    CHECK(captured(send(r, "tok_mastercard", KEY(1, 0, 1), START), START));
}

static void forgets(void **state)
{
    (void)state;
    with_each(0, try_forget);
}

static void try_forgotten(struct rig *r)
{
    struct gateway_charge const c[] = {
        {KEY(2, 0, 1), "tok_visa-a",         "EUR", "FOYER", 1299, START},
        {KEY(2, 1, 1), "tok_visa-b",         "EUR", "FOYER", 1299, START},
        {KEY(2, 2, 1), "tok_lost_request-a", "EUR", "FOYER", 1299, START}
    };
    struct gateway_answer a[COUNT(c)];

    CHECK(captured(send(r, "tok_visa-a", KEY(1, 0, 1), START), START));
    CHECK(hold(r, "tok_visa-a", 100, START).outcome == AUTHORIZATION_HELD);
    CHECK(forget(r, "tok_visa-a") == FORGET_DONE);
    CHECK(forget(r, "tok_lost_request-a") == FORGET_DONE);
    CHECK_SENT(r->g->charge(r->g->state, c, COUNT(c), a, r->a, r->e));
    CHECK(declined(a[0], "method_unknown") && captured(a[1], START));
    CHECK(declined(a[2], "method_unknown"));
    CHECK(look(r, KEY(2, 0, 1), START).outcome == GATEWAY_NEVER_SEEN);
    /* what was before stays: its answer, its look-up, its hold and its money */
    struct gateway_answer const again = send(r, "tok_visa-a", KEY(1, 0, 1), START + HOUR);
    CHECK(captured(again, START) && again.replayed);
    CHECK(captured(look(r, KEY(1, 0, 1), START + HOUR), START));
    CHECK(hold(r, "tok_visa-a", 100, START).outcome == AUTHORIZATION_HELD);
    CHECK(release(r, START) == AUTHORIZATION_VOIDED);
    struct gateway_refund const back = {"r", KEY(1, 0, 1), again.ref, "EUR", 1299, START + HOUR};
    CHECK_SENT(r->g->refund(r->g->state, &back, a, r->a, r->e));
    CHECK(a[0].outcome == GATEWAY_CAPTURED);
}

static void is_forgotten(void **state)
{
    (void)state;
    with_each(FORGETS, try_forgotten);
}

static void try_hold_forgotten(struct rig *r)
{
    struct gateway_method m;

    CHECK(forget(r, "tok_visa") == FORGET_DONE);
    CHECK(refused(hold(r, "tok_visa", 100, START), "method_unknown"));
    CHECK(declined(send(r, "tok_visa", KEY(1, 0, 1), START), "method_unknown"));
    /* entered once more */
    CHECK_SENT(r->g->describe(r->g->state, "tok_visa", "one", &m, r->a, r->e));
    CHECK(captured(send(r, "tok_visa", KEY(1, 0, 2), START), START));
}

static void enters_again(void **state)
{
    (void)state;
    with_each(FORGETS, try_hold_forgotten);
}

static void reads_keys(void **state)
{
    static const char *const wrong[] = {"",
                                        "mem_A",
                                        "mem_A/1/2",
                                        "mem_A/1/2/renewal/0",
                                        "/1/2/r/0/1",
                                        "mem_A/x/2/r/0/1",
                                        "mem_A/1/2/renewal/0/1/",
                                        "mem_A/1/2//0/1",
                                        "mem_A/1/-2/r/0/1",
                                        "mem_A/1/2/r/0/9223372036854775808",
                                        "mem_A2345678901234567890123/1/2/r/0/1"};
    struct gateway_key k;

    (void)state;
    CHECK(gateway_key_read("mem_A*/2/-1/change/159/1", &k) && k.k == -1 && k.attempt == 1);
    CHECK(gateway_key_read("mem_A*/3/14/renewal/159/26", &k));
    CHECK(k.term == 3 && k.k == 14 && k.subject == 159 && k.attempt == 26);
    CHECK(strcmp(k.member, "mem_A*") == 0 && strcmp(k.kind, "renewal") == 0);
    CHECK(k.obligation == strlen("mem_A*/3/14/renewal/159"));
    for (size_t i = 0; i < COUNT(wrong); i++)
        if (gateway_key_read(wrong[i], &k)) FAIL("'%s' is no key", wrong[i]);
}

static void names_gateways(void **state)
{
    struct error e = {0};
    struct gateway *g = NULL;

    (void)state;
    CHECK(gateway_open("no_such", "sqlite::memory:", &g, &e) == E_NOT_FOUND);
    CHECK(e.fault == &GATEWAY_UNKNOWN && !g);
    gateway_close(NULL);
}

/* ---- money and clocks ---- */

static void real_ones_need_real_clocks(void **state)
{
    struct test_db world, *t = &world;
    struct gateway *null;

    (void)state;
    test_db_open(t, START);
    CHECK_OK(null_open(&null, &t->err));
    CHECK_OK(gateway_check_clock(null, true, &t->err));
    null->is_real = true;
    CHECK_OK(gateway_check_clock(null, false, &t->err));
    CHECK_FAULT(gateway_check_clock(null, true, &t->err), &GATEWAY_REAL);
    struct world const w = {.gateway = null, .test_clock = true};
    CHECK_FAULT(payments_run(&t->cx, &w, START), &GATEWAY_REAL);
    CHECK_FAULT(payments_collect_account(&t->cx, &w, NULL, 1), &GATEWAY_REAL);
    gateway_close(null);
    test_db_close(t);
}

static void needs_somebody_there(void **state)
{
    struct gateway_charge const c = {KEY(1, 0, 1), "tok_visa", "EUR", "FOYER", 1299, START};
    CLEANUP(arena_clear) struct arena a = {0};
    struct gateway_answer answer;
    struct error e = {0};
    struct gateway *g;

    (void)state;
    CHECK(gateway_open("http://127.0.0.1:9", "sqlite::memory:", &g, &e) == OK);
    CHECK(g->charge(g->state, &c, 1, &answer, &a, &e) == E_UPSTREAM);
    CHECK(e.fault == &GATEWAY_UNREACHABLE);
    gateway_close(g);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("a gateway that moves money is refused on a test clock", real_ones_need_real_clocks),
        CASE("B-11 a gateway that nobody answers at has sent nothing", needs_somebody_there),
        CASE("every gateway is opened by its name", names_gateways),
        CASE("B-11 a key tells its term, period and attempt", reads_keys),
        CASE("B-11 a charge is captured once it is answered", captures),
        CASE("an amount that is not positive is refused and leaves no trace", refuses_amounts),
        CASE("C-18 a card number is refused and not repeated", refuses_numbers),
        CASE("C-18 a method is known by token, brand, last four and fingerprint", fingerprints),
        CASE("nothing sent is nothing told", nothing_from_nothing),
        CASE("B-11 the same key again gives the first answer", replays),
        CASE("B-11 a key belongs to one token, amount and currency", keys_are_bound),
        CASE("B-11 a look-up tells what became of a key and charges nothing", looks_up),
        CASE("B-11 what was sent survives the caller's rollback", survives_rollback),
        CASE("B-11 what was sent survives a restart", survives_restart),
        CASE("B-11 many charges at once answer as one by one, whoever's they are", many_at_once),
        CASE("E-12 each decline code comes with an advice that fits it", declines),
        CASE("B-11 a lost reply is found by a look-up and by sending again", loses_replies),
        CASE("B-11 a lost request was never seen and can be sent again", loses_requests),
        CASE("B-11 a slow answer is pending until its callback", slow_ones),
        CASE("B-11 callbacks come twice, late, out of order or never", odd_callbacks),
        CASE("B-11 a cursor passes every event once, in order of delivery", cursors),
        CASE("B-10 an authorization is held and voided", holds),
        CASE("B-10 an authorization may be of nothing", holds_nothing),
        CASE("B-10 the same authorization again makes no other one, and none is ever a charge",
             remembers_holds),
        CASE("B-10 a bank may refuse an authorization", refuses_holds),
        CASE("B-10 a lost authorization is asked for again", loses_holds),
        CASE("C-18 a gateway forgets a token, again, and one that there never was", forgets),
        CASE("C-18 nothing new is charged to a forgotten token, and what was before stays",
             is_forgotten),
        CASE("C-18 a forgotten card is entered once more", enters_again),
    };
    return RUN_CASES("gateway", cases);
}
