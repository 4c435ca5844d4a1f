/* op: one row per thing a client can do. The command line, docs/permissions.md and, once there is a
 * server, the router and OpenAPI are readings of these rows. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "http/op_key.h"
#include "policy/options_rules.h"

struct catalog;
struct world;

/* What ops get beside their context. Whoever calls them fills it. */
struct op_world {
    const struct catalog *catalog; /* the newest */
    const struct world *world;     /* gateways: for ask and after, never for run */
    /* Whom a reference to a member means. */
    enum status (*find_member)(struct ctx *cx, const char *member, int64_t *account_id);
    /* Somebody who was erased, whom find_member finds no more; NULL: nobody is. */
    enum status (*find_erased)(struct ctx *cx, const char *member, int64_t *account_id);
    /* Sets cx->now in the transaction that a request reads in, where others move the clock; NULL:
     * whoever calls has set it. */
    enum status (*tell_time)(struct ctx *cx);
    /* Waits after a race was lost, the longer the more tries it has been; NULL: tries again at
     * once, where nobody else is there to win. */
    void (*give_way)(int tries);
};

#define MAY(role) (1U << (role))

/* Whose account an op is about. The input names it in `member` and op_call puts the account's
 * number into `account_id`: the owner's own where `member` is left out. */
struct op_subject {
    bool is_member; /* false: the op is about no account */
    size_t member_at, account_at;
};
#define ABOUT_MEMBER(s)                                                                            \
    {                                                                                              \
        true, offsetof(s, member), offsetof(s, account_id)                                         \
    }

struct op {
    const char *id; /* "membership.cancel": operationId, CLI verb, audit verb */
    const char *method, *path;
    unsigned role; /* MAY(…) of everybody who may call it */
    const char *summary;
    const struct shape *in, *out;
    struct op_subject subject;
    const struct fault *const *faults; /* beyond those of every op; ends with NULL */
    enum option_action action;         /* what the policy calls it; none: no option of an account */
    const struct option_reason *tells; /* a refusal that the op itself answers with the way out */
    bool writes;                       /* false: runs in a transaction that cannot write */
    /* The name of texts, in the answer and in items of its lists, that are never kept: a repeated
     * call has them empty. May be NULL. */
    const char *told_once;
    bool proof; /* people on an account need a fresh proof of who they are (SPEC C-19, F-12) */
    /* Finds out what the use case must know from others, outside any transaction. May be NULL. */
    enum status (*ask)(struct ctx *cx, const struct op_world *w, void *in);
    /* The use case, in the one transaction that op_call opens and that its own join; reruns after
     * E_BUSY. What it leaves in *out must be true by itself: it is the answer to a call that is
     * repeated after `after` was cut short. */
    enum status (*run)(struct ctx *cx, const struct op_world *w, const void *in, void *out);
    /* Somebody on the account was refused by role, policy or for want of a proof: what the
     * account's owner is to learn of it, in a transaction of its own. May be NULL. */
    enum status (*refused)(struct ctx *cx, int64_t account_id, const struct fault *why);
    /* Carries out at once what was decided, outside any transaction, and tells. May be NULL. */
    enum status (*after)(struct ctx *cx, const struct op_world *w, const void *in, void *out);
};

/* Gives a typed use case the untyped signature of struct op, without casting function pointers. */
#define OP_RUN(fn, in_type, out_type)                                                              \
    static enum status run_##fn(struct ctx *cx, const struct op_world *w UNUSED, const void *in,   \
                                void *out)                                                         \
    {                                                                                              \
        const in_type *typed_in = in;                                                              \
        out_type *typed_out = out;                                                                 \
        return fn(cx, typed_in, typed_out);                                                        \
    }
/* The same for one that needs the catalog: fn(cx, catalog, in, out). */
#define OP_RUN_CATALOG(fn, in_type, out_type)                                                      \
    static enum status run_##fn(struct ctx *cx, const struct op_world *w, const void *in,          \
                                void *out)                                                         \
    {                                                                                              \
        const in_type *typed_in = in;                                                              \
        out_type *typed_out = out;                                                                 \
        return fn(cx, w->catalog, typed_in, typed_out);                                            \
    }

#define FAULTS(...)                                                                                \
    (const struct fault *const[])                                                                  \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }
/* The field of `member` in the shape of such an input. */
#define MEMBER_FIELD(s)                                                                            \
    TEXT_OPT(s, member, 1, 200, "Whose account: external id or mem_…; an owner may leave it out.")

