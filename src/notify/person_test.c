/* person_test: everything about a person is exported, and nothing that tells who it was is left
 * when they are erased. SPDX-License-Identifier: Apache-2.0 */
#include "notify/person.h"

#include "base/id.h"
#include "billing/erase.h"
#include "http/op.h"
#include "payments/life_test.h"

static struct life life;

/* ---- the schema as the database has it ---- */

struct column {
    const char *of, *name; /* its table */
    int64_t text, key;     /* 1: it is text; it is of the primary key */
};
static const struct field column_fields[] = {
    TEXT(struct column, of, 0, 0, NULL),
    TEXT(struct column, name, 0, 0, NULL),
    INT(struct column, text, 0, 0, NULL),
    INT(struct column, key, 0, 0, NULL),
};
static const struct shape column_shape = SHAPE(column, column_fields);
struct nothing {
    int64_t none;
};
static const struct shape nothing_shape = {"nothing", sizeof(struct nothing), 0, NULL};

static const struct query columns_query = {
    .name = "columns",
    .sqlite = "SELECT m.name, c.name, c.type = 'TEXT', c.pk > 0 FROM sqlite_master m"
              " JOIN pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY m.name, c.cid",
    .pg = "SELECT CAST(c.table_name AS TEXT), CAST(c.column_name AS TEXT),"
          " CAST(CASE WHEN c.data_type = 'text' THEN 1 ELSE 0 END AS BIGINT),"
          " CAST(CASE WHEN EXISTS (SELECT 1 FROM information_schema.key_column_usage k"
          "  JOIN information_schema.table_constraints t"
          "  ON t.constraint_name = k.constraint_name AND t.table_schema = k.table_schema"
          "  WHERE k.table_schema = c.table_schema AND k.table_name = c.table_name"
          "  AND k.column_name = c.column_name AND t.constraint_type = 'PRIMARY KEY')"
          " THEN 1 ELSE 0 END AS BIGINT)"
          " FROM information_schema.columns c WHERE c.table_schema = current_schema()"
          " ORDER BY c.table_name, c.ordinal_position",
    .in = &nothing_shape,
    .out = &column_shape,
};

static const struct column *columns(size_t *n)
{
    struct test_db *t = &life.t;
    void *rows;

    CHECK_OK(db_rows(&t->cx, &columns_query, &(struct nothing){0}, &rows, n));
    CHECK(*n > 300);
    return rows;
}

struct finding {
    const char *where; /* the first table, in the order of the alphabet; '' */
    int64_t n;
};
static const struct field finding_fields[] = {
    TEXT(struct finding, where, 0, 0, NULL),
    INT(struct finding, n, 0, 0, NULL),
};
static const struct shape finding_shape = SHAPE(finding, finding_fields);

/* `parts`: SELECT a table's name and how many, with UNION ALL between them. */
static struct finding sum_of(const char *parts)
{
    struct test_db *t = &life.t;
    struct query *q = arena_new(&t->arena, struct query); /* is prepared once by its address */
    struct finding row;

    q->sqlite = arena_printf(&t->arena,
                             "SELECT COALESCE(MIN(CASE WHEN n > 0 THEN w END), ''),"
                             " CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM (%s) found",
                             parts);
    q->name = q->pg = q->sqlite;
    q->in = &nothing_shape;
    q->out = &finding_shape;
    CHECK_OK(db_row(&t->cx, q, &(struct nothing){0}, &DB_NO_ROW, &row));
    return row;
}

static const char *also(const char *parts, const char *table, const char *condition)
{
    return arena_printf(&life.t.arena, "%s%sSELECT '%s' AS w, COUNT(*) AS n FROM %s WHERE %s",
                        parts, *parts ? " UNION ALL " : "", table, table, condition);
}

static void run_sql(const char *sql)
{
    struct test_db *t = &life.t;

    CHECK_OK(db_script(t->db, sql, &t->err));
}

static const struct person_table *table_of(const char *name)
{
    for (size_t i = 0; i < person_tables.n; i++)
        if (strcmp(person_tables.at[i].table, name) == 0) return &person_tables.at[i];
    return NULL;
}

static bool has_word(const char *words, const char *word)
{
    size_t const n = strlen(word);

    for (const char *at = words; (at = strstr(at, word)); at += n)
        if ((at == words || at[-1] == ' ') && (at[n] == ' ' || !at[n])) return true;
    return false;
}

static const struct field *field_of(const struct person_table *t, const char *name)
{
    for (size_t i = 0; i < t->row->n_fields; i++)
        if (strcmp(t->row->fields[i].name, name) == 0) return &t->row->fields[i];
    return NULL;
}

/* ---- the table of tables ---- */

