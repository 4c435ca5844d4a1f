/* csv: a state machine over bytes, which needs no more of a row than is kept.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/csv.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

const struct fault ROW_TOO_LONG = {E_INVALID, "row.too_long",
                                   "The row is longer than 64 KiB; shorten its texts."};
const struct fault ROW_ENCODING = {E_INVALID, "row.encoding",
                                   "The row is not UTF-8; save the file as UTF-8."};
const struct fault ROW_NUL = {
    E_INVALID, "row.nul",
    "The row holds a NUL byte, which no text has; export it again as UTF-8 text."};
const struct fault ROW_QUOTE = {
    E_INVALID, "row.quote",
    "Something follows a closing quote; a quote inside a quoted field is written twice."};
const struct fault ROW_QUOTE_OPEN = {E_INVALID, "row.quote_open",
                                     "A quote that is opened in this line is never closed, or not "
                                     "as it should be, so the lines after "
                                     "it were read as rows; close it or take it out."};
const struct fault FILE_UTF16 = {
    E_INVALID, "file.utf16",
    "The file is UTF-16, which is not read; save it as UTF-8 and try again."};
const struct fault FILE_UNREADABLE = {
    E_INTERNAL, "file.unreadable",
    "The file cannot be read; check its name, who may read it, and the disk."};

#define BOM "\xEF\xBB\xBF"
enum { AT_FIELD_START, IN_PLAIN, IN_QUOTES, AFTER_QUOTE };
enum { NO_BREAK = CSV_ROW_MAX }; /* the row is one line so far */

static enum status refill(struct csv_reader *r, struct error *e)
{
    int64_t const n = r->source(r->arg, r->chunk, sizeof r->chunk);

    if (n < 0) return failf(e, &FILE_UNREADABLE, "%s", strerror(errno));
    r->chunk_at = 0;
    r->chunk_size = (size_t)n;
    return OK;
}

/* A source may hand out single bytes, yet a byte-order mark is seen whole. */
static enum status fill_first(struct csv_reader *r, struct error *e)
{
    while (r->chunk_size < 3) {
        int64_t const n = r->source(r->arg, r->chunk + r->chunk_size, CSV_CHUNK - r->chunk_size);

        if (n < 0) return failf(e, &FILE_UNREADABLE, "%s", strerror(errno));
        if (n == 0) break;
        r->chunk_size += (size_t)n;
    }
    return OK;
}

enum status csv_begin(struct csv_reader *r, csv_source *source, void *arg, struct error *e)
{
    memset(r, 0, sizeof *r);
    r->source = source;
    r->arg = arg;
    r->line = 1;
    TRY(fill_first(r, e));
    if (r->chunk_size >= 2 &&
        (memcmp(r->chunk, "\xFF\xFE", 2) == 0 || memcmp(r->chunk, "\xFE\xFF", 2) == 0))
        return fail(e, &FILE_UTF16, NULL);
    if (r->chunk_size >= 3 && memcmp(r->chunk, BOM, 3) == 0) {
        r->chunk_at = 3;
        r->bytes_done = 3;
    }
    return OK;
}

static void put(struct csv_reader *r, char c)
{
    if (!r->too_long) r->cells[r->cells_size++] = c;
}

static void end_field(struct csv_reader *r)
{
    put(r, 0);
    r->n_fields++;
    if (r->n_fields < CSV_FIELDS_MAX) r->fields[r->n_fields] = r->cells + r->cells_size;
}

static void take_inside(struct csv_reader *r, char c)
{
    if (r->state == IN_QUOTES) {
        if (c == '"')
            r->state = AFTER_QUOTE;
        else
            put(r, c);
    } else if (c == ',') {
        end_field(r);
        r->state = AT_FIELD_START;
    } else if (c == '"' && r->state == AT_FIELD_START) {
        r->state = IN_QUOTES;
    } else if (c == '"' && r->state == AFTER_QUOTE) {
        put(r, c);
        r->state = IN_QUOTES;
    } else {
        if (r->state == AFTER_QUOTE) r->misplaced = true;
        put(r, c);
        r->state = IN_PLAIN;
    }
}

static bool is_break(char c)
{
    return c == '\n' || c == '\r';
}

/* True when the row ends with this byte. One that has become too long is followed to the end of its
 * line, but nothing of it is kept. */
static bool take(struct csv_reader *r, char c)
{
    if (c == '\r' || (c == '\n' && r->previous != '\r')) r->line++;
    r->previous = c;
    if (is_break(c) && (r->state != IN_QUOTES || r->too_long)) return true;
    if (r->text_size == CSV_ROW_MAX) r->too_long = true;
    if (r->too_long) return false;
    if (is_break(c) && r->first_break == NO_BREAK) r->first_break = r->text_size;
    r->text[r->text_size++] = c;
    take_inside(r, c);
    return false;
}

/* A stray quote would swallow what follows it: the row is its first line, and the rest of what is
 * held is read again, from where it lies. False when there is no more than that line. */
static bool end_at_first_line(struct csv_reader *r, const struct csv_row *row)
{
    size_t const n = r->first_break, rest = r->text_size - n;

    if (n == NO_BREAK) return false;
    if (r->again_at == r->again_end) r->again_at = r->again_end = r->text_size;
    r->again_at -= rest - 1;
    r->previous = r->text[n];
    memmove(r->text + r->again_at, r->text + n + 1, rest - 1);
    r->text_size = n;
    r->line = row->line + 1;
    r->open = true;
    return true;
}

/* A quote is open and there is no more room, or something follows where it was closed. */
static bool is_astray(const struct csv_reader *r)
{
    return !r->too_long && (r->misplaced || (r->state == IN_QUOTES && r->text_size == CSV_ROW_MAX));
}

