/* hash: FNV-1a, for tables in memory. Quick and no secret: who may choose the keys can make them
 * meet. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <string.h>

#include "base/base.h"

#define HASH_BEGIN UINT32_C(2166136261)

static inline uint32_t hash_more(uint32_t hash, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) hash = (hash ^ (unsigned char)bytes[i]) * UINT32_C(16777619);
    return hash;
}

static inline uint32_t hash_text(const char *text)
{
    return hash_more(HASH_BEGIN, text, strlen(text));
}
