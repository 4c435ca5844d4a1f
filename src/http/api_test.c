/* api_test: routing, inputs, problems and callers of requests.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/api_test.h"

static struct desk desk;
static const char *own; /* /v1/accounts/M of a member in good standing */

static int set_up(void **state)
{
    struct test_db *t = &desk.life.t;

    (void)state;
    desk_open(&desk, "2024-02-01");
    life_member(&desk.life, "DE", "standard", "2024-01-15", "2024-02-01", "tok_visa");
    CHECK_OK(db_script(t->db, "UPDATE account SET external_id = 'ann'", &t->err));
    own = "/v1/accounts/ann";
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    desk_close(&desk);
    return 0;
}

/* ---- one request each ---- */

/* clang-format off */
static const struct step {
    const char *name;
    struct asked asked;
    int status;
    const char *says, *header, *value;
} steps[] = {
    {"a read", {"GET", "/v1/accounts/ann/membership", NULL, {{0}}},
     200, "\"standing\":\"good\"", "Cache-Control", "no-store"},
    {"its head", {"HEAD", "/v1/accounts/ann/membership", NULL, {{0}}},
     200, "\"standing\":\"good\"", NULL, NULL},
    {"by its owner", {"GET", "/v1/accounts/me/membership", NULL, {{"Foyer-Actor", "owner:ann"}}},
     200, "\"external_id\":\"ann\"", NULL, NULL},
    {"me is nobody without an account", {"GET", "/v1/accounts/me/membership", NULL, {{0}}},
     404, "account.unknown", NULL, NULL},
    {"no version", {"GET", "/accounts/ann/membership", NULL, {{0}}},
     404, "http.unknown", NULL, NULL},
    {"no such path", {"GET", "/v1/accounts/ann/nothing", NULL, {{0}}},
     404, "http.unknown", NULL, NULL},
    {"a path too short", {"GET", "/v1/accounts", NULL, {{0}}},
     404, "http.unknown", NULL, NULL},
    {"a path too long", {"GET", "/v1/accounts/a/b/c/d/e/f/g/h/i/j/k/l", NULL, {{0}}},
     404, "http.unknown", NULL, NULL},
    {"an empty segment", {"GET", "/v1/accounts//membership", NULL, {{0}}},
     404, "http.unknown", NULL, NULL},
    {"a slash at the end", {"GET", "/v1/plans/", NULL, {{0}}}, 404, "http.unknown", NULL, NULL},
    {"a wrong method", {"DELETE", "/v1/accounts/ann/methods", NULL, {{0}}},
     405, "http.method", "Allow", "GET, HEAD, POST"},
    {"a method that nothing takes", {"BREW", "/v1/plans", NULL, {{0}}},
     405, "http.method", "Allow", "GET, HEAD"},
    {"options", {"OPTIONS", "/v1/accounts/ann/methods", NULL, {{0}}},
     204, "", "Allow", "GET, HEAD, POST"},
    {"an answer of another type", {"GET", "/v1/plans?country=DE", NULL, {{"Accept", "text/html"}}},
     406, "http.not_acceptable", NULL, NULL},
    {"one of several types",
     {"GET", "/v1/plans?country=DE", NULL, {{"Accept", "text/html, application/*;q=0.5"}}},
     200, "plans", NULL, NULL},
    {"a type with no weight",
     {"GET", "/v1/plans?country=DE", NULL, {{"Accept", "text/html, application/json;q=0"}}},
     406, "http.not_acceptable", NULL, NULL},
    {"any type", {"GET", "/v1/plans?country=DE", NULL, {{"Accept", "*/*"}}},
     200, "plans", NULL, NULL},
    {"a query", {"GET", "/v1/accounts/ann/charges?limit=3", NULL, {{0}}},
     200, "\"charges\":", NULL, NULL},
    {"a number out of range", {"GET", "/v1/accounts/ann/charges?limit=0", NULL, {{0}}},
     400, "\"field\":\"limit\"", NULL, NULL},
    {"no number", {"GET", "/v1/accounts/ann/charges?limit=three", NULL, {{0}}},
     400, "input.type", NULL, NULL},
    {"an unknown parameter", {"GET", "/v1/accounts/ann/charges?colour=red", NULL, {{0}}},
     400, "\"field\":\"colour\"", NULL, NULL},
    {"a parameter twice", {"GET", "/v1/accounts/ann/charges?limit=1&limit=1", NULL, {{0}}},
     400, "http.twice", NULL, NULL},
    {"a parameter of the path", {"GET", "/v1/accounts/ann/charges?member=bob", NULL, {{0}}},
     400, "\"field\":\"member\"", NULL, NULL},
    {"encoded", {"GET", "/v1/accounts/%61nn/charges?lim%69t=%33&", NULL, {{0}}},
     200, "\"charges\":", NULL, NULL},
    {"a parameter without a value", {"GET", "/v1/accounts/ann/charges?limit", NULL, {{0}}},
     400, "input.type", NULL, NULL},
    {"a broken escape", {"GET", "/v1/accounts/ann%2/charges", NULL, {{0}}},
     400, "http.text", NULL, NULL},
    {"an escape of no digits", {"GET", "/v1/accounts/ann/charges?limit=%zz", NULL, {{0}}},
     400, "http.text", NULL, NULL},
    {"a NUL", {"GET", "/v1/accounts/ann%00x/charges", NULL, {{0}}}, 400, "http.text", NULL, NULL},
    {"no UTF-8 in the path", {"GET", "/v1/accounts/%ff/charges", NULL, {{0}}},
     400, "http.text", NULL, NULL},
    {"no UTF-8 in the query", {"GET", "/v1/accounts/ann/charges?%ff=1", NULL, {{0}}},
     400, "http.text", NULL, NULL},
    {"a body to a read", {"GET", "/v1/plans?country=DE", "{}", {{0}}},
     400, "http.body_not_here", NULL, NULL},
    {"a query to a write", {"POST", "/v1/accounts/ann/lock?reason=x", "{}", {{0}}},
     400, "http.query_not_here", NULL, NULL},
    {"no JSON", {"POST", "/v1/accounts/ann/lock", "reason=x", {{0}}},
     400, "http.body", NULL, NULL},
    {"a list", {"POST", "/v1/accounts/ann/lock", "[]", {{0}}}, 400, "http.body", NULL, NULL},
    {"a name twice", {"POST", "/v1/accounts/ann/lock", "{\"a\":1,\"a\":2}", {{0}}},
     400, "http.body", NULL, NULL},
    {"a number beyond 64 bits",
     {"POST", "/v1/accounts/ann/lock", "{\"a\":99999999999999999999}", {{0}}},
     400, "http.body", NULL, NULL},
    {"no UTF-8 in the body", {"POST", "/v1/accounts/ann/lock", "{\"a\":\"\xff\"}", {{0}}},
     400, "http.body", NULL, NULL},
    {"an unknown field", {"POST", "/v1/accounts/ann/lock", "{\"colour\":\"red\"}", {{0}}},
     400, "\"field\":\"colour\"", NULL, NULL},
    {"a field of the path", {"POST", "/v1/accounts/ann/lock", "{\"member\":\"bob\"}", {{0}}},
     400, "http.twice", NULL, NULL},
    {"a form",
     {"POST", "/v1/accounts/ann/lock", "a=1",
      {{"Content-Type", "application/x-www-form-urlencoded"}}},
     415, "http.type", NULL, NULL},
    {"another charset",
     {"POST", "/v1/accounts/ann/lock", "{}", {{"Content-Type", "application/json;charset=latin1"}}},
     415, "http.type", NULL, NULL},
    {"a compressed body",
     {"POST", "/v1/accounts/ann/lock", "{}", {{"Content-Encoding", "gzip"}}},
     415, "http.type", NULL, NULL},
    {"its own charset",
     {"POST", "/v1/accounts/ann/membership/cancel/begin", "{}",
      {{"Content-Type", "Application/JSON ; charset=\"utf-8\""}}},
     200, "", NULL, NULL},
    {"no body at all", {"POST", "/v1/accounts/ann/membership/cancel/begin", NULL, {{0}}},
     200, "", NULL, NULL},
    {"a card number", {"POST", "/v1/accounts/ann/lock", "{\"4242424242424242\":1}", {{0}}},
     400, "input.card_number", NULL, NULL},
    {"a card number twice", {"GET", "/v1/plans?4242424242424242=1&4242424242424242=2", NULL, {{0}}},
     400, "http.twice", NULL, NULL},
    {"a conflict", {"POST", "/v1/accounts/ann/membership/cancel/undo", NULL, {{0}}},
     409, "\"title\":\"Conflict\"", NULL, NULL},
    {"the description", {"GET", "/openapi.json", NULL, {{"Authorization", ""}}},
     200, "\"openapi\":\"3.1.0\"", NULL, NULL},
    {"a write to the description", {"POST", "/openapi.json", NULL, {{"Authorization", ""}}},
     405, "http.method", "Allow", "GET, HEAD"},
    {"a header twice",
     {"GET", "/v1/plans?country=DE", NULL,
      {{"Foyer-Actor", "visitor"}, {"foyer-actor", "system"}}},
     400, "\"field\":\"Foyer-Actor\"", NULL, NULL},
    {"events with a question", {"GET", "/v1/events?bogus=1", NULL, {{0}}},
     400, "input.unknown", NULL, NULL},
    {"events as JSON", {"GET", "/v1/events", NULL, {{"Accept", "application/json"}}},
     406, "http.not_acceptable", NULL, NULL},
    {"events as what they are",
     {"GET", "/v1/events", NULL, {{"Accept", "text/html, text/event-stream;q=0.5"}}},
     200, "", NULL, NULL},
    {"a place among events that is none",
     {"GET", "/v1/events", NULL, {{"Last-Event-ID", "nonsense"}}},
     400, "http.place", NULL, NULL},
    {"an empty one", {"GET", "/v1/events", NULL, {{"Last-Event-ID", ""}}},
     400, "\"field\":\"Last-Event-ID\"", NULL, NULL},
    {"two of them", {"GET", "/v1/events", NULL, {{"Last-Event-ID", "1"}, {"last-event-id", "2"}}},
     400, "http.twice", NULL, NULL},
    {"one that was told", {"GET", "/v1/events", NULL, {{"Last-Event-ID", "18cf-18d0"}}},
     200, "", NULL, NULL},
    /* callers */
    {"no key", {"GET", "/v1/plans?country=DE", NULL, {{"Authorization", ""}}},
     401, "key.missing", "WWW-Authenticate", "Bearer realm=\"foyer\""},
    {"another scheme", {"GET", "/v1/plans?country=DE", NULL, {{"Authorization", "Basic YTpi"}}},
     401, "key.invalid", "WWW-Authenticate", "Bearer realm=\"foyer\", error=\"invalid_token\""},
    {"an unknown surface",
     {"GET", "/v1/plans?country=DE", NULL, {{"Foyer-Surface", "radio"}}},
     400, "\"field\":\"Foyer-Surface\"", NULL, NULL},
    {"an unknown actor", {"GET", "/v1/plans?country=DE", NULL, {{"Foyer-Actor", "king:ann"}}},
     400, "\"field\":\"Foyer-Actor\"", NULL, NULL},
    {"somebody's owner", {"GET", "/v1/plans?country=DE", NULL, {{"Foyer-Actor", "owner:nobody"}}},
     404, "\"field\":\"Foyer-Actor\"", NULL, NULL},
    {"an old proof", {"GET", "/v1/plans?country=DE", NULL, {{"Foyer-Proof", "old"}}},
     400, "\"field\":\"Foyer-Proof\"", NULL, NULL},
    {"a device that is no text", {"GET", "/v1/plans?country=DE", NULL, {{"Foyer-Device", "\xff"}}},
     400, "\"field\":\"Foyer-Device\"", NULL, NULL},
    {"a visitor", {"GET", "/v1/plans?country=DE", NULL, {{"Foyer-Actor", "visitor"}}},
     200, "plans", NULL, NULL},
    {"a visitor at an account",
     {"GET", "/v1/accounts/ann/membership", NULL, {{"Foyer-Actor", "visitor"}}},
     403, "op.not_allowed", NULL, NULL},
    {"an owner without a proof",
     {"POST", "/v1/accounts/me/methods", "{\"token\":\"tok_visa\"}",
      {{"Foyer-Actor", "owner:ann"}}},
     403, "op.proof_needed", NULL, NULL},
    {"and with one",
     {"POST", "/v1/accounts/me/methods", "{\"token\":\"tok_mastercard\"}",
      {{"Foyer-Actor", "owner:ann"}, {"Foyer-Proof", "fresh"}, {"Foyer-Device", "a phone"}}},
     200, "\"brand\":\"mastercard\"", NULL, NULL},
    {"a bad idempotency key",
     {"POST", "/v1/accounts/ann/membership/cancel/begin", NULL, {{"Idempotency-Key", "a b"}}},
     400, "op.key_invalid", NULL, NULL},
    {"a card's number as a key",
     {"POST", "/v1/accounts/ann/membership/cancel/begin", NULL,
      {{"Idempotency-Key", "4242424242424242"}}},
     400, "input.card_number", NULL, NULL},
    {"a card's number as a device",
     {"GET", "/v1/plans?country=DE", NULL, {{"Foyer-Device", "TV 4242 4242 4242 4242"}}},
     400, "\"field\":\"Foyer-Device\"", NULL, NULL},
    {"a telephone number that could be a card's",
     {"POST", "/v1/accounts/ann/contact", "{\"phone\":\"+4915112345678\"}", {{0}}},
     200, "+4915112345678", NULL, NULL},
};
/* clang-format on */

