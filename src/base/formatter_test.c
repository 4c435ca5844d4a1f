/* formatter_test: what is opened, how often, and that all of it is closed again.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/formatter.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/test.h"

static int opened, closed;

static void *open_it(const void *arg)
{
    int *it = memory_new(sizeof *it);

    *it = *(const int *)arg;
    opened++;
    return it;
}

static void close_it(void *it)
{
    memory_free(it);
    closed++;
}

static const struct formatter_kind kind = {open_it, close_it};

static int ask(int n)
{
    char name[20];

    snprintf(name, sizeof name, "test %d", n);
    return *(int *)formatter_of(name, &kind, &n);
}

static void *ask_twice_for_many(void *unused UNUSED)
{
    enum { MANY = 2000 };
    int const before = opened;

    for (int n = 0; n < MANY; n++) CHECK(ask(n) == n && ask(n) == n);
    CHECK(opened == before + MANY && closed < MANY);
    return NULL;
}

static void stays_open(void **unused UNUSED)
{
    pthread_t t;

    opened = closed = 0;
    CHECK(pthread_create(&t, NULL, ask_twice_for_many, NULL) == 0 && pthread_join(t, NULL) == 0);
    CHECK(closed == opened);
}

static void is_its_threads_own(void **unused UNUSED)
{
    pthread_t t;

    opened = closed = 0;
    CHECK(ask(7) == 7 && opened == 1);
    CHECK(pthread_create(&t, NULL, ask_twice_for_many, NULL) == 0 && pthread_join(t, NULL) == 0);
    CHECK(ask(7) == 7 && closed == opened - 1);
}

/* What is asked for is never another's text, whatever else was kept meanwhile. */
static void texts_are_never_mixed_up(void **unused UNUSED)
{
    static const char *const locales[] = {"de", "de-AT", "a-locale-of-a-long-name"};
    static const char *const units[] = {"", "EUR", "USD"};
    char want[200];
    int kept = 0;

    for (int round = 0; round < 3; round++)
        for (int i = 0; i < 20000; i++) {
            int const x = i * 7 % (round + 1 == 3 ? 90 : 5000);
            struct made_of const of = {x % 2, locales[x / 2 % 3], units[x / 6 % 3], x / 18};
            snprintf(want, sizeof want, "%d %s %s %d %.*s", of.what, of.locale, of.unit,
                     (int)of.number, x % 11 ? 0 : 90,
                     "....................................................................."
                     ".....................");
            const char *text = made_before(&of);

            if (text) CHECK(strcmp(text, want) == 0);
            kept += text != NULL;
            made_keep(&of, want);
            bool const fits = strlen(of.locale) < 16 && strlen(want) < 72;
            text = made_before(&of);
            CHECK((text != NULL) == fits && (!text || strcmp(text, want) == 0));
        }
    CHECK(kept > 5000 && kept < 50000);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE("a formatter stays open, and is closed when its thread ends", stays_open),
        CASE("a thread's formatters are its own", is_its_threads_own),
        CASE("a text that is kept is of what was asked for", texts_are_never_mixed_up),
    };

    return RUN_CASES("formatter", cases);
}
