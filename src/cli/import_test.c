/* import_test: `foyer import members` as a person or a script runs it, on files as the world has
 * them. SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <sys/stat.h>

#include "account/account.h"
#include "cli/stage_test.h"
#include "membership/membership.h"

static int import(const char *name, const char *options)
{
    char arguments[2000];

    snprintf(arguments, sizeof arguments, "import members '%s' %s", stage_path(name), options);
    return foyer(arguments);
}

static char *read_file(const char *name)
{
    static char text[200000];
    FILE *f = fopen(stage_path(name), "rb");

    text[0] = 0;
    if (!f) return text;
    text[fread(text, 1, sizeof text - 1, f)] = 0;
    fclose(f);
    return text;
}

static bool exists(const char *name)
{
    return access(stage_path(name), F_OK) == 0;
}

static int begin(void **state)
{
    (void)state;
    stage_begin_at("2024-01-01");
    return 0;
}

/* Whether a member is there; its account in *a when that is wanted. */
static bool member(const char *external_id, struct arena *arena, struct account *a)
{
    CLEANUP(db_closep) struct db *db = NULL;
    struct account found;
    struct error e;

    CHECK(db_open(stage.url, &db, &e) == OK);
    struct ctx cx = {.db = db, .arena = arena, .err = &e};
    enum status const st = account_find(&cx, external_id, a ? a : &found);
    CHECK(st == OK || st == E_NOT_FOUND);
    return st == OK;
}

#define HEADER  "external_id,plan,country,joined_on"
#define ROW(id) id ",standard,DE,2022-01-31"

/* One file with everything that the world does to files; after its start comes a very long name. */
static const char nasty_start[] = "\xEF\xBB\xBF" HEADER ",name\r\n"                   /* 1 */
                                  "m1,standard,DE,2022-01-31,Anna\r\n"                /* 2 */
                                  "m2,Standard with ads,germany,2022-01-31,\"Two\r\n" /* 3, 4 */
                                  "lines, \"\"quoted\"\"\"\n"                         /* 4 */
                                  "m3,gold,DE,2022-01-31,\n"                          /* 5 */
                                  "m4,standard,DE,2022-02-31,\n"                      /* 6 */
                                  "m5,standard,DE,31.01.2022,\n"                      /* 7 */
                                  "m6,standard,DE,2022-01-31,M\xFCller\n"             /* 8 */
                                  "m7,standard,DE,2022-01-31,A\0B\n"                  /* 9 */
                                  "m1,premium,DE,2022-01-31,Anna again\n"             /* 10 */
                                  "m8,standard,DE,2022-01-31\n"                       /* 11 */
                                  "m9,standard,DE,2022-01-31,Doe, John\n"             /* 12 */
                                  ",standard,DE,2022-01-31,nobody\n"                  /* 13 */
                                  "m10,standard,DE,2022-01-31,\"Jo\" Doe\n"           /* 14 */
                                  "\n"                                                /* 15 */
                                  "m11,standard,DE,2022-01-31,4242 4242 4242 4242\n"  /* 16 */
                                  "m12,standard,DE,2022-01-31,";                      /* 17 */
static const char nasty_end[] = "\rm13,standard,DE,2022-01-31,last";                  /* 18 */
static const char *const nasty_rejects[] = {
    "line,external_id,code,reason,row\n",
    "\n5,m3,member.plan_unknown,",
    "(plan: 'gold')",
    "\n6,m4,member.date_invalid,",
    "\n7,m5,member.date_invalid,",
    "\n8,,row.encoding,",
    "M\xEF\xBF\xBDller",
    "\n9,,row.nul,",
    "\n10,m1,member.duplicate,",
    "(first on line 2)",
    "\n11,,row.columns,",
    "\n12,,row.columns,",
    "\n13,,member.value_missing,",
    "\n14,,row.quote,",
    "\n16,m11,input.card_number,",
    "\n17,,row.too_long,",
};

