/* trail: opens entries of the audit. SPDX-License-Identifier: Apache-2.0 */
#include "account/trail.h"

#include "base/calendar.h"
#include "base/id.h"

const struct fault TRAIL_PAGE = {E_INVALID, "audit.page",
                                 "That is no page of this list; take `next` of the page before."};

enum { PAGE = 50 };

static const char *part(struct ctx *cx, const json_t *facts, const char *name)
{
    const json_t *v = json_object_get(facts, name);

    if (!v) return "";
    return json_is_string(v) ? arena_strdup(cx->arena, json_string_value(v))
                             : json_text(cx->arena, v, JSON_PRESERVE_ORDER);
}

static const char *who(struct ctx *cx, const struct audit_entry *e)
{
    if (e->actor_role != ROLE_AGENT) return roles.at[e->actor_role];
    return arena_printf(cx->arena, "agent:%lld", (long long)e->actor_id);
}

/* Of an erased person only what stands open is left. */
static enum status open_facts(struct ctx *cx, const struct audit_entry *e, json_t **facts)
{
    struct cell const where = {"audit_entry.sealed_facts", e->account_id, e->entry_no};
    const char *text = "{}";
    enum status const s = *e->sealed_facts ? vault_open(cx, &where, e->sealed_facts, &text) : OK;

    if (s != OK && cx->err->fault != &VAULT_DESTROYED) return s;
    *facts = json_loads(s == OK ? text : "{}", 0, NULL);
    return *facts ? OK : failf(cx->err, &VAULT_TAMPERED, "entry %lld", (long long)e->entry_no);
}

static enum status view(struct ctx *cx, const struct audit_entry *e, struct trail_entry *out)
{
    CLEANUP(json_decrefp) json_t *facts = NULL;

    TRY(open_facts(cx, e, &facts));
    *out = (struct trail_entry){
        .entry = arena_printf(cx->arena, "%lld", (long long)e->entry_no),
        .at = instant_text(e->happened_at, arena_alloc(cx->arena, INSTANT_TEXT)),
        .kind = e->audit_kind,
        .what = e->audit_what,
        .by = who(cx, e),
        .surface = part(cx, facts, "surface"),
        .device = part(cx, facts, "device"),
        .network = part(cx, facts, "network"),
        .via = part(cx, facts, "via"),
        .request = part(cx, facts, "request"),
        .fault = part(cx, facts, "fault"),
        .proven = json_is_true(json_object_get(facts, "proven")),
        .asked = part(cx, facts, "in"),
        .answered = part(cx, facts, "out")};
    return OK;
}

enum status trail_list(struct ctx *cx, const struct trail_list *in, struct trail_view *out)
{
    int64_t const max = (in->limit ? in->limit : PAGE) + 1;
    int64_t before = INT64_MAX;
    struct audit_entry *rows;
    size_t n;

    if (in->before && (!int_parse(in->before, &before) || before < 1))
        return fail(cx->err, &TRAIL_PAGE, "before");
    TRY(audit_entries_before(cx, &rows, &n, .account_id = in->account_id, .before = before,
                             .max = max));
    bool const more = (int64_t)n == max;
    n -= more;
    struct trail_entry *items = arena_array(cx->arena, struct trail_entry, n + 1);
    for (size_t i = 0; i < n; i++) TRY(view(cx, &rows[i], &items[i]));
    *out = (struct trail_view){items, n, more ? items[n - 1].entry : ""};
    return OK;
}
