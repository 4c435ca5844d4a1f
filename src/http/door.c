/* door: counts connections. SPDX-License-Identifier: Apache-2.0 */
#include "http/door.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

#include "base/hash.h"
#include "http/wire.h"

enum { BUCKETS = 1024 };

struct guest {
    struct guest *next;
    int64_t n;
    char address[WIRE_HOST_TEXT];
};

struct door {
    pthread_mutex_t lock;
    int64_t n, max, max_per_address;
    char trusted[WIRE_HOST_TEXT];
    struct guest *buckets[BUCKETS];
};

struct door *door_new(int64_t max, int64_t max_per_address, const char *trusted)
{
    struct door *d = memory_new(sizeof *d);

    pthread_mutex_init(&d->lock, NULL);
    d->max = max;
    d->max_per_address = max_per_address;
    if (trusted && strlen(trusted) < sizeof d->trusted)
        memcpy(d->trusted, trusted, strlen(trusted));
    return d;
}

bool door_trusts(const struct door *d, const char *address)
{
    return *d->trusted && strcmp(d->trusted, address) == 0;
}

/* Where the address's entry is, or belongs. */
static struct guest **find(struct door *d, const char *address)
{
    struct guest **at = &d->buckets[hash_text(address) % BUCKETS];

    while (*at && strcmp((*at)->address, address) != 0) at = &(*at)->next;
    return at;
}

bool door_enter(struct door *d, const char *address)
{
    bool entered = false;

    assert(strlen(address) < WIRE_HOST_TEXT);
    pthread_mutex_lock(&d->lock);
    struct guest **at = find(d, address);
    int64_t const here = *at ? (*at)->n : 0;
    if (d->n < d->max && (here < d->max_per_address || door_trusts(d, address))) {
        if (!*at) {
            *at = memory_new(sizeof **at);
            memcpy((*at)->address, address, strlen(address));
        }
        (*at)->n++;
        d->n++;
        entered = true;
    }
    pthread_mutex_unlock(&d->lock);
    return entered;
}

void door_leave(struct door *d, const char *address)
{
    pthread_mutex_lock(&d->lock);
    struct guest **at = find(d, address);
    d->n--;
    if (*at && --(*at)->n == 0) {
        struct guest *gone = *at;

        *at = gone->next;
        memory_free(gone);
    }
    pthread_mutex_unlock(&d->lock);
}

void door_free(struct door *d)
{
    if (!d) return;
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct guest *g = d->buckets[i], *next; g; g = next) {
            next = g->next;
            memory_free(g);
        }
    pthread_mutex_destroy(&d->lock);
    memory_free(d);
}
