/* role: the words. SPDX-License-Identifier: Apache-2.0 */
#include "base/role.h"

const struct names roles = NAMES("visitor", "owner", "profile", "kids", "extra", "agent", "system");
const struct names surfaces = NAMES("none", "web", "app", "tv", "contact");
