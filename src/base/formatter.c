/* formatter: a small table for each thread; what is asked for again stays.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/formatter.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

#include "base/hash.h"

enum { SETS = 64, WAYS = 4 }; /* names that share a set push each other out from the fifth on */
enum { TEXTS = 512, LOCALE_ROOM = 16, UNIT_ROOM = 4, TEXT_ROOM = 72 };

struct open_one {
    char *name;
    void *formatter;
    const struct formatter_kind *kind;
};

struct text_made {
    int64_t number;
    int what;
    char locale[LOCALE_ROOM], unit[UNIT_ROOM], text[TEXT_ROOM]; /* text "": none */
};

struct table {
    struct open_one of[SETS][WAYS];
    unsigned turn[SETS];
    struct text_made made[TEXTS];
};

static pthread_key_t tables;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void close_one(struct open_one *one)
{
    if (one->name) one->kind->close(one->formatter);
    memory_free(one->name);
    *one = (struct open_one){0};
}

static void close_all(void *arg)
{
    struct table *t = arg;

    for (size_t set = 0; set < SETS; set++)
        for (size_t way = 0; way < WAYS; way++) close_one(&t->of[set][way]);
    memory_free(t);
}

static void make_key(void)
{
    int const failed = pthread_key_create(&tables, close_all);

    assert(!failed);
}

static struct table *this_thread(void)
{
    pthread_once(&once, make_key);
    struct table *t = pthread_getspecific(tables);

    if (t) return t;
    t = memory_new(sizeof *t);
    int const failed = pthread_setspecific(tables, t);
    assert(!failed);
    return t;
}

void *formatter_of(const char *name, const struct formatter_kind *kind, const void *arg)
{
    struct table *t = this_thread();
    size_t const set = hash_text(name) % SETS;

    for (size_t way = 0; way < WAYS; way++) {
        const struct open_one *one = &t->of[set][way];

        if (one->name && strcmp(one->name, name) == 0) return one->formatter;
    }
    struct open_one *one = &t->of[set][t->turn[set]++ % WAYS];
    size_t const bytes = strlen(name) + 1;

    close_one(one);
    *one = (struct open_one){memory_new(bytes), kind->open(arg), kind};
    memcpy(one->name, name, bytes);
    return one->formatter;
}

static struct text_made *place_of(const struct made_of *of)
{
    uint32_t hash = hash_more(hash_text(of->locale), of->unit, strlen(of->unit));

    hash = hash_more(hash, (const char *)&of->number, sizeof of->number);
    hash = hash_more(hash, (const char *)&of->what, sizeof of->what);
    return &this_thread()->made[hash % TEXTS];
}

const char *made_before(const struct made_of *of)
{
    const struct text_made *m = place_of(of);
    bool const is = *m->text && m->number == of->number && m->what == of->what &&
                    strcmp(m->locale, of->locale) == 0 && strcmp(m->unit, of->unit) == 0;

    return is ? m->text : NULL;
}

void made_keep(const struct made_of *of, const char *text)
{
    struct text_made *m = place_of(of);

    if (strlen(of->locale) >= LOCALE_ROOM || strlen(of->unit) >= UNIT_ROOM ||
        strlen(text) >= TEXT_ROOM)
        return;
    m->number = of->number;
    m->what = of->what;
    memcpy(m->locale, of->locale, strlen(of->locale) + 1);
    memcpy(m->unit, of->unit, strlen(of->unit) + 1);
    memcpy(m->text, text, strlen(text) + 1);
}
