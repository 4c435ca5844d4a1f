/* example: `foyer example members` makes up members to try Foyer with. The same numbers give the
 * same members on every machine, and more members begin with those of fewer.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/example.h"

#include <string.h>

#include "base/calendar.h"
#include "cli/cli.h"
#include "cli/csv.h"

struct weighted {
    int weight;
    const char *text;
};

static const struct weighted plans[] = {
    {20, "standard_ads"},
    {15, "basic"       },
    {40, "standard"    },
    {25, "premium"     },
};

/* "" is one of the methods of the place. */
static const struct weighted paying[] = {
    {34, "tok_visa"            },
    {20, "tok_mastercard"      },
    {30, ""                    },
    {10, "tok_visa_debit"      },
    {6,  "tok_mastercard_debit"},
};

/* What the sandbox makes of them is in docs/sandbox.md. '#' stands for a date in the two years
 * after the last joining day, '*' for a number. */
static const struct weighted failing[] = {
    {160, "tok_flaky_*_5"                                      },
    {120, "tok_flaky_*_12_insufficient_funds"                  },
    {60,  "tok_flaky_*_30_do_not_honor@mastercard"             },
    {50,  "tok_flaky_*_30;tok_mastercard-backup"               },
    {60,  "tok_every_6_fail_1"                                 },
    {50,  "tok_every_12_fail_2"                                },
    {20,  "tok_every_9_fail_4_do_not_honor"                    },
    {20,  "tok_every_12_fail_9@mastercard"                     },
    {20,  "tok_every_8_fail_2_processing_error"                },
    {30,  "tok_fail_first_1"                                   },
    {15,  "tok_fail_first_2_generic_decline@debit"             },
    {8,   "tok_fail_first_6"                                   },
    {40,  "tok_until_#"                                        },
    {50,  "tok_until_#_then_expired_card;tok_mastercard-backup"},
    {10,  "tok_until_#_then_stolen_card@mastercard"            },
    {12,  "tok_until_#_then_lost_card;tok_visa-backup"         },
    {12,  "tok_until_#_then_do_not_try_again"                  },
    {12,  "tok_until_#_then_insufficient_funds"                },
    {25,  "tok_from_#"                                         },
    {8,   "tok_stolen_card"                                    },
    {8,   "tok_insufficient_funds"                             },
    {12,  "tok_insufficient_funds;tok_visa-backup"             },
    {12,  "tok_charge_declined;tok_expired_card;tok_visa_debit"},
    {6,   "tok_insufficient_funds;tok_fail_first_2@mastercard" },
    {6,   "tok_advice_01"                                      },
    {6,   "tok_advice_02"                                      },
    {6,   "tok_advice_03"                                      },
    {6,   "tok_advice_21"                                      },
    {6,   "tok_authentication_required"                        },
    {6,   "tok_incorrect_zip"                                  },
    {6,   "tok_incorrect_cvc@mastercard"                       },
    {30,  "tok_lost_reply"                                     },
    {8,   "tok_lost_decline"                                   },
    {20,  "tok_lost_request"                                   },
    {20,  "tok_rate_limited"                                   },
    {25,  "tok_slow_capture"                                   },
    {8,   "tok_slow_decline"                                   },
    {15,  "tok_duplicate_callbacks"                            },
    {15,  "tok_late_callback"                                  },
    {15,  "tok_unordered_callbacks"                            },
    {15,  "tok_no_callback"                                    },
};

static const char *const columns[] = {
    "external_id", "name", "email", "country", "region", "plan", "joined_on", "method", "locale",
};

/* What a number is drawn for: each of a member's draws is one of its own. */
enum draw {
    DRAW_PLACE,
    DRAW_REGION,
    DRAW_FIRST,
    DRAW_SECOND,
    DRAW_DOMAIN,
    DRAW_PLAN,
    DRAW_JOINED,
    DRAW_JOINED_TOO,
    DRAW_LEAP,
    DRAW_FAILS,
    DRAW_METHOD,
    DRAW_LOCAL,
    DRAW_DATE,
    DRAW_NUMBER,
    DRAWS
};

