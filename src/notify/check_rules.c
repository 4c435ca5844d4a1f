/* check_rules: hosts out of what people paste, and ICU's spoof checker for what looks like ours.
 * SPDX-License-Identifier: Apache-2.0 */
#include "notify/check_rules.h"

#include <string.h>
#include <unicode/uidna.h>
#include <unicode/uspoof.h>

enum { HOST_MAX = 253, SKELETON_MAX = 1024, CONTAINED_MIN = 4, NEAR_MIN = 5, LABEL_MAX = 63 };

const struct names check_verdicts = NAMES("genuine", "not_ours", "unknown");
const struct names check_reasons = NAMES("sent", "never_sent", "mistyped", "our_domain",
                                         "look_alike", "other_domain", "unreadable");

enum check_verdict check_verdict_of(enum check_reason reason)
{
    switch (reason) {
    case CHECK_SENT:
    case CHECK_OUR_DOMAIN: return CHECK_GENUINE;
    case CHECK_NEVER_SENT:
    case CHECK_LOOK_ALIKE:
    case CHECK_OTHER: return CHECK_NOT_OURS;
    case CHECK_MISTYPED:
    case CHECK_UNREADABLE: break;
    }
    return CHECK_UNKNOWN;
}

/* ---- hosts ---- */

/* In small letters, punycode as what it stands for, without a final dot; NULL: no host. */
static char *host_of(struct arena *a, const char *text, size_t n)
{
    UErrorCode e = U_ZERO_ERROR;
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    char *out = arena_alloc(a, SKELETON_MAX);

    while (n && text[n - 1] == '.') n--;
    if (n < 3 || n > HOST_MAX || !memchr(text, '.', n)) return NULL;
    UIDNA *idna = uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_UNICODE, &e);
    if (U_FAILURE(e)) return NULL;
    uidna_nameToUnicodeUTF8(idna, text, (int32_t)n, out, SKELETON_MAX, &info, &e);
    uidna_close(idna);
    return U_SUCCESS(e) && *out ? out : NULL;
}

static const char *skip_blanks(const char *s)
{
    return s + strspn(s, " \t\r\n<");
}

char *check_sender_host(struct arena *a, const char *sender)
{
    const char *at = strrchr(sender, '@');

    return at ? host_of(a, at + 1, strcspn(at + 1, "> \t\r\n\"'),;")) : NULL;
}

/* As browsers read it: a backslash is a slash, and what stands before the last @ of the authority
 * is no host. */
char *check_link_host(struct arena *a, const char *link)
{
    const char *s = skip_blanks(link), *scheme = strstr(s, ":");

    if (scheme && (scheme[1] == '/' || scheme[1] == '\\')) s = scheme + 1;
    s += strspn(s, "/\\");
    size_t n = strcspn(s, "/\\?# \t\r\n>\"'");
    for (size_t i = n; i > 0; i--)
        if (s[i - 1] == '@') {
            s += i;
            n -= i;
            break;
        }
    const char *port = memchr(s, ':', n);
    return host_of(a, s, port ? (size_t)(port - s) : n);
}

/* ---- ours, or like ours ---- */

/* What a person sees: letters that look alike are one. Both sides are made so before they are
 * compared, since "rn" becomes "m" in both. */
static char *skeleton(struct arena *a, const char *text, size_t n)
{
    UErrorCode e = U_ZERO_ERROR;
    char *out = arena_alloc(a, SKELETON_MAX);
    USpoofChecker *checker = uspoof_open(&e);

    if (U_FAILURE(e)) return arena_memdup(a, text, n);
    uspoof_getSkeletonUTF8(checker, 0, text, (int32_t)n, out, SKELETON_MAX, &e);
    uspoof_close(checker);
    return U_SUCCESS(e) ? out : arena_memdup(a, text, n);
}

/* One letter more, less, other, or two that changed places. */
static bool is_near(const char *a, const char *b)
{
    size_t const na = strlen(a), nb = strlen(b);
    size_t head = 0, tail = 0;

    if (na < NEAR_MIN || nb < NEAR_MIN || (na > nb ? na - nb : nb - na) > 1) return false;
    while (head < na && head < nb && a[head] == b[head]) head++;
    while (tail < na - head && tail < nb - head && a[na - 1 - tail] == b[nb - 1 - tail]) tail++;
    size_t const left_a = na - head - tail, left_b = nb - head - tail;
    if (left_a <= 1 && left_b <= 1) return true;
    return left_a == 2 && left_b == 2 && a[head] == b[head + 1] && a[head + 1] == b[head];
}

static bool label_is_like(struct arena *a, const char *label, size_t n, const char *own)
{
    const char *seen = skeleton(a, label, n), *ours = skeleton(a, own, strlen(own));

    if (strlen(own) >= CONTAINED_MIN && strstr(seen, ours)) return true;
    return strcmp(seen, ours) == 0 || is_near(seen, ours) ||
           is_near(arena_memdup(a, label, n), own);
}

static bool host_is_like(struct arena *a, const char *host, const char *domain)
{
    size_t const n = strcspn(domain, ".");
    const char *own = arena_memdup(a, domain, n);

    for (const char *p = host; *p; p += *p == '.') {
        size_t const length = strcspn(p, ".");

        if (length <= LABEL_MAX * 4 && label_is_like(a, p, length, own)) return true;
        p += length;
    }
    return false;
}

static bool is_within(const char *host, const char *domain)
{
    size_t const nh = strlen(host), nd = strlen(domain);

    if (nh < nd || strcmp(host + nh - nd, domain) != 0) return false;
    return nh == nd || host[nh - nd - 1] == '.';
}

enum check_reason check_host(struct arena *a, const char *host, const char *domains)
{
    bool like = false;

    for (const char *p = domains; *p; p += *p == ',') {
        size_t const n = strcspn(p, ",");
        const char *domain = arena_memdup(a, p, n);

        domain += strspn(domain, " ");
        if (is_within(host, domain)) return CHECK_OUR_DOMAIN;
        like = like || host_is_like(a, host, domain);
        p += n;
    }
    return like ? CHECK_LOOK_ALIKE : CHECK_OTHER;
}
