/* shared: a short list under a lock. SPDX-License-Identifier: Apache-2.0 */
#include "base/shared.h"

#include <pthread.h>
#include <string.h>

enum { IDLE_MAX = 8 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct shared *first; /* asked for last */

static void let_go(void *arg)
{
    struct shared *s = arg;

    pthread_mutex_lock(&lock);
    s->holders--;
    pthread_mutex_unlock(&lock);
}

static const void *hold(struct arena *a, struct shared *s)
{
    s->next = first;
    first = s;
    s->holders++;
    arena_at_end(a, let_go, s);
    return s->thing;
}

static void forget_some(void)
{
    size_t idle = 0;

    for (struct shared **at = &first; *at;) {
        struct shared *s = *at;

        if (s->holders || ++idle <= IDLE_MAX) {
            at = &s->next;
            continue;
        }
        *at = s->next;
        arena_clear(&s->arena);
        memory_free(s);
    }
}

const void *shared_find(struct arena *a, int64_t version, const char *text)
{
    const void *thing = NULL;

    pthread_mutex_lock(&lock);
    for (struct shared **at = &first; *at; at = &(*at)->next) {
        struct shared *s = *at;

        if (s->version != version || strcmp(s->text, text) != 0) continue;
        *at = s->next;
        thing = hold(a, s);
        break;
    }
    pthread_mutex_unlock(&lock);
    return thing;
}

const void *shared_put(struct arena *a, struct shared *s)
{
    pthread_mutex_lock(&lock);
    const void *thing = hold(a, s);
    forget_some();
    pthread_mutex_unlock(&lock);
    return thing;
}
