/* signature: Standard Webhooks 1.0.0, version v1: an HMAC over id, time and body under a secret
 * that both sides have. Who sends makes it, who receives checks it.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

enum {
    SIGNATURE_KEY_MAX = 256,
    SIGNATURE_WINDOW_S = 300, /* a message older, or newer, than that is refused: it is a replay */
};

struct signature_key {
    unsigned char at[SIGNATURE_KEY_MAX];
    size_t n;
};

/* The first line of a file that holds a secret; false, with errno, when there is none. */
bool secret_line(const char *path, char *to, size_t room);
/* "whsec_" and base64; anything else is the key itself. False when it is empty or too long. */
bool signature_key_read(const char *text, struct signature_key *out);
bool signature_key_load(const char *path, struct signature_key *out); /* from such a file */

/* "v1,…" of "id.timestamp.body". */
char *signature_v1(struct arena *a, const unsigned char *key, size_t n, const char *id,
                   int64_t timestamp_s, const char *body);

/* A message as it came, its headers as texts; NULL where one is missing. */
struct signed_message {
    const char *id, *timestamp, *signatures; /* the last with blanks between several */
    const char *body;
};
/* Whether one of its signatures is right, and its time is near. */
bool signature_holds(struct arena *a, const struct signature_key *key,
                     const struct signed_message *m, int64_t now_s);