static void each_table_has_its_row(void **state)
{
    size_t n, found = 0;

    (void)state;
    life_open(&life, "2024-02-01");
    const struct column *c = columns(&n);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(c[i].name, "account_id") != 0) continue;
        if (!table_of(c[i].of)) FAIL("%s: has account_id, and no row of person_tables", c[i].of);
        found++;
    }
    CHECK(person_tables.n == found + 1); /* the lines of invoices are found by those */
    life_close(&life);
}

/* A column of text is exported, or is a hash, a token or a key; what stays has a reason. */
static void each_column_is_told(void **state)
{
    static const char *const untold = "import_hash token fingerprint code_hash input_hash answer "
                                      "wrapped_key wrapped_by chain seal claim_process";
    size_t n, words = 0, seen = 0;

    (void)state;
    life_open(&life, "2024-02-01");
    const struct column *c = columns(&n);
    for (size_t i = 0; i < n; i++) {
        const struct person_table *t = table_of(c[i].of);

        if (!t || !c[i].text) continue;
        if (!field_of(t, c[i].name) && !has_word(untold, c[i].name))
            FAIL("%s.%s is not exported", c[i].of, c[i].name);
        seen += has_word(t->kept, c[i].name);
    }
    for (size_t i = 0; i < person_tables.n; i++) {
        const struct person_table *t = &person_tables.at[i];

        for (const char *at = t->kept; *at; at += strspn(at, " "), words++) at += strcspn(at, " ");
        CHECK((t->fate == PERSON_DELETED) == !*t->why);
        CHECK(t->fate != PERSON_DELETED || !*t->kept);
    }
    CHECK(words == seen); /* each word is a column */
    life_close(&life);
}

/* ---- a person of whom every table has something ---- */

#define EMAIL   "quimby.fallow@example.com"
#define NAME    "Quimby Fallow"
#define PHONE   "+15550142"
#define NETWORK "192.0.2.177"
/* Where they are put in place of what is planted. */
#define REAL "account.email account.name contact.phone membership_event.network"

static struct actor owner(int64_t m)
{
    return (struct actor){.role = ROLE_OWNER,
                          .id = m,
                          .surface = SURFACE_WEB,
                          .proven = true,
                          .device = "Fallow's TV",
                          .network = NETWORK};
}

static enum status call(struct actor by, const char *id, json_t *in, json_t **out)
{
    struct test_db *t = &life.t;
    struct op_world const w = {
        .catalog = life.catalog, .world = &life.world, .find_member = account_number};
    CLEANUP(json_decrefp) json_t *input = in;
    const struct op *op;

    CHECK_OK(op_find(id, &op, &t->err));
    t->cx.actor = by;
    enum status const s = op_call(&t->cx, &w, op, input, out);
    t->cx.actor = (struct actor){.role = ROLE_SYSTEM};
    return s;
}

static void done(struct actor by, const char *id, json_t *in)
{
    struct test_db *t = &life.t;
    json_t *out;

    CHECK_OK(call(by, id, in, &out));
    json_decref(out);
}

static int64_t joins(void)
{
    struct test_db *t = &life.t;

    int64_t const m = life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", "tok_visa");
    run_sql(arena_printf(&t->arena,
                         "UPDATE account SET external_id = 'fallow-1', name = '%s'"
                         " WHERE account_id = %lld",
                         NAME, (long long)m));
    t->cx.call_key = "key-of-" EMAIL;
    done(owner(m), "contact.set", json_pack("{s:s, s:s}", "email", EMAIL, "phone", PHONE));
    t->cx.call_key = NULL;
    life_run(&life, "2024-03-10");
    done(owner(m), "membership.cancel", json_object());
    return m;
}

/* Of a column: a value that the row's shape can read, and where it may hold something personal one
 * that is found again. */
static const char *planted(const struct person_table *t, const struct column *c, int64_t m)
{
    struct arena *a = &life.t.arena;
    const struct field *f = field_of(t, c->name);

    if (strcmp(c->name, "account_id") == 0) return arena_printf(a, "%lld", (long long)m);
    if (f && f->type == F_ENUM) return arena_printf(a, "'%s'", f->names->at[f->names->n - 1]);
    if (c->text)
        return has_word(t->kept, c->name) ? "'kept'"
                                          : arena_printf(a, "'planted-%s-%s'", c->of, c->name);
    return c->key ? "4711" : "0";
}

static bool is_personal(const struct person_table *t, const struct column *c)
{
    const struct field *f = field_of(t, c->name);

    return c->text && !(f && f->type == F_ENUM) && !has_word(t->kept, c->name);
}

/* What is sealed is not replaced: it would not open; nor are tokens, which gateways are still to
 * forget when their person is erased. */
