/* membership_test: the state table, and storing. SPDX-License-Identifier: Apache-2.0 */
#include "membership/membership.h"

#include "db/db_test.h"

static void table_is_sound(void **state)
{
    (void)state;
    const char *defect = fsm_defect(&membership_fsm);
    if (defect) FAIL("%s", defect);
}

/* SPEC 2.2, retold as a lawyer would read it; everything else is refused. */
static const struct {
    enum membership_state from;
    enum membership_event_kind event;
    enum membership_state to;
} told[] = {
    {M_NONE,     MEV_SIGN_UP,          M_PENDING },
    {M_NONE,     MEV_IMPORT,           M_ACTIVE  },
    {M_PENDING,  MEV_PAYMENT_OK,       M_ACTIVE  },
    {M_PENDING,  MEV_PAYMENT_REFUSED,  M_NONE    },
    {M_ACTIVE,   MEV_RENEWAL_FAILED,   M_GRACE   },
    {M_ACTIVE,   MEV_GRACE_OVER,       M_HOLD    },
    {M_GRACE,    MEV_GRACE_OVER,       M_HOLD    },
    {M_GRACE,    MEV_PAYMENT_OK,       M_ACTIVE  },
    {M_HOLD,     MEV_PAYMENT_OK,       M_ACTIVE  },
    {M_HOLD,     MEV_HOLD_LIMIT,       M_CANCELED},
    {M_HOLD,     MEV_CANCEL,           M_CANCELED},
    {M_GRACE,    MEV_CANCEL,           M_ENDING  },
    {M_ACTIVE,   MEV_CANCEL,           M_ENDING  },
    {M_ENDING,   MEV_UNDO_CANCEL,      M_ACTIVE  },
    {M_ENDING,   MEV_RENEWAL_FAILED,   M_CANCELED},
    {M_ENDING,   MEV_PERIOD_END,       M_CANCELED},
    {M_ACTIVE,   MEV_PAUSE_BEGIN,      M_PAUSED  },
    {M_PAUSED,   MEV_EXTEND_PAUSE,     M_PAUSED  },
    {M_PAUSED,   MEV_RESUME,           M_PENDING },
    {M_PAUSED,   MEV_CANCEL,           M_CANCELED},
    {M_CANCELED, MEV_RESTART,          M_PENDING },
    {M_ACTIVE,   MEV_WITHDRAW,         M_CANCELED},
    {M_ENDING,   MEV_WITHDRAW,         M_CANCELED},
    {M_PENDING,  MEV_UNDO_RESTART,     M_CANCELED},
    {M_ACTIVE,   MEV_UNDO_RESTART,     M_CANCELED},
    {M_GRACE,    MEV_UNDO_RESTART,     M_CANCELED},
    {M_HOLD,     MEV_UNDO_RESTART,     M_CANCELED},
    {M_PAUSED,   MEV_UNDO_RESTART,     M_CANCELED},
    {M_ENDING,   MEV_UNDO_RESTART,     M_CANCELED},
    {M_NONE,     MEV_PARTNER_ACTIVATE, M_ACTIVE  },
    {M_ACTIVE,   MEV_PARTNER_ACTIVATE, M_ACTIVE  },
    {M_GRACE,    MEV_PARTNER_ACTIVATE, M_ACTIVE  },
    {M_HOLD,     MEV_PARTNER_ACTIVATE, M_ACTIVE  },
    {M_PAUSED,   MEV_PARTNER_ACTIVATE, M_ACTIVE  },
    {M_ENDING,   MEV_PARTNER_ACTIVATE, M_ACTIVE  },
    {M_CANCELED, MEV_PARTNER_ACTIVATE, M_ACTIVE  },
    {M_ACTIVE,   MEV_PARTNER_SUSPEND,  M_HOLD    },
    {M_HOLD,     MEV_PARTNER_RESUME,   M_ACTIVE  },
    {M_ACTIVE,   MEV_PARTNER_END,      M_ACTIVE  },
    {M_CANCELED, MEV_RETENTION_OVER,   M_DELETED },
};

