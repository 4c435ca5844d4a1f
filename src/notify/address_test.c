/* address_test: the ranges against a slow oracle, and URLs. SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/test.h"
#include "notify/address_rules.h"

/* The same ranges once more, each as its first and its last address, as people write them. */
static const char *const closed[][2] = {
    {"0.0.0.0",       "0.255.255.255"                          },
    {"10.0.0.0",      "10.255.255.255"                         },
    {"100.64.0.0",    "100.127.255.255"                        },
    {"127.0.0.0",     "127.255.255.255"                        },
    {"168.63.129.16", "168.63.129.16"                          },
    {"169.254.0.0",   "169.254.255.255"                        },
    {"172.16.0.0",    "172.31.255.255"                         },
    {"192.0.0.0",     "192.0.0.255"                            },
    {"192.0.2.0",     "192.0.2.255"                            },
    {"192.88.99.0",   "192.88.99.255"                          },
    {"192.168.0.0",   "192.168.255.255"                        },
    {"198.18.0.0",    "198.19.255.255"                         },
    {"198.51.100.0",  "198.51.100.255"                         },
    {"203.0.113.0",   "203.0.113.255"                          },
    {"224.0.0.0",     "255.255.255.255"                        },
    {"::",            "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"2001::",        "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff" },
    {"2001:db8::",    "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff" },
    {"2002::",        "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"3fff::",        "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff" },
    {"4000::",        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
};

static size_t read_address(const char *text, unsigned char to[static 16])
{
    if (inet_pton(AF_INET, text, to) == 1) return 4;
    CHECK(inet_pton(AF_INET6, text, to) == 1);
    return 16;
}

static bool oracle(const unsigned char *a, size_t size)
{
    for (size_t i = 0; i < COUNT(closed); i++) {
        unsigned char first[16], last[16];

        if (read_address(closed[i][0], first) != size) continue;
        (void)read_address(closed[i][1], last);
        if (memcmp(a, first, size) >= 0 && memcmp(a, last, size) <= 0) return false;
    }
    return true;
}

static bool is_public(const unsigned char *a, size_t size)
{
    return size == 4 ? address4_is_public(a) : address6_is_public(a);
}

/* One more or one less, as a number of many bytes. */
static void step(unsigned char *a, size_t size, int by)
{
    for (size_t i = size; i-- > 0;) {
        int const sum = a[i] + by;

        a[i] = (unsigned char)sum;
        if (sum >= 0 && sum <= 255) return;
    }
}

static void check_near(const char *text)
{
    unsigned char a[16];
    size_t const size = read_address(text, a);

    for (int by = -1; by <= 1; by++) {
        unsigned char near[16];

        memcpy(near, a, sizeof near);
        if (by) step(near, size, by);
        CHECK(is_public(near, size) == oracle(near, size));
    }
}

static void agrees_with_the_oracle(void **state)
{
    int const n = getenv("FOYER_LONG") ? 20000000 : 300000;

    (void)state;
    for (size_t i = 0; i < COUNT(closed); i++) {
        check_near(closed[i][0]);
        check_near(closed[i][1]);
    }
    srandom(20260911);
    for (int i = 0; i < n; i++) {
        size_t const size = i % 2 ? 4 : 16;
        size_t const like = (size_t)random() % COUNT(closed);
        unsigned char a[16], edge[16];

        for (size_t k = 0; k < 16; k++) a[k] = (unsigned char)(random() >> 7);
        /* Half of them begin as the edge of a range does. */
        if (i % 4 < 2 && read_address(closed[like][(size_t)i / 4 % 2], edge) == size)
            memcpy(a, edge, (size_t)random() % (size + 1));
        CHECK(is_public(a, size) == oracle(a, size));
    }
}

static void knows_the_dangerous_ones(void **state)
{
    static const struct {
        const char *text;
        bool open;
    } rows[] = {
        {"127.0.0.1",               false},
        {"169.254.169.254",         false},
        {"10.1.2.3",                false},
        {"100.100.100.200",         false},
        {"192.0.0.192",             false},
        {"::1",                     false},
        {"::",                      false},
        {"::ffff:8.8.8.8",          false},
        {"64:ff9b::808:808",        false},
        {"2002:7f00:1::",           false},
        {"fd00:ec2::254",           false},
        {"fe80::1",                 false},
        {"ff02::1",                 false},
        {"2001:0:53aa:64c:0:0:0:1", false},
        {"8.8.8.8",                 true },
        {"172.32.0.1",              true },
        {"2a00:1450:4001::1",       true },
        {"100.128.0.1",             true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        unsigned char a[16];
        size_t const size = read_address(rows[i].text, a);

        if (is_public(a, size) != rows[i].open) FAIL("%s", rows[i].text);
    }
}

static void judges_urls(void **state)
{
    static const struct {
        const char *url;
        bool open, local; /* allowed by default; allowed for tests */
    } rows[] = {
        {"https://hooks.example.com/foyer?a=b",         true,  true },
        {"https://hooks.example.com",                   true,  true },
        {"https://hooks.example.com:8443/x",            true,  true },
        {"https://[2a00:1450:4001::1]:8443/x",          true,  true },
        {"https://[2001:db8::1]:8443/x",                false, true },
        {"https://[::1]:8443/x",                        false, true },
        {"https://[fe80::1]/",                          false, true },
        {"https://[::ffff:127.0.0.1]/",                 false, true },
        {"https://[fe80::1%25eth0]/",                   false, true },
        {"https://127.0.0.1/",                          false, true },
        {"https://127.1/",                              false, true },
        {"https://2130706433/",                         false, true },
        {"https://0x7f000001/",                         false, true },
        {"https://0177.0.0.1/",                         false, true },
        {"https://127.0.0.1./",                         false, true },
        {"https://10.1.2.3:8443/",                      false, true },
        {"https://169.254.169.254/latest/meta-data/",   false, true },
        {"https://192.168.0.1/",                        false, true },
        {"https://172.32.0.1/",                         true,  true },
        {"https://LocalHost/",                          false, true },
        {"https://hooks.localhost./",                   false, true },
        {"https://localhost.example.com/",              true,  true },
        {"https://10.1.2.3.example.com/",               true,  true },
        {"https://:pass@hooks.example.com/",            false, false},
        {"https://hooks.example.com:/",                 false, false},
        {"http://hooks.example.com/",                   false, true },
        {"https://hooks.example.com:22/",               false, true },
        {"https://hooks.example.com:0/",                false, false},
        {"https://hooks.example.com:70000/",            false, false},
        {"https://hooks.example.com:4x3/",              false, false},
        {"https://user:word@hooks.example.com/",        false, false},
        {"https://hooks.example.com/#part",             false, false},
        {"https:///path",                               false, false},
        {"https://",                                    false, false},
        {"https://[::1",                                false, false},
        {"https://hooks.example.com/a b",               false, false},
        {"https://hooks.example.com\\@inside.example/", false, false},
        {"ftp://hooks.example.com/",                    false, false},
        {"file:///etc/passwd",                          false, false},
        {"",                                            false, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (!target_defect(rows[i].url, false) != rows[i].open) FAIL("%s", rows[i].url);
        if (!target_defect(rows[i].url, true) != rows[i].local) FAIL("%s", rows[i].url);
    }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("which addresses are public: the ranges against a slow oracle",
             agrees_with_the_oracle),
        CASE("loopback, metadata and IPv4 in IPv6 are not called", knows_the_dangerous_ones),
        CASE("which URLs may be called", judges_urls),
    };
    return RUN_CASES("address", cases);
}
