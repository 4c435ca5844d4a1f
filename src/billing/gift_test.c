/* gift_test: codes, and which card pays what. SPDX-License-Identifier: Apache-2.0 */
#include "billing/gift_rules.h"

#include <string.h>

#include "base/test.h"
#include "billing/credit_rules.h"

static uint64_t next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005U + 1442695040888963407U;
    return *seed >> 33;
}

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static void make(uint64_t *seed, char code[static GIFT_CODE])
{
    unsigned char random[GIFT_RANDOM];

    for (int i = 0; i < GIFT_RANDOM; i++) random[i] = (unsigned char)next(seed);
    gift_code_make(random, code);
}

static void reads_what_people_type(void **state)
{
    static const struct {
        const char *typed;
        bool good;
    } cases[] = {
        {"0000-0000-0000-0000",  true },
        {"oooo oooo oooo oooo",  true },
        {"0000000000000000",     true },
        {"0000-0000-0000-0001",  false},
        {"0000-0000-0000-000",   false},
        {"0000-0000-0000-00000", false},
        {"000U-0000-0000-0000",  false},
        {"",                     false},
    };
    char code[GIFT_CODE], text[GIFT_CODE_TEXT], read[GIFT_CODE], odd[64];
    uint64_t seed = 3;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (gift_code_read(cases[i].typed, read) != cases[i].good) FAIL("%s", cases[i].typed);
    for (int round = 0; round < 300; round++) {
        size_t n = 0;

        make(&seed, code);
        CHECK(strlen(code) == 16 && strspn(code, alphabet) == 16);
        CHECK(strlen(gift_code_text(code, text)) == 19 && text[4] == '-' && text[14] == '-');
        CHECK(gift_code_read(text, read) && strcmp(read, code) == 0);
        for (size_t i = 0; i < 16; i++) { /* small letters, and others for 1 and 0 */
            if (next(&seed) % 3 == 0) odd[n++] = next(&seed) % 2 ? ' ' : '-';
            odd[n] = code[i];
            if (odd[n] == '1') odd[n] = "1iIlL"[next(&seed) % 5];
            if (odd[n] == '0') odd[n] = "0oO"[next(&seed) % 3];
            if (odd[n] >= 'A' && next(&seed) % 2) odd[n] = (char)(odd[n] | 32);
            n++;
        }
        odd[n] = '\0';
        if (!gift_code_read(odd, read) || strcmp(read, code) != 0) FAIL("%s is %s", odd, code);
    }
}

static void finds_slips(void **state)
{
    char code[GIFT_CODE], wrong[GIFT_CODE], read[GIFT_CODE];
    uint64_t seed = 4;

    (void)state;
    for (int round = 0; round < 20; round++) {
        make(&seed, code);
        for (size_t i = 0; i < 16; i++)
            for (size_t c = 0; c < 32; c++) {
                memcpy(wrong, code, sizeof wrong);
                wrong[i] = alphabet[c];
                CHECK(gift_code_read(wrong, read) == (alphabet[c] == code[i]));
            }
        for (size_t i = 0; i < 16; i++)
            for (size_t k = 0; k < i; k++) {
                memcpy(wrong, code, sizeof wrong);
                wrong[i] = code[k];
                wrong[k] = code[i];
                CHECK(gift_code_read(wrong, read) == (code[i] == code[k]));
            }
    }
}

/* The oracle: every minor unit is a coin that knows where it came from and what it paid. */
enum { STEPS = 60, COINS = 4000, INVOICES = 6 };
struct purse {
    size_t n, from[COINS];
    int64_t paid[COINS]; /* the invoice; 0: none, -1: taken away */
};

static int64_t spend(struct purse *p, int64_t minor, int64_t mark)
{
    int64_t spent = 0;

    for (size_t i = 0; i < p->n && spent < minor; i++)
        if (!p->paid[i]) p->paid[i] = mark, spent++;
    return spent;
}

static int64_t bring_back(struct purse *p, int64_t invoice)
{
    int64_t n = 0;

    for (size_t i = 0; i < p->n; i++)
        if (p->paid[i] == invoice) p->paid[i] = 0, n++;
    return n;
}

static bool play(struct purse *p, uint64_t *seed, size_t step, struct credit_step *s)
{
    int64_t const invoice = 100 + (int64_t)(next(seed) % INVOICES);
    int64_t const minor = 1 + (int64_t)(next(seed) % 90);

    switch (next(seed) % 5) {
    case 0:
    case 1:
        *s = (struct credit_step){CREDIT_REDEEM, (int64_t)step, minor};
        for (int64_t i = 0; i < minor; i++) p->from[p->n++] = step;
        return true;
    case 2: *s = (struct credit_step){CREDIT_ADJUST, 0, -spend(p, minor, -1)}; break;
    case 3: *s = (struct credit_step){CREDIT_CONSUME, invoice, bring_back(p, invoice)}; break;
    default: *s = (struct credit_step){CREDIT_CONSUME, invoice, -spend(p, minor, invoice)};
    }
    return s->minor != 0;
}

static void check_story(const struct purse *p, const struct credit_step *steps, size_t n,
                        struct arena *a)
{
    struct credit_part taken[STEPS];
    struct credit_story s;

    credit_tell(steps, n, a, &s);
    for (size_t lot = 0; lot < s.n_lots; lot++) {
        int64_t left = 0;

        for (size_t i = 0; i < p->n; i++) left += p->from[i] == s.lots[lot].step && !p->paid[i];
        CHECK(s.lots[lot].left == left);
    }
    for (int64_t invoice = 100; invoice < 100 + INVOICES; invoice++) {
        size_t const parts = credit_parts_of(&s, steps, invoice, taken);
        int64_t sum = 0;

        for (size_t k = 0; k < parts; k++) {
            int64_t coins = 0;

            for (size_t i = 0; i < p->n; i++)
                coins += p->paid[i] == invoice && p->from[i] == s.lots[taken[k].lot].step;
            CHECK(coins == taken[k].minor);
            CHECK(k == 0 || taken[k].lot > taken[k - 1].lot);
            sum += coins;
        }
        for (size_t i = 0; i < p->n; i++) sum -= p->paid[i] == invoice;
        CHECK(sum == 0);
    }
}

static void tells_which_card_paid(void **state)
{
    CLEANUP(arena_clear) struct arena a = {0};
    static struct purse p;
    uint64_t seed = 6;

    (void)state;
    for (int round = 0; round < 60; round++) {
        struct credit_step steps[STEPS];
        size_t n = 0;

        p.n = 0;
        memset(p.paid, 0, sizeof p.paid);
        for (size_t i = 0; i < STEPS; i++) n += play(&p, &seed, n, &steps[n]);
        check_story(&p, steps, n, &a);
        arena_reset(&a);
    }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("J-02 a code is read as people type it", reads_what_people_type),
        CASE("J-02 one wrong character, or two that changed places, are found", finds_slips),
        CASE("J-04 cards pay in the order in which they came, coin by coin", tells_which_card_paid),
    };
    return RUN_CASES("gift", cases);
}
