/* zone: the rules of one time zone, read from Debian's tzdata (TZif files, RFC 8536). ICU carries
 * rules of its own age; these are the current ones. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

struct zone;

extern const struct fault ZONE_UNKNOWN;

/* Finds a zone by its IANA name ("Europe/Berlin"), reading its file the first time; what it
 * returns lives as long as the process. Names are checked, so that none leaves the directory.
 * Thread-safe. Faults: ZONE_UNKNOWN. */
enum status zone_find(const char *name, const struct zone **out, struct error *e) MUST_CHECK;
/* The same of a place to live by, as people name it: `Factory` is the clock of a machine that
 * nobody has set up. Faults: ZONE_UNKNOWN. */
enum status zone_find_place(const char *name, const struct zone **out, struct error *e) MUST_CHECK;
const char *zone_name(const struct zone *z);

int64_t zone_offset_seconds(const struct zone *z, int64_t at_ms); /* east of UTC */
int64_t zone_day(const struct zone *z, int64_t at_ms);            /* the local date at an instant */

/* The first instant of a local date, in Unix ms. Where midnight is skipped it is the first
 * instant after the gap; where midnight comes twice, the first; a date that never was (Apia,
 * 2011-12-30) means the next one. */
int64_t zone_day_start(const struct zone *z, int64_t day);
