/* address_rules: the ranges that are not public, by the IANA registries of special-purpose
 * addresses
 * (RFC 6890). SPDX-License-Identifier: Apache-2.0 */
#include "notify/address_rules.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */
static const struct range4 {
    unsigned char at[4];
    unsigned bits;
} closed4[] = {
    {{0, 0, 0, 0},       8},  /* this network */
    {{10, 0, 0, 0},      8},  /* private */
    {{100, 64, 0, 0},    10}, /* shared by carriers (CGNAT); one cloud's metadata */
    {{127, 0, 0, 0},     8},  /* loopback */
    {{168, 63, 129, 16}, 32}, /* one cloud's metadata */
    {{169, 254, 0, 0},   16}, /* link-local; most clouds' metadata */
    {{172, 16, 0, 0},    12}, /* private */
    {{192, 0, 0, 0},     24}, /* protocol assignments; one cloud's metadata */
    {{192, 0, 2, 0},     24}, /* documentation */
    {{192, 88, 99, 0},   24}, /* 6to4 relays */
    {{192, 168, 0, 0},   16}, /* private */
    {{198, 18, 0, 0},    15}, /* benchmarks */
    {{198, 51, 100, 0},  24}, /* documentation */
    {{203, 0, 113, 0},   24}, /* documentation */
    {{224, 0, 0, 0},     4},  /* multicast */
    {{240, 0, 0, 0},     4},  /* reserved, and broadcast */
};

/* Only 2000::/3 is handed out at all; loopback, mapped, NAT64, unique local, link-local and
 * multicast addresses lie outside it. */
static const struct range6 {
    unsigned char at[16];
    unsigned bits;
} global6 = {{0x20}, 3}, closed6[] = {
    {{0x20, 0x01},             23}, /* protocol assignments: Teredo, ORCHID, benchmarks */
    {{0x20, 0x01, 0x0d, 0xb8}, 32}, /* documentation */
    {{0x20, 0x02},             16}, /* 6to4 */
    {{0x3f, 0xff},             20}, /* documentation */
};
/* clang-format on */

static bool begins_with(const unsigned char *address, const unsigned char *range, unsigned bits)
{
    unsigned const whole = bits / 8, rest = bits % 8;
    unsigned const mask = rest ? 0xffU << (8 - rest) & 0xffU : 0;

    return memcmp(address, range, whole) == 0 &&
           (!rest || (address[whole] & mask) == (range[whole] & mask));
}

bool address4_is_public(const unsigned char a[static 4])
{
    for (size_t i = 0; i < COUNT(closed4); i++)
        if (begins_with(a, closed4[i].at, closed4[i].bits)) return false;
    return true;
}

bool address6_is_public(const unsigned char a[static 16])
{
    if (!begins_with(a, global6.at, global6.bits)) return false;
    for (size_t i = 0; i < COUNT(closed6); i++)
        if (begins_with(a, closed6[i].at, closed6[i].bits)) return false;
    return true;
}

/* The port behind a host; -1 when it is none. */
static int64_t port_of(const char *at, size_t n, int64_t otherwise)
{
    int64_t port = 0;

    if (n == 0) return otherwise;
    if (at[0] != ':' || n < 2 || n > 6) return -1;
    for (size_t i = 1; i < n; i++) {
        if (at[i] < '0' || at[i] > '9') return -1;
        port = port * 10 + (at[i] - '0');
    }
    return port >= 1 && port <= 65535 ? port : -1;
}

static bool is_printable(const char *s)
{
    for (; *s; s++)
        if (*s <= ' ' || *s > '~' || strchr("\"<>\\^`{|}", *s)) return false;
    return true;
}

enum { HOST_MAX = 253 };

static bool ends_as(const char *s, size_t n, const char *end)
{
    size_t const k = strlen(end);

    return n >= k && text_equal_nocase(s + n - k, end);
}

/* Addresses that stand in the URL itself, in every spelling that a resolver takes for one (127.1,
 * 0x7f000001), and the name that is this machine's everywhere. What other names lead to is judged
 * when it is called. */
static const char *host_defect(const char *text, size_t n)
{
    unsigned char six[16];
    char host[HOST_MAX + 1];
    struct in_addr four;

    if (n > HOST_MAX) return "its host is too long";
    snprintf(host, sizeof host, "%.*s", (int)n, text);
    if (host[0] == '[') {
        host[n - 1] = 0;
        if (inet_pton(AF_INET6, host + 1, six) != 1) return "its address cannot be read";
        return address6_is_public(six) ? NULL : "its address is not of the public internet";
    }
    if (host[n - 1] == '.') host[--n] = 0;
    if (text_equal_nocase(host, "localhost") || ends_as(host, n, ".localhost"))
        return "its host is this machine";
    if (!inet_aton(host, &four)) return NULL;
    return address4_is_public((const unsigned char *)&four)
               ? NULL
               : "its address is not of the public internet";
}

const char *target_defect(const char *url, bool local)
{
    bool const secure = strncmp(url, "https://", 8) == 0;

    if (!is_printable(url)) return "it holds blanks or letters that no URL has";
    if (!secure && !(local && strncmp(url, "http://", 7) == 0))
        return "it must begin with https://";
    const char *authority = url + (secure ? 8 : 7);
    size_t const n = strcspn(authority, "/?#");
    size_t host = *authority == '[' ? strcspn(authority, "]") + 1 : strcspn(authority, ":/?#");
    if (strchr(authority, '#')) return "it may have no fragment";
    if (memchr(authority, '@', n)) return "it may hold no user name or password";
    if (host == 0 || host > n) return "it names no host";
    int64_t const port = port_of(authority + host, n - host, secure ? 443 : 80);
    if (port < 0) return "its port is none";
    if (!local && port < 1024 && port != 443)
        return "only port 443 and those from 1024 on are called";
    return local ? NULL : host_defect(authority, host);
}
