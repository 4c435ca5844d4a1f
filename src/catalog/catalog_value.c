/* catalog_value: reads nodes of a catalog document into structs by tables of keys.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/calendar.h"
#include "base/money.h"
#include "catalog/catalog_value.h"

bool code_valid(const char *s)
{
    if (*s < 'a' || *s > 'z' || strlen(s) > 40) return false;
    return s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

/* "19" and "8.875" to parts per million; at most four decimals, so nothing is rounded. */
static bool rate_parse(const char *s, int64_t *ppm)
{
    size_t const whole = strspn(s, "0123456789");
    int64_t value = 0, scale = PPM / 100;

    if (whole == 0 || whole > 3) return false;
    for (size_t i = 0; i < whole; i++) value = value * 10 + (s[i] - '0');
    value *= scale;
    s += whole;
    if (*s == '.') {
        size_t const decimals = strspn(++s, "0123456789");
        if (decimals == 0 || decimals > 4) return false;
        for (; *s >= '0' && *s <= '9'; s++) value += (*s - '0') * (scale /= 10);
    }
    *ppm = value;
    return *s == '\0' && value <= PPM;
}

static bool wrong(struct reader *r, const struct node *n, const char *code, const char *what)
{
    problem_at(r, n, NULL, code, "\"%s\" is not %s.", node_shown(r, n->text), what);
    return false;
}

static const char *names_list(struct arena *a, const struct names *names)
{
    const char *all = names->at[0];

    for (size_t i = 1; i < names->n; i++) all = arena_printf(a, "%s, %s", all, names->at[i]);
    return all;
}

static bool value_text(struct reader *r, const struct node *n, const struct key *k, void *at)
{
    size_t const size = strlen(n->text);
    int64_t const max = k->max ? k->max : NODE_TEXT_MAX;

    if (k->type == KEY_CODE && !code_valid(n->text))
        return wrong(r, n, "catalog.code", "a code: small letters, digits and _, at most 40");
    if (size == 0 || (int64_t)size < k->min || (int64_t)size > max)
        return wrong(r, n, "catalog.text", "a text of the right length");
    char *copy = arena_strdup(r->keep, n->text);
    memcpy(at, &copy, sizeof copy);
    return true;
}

static bool value_int(struct reader *r, const struct node *n, const struct key *k, int64_t *at)
{
    int64_t value;

    if (!int_parse(n->text, &value)) return wrong(r, n, "catalog.number", "a whole number");
    if (value < k->min || value > k->max) {
        problem_at(r, n, NULL, "catalog.range", "%lld is not between %lld and %lld.",
                   (long long)value, (long long)k->min, (long long)k->max);
        return false;
    }
    *at = value;
    return true;
}

static bool value_day(struct reader *r, const struct node *n, int64_t *at)
{
    int64_t day;

    if (!day_parse(n->text, &day))
        return wrong(r, n, "catalog.date", "a date that exists, written like 2024-02-29");
    if (day < 0 || day > day_of(2999, 12, 31))
        return wrong(r, n, "catalog.date", "a date between 1970 and 2999");
    *at = day;
    return true;
}

static bool value_bool(struct reader *r, const struct node *n, bool *at)
{
    bool const yes = strcmp(n->text, "true") == 0;

    if (!yes && strcmp(n->text, "false") != 0)
        return wrong(r, n, "catalog.boolean", "true or false");
    *at = yes;
    return true;
}

static bool value_enum(struct reader *r, const struct node *n, const struct key *k, void *at)
{
    int64_t const i = name_find(k->names, n->text);
    unsigned const value = (unsigned)i;

    if (i < 0) {
        problem_at(r, n, NULL, "catalog.choice", "\"%s\" is not one of %s.", node_shown(r, n->text),
                   names_list(r->scratch, k->names));
        return false;
    }
    memcpy(at, &value, sizeof value);
    return true;
}

bool node_value(struct reader *r, const struct node *n, const struct key *k, void *to)
{
    void *at = (char *)to + k->offset;

    if (k->type == KEY_NODE) {
        memcpy(at, &n, sizeof n);
        return true;
    }
    if (!node_is(r, n, NODE_TEXT)) return false;
    switch (k->type) {
    case KEY_TEXT:
    case KEY_CODE: return value_text(r, n, k, at);
    case KEY_INT: return value_int(r, n, k, at);
    case KEY_BOOL: return value_bool(r, n, at);
    case KEY_DAY: return value_day(r, n, at);
    case KEY_RATE:
        return rate_parse(n->text, at) ||
               wrong(r, n, "catalog.rate", "a rate in percent from 0 to 100, like 19 or 8.875");
    case KEY_ENUM: return value_enum(r, n, k, at);
    case KEY_NODE: break;
    }
    return false;
}

static const struct key *key_find(const struct key *keys, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(keys[i].name, name) == 0) return &keys[i];
    return NULL;
}

bool node_bind(struct reader *r, const struct node *map, const struct key *keys, size_t n_keys,
               void *to)
{
    bool good = true;

    if (!node_is(r, map, NODE_MAP)) return false;
    for (const struct node *part = map->first; part; part = part->next) {
        const struct key *k = key_find(keys, n_keys, part->key);

        if (k)
            good = node_value(r, part, k, to) && good;
        else
            problem_at(r, part, NULL, "catalog.key_unknown",
                       "There is no setting \"%s\" here; check the spelling.",
                       node_shown(r, part->key));
        good = good && k;
    }
    for (size_t i = 0; i < n_keys; i++) {
        if (!keys[i].required || node_get(map, keys[i].name)) continue;
        problem_at(r, map, keys[i].name, "catalog.key_missing", "\"%s\" is missing here.",
                   keys[i].name);
        good = false;
    }
    return good;
}
