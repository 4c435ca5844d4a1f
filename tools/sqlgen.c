/* sqlgen: compiles one .sql file of named queries into C.
 *
 *     sqlgen OUT_BASE QUERIES.sql MIGRATION.sql...
 *
 * It applies the migrations to an empty in-memory SQLite database and prepares every query against
 * it, so a misspelt column is a build error with a file and a line. Types come from the schema: a
 * parameter or result named like a column has that column's type. Anything else must be declared in
 * the query's header. The header of a query is
 *
 *     -- NAME :one|:many|:scan|:exec|:bulk [ROW]   ROW names the result struct; queries may share
 * it
 *     -- :PARAM int|text                           only for names that are no columns
 *
 * and the query ends with the next line that ends in ';'. Calls take named arguments:
 * plan_by_id(cx, &plan, &PLAN_UNKNOWN, .id = id). A :bulk query is one INSERT … VALUES, UPDATE …
 * WHERE or DELETE … WHERE that runs once per row of an array: a prepared loop on SQLite, one
 * statement over unnested arrays on PostgreSQL, or a COPY of many rows where the INSERT's values
 * are parameters and constants and nothing else follows.
 *
 * `-- enum COLUMN SYMBOL` in a migration (or at the top of the file) spells COLUMN with the `struct
 * names` SYMBOL.
 * SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 512, WORD_MAX = 64, SQL_MAX = 1 << 14, FILE_MAX = 1 << 20 };

struct name {
    char text[WORD_MAX];
    int is_text;
    char names[WORD_MAX]; /* the struct names of an enum column */
};
struct list {
    struct name at[NAMES_MAX];
    int n;
};

/* The query being read. */
struct source {
    char name[WORD_MAX], kind[8], row[WORD_MAX];
    struct list declared;
    char sql[SQL_MAX];
};

static const char *path;
static int line;
static sqlite3 *db;
static struct list columns, rows_done;
static FILE *header, *code;

static void die(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));
static void die(const char *fmt, ...)
{
    va_list ap;

    fprintf(stderr, "%s:%d: ", path, line);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    exit(1);
}

static int find(const struct list *l, const char *s)
{
    for (int i = 0; i < l->n; i++)
        if (strcmp(l->at[i].text, s) == 0) return i;
    return -1;
}

static void add(struct list *l, const char *s, int is_text)
{
    int const i = find(l, s);

    if (i >= 0 && l->at[i].is_text != is_text) die("'%s' has two different types", s);
    if (i >= 0) return;
    if (l->n == NAMES_MAX || strlen(s) >= WORD_MAX) die("too many or too long names");
    snprintf(l->at[l->n].text, WORD_MAX, "%s", s);
    l->at[l->n++].is_text = is_text;
}

static int type_of(const struct list *declared, const char *s)
{
    int i = find(declared, s);

    if (i >= 0) return declared->at[i].is_text;
    if ((i = find(&columns, s)) < 0)
        die("'%s' is no column; declare it with -- :%s int|text", s, s);
    return columns.at[i].is_text;
}

static char *slurp(const char *name)
{
    FILE *f = fopen(name, "rb");
    char *s = malloc(FILE_MAX);

    path = name;
    if (!f || !s) die("cannot read");
    size_t const n = fread(s, 1, FILE_MAX - 1, f);
    if (n == FILE_MAX - 1) die("too long");
    s[n] = 0;
    fclose(f);
    return s;
}

static int on_column(void *unused, int n, char **v, char **names)
{
    int const is_text = strcmp(v[2], "TEXT") == 0;

    (void)unused, (void)n, (void)names;
    if (!is_text && strcmp(v[2], "INTEGER") != 0) die("%s.%s: use INTEGER or TEXT", v[0], v[1]);
    if (v[3][0] == '0') die("%s.%s: columns must be NOT NULL", v[0], v[1]);
    add(&columns, v[1], is_text);
    return 0;
}

enum dialect { SQLITE, PG, PG_BULK };

