/* gateway_calls: the calls of a gateway that is one file, where its functions have their names.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "payments/gateways/gateway.h"

/* clang-format off */
#define GATEWAY_CALLS                                                                              \
    .charge = charge, .look_up = look_up, .authorize = authorize,                                  \
    .void_authorization = void_authorization, .refund = refund, .look_up_refund = look_up_refund,  \
    .describe = describe, .update = update, .forget = forget, .events = events
/* clang-format on */
