/* op_test: roles, ownership, proofs, keys, reruns and errors, on ops made for it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/op.h"

#include <stdlib.h>
#include <string.h>

#include "db/db_test.h"
#include "db/outbox.h"
#include "outbox_sql.h"
#include "payments/intake_rules.h"

struct note_put {
    const char *member;
    int64_t account_id;
    const char *text;
    int64_t times;
    const char *phone;
    int64_t asked; /* found out by ask */
};
struct note {
    int64_t account_id;
    const char *text;
    int64_t runs, asked, after;
};

static const struct field put_fields[] = {
    MEMBER_FIELD(struct note_put),
    TEXT(struct note_put, text, 0, 100, "What to note."),
    INT_OPT(struct note_put, times, 0, 100, "How often it is busy first."),
    TEXT_PHONE_OPT(struct note_put, phone, 0, 100, "Whom to call."),
};
static const struct shape put_shape = SHAPE(note_put, put_fields);
static const struct field note_fields[] = {
    INT(struct note, account_id, 0, 0, NULL), TEXT(struct note, text, 0, 0, NULL),
    INT(struct note, runs, 0, 0, NULL),       INT(struct note, asked, 0, 0, NULL),
    INT(struct note, after, 0, 0, NULL),
};
static const struct shape note_shape = SHAPE(note, note_fields);

static const struct fault BUSY = {E_BUSY, "test.busy", "Busy."};
static const struct fault NOBODY = {E_NOT_FOUND, "test.nobody", "There is no such member."};
static int64_t runs;

static enum status note_put(struct ctx *cx, const struct note_put *in, struct note *out)
{
    if (out->runs || out->text) return fail(cx->err, &BUSY, "dirty"); /* each run begins afresh */
    out->text = "changed";
    out->runs = ++runs;
    TRY(outbox_put(cx, "note.put", in->account_id, cx->now, json_object()));
    if (runs <= in->times) return fail(cx->err, &BUSY, NULL);
    out->account_id = in->account_id;
    out->asked = in->asked;
    out->text = in->text;
    return OK;
}
OP_RUN(note_put, struct note_put, struct note)

static enum status ask(struct ctx *cx, const struct op_world *w, void *in)
{
    (void)cx, (void)w;
    ((struct note_put *)in)->asked++;
    return OK;
}

static bool cut_short;

static enum status after(struct ctx *cx, const struct op_world *w, const void *in, void *out)
{
    (void)w, (void)in;
    if (cut_short) return fail(cx->err, &BUSY, "after");
    ((struct note *)out)->after++;
    return OK;
}

static const struct op put = {
    .id = "note.put",
    .method = "POST",
    .path = "/notes",
    .role = MAY(ROLE_OWNER) | MAY(ROLE_PROFILE) | MAY(ROLE_SYSTEM),
    .summary = "Note something.",
    .writes = true,
    .in = &put_shape,
    .out = &note_shape,
    .subject = ABOUT_MEMBER(struct note_put),
    .ask = ask,
    .run = run_note_put,
    .after = after,
};

/* Members 7 ("seven") and 8 ("eight") exist. */
static enum status find_member(struct ctx *cx, const char *member, int64_t *account_id)
{
    *account_id = strcmp(member, "seven") == 0 ? 7 : strcmp(member, "eight") == 0 ? 8 : 0;
    return *account_id ? OK : fail(cx->err, &NOBODY, "member");
}