struct population {
    uint64_t seed;
    int64_t members, from_day, until_day; /* joining days; until_day is none */
    int64_t failing;                      /* percent */
    size_t n_leap_days;
    int64_t leap_days[64];
};

/* The finalizer of splitmix64. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

/* 0 to n - 1. */
static int64_t draw(const struct population *p, int64_t member, enum draw what, int64_t n)
{
    uint64_t const at = (uint64_t)member * DRAWS + what + 1;

    return (int64_t)(mix(mix(p->seed) + at * UINT64_C(0x9e3779b97f4a7c15)) % (uint64_t)n);
}

static const char *pick(const struct population *p, int64_t member, enum draw what,
                        const struct weighted *list, size_t n)
{
    int64_t sum = 0;

    for (size_t i = 0; i < n; i++) sum += list[i].weight;
    int64_t left = draw(p, member, what, sum);
    while (left >= list->weight) left -= (list++)->weight;
    return list->text;
}

static const struct example_place *pick_place(const struct population *p, int64_t member)
{
    const struct example_place *place = example_places;
    int64_t sum = 0;

    for (size_t i = 0; i < example_places_n; i++) sum += example_places[i].weight;
    int64_t left = draw(p, member, DRAW_PLACE, sum);
    while (left >= place->weight) left -= (place++)->weight;
    return place;
}

/* One of the words that blanks stand between; "" when there is none. */
static const char *pick_word(const struct population *p, int64_t member, enum draw what,
                             const char *words, struct arena *a)
{
    int64_t n = *words != '\0';

    for (const char *c = words; *c; c++) n += *c == ' ';
    if (n == 0) return "";
    for (int64_t left = draw(p, member, what, n); left > 0; left--) words = strchr(words, ' ') + 1;
    return arena_memdup(a, words, strcspn(words, " "));
}

/* More and more joined as years went by, and one in 200 on a 29 February. */
static int64_t joining_day(const struct population *p, int64_t member)
{
    int64_t const days = p->until_day - p->from_day;
    int64_t const one = draw(p, member, DRAW_JOINED, days);
    int64_t const two = draw(p, member, DRAW_JOINED_TOO, days);
    int64_t const leap = draw(p, member, DRAW_LEAP, 200 * (int64_t)COUNT(p->leap_days));

    if (leap < (int64_t)COUNT(p->leap_days) && p->n_leap_days)
        return p->leap_days[leap % (int64_t)p->n_leap_days];
    return p->from_day + (one > two ? one : two);
}

/* Fills in '#' and '*'. */
static const char *fill(const struct population *p, int64_t member, const char *form,
                        struct arena *a)
{
    struct civil const date = civil_of(p->until_day + draw(p, member, DRAW_DATE, 730));
    const char *text = "";

    for (; *form; form++) {
        if (*form == '#')
            text = arena_printf(a, "%s%04d%02d%02d", text, (int)date.year, (int)date.month,
                                (int)date.day);
        else if (*form == '*')
            text = arena_printf(a, "%s%d", text, 1 + (int)draw(p, member, DRAW_NUMBER, 999));
        else
            text = arena_printf(a, "%s%c", text, *form);
    }
    return text;
}

static const char *method(const struct population *p, int64_t member,
                          const struct example_place *place, struct arena *a)
{
    const char *token;

    if (draw(p, member, DRAW_FAILS, 100) < p->failing)
        return fill(p, member, pick(p, member, DRAW_METHOD, failing, COUNT(failing)), a);
    token = pick(p, member, DRAW_METHOD, paying, COUNT(paying));
    if (*token) return token;
    token = pick_word(p, member, DRAW_LOCAL, place->methods, a);
    return *token ? arena_printf(a, "tok_%s", token) : "tok_visa";
}

