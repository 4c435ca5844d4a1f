/* csv_fuzz: any bytes as a CSV file. However it is cut into chunks the rows are the same, and a
 * sound row that is written is read back alike. SPDX-License-Identifier: Apache-2.0 */
#include "cli/csv.h"

#include <string.h>

#include "fuzz.h"

struct bytes {
    const uint8_t *at;
    size_t n, step;
};

static int64_t from_bytes(void *arg, char *to, size_t max)
{
    struct bytes *b = arg;
    size_t n = b->n < b->step ? b->n : b->step;

    if (n > max) n = max;
    if (n) memcpy(to, b->at, n);
    b->at += n;
    b->n -= n;
    return (int64_t)n;
}

static void read_again(struct csv_reader *r, const struct csv_row *was)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    struct csv_writer w = {.file = f};
    struct csv_row row;
    struct error e;
    bool more;

    for (size_t i = 0; i < was->n_fields; i++) csv_put(&w, was->fields[i]);
    csv_end_row(&w);
    fclose(f);
    if (size <= CSV_ROW_MAX) { /* quoting may have made it longer */
        struct bytes b = {.at = (const uint8_t *)text, .n = size, .step = size};

        promise(csv_begin(r, from_bytes, &b, &e) == OK);
        promise(csv_next(r, &row, &more, &e) == OK && more && !row.problem);
        promise(row.n_fields == was->n_fields);
        for (size_t i = 0; i < row.n_fields; i++)
            promise(strcmp(row.fields[i], was->fields[i]) == 0);
    }
    free(text);
}

static void check_row(const struct csv_row *row, const struct csv_row *before)
{
    promise(row->number == before->number + 1 && row->line > before->last_line);
    promise(row->last_line >= row->line && row->text_size <= CSV_ROW_MAX);
    promise(row->problem ? row->n_fields == 0 : row->n_fields > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct csv_reader whole, pieces, again;
    struct bytes all = {data, size, size}, some = {data, size, 1 + size % 13};
    struct csv_row row = {0}, same = {0};
    struct error e;
    bool more = true;
    enum status const st = csv_begin(&whole, from_bytes, &all, &e);

    promise(csv_begin(&pieces, from_bytes, &some, &e) == st);
    while (st == OK && more) {
        struct csv_row const before = row;
        bool more_too;

        promise(csv_next(&whole, &row, &more, &e) == OK);
        promise(csv_next(&pieces, &same, &more_too, &e) == OK && more == more_too);
        if (!more) break;
        check_row(&row, &before);
        promise(row.line == same.line && row.last_line == same.last_line);
        promise(row.problem == same.problem && row.n_fields == same.n_fields);
        if (row.n_fields > 0 && row.n_fields <= CSV_FIELDS_MAX) read_again(&again, &row);
    }
    return 0;
}