/* clang-format off */
static const struct call {
    const char *name;
    enum role role;
    int64_t id;
    const char *in;
    enum status status;
    const char *answer;
} calls[] = {
    {"the own account", ROLE_OWNER, 7, "{\"text\":\"a\"}", OK,
     "{\"account_id\":7,\"text\":\"a\",\"runs\":1,\"asked\":1,\"after\":1}"},
    {"the own account by name", ROLE_OWNER, 7, "{\"text\":\"a\",\"member\":\"seven\"}", OK,
     "{\"account_id\":7,\"text\":\"a\",\"runs\":1,\"asked\":1,\"after\":1}"},
    {"another's account", ROLE_OWNER, 7, "{\"text\":\"a\",\"member\":\"eight\"}", E_DENIED,
     "op.not_yours"},
    {"nobody's account looks the same", ROLE_OWNER, 7, "{\"text\":\"a\",\"member\":\"nine\"}",
     E_DENIED, "op.not_yours"},
    {"the system names the account", ROLE_SYSTEM, 0, "{\"text\":\"a\",\"member\":\"eight\"}", OK,
     "{\"account_id\":8,\"text\":\"a\",\"runs\":1,\"asked\":1,\"after\":1}"},
    {"the system must name it", ROLE_SYSTEM, 0, "{\"text\":\"a\"}", E_INVALID, "op.member_missing"},
    {"an unknown account", ROLE_SYSTEM, 0, "{\"text\":\"a\",\"member\":\"nine\"}", E_NOT_FOUND,
     "test.nobody"},
    {"a profile's account is its owner's", ROLE_PROFILE, 7, "{\"text\":\"a\"}", OK,
     "\"account_id\":7"},
    {"and no other", ROLE_PROFILE, 7, "{\"text\":\"a\",\"member\":\"eight\"}", E_DENIED,
     "op.not_yours"},
    {"a role that may not", ROLE_AGENT, 1, "{\"text\":\"a\",\"member\":\"eight\"}", E_DENIED,
     "op.not_allowed"},
    {"a missing field", ROLE_OWNER, 7, "{}", E_INVALID, "\"field\":\"text\""},
    {"an unknown field", ROLE_OWNER, 7, "{\"text\":\"a\",\"taxt\":1}", E_INVALID,
     "\"field\":\"taxt\""},
    {"a list", ROLE_OWNER, 7, "[]", E_INVALID, "input.type"},
    {"busy twelve times", ROLE_OWNER, 7, "{\"text\":\"a\",\"times\":12}", OK, "\"runs\":13"},
    {"busy for too long", ROLE_OWNER, 7, "{\"text\":\"a\",\"times\":13}", E_BUSY, "test.busy"},
};
/* clang-format on */

static struct test_db database;

static int set_up(void **state)
{
    (void)state;
    test_db_open(&database, 1000000000000);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_db_close(&database);
    return 0;
}

static int ways_given;
static void give_way(int tries)
{
    CHECK(tries == ways_given++);
}

/* The answer lives in the test's arena. */
static const char *call_keyed(const struct op *op, const struct call *c, const char *key,
                              enum status *s)
{
    struct test_db *t = &database;
    struct op_world const w = {.find_member = find_member, .give_way = give_way};
    json_t *in = json_loads(c->in, 0, NULL), *out;

    runs = ways_given = 0;
    t->cx.actor = (struct actor){c->role, c->id, .proven = true};
    t->cx.call_key = key;
    *s = op_call(&t->cx, &w, op, in, &out);
    CHECK(ways_given == (runs ? runs - 1 : 0));
    t->cx.call_key = NULL;
    char *text = json_dumps(out, JSON_COMPACT | JSON_PRESERVE_ORDER);
    char *kept = arena_strdup(&t->arena, text);

    free(text);
    json_decref(in);
    json_decref(out);
    return kept;
}

static const char *call(const struct call *c, enum status *s)
{
    return call_keyed(&put, c, NULL, s);
}

static int64_t notes(void)
{
    struct test_db *t = &database;
    struct outbox_row *rows;
    size_t n;

    CHECK_OK(outbox_after(&t->cx, &rows, &n, .after = 0, .max = 1000));
    return (int64_t)n;
}

static void calls_as_whoever(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(calls); i++) {
        enum status s;
        const char *answer = call(&calls[i], &s);

        if (s != calls[i].status || !strstr(answer, calls[i].answer))
            FAIL("%s: %d %s", calls[i].name, s, answer);
    }
}