static void table_tells_the_spec(void **state)
{
    size_t allowed = 0;

    (void)state;
    for (unsigned from = 0; from < membership_states.n; from++)
        for (unsigned event = 0; event < membership_events.n; event++)
            allowed += fsm_move(&membership_fsm, from, event) != NULL;
    CHECK(allowed == COUNT(told));
    for (size_t i = 0; i < COUNT(told); i++) {
        const struct move *m = fsm_move(&membership_fsm, told[i].from, told[i].event);
        CHECK(m && m->to == told[i].to);
    }
}

static void access_by_state(void **state)
{
    (void)state;
    for (enum membership_state s = M_NONE; s <= M_DELETED; s++)
        CHECK(state_has_access(s) == (s == M_ACTIVE || s == M_GRACE || s == M_ENDING));
}

static void moves_are_recorded(void **state)
{
    struct test_db db, *t = &db;
    struct membership_event_row *events;
    struct membership m, stale;
    unsigned effects = 0;
    size_t n;

    (void)state;
    test_db_open(t, 5000);
    CHECK_OK(membership_add(&t->cx, NULL, .account_id = 7, .plan = "p", .biller = "direct",
                            .state = M_ACTIVE, .step = STEP_NONE));
    CHECK_OK(membership_get(&t->cx, 7, &m));
    CHECK(membership_get(&t->cx, 8, &stale) == E_NOT_FOUND);
    stale = m;
    t->cx.actor = (struct actor){.role = ROLE_OWNER, .id = 7};
    TX tx = {0};
    CHECK_OK(tx_begin(&tx, &t->cx));
    CHECK(membership_move(&t->cx, &m, MEV_HOLD_LIMIT, 1, "", NULL) == E_CONFLICT);
    CHECK_OK(membership_move(&t->cx, &m, MEV_CANCEL, 4000, "why", &effects));
    CHECK_OK(membership_store(&t->cx, &m));
    CHECK(membership_store(&t->cx, &stale) == E_BUSY); /* somebody else came first */
    CHECK_OK(tx_commit(&tx));
    CHECK_OK(membership_events_of(&t->cx, &events, &n, .account_id = 7, .max = 9));
    CHECK(n == 1 && events[0].event == MEV_CANCEL && events[0].state_from == M_ACTIVE &&
          events[0].state_to == M_ENDING && events[0].actor_role == ROLE_OWNER &&
          events[0].actor_id == 7 && events[0].happened_at == 4000 &&
          strcmp(events[0].reason, "why") == 0 && effects == FX_NOTIFY);
    test_db_close(t);
}

/* A clock stands still or is behind; processes and lanes have numbers of their own. */
static void events_keep_their_order(void **state)
{
    struct test_db db, *t = &db;
    struct membership_event_row *events;
    struct membership m = {.account_id = 7, .state = M_ACTIVE};
    size_t n;

    (void)state;
    test_db_open(t, 5000);
    CHECK_OK(membership_event_add(&t->cx, NULL, .event_id = db_id_floor(9000), .account_id = 7,
                                  .event = MEV_IMPORT, .state_to = M_ACTIVE, .device = "",
                                  .network = "", .reason = "",
                                  .network_country = "")); /* it was ahead */
    for (int64_t i = 1; i < 5; i++) {
        TX tx = {0};

        db_set_writer(t->db, 9 - i);
        CHECK_OK(tx_begin(&tx, &t->cx));
        CHECK_OK(membership_note(&t->cx, &m, MEV_PAYMENT_OK, i, ""));
        CHECK_OK(tx_commit(&tx));
    }
    CHECK_OK(membership_events_of(&t->cx, &events, &n, .account_id = 7, .max = 9));
    CHECK(n == 5);
    for (size_t i = 0; i < n; i++) CHECK(events[i].happened_at == (int64_t)i);
    test_db_close(t);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("the table of states is sound", table_is_sound),
        CASE("B-11 E-05 E-18 E-19 F-06 F-07 the table allows what SPEC 2.2 says and nothing else",
             table_tells_the_spec),
        CASE("E-02 E-05 F-06 access in grace and to the end, not on hold", access_by_state),
        CASE("moves are recorded with their actor, and lost updates refused", moves_are_recorded),
        CASE("events keep their order, whoever writes them", events_keep_their_order),
    };
    return RUN_CASES("membership", cases);
}
