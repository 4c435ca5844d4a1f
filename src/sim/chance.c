/* chance: numbers from a seed. SPDX-License-Identifier: Apache-2.0 */
#include "sim/chance.h"

#include <assert.h>

static uint64_t splitmix(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void chance_seed(struct chance *c, uint64_t seed, uint64_t stream)
{
    uint64_t state = seed * UINT64_C(0xd1342543de82ef95) + stream;

    for (size_t i = 0; i < COUNT(c->state); i++) c->state[i] = splitmix(&state);
}

static uint64_t turn(uint64_t x, int bits)
{
    return (x << bits) | (x >> (64 - bits));
}

uint64_t chance_next(struct chance *c)
{
    uint64_t *s = c->state;
    uint64_t const out = turn(s[1] * 5, 7) * 9, t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = turn(s[3], 45);
    return out;
}

int64_t chance_upto(struct chance *c, int64_t n)
{
    assert(n > 0);
    return (int64_t)(chance_next(c) % (uint64_t)n);
}

int64_t chance_between(struct chance *c, int64_t a, int64_t b)
{
    return a + chance_upto(c, b - a + 1);
}

bool chance_one_in(struct chance *c, int64_t n)
{
    return n > 0 && chance_upto(c, n) == 0;
}

void trace_number(uint64_t *trace, int64_t number)
{
    *trace = (*trace ^ (uint64_t)number) * UINT64_C(0x9fb21c651e98df25);
    *trace ^= *trace >> 32;
}

void trace_text(uint64_t *trace, const char *text)
{
    for (; *text; text++) *trace = (*trace ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    trace_number(trace, 0);
}
