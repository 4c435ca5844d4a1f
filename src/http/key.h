/* key: keys of the API. An operator's key acts for a named person and surface; whoever it acts as,
 * ctx.actor.via says so. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "http/key_text.h"
#include "http/op.h"
#include "key_sql.h" /* struct api_key: the row */

enum key_state { KEY_ACTIVE, KEY_ENDING, KEY_EXPIRED, KEY_REVOKED };
extern const struct names key_states;

extern const struct fault KEY_MISSING, KEY_INVALID, KEY_NOT_IN_SCOPE, KEY_NOT_AS_THEM, KEY_UNKNOWN,
    KEY_ENDED, KEY_SCOPES_INVALID, KEY_ROLES_INVALID;

/* What a good key lets its owner do. */
struct key_grant {
    int64_t key_id;
    const char *scopes;
    unsigned roles;
    bool used_is_old; /* its last use is a minute ago: key_note_use */
};
/* Reads `Bearer fky_…`. Keys that never were, are over or revoked are one fault, found by the same
 * look-up. Faults: KEY_MISSING, KEY_INVALID. */
enum status key_check(struct ctx *cx, const char *authorization, struct key_grant *out) MUST_CHECK;
bool key_covers(const char *scopes, const struct op *op);
/* Notes the last use, for this process to write soon: no request waits for that. */
void key_note_use(const struct ctx *cx, const struct key_grant *g);
bool key_uses_noted(void);
/* Writes what is noted; where that fails it stays noted. */
enum status key_uses_write(struct ctx *cx) MUST_CHECK;

struct key_create {
    const char *name, *scopes, *roles;
    int64_t expires_days; /* 0: never */
};
struct key_list {
    const char *before;
    int64_t limit;
};
struct key_choose {
    const char *key;
    int64_t grace_hours; /* of key.rotate; 0: 24 */
};
struct key_view {
    const char *key, *name, *scopes, *roles;
    int64_t state;
    const char *created_at, *expires_at, *revoked_at, *used_at, *replaced_by;
};
struct key_made {
    struct key_view view;
    const char *secret; /* told once */
};
struct keys_view {
    const struct key_view *keys; /* newest first */
    size_t n;
    const char *next;
};

/* Faults: KEY_SCOPES_INVALID, KEY_ROLES_INVALID. */
enum status key_create(struct ctx *cx, const struct key_create *in,
                       struct key_made *out) MUST_CHECK;
/* Faults: KEY_UNKNOWN when `before` is no key. */
enum status key_list(struct ctx *cx, const struct key_list *in, struct keys_view *out) MUST_CHECK;
/* A new secret with the same rights; the old one goes on for the grace time, and not longer than it
 * would have. Faults: KEY_UNKNOWN, KEY_ENDED. */
enum status key_rotate(struct ctx *cx, const struct key_choose *in,
                       struct key_made *out) MUST_CHECK;
/* At once; again changes nothing. Faults: KEY_UNKNOWN. */
enum status key_revoke(struct ctx *cx, const struct key_choose *in,
                       struct key_view *out) MUST_CHECK;
