/* sandbox_rules: tokens, and the answers to them. SPDX-License-Identifier: Apache-2.0 */
#include "payments/gateways/sandbox_rules.h"

#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "payments/decline_rules.h"

enum { MINUTE_MS = 60 * 1000, HOUR_MS = 60 * MINUTE_MS };

/* clang-format off */
static const struct card {
    const char *name, *brand, *last4;
    enum method_kind kind;
    enum funding funding;
} cards[] = {
    {"visa",                "visa",             "4242", KIND_CARD,   FUNDING_CREDIT },
    {"visa_debit",          "visa",             "5556", KIND_CARD,   FUNDING_DEBIT  },
    {"visa_prepaid",        "visa",             "0077", KIND_CARD,   FUNDING_PREPAID},
    {"visa_virtual",        "visa",             "0093", KIND_CARD,   FUNDING_VIRTUAL},
    {"mastercard",          "mastercard",       "4444", KIND_CARD,   FUNDING_CREDIT },
    {"mastercard_debit",    "mastercard",       "8210", KIND_CARD,   FUNDING_DEBIT  },
    {"mastercard_prepaid",  "mastercard",       "5100", KIND_CARD,   FUNDING_PREPAID},
    {"mastercard_virtual",  "mastercard",       "3222", KIND_CARD,   FUNDING_VIRTUAL},
    {"amex",                "amex",             "0005", KIND_CARD,   FUNDING_CREDIT },
    {"discover",            "discover",         "1117", KIND_CARD,   FUNDING_CREDIT },
    {"diners",              "diners",           "0004", KIND_CARD,   FUNDING_CREDIT },
    {"jcb",                 "jcb",              "0505", KIND_CARD,   FUNDING_CREDIT },
    {"unionpay",            "unionpay",         "0006", KIND_CARD,   FUNDING_CREDIT },
    {"maestro",             "maestro",          "0012", KIND_CARD,   FUNDING_DEBIT  },
    {"elo",                 "elo",              "0020", KIND_CARD,   FUNDING_CREDIT },
    {"hipercard",           "hipercard",        "0038", KIND_CARD,   FUNDING_CREDIT },
    {"rupay",               "rupay",            "0046", KIND_CARD,   FUNDING_DEBIT  },
    {"mir",                 "mir",              "0053", KIND_CARD,   FUNDING_DEBIT  },
    {"troy",                "troy",             "0061", KIND_CARD,   FUNDING_CREDIT },
    {"dankort",             "dankort",          "0079", KIND_CARD,   FUNDING_DEBIT  },
    {"cartes_bancaires",    "cartes_bancaires", "0087", KIND_CARD,   FUNDING_DEBIT  },
    {"naranja",             "naranja",          "0095", KIND_CARD,   FUNDING_CREDIT },
    {"wallet",              "paypal",           "",     KIND_WALLET, FUNDING_NONE   },
    {"gift",                "",                 "",     KIND_GIFT,   FUNDING_NONE   },
};

/* The public test cards. Those about disputes and refunds pay. */
static const struct number {
    const char *number, *brand, *code; /* code "": pays */
} numbers[] = {
    {"4242424242424242", "visa",       ""},
    {"5555555555554444", "mastercard", ""},
    {"378282246310005",  "amex",       ""},
    {"6011111111111117", "discover",   ""},
    {"4000000000000002", "visa",       "generic_decline"},
    {"4000000000009995", "visa",       "insufficient_funds"},
    {"4000000000009987", "visa",       "lost_card"},
    {"4000000000009979", "visa",       "stolen_card"},
    {"4000000000000069", "visa",       "expired_card"},
    {"4000000000000127", "visa",       "incorrect_cvc"},
    {"4000000000000101", "visa",       ""},  /* only the check of the security code fails */
    {"4000000000000119", "visa",       "processing_error"},
    {"4242424242424241", "visa",       "incorrect_number"},
    {"4000000000000341", "visa",       "generic_decline"},
    {"4000002500003155", "visa",       ""},  /* asks the member once, when it is added */
    {"4000002760003184", "visa",       "authentication_required"},
    {"4000008260003178", "visa",       "insufficient_funds"},
    {"4000000000003220", "visa",       "authentication_required"},
    {"4000000000003063", "visa",       "authentication_required"},
    {"4000008400001629", "visa",       "generic_decline"},
    {"4000000000000259", "visa",       ""},
    {"4000000000002685", "visa",       ""},
    {"4000000000001976", "visa",       ""},
    {"4000000000005423", "visa",       ""},
    {"4000000000007726", "visa",       ""},
    {"4000000000005126", "visa",       ""},
    {"4000000000006975", "visa",       "card_velocity_exceeded"},
};