static void plant(const struct person_table *t, const struct column *c, size_t n, int64_t m)
{
    struct arena *a = &life.t.arena;
    const char *names = "", *values = "", *sets = "";

    for (size_t i = 0; i < n; i++) {
        if (strcmp(c[i].of, t->table) != 0) continue;
        const char *value = planted(t, &c[i], m), *comma = *names ? ", " : "";

        names = arena_printf(a, "%s%s%s", names, comma, c[i].name);
        values = arena_printf(a, "%s%s%s", values, comma, value);
        if (is_personal(t, &c[i]) && !has_word("wrapped_key token", c[i].name))
            sets = arena_printf(a, "%s%s%s = %s", sets, *sets ? ", " : "", c[i].name, value);
    }
    run_sql(arena_printf(a,
                         "INSERT INTO %s (%s) SELECT %s WHERE NOT EXISTS"
                         " (SELECT 1 FROM %s WHERE account_id = %lld)",
                         t->table, names, values, t->table, (long long)m));
    if (*sets)
        run_sql(arena_printf(a, "UPDATE %s SET %s WHERE account_id = %lld", t->table, sets,
                             (long long)m));
}

/* Real ones, and a further one for every column that could hold something. */
static void plant_everywhere(int64_t m)
{
    size_t n;
    const struct column *c = columns(&n);

    for (size_t i = 0; i < person_tables.n; i++)
        if (strcmp(person_tables.at[i].table, "invoice_line") != 0)
            plant(&person_tables.at[i], c, n, m);
    run_sql(arena_printf(&life.t.arena,
                         "UPDATE account SET email = '%s', name = '%s', external_id = 'fallow-1';"
                         "UPDATE contact SET phone = '%s'; UPDATE membership_event"
                         " SET network = '%s'; INSERT INTO throttle_try"
                         " VALUES (4711, 'gift', 'account', '%lld', 0)",
                         EMAIL, NAME, PHONE, NETWORK, (long long)m));
}

/* The rows of the whole database that hold it, in whichever column. */
static struct finding search(const char *needle)
{
    struct arena *a = &life.t.arena;
    const char *parts = "", *ors = "";
    size_t n;
    const struct column *c = columns(&n);

    for (size_t i = 0; i < n; i++) {
        bool const last = i + 1 == n || strcmp(c[i].of, c[i + 1].of) != 0;

        if (c[i].text)
            ors =
                arena_printf(a, "%s%s%s LIKE '%%%s%%'", ors, *ors ? " OR " : "", c[i].name, needle);
        if (last && *ors) parts = also(parts, c[i].of, ors);
        if (last) ors = "";
    }
    return sum_of(parts);
}

/* Rows of tables whose rows go. */
static struct finding not_deleted(int64_t m)
{
    const char *parts = "";

    for (size_t i = 0; i < person_tables.n; i++)
        if (person_tables.at[i].fate == PERSON_DELETED)
            parts = also(parts, person_tables.at[i].table,
                         arena_printf(&life.t.arena, "account_id = %lld", (long long)m));
    return sum_of(parts);
}

/* ---- told ---- */

static const json_t *part_of(const json_t *out, const char *table)
{
    const json_t *part;
    size_t i;

    json_array_foreach (json_object_get(out, "parts"), i, part)
        if (strcmp(json_string_value(json_object_get(part, "table")), table) == 0) return part;
    FAIL("%s is not told", table);
    return NULL;
}

static bool tells(const json_t *out, const char *table, const char *name, const char *needle)
{
    const json_t *row, *value;
    size_t i, k;

    json_array_foreach (json_object_get(part_of(out, table), "rows"), i, row)
        json_array_foreach (json_object_get(row, "values"), k, value)
            if (strcmp(json_string_value(json_object_get(value, "name")), name) == 0 &&
                strstr(json_string_value(json_object_get(value, "value")), needle))
                return true;
    return false;
}

static void check_told(const json_t *out)
{
    struct arena *a = &life.t.arena;
    size_t n;
    const struct column *c = columns(&n);

    CHECK(tells(out, "account", "email", EMAIL) && tells(out, "account", "name", NAME));
    CHECK(tells(out, "contact", "phone", PHONE));
    CHECK(tells(out, "membership_event", "network", NETWORK));
    CHECK(tells(out, "audit_entry", "sealed_facts", NETWORK)); /* opened */
    CHECK(tells(out, "audit_entry", "sealed_facts", EMAIL));
    CHECK(tells(out, "invoice", "issued_at", "2024-"));
    CHECK(tells(out, "invoice_line", "line_kind", "tax"));
    for (size_t i = 0; i < n; i++) {
        const struct person_table *t = table_of(c[i].of);
        const char *mark = arena_printf(a, "planted-%s-%s", c[i].of, c[i].name);
        bool const real = has_word(REAL, arena_printf(a, "%s.%s", c[i].of, c[i].name));

        if (t && !real && is_personal(t, &c[i]) && field_of(t, c[i].name))
            if (!tells(out, t->table, c[i].name, mark)) FAIL("%s is not told", mark);
    }
}

