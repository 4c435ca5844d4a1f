/* ops_known_test: what answers have named, so that odd inputs are about something.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "cli/ops_test.h"

/* Below n, by whoever includes this. */
static size_t pick(size_t n);

/* Texts that answers named, with the field's name: references, dates, codes. */
static struct {
    struct {
        const char *name, *text;
    } at[400];
    size_t n, turn;
} known;

static inline void learn(const char *name, const json_t *j)
{
    const char *key;
    json_t *value;
    size_t i;

    if (json_is_string(j) && json_string_length(j) && json_string_length(j) < 60) {
        i = known.turn++ % COUNT(known.at);
        known.at[i].name = arena_strdup(&life.catalog_arena, name);
        known.at[i].text = arena_strdup(&life.catalog_arena, json_string_value(j));
        if (known.n < COUNT(known.at)) known.n++;
    }
    json_array_foreach (j, i, value) learn(name, value);
    json_object_foreach ((json_t *)(uintptr_t)j, key, value) learn(key, value);
}

/* Something that an answer called by this name, or anything when there is none. */
static const char *recall(const char *name)
{
    size_t const from = known.n ? pick(known.n) : 0;

    for (size_t i = 0; i < known.n; i++)
        if (strcmp(known.at[(from + i) % known.n].name, name) == 0)
            return known.at[(from + i) % known.n].text;
    return known.n ? known.at[from].text : "x";
}

/* What such a field wants, where it is no reference. */
static const char *guess(const char *name)
{
    static const struct {
        const char *name, *texts[4];
    } guesses[] = {
        {"token",    {"tok_visa", "tok_mastercard", "tok_insufficient_funds", "tok_lost_card"}},
        {"plan",     {"standard", "basic", "standard", "top"}                                 },
        {"currency", {"EUR", "EUR", "EUR", "USD"}                                             },
        {"country",  {"DE", "DE", "US", "XX"}                                                 },
        {"expires",  {"2030-01", "2024-01", "2031-12", "soon"}                                },
        {"date",     {"2024-03-15", "2024-02-15", "2024-04-15", "2024-02-30"}                 },
        {"email",    {"a@example.com", "b@example.com", "c@example.com", "d"}                 },
        {"phone",    {"+4930123456", "+4930123457", "+12025550100", "123"}                    },
        {"last4",    {"4242", "4444", "0341", "12"}                                           },
        {"locale",   {"de", "en", "fr-CA", "x"}                                               },
        {"on",       {"2024-02-15", "2024-03-15", "2024-04-15", "2024-02-30"}                 },
        {"scopes",   {"*", "read", "charge.*", "x"}                                           },
        {"roles",    {"owner", "owner,agent", "system", "x"}                                  },
        {"url",      {"https://example.com/a", "https://example.com/b", "http://x", "y"}      },
    };

    for (size_t i = 0; i < COUNT(guesses); i++)
        if (strcmp(guesses[i].name, name) == 0) return guesses[i].texts[pick(4)];
    return recall(name);
}