static void answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(steps); i++) {
        const struct step *s = &steps[i];
        int const status = desk_ask(&desk, &s->asked);
        const struct http_answer *an = &desk.answer;
        const char *body = an->body ? an->body : "";

        if (status != s->status || !strstr(body, s->says) ||
            (s->header && strcmp(desk_header(&desk, s->header), s->value) != 0) ||
            strstr(body, "4242424242424242"))
            FAIL("%s: %d %s: %s, %s", s->name, status, body, s->header ? s->header : "",
                 s->header ? desk_header(&desk, s->header) : "");
        CHECK(an->body_bytes == strlen(body));
        if (status >= 400) {
            CHECK(strcmp(an->type, "application/problem+json") == 0);
            CHECK(strstr(body, "\"request\":\"req-1\"") &&
                  strstr(body, "\"type\":\"about:blank\""));
        }
    }
}

static void nests(void **state)
{
    struct test_db *t = &desk.life.t;
    char *deep = arena_alloc(&t->arena, 200001);

    (void)state;
    memset(deep, '[', 200000);
    memcpy(deep, "{\"a\":", 5);
    struct asked const q = {"POST", "/v1/accounts/ann/lock", deep, {{0}}};
    CHECK(desk_ask(&desk, &q) == 400 && strstr(desk.answer.body, "http.body"));
    struct asked const text = {
        "POST", "/v1/accounts/ann/lock", "{\"a\":\"[[[[[[[[[[[[[[[[[[[[\\\"[[[[[\"}", {{0}}};
    CHECK(desk_ask(&desk, &text) == 400 && strstr(desk.answer.body, "input.unknown"));
}