static void takes_what_it_can(void **state)
{
    CLEANUP(arena_clear) struct arena arena = {0};
    enum { LONG = 10 << 20 };
    char *file = malloc(sizeof nasty_start + LONG + sizeof nasty_end);
    struct account a;

    (void)state;
    memcpy(file, nasty_start, sizeof nasty_start - 1);
    memset(file + sizeof nasty_start - 1, 'x', LONG);
    memcpy(file + sizeof nasty_start - 1 + LONG, nasty_end, sizeof nasty_end - 1);
    stage_put("nasty.csv", file, sizeof nasty_start - 1 + LONG + sizeof nasty_end - 1);
    free(file);
    CHECK(import("nasty.csv", "--json") == 1);
    CHECK(strstr(stage.said, "\"rows\": 15,") && strstr(stage.said, "\"imported\": 3,"));
    CHECK(strstr(stage.said, "\"rejected\": 12,") && strstr(stage.said, "\"row.columns\": 2"));
    CHECK(strstr(stage.said, "nasty.rejects.csv"));
    const char *at = read_file("nasty.rejects.csv");
    for (size_t i = 0; i < COUNT(nasty_rejects); i++) { /* in this order */
        const char *found = strstr(at, nasty_rejects[i]);

        if (!found) FAIL("'%s' is not in the rejects: %s", nasty_rejects[i], at);
        at = found + 1;
    }
    CHECK(!strstr(read_file("nasty.rejects.csv"), "4242"));
    CHECK(!exists("nasty.rejects.csv.partial"));
    CHECK(member("m1", &arena, &a) && strcmp(a.name, "Anna") == 0);
    CHECK(member("m2", &arena, &a) && strcmp(a.name, "Two lines, \"quoted\"") == 0);
    CHECK(member("m13", &arena, &a) && strcmp(a.name, "last") == 0);
    for (int i = 3; i <= 12; i++) {
        char id[8];

        snprintf(id, sizeof id, "m%d", i);
        CHECK(!member(id, &arena, NULL)); /* never half a row */
    }
    CHECK(import("nasty.csv", "--json") == 1 && strstr(stage.said, "\"unchanged\": 3,"));
}

static void text_file(const char *name, const char *text)
{
    stage_put(name, text, strlen(text));
}

/* Nothing else is lost, whether a later quote or the end of the file closes it. */
static void stray_quotes_cost_their_lines(void **state)
{
    enum { ROWS = 3000 };
    FILE *f = fopen(stage_path("m.csv"), "wb");

    (void)state;
    fprintf(f, HEADER ",name\n");
    for (int i = 2; i <= ROWS + 1; i++)
        fprintf(f, ROW("n%d") ",%s%s\n", i, i == 7 || i == 2500 ? "\"" : "",
                i % 100 == 99 ? "\"Doe, Jo\"" : "Jo Doe");
    fclose(f);
    CHECK(import("m.csv", "") == 1 && strstr(stage.said, ": 3000 rows\n"));
    CHECK(strstr(stage.said, "  imported                           2998\n"));
    CHECK(strstr(stage.said, "    row.quote_open                      2\n"));
    CHECK(strstr(read_file("m.rejects.csv"), "\n7,,row.quote_open,"));
    CHECK(strstr(read_file("m.rejects.csv"), ",\"n7,standard,DE,2022-01-31,\"\"Jo Doe\"\n2500,"));
    CHECK(foyer("doctor") == 0 && strstr(stage.said, "members              2998\n"));
}

static void stops_at_the_header(void **state)
{
    static const char utf16[] = "\xFF\xFEm\0,\0";

    (void)state;
    text_file("a.csv", "User ID,Kind,email\nm1,standard,a@example.com\n");
    CHECK(import("a.csv", "") == 1 && strstr(stage.said, "(import.columns_missing)"));
    CHECK(strstr(stage.said, "missing: external_id, country, plan, joined_on\n"));
    CHECK(strstr(stage.said, "columns of the file: User ID, Kind, email\n"));
    CHECK(import("a.csv", "--json --map 'external_id=User ID,plan=Sort'") == 1);
    CHECK(strstr(stage.said, "\"missing\": \"country, plan (Sort), joined_on\""));
    text_file("a.csv", HEADER ",Plan\n" ROW("m1") ",premium\n");
    CHECK(import("a.csv", "") == 1 && strstr(stage.said, "(import.column_twice"));
    stage_put("a.csv", utf16, sizeof utf16 - 1);
    CHECK(import("a.csv", "") == 1 && strstr(stage.said, "(file.utf16"));
    text_file("a.csv", "\r\n\n");
    CHECK(import("a.csv", "") == 1 && strstr(stage.said, "(import.empty"));
    text_file("a.csv", HEADER ",M\xFCller\n" ROW("m1") ",\n");
    CHECK(import("a.csv", "") == 1 && strstr(stage.said, "(row.encoding"));
    CHECK(!exists("a.rejects.csv"));
    text_file("a.csv", HEADER "\n");
    CHECK(import("a.csv", "") == 0 && strstr(stage.said, ": 0 rows"));
}

