/* audit_check: the walk over entries, ends and signed heads. SPDX-License-Identifier: Apache-2.0 */
#include "db/audit_check.h"

#include <string.h>

#include "db/secret.h"

const struct names audit_defects =
    NAMES("entry_changed", "entry_missing", "entries_cut_off", "head_wrong", "sign_missing",
          "sign_changed", "signed_changed", "kept_missing", "signs_cut_off");

static void find(struct audit_check *c, struct audit_finding f)
{
    if (c->findings < AUDIT_FINDINGS) c->found[c->findings] = f;
    c->findings++;
}

static void check_entry(struct audit_check *c, const struct key *k, const struct audit_walk_row *r)
{
    struct audit_finding f = {.account_id = r->account_id, .entry_no = r->entry_no};
    struct audit_entry const e = {.account_id = r->account_id,
                                  .entry_no = r->entry_no,
                                  .happened_at = r->happened_at,
                                  .audit_kind = r->audit_kind,
                                  .audit_what = r->audit_what,
                                  .actor_role = r->actor_role,
                                  .actor_id = r->actor_id,
                                  .sealed_facts = r->sealed_facts};
    bool const first = r->entry_no == 1, follows = first || *r->before_chain;
    char chain[AUDIT_CHAIN];

    if (!follows) find(c, (f.defect = AUDIT_ENTRY_MISSING, f));
    audit_chain(k, first ? "" : r->before_chain, &e, chain);
    if (follows && strcmp(chain, r->chain) != 0) find(c, (f.defect = AUDIT_ENTRY_CHANGED, f));
    if (r->entry_no > r->head_no) find(c, (f.defect = AUDIT_HEAD_WRONG, f));
}

static enum status walk_entries(struct ctx *cx, struct audit_check *c)
{
    enum { STEP = 1000 };
    struct audit_walk_row row;
    bool more;
    WIPED_KEY k;
    enum status const s = secret_key_kept(cx, AUDIT_KEY, &k);

    if (s != OK && s != E_NOT_FOUND) return s; /* without one no entry's chain is right */
    SCAN scan = {0};
    TRY(audit_walk_entries(cx, &scan, .only_account = c->only_account, .from_at = c->from_at));
    for (;;) {
        TRY(db_scan_next(&scan, &row, &more));
        if (!more) return OK;
        check_entry(c, &k, &row);
        if (++c->entries % STEP == 0 && c->step) c->step(c->step_arg, c->entries);
    }
}

static void check_head(struct audit_check *c, const struct key *k, const struct audit_walk_head *r)
{
    struct audit_finding f = {.account_id = r->account_id, .entry_no = r->entry_no};
    struct audit_head_row const h = {.account_id = r->account_id,
                                     .entry_no = r->entry_no,
                                     .chain = r->chain,
                                     .unsigned_no = r->unsigned_no};
    char seal[AUDIT_CHAIN];

    audit_seal(k, &h, seal);
    c->was_signed |= r->unsigned_no != 1;
    if (!*r->entry_chain)
        find(c, (f.defect = AUDIT_ENTRIES_CUT_OFF, f));
    else if (strcmp(r->entry_chain, r->chain) != 0 || strcmp(r->seal, seal) != 0)
        find(c, (f.defect = AUDIT_HEAD_WRONG, f));
}

static enum status walk_heads(struct ctx *cx, struct audit_check *c)
{
    struct audit_walk_head row;
    WIPED_KEY k;
    enum status const s = secret_key_kept(cx, AUDIT_KEY, &k);
    bool more;

    if (s != OK && s != E_NOT_FOUND) return s;
    SCAN scan = {0};
    TRY(audit_walk_heads(cx, &scan, .only_account = c->only_account));
    for (;;) {
        TRY(db_scan_next(&scan, &row, &more));
        if (!more) return OK;
        check_head(c, &k, &row);
    }
}

/* ---- signed heads ---- */

