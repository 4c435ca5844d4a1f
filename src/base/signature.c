/* signature: makes and checks v1. SPDX-License-Identifier: Apache-2.0 */
#include "base/signature.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "base/shape.h"

enum { LINE_MAX_BYTES = 512, ID_MAX = 300 };

bool secret_line(const char *path, char *to, size_t room)
{
    to[0] = 0;
    int const fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    ssize_t const n = read(fd, to, room - 1);
    close(fd);
    if (n == 0) errno = ENODATA;
    if (n <= 0) return false;
    to[n] = 0;
    to[strcspn(to, "\r\n")] = 0;
    return true;
}

bool signature_key_read(const char *text, struct signature_key *out)
{
    static const char prefix[] = "whsec_";
    size_t const skip = sizeof prefix - 1, n = strlen(text);

    *out = (struct signature_key){0};
    if (strncmp(text, prefix, skip) == 0)
        return sodium_base642bin(out->at, sizeof out->at, text + skip, n - skip, NULL, &out->n,
                                 NULL, sodium_base64_VARIANT_ORIGINAL) == 0 &&
               out->n > 0;
    if (n == 0 || n > sizeof out->at) return false;
    memcpy(out->at, text, n);
    out->n = n;
    return true;
}

bool signature_key_load(const char *path, struct signature_key *out)
{
    char line[LINE_MAX_BYTES];

    *out = (struct signature_key){0};
    bool const good =
        *path && secret_line(path, line, sizeof line) && signature_key_read(line, out);

    sodium_memzero(line, sizeof line);
    return good;
}

char *signature_v1(struct arena *a, const unsigned char *key, size_t n, const char *id,
                   int64_t timestamp_s, const char *body)
{
    const char *text = arena_printf(a, "%s.%lld.%s", id, (long long)timestamp_s, body);
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    char base64[64];

    crypto_auth_hmacsha256_init(&state, key, n);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)text, strlen(text));
    crypto_auth_hmacsha256_final(&state, mac);
    sodium_memzero(&state, sizeof state);
    sodium_bin2base64(base64, sizeof base64, mac, sizeof mac, sodium_base64_VARIANT_ORIGINAL);
    return arena_printf(a, "v1,%s", base64);
}

bool signature_holds(struct arena *a, const struct signature_key *key,
                     const struct signed_message *m, int64_t now_s)
{
    int64_t at;
    bool holds = false;

    if (!m->id || !m->timestamp || !m->signatures || !int_parse(m->timestamp, &at)) return false;
    if (!*m->id || strlen(m->id) > ID_MAX) return false;
    if (at < now_s - SIGNATURE_WINDOW_S || at > now_s + SIGNATURE_WINDOW_S) return false;
    const char *right = signature_v1(a, key->at, key->n, m->id, at, m->body);
    size_t const n = strlen(right);
    for (const char *s = m->signatures; *s; s += strcspn(s, " "), s += strspn(s, " "))
        holds |= strcspn(s, " ") == n && sodium_memcmp(s, right, n) == 0;
    return holds;
}
