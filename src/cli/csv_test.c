/* csv_test: every way a file can be well or badly formed, in chunks of any size.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/csv.h"

#include <stdlib.h>
#include <string.h>

#include "base/test.h"

/* Bytes in memory, handed out at most `step` at a time; at `fail_at` the disk breaks. */
struct bytes {
    const char *text;
    size_t n, at, step, fail_at;
};

static int64_t from_bytes(void *arg, char *to, size_t max)
{
    struct bytes *b = arg;
    size_t n = b->n - b->at;

    if (b->fail_at && b->at >= b->fail_at) return -1;
    if (n > b->step) n = b->step;
    if (n > max) n = max;
    memcpy(to, b->text + b->at, n);
    b->at += n;
    return (int64_t)n;
}

/* "line:a|b/line-last:code/" */
static char *show(struct arena *a, struct csv_reader *r)
{
    struct csv_row row;
    struct error e;
    char *out = arena_strdup(a, "");
    bool more;

    for (int64_t n = 1; csv_next(r, &row, &more, &e) == OK && more; n++) {
        CHECK(row.number == n);
        out = arena_printf(a, "%s%lld", out, (long long)row.line);
        if (row.last_line != row.line)
            out = arena_printf(a, "%s-%lld", out, (long long)row.last_line);
        if (row.problem) out = arena_printf(a, "%s:%s", out, row.problem->code);
        for (size_t i = 0; i < row.n_fields; i++)
            out = arena_printf(a, "%s%c%s", out, i ? '|' : ':', row.fields[i]);
        out = arena_printf(a, "%s/", out);
    }
    return out;
}

static void check_case(const char *text, size_t n, const char *want)
{
    static const size_t steps[] = {1, 2, 3, 7, 100000};
    static struct csv_reader r;
    struct error e;

    for (size_t i = 0; i < COUNT(steps); i++) {
        CLEANUP(arena_clear) struct arena a = {0};
        struct bytes b = {.text = text, .n = n, .step = steps[i]};

        CHECK(csv_begin(&r, from_bytes, &b, &e) == OK);
        char *got = show(&a, &r);
        if (strcmp(got, want) != 0)
            FAIL("step %zu: '%s' is '%s', not '%s'", steps[i], text, got, want);
        CHECK(r.bytes_done == (int64_t)n);
    }
}

static void forms(void **state)
{
#define T(text, want)                                                                              \
    {                                                                                              \
        text, sizeof(text) - 1, want                                                               \
    }
    static const struct {
        const char *text;
        size_t n;
        const char *want;
    } cases[] = {
        T("", ""),
        T("\n\r\n\n", ""),
        T("a,b", "1:a|b/"),
        T("a,b\n", "1:a|b/"),
        T("a,b\nc,d", "1:a|b/2:c|d/"),
        T("a,b\r\nc,d\r\n", "1:a|b/2:c|d/"),
        T("a,b\rc,d\r", "1:a|b/2:c|d/"),
        T("a\r\n\r\nb\n\nc\r\rd", "1:a/3:b/5:c/7:d/"),
        T(",\n,,", "1:|/2:||/"),
        T("\xEF\xBB\xBF"
          "a,b\n",
          "1:a|b/"),
        T("\xEF\xBB\xBF\"a\",b\n", "1:a|b/"),
        T("\"a\",\"b,c\"\n\"\"\n", "1:a|b,c/2:/"),
        T("\"say \"\"hi\"\"\",x\n", "1:say \"hi\"|x/"),
        T("\"two\nlines\",x\ny,z\n", "1-2:two\nlines|x/3:y|z/"),
        T("\"two\r\nlines\r\",x\r\ny,z\n", "1-3:two\r\nlines\r|x/4:y|z/"),
        T("a \"b\" c,d\n", "1:a \"b\" c|d/"),
        T("\"a\"b,c\nd,e", "1:row.quote/2:d|e/"),
        T("a,b\n\"c,d\ne,f\n", "1:a|b/2:row.quote_open/3:e|f/"),
        T("\"c,d\r\n\r\ne,f\rg\n\nh", "1:row.quote_open/3:e|f/4:g/6:h/"),
        T("\"a\n\"b,\"c\nd,\"\"\"\ne", "1:row.quote_open/2:row.quote/3:row.quote_open/4:e/"),
        T("1,\"a\r\n2,\"b, c\"\r\n3,d\r\n", "1:row.quote_open/2:2|b, c/3:3|d/"),
        T("1,\"a\n2,b\n3,\"c\n4,\"d\"\n\n5,\"e\nf\"\n",
          "1:row.quote_open/2:2|b/3:row.quote_open/4:4|d/6-7:5|e\nf/"),
        T("1,\"two\nlines\"x\n2,y", "1:row.quote_open/2:lines\"x/3:2|y/"),
        T("x,\"a\ny,\"\"b\nz\n", "1:row.quote_open/2:row.quote/3:z/"),
        T("\"a\n", "1:row.quote_open/"),
        T("\"a\n\n", "1:row.quote_open/"),
        T("a,\"", "1:row.quote_open/"),
        T("a\0b,c\nd,e\n", "1:row.nul/2:d|e/"),
        T("\0\nd,e\n", "1:row.nul/2:d|e/"),
        T("M\xFCller,x\nM\xC3\xBCller,x\n", "1:row.encoding/2:M\xC3\xBCller|x/"),
        T("\xC0\xAF\n\xE0\x80\xAF\n\xED\xA0\x80\n\xF4\x90\x80\x80\n\xF5\n\xE2\x82\n\x80\n",
          "1:row.encoding/2:row.encoding/3:row.encoding/4:row.encoding/5:row.encoding/"
          "6:row.encoding/7:row.encoding/"),
        T("\xF0\x9F\x8E\xAC,\xE2\x82\xAC,\xED\x9F\xBF,\xF4\x8F\xBF\xBF\n",
          "1:\xF0\x9F\x8E\xAC|\xE2\x82\xAC|\xED\x9F\xBF|\xF4\x8F\xBF\xBF/"),
    };
#undef T

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) check_case(cases[i].text, cases[i].n, cases[i].want);
}

