/* person: the export. SPDX-License-Identifier: Apache-2.0 */
#include "notify/person.h"

#include <string.h>

#include "account/account.h"
#include "base/calendar.h"
#include "base/id.h"
#include "db/vault.h"
#include "notify/event_rules.h"
#include "person_sql.h"

const struct names person_fates = NAMES("deleted", "emptied", "kept");

static bool ends_with(const char *name, const char *end)
{
    size_t const n = strlen(name), m = strlen(end);

    return n >= m && strcmp(name + n - m, end) == 0;
}

/* An instant, a date or a number, as the column's name says. */
static const char *number_text(struct arena *a, const char *name, int64_t value)
{
    if (!value) return "";
    if (ends_with(name, "_at")) return instant_text(value, arena_alloc(a, INSTANT_TEXT));
    if (ends_with(name, "_day")) return day_text(value, arena_alloc(a, DAY_TEXT));
    return arena_printf(a, "%lld", (long long)value);
}

/* What was said in a message; codes in it are keys, no facts of a person. */
static bool holds_facts(const struct field *f)
{
    return strcmp(f->name, "body") == 0 || strcmp(f->name, "facts") == 0;
}

static const char *value_text(struct arena *a, const struct field *f, const char *row)
{
    const void *at = row + f->offset;

    if (f->type == F_TEXT && holds_facts(f)) return event_codeless(a, *(const char *const *)at);
    if (f->type == F_TEXT) return *(const char *const *)at;
    int64_t const value = *(const int64_t *)at;
    return f->type == F_ENUM ? f->names->at[value] : number_text(a, f->name, value);
}

/* What is sealed, as it was before; '' of who was erased. */
static enum status open_facts(struct ctx *cx, int64_t account_id, void *rows, size_t n)
{
    struct person_audit_entry_row *at = rows;

    for (size_t i = 0; i < n; i++) {
        struct cell const where = {"audit_entry.sealed_facts", account_id, at[i].entry_no};

        if (!*at[i].sealed_facts) continue;
        TRY(vault_open(cx, &where, at[i].sealed_facts, &at[i].sealed_facts));
    }
    return OK;
}

static struct person_row show_row(struct arena *a, const struct shape *sh, const char *row)
{
    struct person_value *values = arena_array(a, struct person_value, sh->n_fields);
    size_t n = 0;

    for (size_t i = 0; i < sh->n_fields; i++) {
        const char *text = value_text(a, &sh->fields[i], row);

        if (*text) values[n++] = (struct person_value){sh->fields[i].name, text};
    }
    return (struct person_row){values, n};
}

static enum status show_table(struct ctx *cx, const struct person_table *t, int64_t account_id,
                              struct person_part *out)
{
    struct person_row *list;
    void *rows;
    size_t n;

    TRY(t->read(cx, account_id, &rows, &n));
    if (strcmp(t->table, "audit_entry") == 0) TRY(open_facts(cx, account_id, rows, n));
    list = arena_array(cx->arena, struct person_row, n + 1);
    for (size_t i = 0; i < n; i++)
        list[i] = show_row(cx->arena, t->row, (const char *)rows + i * t->row->size);
    *out = (struct person_part){t->table, t->about, t->fate, t->why, list, n};
    return OK;
}

enum status person_export(struct ctx *cx, const struct person_ask *in, struct person_view *out)
{
    struct person_part *parts = arena_array(cx->arena, struct person_part, person_tables.n);
    struct account account;
    TX tx = {0};

    TRY(tx_begin_kind(&tx, cx, TX_READ));
    TRY(account_get(cx, in->account_id, &account));
    if (cx->actor.role != ROLE_SYSTEM) TRY(account_refuse_locked(cx, &account));
    for (size_t i = 0; i < person_tables.n; i++)
        TRY(show_table(cx, &person_tables.at[i], in->account_id, &parts[i]));
    *out = (struct person_view){
        .member = id_text("mem", in->account_id, arena_alloc(cx->arena, ID_TEXT)),
        .made_at = instant_text(cx->now, arena_alloc(cx->arena, INSTANT_TEXT)),
        .parts = parts,
        .n = person_tables.n};
    return tx_commit(&tx);
}

static json_t *rows_json(const struct person_part *p)
{
    json_t *list = json_array();

    for (size_t i = 0; i < p->n; i++) {
        json_t *row = json_object();

        for (size_t k = 0; k < p->rows[i].n; k++)
            json_object_set_new(row, p->rows[i].values[k].name,
                                json_string(p->rows[i].values[k].value));
        json_array_append_new(list, row);
    }
    return list;
}

json_t *person_json(const struct person_view *v)
{
    json_t *parts = json_object();

    for (size_t i = 0; i < v->n; i++) {
        const struct person_part *p = &v->parts[i];

        json_object_set_new(parts, p->table,
                            json_pack("{s:s, s:s, s:s, s:o}", "about", p->about, "erasure",
                                      person_fates.at[p->erasure], "kept_because", p->kept_because,
                                      "rows", rows_json(p)));
    }
    return json_pack("{s:s, s:s, s:o}", "member", v->member, "made_at", v->made_at, "data", parts);
}
