/* caller: reads whom somebody acts as. SPDX-License-Identifier: Apache-2.0 */
#include "http/caller.h"

#include <string.h>

#include "base/luhn.h"

const struct fault CALLER_ACTOR = {
    E_INVALID, "caller.actor",
    "The actor is owner:MEMBER, profile:MEMBER, kids:MEMBER, extra:MEMBER, visitor, agent:NUMBER "
    "or system."};
const struct fault CALLER_SURFACE = {E_INVALID, "caller.surface",
                                     "The surface is web, app, tv or contact."};
const struct fault CALLER_PROOF = {E_INVALID, "caller.proof", "The proof is fresh, or left out."};
const struct fault CALLER_SESSION = {E_INVALID, "caller.session",
                                     "Device and network have 1 to 200 bytes of UTF-8, a country "
                                     "two letters."};

enum { SESSION_TEXT_MAX = 200 };

/* Where people are when nothing is said: owners at the web pages, agents at the other end. */
static enum surface usual_surface(enum role role)
{
    if (role == ROLE_SYSTEM) return SURFACE_NONE;
    return role == ROLE_AGENT ? SURFACE_CONTACT : SURFACE_WEB;
}

static enum status read_agent(struct ctx *cx, const char *number, struct actor *out)
{
    out->role = ROLE_AGENT;
    return int_parse(number, &out->id) && out->id > 0 ? OK : fail(cx->err, &CALLER_ACTOR, "as");
}

static enum status find_account(struct ctx *cx, const struct op_world *w, const char *member,
                                int64_t *account_id)
{
    enum status const s = w->find_member(cx, member, account_id);

    if (s == E_NOT_FOUND) cx->err->field = "as";
    return s;
}

static enum status read_role(struct ctx *cx, const struct op_world *w, const char *as,
                             struct actor *out)
{
    static const struct {
        const char *prefix;
        enum role role;
    } on_account[] = {
        {"owner:",   ROLE_OWNER  },
        {"profile:", ROLE_PROFILE},
        {"kids:",    ROLE_KIDS   },
        {"extra:",   ROLE_EXTRA  },
    };

    *out = (struct actor){.role = ROLE_SYSTEM};
    if (!as || strcmp(as, "system") == 0) return OK;
    if (strcmp(as, "visitor") == 0) {
        out->role = ROLE_VISITOR;
        return OK;
    }
    if (strncmp(as, "agent:", 6) == 0) return read_agent(cx, as + 6, out);
    for (size_t i = 0; i < COUNT(on_account); i++) {
        size_t const n = strlen(on_account[i].prefix);

        if (strncmp(as, on_account[i].prefix, n) != 0 || !as[n]) continue;
        out->role = on_account[i].role;
        return find_account(cx, w, as + n, &out->id);
    }
    return fail(cx->err, &CALLER_ACTOR, "as");
}

static bool is_session_text(const char *s)
{
    if (!s) return true;
    CLEANUP(json_decrefp) json_t *text = json_string(s); /* NULL when it is no UTF-8 */

    return text && *s && strlen(s) <= SESSION_TEXT_MAX;
}

/* Both are kept and told to owners. */
static enum status check_session_text(const char *s, const char *field, struct error *e)
{
    if (!is_session_text(s)) return fail(e, &CALLER_SESSION, field);
    return s && text_has_card_number(s) ? fail(e, &INPUT_CARD_NUMBER, field) : OK;
}

static bool is_country(const char *s)
{
    return strlen(s) == 2 && strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 2;
}

enum status caller_read(struct ctx *cx, const struct op_world *w, const struct caller *c,
                        struct actor *out)
{
    if (c->surface && name_find(&surfaces, c->surface) <= SURFACE_NONE)
        return fail(cx->err, &CALLER_SURFACE, "surface");
    if (c->proof && strcmp(c->proof, "fresh") != 0) return fail(cx->err, &CALLER_PROOF, "proof");
    TRY(check_session_text(c->device, "device", cx->err));
    TRY(check_session_text(c->network, "network", cx->err));
    if (c->country && !is_country(c->country)) return fail(cx->err, &CALLER_SESSION, "country");
    TRY(read_role(cx, w, c->as, out));
    out->surface =
        c->surface ? (enum surface)name_find(&surfaces, c->surface) : usual_surface(out->role);
    out->proven = c->proof;
    out->device = c->device;
    out->network = c->network;
    out->country = c->country;
    return OK;
}
