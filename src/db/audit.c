/* audit: adds entries. SPDX-License-Identifier: Apache-2.0 */
#include "db/audit.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "db/driver.h"
#include "db/secret.h"

const struct names audit_kinds = NAMES("change", "read", "refused");
const char AUDIT_KEY[] = "audit_chain";

/* Each part with its length before it, so that no two entries have the same bytes. */
static void add_text(crypto_generichash_state *s, const char *text)
{
    unsigned char length[8];
    size_t const n = strlen(text);

    for (size_t i = 0; i < sizeof length; i++) length[i] = (unsigned char)(n >> 8 * i);
    crypto_generichash_update(s, length, sizeof length);
    crypto_generichash_update(s, (const unsigned char *)text, n);
}

static void add_int(crypto_generichash_state *s, int64_t v)
{
    char text[24];

    snprintf(text, sizeof text, "%lld", (long long)v);
    add_text(s, text);
}

void audit_chain(const struct key *k, const char *before, const struct audit_entry *e,
                 char to[static AUDIT_CHAIN])
{
    unsigned char hash[AUDIT_CHAIN / 2];
    crypto_generichash_state s;

    crypto_generichash_init(&s, k->at, sizeof k->at, sizeof hash);
    add_text(&s, before);
    add_int(&s, e->account_id);
    add_int(&s, e->entry_no);
    add_int(&s, e->happened_at);
    add_text(&s, audit_kinds.at[e->audit_kind]);
    add_text(&s, e->audit_what);
    add_text(&s, roles.at[e->actor_role]);
    add_int(&s, e->actor_id);
    add_text(&s, e->sealed_facts);
    crypto_generichash_final(&s, hash, sizeof hash);
    sodium_bin2hex(to, AUDIT_CHAIN, hash, sizeof hash);
}

void audit_seal(const struct key *k, const struct audit_head_row *h, char to[static AUDIT_CHAIN])
{
    unsigned char hash[AUDIT_CHAIN / 2];
    crypto_generichash_state s;

    crypto_generichash_init(&s, k->at, sizeof k->at, sizeof hash);
    add_text(&s, "end");
    add_int(&s, h->account_id);
    add_int(&s, h->entry_no);
    add_text(&s, h->chain);
    add_int(&s, h->unsigned_no);
    crypto_generichash_final(&s, hash, sizeof hash);
    sodium_bin2hex(to, AUDIT_CHAIN, hash, sizeof hash);
}

static void set(json_t *o, const char *name, const char *text)
{
    if (text && *text) json_object_set_new(o, name, json_string(text));
}

static json_t *via(const struct ctx *cx)
{
    char id[ID_TEXT];

    if (cx->actor.via == VIA_COMMAND_LINE) return json_string("command line");
    return json_string(id_text("key", cx->actor.via, id));
}

static enum status seal_facts(struct ctx *cx, struct audit_entry *e, json_t *facts)
{
    struct cell const where = {"audit_entry.sealed_facts", e->account_id, e->entry_no};

    set(facts, "surface", cx->actor.surface ? surfaces.at[cx->actor.surface] : NULL);
    set(facts, "device", cx->actor.device);
    set(facts, "network", cx->actor.network);
    if (cx->actor.via) json_object_set_new(facts, "via", via(cx));
    set(facts, "request", cx->request_id);
    if (cx->actor.proven) json_object_set_new(facts, "proven", json_true());
    return vault_seal(cx, &where, json_text(cx->arena, facts, JSON_PRESERVE_ORDER),
                      &e->sealed_facts);
}

/* The head goes first: of two at once one finds it moved, and reruns. An end that is not as it was
 * written stays so: what is added to it makes it no better. */
static enum status move_head(struct ctx *cx, const struct key *k, const struct audit_entry *e,
                             const struct audit_head_row *before)
{
    struct audit_head_row h = {.account_id = e->account_id,
                               .entry_no = e->entry_no,
                               .chain = e->chain,
                               .unsigned_no = before && before->unsigned_no ? before->unsigned_no
                                                                            : e->entry_no};
    char seal[AUDIT_CHAIN], was[AUDIT_CHAIN];
    int64_t changed;

    audit_seal(k, &h, seal);
    h.seal = seal;
    if (before) audit_seal(k, before, was);
    if (before && strcmp(was, before->seal) != 0) h.seal = before->seal;
    if (!before)
        TRY(audit_head_add(cx, &changed, .account_id = h.account_id, .entry_no = h.entry_no,
                           .chain = h.chain, .unsigned_no = h.unsigned_no, .seal = h.seal));
    else
        TRY(audit_head_move(cx, &changed, .entry_no = h.entry_no, .chain = h.chain,
                            .unsigned_no = h.unsigned_no, .seal = h.seal,
                            .account_id = h.account_id, .seen_no = before->entry_no,
                            .seen_unsigned = before->unsigned_no));
    return changed == 1 ? OK : fail(cx->err, &DB_RACE, NULL);
}

static enum status add(struct ctx *cx, const struct audit_note *n, json_t *facts)
{
    char chain[AUDIT_CHAIN];
    struct audit_head_row *head;
    size_t found;
    WIPED_KEY k;

    TRY(secret_key_of(cx, AUDIT_KEY, &k));
    TRY(audit_head_by_account(cx, &head, &found, .account_id = n->account_id, .max = 1));
    struct audit_entry e = {.account_id = n->account_id,
                            .entry_no = found ? head->entry_no + 1 : 1,
                            .happened_at = cx->now,
                            .audit_kind = n->kind,
                            .audit_what = n->what,
                            .actor_role = cx->actor.role,
                            .actor_id = cx->actor.id};
    TRY(seal_facts(cx, &e, facts));
    audit_chain(&k, found ? head->chain : "", &e, chain);
    e.chain = chain;
    TRY(move_head(cx, &k, &e, found ? head : NULL));
    return audit_entry_add(cx, NULL, .account_id = e.account_id, .entry_no = e.entry_no,
                           .happened_at = e.happened_at, .audit_kind = e.audit_kind,
                           .audit_what = e.audit_what, .actor_role = e.actor_role,
                           .actor_id = e.actor_id, .sealed_facts = e.sealed_facts, .chain = chain);
}

enum status audit_add(struct ctx *cx, const struct audit_note *n, json_t *facts)
{
    CLEANUP(json_decrefp) json_t *owned = facts;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(add(cx, n, owned));
    return tx_commit(&tx);
}

static uint64_t hash_of(const struct ctx *cx, const struct audit_note *n)
{
    struct actor const *a = &cx->actor;
    uint64_t const parts[] = {(uint64_t)n->account_id, (uint64_t)n->what, n->kind,
                              (uint64_t)a->role,       (uint64_t)a->id,   (uint64_t)a->via};
    static unsigned char key[crypto_shorthash_KEYBYTES]; /* which places meet is no secret */
    uint64_t hash;

    crypto_shorthash((unsigned char *)&hash, (const unsigned char *)parts, sizeof parts, key);
    return hash;
}

bool audit_looked(struct ctx *cx, const struct audit_note *n, int64_t within_ms)
{
    uint64_t const who = hash_of(cx, n);
    const struct look *l = &cx->db->looks[who % LOOKS];

    return l->who == who && cx->now >= l->at && cx->now < l->at + within_ms;
}

void audit_look_kept(struct ctx *cx, const struct audit_note *n)
{
    uint64_t const who = hash_of(cx, n);

    cx->db->looks[who % LOOKS] = (struct look){who, cx->now};
}
