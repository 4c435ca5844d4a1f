/* seal: nonce and ciphertext in base64. SPDX-License-Identifier: Apache-2.0 */
#include "base/seal.h"

#include <sodium.h>
#include <string.h>

enum {
    NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    ALPHABET = sodium_base64_VARIANT_URLSAFE_NO_PADDING,
};

char *seal_bytes(struct arena *a, const unsigned char key[static SEAL_KEY_BYTES], const char *place,
                 const void *bytes, size_t n)
{
    size_t const sealed = NONCE + n + TAG, text_bytes = sodium_base64_ENCODED_LEN(sealed, ALPHABET);
    unsigned char *box = arena_alloc(a, sealed);
    char *text = arena_alloc(a, text_bytes);

    randombytes_buf(box, NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        box + NONCE, NULL, bytes, n, (const unsigned char *)place, strlen(place), NULL, box, key);
    return sodium_bin2base64(text, text_bytes, box, sealed, ALPHABET);
}

bool unseal_bytes(struct arena *a, const unsigned char key[static SEAL_KEY_BYTES],
                  const char *place, const char *sealed, unsigned char **bytes, size_t *n)
{
    size_t const room = strlen(sealed) / 4 * 3 + 3;
    unsigned char *box = arena_alloc(a, room), *plain = arena_alloc(a, room + 1);
    size_t box_bytes = 0;

    if (sodium_base642bin(box, room, sealed, strlen(sealed), NULL, &box_bytes, NULL, ALPHABET) ||
        box_bytes < NONCE + TAG ||
        crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, box + NONCE,
                                                   box_bytes - NONCE, (const unsigned char *)place,
                                                   strlen(place), box, key) != 0)
        return false;
    *n = box_bytes - NONCE - TAG;
    plain[*n] = 0;
    *bytes = plain;
    return true;
}
