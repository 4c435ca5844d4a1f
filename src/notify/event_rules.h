/* event_rules: what others are told of: a type for each topic of the outbox, and which of its facts
 * go
 * along. What is not listed is not told. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <jansson.h>

#include "base/base.h"

struct event_type {
    const char *type;   /* "membership.renewed" */
    const char *topic;  /* as the outbox spells it; NULL: alike */
    const char *tells;  /* one sentence */
    const char *fields; /* names of event_fields, with blanks between; `member` is always told */
};
extern const struct event_type event_types[];
extern const size_t n_event_types;
extern const struct event_type EVENT_PING; /* webhook.test; comes from no topic */

struct event_field {
    const char *name;   /* as told */
    const char *stored; /* as the outbox spells it; NULL: alike */
    const char *prefix; /* of a number that is told as a reference: "chg"; NULL: as it is */
    const char *doc;
};
extern const struct event_field event_fields[];
extern const size_t n_event_fields;

/* Facts of outbox bodies that are told to nobody: who acted from where, addresses, and codes. */
bool event_withheld(const char *stored);

const char *event_topic(const struct event_type *t);
const struct event_type *event_of_topic(const char *topic); /* or NULL: is not told */
const struct event_field *event_field_of(const struct event_type *t, const char *stored);

/* The first fact of an outbox body that is neither told nor withheld, or the topic itself when
 * there is no such event; NULL when all is known. */
const char *event_unlisted(struct arena *a, const char *topic, const char *body);

/* {"type", "timestamp", "data"} as it is sent, in the arena. `body` is the outbox's. */
const char *event_text(struct arena *a, const struct event_type *t, int64_t account_id,
                       int64_t happened_at, const char *body);

/* Of an outbox body the facts that are told, as they are stored; in the arena. */
const char *event_facts(struct arena *a, const char *topic, const char *body);
/* A body, or a message's facts, without the codes that only the owner may read; what is no JSON has
 * none. */
const char *event_codeless(struct arena *a, const char *facts);

/* Patterns with commas between, each a type, a type's beginning followed by `.*`, or `*`. */
bool event_filter_valid(const char *filter);
bool event_filter_takes(const char *filter, const char *type);

/* docs/events.md, and what in the tables contradicts itself; NULL when nothing does. */
char *events_page(struct arena *a);
const char *events_defect(struct arena *a);
