/* address_rules: which addresses and URLs a courier may call on somebody's word, so that nobody
 * uses
 * us to reach what only we can reach. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

/* Whether an address, in network order, is one of the public internet: not private, loopback,
 * link-local, multicast, reserved, shared (CGNAT), unique local, documentation, a metadata service,
 * nor IPv4 in the clothes of IPv6 (mapped, 6to4, NAT64, Teredo). */
bool address4_is_public(const unsigned char a[static 4]);
bool address6_is_public(const unsigned char a[static 16]);

/* What is wrong with a target's URL, as a sentence's end; NULL when nothing is. `local`: plain
 * http, every port and every address are allowed. */
const char *target_defect(const char *url, bool local);
