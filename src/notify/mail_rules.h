/* mail_rules: writes a mail as bytes (RFC 5322, MIME): multipart/alternative, quoted-printable, RFC
 * 2047 words. Pure, so that every byte can be tested. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

struct mail {
    const char *from_name, *from, *to;
    const char *subject;
    const char *message_id; /* without angle brackets; the same whenever it is sent again */
    const char *reference;  /* as people read it */
    const char *language;
    const char *unsubscribe; /* where marketing is unsubscribed from; NULL: it is none */
    int64_t date_ms;
    const char *text, *html;
};

/* Lines end in CRLF; lines that begin with a dot are not doubled. Whatever the texts hold, no
 * header is added by them. */
char *mail_write(struct arena *a, const struct mail *m);
/* One value of a header, encoded where it must be and folded; `used` columns stand before it. */
char *mail_header_text(struct arena *a, const char *text, size_t used);
char *mail_quoted_printable(struct arena *a, const char *text);
/* "Sat, 28 Nov 2026 19:23:12 +0000" */
char *mail_date(struct arena *a, int64_t at_ms);

/* What a server's answer says of the address: a bounce, and not our fault or theirs for now. */
bool mail_code_bounces(const char *code); /* "550", "550 5.1.1" */