struct ops {
    size_t n;
    const struct op *at;
};
/* The ops of every noun: a new table is one line here. */
/* clang-format off */
#define OP_TABLES(X) \
    X(banner_ops) \
    X(begin_ops) \
    X(cancel_ops) \
    X(cancel_form_ops) \
    X(charge_ops) \
    X(check_ops) \
    X(contact_ops) \
    X(dispute_ops) \
    X(erase_ops) \
    X(gift_ops) \
    X(guide_ops) \
    X(key_ops) \
    X(leave_ops) \
    X(lock_ops) \
    X(match_ops) \
    X(membership_ops) \
    X(message_ops) \
    X(method_ops) \
    X(pair_ops) \
    X(partner_ops) \
    X(pause_ops) \
    X(person_ops) \
    X(plan_ops) \
    X(policy_ops) \
    X(preview_ops) \
    X(price_ops) \
    X(purchase_ops) \
    X(receipt_ops) \
    X(remedy_ops) \
    X(settlement_ops) \
    X(takeover_ops) \
    X(trail_ops) \
    X(viewing_ops) \
    X(webhook_ops) \
    X(work_ops)
#define OP_TABLE_DECLARED(table) extern const struct ops table;
OP_TABLES(OP_TABLE_DECLARED)
/* clang-format on */
extern const struct ops *const op_tables[]; /* ends with NULL */

extern const struct fault OP_UNKNOWN, OP_NOT_ALLOWED, OP_NOT_YOURS, OP_MEMBER_MISSING,
    OP_PROOF_NEEDED;

/* Faults: OP_UNKNOWN. */
enum status op_find(const char *id, const struct op **out, struct error *e) MUST_CHECK;

/* What the policy is asked when cx->actor calls an op about an account (0: about none); of the
 * facts only those of the set `wanted` need be looked up. It is where they are known, as the tables
 * of ops are: billing/facts.c. */
enum status facts_of(struct ctx *cx, const struct catalog *c, int64_t account_id, unsigned wanted,
                     struct option_case *out) MUST_CHECK;

/* Runs an op as cx->actor. *out, which the caller owns, is its answer or {"error": {code, message,
 * field}}. People on an account reach that account only, and learn nothing of others. Card numbers
 * are refused in any input and never echoed (SPEC C-18). Where the op is an option of an account,
 * the policy is asked before the use case, and its reason is the fault.
 *
 * An op that writes keeps its answer under cx->call_key in the transaction of its effect: there
 * is either both or neither, so that the same call under the same key, whatever became of its first
 * answer, has no second effect and is answered the same. A refused call keeps nothing and may be
 * tried again. Where `after` goes on with what was decided, the answer kept is the final one as
 * soon as there is one, and until then the same call is refused elsewhere. Ops that only read
 * ignore keys.
 *
 * Every change is written into the audit in the transaction of its effect; every look of staff, or
 * of anybody in another's name, before it is answered; every refusal to change something for want
 * of rights or by a limit, in a transaction of its own (SPEC F-23, U-15, X-09).
 *
 * Faults beside the op's own: OP_NOT_ALLOWED, OP_NOT_YOURS, OP_MEMBER_MISSING, OP_PROOF_NEEDED,
 * OP_KEY_INVALID, OP_KEY_REUSED, OP_KEY_RUNNING, INPUT_CARD_NUMBER, those of shape_read. */
enum status op_call(struct ctx *cx, const struct op_world *w, const struct op *op, const json_t *in,
                    json_t **out) MUST_CHECK;
/* The same, answered as text in the arena; a refusal is in cx->err only. */
struct op_text {
    const char *text; /* JSON on one line */
    const char *next; /* of an answer that is a page: where the next begins; may be NULL */
};
enum status op_call_text(struct ctx *cx, const struct op_world *w, const struct op *op,
                         const json_t *in, struct op_text *out) MUST_CHECK;
/* Whoever has a TX_READ open while it calls an op ends it and then calls this, before anybody sees
 * the answer: it writes down what had to wait for that. Not OK: there is no answer to see. */
enum status op_record(struct ctx *cx) MUST_CHECK;

/* Told of every call's outcome, so that the tests can hold it against the description of the API;
 * NULL stops it. The answer is NULL where the call was refused, and then e says why. */
void op_watch(void (*watch)(const struct op *op, const json_t *answer, const struct error *e));

/* Whoever acts on an account of theirs: the owner and whom the owner lets in. */
bool actor_is_of_account(enum role r);

/* The HTTP status of an answer's class. */
int op_http_status(enum status s);
