/* shape: describes a struct once, so that JSON, SQL rows, forms and schemas need no code.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <jansson.h>

#include "base/base.h"

/* In C: F_INT and F_ENUM are int64_t, F_TEXT const char *, F_BOOL bool, F_LIST a pointer to the
 * first of `size_t` items whose number stands at count_offset. */
enum field_type { F_INT, F_TEXT, F_ENUM, F_BOOL, F_LIST };
enum {
    OPTIONAL = 1,
    SECRET = 2, /* a code or token: kept nowhere, the audit included */
    PHONE = 4,  /* may be a telephone number, which is no card's */
};

struct field {
    const char *name;
    enum field_type type;
    size_t offset;
    unsigned flags;
    int64_t min, max;          /* F_INT: value; F_TEXT: length in bytes. 0,0 means unbounded. */
    const struct names *names; /* F_ENUM */
    const char *doc;
    const struct shape *items; /* F_LIST */
    size_t count_offset;       /* F_LIST */
};

struct shape {
    const char *name;
    size_t size, n_fields;
    const struct field *fields;
};

/* clang-format off */
#define INT(s, f, lo, hi, doc_)  {#f, F_INT, offsetof(s, f), 0, lo, hi, NULL, doc_, NULL, 0}
#define TEXT(s, f, lo, hi, doc_) {#f, F_TEXT, offsetof(s, f), 0, lo, hi, NULL, doc_, NULL, 0}
#define ENUM(s, f, names_, doc_) {#f, F_ENUM, offsetof(s, f), 0, 0, 0, &(names_), doc_, NULL, 0}
#define BOOL(s, f, doc_)         {#f, F_BOOL, offsetof(s, f), 0, 0, 0, NULL, doc_, NULL, 0}
#define LIST(s, f, n_, items_, doc_)                                                               \
    {#f, F_LIST, offsetof(s, f), 0, 0, 0, NULL, doc_, &(items_), offsetof(s, n_)}
#define INT_OPT(s, f, lo, hi, doc_)                                                                \
    {#f, F_INT, offsetof(s, f), OPTIONAL, lo, hi, NULL, doc_, NULL, 0}
#define TEXT_OPT(s, f, lo, hi, doc_)                                                               \
    {#f, F_TEXT, offsetof(s, f), OPTIONAL, lo, hi, NULL, doc_, NULL, 0}
#define TEXT_SECRET(s, f, lo, hi, doc_)                                                            \
    {#f, F_TEXT, offsetof(s, f), SECRET, lo, hi, NULL, doc_, NULL, 0}
#define TEXT_SECRET_OPT(s, f, lo, hi, doc_)                                                        \
    {#f, F_TEXT, offsetof(s, f), OPTIONAL | SECRET, lo, hi, NULL, doc_, NULL, 0}
#define TEXT_PHONE_OPT(s, f, lo, hi, doc_)                                                         \
    {#f, F_TEXT, offsetof(s, f), OPTIONAL | PHONE, lo, hi, NULL, doc_, NULL, 0}
#define BOOL_OPT(s, f, doc_) {#f, F_BOOL, offsetof(s, f), OPTIONAL, 0, 0, NULL, doc_, NULL, 0}
#define SHAPE(s, fs) {#s, sizeof(struct s), COUNT(fs), fs}
/* clang-format on */

extern const struct fault INPUT_MISSING, INPUT_TYPE, INPUT_RANGE, INPUT_UNKNOWN;

/* Fills `to` (zeroed by the caller, or holding defaults) from a JSON object; texts go to the
 * arena. Unknown, missing, mistyped and out-of-range fields are faults that name the field. */
enum status shape_read(const struct shape *sh, const json_t *from, void *to, struct arena *a,
                       struct error *e) MUST_CHECK;
/* The same from `name=value` texts, as a command line has them: values are parsed by type. */
enum status shape_read_pairs(const struct shape *sh, char *const *pairs, size_t n, void *to,
                             struct arena *a, struct error *e) MUST_CHECK;
/* A text as the JSON that the field of this name wants: a number or a truth value where it is one.
 * What cannot be read stays text, which shape_read then refuses by name. NULL: it is no UTF-8. */
json_t *shape_value(const struct shape *sh, const char *name, const char *text);
json_t *shape_write(const struct shape *sh, const void *from);
/* The text of shape_write's JSON on one line, without the detour. */
char *shape_print(struct arena *a, const struct shape *sh, const void *from);
/* For a record: without secrets and what is empty, 0 or false; of lists how many items they have.
 */
json_t *shape_write_record(const struct shape *sh, const void *from);
json_t *shape_schema(const struct shape *sh); /* JSON Schema 2020-12 */
json_t *field_schema(const struct field *f);
/* JSON on one line, in the arena; flags are those of json_dumps. */
char *json_text(struct arena *a, const json_t *j, size_t flags);
