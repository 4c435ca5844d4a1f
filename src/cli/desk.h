/* desk: what answers the requests of `foyer serve`: the ops of the API, with what they need.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "cli/cli.h"
#include "http/serve.h"

/* The app of a server whose command line is `cli`. */
struct serve_app desk_app(struct cli *cli);