static void all_is_told(void **state)
{
    struct test_db *t = &life.t;
    json_t *out;

    (void)state;
    life_open(&life, "2024-02-01");
    int64_t const m = joins();
    plant_everywhere(m);
    CHECK_OK(call(owner(m), "account.export", json_object(), &out));
    check_told(out);
    json_decref(out);
    CHECK_OK(call((struct actor){.role = ROLE_SYSTEM}, "account.export",
                  json_pack("{s:s}", "member", "fallow-1"), &out));
    check_told(out);
    json_decref(out);
    life_close(&life);
}

static void only_they_are_told(void **state)
{
    struct test_db *t = &life.t;
    struct actor unproven;
    json_t *out;

    (void)state;
    life_open(&life, "2024-02-01");
    int64_t const m = joins();
    int64_t const other = life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", "");
    unproven = owner(m);
    unproven.proven = false;
    CHECK(call(unproven, "account.export", json_object(), &out) == E_DENIED);
    json_decref(out);
    CHECK(call((struct actor){.role = ROLE_AGENT, .id = 7}, "account.export",
               json_pack("{s:s}", "member", "fallow-1"), &out) == E_DENIED);
    json_decref(out);
    CHECK_OK(call(owner(other), "account.export", json_object(), &out));
    CHECK(!tells(out, "account", "email", EMAIL));
    json_decref(out);
    run_sql("UPDATE account SET locked_at = 1");
    CHECK(call(owner(m), "account.export", json_object(), &out) == E_DENIED ||
          t->err.fault == &ACCOUNT_LOCKED);
    json_decref(out);
    CHECK_OK(call(owner(m), "audit.list", json_object(), &out));
    CLEANUP(json_decrefp) json_t *trail = out;
    const json_t *e = json_array_get(json_object_get(trail, "items"), 0);
    CHECK(strcmp(json_string_value(json_object_get(e, "what")), "account.export") == 0);
    life_close(&life);
}

/* That they asked is written down, since whoever stole the account may have been them. */
static void asking_is_written_down(void **state)
{
    struct test_db *t = &life.t;
    json_t *out;

    (void)state;
    life_open(&life, "2024-02-01");
    int64_t const m = joins();
    done(owner(m), "account.export", json_object());
    done(owner(m), "account.export", json_object());
    CHECK_OK(call(owner(m), "audit.list", json_object(), &out));
    for (size_t i = 0; i < 2; i++) {
        const json_t *e = json_array_get(json_object_get(out, "items"), i);

        CHECK(strcmp(json_string_value(json_object_get(e, "what")), "account.export") == 0);
        CHECK(strcmp(json_string_value(json_object_get(e, "kind")), "read") == 0);
        CHECK(strcmp(json_string_value(json_object_get(e, "network")), NETWORK) == 0);
    }
    json_decref(out);
    life_close(&life);
}

/* ---- erased ---- */

static void nothing_is_left(void **state)
{
    static const char *const needles[] = {"planted-", "quimby", "Fallow", PHONE, NETWORK};
    struct test_db *t = &life.t;

    (void)state;
    life_open(&life, "2024-02-01");
    int64_t const m = joins();
    plant_everywhere(m);
    for (size_t i = 0; i < COUNT(needles); i++) CHECK(search(needles[i]).n > 0);
    CHECK(not_deleted(m).n > 0 && sum_of(also("", "method", "last4 <> ''")).n > 0);
    CHECK_OK(erase_again(&t->cx, m, t->cx.now));
    CHECK_OK(erase_messages(&t->cx, t->cx.now, t->cx.now));
    for (size_t i = 0; i < COUNT(needles); i++) {
        struct finding const f = search(needles[i]);

        if (f.n) FAIL("%s is left in %s", needles[i], f.where);
    }
    if (not_deleted(m).n) FAIL("%s: rows are left", not_deleted(m).where);
    CHECK(sum_of(also("", "method", "last4 <> '' OR expiry_month <> 0 OR token <> ''")).n == 0);
    CHECK(sum_of(also("", "throttle_try", "1 = 1")).n == 0);
    life_close(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("F-20 E-22 each table about accounts says how it is told and how erased",
             each_table_has_its_row),
        CASE("F-20 E-22 each column is told, and each that stays has a reason",
             each_column_is_told),
        CASE("F-20 a person is told everything that is kept about them", all_is_told),
        CASE("F-20 C-19 nobody else is told, and a thief neither", only_they_are_told),
        CASE("F-23 F-20 that somebody was told everything is written down", asking_is_written_down),
        CASE("E-22 F-20 of who was erased nothing is left in any column", nothing_is_left),
    };
    return RUN_CASES("person", cases);
}