static void check_sign(struct audit_check *c, const char *public_key,
                       const struct audit_walk_sign *r, const struct audit_walk_sign_head *heads,
                       size_t n)
{
    struct audit_sign const s = {
        .sign_no = r->sign_no, .signed_at = r->signed_at, .heads = r->heads};
    struct audit_finding f = {.sign_no = r->sign_no};
    bool const first = r->sign_no == 1, follows = first || *r->before_digest;
    char digest[AUDIT_DIGEST];

    if (!follows) find(c, (f.defect = AUDIT_SIGN_MISSING, f));
    audit_sign_digest(first ? "" : r->before_digest, &s, heads, n, digest);
    if (follows && (strcmp(digest, r->digest) != 0 || (int64_t)n != r->heads ||
                    !audit_sign_good(public_key, r->digest, r->signature)))
        find(c, (f.defect = AUDIT_SIGN_CHANGED, f));
    for (size_t i = 0; i < n; i++) {
        if (strcmp(heads[i].chain, heads[i].entry_chain) == 0) continue;
        find(c, (struct audit_finding){.defect = AUDIT_SIGNED_CHANGED,
                                       .account_id = heads[i].account_id,
                                       .entry_no = heads[i].entry_no,
                                       .sign_no = r->sign_no});
    }
}

static enum status check_sign_row(struct ctx *cx, struct audit_check *c, const char *public_key,
                                  const struct audit_walk_sign *r)
{
    struct audit_walk_sign_head *heads;
    struct arena some = {0}, *outer = cx->arena;
    size_t n;

    cx->arena = &some;
    enum status const s =
        audit_walk_sign_heads(cx, &heads, &n, .sign_no = r->sign_no, .max = AUDIT_SIGN_HEADS + 1);
    cx->arena = outer;
    if (s == OK) check_sign(c, public_key, r, heads, n);
    arena_clear(&some);
    return s;
}

/* While a scan is open on PostgreSQL nothing else runs: the rows, which are few, come first. */
static enum status walk_signs(struct ctx *cx, struct audit_check *c)
{
    char public_key[AUDIT_PUBLIC];
    struct audit_walk_sign *rows;
    size_t n;

    TRY(audit_sign_public(cx, public_key));
    for (int64_t after = 0;;) {
        TRY(audit_walk_signs(cx, &rows, &n, .from_at = c->from_at, .after = after, .max = 1000));
        if (n == 0) break;
        for (size_t i = 0; i < n; i++, c->signs++) TRY(check_sign_row(cx, c, public_key, &rows[i]));
        after = rows[n - 1].sign_no;
    }
    return OK;
}

/* Whoever has signed has left an end, which is of the newest that is here. */
static enum status check_sign_end(struct ctx *cx, struct audit_check *c)
{
    struct audit_sign_end *end;
    struct audit_sign *last;
    char seal[AUDIT_CHAIN] = "", public_key[AUDIT_PUBLIC];
    size_t n, n_last;
    WIPED_KEY k;
    enum status const s = secret_key_kept(cx, AUDIT_KEY, &k);

    if (s != OK && s != E_NOT_FOUND) return s;
    TRY(audit_sign_public(cx, public_key));
    TRY(audit_sign_end_of(cx, &end, &n, .end_no = AUDIT_SIGN_END, .max = 1));
    TRY(audit_sign_newest(cx, &last, &n_last, .max = 1));
    if (!n && !n_last && !*public_key && !c->was_signed) return OK;
    if (n_last) audit_sign_seal(&k, last, seal);
    if (n && n_last && end->sign_no == last->sign_no && strcmp(end->seal, seal) == 0) return OK;
    int64_t const last_no = n_last ? last->sign_no : 1;
    find(c, (struct audit_finding){.defect = AUDIT_SIGNS_CUT_OFF,
                                   .sign_no = n ? end->sign_no : last_no});
    return OK;
}

/* The one that was kept proves itself by its signature; here it must still be what it was. */
static enum status check_kept(struct ctx *cx, struct audit_check *c)
{
    const struct audit_kept *k = c->kept;
    struct audit_sign *rows;
    size_t n;

    TRY(audit_sign_by_no(cx, &rows, &n, .sign_no = k->sign_no, .max = 1));
    if (n && strcmp(rows->digest, k->digest) == 0 &&
        audit_sign_good(k->public_key, k->digest, k->signature))
        return OK;
    find(c, (struct audit_finding){.defect = AUDIT_KEPT_MISSING, .sign_no = k->sign_no});
    return OK;
}

enum status audit_walk(struct ctx *cx, struct audit_check *c)
{
    TX tx = {0};

    TRY(tx_begin_kind(&tx, cx, TX_READ));
    TRY(walk_entries(cx, c));
    TRY(walk_heads(cx, c));
    if (c->only_account == AUDIT_ALL) TRY(walk_signs(cx, c));
    if (c->only_account == AUDIT_ALL) TRY(check_sign_end(cx, c));
    if (c->kept) TRY(check_kept(cx, c));
    return tx_commit(&tx);
}
