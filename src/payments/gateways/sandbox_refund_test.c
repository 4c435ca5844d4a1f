/* sandbox_refund_test: what every gateway must do with refunds.
 * SPDX-License-Identifier: Apache-2.0 */
#include "payments/gateways/gateway_test.h"

#define REFUND_KEY(no) "mem_TEST/rfd_" #no "/refund"

static struct gateway_answer give(struct rig *r, const char *key, int64_t amount_minor, int64_t at)
{
    struct gateway_refund const in = {key, KEY(1, 0, 1), "", "EUR", amount_minor, at};
    struct gateway_answer answer;

    CHECK_SENT(r->g->refund(r->g->state, &in, &answer, r->a, r->e));
    return answer;
}

static struct gateway_answer look_refund(struct rig *r, const char *key, int64_t at)
{
    struct gateway_question const question = {key, at};
    struct gateway_answer answer;

    CHECK_SENT(r->g->look_up_refund(r->g->state, &question, &answer, r->a, r->e));
    return answer;
}

static void try_give(struct rig *r)
{
    CHECK(captured(send(r, "tok_visa", KEY(1, 0, 1), START), START));
    CHECK(declined(give(r, REFUND_KEY(0), 0, START + HOUR), "invalid_amount"));
    CHECK(captured(give(r, REFUND_KEY(1), 1299, START + HOUR), START + HOUR));
}

static void gives_back(void **state)
{
    (void)state;
    with_each(0, try_give);
}

static void try_give_parts(struct rig *r)
{
    CHECK(declined(give(r, REFUND_KEY(1), 1, START), "charge_unknown"));
    CHECK(captured(send(r, "tok_visa", KEY(1, 0, 1), START), START));
    CHECK(look_refund(r, REFUND_KEY(1), START).outcome == GATEWAY_NEVER_SEEN);
    CHECK(captured(give(r, REFUND_KEY(1), 1000, START + 1), START + 1));
    struct gateway_answer const again = give(r, REFUND_KEY(1), 1000, START + 2);
    CHECK(captured(again, START + 1) && again.replayed);
    CHECK(declined(give(r, REFUND_KEY(1), 999, START + 2), "idempotency_key_in_use"));
    CHECK(captured(look_refund(r, REFUND_KEY(1), START + 3), START + 1));
    CHECK(declined(give(r, REFUND_KEY(2), 300, START + 2), "refund_exceeds_charge"));
    CHECK(captured(give(r, REFUND_KEY(2), 299, START + 3), START + 3));
    CHECK(declined(give(r, REFUND_KEY(3), 1, START + 3), "refund_exceeds_charge"));
    CHECK(look(r, REFUND_KEY(1), START + HOUR).outcome == GATEWAY_NEVER_SEEN);
}

static void gives_no_more(void **state)
{
    (void)state;
    with_each(REMEMBERS, try_give_parts);
}

static void try_give_lost_reply(struct rig *r)
{
    send(r, "tok_refund_lost_reply", KEY(1, 0, 1), START);
    CHECK(give(r, REFUND_KEY(1), 5, START).outcome == GATEWAY_NO_REPLY);
    CHECK(captured(look_refund(r, REFUND_KEY(1), START), START));
    CHECK(captured(give(r, REFUND_KEY(1), 5, START + 1), START));
}

static void try_give_lost_request(struct rig *r)
{
    send(r, "tok_refund_lost_request", KEY(1, 0, 1), START);
    CHECK(give(r, REFUND_KEY(1), 5, START).outcome == GATEWAY_NO_REPLY);
    CHECK(look_refund(r, REFUND_KEY(1), START).outcome == GATEWAY_NEVER_SEEN);
    CHECK(captured(give(r, REFUND_KEY(1), 5, START + 1), START + 1));
}

static void try_give_limited(struct rig *r)
{
    send(r, "tok_refund_rate_limited", KEY(1, 0, 1), START);
    CHECK(give(r, REFUND_KEY(1), 5, START).outcome == GATEWAY_LATER);
    CHECK(captured(give(r, REFUND_KEY(1), 5, START + 1), START + 1));
}