static void long_rows(void **state)
{
    static const size_t sizes[] = {CSV_ROW_MAX - 1, CSV_ROW_MAX, CSV_ROW_MAX + 1, 10 << 20};

    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        bool const fits = sizes[i] <= CSV_ROW_MAX;
        char *text = malloc(sizes[i] + 64);
        struct csv_row row;
        struct error e;
        bool more;

        memset(text, 'x', sizes[i]);
        memcpy(text, fits ? "\"\"\"\",\"" : "\"\"\"\", ", 6);
        text[sizes[i] - 2] = fits ? '\n' : 'x';
        text[sizes[i] - 1] = '"';
        memcpy(text + sizes[i], "\r\na,b", 6);
        struct bytes b = {.text = text, .n = sizes[i] + 5, .step = 5000};
        struct csv_reader *r = malloc(sizeof *r);
        CHECK(csv_begin(r, from_bytes, &b, &e) == OK);
        CHECK(csv_next(r, &row, &more, &e) == OK && more && row.line == 1);
        CHECK(row.last_line == 1 + fits);
        CHECK(fits ? !row.problem && row.n_fields == 2 && strlen(row.fields[1]) == sizes[i] - 7
                   : row.problem == &ROW_TOO_LONG && row.text_size == 0);
        CHECK(csv_next(r, &row, &more, &e) == OK && more && row.line == 2 + fits);
        CHECK(row.n_fields == 2 && strcmp(row.fields[1], "b") == 0);
        CHECK(csv_next(r, &row, &more, &e) == OK && !more);
        free(r);
        free(text);
    }
}

/* Quotes that nothing closes, each further from the next than a row may be long: the reader loses
 * no other row, wherever its room ends. */
static void stray_quotes(void **state)
{
    enum { ROWS = 30000 };
    static struct csv_reader r;

    (void)state;
    for (int width = 3; width < 60; width += 11) {
        char *text = NULL, line[80];
        size_t size = 0, strays = 0;
        int const every = CSV_ROW_MAX / width + 9;
        FILE *f = open_memstream(&text, &size);
        struct csv_row row;
        struct error e;
        bool more;

        for (int i = 1; i <= ROWS; i++)
            fprintf(f, "%d,%s%0*d%s", i, i % every == 7 ? "\"" : "", width, 7,
                    i % 2 ? "\r\n" : "\n");
        fclose(f);
        struct bytes b = {.text = text, .n = size, .step = (size_t)width * 97};
        CHECK(csv_begin(&r, from_bytes, &b, &e) == OK);
        for (int i = 1; i <= ROWS; i++) {
            CHECK(csv_next(&r, &row, &more, &e) == OK && more);
            CHECK(row.number == i && row.line == i && row.last_line == i);
            if (i % every != 7) {
                CHECK(!row.problem && row.n_fields == 2);
                continue;
            }
            snprintf(line, sizeof line, "%d,\"%0*d", i, width, 7);
            CHECK(row.problem == &ROW_QUOTE_OPEN && row.text_size == strlen(line));
            CHECK(memcmp(row.text, line, row.text_size) == 0);
            strays++;
        }
        CHECK(csv_next(&r, &row, &more, &e) == OK && !more && strays > 1);
        CHECK(r.bytes_done == (int64_t)size);
        free(text);
    }
}