static const struct behaviour {
    const char *name;
    enum script_kind kind;
    const char *code, *advice;
} behaviours[] = {
    {"charge_declined",     SCRIPT_DECLINES,     "generic_decline",    ""},
    {"advice_01",           SCRIPT_DECLINES,     "do_not_honor",       "01"},
    {"advice_02",           SCRIPT_DECLINES,     "do_not_honor",       "02"},
    {"advice_03",           SCRIPT_DECLINES,     "do_not_honor",       "03"},
    {"advice_21",           SCRIPT_DECLINES,     "do_not_honor",       "21"},
    {"lost_reply",          SCRIPT_LOST_REPLY,   "",                   ""},
    {"lost_decline",        SCRIPT_LOST_DECLINE, "insufficient_funds", "try_again_later"},
    {"lost_request",        SCRIPT_LOST_REQUEST, "",                   ""},
    {"rate_limited",        SCRIPT_RATE_LIMITED, "",                   ""},
    {"slow_capture",        SCRIPT_SLOW_CAPTURE, "",                   ""},
    {"slow_decline",        SCRIPT_SLOW_DECLINE, "generic_decline",    ""},
    {"duplicate_callbacks", SCRIPT_DUPLICATE,    "",                   ""},
    {"late_callback",       SCRIPT_LATE,         "",                   ""},
    {"unordered_callbacks", SCRIPT_UNORDERED,    "",                   ""},
    {"no_callback",         SCRIPT_SILENT,       "",                   ""},
};

/* They pay; what is scripted is how their refunds fare. */
static const struct refunding {
    const char *name;
    enum refund_script script;
} refundings[] = {
    {"refund_later",        GIVES_BACK_LATER    },
    {"refund_fails",        FAILS_LATER         },
    {"refund_refused",      REFUSES             },
    {"refund_lost_reply",   LOSES_REFUND_REPLY  },
    {"refund_lost_request", LOSES_REFUND_REQUEST},
    {"refund_rate_limited", TURNS_REFUND_AWAY   },
    {"4000000000007726",    GIVES_BACK_LATER    },
    {"4000000000005126",    FAILS_LATER         },
};

/* They pay; what is scripted is what the bank does later. */
static const struct disputing {
    const char *name;
    enum dispute_script script;
} disputings[] = {
    {"disputed",         DISPUTED         },
    {"dispute_won",      DISPUTE_ENDS_WON },
    {"dispute_lost",     DISPUTE_ENDS_LOST},
    {"4000000000000259", DISPUTED         },
};
enum { OPENED_DAYS = 10, ENDED_DAYS = 30 };

/* The advice that usually comes with a code. */
static const char *const advices[][2] = {
    {"card_declined",                    "try_again_later"},
    {"do_not_honor",                     "try_again_later"},
    {"do_not_try_again",                 "do_not_try_again"},
    {"expired_card",                     "confirm_card_data"},
    {"fraudulent",                       "do_not_try_again"},
    {"generic_decline",                  "try_again_later"},
    {"incorrect_cvc",                    "confirm_card_data"},
    {"incorrect_number",                 "confirm_card_data"},
    {"incorrect_zip",                    "confirm_card_data"},
    {"insufficient_funds",               "try_again_later"},
    {"invalid_account",                  "do_not_try_again"},
    {"issuer_not_available",             "try_again_later"},
    {"lost_card",                        "do_not_try_again"},
    {"pickup_card",                      "do_not_try_again"},
    {"processing_error",                 "try_again_later"},
    {"reenter_transaction",              "try_again_later"},
    {"revocation_of_all_authorizations", "do_not_try_again"},
    {"revocation_of_authorization",      "do_not_try_again"},
    {"stolen_card",                      "do_not_try_again"},
    {"stop_payment_order",               "do_not_try_again"},
    {"try_again_later",                  "try_again_later"},
};
/* clang-format on */

