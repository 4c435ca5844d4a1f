/* tzif: reads time zone files, trusting no byte of them. SPDX-License-Identifier: Apache-2.0 */
#include "base/tzif.h"

#include <string.h>

#include "base/calendar.h"
#include "base/tzrule.h"

enum { HEADER_SIZE = 44, TYPE_SIZE = 6, TYPES_MAX = 256, RULE_TEXT = 128 };
/* Two changes a year: the cycle, a year before it and some after it. */
enum { RULE_YEARS = 404, RULE_STEPS = 2 * RULE_YEARS + 1 };
/* The format's own bound of time, the age of the universe; it keeps sums from overflowing. */
#define SECOND_MAX (INT64_C(1) << 59)

/* The counts in the header of a block, in the file's order. */
struct counts {
    uint64_t isut, isstd, leap, time, type, text;
};

static uint64_t bits_read(const unsigned char *p, size_t n)
{
    uint64_t v = 0;

    while (n--) v = v << 8 | *p++;
    return v;
}

static bool counts_read(const unsigned char *p, size_t size, struct counts *c)
{
    if (size < HEADER_SIZE || memcmp(p, "TZif", 4) != 0 || p[4] < '2') return false;
    *c = (struct counts){
        .isut = bits_read(p + 20, 4),
        .isstd = bits_read(p + 24, 4),
        .leap = bits_read(p + 28, 4),
        .time = bits_read(p + 32, 4),
        .type = bits_read(p + 36, 4),
        .text = bits_read(p + 40, 4),
    };
    return true;
}

static uint64_t block_size(const struct counts *c, uint64_t time_size)
{
    return c->time * (time_size + 1) + c->type * TYPE_SIZE + c->text + c->leap * (time_size + 4) +
           c->isstd + c->isut;
}

static bool counts_sound(const struct counts *c)
{
    return c->type >= 1 && c->type <= TYPES_MAX && c->text >= 1 && c->leap == 0 &&
           (c->isut == 0 || c->isut == c->type) && (c->isstd == 0 || c->isstd == c->type);
}

/* Adds a step; one that changes nothing is left out, a later one of the same second wins. */
static bool step_add(struct tzif *t, int64_t at, int32_t offset)
{
    if (t->n && at < t->at[t->n - 1]) return false;
    if (t->n && at == t->at[t->n - 1]) t->n--;
    if (t->n && t->offset[t->n - 1] == offset) return true;
    t->at[t->n] = at;
    t->offset[t->n++] = offset;
    return true;
}

static bool types_read(const unsigned char *p, const struct counts *c, int32_t *offset)
{
    for (size_t i = 0; i < c->type; i++, p += TYPE_SIZE) {
        offset[i] = (int32_t)(uint32_t)bits_read(p, 4);
        if (offset[i] < -TZIF_OFFSET_MAX || offset[i] > TZIF_OFFSET_MAX) return false;
        if (p[4] > 1 || p[5] >= c->text) return false;
    }
    return true;
}

/* `last` becomes the second from which the rule counts: that of the last transition. */
static bool steps_read(const unsigned char *p, const struct counts *c, struct tzif *t,
                       int64_t *last)
{
    const unsigned char *const kinds = p + 8 * c->time;
    int32_t offset[TYPES_MAX];

    if (!types_read(kinds + c->time, c, offset) || !step_add(t, INT64_MIN, offset[0])) return false;
    for (size_t i = 0; i < c->time; i++) {
        int64_t const at = (int64_t)bits_read(p + 8 * i, 8);

        if (at < -SECOND_MAX || at > SECOND_MAX || (i && at <= *last)) return false;
        if (kinds[i] >= c->type || !step_add(t, at, offset[kinds[i]])) return false;
        *last = at;
    }
    return true;
}

static bool year_add(struct tzif *t, const struct tzrule *r, int64_t year, int64_t last)
{
    const struct tzrule_change *a = &r->change[0], *b = &r->change[1];

    if (tzrule_second(b, year) < tzrule_second(a, year)) a = &r->change[1], b = &r->change[0];
    int64_t const first = tzrule_second(a, year), second = tzrule_second(b, year);

    return step_add(t, first < last ? last : first, a->after) &&
           step_add(t, second < last ? last : second, b->after);
}

/* The rule is written out for 400 years, after which the calendar repeats, so that looking a time
 * up is a search and nothing else. */
static bool rule_add(struct tzif *t, const struct tzrule *r, int64_t last)
{
    if (!r->changes) return step_add(t, last, r->standard);
    int64_t const year = civil_of(last / 86400).year - 1;

    for (int64_t y = year; y < year + RULE_YEARS; y++)
        if (!year_add(t, r, y, last)) return false;
    t->cyclic = t->at[t->n - 1] - TZIF_CYCLE_SECONDS > last;
    return true;
}

/* What follows the block: the rule between two newlines; no rule means that the last step stays. */
static bool footer_read(const unsigned char *p, size_t size, struct tzif *t, int64_t last)
{
    char text[RULE_TEXT] = {0};
    struct tzrule rule;

    if (size < 2 || size > sizeof text || p[0] != '\n' || p[size - 1] != '\n') return false;
    memcpy(text, p + 1, size - 2);
    if (strlen(text) != size - 2) return false;
    return !text[0] || (tzrule_read(text, &rule) && rule_add(t, &rule, last));
}

bool tzif_read(const unsigned char *bytes, size_t size, struct tzif *out)
{
    CLEANUP(tzif_clear) struct tzif t = {0};
    struct counts c;
    int64_t last = day_of(1900, 1, 1) * 86400;

    if (!counts_read(bytes, size, &c)) return false;
    uint64_t const skip = HEADER_SIZE + block_size(&c, 4); /* for readers of version 1 */
    if (skip > size || !counts_read(bytes + skip, size - skip, &c)) return false;
    uint64_t const from = skip + HEADER_SIZE, footer = from + block_size(&c, 8);
    if (!counts_sound(&c) || footer > size) return false;

    t.at = memory_new((1 + c.time + RULE_STEPS) * sizeof *t.at);
    t.offset = memory_new((1 + c.time + RULE_STEPS) * sizeof *t.offset);
    if (!steps_read(bytes + from, &c, &t, &last)) return false;
    if (!footer_read(bytes + footer, size - footer, &t, last)) return false;
    *out = t;
    t = (struct tzif){0};
    return true;
}

void tzif_clear(struct tzif *t)
{
    memory_free(t->at);
    memory_free(t->offset);
    *t = (struct tzif){0};
}
