/* tls: sets OpenSSL up. SPDX-License-Identifier: Apache-2.0 */
#include "http/tls.h"

#include <openssl/err.h>
#include <string.h>

#include "http/serve.h"

static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *n,
                           const unsigned char *in, unsigned int n_in, void *arg)
{
    static const unsigned char http1[] = "\x08http/1.1";

    (void)ssl, (void)arg;
    for (unsigned int i = 0; i + 9 <= n_in; i += 1U + in[i])
        if (memcmp(in + i, http1, 9) == 0) {
            *out = in + i + 1;
            *n = 8;
            return SSL_TLSEXT_ERR_OK;
        }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static enum status refuse(SSL_CTX *c, const char *file, struct error *e)
{
    char text[120];

    ERR_error_string_n(ERR_get_error(), text, sizeof text);
    SSL_CTX_free(c);
    return failf(e, &SERVE_TLS, "%.100s: %s", file, text);
}

enum status tls_open(const char *certificate, const char *key, SSL_CTX **out, struct error *e)
{
    SSL_CTX *c = SSL_CTX_new(TLS_server_method());

    if (!c) return refuse(c, "OpenSSL", e);
    SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION);
    SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                               SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_alpn_select_cb(c, choose_protocol, NULL);
    if (SSL_CTX_set_cipher_list(c, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1)
        return refuse(c, "ciphers", e);
    if (SSL_CTX_use_certificate_chain_file(c, certificate) != 1) return refuse(c, certificate, e);
    if (SSL_CTX_use_PrivateKey_file(c, key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(c) != 1)
        return refuse(c, key, e);
    *out = c;
    return OK;
}