static const char *advice_of(const char *code)
{
    for (size_t i = 0; i < COUNT(advices); i++)
        if (strcmp(advices[i][0], code) == 0) return advices[i][1];
    return "";
}

static void decline_with(struct sandbox_token *t, enum script_kind kind, const char *code)
{
    t->script.kind = kind;
    t->script.code = code;
    t->script.advice = advice_of(code);
}

static void take_card(struct sandbox_token *t, const struct card *card)
{
    t->kind = card->kind;
    t->brand = card->brand;
    t->funding = card->funding;
    snprintf(t->last4, sizeof t->last4, "%s", card->last4);
}

static const struct card *find_card(const char *name)
{
    for (size_t i = 0; i < COUNT(cards); i++)
        if (strcmp(cards[i].name, name) == 0) return &cards[i];
    return NULL;
}

static bool read_refunding(const char *name, struct sandbox_token *t)
{
    for (size_t i = 0; i < COUNT(refundings); i++)
        if (strcmp(refundings[i].name, name) == 0) t->refunds = refundings[i].script;
    return strncmp(name, "refund_", 7) == 0 && t->refunds != GIVES_BACK;
}

static bool read_disputing(const char *name, struct sandbox_token *t)
{
    for (size_t i = 0; i < COUNT(disputings); i++)
        if (strcmp(disputings[i].name, name) == 0) t->disputes = disputings[i].script;
    return strncmp(name, "dispute", 7) == 0 && t->disputes != NOT_DISPUTED;
}

static bool read_number(const char *name, struct sandbox_token *t)
{
    for (size_t i = 0; i < COUNT(numbers); i++) {
        if (strcmp(numbers[i].number, name) != 0) continue;
        take_card(t, find_card(numbers[i].brand));
        snprintf(t->last4, sizeof t->last4, "%s", name + strlen(name) - 4);
        if (*numbers[i].code) decline_with(t, SCRIPT_DECLINES, numbers[i].code);
        t->refused = strcmp(numbers[i].code, "incorrect_number") == 0;
        return true;
    }
    return false;
}

static bool read_behaviour(const char *name, struct sandbox_token *t)
{
    for (size_t i = 0; i < COUNT(behaviours); i++) {
        if (strcmp(behaviours[i].name, name) != 0) continue;
        t->script.kind = behaviours[i].kind;
        t->script.code = behaviours[i].code;
        t->script.advice = behaviours[i].advice;
        if (strncmp(name, "advice_", 7) == 0) take_card(t, find_card("mastercard"));
        return true;
    }
    return false;
}

static bool read_decline(const char *name, struct sandbox_token *t)
{
    const struct decline *d = decline_find(name);

    if (!d) return false;
    decline_with(t, SCRIPT_DECLINES, d->code);
    t->refused = strcmp(name, "incorrect_number") == 0;
    return true;
}

static bool skip(const char **p, const char *word)
{
    size_t const n = strlen(word);

    if (strncmp(*p, word, n) != 0) return false;
    *p += n;
    return true;
}

/* A positive number of at most nine digits. */
static bool read_count(const char **p, int64_t *out)
{
    const char *start = *p;

    for (*out = 0; **p >= '0' && **p <= '9' && *p - start < 9; ++*p) *out = 10 * *out + (**p - '0');
    return *p > start && *out > 0;
}

/* YYYYMMDD, as the first instant of that day in UTC. */
static bool read_date(const char **p, int64_t *at)
{
    char date[16];
    int64_t day;

    if (strspn(*p, "0123456789") != 8) return false;
    snprintf(date, sizeof date, "%.4s-%.2s-%.2s", *p, *p + 4, *p + 6);
    if (!day_parse(date, &day)) return false;
    *p += 8;
    *at = day * DAY_MS;
    return true;
}

