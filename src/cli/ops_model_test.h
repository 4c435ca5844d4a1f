/* ops_model_test: what an op may do to the state of a membership, said once more and plainly, from
 * SPEC 2.2 and the decision tables; nothing here is taken from the engine.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <string.h>

#include "membership/membership.h"

/* `from` and `to` are letters: none, Pending, Active, Grace, Hold, paused as S, Ending, Canceled,
 * Deleted. An op may always leave the state as it is. A charge that an op asks for is answered
 * within the call or later, hence the states that follow PENDING. */
static const struct model_move {
    const char *op, *from, *to;
} model_moves[] = {
    {"membership.restart",      "C",       "PA" }, /* DT-3 */
    {"membership.restart",      "E",       "A"  }, /* still watching: nothing but an undo */
    {"membership.resume",       "S",       "PA" },
    {"membership.undo_cancel",  "E",       "A"  },
    {"membership.cancel",       "AG",      "E"  }, /* DT-2 */
    {"membership.cancel",       "HS",      "C"  },
    {"membership.withdraw",     "AE",      "C"  }, /* F-24 */
    {"membership.undo_restart", "PAGHSE",  "C"  }, /* I-05 */
    {"method.add",              "GH",      "A"  }, /* B-09, E-08 */
    {"method.update",           "GH",      "A"  },
    {"method.set_primary",      "GH",      "A"  },
    {"method.set_backup",       "GH",      "A"  },
    {"gift.redeem",             "GH",      "A"  }, /* E-14 */
    {"partner.event",           "NAGHSEC", "AHC"}, /* D-13, D-16 */
};

static inline char model_letter(int64_t s)
{
    static const char letters[] = "NPAGHSECD";

    return letters[s];
}

static inline bool model_allows(const char *op, int64_t from, int64_t to, bool done)
{
    if (from == to) return true;
    for (size_t i = 0; i < COUNT(model_moves); i++)
        if (strcmp(model_moves[i].op, op) == 0 && strchr(model_moves[i].from, model_letter(from)) &&
            strchr(model_moves[i].to, model_letter(to)))
            return done;
    return false;
}
