/* role: who acts, and where. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

enum role {
    ROLE_VISITOR,
    ROLE_OWNER,
    ROLE_PROFILE, /* uses a profile of the owner's account, a child's in the next one */
    ROLE_KIDS,
    ROLE_EXTRA, /* lives elsewhere; the owner pays for the slot */
    ROLE_AGENT,
    ROLE_SYSTEM,
};
extern const struct names roles;

/* Where somebody acts (SPEC X-04). */
enum surface { SURFACE_NONE, SURFACE_WEB, SURFACE_APP, SURFACE_TV, SURFACE_CONTACT };
extern const struct names surfaces;