static void many_fields(void **state)
{
    static char text[CSV_ROW_MAX];
    static struct csv_reader r;
    struct bytes b = {.text = text, .n = sizeof text, .step = sizeof text};
    struct csv_row row;
    struct error e;
    bool more;

    (void)state;
    memset(text, ',', sizeof text);
    CHECK(csv_begin(&r, from_bytes, &b, &e) == OK);
    CHECK(csv_next(&r, &row, &more, &e) == OK && more && !row.problem);
    CHECK(row.n_fields == CSV_ROW_MAX + 1);
    for (size_t i = 0; i < CSV_FIELDS_MAX; i++) CHECK(row.fields[i][0] == 0);
}

static void whole_files(void **state)
{
    static struct csv_reader r;
    static const char little[] = "\xFF\xFE"
                                 "a\0,\0b\0\n\0",
                      big[] = "\xFE\xFF\0a\0,";
    struct bytes b = {.text = little, .n = sizeof little - 1, .step = 1};
    struct csv_row row;
    struct error e;
    bool more;

    (void)state;
    CHECK(csv_begin(&r, from_bytes, &b, &e) == E_INVALID && e.fault == &FILE_UTF16);
    b = (struct bytes){.text = big, .n = sizeof big - 1, .step = 100};
    CHECK(csv_begin(&r, from_bytes, &b, &e) == E_INVALID && e.fault == &FILE_UTF16);
    b = (struct bytes){.text = "a,b\nc,d\n", .n = 8, .step = 2, .fail_at = 4};
    CHECK(csv_begin(&r, from_bytes, &b, &e) == OK);
    CHECK(csv_next(&r, &row, &more, &e) == OK && more && row.n_fields == 2);
    CHECK(csv_next(&r, &row, &more, &e) == E_INTERNAL && e.fault == &FILE_UNREADABLE);
}

/* What is written is read back, whatever it is: fields of the characters that matter. */
static void round_trip(void **state)
{
    static const char alphabet[] = "ab ,,\"\"\n\r";
    static struct csv_reader r;
    uint32_t dice = 1;

    (void)state;
    for (int run = 0; run < 2000; run++) {
        char fields[6][8], *text = NULL;
        size_t size = 0;
        FILE *f = open_memstream(&text, &size);
        struct csv_writer w = {.file = f};
        size_t const n = 1 + (size_t)run % 6;
        struct csv_row row;
        struct error e;
        int64_t number;
        bool more;

        for (size_t i = 0; i < n; i++) {
            size_t k = 0;

            for (dice = dice * 1664525 + 1013904223; k < (dice >> 24) % 8; k++) {
                dice = dice * 1664525 + 1013904223;
                fields[i][k] = alphabet[(dice >> 16) % (sizeof alphabet - 1)];
            }
            fields[i][k] = 0;
            csv_put(&w, fields[i]);
        }
        csv_end_row(&w);
        csv_put_int(&w, -run);
        csv_end_row(&w);
        fclose(f);
        struct bytes b = {.text = text, .n = size, .step = 1 + (size_t)run % 9};
        CHECK(csv_begin(&r, from_bytes, &b, &e) == OK);
        CHECK(csv_next(&r, &row, &more, &e) == OK && more && !row.problem && row.n_fields == n);
        for (size_t i = 0; i < n; i++) CHECK(strcmp(row.fields[i], fields[i]) == 0);
        CHECK(csv_next(&r, &row, &more, &e) == OK && more && row.n_fields == 1);
        CHECK(int_parse(row.fields[0], &number) && number == -run);
        free(text);
    }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("rows, quotes, line ends, byte-order marks and encodings, in chunks of any size",
             forms),
        CASE("a row over 64 KiB is followed to its end without being held", long_rows),
        CASE("a stray quote costs its line and no other", stray_quotes),
        CASE("a row of 65,537 fields is counted", many_fields),
        CASE("UTF-16 and a broken disk are told", whole_files),
        CASE("what is written is read back", round_trip),
    };
    return RUN_CASES("csv", cases);
}
