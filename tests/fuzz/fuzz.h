/* fuzz: what every fuzzer has. NAME_fuzz.c is one; its inputs are kept in corpus/NAME and replayed
 * by every build. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>
#include <stdlib.h>

#include "base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What has been accepted must hold, else the input is a finding. */
static inline void promise(bool kept)
{
    if (!kept) abort();
}