static char *put_param(char *to, enum dialect d, const char *name, int number)
{
    switch (d) {
    case SQLITE: return to + sprintf(to, "?%d", number);
    case PG: return to + sprintf(to, "$%d", number);
    case PG_BULK: return to + sprintf(to, "u.p_%s", name);
    }
    return to;
}

/* Copies the query with each :name in the dialect's spelling, and collects the names in order.
 * White space becomes single blanks. */
static void translate(const struct source *s, enum dialect d, struct list *params, char *to)
{
    int quoted = 0;

    for (const char *p = s->sql; *p;) {
        if (*p == '\'') quoted = !quoted;
        if (!quoted && *p == ':' && (isalpha((unsigned char)p[1]) || p[1] == '_')) {
            char name[WORD_MAX] = "";
            size_t n = 0;

            for (p++; isalnum((unsigned char)*p) || *p == '_'; p++)
                if (n < sizeof name - 1) name[n++] = *p;
            add(params, name, type_of(&s->declared, name));
            to = put_param(to, d, name, find(params, name) + 1);
        } else if (!quoted && isspace((unsigned char)*p)) {
            while (isspace((unsigned char)*p)) p++;
            *to++ = ' ';
        } else {
            *to++ = *p++;
        }
    }
    *to = 0;
}

/* "unnest($1::bigint[], …) AS u(p_a, …)" */
static void put_unnest(char *to, const struct list *params)
{
    to += sprintf(to, "unnest(");
    for (int i = 0; i < params->n; i++)
        to += sprintf(to, "%s$%d::%s[]", i ? ", " : "", i + 1,
                      params->at[i].is_text ? "text" : "bigint");
    to += sprintf(to, ") AS u(");
    for (int i = 0; i < params->n; i++)
        to += sprintf(to, "%sp_%s", i ? ", " : "", params->at[i].text);
    sprintf(to, ")");
}

static const char *closing(const char *open)
{
    int depth = 0;

    for (const char *p = open; *p; p++) {
        if (*p == '(') depth++;
        if (*p == ')' && --depth == 0) return p;
    }
    die("unbalanced parentheses");
}

/* Rewrites one statement about one row into one statement about arrays of rows. */
static void bulk_text(const struct source *s, char *to)
{
    static char one[SQL_MAX * 2], unnest[SQL_MAX];
    static struct list params;
    char *at;

    params.n = 0;
    translate(s, PG_BULK, &params, one);
    put_unnest(unnest, &params);
    if ((at = strstr(one, " VALUES (")) && strncmp(one, "INSERT ", 7) == 0) {
        const char *open = at + 8, *end = closing(open);

        sprintf(to, "%.*s SELECT %.*s FROM %s%s", (int)(at - one), one, (int)(end - open - 1),
                open + 1, unnest, end + 1);
    } else if ((at = strstr(one, " WHERE ")) && strncmp(one, "UPDATE ", 7) == 0) {
        sprintf(to, "%.*s FROM %s%s", (int)(at - one), one, unnest, at);
    } else if ((at = strstr(one, " WHERE ")) && strncmp(one, "DELETE ", 7) == 0) {
        sprintf(to, "%.*s USING %s%s", (int)(at - one), one, unnest, at);
    } else {
        die("%s: :bulk needs INSERT … VALUES (…), UPDATE … WHERE or DELETE … WHERE", s->name);
    }
}

/* One item of VALUES: ?N, a text without quotes inside, or a whole number. */
static int put_copied(const char *item, size_t n)
{
    int param;

    if (sscanf(item, "?%d", &param) == 1) return fprintf(code, "    {%d, NULL, 0},\n", param - 1);
    if (n > 1 && item[0] == '\'' && memchr(item + 1, '\'', n - 1) == item + n - 1)
        return fprintf(code, "    {-1, \"%.*s\", 0},\n", (int)n - 2, item + 1);
    if (n && strspn(item, "-0123456789") >= n)
        return fprintf(code, "    {-1, NULL, %.*s},\n", (int)n, item);
    return 0;
}

/* The column list for COPY and, in the generated code, where each column's value comes from; false
 * when the statement is more than an INSERT of parameters and constants. */
