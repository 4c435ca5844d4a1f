/* tls: the server's own TLS, for installs without a proxy in front.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <openssl/ssl.h>

#include "base/base.h"

/* Reads a chain of certificates and its key, PEM files. TLS 1.2 and newer, HTTP/1.1. Faults:
 * SERVE_TLS. */
enum status tls_open(const char *certificate, const char *key, SSL_CTX **out,
                     struct error *e) MUST_CHECK;