static void refuses_usage(void **state)
{
    (void)state;
    text_file("a.csv", HEADER "\n" ROW("m1") "\n");
    CHECK(import("missing.csv", "") == 3 && strstr(stage.said, "(file.unreadable"));
    CHECK(import("", "") == 3); /* a folder */
    CHECK(foyer("import members") == 2 && import("a.csv", "b.csv") == 2);
    CHECK(import("a.csv", "--no-such") == 2 && import("a.csv", "--map") == 2);
    CHECK(import("a.csv", "--map plan") == 2 && import("a.csv", "--map colour=Plan") == 2);
    CHECK(import("a.csv", "--map 'plan=A,plan=B'") == 2);
    CHECK(import("a.csv", "--as-of tomorrow") == 2 && import("a.csv", "--as-of 2024-02-30") == 2);
    CHECK(import("a.csv", "--time-zone Atlantis/Capital") == 2);
    CHECK(import("a.csv", "--time-zone Factory") == 2);
    CHECK(import("a.csv", "--as-of 9999-12-31") == 1 && strstr(stage.said, "(import.as_of"));
    CHECK(import("a.csv", "--as-of 1970-01-02") == 1 && strstr(stage.said, "(import.as_of"));
    CHECK(import("a.csv", "--date-format %d/%m") == 2 &&
          import("a.csv", "--date-format %j%Y") == 2);
}

static void maps_columns(void **state)
{
    CLEANUP(arena_clear) struct arena arena = {0};
    struct account a;

    (void)state;
    text_file("a.csv", "Notes,user id,\"Kind, of plan\",Land,Joined On,E-Mail\n"
                       "x,m1,PREMIUM,Österreich,31/12/2022,a@example.com\n"
                       "x,m2,PREMIUM,Austria,31/12/2022,b@example.com\n");
    CHECK(import("a.csv",
                 "--json --date-format %d/%m/%Y --time-zone Europe/Paris --map "
                 "'external_id=User ID,\"plan=Kind, of plan\",country=LAND,email=E-Mail'") == 1);
    CHECK(strstr(stage.said, "\"member.country_unknown\": 1") &&
          strstr(stage.said, "\"imported\": 1,"));
    CHECK(member("m2", &arena, &a) && strcmp(a.email, "b@example.com") == 0);
    CHECK(strcmp(a.country, "AT") == 0 && strcmp(a.zone, "Europe/Paris") == 0);
}

static void places_by_as_of(void **state)
{
    CLEANUP(arena_clear) struct arena arena = {0};
    CLEANUP(db_closep) struct db *db = NULL;
    struct membership m;
    struct account a;
    struct error e;

    (void)state;
    text_file("a.csv", HEADER "\n" ROW("m1") "\n");
    CHECK(import("a.csv", "--json --as-of 2023-02-15") == 0);
    CHECK(strstr(stage.said, "\"as_of\": \"2023-02-15\""));
    CHECK(member("m1", &arena, &a) && db_open(stage.url, &db, &e) == OK);
    struct ctx cx = {.db = db, .arena = &arena, .err = &e};
    CHECK(membership_get(&cx, a.account_id, &m) == OK);
    CHECK(m.period_start_day == 19388 && m.period_end_day == 19416); /* 31 January, 28 February */
}

static void dry_run_changes_nothing(void **state)
{
    CLEANUP(arena_clear) struct arena arena = {0};
    char said[sizeof stage.said], *wet;

    (void)state;
    text_file("a.csv",
              HEADER ",name\n" ROW("m1") ",\n" ROW("m1") ",\n" ROW("m2") ",x\nm3,x,DE,,\n");
    CHECK(import("a.csv", "--json --dry-run") == 1);
    CHECK(strstr(stage.said, "\"dry_run\": true,"));
    CHECK(!member("m1", &arena, NULL) && !member("m2", &arena, NULL));
    snprintf(said, sizeof said, "%s", strstr(stage.said, "\"rows\""));
    CHECK(import("a.csv", "--json") == 1);
    wet = strstr(stage.said, "\"rows\"");
    CHECK(strcmp(wet, said) == 0 && strstr(said, "\"imported\": 2,"));
    CHECK(member("m1", &arena, NULL) && member("m2", &arena, NULL));
}