static int copy_text(const struct source *s, const char *lite, char *to)
{
    const char *at = strstr(lite, " VALUES ("), *end = at ? closing(at + 8) : NULL;
    static const char start[] = "INSERT INTO ";
    char *begun;
    size_t size;

    if (!end || end[1] || strncmp(lite, start, strlen(start)) != 0) return 0;
    FILE *whole = code;
    code = open_memstream(&begun, &size);
    int good = code != NULL;
    for (const char *p = at + 9; good && p < end;) {
        size_t const n = strcspn(p, ",)");
        good = put_copied(p, n) > 0;
        p += n + (p[n] == ',' ? 2 : 0);
    }
    fclose(code);
    code = whole;
    if (good) fprintf(code, "static const struct copied %s_copied[] = {\n%s};\n", s->name, begun);
    free(begun);
    sprintf(to, "COPY %.*s FROM STDIN (FORMAT binary)", (int)(at - lite - strlen(start)),
            lite + strlen(start));
    return good;
}

static int column_names(const struct name *f)
{
    int const e = find(&columns, f->text);
    return e >= 0 && columns.at[e].names[0] ? e : -1;
}

static void emit_field(const char *shape, const struct name *f)
{
    int const e = column_names(f);

    if (e >= 0)
        fprintf(code, "    ENUM(struct %s, %s, %s, NULL),\n", shape, f->text, columns.at[e].names);
    else
        fprintf(code, "    %s(struct %s, %s, 0, 0, NULL),\n", f->is_text ? "TEXT" : "INT", shape,
                f->text);
}

static void emit_shape(const char *name, const struct list *l)
{
    fprintf(header, "struct %s {\n", name);
    for (int i = 0; i < l->n; i++)
        fprintf(header, "    %s%s;\n",
                l->at[i].is_text && column_names(&l->at[i]) < 0 ? "const char *" : "int64_t ",
                l->at[i].text);
    if (!l->n) fprintf(header, "    char none;\n");
    fprintf(header, "};\nextern const struct shape %s_shape;\n", name);
    if (l->n) {
        fprintf(code, "static const struct field %s_fields[] = {\n", name);
        for (int i = 0; i < l->n; i++) emit_field(name, &l->at[i]);
        fprintf(code, "};\n");
    }
    fprintf(code, "const struct shape %s_shape = {\"%s\", sizeof(struct %s), %d, %s%s};\n", name,
            name, name, l->n, l->n ? name : "NULL", l->n ? "_fields" : "");
}

/* How a query looks to its callers: its results, and the function of db.h that is its body. */
static void emit_function(const struct source *s, const char *parameters, const char *pass,
                          const char *function)
{
    for (int i = 0; i < 2; i++)
        fprintf(i ? code : header,
                "enum status q_%s(struct ctx *cx, const struct %s_in *in, %s)%s\n", s->name,
                s->name, parameters, i ? "" : " MUST_CHECK;");
    fprintf(code, "{\n    return %s(cx, &%s_query, in, ", function, s->name);
    if (strcmp(s->kind, ":one") == 0)
        fprintf(code, "missing, out);\n}\n\n");
    else if (strcmp(s->kind, ":many") == 0)
        fprintf(code, "(void **)out, n);\n}\n\n");
    else
        fprintf(code, "%s);\n}\n\n", pass);
    fprintf(header,
            "#define %s(cx, %s, ...) \\\n    q_%s(cx, &(struct %s_in){__VA_ARGS__}, %s)\n\n",
            s->name, pass, s->name, s->name, pass);
}

static void emit_bulk_function(const struct source *s)
{
    for (int i = 0; i < 2; i++)
        fprintf(i ? code : header,
                "enum status %s(struct ctx *cx, const struct %s_in *rows, size_t n, "
                "int64_t *changed)%s\n",
                s->name, s->name, i ? "" : " MUST_CHECK;\n");
    fprintf(code, "{\n    return db_bulk(cx, &%s_query, rows, n, changed);\n}\n\n", s->name);
}