static void begin_row(struct csv_reader *r)
{
    r->state = AT_FIELD_START;
    r->too_long = r->misplaced = r->open = false;
    r->text_size = r->cells_size = r->n_fields = 0;
    r->first_break = NO_BREAK;
    r->fields[0] = r->cells;
}

/* The length of the well-formed UTF-8 sequence at s (Unicode, table 3-7), 0 when there is none. */
static size_t sequence(const unsigned char *s, size_t n)
{
    unsigned char const c = s[0];
    size_t const length = c < 0x80   ? 1
                          : c < 0xC2 ? 0
                          : c < 0xE0 ? 2
                          : c < 0xF0 ? 3
                          : c < 0xF5 ? 4
                                     : 0;

    if (length < 2 || length > n) return length == 1;
    unsigned char const low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
    unsigned char const high = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
    if (s[1] < low || s[1] > high) return 0;
    for (size_t i = 2; i < length; i++)
        if (s[i] < 0x80 || s[i] > 0xBF) return 0;
    return length;
}

static bool is_utf8(const char *text, size_t n)
{
    const unsigned char *s = (const unsigned char *)text;

    for (size_t i = 0, length; i < n; i += length)
        if (!(length = sequence(s + i, n - i))) return false;
    return true;
}

char *csv_clean(struct arena *a, const char *bytes, size_t n)
{
    static const char unreadable[] = "\xEF\xBF\xBD";
    char *out = arena_alloc(a, 3 * n + 1), *to = out;

    for (size_t i = 0, length; i < n; i += length ? length : 1) {
        length = bytes[i] ? sequence((const unsigned char *)bytes + i, n - i) : 0;
        memcpy(to, length ? bytes + i : unreadable, length ? length : 3);
        to += length ? length : 3;
    }
    return out;
}

static const struct fault *problem_of(const struct csv_reader *r)
{
    if (r->too_long) return &ROW_TOO_LONG;
    if (r->open || r->state == IN_QUOTES) return &ROW_QUOTE_OPEN;
    if (memchr(r->text, 0, r->text_size)) return &ROW_NUL;
    if (!is_utf8(r->text, r->text_size)) return &ROW_ENCODING;
    return r->misplaced ? &ROW_QUOTE : NULL;
}

static void end_row(struct csv_reader *r, struct csv_row *row)
{
    end_field(r);
    row->number = ++r->rows;
    row->last_line = is_break(r->previous) ? r->line - 1 : r->line;
    row->problem = problem_of(r);
    row->n_fields = row->problem ? 0 : r->n_fields;
    row->fields = r->fields;
    row->text = r->text;
    row->text_size = r->too_long ? 0 : r->text_size;
}

/* The next byte, one that is read again or of the chunk; false when there is none. */
static bool next_byte(struct csv_reader *r, char *c)
{
    if (r->again_at < r->again_end) {
        *c = r->text[r->again_at++];
        return true;
    }
    if (r->chunk_at == r->chunk_size) return false;
    *c = r->chunk[r->chunk_at++];
    r->bytes_done++;
    return true;
}

/* Takes bytes until the row is over or there are none. What is read again lies in front of where
 * the row's text grows to, for that is no longer than what was read of it. */
static bool take_bytes(struct csv_reader *r, struct csv_row *row)
{
    char c;

    for (;;) {
        if (is_astray(r) && end_at_first_line(r, row)) return true;
        if (!next_byte(r, &c)) return false;
        if (c == '\n' && r->previous == '\r' && r->text_size == 0) {
            r->previous = c; /* the second half of the line end before this row */
            continue;
        }
        if (r->text_size == 0) row->line = r->line;
        if (take(r, c) && r->text_size > 0) return true; /* empty lines are no rows */
    }
}

enum status csv_next(struct csv_reader *r, struct csv_row *row, bool *more, struct error *e)
{
    begin_row(r);
    *row = (struct csv_row){0};
    *more = true;
    while (!take_bytes(r, row)) {
        TRY(refill(r, e));
        if (r->chunk_size > 0) continue;
        if (r->state == IN_QUOTES && !r->too_long) end_at_first_line(r, row);
        *more = r->text_size > 0;
        break;
    }
    if (*more) end_row(r, row);
    return OK;
}

int64_t csv_from_file(void *file, char *to, size_t max)
{
    size_t const n = fread(to, 1, max, file);

    return n == 0 && ferror(file) ? -1 : (int64_t)n;
}

static bool needs_quotes(const struct csv_writer *w, const char *s, size_t n)
{
    if (n == 0) return !w->begun; /* else a row of one empty field would be an empty line */
    if (s[0] == ' ' || s[n - 1] == ' ' || s[0] == BOM[0]) return true;
    for (size_t i = 0; i < n; i++)
        if (s[i] == ',' || s[i] == '"' || s[i] == '\n' || s[i] == '\r') return true;
    return false;
}

void csv_put_bytes(struct csv_writer *w, const char *bytes, size_t n)
{
    bool const quoted = needs_quotes(w, bytes, n);

    if (w->begun) putc(',', w->file);
    w->begun = true;
    if (!quoted) {
        fwrite(bytes, 1, n, w->file);
        return;
    }
    putc('"', w->file);
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == '"') putc('"', w->file);
        putc(bytes[i], w->file);
    }
    putc('"', w->file);
}

void csv_put(struct csv_writer *w, const char *text)
{
    csv_put_bytes(w, text, strlen(text));
}

void csv_put_int(struct csv_writer *w, int64_t n)
{
    char digits[24];
    int const length = snprintf(digits, sizeof digits, "%" PRId64, n);

    csv_put_bytes(w, digits, (size_t)length);
}

void csv_end_row(struct csv_writer *w)
{
    putc('\n', w->file);
    w->begun = false;
}