static void repeats_and_updates(void **state)
{
    CLEANUP(arena_clear) struct arena arena = {0};
    struct account a;

    (void)state;
    text_file("a.csv", HEADER ",name\n" ROW("m1") ",Anna\n" ROW("m2") ",\n");
    CHECK(import("a.csv", "") == 0 && !exists("a.rejects.csv"));
    text_file("a.csv", HEADER ",name\n" ROW("m1") ",Berta\n" ROW("m2") ",\n" ROW("m3") ",\n");
    CHECK(import("a.csv", "--json") == 1 && strstr(stage.said, "\"member.differs\": 1"));
    CHECK(strstr(stage.said, "\"unchanged\": 1,") && strstr(stage.said, "\"imported\": 1,"));
    CHECK(strstr(read_file("a.rejects.csv"), "\n2,m1,member.differs,"));
    CHECK(import("a.csv", "--update --dry-run --json") == 0);
    CHECK(strstr(stage.said, "\"updated\": 1,"));
    CHECK(import("a.csv", "--update --json") == 0 && strstr(stage.said, "\"updated\": 1,"));
    CHECK(!exists("a.rejects.csv")); /* of the import before */
    CHECK(member("m1", &arena, &a) && strcmp(a.name, "Berta") == 0);
    CHECK(import("a.csv", "") == 0 &&
          strstr(stage.said, "unchanged                             3"));
}

static bool is_private(const char *name)
{
    struct stat s;

    return stat(stage_path(name), &s) == 0 && (s.st_mode & 0777) == 0600;
}

/* Whatever the umask, and whatever lies where a file of rejects is to be made. */
static void keeps_its_files_private(void **state)
{
    (void)state;
    stage_put("a.csv", HEADER "\n" ROW("m1") "\nm2,gold,DE,2022-01-31\n", 83);
    stage_put("precious", "untouched", 9);
    CHECK(symlink(stage_path("precious"), stage_path("a.rejects.csv.partial")) == 0);
    CHECK(import("a.csv", "") == 1 && strcmp(read_file("precious"), "untouched") == 0);
    CHECK(is_private("a.rejects.csv"));
    CHECK(stage.schema[0] || (is_private("t.db") && is_private("t.db-sandbox")));
}

