/* payments: the words and the key of an attempt. SPDX-License-Identifier: Apache-2.0 */
#include "payments/payments.h"

#include <stdio.h>

#include "base/id.h"

const struct names method_states = NAMES("usable", "blocked", "removed");
const struct names attempt_states = NAMES("captured", "declined", "unknown");

char *payments_key(int64_t account_id, int64_t term, int64_t k, enum charge_kind kind,
                   int64_t subject, int64_t attempt_no, char to[static GATEWAY_KEY_TEXT])
{
    char member[ID_TEXT];

    snprintf(to, GATEWAY_KEY_TEXT, "%s/%lld/%lld/%s/%lld/%lld", id_text("mem", account_id, member),
             (long long)term, (long long)k, charge_kinds.at[kind], (long long)subject,
             (long long)attempt_no);
    return to;
}
