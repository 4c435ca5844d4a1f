/* zone: finds zones by name and looks times up in them. SPDX-License-Identifier: Apache-2.0 */
#include "base/zone.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/hash.h"
#include "base/tzif.h"

#define ZONE_DIRECTORY "/usr/share/zoneinfo/"
enum { NAME_TEXT = 64, FILE_MAX = 64 * 1024, BUCKETS = 512 };
#define ZONE_DAY_MAX INT64_C(100000000000) /* its instant still fits in milliseconds */

const struct fault ZONE_UNKNOWN = {
    E_INVALID,
    "zone.unknown",
    "This time zone is not known; give a name such as Europe/Berlin.",
};

struct zone {
    struct zone *next; /* in its bucket */
    struct tzif steps;
    char name[NAME_TEXT];
};

/* Zones are only ever added, at the head of a bucket, so that readers need no lock. */
static _Atomic(struct zone *) buckets[BUCKETS];
static pthread_mutex_t adding = PTHREAD_MUTEX_INITIALIZER;

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_name_char(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '+' || c == '-';
}

/* Parts of letters, digits, _ + -, each begun by a letter. IANA's begin with a capital, which
 * keeps out `localtime` and `posixrules`, whose meaning is the machine's, and `right/`. */
static bool name_sound(const char *name)
{
    if (name[0] < 'A' || name[0] > 'Z') return false;
    for (size_t i = 0; name[i]; i++) {
        if (i == NAME_TEXT - 1) return false;
        if (name[i] == '/' ? !is_letter(name[i + 1]) : !is_name_char(name[i])) return false;
    }
    return true;
}

static _Atomic(struct zone *) *bucket_of(const char *name)
{
    uint32_t const hash = hash_text(name);

    return &buckets[(hash ^ hash >> 16) % BUCKETS];
}

static const struct zone *bucket_find(const struct zone *z, const char *name)
{
    while (z && strcmp(z->name, name) != 0) z = z->next;
    return z;
}

static void file_close(FILE **f)
{
    if (*f) fclose(*f);
}

static void zone_free(struct zone **z)
{
    if (*z) tzif_clear(&(*z)->steps);
    memory_free(*z);
}

/* Returns what is wrong, or NULL. */
static const char *zone_load(const char *name, struct zone **out)
{
    CLEANUP(zone_free) struct zone *z = memory_new(sizeof *z);
    char path[sizeof ZONE_DIRECTORY + NAME_TEXT];
    unsigned char bytes[FILE_MAX];

    snprintf(path, sizeof path, "%s%s", ZONE_DIRECTORY, name);
    CLEANUP(file_close) FILE *f = fopen(path, "rbe");
    if (!f) return strerror(errno);
    size_t const n = fread(bytes, 1, sizeof bytes, f);
    if (ferror(f)) return strerror(errno);
    if (n == sizeof bytes || !tzif_read(bytes, n, &z->steps)) return "not a sound TZif file";
    memcpy(z->name, name, strlen(name) + 1);
    *out = z;
    z = NULL;
    return NULL;
}

/* Two threads may have loaded the same zone; the first to come here is kept. */
static const struct zone *zone_add(struct zone *z)
{
    CLEANUP(zone_free) struct zone *fresh = z;
    _Atomic(struct zone *) *const bucket = bucket_of(z->name);

    pthread_mutex_lock(&adding);
    struct zone *const head = atomic_load_explicit(bucket, memory_order_relaxed);
    const struct zone *kept = bucket_find(head, z->name);
    if (!kept) {
        fresh->next = head;
        atomic_store_explicit(bucket, fresh, memory_order_release);
        kept = fresh;
        fresh = NULL;
    }
    pthread_mutex_unlock(&adding);
    return kept;
}

static enum status refuse(struct error *e, const char *name, const char *why)
{
    enum status const status = failf(e, &ZONE_UNKNOWN, "time zone '%.64s': %s", name, why);

    e->field = "time_zone";
    return status;
}

enum status zone_find(const char *name, const struct zone **out, struct error *e)
{
    if (!name_sound(name)) return refuse(e, name, "not the name of a zone");
    const struct zone *z =
        bucket_find(atomic_load_explicit(bucket_of(name), memory_order_acquire), name);

    if (!z) {
        struct zone *loaded = NULL;
        const char *const why = zone_load(name, &loaded);

        if (!loaded) return refuse(e, name, why);
        z = zone_add(loaded);
    }
    *out = z;
    return OK;
}

enum status zone_find_place(const char *name, const struct zone **out, struct error *e)
{
    if (strcmp(name, "Factory") == 0) return refuse(e, name, "no place has it");
    return zone_find(name, out, e);
}

const char *zone_name(const struct zone *z)
{
    return z->name;
}

/* How many seconds to go back, so that what lies after the written steps falls among them. */
static int64_t cycles_back(const struct tzif *t, int64_t second)
{
    int64_t const end = t->at[t->n - 1];

    if (!t->cyclic || second < end) return 0;
    return ((second - end) / TZIF_CYCLE_SECONDS + 1) * TZIF_CYCLE_SECONDS;
}

/* The step that counts at a second. Halving without a branch, because no branch can be foreseen. */
static size_t step_at(const struct tzif *t, int64_t second)
{
    size_t low = 0;

    for (size_t n = t->n; n > 1; n -= n / 2) low = t->at[low + n / 2] <= second ? low + n / 2 : low;
    return low;
}

static int64_t offset_at(const struct zone *z, int64_t second)
{
    return z->steps.offset[step_at(&z->steps, second - cycles_back(&z->steps, second))];
}

int64_t zone_offset_seconds(const struct zone *z, int64_t at_ms)
{
    return offset_at(z, divide_down(at_ms, 1000));
}

int64_t zone_day(const struct zone *z, int64_t at_ms)
{
    int64_t const second = divide_down(at_ms, 1000);

    return divide_down(second + offset_at(z, second), 86400);
}

/* The first instant at which the local clock shows the midnight or anything later. Before
 * midnight - TZIF_OFFSET_MAX no clock on earth shows it, so the walk begins there. */
int64_t zone_day_start(const struct zone *z, int64_t day)
{
    assert(day > -ZONE_DAY_MAX && day < ZONE_DAY_MAX);
    const struct tzif *const t = &z->steps;
    int64_t const back = cycles_back(t, day * 86400 + TZIF_OFFSET_MAX);
    int64_t const midnight = day * 86400 - back;
    size_t i = step_at(t, midnight - TZIF_OFFSET_MAX);

    while (i + 1 < t->n && midnight - t->offset[i] >= t->at[i + 1]) i++;
    int64_t const shown = midnight - t->offset[i];

    return ((shown > t->at[i] ? shown : t->at[i]) + back) * 1000;
}
