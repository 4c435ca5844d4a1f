/* mail: SMTP by libcurl, with STARTTLS and credentials, on a connection that is kept; or a maildir.
 * The Message-ID of a delivery never changes: a mail that is sent again after a crash is the same
 * mail. SPDX-License-Identifier: Apache-2.0 */
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "notify/mail_rules.h"
#include "notify/outgoing.h"

enum { CONNECT_SECONDS = 10, TOTAL_SECONDS = 60 };

struct post {
    const char *folder; /* of a maildir; NULL: SMTP */
    const char *url, *user, *ca_file;
    char password[OUT_SECRET_MAX];
    int64_t silent_seconds;
    bool plain; /* no TLS: a relay on this machine */
    CURL *curl;
};

/* One mail on its way through a server. */
struct dialogue {
    const char *bytes;
    size_t left;
    char command[5];     /* the newest that we sent: "RCPT" */
    char refused[5];     /* the one that the newest refusal answers */
    char code[OUT_CODE]; /* the newest answer that is a refusal: "451 4.7.1" */
};

static size_t give(char *to, size_t size, size_t n, void *arg)
{
    struct dialogue *d = arg;
    size_t const take = d->left < size * n ? d->left : size * n;

    memcpy(to, d->bytes, take);
    d->bytes += take;
    d->left -= take;
    return take;
}

/* "550 5.1.1 No such user" gives "550 5.1.1". */
static void hear(struct dialogue *d, const char *line, size_t n)
{
    size_t keep = 3;

    if (n < 4 || (line[0] != '4' && line[0] != '5')) return;
    if (n > 8 && line[4] == line[0] && line[5] == '.') keep = 4 + strspn(line + 4, "0123456789.");
    if (keep > n || keep >= sizeof d->code) keep = 3;
    snprintf(d->code, sizeof d->code, "%.*s", (int)keep, line);
    d->code[3] = keep > 3 ? ' ' : 0;
    memcpy(d->refused, d->command, sizeof d->refused);
}

static int follow(CURL *curl, curl_infotype type, char *data, size_t n, void *arg)
{
    struct dialogue *d = arg;
    char line[200];

    (void)curl;
    if (type == CURLINFO_HEADER_OUT && n >= 4)
        snprintf(d->command, sizeof d->command, "%.4s", data);
    if (type == CURLINFO_HEADER_IN) {
        snprintf(line, sizeof line, "%.*s", (int)(n < sizeof line ? n : sizeof line - 1), data);
        hear(d, line, strlen(line));
    }
    return 0;
}

