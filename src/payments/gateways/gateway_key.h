/* gateway_key: idempotency keys of attempts. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

enum { GATEWAY_KEY_TEXT = 96 };
/* The parts of an idempotency key "mem_…/term/k/kind/subject/attempt"; false when it is none. */
struct gateway_key {
    char member[24], kind[16];
    int64_t term, k, subject, attempt; /* attempts count from 1 */
    size_t obligation;                 /* length of the key without its attempt */
};
bool gateway_key_read(const char *key, struct gateway_key *out);