static void refuses_card_numbers(void **state)
{
    static const char *const inputs[] = {
        "{\"text\":\"4242424242424242\"}",
        "{\"text\":\"it is 4242 4242 4242 4242, really\"}",
        "{\"text\":\"a\",\"4242424242424242\":1}",
        "{\"text\":\"a\",\"times\":4242424242424242}",
        "{\"text\":\"a\",\"unknown\":\"4242-4242-4242-4242\"}",
        "{\"text\":\"a\",\"member\":\"4242424242424242\"}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(inputs); i++) {
        struct call const c = {"", ROLE_SYSTEM, 0, inputs[i], E_INVALID, ""};
        enum status s;
        const char *answer = call(&c, &s);

        if (s != E_INVALID || !strstr(answer, "input.card_number") || strstr(answer, "4242"))
            FAIL("%s: %d %s", inputs[i], s, answer);
    }
}

/* What is one by its shape, where one is asked for; nowhere else, and no other number there. */
static void takes_phone_numbers(void **state)
{
    static const struct {
        const char *in;
        enum status status;
    } rows[] = {
        {"{\"text\":\"a\",\"phone\":\"+447911123456\"}",     OK       },
        {"{\"text\":\"a\",\"phone\":\"+4915112345678\"}",    OK       },
        {"{\"text\":\"a\",\"phone\":\"4915112345678\"}",     E_INVALID},
        {"{\"text\":\"a\",\"phone\":\"+4242424242424242\"}", E_INVALID},
        {"{\"text\":\"a\",\"phone\":\"+4915112345678 \"}",   E_INVALID},
        {"{\"text\":\"+447911123456\"}",                     E_INVALID},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct call const c = {"", ROLE_OWNER, 7, rows[i].in, OK, ""};
        enum status s;
        const char *answer = call(&c, &s);

        if (s != rows[i].status || (s != OK && !strstr(answer, "input.card_number")))
            FAIL("%s: %d %s", rows[i].in, s, answer);
    }
}

/* ---- keys ---- */

static const struct call seven = {"", ROLE_OWNER, 7, "{\"text\":\"a\"}", OK, ""};