/* The database goes away: what is left to say is to come again. */
static enum db_injury gone(void *arg, enum db_moment moment)
{
    (void)arg, (void)moment;
    return DROP;
}

static void says_come_again(void **state)
{
    struct test_db *t = &desk.life.t;
    struct asked const q = {"GET", "/v1/accounts/ann/membership", NULL, {{0}}};

    (void)state;
    db_injure(t->db, gone, NULL);
    int const status = desk_ask(&desk, &q);
    db_injure(t->db, NULL, NULL);
    if (status != 503 || strcmp(desk_header(&desk, "Retry-After"), "1") != 0)
        FAIL("%d %s", status, desk.answer.body);
    CHECK(desk_ask(&desk, &q) == 200);
}

/* The same call under its key is answered the same; of another key of the API it is another. */
static void repeats(void **state)
{
    struct test_db *t = &desk.life.t;
    struct asked q = {
        "POST",
        "/v1/gifts",
        "{\"amount_minor\":500,\"currency\":\"EUR\"}",
        {{"Idempotency-Key", "one"}, {0}}
    };

    (void)state;
    CHECK(desk_ask(&desk, &q) == 200);
    json_t *first = json_loads(desk.answer.body, 0, NULL);
    CHECK(desk_ask(&desk, &q) == 200);
    json_t *second = json_loads(desk.answer.body, 0, NULL);
    const char *card = json_string_value(
        json_object_get(json_array_get(json_object_get(first, "cards"), 0), "card"));
    const char *again = json_string_value(
        json_object_get(json_array_get(json_object_get(second, "cards"), 0), "card"));
    CHECK(card && again && strcmp(card, again) == 0);
    q.headers[1] = (struct http_header){"Authorization", desk_key(&desk, "*", "system")};
    CHECK(desk_ask(&desk, &q) == 200 && !strstr(desk.answer.body, card));
    q.body = "{\"amount_minor\":600,\"currency\":\"EUR\"}";
    CHECK(desk_ask(&desk, &q) == 409 && strstr(desk.answer.body, "op.key_reused"));
    json_decref(first);
    json_decref(second);
    arena_reset(&t->arena);
}