static void set_up(const struct post *p, struct dialogue *d)
{
    CURL *c = p->curl;

    curl_easy_reset(c); /* keeps the connection */
    curl_easy_setopt(c, CURLOPT_URL, p->url);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_USE_SSL, p->plain ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL);
    if (*p->ca_file) curl_easy_setopt(c, CURLOPT_CAINFO, p->ca_file);
    if (*p->user) {
        curl_easy_setopt(c, CURLOPT_USERNAME, p->user);
        curl_easy_setopt(c, CURLOPT_PASSWORD, p->password);
    }
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    curl_easy_setopt(c, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)p->silent_seconds);
    curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)TOTAL_SECONDS);
    curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(c, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(c, CURLOPT_READDATA, d);
    curl_easy_setopt(c, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(c, CURLOPT_DEBUGFUNCTION, follow);
    curl_easy_setopt(c, CURLOPT_DEBUGDATA, d);
}

/* A refusal after the recipient was named is about the mail; one before is about us. */
static enum outcome judge(CURLcode result, const struct dialogue *d)
{
    bool const of_mail = strcmp(d->refused, "RCPT") == 0 || strcmp(d->refused, "DATA") == 0;

    if (result == CURLE_OK) return OUTCOME_ACCEPTED;
    if (!of_mail || d->code[0] != '5') return OUTCOME_LATER;
    return mail_code_bounces(d->code) ? OUTCOME_REFUSED : OUTCOME_BROKEN;
}

/* What whoever runs it must know: the server's number, or what became of the connection. */
static void explain(const struct post *p, CURLcode result, const struct dialogue *d,
                    char to[static OUT_CODE])
{
    if (result == CURLE_OK)
        snprintf(to, OUT_CODE, "250");
    else if (result == CURLE_USE_SSL_FAILED && *d->code)
        snprintf(to, OUT_CODE, "TLS is refused there (%.16s): see mail_plain", d->code);
    else if (result == CURLE_USE_SSL_FAILED)
        snprintf(to, OUT_CODE, "TLS is not offered there: see mail_plain");
    else if (p->plain && strncmp(d->code, "530", 3) == 0)
        snprintf(to, OUT_CODE, "%.16s: it wants TLS; set mail_plain to 0", d->code);
    else
        snprintf(to, OUT_CODE, "%s", *d->code ? d->code : curl_easy_strerror(result));
}

static void send_smtp(struct post *p, const struct outgoing *o, const char *bytes,
                      struct carried *out)
{
    struct dialogue d = {.bytes = bytes, .left = strlen(bytes)};
    struct curl_slist *to = curl_slist_append(NULL, arena_printf(o->arena, "<%s>", o->address));
    char *from = arena_printf(o->arena, "<%s>", o->settings->mail_from);

    set_up(p, &d);
    curl_easy_setopt(p->curl, CURLOPT_MAIL_FROM, from);
    curl_easy_setopt(p->curl, CURLOPT_MAIL_RCPT, to);
    CURLcode const result = curl_easy_perform(p->curl);
    curl_slist_free_all(to);
    out->outcome = judge(result, &d);
    explain(p, result, &d, out->code);
}

static void send_mail(void *state, const struct outgoing *o, struct carried *out)
{
    struct post *p = state;
    const char *domain = strchr(o->settings->mail_from, '@');
    struct mail const m = {
        .from_name = o->settings->service_name,
        .from = o->settings->mail_from,
        .to = o->address,
        .subject = o->letter->subject,
        .message_id = arena_printf(o->arena, "%s%s", o->token, domain ? domain : "@localhost"),
        .reference = o->reference,
        .language = o->letter->language,
        .date_ms = o->at_ms,
        .text = o->letter->text,
        .html = o->letter->html};
    char *bytes = mail_write(o->arena, &m);

    if (!p->folder) return send_smtp(p, o, bytes, out);
    out->outcome = out_put(p->folder, o->token, bytes) ? OUTCOME_ACCEPTED : OUTCOME_LATER;
    snprintf(out->code, sizeof out->code, "%s",
             out->outcome == OUTCOME_ACCEPTED ? "stored" : "the folder cannot be written");
}

static void close_mail(void *state)
{
    struct post *p = state;

    if (p && p->curl) curl_easy_cleanup(p->curl);
    if (p) explicit_bzero(p->password, sizeof p->password);
    memory_free(p);
}

enum status mail_open(const struct settings *s, struct way_out *out, struct error *e)
{
    char password[OUT_SECRET_MAX];

    *out = (struct way_out){0};
    if (!*s->mail_url) return OK;
    if (!out_folder(s->mail_url) && strncmp(s->mail_url, "smtp://", 7) != 0 &&
        strncmp(s->mail_url, "smtps://", 8) != 0)
        return fail(e, &OUT_URL, "mail_url");
    TRY(out_secret(s->mail_password_file, password, e));
    struct post *p = memory_new(sizeof *p);
    *p = (struct post){.folder = out_folder(s->mail_url),
                       .url = s->mail_url,
                       .user = s->mail_user,
                       .ca_file = s->mail_ca_file,
                       .silent_seconds = s->mail_timeout_seconds,
                       .plain = s->mail_plain != 0};
    memcpy(p->password, password, sizeof password);
    explicit_bzero(password, sizeof password);
    if (!p->folder) p->curl = curl_easy_init();
    *out = (struct way_out){send_mail, close_mail, p};
    return OK;
}
