/* wire: reads heads and chunks of HTTP/1.1. SPDX-License-Identifier: Apache-2.0 */
#include "http/wire.h"

#include <string.h>

enum {
    BAD = 400,
    TARGET_LONG = 414,
    EXPECTATION = 417,
    FIELDS_LARGE = 431,
    NOT_IMPLEMENTED = 501,
    VERSION = 505,
    METHOD_MAX = 20,
};

size_t wire_head_end(const char *bytes, size_t n, size_t from)
{
    size_t const start = from > 3 ? from - 3 : 0;
    const char *at = n > start ? memmem(bytes + start, n - start, "\r\n\r\n", 4) : NULL;

    return at ? (size_t)(at - bytes) + 4 : 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int hex_value(char c)
{
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_token_char(char c)
{
    return is_alpha(c) || is_digit(c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_token(const char *s)
{
    size_t n = 0;

    while (is_token_char(s[n])) n++;
    return n > 0 && !s[n];
}

bool wire_method_known(const char *method)
{
    static const char *const known[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

    for (size_t i = 0; i < COUNT(known); i++)
        if (strcmp(known[i], method) == 0) return true;
    return false;
}

/* ---- the target ---- */

/* What stands there, once its %XX are read, is a text: sound UTF-8 without NUL. Only visible ASCII
 * may stand there. */
static bool is_target_text(struct arena *a, const char *s)
{
    char *plain = arena_alloc(a, strlen(s) + 1);
    size_t n = 0;

    for (; *s; s++) {
        if (*s <= ' ' || *s >= 0x7f || strchr("#\"<>\\^`{|}", *s)) return false;
        if (*s != '%') {
            plain[n++] = *s;
            continue;
        }
        int const high = hex_value(s[1]), low = high < 0 ? -1 : hex_value(s[2]);
        if (low < 0) return false;
        plain[n++] = (char)(high << 4 | low);
        s += 2;
    }
    return text_is_utf8(plain, n);
}

/* http://HOST/PATH: only its host, which must be that of the Host header, and what follows. */
static const char *after_authority(struct arena *a, char *target, const char **authority)
{
    size_t const scheme = strncasecmp(target, "http://", 7) == 0    ? 7
                          : strncasecmp(target, "https://", 8) == 0 ? 8
                                                                    : 0;

    if (!scheme) return NULL;
    size_t const n = strcspn(target + scheme, "/?");
    *authority = arena_memdup(a, target + scheme, n);
    if (!n || strchr(*authority, '@')) return NULL;
    const char *rest = target + scheme + n;
    return *rest == '/' ? rest : arena_printf(a, "/%s", rest);
}

static int read_target(struct arena *a, char *target, struct wire_head *h, const char **authority)
{
    if (strlen(target) > WIRE_TARGET_MAX) return TARGET_LONG;
    bool const all = strcmp(target, "*") == 0;
    const char *path = all || target[0] == '/' ? target : after_authority(a, target, authority);

    if (!path || (all && strcmp(h->method, "OPTIONS") != 0)) return BAD;
    const char *mark = strchr(path, '?');
    h->path = mark ? arena_memdup(a, path, (size_t)(mark - path)) : path;
    h->query = mark ? mark + 1 : "";
    return is_target_text(a, h->path) && is_target_text(a, h->query) ? 0 : BAD;
}

/* ---- the request line ---- */

/* The line ends at `end`; its three parts are set apart by one blank each. */
static int read_request_line(struct arena *a, char *line, struct wire_head *h,
                             const char **authority, bool *old)
{
    char *target = strchr(line, ' '), *version = target ? strchr(target + 1, ' ') : NULL;

    if (!version) return BAD;
    *target++ = *version++ = '\0';
    if (strncmp(version, "HTTP/", 5) != 0 || !is_digit(version[5]) || version[6] != '.' ||
        !is_digit(version[7]) || version[8])
        return BAD;
    if (version[5] != '1') return VERSION;
    *old = version[7] == '0';
    if (!is_token(line) || strlen(line) > METHOD_MAX) return BAD;
    h->method = line;
    int const refused = read_target(a, target, h, authority);
    if (refused) return refused;
    return wire_method_known(line) ? 0 : NOT_IMPLEMENTED;
}

/* ---- headers ---- */

static int read_header(char *line, struct http_header *out)
{
    char *colon = strchr(line, ':');

    if (!colon) return BAD;
    *colon = '\0';
    if (!is_token(line)) return BAD; /* also a blank before the colon, and a folded line */
    char *value = colon + 1, *end = value + strlen(value);
    while (*value == ' ' || *value == '\t') value++;
    while (end > value && (end[-1] == ' ' || end[-1] == '\t')) *--end = '\0';
    for (const char *c = value; *c; c++)
        if (((unsigned char)*c < ' ' && *c != '\t') || *c == 0x7f) return BAD;
    if (!text_is_utf8(value, strlen(value))) return BAD;
    *out = (struct http_header){line, value};
    return 0;
}

/* The next line, without its CRLF; NULL when a CR or LF stands alone. */
static char *take_line(char **at)
{
    char *line = *at, *end = line + strcspn(line, "\r\n");

    if (end[0] != '\r' || end[1] != '\n') return NULL;
    *end = '\0';
    *at = end + 2;
    return line;
}

static int read_headers(struct arena *a, char *at, struct wire_head *h)
{
    h->headers = arena_array(a, struct http_header, WIRE_HEADERS_MAX);
    for (;;) {
        char *line = take_line(&at);

        if (!line) return BAD;
        if (!*line) return 0;
        if (h->n_headers == WIRE_HEADERS_MAX) return FIELDS_LARGE;
        int const refused = read_header(line, &h->headers[h->n_headers++]);
        if (refused) return refused;
    }
}

/* How often a header stands there; its last value in *value, NULL when never. */
static size_t times(const struct wire_head *h, const char *name, const char **value)
{
    size_t n = 0;

    *value = NULL;
    for (size_t i = 0; i < h->n_headers; i++)
        if (text_equal_nocase(h->headers[i].name, name)) {
            *value = h->headers[i].value;
            n++;
        }
    return n;
}

static bool host_sound(const char *host)
{
    for (const char *c = host; *c; c++)
        if (!is_alpha(*c) && !is_digit(*c) && !strchr(".-_:[]%~", *c)) return false;
    return strlen(host) < 256;
}

static int check_host(const struct wire_head *h, const char *authority, bool old)
{
    const char *host;
    size_t const n = times(h, "Host", &host);

    if (n > 1 || (n == 0 && !old)) return BAD;
    if (n == 0) return 0;
    if (!host_sound(host) || (authority && !text_equal_nocase(authority, host))) return BAD;
    return 0;
}

/* One Content-Length of digits alone, or chunks, never both: what two readers could take for
 * requests of different lengths is how one is smuggled past the other. */
static int read_length(struct wire_head *h, bool old)
{
    const char *length, *coding;
    size_t const n_lengths = times(h, "Content-Length", &length);
    size_t const n_codings = times(h, "Transfer-Encoding", &coding);

    if (n_lengths > 1 || n_codings > 1 || (n_lengths && n_codings) || (n_codings && old))
        return BAD;
    if (n_codings) {
        h->chunked = text_equal_nocase(coding, "chunked");
        return h->chunked ? 0 : NOT_IMPLEMENTED;
    }
    if (!n_lengths) return 0;
    size_t const digits = strspn(length, "0123456789");
    if (!digits || length[digits]) return BAD;
    if (digits > 18) return 413;
    return int_parse(length, &h->content_length) ? 0 : BAD;
}

static bool lists_word(const char *list, const char *word)
{
    size_t const n = strlen(word);

    for (const char *at = list; *at;) {
        at += strspn(at, " \t,");
        size_t const length = strcspn(at, " \t,");
        if (length == n && strncasecmp(at, word, n) == 0) return true;
        at += length;
    }
    return false;
}

static int read_connection(struct wire_head *h, bool old)
{
    const char *value;

    h->keep_alive = !old;
    for (size_t i = 0; i < h->n_headers; i++) {
        if (!text_equal_nocase(h->headers[i].name, "Connection")) continue;
        if (lists_word(h->headers[i].value, "close")) h->keep_alive = false;
    }
    size_t const n = times(h, "Expect", &value);
    if (n == 0 || old) return 0;
    h->expects_continue = n == 1 && text_equal_nocase(value, "100-continue");
    return h->expects_continue ? 0 : EXPECTATION;
}

int wire_read_head(struct arena *a, const char *bytes, size_t n, struct wire_head *out)
{
    const char *authority = NULL;
    bool old = false;

    *out = (struct wire_head){0};
    if (memchr(bytes, '\0', n)) return BAD;
    char *at = arena_memdup(a, bytes, n), *line = take_line(&at);
    if (!line) return BAD;
    int refused = read_request_line(a, line, out, &authority, &old);
    if (!refused) refused = read_headers(a, at, out);
    if (!refused) refused = check_host(out, authority, old);
    if (!refused) refused = read_length(out, old);
    if (!refused) refused = read_connection(out, old);
    return refused;
}

/* ---- chunks ---- */

static int size_line(struct wire_chunks *c, char byte)
{
    int const digit = hex_value(byte);

    if (++c->line > WIRE_CHUNK_LINE_MAX) return BAD;
    if (c->saw_return) {
        if (byte != '\n' || !c->digits) return BAD;
        c->at = c->left ? CHUNK_DATA : CHUNK_TRAILER;
        c->line = c->digits = 0;
        c->saw_return = c->in_extension = false;
        c->line_empty = true;
    } else if (byte == '\r') {
        c->saw_return = true;
    } else if (c->in_extension || (byte == ';' && c->digits)) {
        c->in_extension = true;
        if ((unsigned char)byte < ' ' && byte != '\t') return BAD;
    } else {
        if (digit < 0 || c->digits == 15) return BAD;
        c->left = c->left << 4 | digit;
        c->digits++;
    }
    return 0;
}

static int data_end(struct wire_chunks *c, char byte)
{
    if (byte != (c->saw_return ? '\n' : '\r')) return BAD;
    if (c->saw_return) c->at = CHUNK_SIZE_LINE;
    c->saw_return = !c->saw_return;
    return 0;
}

/* Trailers are read and forgotten: nothing of ours asks for them. */
static int trailer(struct wire_chunks *c, char byte)
{
    if (++c->line > WIRE_CHUNK_LINE_MAX) return FIELDS_LARGE;
    if (c->saw_return) {
        if (byte != '\n') return BAD;
        if (c->line_empty) c->at = CHUNKS_DONE;
        c->saw_return = false;
        c->line_empty = true;
    } else if (byte == '\r') {
        c->saw_return = true;
    } else {
        if ((unsigned char)byte < ' ' && byte != '\t') return BAD;
        c->line_empty = false;
    }
    return 0;
}

int wire_read_chunks(struct wire_chunks *c, const char *bytes, size_t n, size_t *used, char *to,
                     size_t *wrote)
{
    int refused = 0;

    *wrote = 0;
    for (*used = 0; *used < n && !refused && c->at != CHUNKS_DONE;) {
        if (c->at == CHUNK_DATA) {
            size_t const rest = n - *used;
            size_t const part = (uint64_t)c->left < rest ? (size_t)c->left : rest;

            memcpy(to + *wrote, bytes + *used, part);
            *wrote += part;
            *used += part;
            c->left -= (int64_t)part;
            if (!c->left) c->at = CHUNK_DATA_END;
            continue;
        }
        char const byte = bytes[(*used)++];
        refused = c->at == CHUNK_SIZE_LINE  ? size_line(c, byte)
                  : c->at == CHUNK_DATA_END ? data_end(c, byte)
                                            : trailer(c, byte);
    }
    return refused;
}

/* ---- addresses ---- */

bool wire_read_address(const char *text, char host[static WIRE_HOST_TEXT], int64_t *port)
{
    bool const bracket = text[0] == '[';
    const char *end = port ? strrchr(text, ':') : text + strlen(text);

    if (!end || (port && (!int_parse(end + 1, port) || *port < 0 || *port > 65535))) return false;
    if (bracket && (end - text < 3 || end[-1] != ']')) return false;
    size_t const n = (size_t)(end - text) - (bracket ? 2 : 0);
    if (n == 0 || n >= WIRE_HOST_TEXT) return false;
    memcpy(host, text + bracket, n);
    host[n] = '\0';
    return true;
}

bool wire_is_loopback(const char *host)
{
    return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0 ||
           strcmp(host, "localhost") == 0;
}
