/* op_test: roles, ownership, reruns and errors, on ops made for it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/op.h"

#include <stdlib.h>
#include <string.h>

#include "base/test.h"

struct note_put {
    const char *member;
    int64_t account_id;
    const char *text;
    int64_t times;
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

static enum status after(struct ctx *cx, const struct op_world *w, const void *in, void *out)
{
    (void)cx, (void)w, (void)in;
    ((struct note *)out)->after++;
    return OK;
}

static const struct op put = {
    .id = "note.put",
    .method = "POST",
    .path = "/notes",
    .role = MAY(ROLE_OWNER) | MAY(ROLE_SYSTEM),
    .summary = "Note something.",
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
    {"a role that may not", ROLE_AGENT, 1, "{\"text\":\"a\",\"member\":\"eight\"}", E_DENIED,
     "op.not_allowed"},
    {"a missing field", ROLE_OWNER, 7, "{}", E_INVALID, "\"field\":\"text\""},
    {"an unknown field", ROLE_OWNER, 7, "{\"text\":\"a\",\"taxt\":1}", E_INVALID,
     "\"field\":\"taxt\""},
    {"a list", ROLE_OWNER, 7, "[]", E_INVALID, "input.type"},
    {"busy five times", ROLE_OWNER, 7, "{\"text\":\"a\",\"times\":5}", OK, "\"runs\":6"},
    {"busy for too long", ROLE_OWNER, 7, "{\"text\":\"a\",\"times\":6}", E_BUSY, "test.busy"},
};
/* clang-format on */

static char *call(const struct call *c, struct arena *a, enum status *s)
{
    struct error err = {0};
    struct ctx cx = {
        .arena = a, .err = &err, .actor = {c->role, c->id}
    };
    struct op_world const w = {.find_member = find_member};
    json_t *in = json_loads(c->in, 0, NULL), *out;

    runs = 0;
    *s = op_call(&cx, &w, &put, in, &out);
    char *text = json_dumps(out, JSON_COMPACT | JSON_PRESERVE_ORDER);
    char *kept = arena_strdup(a, text);

    free(text);
    json_decref(in);
    json_decref(out);
    return kept;
}

static void calls_as_whoever(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(calls); i++) {
        CLEANUP(arena_clear) struct arena arena = {0};
        enum status s;
        const char *answer = call(&calls[i], &arena, &s);

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
        CLEANUP(arena_clear) struct arena arena = {0};
        struct call const c = {"", ROLE_SYSTEM, 0, inputs[i], E_INVALID, ""};
        enum status s;
        const char *answer = call(&c, &arena, &s);

        if (s != E_INVALID || !strstr(answer, "input.card_number") || strstr(answer, "4242"))
            FAIL("%s: %d %s", inputs[i], s, answer);
    }
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
            CHECK(!(op->role & MAY(ROLE_VISITOR)));
        }
    CHECK(op_find("note.put", &found, &err) == E_NOT_FOUND && err.fault == &OP_UNKNOWN);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("ops check role, owner and input, and rerun what lost a race", calls_as_whoever),
        CASE("C-18 a card's number in any input is refused and never echoed", refuses_card_numbers),
        CASE("every op has all it needs and an id of its own", rows_are_sound),
    };
    return RUN_CASES("op", cases);
}
