/* letter: puts the facts of a message into words - subject, text, HTML and a brief line - in a
 * person's language. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "notify/kind_rules.h"

struct letter_in {
    const struct message_kind *kind;
    const char *service, *site; /* who writes, and the only address that a message names */
    const char *name;           /* of the person; "" when not known */
    const char *locale;
    const char *reference; /* in groups, as people read it */
    const char *facts;     /* JSON */
};
struct letter {
    char *language;
    bool rtl;
    char *subject;
    char *text;  /* paragraphs with an empty line between them, lines end in \n */
    char *html;  /* a whole document */
    char *brief; /* for a text message: what happened and the reference */
};
void letter_write(struct arena *a, const struct letter_in *in, struct letter *out);
/* The two that a list shows: what happened, without greeting and what stands below. */
char *letter_subject(struct arena *a, const struct letter_in *in);
char *letter_body(struct arena *a, const struct letter_in *in);

/* A text from outside, fit to stand in a message: no control characters, nothing that turns the
 * direction of writing, nothing that mail programs make a link of, at most 200 bytes. */
char *letter_clean(struct arena *a, const char *text);