static void loses_refunds(void **state)
{
    (void)state;
    with_each(LOSES, try_give_lost_reply);
    with_each(LOSES, try_give_lost_request);
    with_each(LOSES, try_give_limited);
}

static void try_give_refused(struct rig *r)
{
    send(r, "tok_refund_refused", KEY(1, 0, 1), START);
    CHECK(declined(give(r, REFUND_KEY(1), 5, START), "refund_failed"));
    CHECK(declined(look_refund(r, REFUND_KEY(1), START), "refund_failed"));
}

static void refuses_refunds(void **state)
{
    (void)state;
    with_each(DECLINES, try_give_refused);
}

static void try_give_slowly(struct rig *r, const char *token, bool pays)
{
    int64_t const done = START + 2 * DAY_MS;
    struct gateway_event *events;

    send(r, token, KEY(1, 0, 1), START);
    CHECK(give(r, REFUND_KEY(1), 5, START).outcome == GATEWAY_PENDING);
    CHECK(look_refund(r, REFUND_KEY(1), done - 1).outcome == GATEWAY_PENDING);
    CHECK(read_events(r, 0, done - 1, &events) == 0);
    CHECK(read_events(r, 0, done + DAY_MS, &events) == 2);
    for (int i = 0; i < 2; i++) {
        CHECK(events[i].kind == EVENT_REFUND && strcmp(events[i].key, REFUND_KEY(1)) == 0);
        CHECK(pays ? captured(events[i].answer, done)
                   : declined(events[i].answer, "refund_failed"));
    }
    CHECK(strcmp(events[0].id, events[1].id) == 0);
}

static void try_give_later(struct rig *r)
{
    try_give_slowly(r, "tok_refund_later", true);
}

static void try_give_fails(struct rig *r)
{
    try_give_slowly(r, "tok_refund_fails", false);
}

static void tells_of_refunds(void **state)
{
    (void)state;
    with_each(CALLS_BACK, try_give_later);
    with_each(CALLS_BACK, try_give_fails);
}

/* --- disputes --- */

static void try_disputes(struct rig *r)
{
    int64_t const opened = START + 10 * DAY_MS, ended = START + 30 * DAY_MS;
    struct gateway_event *e;

    CHECK(captured(send(r, "tok_dispute_won", KEY(1, 0, 1), START), START));
    CHECK(captured(send(r, "tok_dispute_lost", KEY(1, 1, 1), START), START));
    CHECK(read_events(r, 0, opened - 1, &e) == 0);
    CHECK(captured(give(r, REFUND_KEY(1), 5, opened - 1), opened - 1));
    CHECK(declined(give(r, REFUND_KEY(2), 5, opened), "charge_disputed"));
    CHECK(read_events(r, 0, ended, &e) == 4);
    for (int i = 0; i < 4; i++) CHECK(e[i].kind == EVENT_DISPUTE && *e[i].answer.code);
    CHECK(e[0].dispute == GATEWAY_DISPUTE_OPENED && e[1].dispute == GATEWAY_DISPUTE_OPENED);
    CHECK((e[2].dispute == GATEWAY_DISPUTE_WON) == (strcmp(e[2].key, KEY(1, 0, 1)) == 0));
    CHECK(e[2].dispute != e[3].dispute && e[3].dispute != GATEWAY_DISPUTE_OPENED);
    CHECK(captured(give(r, REFUND_KEY(3), 5, ended), ended)); /* won: it is ours again */
}

static void tells_of_disputes(void **state)
{
    (void)state;
    with_each(CALLS_BACK, try_disputes);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("I-04 a captured charge is given back", gives_back),
        CASE("I-04 refunds of a charge never exceed it, and a key gives back once", gives_no_more),
        CASE("I-04 a lost refund is looked up and sent again", loses_refunds),
        CASE("I-04 a refund may be refused", refuses_refunds),
        CASE("I-04 slow refunds are told of, perhaps twice", tells_of_refunds),
        CASE("I-06 disputes are told of, and keep refunds away while they are open",
             tells_of_disputes),
    };
    return RUN_CASES("refunds of gateways", cases);
}
