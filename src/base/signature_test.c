/* signature_test: what Standard Webhooks publishes, and what is near to it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/signature.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/test.h"

enum { AT = 1614265330 };

static const char secret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
static const char right[] = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
static const struct signed_message sent = {"msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", right,
                                           "{\"test\": 2432232314}"};

static void the_published_vector(void **state)
{
    CLEANUP(arena_clear) struct arena a = {0};
    struct signature_key key;

    (void)state;
    CHECK(signature_key_read(secret, &key) && key.n == 24);
    CHECK(strcmp(signature_v1(&a, key.at, key.n, sent.id, AT, sent.body), right) == 0);
    CHECK(signature_holds(&a, &key, &sent, AT));
}

static bool holds(struct signed_message m, int64_t now)
{
    CLEANUP(arena_clear) struct arena a = {0};
    struct signature_key key;

    CHECK(signature_key_read(secret, &key));
    return signature_holds(&a, &key, &m, now);
}

#define WITH(field, value)                                                                         \
    ({                                                                                             \
        struct signed_message m_ = sent;                                                           \
        m_.field = (value);                                                                        \
        m_;                                                                                        \
    })

static void anything_else_does_not_hold(void **state)
{
    static const char several[] = "v1a,x v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    char long_id[400] = {0};

    (void)state;
    memset(long_id, 'x', sizeof long_id - 1);
    CHECK(holds(WITH(signatures, several), AT));
    CHECK(holds(sent, AT + SIGNATURE_WINDOW_S) && holds(sent, AT - SIGNATURE_WINDOW_S));
    CHECK(!holds(sent, AT + SIGNATURE_WINDOW_S + 1) && !holds(sent, AT - SIGNATURE_WINDOW_S - 1));
    CHECK(!holds(WITH(id, "msg_x"), AT) && !holds(WITH(id, NULL), AT) && !holds(WITH(id, ""), AT));
    CHECK(!holds(WITH(id, long_id), AT));
    CHECK(!holds(WITH(timestamp, "1614265331"), AT) && !holds(WITH(timestamp, "soon"), AT));
    CHECK(!holds(WITH(timestamp, NULL), AT) && !holds(WITH(signatures, NULL), AT));
    CHECK(!holds(WITH(signatures, ""), AT) && !holds(WITH(signatures, "v1,"), AT));
    CHECK(!holds(WITH(signatures, right + 3), AT) && !holds(WITH(body, ""), AT));
}

static void keys_are_lines_of_files(void **state)
{
    struct signature_key key;
    char path[64], large[600];

    (void)state;
    snprintf(path, sizeof path, "/tmp/foyer-signature-%d", (int)getpid());
    FILE *f = fopen(path, "w");
    CHECK(f && fprintf(f, "%s\n", secret) > 0 && fclose(f) == 0);
    CHECK(signature_key_load(path, &key) && key.n == 24);
    f = fopen(path, "w");
    CHECK(f && fclose(f) == 0);
    CHECK(!signature_key_load(path, &key) && key.n == 0);
    unlink(path);
    CHECK(!signature_key_load(path, &key) && !signature_key_load("", &key));
    memset(large, 'x', sizeof large - 1);
    large[sizeof large - 1] = 0;
    CHECK(!signature_key_read(large, &key) && !signature_key_read("", &key));
    CHECK(!signature_key_read("whsec_", &key) && !signature_key_read("whsec_?", &key));
    CHECK(signature_key_read("plain", &key) && key.n == 5);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("the vector that Standard Webhooks publishes", the_published_vector),
        CASE("what is older, newer or other does not hold", anything_else_does_not_hold),
        CASE("keys are lines of files, and never empty", keys_are_lines_of_files),
    };
    return RUN_CASES("signature", cases);
}
