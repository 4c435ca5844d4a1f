/* limits: what --limits of `foyer serve` may change, as a table: the command, the manual's names
 * and
 * docs/settings.md are readings of it. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/shape.h"
#include "http/serve.h"

extern const struct shape limits_shape; /* of struct serve_options */

/* Reads "body_bytes_max=65536,head_ms=5000" over *o; false where it is none or out of range. */
bool limits_read(const char *list, struct arena *a, struct serve_options *o);