/* ---- lanes and rows ---- */

static void tells_lanes(void **state)
{
    static const struct {
        const char *method, *path;
        enum api_lane lane;
    } cases[] = {
        {"GET",     "/openapi.json",                   API_AT_ONCE},
        {"GET",     "/nothing",                        API_AT_ONCE},
        {"OPTIONS", "/v1/plans",                       API_AT_ONCE},
        {"PUT",     "/v1/plans",                       API_AT_ONCE},
        {"GET",     "/v1/plans",                       API_READ   },
        {"HEAD",    "/v1/accounts/x/methods",          API_READ   },
        {"POST",    "/v1/accounts/x/membership/pause", API_WRITE  },
        {"POST",    "/v1/accounts/x/methods",          API_OUTSIDE},
        {"POST",    "/v1/memberships",                 API_OUTSIDE},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct http_request const rq = {
            .method = cases[i].method, .path = cases[i].path, .query = ""};

        if (api_lane(&rq) != cases[i].lane)
            FAIL("%s %s: lane %d", cases[i].method, cases[i].path, api_lane(&rq));
    }
}

/* ---- any path, beside a slow look at every row ---- */

static uint64_t seed = 88172645463325252;

static size_t pick(size_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (size_t)(seed % n);
}

static const struct op *any_op(void)
{
    size_t tables = 0;

    while (op_tables[tables]) tables++;
    const struct ops *ops = op_tables[pick(tables)];
    return &ops->at[pick(ops->n)];
}