static void emit_call(const struct source *s)
{
    char parameters[256];

    if (strcmp(s->kind, ":bulk") == 0) {
        emit_bulk_function(s);
    } else if (strcmp(s->kind, ":one") == 0) {
        snprintf(parameters, sizeof parameters, "struct %s *out, const struct fault *missing",
                 s->row);
        emit_function(s, parameters, "out, missing", "db_row");
    } else if (strcmp(s->kind, ":many") == 0) {
        snprintf(parameters, sizeof parameters, "struct %s **out, size_t *n", s->row);
        emit_function(s, parameters, "out, n", "db_rows");
    } else if (strcmp(s->kind, ":scan") == 0) {
        emit_function(s, "struct db_scan *out", "out", "db_scan_begin");
    } else {
        emit_function(s, "int64_t *changed", "changed", "db_exec");
    }
}

static void put_text(const char *text)
{
    fprintf(code, "\n    \"");
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') fputc('\\', code);
        fputc(*text, code);
    }
    fprintf(code, "\",");
}

static void results_of(const struct source *s, const char *lite, struct list *results)
{
    sqlite3_stmt *st;

    if (sqlite3_prepare_v2(db, lite, -1, &st, NULL)) die("%s: %s", s->name, sqlite3_errmsg(db));
    for (int i = 0; i < sqlite3_column_count(st); i++) {
        const char *column = sqlite3_column_name(st, i);
        add(results, column, type_of(&s->declared, column));
    }
    sqlite3_finalize(st);
}

static void emit(const struct source *s)
{
    static char lite[SQL_MAX * 2], pg[SQL_MAX * 2], bulk[SQL_MAX * 4], copy[SQL_MAX * 2];
    int const is_bulk = strcmp(s->kind, ":bulk") == 0;
    static struct list params, results;
    int const changes = strcmp(s->kind, ":exec") == 0 || is_bulk;
    char in[WORD_MAX + 8];

    params.n = results.n = 0;
    translate(s, SQLITE, &params, lite);
    translate(s, PG, &params, pg);
    results_of(s, lite, &results);
    if ((results.n == 0) != changes) die("%s: %s does not fit the statement", s->name, s->kind);
    if (!changes && !s->row[0]) die("%s needs the name of its row", s->name);
    snprintf(in, sizeof in, "%s_in", s->name);
    emit_shape(in, &params);
    if (results.n && find(&rows_done, s->row) < 0) {
        emit_shape(s->row, &results);
        add(&rows_done, s->row, 0);
    }
    int const copied = is_bulk && copy_text(s, lite, copy);
    fprintf(code, "static const struct query %s_query = {\"%s\",", s->name, s->name);
    put_text(lite);
    put_text(pg);
    if (is_bulk) {
        bulk_text(s, bulk);
        put_text(bulk);
    } else {
        fprintf(code, "\n    NULL,");
    }
    fprintf(code, "\n    &%s_shape, %s%s%s,", in, results.n ? "&" : "NULL", results.n ? s->row : "",
            results.n ? "_shape" : "");
    if (copied) {
        put_text(copy);
        fprintf(code, "\n    %s_copied, COUNT(%s_copied)};\n", s->name, s->name);
    } else {
        fprintf(code, " NULL, NULL, 0};\n");
    }
    emit_call(s);
}

static int known_kind(const char *kind)
{
    static const char *const kinds[] = {":one", ":many", ":scan", ":exec", ":bulk"};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i], kind) == 0) return 1;
    return 0;
}

static void read_enum(const char *column, const char *symbol)
{
    int const i = find(&columns, column);

    if (i < 0) die("enum %s: no such column", column);
    if (!columns.at[i].names[0]) fprintf(header, "extern const struct names %s;\n", symbol);
    snprintf(columns.at[i].names, WORD_MAX, "%s", symbol);
}

static void read_enums(const char *migration)
{
    char column[WORD_MAX], symbol[WORD_MAX];

    for (const char *p = migration; (p = strstr(p, "-- enum ")); p++)
        if (sscanf(p, "-- enum %63[a-z0-9_] %63[a-z0-9_]", column, symbol) == 2)
            read_enum(column, symbol);
}