/* One after another: which call under which key, what comes of it, and how many notes it adds. */
static void keys_repeat(void **state)
{
    static const struct {
        struct call call;
        const char *key;
        int64_t added;
    } steps[] = {
        {{"new", ROLE_OWNER, 7, "{\"text\":\"a\",\"times\":2}", OK, "\"runs\":3"},    "k",   1},
        {{"again", ROLE_OWNER, 7, "{\"times\":2,\"text\":\"a\"}", OK, "\"after\":1"}, "k",   0},
        {{"changed", ROLE_OWNER, 7, "{\"text\":\"b\"}", E_CONFLICT, "op.key_reused"}, "k",   0},
        {{"another's", ROLE_OWNER, 8, "{\"text\":\"b\"}", OK, "\"account_id\":8"},    "k",   1},
        {{"another role's", ROLE_PROFILE, 7, "{\"text\":\"b\"}", OK, "\"runs\":1"},   "k",   1},
        {{"refused", ROLE_OWNER, 7, "{\"text\":\"c\",\"times\":19}", E_BUSY, "busy"}, "r",   0},
        {{"free again", ROLE_OWNER, 7, "{\"text\":\"c\"}", OK, "\"runs\":1"},         "r",   1},
        {{"empty", ROLE_OWNER, 7, "{\"text\":\"c\"}", E_INVALID, "op.key_invalid"},   "",    0},
        {{"blank", ROLE_OWNER, 7, "{\"text\":\"c\"}", E_INVALID, "op.key_invalid"},   "a b", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(steps); i++) {
        int64_t const before = notes();
        enum status s;
        const char *answer = call_keyed(&put, &steps[i].call, steps[i].key, &s);

        if (s != steps[i].call.status || !strstr(answer, steps[i].call.answer) ||
            notes() - before != steps[i].added)
            FAIL("%s: %d %s, %lld notes", steps[i].call.name, s, answer,
                 (long long)(notes() - before));
    }
}

static void refuses_keys_of_cards(void **state)
{
    static const struct {
        const char *key;
        enum status status;
    } keys[] = {
        {"4242424242424242",                     E_INVALID},
        {"order-4242-4242-4242-4242",            E_INVALID},
        {"5f3c4242424242424242",                 E_INVALID},
        {"424242424242-4242-c0de-1",             E_INVALID},
        {"0d8e4c1a-93b7-4e55-a6d2-630400000000", OK       }, /* a UUID, and by its end a card's */
        {"0d8e4c1a93b74e55a6d2630400000000",     OK       },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(keys); i++) {
        int64_t const before = notes();
        enum status s;
        const char *answer = call_keyed(&put, &seven, keys[i].key, &s);

        if (s != keys[i].status || (s != OK && !strstr(answer, "input.card_number")))
            FAIL("%s: %d %s", keys[i].key, s, answer);
        CHECK(notes() - before == (s == OK));
    }
}

/* The same call comes while this one is being asked about, does it all, and leaves nothing to do.
 */
static enum status ask_too_late(struct ctx *cx, const struct op_world *w, void *in)
{
    static bool inner;
    enum status s = OK;

    (void)w, (void)in;
    if (inner) return OK;
    inner = true;
    struct op twin = put;
    twin.ask = ask_too_late;
    twin.after = NULL;
    CHECK(strstr(call_keyed(&twin, &seven, "twice", &s), "\"runs\":1"));
    cx->call_key = "twice";
    inner = false;
    CHECK(s == OK);
    return fail(cx->err, &NOBODY, NULL);
}

static void answers_like_its_twin(void **state)
{
    int64_t const before = notes();
    struct op late = put;
    enum status s;

    (void)state;
    late.ask = ask_too_late;
    late.after = NULL;
    CHECK(strstr(call_keyed(&late, &seven, "twice", &s), "\"runs\":1") && s == OK);
    CHECK(notes() - before == 1);
}

static enum db_injury injury;

static enum db_injury hurt(void *arg, enum db_moment moment)
{
    (void)arg;
    return moment == AT_COMMIT ? injury : UNHURT;
}

/* Whatever comes between the effect and its answer, there is one effect, and the same call again is
 * answered as if nothing had happened. */
static void keys_survive(void **state)
{
    static const struct {
        enum db_injury injury;
        bool cut_short;
        const char *key, *again;
    } cases[] = {
        {LOSE_REPLY,   false, "lost",   "\"after\":0"},
        {CRASH_AFTER,  false, "after",  "\"after\":0"},
        {CRASH_BEFORE, false, "before", "\"after\":1"},
        {LOSE_RACE,    false, "race",   "\"after\":1"},
        {UNHURT,       true,  "cut",    "\"after\":0"},
    };
    struct test_db *t = &database;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t const before = notes();
        enum status s;

        injury = cases[i].injury;
        cut_short = cases[i].cut_short;
        db_injure(t->db, hurt, NULL);
        call_keyed(&put, &seven, cases[i].key, &s);
        CHECK(s != OK);
        db_injure(t->db, NULL, NULL);
        db_revive(t->db);
        cut_short = false;
        for (int n = 0; n < 2; n++) {
            const char *answer = call_keyed(&put, &seven, cases[i].key, &s);

            if (s != OK || !strstr(answer, cases[i].again) || notes() != before + 1)
                FAIL("%s: %d %s, %lld notes", cases[i].key, s, answer,
                     (long long)(notes() - before));
        }
    }
}