/* What is left of a name with parameters: nothing, or "_CODE". */
static bool read_rest(const char *p, enum script_kind kind, const char *code,
                      struct sandbox_token *t)
{
    const struct decline *d = decline_find(*p == '_' ? p + 1 : code);

    if ((*p && *p != '_') || !d) return false;
    decline_with(t, kind, d->code);
    return true;
}

/* "updated_", "closed_" or "revoked_" and a date. */
static bool read_outside(const char *p, struct sandbox_token *t)
{
    static const struct {
        const char *word, *code; /* code "": it goes on paying */
        enum gateway_event_kind kind;
    } words[] = {
        {"updated_", "",                            EVENT_METHOD_UPDATED },
        {"closed_",  "invalid_account",             EVENT_METHOD_CLOSED  },
        {"revoked_", "revocation_of_authorization", EVENT_MANDATE_REVOKED},
    };

    for (size_t i = 0; i < COUNT(words); i++) {
        if (!skip(&p, words[i].word)) continue;
        if (!read_date(&p, &t->outside_at) || *p) return false;
        t->outside = words[i].kind;
        t->script.at = t->outside_at;
        if (*words[i].code) decline_with(t, SCRIPT_UNTIL, words[i].code);
        if (!*words[i].code) t->expiry_month = month_of(t->outside_at / DAY_MS);
        return true;
    }
    return false;
}

void sandbox_token_replaced(const struct sandbox_token *t, char last4[static 5],
                            int64_t *expiry_month)
{
    snprintf(last4, 5, "1881");
    *expiry_month = t->expiry_month + 36;
}

static bool read_parameters(const char *p, struct sandbox_token *t)
{
    struct script *s = &t->script;

    if (skip(&p, "fail_first_"))
        return read_count(&p, &s->count) &&
               read_rest(p, SCRIPT_FAIL_FIRST, "insufficient_funds", t);
    if (skip(&p, "every_"))
        return read_count(&p, &s->every) && skip(&p, "_fail_") && read_count(&p, &s->count) &&
               read_rest(p, SCRIPT_EVERY, "insufficient_funds", t);
    if (skip(&p, "settles_in_")) {
        s->kind = SCRIPT_SOON;
        return read_count(&p, &s->count) && !*p;
    }
    if (skip(&p, "until_")) {
        if (!read_date(&p, &s->at)) return false;
        if (skip(&p, "_then") && !*p) return false;
        return read_rest(p, SCRIPT_UNTIL, "expired_card", t);
    }
    if (skip(&p, "from_"))
        return read_date(&p, &s->at) && read_rest(p, SCRIPT_FROM, "insufficient_funds", t);
    if (skip(&p, "flaky_"))
        return read_count(&p, &s->every) && skip(&p, "_") && read_count(&p, &s->count) &&
               s->count <= 100 && read_rest(p, SCRIPT_FLAKY, "generic_decline", t);
    return false;
}

static bool read_carrier(const char *name, struct sandbox_token *t)
{
    if (!skip(&name, "carrier_") || !*name) return false;
    take_card(t, &(struct card){"", "", "", KIND_CARRIER, FUNDING_NONE});
    snprintf(t->operator_, sizeof t->operator_, "%s", name);
    return true;
}

static bool read_name(const char *name, struct sandbox_token *t)
{
    const struct card *card = find_card(name);

    if (card) {
        take_card(t, card);
        if (card->kind == KIND_GIFT) decline_with(t, SCRIPT_DECLINES, "card_not_supported");
        return true;
    }
    if (strcmp(name, "no_recurring") == 0) {
        t->recurring = false;
        decline_with(t, SCRIPT_DECLINES, "transaction_not_allowed");
        return true;
    }
    if (strcmp(name, "refused") == 0) {
        t->refused = true;
        decline_with(t, SCRIPT_DECLINES, "card_not_supported");
        return true;
    }
    if (read_refunding(name, t) || read_disputing(name, t)) return true;
    return read_behaviour(name, t) || read_decline(name, t) || read_number(name, t) ||
           read_carrier(name, t) || read_outside(name, t) || read_parameters(name, t);
}

