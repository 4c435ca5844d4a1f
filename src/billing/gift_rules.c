/* gift_rules: gift codes are codes of 15 random characters. SPDX-License-Identifier: Apache-2.0 */
#include "billing/gift_rules.h"

#include "base/code.h"

char *gift_code_make(const unsigned char random[static GIFT_RANDOM], char to[static GIFT_CODE])
{
    return code_make(random, GIFT_RANDOM, to);
}

bool gift_code_read(const char *typed, char to[static GIFT_CODE])
{
    return code_read(typed, GIFT_RANDOM, to);
}

char *gift_code_text(const char *code, char to[static GIFT_CODE_TEXT])
{
    return code_text(code, to);
}