/* The path of an op whose values are words, some of which other paths spell; at times broken. */
static const char *any_path(struct arena *a)
{
    static const char *const values[] = {"x", "me", "gifts", "replay", "%2f", "check", ""};
    const char *path = arena_strdup(a, "/v1");

    for (const char *p = any_op()->path; *p;) {
        size_t const n = strcspn(p + 1, "/");

        if (p[1] == '{')
            path = arena_printf(a, "%s/%s", path, values[pick(COUNT(values))]);
        else if (pick(20))
            path = arena_printf(a, "%s%.*s", path, (int)n + 1, p);
        p += n + 1;
        if (pick(30) == 0) path = arena_printf(a, "%s/%s", path, values[pick(COUNT(values))]);
    }
    return path;
}

/* Whether a row's path takes it, and with how good a mark: a segment that is spelt out counts more
 * than all that follow. */
static bool matches(const char *row, const char *path, unsigned *mark)
{
    if (strncmp(path, "/v1", 3) != 0) return false;
    path += 3;
    for (*mark = 0; *row && *path;) {
        size_t const n = strcspn(row + 1, "/"), m = strcspn(path + 1, "/");
        bool const spelt = n == m && strncmp(row, path, n + 1) == 0;

        if (!spelt && (row[1] != '{' || m == 0)) return false;
        *mark = 2 * *mark + spelt;
        row += n + 1;
        path += m + 1;
    }
    return !*row && !*path;
}

static const struct op *slowly(const char *method, const char *path, bool *known)
{
    const char *best = NULL;
    unsigned mark, best_mark = 0;

    for (size_t t = 0; op_tables[t]; t++)
        for (size_t i = 0; i < op_tables[t]->n; i++) {
            const char *row = op_tables[t]->at[i].path;

            if (!matches(row, path, &mark) || (best && mark <= best_mark)) continue;
            best = row;
            best_mark = mark;
        }
    *known = best;
    for (size_t t = 0; op_tables[t]; t++)
        for (size_t i = 0; i < op_tables[t]->n && best; i++)
            if (strcmp(op_tables[t]->at[i].path, best) == 0 &&
                strcmp(op_tables[t]->at[i].method, method) == 0)
                return &op_tables[t]->at[i];
    return NULL;
}

static void finds_what_a_slow_look_finds(void **state)
{
    static const char *const words[] = {"GET", "POST", "PATCH", "DELETE", "PUT"};
    CLEANUP(arena_clear) struct arena arena = {0};
    size_t found = 0;

    (void)state;
    for (int n = 0; n < 20000; n++) {
        const char *path = any_path(&arena), *method = words[pick(COUNT(words))];
        struct op_route r;
        bool known;
        const struct op *op = slowly(method, path, &known);

        route_find(method, path, &r);
        found += r.op != NULL;
        if (r.op != op || known != (r.allow != NULL))
            FAIL("%s %s: %s, not %s", method, path, r.op ? r.op->id : "none", op ? op->id : "none");
        arena_reset(&arena);
    }
    CHECK(found > 1000);
}

static void rows_are_routes(void **state)
{
    CLEANUP(arena_clear) struct arena arena = {0};
    const char *why = route_defect(&arena);

    (void)state;
    if (why) FAIL("%s", why);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("C-18 requests are routed, read and answered, and refused with their reason", answers),
        CASE("JSON that nests deep is refused before it is parsed", nests),
        CASE("without its database the API says when to come again", says_come_again),
        CASE("a repeated request has one effect, and keys do not meet", repeats),
        CASE("the lane of a request is known before it runs", tells_lanes),
        CASE("any path leads where a slow look at every row leads", finds_what_a_slow_look_finds),
        CASE("each op has a path of its own, whose names are fields", rows_are_routes),
    };
    return cmocka_run_group_tests_name("api", cases, set_up, tear_down);
}