static void write_member(const struct population *p, int64_t member, struct csv_writer *w,
                         struct arena *a)
{
    static const char *const domains[] = {"com", "org", "net"};
    const struct example_place *place = pick_place(p, member);
    const struct example_words *words = &example_words[place->language];
    const char *domain = domains[draw(p, member, DRAW_DOMAIN, COUNT(domains))];
    long long const number = member + 1;
    char day[DAY_TEXT];

    csv_put(w, arena_printf(a, "M%07lld", number));
    csv_put(w, arena_printf(a, "%s %s", words->first[draw(p, member, DRAW_FIRST, WORDS)],
                            words->second[draw(p, member, DRAW_SECOND, WORDS)]));
    csv_put(w, arena_printf(a, "m%07lld@example.%s", number, domain));
    csv_put(w, place->country);
    csv_put(w, pick_word(p, member, DRAW_REGION, place->regions, a));
    csv_put(w, pick(p, member, DRAW_PLAN, plans, COUNT(plans)));
    csv_put(w, day_text(joining_day(p, member), day));
    csv_put(w, method(p, member, place, a));
    csv_put(w, place->locale);
    csv_end_row(w);
}

static void find_leap_days(struct population *p)
{
    for (int64_t year = civil_of(p->from_day).year;
         day_of(year, 1, 1) < p->until_day && p->n_leap_days < COUNT(p->leap_days); year++) {
        int64_t const day = day_of(year, 2, 29);

        if (month_days(year, 2) == 29 && day >= p->from_day && day < p->until_day)
            p->leap_days[p->n_leap_days++] = day;
    }
}

/* Options as they are written; what is NULL keeps its default. */
struct wishes {
    const char *members, *seed, *failing, *from, *to;
};

static bool read_wishes(const struct wishes *w, struct population *p, const char **why)
{
    enum { MEMBERS_MAX = 100000000 };
    int64_t seed = 1;

    *why = "--members wants a number from 1 to 100,000,000";
    if (!w->members || !int_parse(w->members, &p->members)) return false;
    if (p->members < 1 || p->members > MEMBERS_MAX) return false;
    *why = "--seed wants a number";
    if (w->seed && !int_parse(w->seed, &seed)) return false;
    p->seed = (uint64_t)seed;
    *why = "--failing wants a percentage from 0 to 100";
    if (w->failing && !int_parse(w->failing, &p->failing)) return false;
    if (p->failing < 0 || p->failing > 100) return false;
    *why = "--from and --to want dates such as 2024-01-31";
    if (w->from && !day_parse(w->from, &p->from_day)) return false;
    if (w->to && !day_parse(w->to, &p->until_day)) return false;
    *why = "--from must lie before --to";
    return p->from_day < p->until_day;
}

static int run_members(struct cli *cli, int argc, char **argv)
{
    struct wishes wishes = {0};
    const struct cli_option options[] = {
        {"members", &wishes.members, NULL},
        {"seed",    &wishes.seed,    NULL},
        {"failing", &wishes.failing, NULL},
        {"from",    &wishes.from,    NULL},
        {"to",      &wishes.to,      NULL}
    };
    struct population p = {
        .from_day = day_of(2016, 1, 1), .until_day = day_of(2023, 2, 1), .failing = 10};
    struct csv_writer w = {.file = stdout};
    const char *why = NULL;

    if (!cli_options(&argc, argv, options, COUNT(options), &why) || argc ||
        !read_wishes(&wishes, &p, &why))
        return cli_usage(cli, example_commands, why);
    find_leap_days(&p);
    for (size_t i = 0; i < COUNT(columns); i++) csv_put(&w, columns[i]);
    csv_end_row(&w);
    for (int64_t i = 0; i < p.members && !ferror(stdout); i++) {
        write_member(&p, i, &w, &cli->arena);
        arena_reset(&cli->arena);
    }
    return EXIT_DONE;
}

/* clang-format off */
const struct command example_commands[] = {
    {"example members", "--members N [--seed S] [--failing PERCENT] [--from DATE] [--to DATE]",
     "Make up members to try Foyer with, as CSV for import.", run_members},
    {0},
};
/* clang-format on */
