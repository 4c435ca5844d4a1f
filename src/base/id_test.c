/* id_test: ids come back, and slips of the pen do not. SPDX-License-Identifier: Apache-2.0 */
#include "base/id.h"

#include <ctype.h>
#include <string.h>

#include "base/test.h"

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U";
enum { BEGIN = 4, CHECK_AT = 17 };

static const struct known {
    int64_t id;
    const char *text;
} knowns[] = {
    {0,                   "mem_00000000000000"},
    {1,                   "mem_00000000000011"},
    {31,                  "mem_000000000000ZZ"},
    {32,                  "mem_0000000000010*"},
    {33,                  "mem_0000000000011~"},
    {34,                  "mem_0000000000012$"},
    {35,                  "mem_0000000000013="},
    {36,                  "mem_0000000000014U"},
    {37,                  "mem_00000000000150"},
    {1234567890123456789, "mem_128GGYHYYK08NT"},
    {INT64_MAX,           "mem_7ZZZZZZZZZZZZ5"},
    {INT64_MIN,           "mem_80000000000006"},
    {-1,                  "mem_FZZZZZZZZZZZZB"},
};

static const int64_t samples[] = {0, 1, 36, INT64_C(1234567890123456789), INT64_MAX, INT64_MIN, -1};

static void ids_come_back(void **state)
{
    uint64_t n = 1;

    (void)state;
    for (size_t i = 0; i < COUNT(knowns); i++) {
        char text[ID_TEXT];

        assert_string_equal(id_text("mem", knowns[i].id, text), knowns[i].text);
    }
    for (int i = 0; i < 100000; i++) {
        int64_t const id = (int64_t)(n >> i % 64);
        int64_t got = id + 1;
        char text[ID_TEXT];

        CHECK(id_parse("inv", id_text("inv", id, text), &got) && got == id);
        n = n * UINT64_C(6364136223846793005) + 1442695040888963407;
    }
}

static void small_and_mistaken_letters_are_read(void **state)
{
    int64_t id = 0;

    (void)state;
    CHECK(id_parse("mem", "mem_01A0110B010C1U", &id) && id == INT64_C(47288930327888257));
    CHECK(id_parse("mem", "mem_01a0110b010c1u", &id) && id == INT64_C(47288930327888257));
    CHECK(id_parse("mem", "mem_OIAOLiobolOclU", &id) && id == INT64_C(47288930327888257));
    CHECK(id_parse("mem", "mem_OoOoOoOoOoOoil", &id) && id == 1);
    CHECK(id_parse("mem", "mem_0000000000014u", &id) && id == 36);
}

static void a_wrong_character_is_noticed(void **state)
{
    (void)state;
    for (size_t s = 0; s < COUNT(samples); s++)
        for (size_t at = BEGIN; at <= CHECK_AT; at++)
            for (const char *c = alphabet; *c; c++) {
                char text[ID_TEXT];
                int64_t id = 77;

                id_text("mem", samples[s], text);
                if (text[at] == *c) continue;
                text[at] = *c;
                CHECK(!id_parse("mem", text, &id) && id == 77);
            }
}

static void swapped_neighbours_are_noticed(void **state)
{
    (void)state;
    for (int64_t id = 1; id < INT64_MAX / 3; id = id * 3 + 1)
        for (size_t at = BEGIN; at + 1 < CHECK_AT; at++) {
            char text[ID_TEXT];
            int64_t got;

            id_text("mem", id, text);
            char const left = text[at];

            if (left == text[at + 1]) continue;
            text[at] = text[at + 1];
            text[at + 1] = left;
            CHECK(!id_parse("mem", text, &got));
        }
}

static void other_texts_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "mem",
        "mem_",
        "mem_0000000000000",
        "mem_000000000000000",
        "inv_00000000000000",
        "Mem_00000000000000",
        "mem-00000000000000",
        " mem_00000000000000",
        "mem_00000000000000 ",
        "mem_0000 000000000",
        "mem_U0000000000000",
        "mem_*0000000000000",
        "mem_-0000000000000",
        "mem_+0000000000000",
        "mem_G0000000000000",
        "mem_ZZZZZZZZZZZZZ0",
        "mem_00000000000é0",
        "mem_000000000000!!",
        "4111111111111111",
    };
    int64_t id = 77;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        if (id_parse("mem", bad[i], &id) || id != 77) FAIL("'%s' is taken", bad[i]);
    for (size_t i = 0; i < COUNT(alphabet) - 1; i++) { /* 2 to the power of 64 and its check */
        char text[] = "mem_G0000000000000";

        text[CHECK_AT] = alphabet[i];
        CHECK(!id_parse("mem", text, &id));
    }
}

/* A card number is digits, perhaps with spaces or dashes between. */
static void no_id_looks_like_a_card_number(void **state)
{
    char text[ID_TEXT];

    (void)state;
    for (size_t s = 0; s < COUNT(samples); s++) {
        id_text("mem", samples[s], text);
        CHECK(strlen(text) < ID_TEXT && isalpha((unsigned char)text[0]) && text[3] == '_');
    }
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE("ids come back", ids_come_back),
        CASE("small letters and I, L, O are read", small_and_mistaken_letters_are_read),
        CASE("a wrong character is noticed", a_wrong_character_is_noticed),
        CASE("swapped neighbours are noticed", swapped_neighbours_are_noticed),
        CASE("other texts are refused", other_texts_are_refused),
        CASE("no id looks like a card number", no_id_looks_like_a_card_number),
    };

    return RUN_CASES("id", cases);
}