static void keys_expire(void **state)
{
    struct test_db *t = &database;
    int64_t const before = notes(), now = t->cx.now;
    int64_t const hours = t->settings.op_key_hours * 3600000;
    enum status s;

    (void)state;
    call_keyed(&put, &seven, "old", &s);
    t->cx.now = now + hours - 1;
    CHECK_OK(op_keys_forget(&t->cx));
    call_keyed(&put, &seven, "old", &s);
    CHECK(s == OK && notes() == before + 1);
    t->cx.now = now + hours;
    call_keyed(&put, &seven, "old", &s);
    CHECK(s == OK && notes() == before + 2); /* a new call, whose row takes the old one's place */
    t->cx.now = now + 2 * hours;
    CHECK_OK(op_keys_forget(&t->cx));
    t->cx.now = now;
    call_keyed(&put, &seven, "old", &s);
    CHECK(s == OK && notes() == before + 3);
}

/* ---- proofs ---- */

static void wants_proofs(void **state)
{
    struct test_db *t = &database;
    struct op_world const w = {.find_member = find_member};
    struct op proven = put;

    (void)state;
    proven.proof = true;
    for (size_t r = 0; r < roles.n; r++) {
        json_t *in = json_pack("{s:s, s:s*}", "text", "a", "member",
                               r == ROLE_SYSTEM ? "seven" : NULL),
               *out;

        if (!(proven.role & MAY(r))) {
            json_decref(in);
            continue;
        }
        t->cx.actor = (struct actor){.role = (enum role)r, .id = 7};
        enum status const s = op_call(&t->cx, &w, &proven, in, &out);
        CHECK(r == ROLE_SYSTEM ? s == OK : s == E_DENIED && t->err.fault == &OP_PROOF_NEEDED);
        json_decref(out);
        t->cx.actor.proven = true;
        CHECK_OK(op_call(&t->cx, &w, &proven, in, &out));
        json_decref(out);
        json_decref(in);
    }
}

/* ---- the rows ---- */

static struct arena printed;

/* How far two paths are alike, in whole parts. */
static size_t common(const char *a, const char *b)
{
    size_t n = 0;

    for (size_t i = 0;; i++) {
        if ((a[i] == '/' || !a[i]) && (b[i] == '/' || !b[i])) n = i;
        if (a[i] != b[i] || !a[i]) return n;
    }
}

/* Where one path has a member, another has no word that a member could be called by. */
static void names_no_member(const struct op *op, const struct op *other)
{
    static const char place[] = "/{member}";
    size_t const n = common(op->path, other->path);

    if (strncmp(op->path + n, place, sizeof place - 1) != 0 || other->path[n] != '/') return;
    const char *word = other->path + n + 1;
    char *text = arena_memdup(&printed, word, strcspn(word, "/"));
    if (!external_id_is_reserved(text)) FAIL("%s: a member may be called %s", other->path, text);
}

static void paths_name_no_member(void **state)
{
    (void)state;
    for (size_t t = 0; op_tables[t]; t++)
        for (size_t i = 0; i < op_tables[t]->n; i++)
            for (size_t u = 0; op_tables[u]; u++)
                for (size_t k = 0; k < op_tables[u]->n; k++)
                    names_no_member(&op_tables[t]->at[i], &op_tables[u]->at[k]);
}

static void rows_are_sound(void **state)
{
    struct error err;
    const struct op *found;

    (void)state;
    for (size_t t = 0; op_tables[t]; t++)
        for (size_t i = 0; i < op_tables[t]->n; i++) {
            const struct op *op = &op_tables[t]->at[i];

            CHECK(op->run && op->in && op->out && op->role && op->summary && op->path);
            CHECK(op_find(op->id, &found, &err) == OK && found == op); /* no id twice */
            CHECK(!(op->role & MAY(ROLE_VISITOR)) || !op->subject.is_member);
            CHECK(!op->after || op->writes);
        }
    CHECK(op_find("note.put", &found, &err) == E_NOT_FOUND && err.fault == &OP_UNKNOWN);
}

/* ---- answers as text ---- */

enum { TEXT_MAX = 12, DEPTH_MAX = 3, FILLS = 20 };

static uint64_t chance = 88172645463325252U; /* xorshift */

