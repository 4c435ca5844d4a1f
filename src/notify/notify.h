/* notify: what leaves for others: webhooks. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "account/account.h"
#include "notify/event_rules.h"
#include "notify/webhook.h"
