/* formatter_test: what is opened, how often, and that all of it is closed again.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/formatter.h"

#include <pthread.h>
#include <stdio.h>

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

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE("a formatter stays open, and is closed when its thread ends", stays_open),
        CASE("a thread's formatters are its own", is_its_threads_own),
    };

    return RUN_CASES("formatter", cases);
}