static uint64_t any(uint64_t below)
{
    chance ^= chance << 13;
    chance ^= chance >> 7;
    chance ^= chance << 17;
    return chance % below;
}

/* Of pieces that JSON spells in ways of their own, and one that is no UTF-8. */
static const char *any_text(void)
{
    static const char *const pieces[] = {
        "a",    "Z", "\"", "\\",   "/", "\n", "\b\f", "\r\t",         "\x01\x1f",
        "\x7f", " ", "é",  "日本", "😀", "{}", "null", "\xed\xa0\x80", "\xc3"};
    char text[8 * TEXT_MAX] = "";

    if (any(9) == 0) return NULL;
    for (uint64_t n = any(TEXT_MAX); n; n--) {
        size_t const which = any(any(6) ? COUNT(pieces) - 2 : COUNT(pieces));

        memcpy(text + strlen(text), pieces[which], strlen(pieces[which]) + 1);
    }
    return arena_strdup(&printed, text);
}

static void fill(const struct shape *sh, char *to, int depth)
{
    static const int64_t ints[] = {0, 1, -1, 10, -10, 4711, INT64_MAX, INT64_MIN, 1000000007};

    for (size_t i = 0; i < sh->n_fields; i++) {
        const struct field *f = &sh->fields[i];
        void *at = to + f->offset;

        if (f->type == F_INT) *(int64_t *)at = ints[any(COUNT(ints))];
        if (f->type == F_ENUM) *(int64_t *)at = (int64_t)any(f->names->n);
        if (f->type == F_BOOL) *(bool *)at = any(2);
        if (f->type == F_TEXT) *(const char **)at = any_text();
        if (f->type != F_LIST) continue;
        size_t const n = depth < DEPTH_MAX ? any(4) : 0;
        char *items = arena_alloc(&printed, n * f->items->size);

        for (size_t k = 0; k < n; k++) fill(f->items, items + k * f->items->size, depth + 1);
        *(char **)at = items;
        *(size_t *)(void *)(to + f->count_offset) = n;
    }
}

static void print_both_ways(const struct shape *sh)
{
    struct arena *a = &printed;

    for (int i = 0; i < FILLS; i++) {
        char *s = arena_alloc(a, sh->size);

        fill(sh, s, 0);
        json_t *slow = shape_write(sh, s);
        CHECK(strcmp(shape_print(a, sh, s), json_text(a, slow, JSON_PRESERVE_ORDER)) == 0);
        json_decref(slow);
    }
}

static void prints_as_jansson_does(void **state)
{
    (void)state;
    for (size_t t = 0; op_tables[t]; t++)
        for (size_t i = 0; i < op_tables[t]->n; i++) {
            print_both_ways(op_tables[t]->at[i].in);
            print_both_ways(op_tables[t]->at[i].out);
            arena_reset(&printed);
        }
    arena_clear(&printed);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("ops check role, owner and input, and rerun what lost a race", calls_as_whoever),
        CASE("C-18 a card's number in any input is refused and never echoed", refuses_card_numbers),
        CASE("C-18 a telephone number is no card's number", takes_phone_numbers),
        CASE("C-18 no idempotency key holds a card's number", refuses_keys_of_cards),
        CASE("a call sent again under its key has one effect and one answer", keys_repeat),
        CASE("a call refused for what its twin has done is answered as that one was",
             answers_like_its_twin),
        CASE("a key keeps its promise when the answer is lost", keys_survive),
        CASE("keys are forgotten in time", keys_expire),
        CASE("C-19 F-12 where an op wants a fresh proof, people need one", wants_proofs),
        CASE("answers are spelt as jansson spells them, whatever they hold",
             prints_as_jansson_does),
        CASE("every op has all it needs and an id of its own", rows_are_sound),
        CASE("B-02 no path of an op is some member's", paths_name_no_member),
    };
    return cmocka_run_group_tests_name("op", cases, set_up, tear_down);
}
