/* mail_rules: encodes. SPDX-License-Identifier: Apache-2.0 */
#include "notify/mail_rules.h"

#include <sodium.h>
#include <string.h>

#include "base/calendar.h"

enum { LINE_BYTES = 76, WORD_BYTES = 45, FOLD_MAX = 74 };

/* ---- headers ---- */

static bool is_plain(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || (unsigned char)*text > '~') return false;
    return true;
}

/* Long lines are folded where there is a blank. */
static char *fold(struct arena *a, const char *text, size_t used)
{
    char *out = arena_alloc(a, 2 * strlen(text) + 1), *to = out;

    while (*text) {
        size_t const n = 1 + strcspn(text + 1, " ");

        if (used + n > FOLD_MAX && *text == ' ') {
            *to++ = '\r';
            *to++ = '\n';
            used = 0;
        }
        memcpy(to, text, n);
        to += n;
        text += n;
        used += n;
    }
    return out;
}

/* Bytes of `text` that fit into one encoded word without cutting a character. */
static size_t word_bytes(const char *text)
{
    size_t n = strlen(text);

    if (n <= WORD_BYTES) return n;
    n = WORD_BYTES;
    while (n > WORD_BYTES - 4 && (text[n] & 0xc0) == 0x80) n--;
    return n;
}

char *mail_header_text(struct arena *a, const char *text, size_t used)
{
    char *out = arena_strdup(a, ""), word[4 * WORD_BYTES];
    bool const odd = strstr(text, "=?") != NULL;

    if (is_plain(text) && !odd) return fold(a, text, used);
    for (const char *p = text; *p;) {
        size_t const n = word_bytes(p);

        sodium_bin2base64(word, sizeof word, (const unsigned char *)p, n,
                          sodium_base64_VARIANT_ORIGINAL);
        out = arena_printf(a, "%s%s=?UTF-8?B?%s?=", out, *out ? "\r\n " : "", word);
        p += n;
    }
    return out;
}

/* A name before an address: in quotes, or encoded. */
static char *display_name(struct arena *a, const char *name)
{
    char *quoted = arena_alloc(a, 2 * strlen(name) + 1), *to = quoted;

    if (!is_plain(name) || strstr(name, "=?")) return mail_header_text(a, name, 6);
    for (; *name; name++) {
        if (*name == '"' || *name == '\\') *to++ = '\\';
        *to++ = *name;
    }
    return arena_printf(a, "\"%s\"", quoted);
}

/* Addresses and ids are checked where they come in; should one slip through, it ends here. */
static char *bare(struct arena *a, const char *text)
{
    char *out = arena_strdup(a, text);

    out[strcspn(out, "\r\n<> ")] = 0;
    return out;
}

char *mail_date(struct arena *a, int64_t at_ms)
{
    static const char days[] = "ThuFriSatSunMonTueWed";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int64_t const day = divide_down(at_ms, DAY_MS), seconds = (at_ms - day * DAY_MS) / 1000;
    struct civil const c = civil_of(day);
    int const weekday = (int)(((day % 7) + 7) % 7);

    return arena_printf(a, "%.3s, %d %.3s %d %02d:%02d:%02d +0000", days + 3 * weekday, (int)c.day,
                        months + 3 * (c.month - 1), (int)c.year, (int)(seconds / 3600),
                        (int)(seconds / 60 % 60), (int)(seconds % 60));
}

/* ---- bodies ---- */

static bool stays(const char *p, size_t column)
{
    unsigned char const c = (unsigned char)*p;

    if (c == '=' || c > '~') return false;
    if (c == ' ') return p[1] && p[1] != '\n' && p[1] != '\r';
    if (c == '.' && column == 0) return false; /* some servers eat a dot that begins a line */
    if (column == 0 && strncmp(p, "From ", 5) == 0) return false;
    return c > ' ';
}

char *mail_quoted_printable(struct arena *a, const char *text)
{
    static const char hex[] = "0123456789ABCDEF";
    char *out = arena_alloc(a, 6 * strlen(text) + 8), *to = out;
    size_t column = 0;

    for (const char *p = text; *p; p++) {
        size_t const n = stays(p, column) ? 1 : 3;

        if (*p == '\n' || (*p == '\r' && p[1] == '\n')) {
            p += *p == '\r';
            memcpy(to, "\r\n", 2);
            to += 2;
            column = 0;
            continue;
        }
        if (column + n > LINE_BYTES - 1) {
            memcpy(to, "=\r\n", 3);
            to += 3;
            column = 0;
        }
        if (stays(p, column)) {
            *to++ = *p;
            column++;
            continue;
        }
        *to++ = '=';
        *to++ = hex[(unsigned char)*p >> 4];
        *to++ = hex[*p & 15];
        column += 3;
    }
    return out;
}

static char *part(struct arena *a, const char *boundary, const char *type, const char *body)
{
    return arena_printf(a,
                        "--%s\r\nContent-Type: %s; charset=utf-8\r\n"
                        "Content-Transfer-Encoding: quoted-printable\r\n\r\n%s\r\n",
                        boundary, type, mail_quoted_printable(a, body));
}

/* ---- the whole ---- */

static char *headers(struct arena *a, const struct mail *m, const char *boundary)
{
    char *list = arena_strdup(a, "");

    if (m->unsubscribe)
        list = arena_printf(a,
                            "List-Unsubscribe: <%s>\r\n"
                            "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
                            bare(a, m->unsubscribe));
    return arena_printf(
        a,
        "Date: %s\r\nFrom: %s <%s>\r\nTo: <%s>\r\nSubject: %s\r\nMessage-ID: <%s>\r\n"
        "MIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\nX-Reference: %s\r\n"
        "Content-Language: %s\r\n%s"
        "Content-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n",
        mail_date(a, m->date_ms), display_name(a, m->from_name), bare(a, m->from), bare(a, m->to),
        mail_header_text(a, m->subject, 9), bare(a, m->message_id), bare(a, m->reference),
        bare(a, m->language), list, boundary);
}

/* The boundary cannot be part of a body: there, an equals sign is followed by two hex digits. */
char *mail_write(struct arena *a, const struct mail *m)
{
    char *boundary = arena_printf(a, "=_%s", bare(a, m->reference));

    return arena_printf(a, "%s%s%s--%s--\r\n", headers(a, m, boundary),
                        part(a, boundary, "text/plain", m->text),
                        part(a, boundary, "text/html", m->html), boundary);
}

/* ---- answers ---- */

bool mail_code_bounces(const char *code)
{
    static const char *const of_address[] = {"550", "551", "552", "553"};
    const char *enhanced = strchr(code, ' ');

    if (*code != '5') return false;
    if (enhanced && enhanced[1] == '5' && enhanced[2] == '.')
        return enhanced[3] == '1' || enhanced[3] == '2'; /* RFC 3463: address, mailbox */
    for (size_t i = 0; i < COUNT(of_address); i++)
        if (strncmp(code, of_address[i], 3) == 0) return true;
    return false;
}
