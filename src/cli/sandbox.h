/* sandbox: the served sandbox as an app of http/serve.h. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "http/serve.h"
#include "payments/payments.h"

/* One thread answers, for the sandbox has one connection: loops = 1, and no database. */
struct sandbox_desk {
    struct gateway *gateway;
    struct teller *teller; /* learns the callers' clock; NULL: nobody is called back */
    const char *api_key;   /* NULL: none is asked for */
    const char *origins;   /* that may embed the card form, with commas between; NULL: none */
};
struct serve_app sandbox_app(struct sandbox_desk *d); /* refers to d */
