/* log: lines of JSON about what the program does, for whoever runs it. A line is made of named
 * values, never of a format that an input could reach; what is secret or about people has no place
 * in one. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

struct log {
    int file; /* -1: nowhere */
};

/* Opens a file to append to; "-" is standard output. False, with errno, when it cannot be. */
bool log_open(struct log *l, const char *path);
void log_close(struct log *l);

enum { LOG_LINE_MAX = 2000, LOG_VALUE_MAX = 500 };
struct log_line {
    char text[LOG_LINE_MAX];
    size_t n;
};

/* Begins a line with its time (Unix ms) and what happened. */
void log_begin(struct log_line *l, int64_t at, const char *event);
/* NULL is left out; long values are cut. */
void log_text(struct log_line *l, const char *name, const char *value);
void log_int(struct log_line *l, const char *name, int64_t value);
/* Ends the line; l->text holds it with its newline then, l->n bytes. */
void log_finish(struct log_line *l);
/* Writes it whole, so that the lines of threads and processes never mix; where the disk is full a
 * line is there whole or not at all. */
void log_write(const struct log *l, const char *bytes, size_t n);
