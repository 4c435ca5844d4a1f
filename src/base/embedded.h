/* embedded: files that tools/embed.c compiled into the program.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>

struct embedded {
    const char *name, *text;
};
extern const struct embedded embedded_migrations[]; /* number 1 first */
extern const size_t n_embedded_migrations;
extern const struct embedded embedded_texts[]; /* texts/LANGUAGE.txt */
extern const size_t n_embedded_texts;
