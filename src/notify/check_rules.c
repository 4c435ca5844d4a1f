/* check_rules: hosts out of what people paste, and ICU's spoof checker for what looks like ours.
 * SPDX-License-Identifier: Apache-2.0 */
#include "notify/check_rules.h"

#include <string.h>
#include <strings.h>
#include <unicode/uidna.h>
#include <unicode/uset.h>
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

/* In small letters, punycode as what it stands for, without a final dot; NULL: no host. `rules`:
 * those of UTS 46 that it must keep besides. */
static char *host_by(struct arena *a, const char *text, size_t n, uint32_t rules)
{
    UErrorCode e = U_ZERO_ERROR;
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    char *out = arena_alloc(a, SKELETON_MAX);

    while (n && text[n - 1] == '.') n--;
    if (n < 3 || n > HOST_MAX || !memchr(text, '.', n)) return NULL;
    UIDNA *idna = uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_UNICODE | rules, &e);
    if (U_FAILURE(e)) return NULL;
    uidna_nameToUnicodeUTF8(idna, text, (int32_t)n, out, SKELETON_MAX, &info, &e);
    uidna_close(idna);
    if (rules && info.errors) return NULL;
    return U_SUCCESS(e) && *out ? out : NULL;
}

static char *host_of(struct arena *a, const char *text, size_t n)
{
    return host_by(a, text, n, 0);
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

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.";

/* As browsers read it: a backslash is a slash, and what stands before the last @ of the authority
 * is no host. */
char *check_link_host(struct arena *a, const char *link)
{
    const char *s = skip_blanks(link), *scheme = s + strspn(s, letters);

    if (*scheme == ':' && (scheme[1] == '/' || scheme[1] == '\\')) s = scheme + 1;
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

/* ---- what nobody can read in another way ---- */

struct span {
    const char *at;
    size_t n;
};

static struct span trimmed(const char *text)
{
    static const char blanks[] = " \t\r\n";
    struct span s = {text + strspn(text, blanks), 0};

    s.n = strlen(s.at);
    while (s.n && strchr(blanks, s.at[s.n - 1])) s.n--;
    return s;
}

/* Of "<…>" what stands inside; else all. */
static struct span unwrapped(struct span s)
{
    bool const wrapped = s.n > 2 && s.at[0] == '<' && s.at[s.n - 1] == '>';

    return wrapped ? (struct span){s.at + 1, s.n - 2} : s;
}

/* Neither blanks, controls and what cannot be seen, which some readers drop, nor one of `odd`. */
static bool is_clean(struct span s, const char *odd)
{
    UErrorCode e = U_ZERO_ERROR;
    USet *unseen = uset_openPattern(u"[\\p{White_Space}\\p{Cc}\\p{Cf}]", -1, &e);

    if (U_FAILURE(e)) return false;
    int32_t const clean = uset_spanUTF8(unseen, s.at, (int32_t)s.n, USET_SPAN_NOT_CONTAINED);
    uset_close(unseen);
    for (size_t i = 0; i < s.n; i++)
        if (strchr(odd, s.at[i])) return false;
    return clean == (int32_t)s.n;
}

static size_t count(struct span s, char c)
{
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++) n += s.at[i] == c;
    return n;
}

/* The address alone, or behind a name that holds none. */
static char *plain_sender_host(struct arena *a, const char *sender)
{
    struct span s = trimmed(sender);
    const char *open = memchr(s.at, '<', s.n);

    if (count(s, '@') != 1 || count(s, '<') > 1) return NULL;
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.at[i] < ' ') return NULL;
    if (open) s = unwrapped((struct span){open, s.n - (size_t)(open - s.at)});
    const char *at = memchr(s.at, '@', s.n);
    if (!at || at == s.at || !is_clean(s, "<>()[],;:\\\"")) return NULL;
    return host_by(a, at + 1, s.n - (size_t)(at + 1 - s.at), UIDNA_USE_STD3_RULES);
}

static bool begins_with(struct span s, const char *word)
{
    size_t const n = strlen(word);

    return s.n >= n && strncasecmp(s.at, word, n) == 0;
}

/* Of the web, without a user's name, and with a port that is a number. */
static char *plain_link_host(struct arena *a, const char *link)
{
    static const char *const schemes[] = {"https://", "http://", "//"};
    struct span s = unwrapped(trimmed(link));
    size_t host = 0;

    if (!is_clean(s, "<>\\\"^`{|}")) return NULL;
    for (size_t i = 0; i < COUNT(schemes); i++)
        if (begins_with(s, schemes[i])) {
            s = (struct span){s.at + strlen(schemes[i]), s.n - strlen(schemes[i])};
            break;
        }
    while (host < s.n && !strchr(":/?#", s.at[host])) host++;
    if (host < s.n && s.at[host] == ':') {
        size_t const port = host + 1 + strspn(s.at + host + 1, "0123456789");

        if (port == host + 1 || (port < s.n && !strchr("/?#", s.at[port]))) return NULL;
    }
    return host_by(a, s.at, host, UIDNA_USE_STD3_RULES);
}

/* Ours is only what every reader takes for ours; of the rest the likeliest host is judged. */
static enum check_reason judge(struct arena *a, const char *plain, const char *host,
                               const char *domains)
{
    if (plain && check_host(a, plain, domains) == CHECK_OUR_DOMAIN) return CHECK_OUR_DOMAIN;
    enum check_reason const is = host ? check_host(a, host, domains) : CHECK_UNREADABLE;
    return is == CHECK_OUR_DOMAIN ? CHECK_UNREADABLE : is;
}

enum check_reason check_sender(struct arena *a, const char *sender, const char *domains)
{
    return judge(a, plain_sender_host(a, sender), check_sender_host(a, sender), domains);
}

enum check_reason check_link(struct arena *a, const char *link, const char *domains)
{
    return judge(a, plain_link_host(a, link), check_link_host(a, link), domains);
}
