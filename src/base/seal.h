/* seal: bytes as a text that only the holder of a key can read or make, and only for the place that
 * it was made for. XChaCha20-Poly1305 with a random nonce. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

enum { SEAL_KEY_BYTES = 32 };

/* `place` is authenticated with the bytes: a text that was moved elsewhere does not open. The
 * result is of letters, digits, '-' and '_'. */
char *seal_bytes(struct arena *a, const unsigned char key[static SEAL_KEY_BYTES], const char *place,
                 const void *bytes, size_t n);
/* False when the text is not what was sealed there under that key. A NUL that does not count ends
 * the bytes. */
bool unseal_bytes(struct arena *a, const unsigned char key[static SEAL_KEY_BYTES],
                  const char *place, const char *sealed, unsigned char **bytes, size_t *n);