/* What updates of a method add: "postal", or "expires_" and YYYYMM. */
static bool read_update(const char *option, struct sandbox_token *t)
{
    char date[16];
    int64_t day;

    if (strcmp(option, "postal") == 0) return t->postal = true;
    if (!skip(&option, "expires_") || strspn(option, "0123456789") != 6 || option[6]) return false;
    snprintf(date, sizeof date, "%.4s-%.2s-01", option, option + 4);
    if (!day_parse(date, &day)) return false;
    t->expiry_month = month_of(day);
    return true;
}

/* Details that a bank missed make the card pay once they are given. */
static void heal(struct sandbox_token *t)
{
    static const char *const dated[] = {"expired_card", "invalid_expiry_month",
                                        "invalid_expiry_year"};
    bool healed = t->postal && strcmp(t->script.code, "incorrect_zip") == 0;

    for (size_t i = 0; i < COUNT(dated); i++)
        healed |= t->expiry_month && strcmp(t->script.code, dated[i]) == 0;
    if (healed && t->script.kind == SCRIPT_DECLINES)
        t->script = (struct script){.kind = SCRIPT_PAYS, .code = "", .advice = ""};
}

/* After '@': "shared", a card's name, a funding, or a country in capitals. */
static bool read_option(const char *option, struct sandbox_token *t)
{
    const struct card *card = find_card(option);
    int64_t const funding = name_find(&fundings, option);

    if (strcmp(option, "shared") == 0) {
        t->shared = true;
    } else if (card) {
        take_card(t, card);
    } else if (funding >= 0) {
        t->funding = (enum funding)funding;
    } else if (strlen(option) == 2 && strspn(option, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 2) {
        snprintf(t->country, sizeof t->country, "%s", option);
    } else {
        return read_update(option, t);
    }
    return true;
}

/* "name@one@two", each from left to right. */
static bool read_options(char *name, struct sandbox_token *t)
{
    char *option = strchr(name, '@');

    if (option) *option++ = 0;
    if (!read_name(name, t)) return false;
    while (option) {
        char *next = strchr(option, '@');

        if (next) *next++ = 0;
        if (!read_option(option, t)) return false;
        option = next;
    }
    return true;
}

/* A suffix only tells cards apart; it must not carry a card number in. */
static bool suffix_is_plain(const char *suffix)
{
    size_t digits = 0;

    for (const char *p = suffix; *p; p++) digits += *p >= '0' && *p <= '9';
    return *suffix && digits < 12 &&
           strspn(suffix, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
               strlen(suffix);
}

bool sandbox_token_read(const char *token, struct sandbox_token *out)
{
    struct sandbox_token t = {.country = "US", .recurring = true};
    const char *const options_end = token + strcspn(token, "-");
    char name[SANDBOX_TOKEN_MAX];

    if (strlen(token) >= sizeof name || !skip(&token, "tok_")) return false;
    if (*options_end && !suffix_is_plain(options_end + 1)) return false;
    snprintf(name, sizeof name, "%.*s", (int)(options_end - token), token);
    t.script.code = t.script.advice = "";
    take_card(&t, &cards[0]);
    if (!read_options(name, &t)) return false;
    heal(&t);
    if (t.kind == KIND_CARD && !t.expiry_month) t.expiry_month = 2049 * 12 + 11;
    *out = t;
    return true;
}

static bool is_update(const char *option, size_t n)
{
    return (n == 6 && strncmp(option, "postal", 6) == 0) ||
           (n == 14 && strncmp(option, "expires_", 8) == 0);
}

void sandbox_token_plain(const char *token, char out[static SANDBOX_TOKEN_MAX])
{
    size_t at = 0, n = strcspn(token, "@-");

    snprintf(out, SANDBOX_TOKEN_MAX, "%.*s", (int)n, token);
    for (at = strlen(out), token += n; *token == '@'; token += n + 1) {
        n = strcspn(token + 1, "@-");
        if (!is_update(token + 1, n) && at + n + 2 < SANDBOX_TOKEN_MAX)
            at += (size_t)snprintf(out + at, SANDBOX_TOKEN_MAX - at, "%.*s", (int)n + 1, token);
    }
    snprintf(out + at, SANDBOX_TOKEN_MAX - at, "%s", token);
}

bool sandbox_token_update(const char *token, int64_t expiry_month, bool postal,
                          char out[static SANDBOX_TOKEN_MAX])
{
    struct sandbox_token was;
    char plain[SANDBOX_TOKEN_MAX], expires[24] = "", given[SANDBOX_TOKEN_MAX];

    if (!sandbox_token_read(token, &was)) return false;
    bool const had_expiry = strstr(token, "@expires_") != NULL;
    int64_t const month = expiry_month ? expiry_month : had_expiry ? was.expiry_month : 0;
    sandbox_token_plain(token, plain);
    if (month)
        snprintf(expires, sizeof expires, "@expires_%04d%02d", (int)(month / 12 % 10000),
                 (int)(month % 12 + 1));
    size_t const n = strcspn(plain, "-");
    snprintf(given, sizeof given, "%.*s", (int)n, plain);
    int const length = snprintf(out, SANDBOX_TOKEN_MAX, "%s%s%s%s", given, expires,
                                postal || was.postal ? "@postal" : "", plain + n);
    return length < SANDBOX_TOKEN_MAX;
}

/* splitmix64: every input bit reaches every output bit. */
static uint64_t mix(uint64_t h, int64_t v)
{
    h += (uint64_t)v + UINT64_C(0x9e3779b97f4a7c15);
    h = (h ^ (h >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    h = (h ^ (h >> 27)) * UINT64_C(0x94d049bb133111eb);
    return h ^ (h >> 31);
}

static bool fails(const struct script *s, const struct gateway_charge *c)
{
    struct gateway_key key = {.attempt = 1};

    (void)gateway_key_read(c->key, &key); /* any other key is of a first attempt */
    switch (s->kind) {
    case SCRIPT_DECLINES:
    case SCRIPT_LOST_DECLINE:
    case SCRIPT_SLOW_DECLINE: return true;
    case SCRIPT_FAIL_FIRST: return key.attempt <= s->count;
    case SCRIPT_EVERY: return (key.k + 1) % s->every == 0 && key.attempt <= s->count;
    case SCRIPT_UNTIL: return c->at >= s->at;
    case SCRIPT_FROM: return c->at < s->at;
    case SCRIPT_FLAKY:
        return mix(mix(mix(mix(0, s->every), key.term), key.k), key.attempt) % 100 <
               (uint64_t)s->count;
    case SCRIPT_PAYS:
    case SCRIPT_LOST_REPLY:
    case SCRIPT_LOST_REQUEST:
    case SCRIPT_RATE_LIMITED:
    case SCRIPT_SLOW_CAPTURE:
    case SCRIPT_DUPLICATE:
    case SCRIPT_LATE:
    case SCRIPT_UNORDERED:
    case SCRIPT_SILENT:
    case SCRIPT_SOON: return false;
    }
    return false;
}

static enum sandbox_fate fate_of(enum script_kind kind)
{
    if (kind == SCRIPT_LOST_REPLY || kind == SCRIPT_LOST_DECLINE) return FATE_REPLY_LOST;
    if (kind == SCRIPT_LOST_REQUEST) return FATE_REQUEST_LOST;
    return kind == SCRIPT_RATE_LIMITED ? FATE_TURNED_AWAY : FATE_ARRIVES;
}

static void call_back(struct sandbox_verdict *v, const char *word, int64_t copy,
                      enum gateway_outcome outcome, int64_t deliver_at)
{
    v->callbacks[v->n_callbacks++] =
        (struct sandbox_callback){EVENT_CHARGE, word, copy, outcome, deliver_at};
}

/* What takes its time, and what is told about it afterwards. */
static void schedule(const struct script *s, int64_t at, struct sandbox_verdict *v)
{
    enum script_kind const kind = s->kind;

    if (kind == SCRIPT_SLOW_CAPTURE || kind == SCRIPT_SLOW_DECLINE) {
        v->settled_at = at + 2 * DAY_MS;
        call_back(v, "settled", 0, v->outcome, v->settled_at);
    } else if (kind == SCRIPT_DUPLICATE) {
        call_back(v, "settled", 0, v->outcome, at + MINUTE_MS);
        call_back(v, "settled", 1, v->outcome, at + HOUR_MS);
    } else if (kind == SCRIPT_LATE) {
        v->settled_at = at + HOUR_MS;
        call_back(v, "settled", 0, v->outcome, at + 5 * DAY_MS);
    } else if (kind == SCRIPT_UNORDERED) {
        v->settled_at = at + DAY_MS;
        call_back(v, "settled", 0, v->outcome, v->settled_at);
        call_back(v, "pending", 0, GATEWAY_PENDING, v->settled_at + HOUR_MS);
    } else if (kind == SCRIPT_SILENT) {
        v->settled_at = at + DAY_MS;
    } else if (kind == SCRIPT_SOON) {
        v->settled_at = at + s->count * 1000;
        call_back(v, "settled", 0, v->outcome, v->settled_at);
    }
}

static void call_dispute(struct sandbox_verdict *v, enum gateway_dispute what, int64_t days)
{
    v->callbacks[v->n_callbacks++] =
        (struct sandbox_callback){EVENT_DISPUTE, gateway_disputes.at[what], 0, GATEWAY_PENDING,
                                  v->settled_at + days * DAY_MS};
}

static void dispute(enum dispute_script script, struct sandbox_verdict *v)
{
    if (script == NOT_DISPUTED || v->outcome != GATEWAY_CAPTURED) return;
    call_dispute(v, GATEWAY_DISPUTE_OPENED, OPENED_DAYS);
    if (script == DISPUTE_ENDS_WON) call_dispute(v, GATEWAY_DISPUTE_WON, ENDED_DAYS);
    if (script == DISPUTE_ENDS_LOST) call_dispute(v, GATEWAY_DISPUTE_LOST, ENDED_DAYS);
}

bool sandbox_is_disputed(enum dispute_script script, int64_t captured_at, int64_t at)
{
    if (script == NOT_DISPUTED || at < captured_at + OPENED_DAYS * DAY_MS) return false;
    return script != DISPUTE_ENDS_WON || at < captured_at + ENDED_DAYS * DAY_MS;
}

void sandbox_judge(const struct sandbox_token *t, const struct gateway_charge *c,
                   struct sandbox_verdict *out)
{
    bool const pays = !fails(&t->script, c);

    *out = (struct sandbox_verdict){
        .outcome = pays ? GATEWAY_CAPTURED : GATEWAY_DECLINED,
        .code = pays ? "" : t->script.code,
        .advice = pays ? "" : t->script.advice,
        .settled_at = c->at,
        .fate = fate_of(t->script.kind),
    };
    schedule(&t->script, c->at, out);
    dispute(t->disputes, out);
    if (t->outside != EVENT_CHARGE && c->at < t->outside_at)
        out->callbacks[out->n_callbacks++] = (struct sandbox_callback){
            t->outside, gateway_event_kinds.at[t->outside], 0, GATEWAY_PENDING, t->outside_at};
}

static enum sandbox_fate refund_fate(enum refund_script script)
{
    if (script == LOSES_REFUND_REPLY) return FATE_REPLY_LOST;
    if (script == LOSES_REFUND_REQUEST) return FATE_REQUEST_LOST;
    return script == TURNS_REFUND_AWAY ? FATE_TURNED_AWAY : FATE_ARRIVES;
}

void sandbox_judge_refund(const struct sandbox_token *t, int64_t at, struct sandbox_verdict *out)
{
    bool const fails = t->refunds == FAILS_LATER || t->refunds == REFUSES;
    bool const later = t->refunds == FAILS_LATER || t->refunds == GIVES_BACK_LATER;

    *out = (struct sandbox_verdict){
        .outcome = fails ? GATEWAY_DECLINED : GATEWAY_CAPTURED,
        .code = fails ? "refund_failed" : "",
        .advice = "",
        .settled_at = later ? at + 2 * DAY_MS : at,
        .fate = refund_fate(t->refunds),
    };
    if (later) call_back(out, "refunded", 0, out->outcome, out->settled_at);
    if (later) call_back(out, "refunded", 1, out->outcome, out->settled_at + HOUR_MS);
}