static void read_comment(struct source *s, const char *p)
{
    char a[WORD_MAX] = "", b[WORD_MAX] = "", row[WORD_MAX] = "", kind[8] = "";

    if (sscanf(p, "-- enum %63[a-z0-9_] %63[a-z0-9_]", a, b) == 2) {
        read_enum(a, b);
    } else if (sscanf(p, "-- :%63[a-z0-9_] %7[a-z]", a, b) == 2) {
        if (!s->name[0]) die("a type line belongs under a query's name");
        if (strcmp(b, "int") && strcmp(b, "text")) die("%s: int or text", a);
        add(&s->declared, a, strcmp(b, "text") == 0);
    } else if (sscanf(p, "-- %63[a-z0-9_] %7[:a-z] %63[a-z0-9_]", a, kind, row) >= 2 &&
               kind[0] == ':') {
        if (s->name[0]) die("the query above does not end with ';'");
        if (!known_kind(kind)) die("%s: unknown kind %s", a, kind);
        *s = (struct source){0};
        snprintf(s->name, sizeof s->name, "%s", a);
        snprintf(s->kind, sizeof s->kind, "%s", kind);
        snprintf(s->row, sizeof s->row, "%s", row);
    }
}

static void read_sql(struct source *s, const char *p, size_t n)
{
    size_t const used = strlen(s->sql);

    while (n && isspace((unsigned char)p[n - 1])) n--;
    if (n == 0) return;
    if (!s->name[0]) die("a statement without a name");
    if (used + n + 2 > sizeof s->sql) die("%s: too long", s->name);
    snprintf(s->sql + used, sizeof s->sql - used, "%s%.*s", used ? " " : "", (int)n, p);
    if (p[n - 1] != ';') return;
    s->sql[strlen(s->sql) - 1] = 0;
    emit(s);
    *s = (struct source){0};
}

static void compile(const char *file)
{
    static struct source source;
    const char *end;

    for (const char *p = slurp(file); *p; p = end) {
        end = strchr(p, '\n') ? strchr(p, '\n') + 1 : p + strlen(p);
        line++;
        if (strncmp(p, "--", 2) == 0)
            read_comment(&source, p);
        else
            read_sql(&source, p, (size_t)(end - p));
    }
    if (source.name[0]) die("%s does not end with ';'", source.name);
}

static FILE *create(const char *base, const char *suffix)
{
    char name[512];

    snprintf(name, sizeof name, "%s%s", base, suffix);
    FILE *f = fopen(name, "w");
    path = base;
    if (!f) die("cannot write");
    return f;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return fprintf(stderr, "usage: sqlgen OUT_BASE QUERIES.sql MIGRATION.sql...\n"), 2;
    const char *stem = strrchr(argv[1], '/') ? strrchr(argv[1], '/') + 1 : argv[1];

    sqlite3_open(":memory:", &db);
    /* The migrator's own table is no migration. */
    sqlite3_exec(db,
                 "CREATE TABLE migration (number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL,"
                 " applied_at INTEGER NOT NULL)",
                 NULL, NULL, NULL);
    for (int i = 3; i < argc; i++)
        if (sqlite3_exec(db, slurp(argv[i]), NULL, NULL, NULL)) die("%s", sqlite3_errmsg(db));
    sqlite3_exec(db,
                 "SELECT m.name, p.name, p.type, p.\"notnull\" FROM sqlite_schema m,"
                 " pragma_table_info(m.name) p WHERE m.type = 'table'",
                 on_column, NULL, NULL);
    header = create(argv[1], ".h");
    code = create(argv[1], ".c");
    fprintf(header, "/* Generated by sqlgen from %s. */\n#pragma once\n#include \"db/db.h\"\n\n",
            stem);
    fprintf(code, "/* Generated by sqlgen. */\n#include \"%s.h\"\n\n", stem);
    for (int i = 3; i < argc; i++) read_enums(slurp(argv[i]));
    compile(argv[2]);
    return fclose(header) || fclose(code) ? 1 : 0;
}
