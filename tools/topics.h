/* topics: the topics of the outbox against the table of events.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "source.h"

int topics_check(const struct tree *t); /* 1, after lines on stdout, when one is not listed */
