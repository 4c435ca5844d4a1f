/* receipt_pdf: draws a document of a charge on A4 pages. Pango chooses fonts by script, so that
 * every name can be printed; languages written from right to left mirror the page.
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <cairo-pdf.h>
#include <pango/pangocairo.h>
#include <string.h>

#include "base/calendar.h"
#include "base/locale.h"
#include "billing/receipt.h"

/* Lengths are points, 72 to an inch. */
enum {
    PAGE_WIDTH = 595,
    PAGE_HEIGHT = 842,
    MARGIN = 56,
    GAP = 8,
    INNER = PAGE_WIDTH - 2 * MARGIN,
    AMOUNT = 150, /* the column of amounts */
};

static const char plain_font[] = "Noto Sans 10", bold_font[] = "Noto Sans Bold 10",
                  title_font[] = "Noto Sans Bold 20", small_font[] = "Noto Sans 8";

struct drawing {
    cairo_t *cr;
    const struct receipt_view *v;
    int y; /* from the page's top */
};

struct collected {
    struct arena *arena;
    char *bytes;
    size_t n, room;
};

static cairo_status_t collect(void *arg, const unsigned char *bytes, unsigned n)
{
    struct collected *c = arg;

    if (c->n + n > c->room) {
        size_t const room = 2 * (c->n + n);
        char *more = arena_alloc(c->arena, room);

        memcpy(more, c->bytes ? c->bytes : "", c->n);
        c->bytes = more;
        c->room = room;
    }
    memcpy(c->bytes + c->n, bytes, n);
    c->n += n;
    return CAIRO_STATUS_SUCCESS;
}

struct box {
    int x, width;
    bool at_end; /* aligned to where lines end */
};

/* A name in Latin letters reads from left to right on an Arabic page too. */
static PangoDirection direction(const struct drawing *d, const char *text)
{
    enum direction const own = text_direction(text);

    if (own != DIRECTION_NONE)
        return own == DIRECTION_RTL ? PANGO_DIRECTION_RTL : PANGO_DIRECTION_LTR;
    return d->v->rtl ? PANGO_DIRECTION_RTL : PANGO_DIRECTION_LTR;
}

/* Draws one text into a column and tells its height; columns count from where lines begin. */
static int put(struct drawing *d, const char *font, struct box b, const char *text)
{
    PangoLayout *l = pango_cairo_create_layout(d->cr);
    PangoFontDescription *f = pango_font_description_from_string(font);
    int height;

    pango_layout_set_font_description(l, f);
    pango_layout_set_width(l, b.width * PANGO_SCALE);
    pango_layout_set_wrap(l, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_auto_dir(l, FALSE); /* else it would turn the alignment too */
    pango_context_set_base_dir(pango_layout_get_context(l), direction(d, text));
    pango_layout_set_alignment(l, b.at_end != d->v->rtl ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
    pango_layout_set_text(l, text, -1);
    pango_layout_get_pixel_size(l, NULL, &height);
    cairo_move_to(d->cr, d->v->rtl ? PAGE_WIDTH - b.x - b.width : b.x, d->y);
    pango_cairo_show_layout(d->cr, l);
    pango_font_description_free(f);
    g_object_unref(l);
    return height;
}

static void room_for(struct drawing *d, int height)
{
    if (d->y + height <= PAGE_HEIGHT - MARGIN) return;
    cairo_show_page(d->cr);
    d->y = MARGIN;
}

static void rule(struct drawing *d)
{
    cairo_set_line_width(d->cr, 0.5);
    cairo_move_to(d->cr, MARGIN, d->y);
    cairo_line_to(d->cr, PAGE_WIDTH - MARGIN, d->y);
    cairo_stroke(d->cr);
    d->y += GAP;
}

static void paragraph(struct drawing *d, const char *font, const char *text)
{
    if (!*text) return;
    room_for(d, 2 * GAP);
    d->y += put(d, font, (struct box){MARGIN, INNER, false}, text) + 2;
}

static void two(struct drawing *d, const char *font, const char *label, const char *amount)
{
    room_for(d, 3 * GAP);
    int const a = put(d, font, (struct box){MARGIN, INNER - AMOUNT, false}, label);
    int const b = put(d, font, (struct box){MARGIN + INNER - AMOUNT, AMOUNT, true}, amount);
    d->y += (a > b ? a : b) + 4;
}

/* Seller and payer beside each other. */
static void party(struct drawing *d, int x, const char *const *texts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (*texts[i])
            d->y += put(d, i == 0 ? bold_font : plain_font, (struct box){x, INNER / 2 - GAP, false},
                        texts[i]);
}

static void parties(struct drawing *d)
{
    const struct receipt_view *v = d->v;
    int const top = d->y;

    party(d, MARGIN,
          (const char *const[]){v->seller_word, v->seller_name, v->seller_address, v->seller_tax},
          4);
    int const seller_end = d->y;
    d->y = top;
    party(d, MARGIN + INNER / 2,
          (const char *const[]){v->payer_word, v->payer_name, v->payer_contact, v->account}, 4);
    if (d->y < seller_end) d->y = seller_end;
    d->y += 2 * GAP;
}

static void table(struct drawing *d)
{
    const struct receipt_view *v = d->v;

    two(d, bold_font, v->item_word, v->amount_word);
    rule(d);
    paragraph(d, small_font, v->period);
    for (size_t i = 0; i < v->n_lines; i++)
        two(d, plain_font, v->lines[i].label, v->lines[i].amount);
    rule(d);
    for (size_t i = 0; i < v->n_sums; i++)
        two(d, i + 1 == v->n_sums || i == 2 ? bold_font : plain_font, v->sums[i].label,
            v->sums[i].amount);
    d->y += GAP;
}

static void draw(struct drawing *d)
{
    const struct receipt_view *v = d->v;

    d->y = MARGIN;
    d->y += put(d, title_font, (struct box){MARGIN, INNER, false}, v->title) + GAP;
    two(d, plain_font, v->number_word, v->number);
    two(d, plain_font, v->date_word, v->issued);
    d->y += GAP;
    parties(d);
    table(d);
    paragraph(d, bold_font, v->status);
    paragraph(d, plain_font, v->cause);
    paragraph(d, small_font, v->tax_note);
    paragraph(d, small_font, v->reference);
}

void receipt_draw(struct arena *a, const struct receipt_view *v, struct receipt_pdf *out)
{
    struct collected c = {.arena = a};
    char at[INSTANT_TEXT];
    cairo_surface_t *s = cairo_pdf_surface_create_for_stream(collect, &c, PAGE_WIDTH, PAGE_HEIGHT);
    struct drawing d = {.cr = cairo_create(s), .v = v};

    cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_TITLE, v->number);
    cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_AUTHOR, v->seller_name);
    cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_CREATE_DATE,
                                   instant_text(v->issued_at, at));
    draw(&d);
    assert(cairo_status(d.cr) == CAIRO_STATUS_SUCCESS);
    cairo_destroy(d.cr);
    cairo_surface_finish(s);
    cairo_surface_destroy(s);
    *out = (struct receipt_pdf){c.bytes, c.n};
}