/* The same members with and without a kill, and the same rejects. */
static void survives_a_kill(void **state)
{
    enum { ROWS = 30000, KILLS = 3 };
    FILE *f = fopen(stage_path("a.csv"), "w");
    char *path = strdup(stage_path("a.csv"));

    (void)state;
    CHECK(f && path);
    fprintf(f, HEADER "\n");
    for (int i = 0; i < ROWS; i++)
        fprintf(f, "m%d,%s,DE,2022-01-%02d\n", i, i % 1000 == 7 ? "gold" : "basic", 1 + i % 31);
    fclose(f);
    for (int kill_after_ms = 40; kill_after_ms <= 40 * KILLS; kill_after_ms += 40) {
        pid_t const child = fork();

        CHECK(child >= 0);
        if (child == 0) {
            execl(getenv("FOYER"), "foyer", "--db", stage.url, "--json", "import", "members", path,
                  (char *)NULL);
            _exit(127);
        }
        usleep((useconds_t)kill_after_ms * 1000);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    free(path);
    CHECK(import("a.csv", "--json") == 1);
    CHECK(strstr(stage.said, "\"rows\": 30000,") && strstr(stage.said, "\"rejected\": 30,"));
    CHECK(import("a.csv", "--json") == 1 && strstr(stage.said, "\"unchanged\": 29970,"));
    CHECK(strstr(read_file("a.rejects.csv"), "\n29009,m29007,member.plan_unknown,"));
}

static char *document(const char *name)
{
    static char texts[2][200000];
    static int next;
    char path[1024], *text = texts[next++ % 2];

    snprintf(path, sizeof path, "%s/docs/%s", getenv("SOURCE_ROOT"), name);
    FILE *f = fopen(path, "r");
    CHECK(f);
    text[fread(text, 1, sizeof texts[0] - 1, f)] = 0;
    fclose(f);
    return text;
}

/* Those of the table, but for families such as `method.…`. */
static void the_guide_names_faults_that_are(void **state)
{
    char *guide = strstr(document("import.md"), "\n## Rejects"), *faults = document("faults.md");
    char *rows = strstr(guide, "\n|---|---|\n"), code[60], row[80];
    size_t n = 0;

    (void)state;
    *strstr(rows, "\n\n") = 0;
    for (char *at = rows; (at = strchr(at, '`')) && sscanf(at, "`%59[^`]`", code) == 1; n++) {
        at += strlen(code) + 2;
        snprintf(row, sizeof row, "| `%s` |", code);
        if (strchr(code, '.') && !strstr(code, "…") && !strstr(faults, row))
            FAIL("%s is no fault", code);
    }
    CHECK(n > 20);
}

static const char early_catalog[] =
    "format: 1\n"
    "sellers: {jp: {legal_name: Example K.K., tax_id: EX-1, country: JP}}\n"
    "plans:\n"
    "  standard: {name: Standard, ads: false, streams: 2, downloads: 2, resolution: 1080,\n"
    "    audio: stereo, slots: 1, from: 1970-01-01}\n"
    "brands: {visa: Visa}\n"
    "acceptance: {cards: [{kind: card, brand: visa}]}\n"
    "countries:\n"
    "  JP: {name: Japan, currency: JPY, zone: Asia/Tokyo, seller: jp, tax: inclusive,\n"
    "    acceptance: cards, taxes: [{name: Consumption tax, from: 1970-01-01, rate: 10}],\n"
    "    prices: [{plan: standard, from: 1970-01-01, amount: 1490}]}\n";

/* Where days are stored 0 means none: the days from which one can bill keep clear of it. */
static void bills_from_the_first_day(void **state)
{
    char arguments[200];

    stage_begin();
    CHECK(foyer("migrate --test-clock 1970-01-03") == 0);
    stage_put("c.yaml", early_catalog, sizeof early_catalog - 1);
    snprintf(arguments, sizeof arguments, "catalog apply '%s'", stage_path("c.yaml"));
    CHECK(foyer(arguments) == 0);
    text_file("a.csv", HEADER "\nm1,standard,JP,1970-01-01\nm2,standard,JP,1970-01-03\n");
    CHECK(import("a.csv", "--as-of 1970-01-03") == 0);
    CHECK(foyer("run --until 1970-03-01") == 0 && foyer("charges --csv") == 0);
    CHECK(strstr(stage.said, "m1,standard,renewal,1970-02-01"));
    CHECK(strstr(stage.said, "m2,standard,renewal,1970-01-03"));
    CHECK(strstr(stage.said, "m2,standard,renewal,1970-02-03"));
    CHECK(stage_end(state) == 0);
}

#define WITH_DATABASE(name_, fn_)                                                                  \
    {                                                                                              \
        .name = (name_), .test_func = (fn_), .setup_func = begin, .teardown_func = stage_end       \
    }

int main(void)
{
    static const struct CMUnitTest cases[] = {
        WITH_DATABASE("C-18 each row of a nasty file is imported or in the rejects with a reason",
                      takes_what_it_can),
        WITH_DATABASE("a stray quote costs its line and no other", stray_quotes_cost_their_lines),
        WITH_DATABASE("a file without its columns is stopped before the first row",
                      stops_at_the_header),
        WITH_DATABASE("the command line is checked", refuses_usage),
        WITH_DATABASE("columns are mapped by their headers", maps_columns),
        WITH_DATABASE("B-02 everything before --as-of counts as paid", places_by_as_of),
        CASE("B-02 B-14 from the first possible day on charges are made", bills_from_the_first_day),
        CASE("C-18 the guide names reasons of rejects that there are",
             the_guide_names_faults_that_are),
        WITH_DATABASE("a dry run tells the same and changes nothing", dry_run_changes_nothing),
        WITH_DATABASE("an import is safe to repeat and updates on demand", repeats_and_updates),
        WITH_DATABASE("databases and rejects are readable for their owner alone",
                      keeps_its_files_private),
        WITH_DATABASE("an import that was killed is run again and ends the same", survives_a_kill),
    };
    return RUN_CASES("import", cases);
}
