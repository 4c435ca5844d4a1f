/* notify: what leaves for others - messages to people, and webhooks.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/billing.h"
#include "notify/banner.h"
#include "notify/check.h"
#include "notify/courier.h"
#include "notify/delivery_rules.h"
#include "notify/dispatch.h"
#include "notify/event_rules.h"
#include "notify/letter.h"
#include "notify/message.h"
#include "notify/person.h"
#include "notify/webhook.h"
