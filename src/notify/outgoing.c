/* outgoing: what all ways out share. SPDX-License-Identifier: Apache-2.0 */
#include "notify/outgoing.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/signature.h"

const struct fault OUT_SECRET = {
    E_INVALID, "notify.secret",
    "A file that holds a provider's secret cannot be read; check the setting that names it."};
const struct fault OUT_URL = {
    E_INVALID, "notify.url",
    "That is no address of a mail server or provider; see `foyer config show`."};

enum { CONNECT_SECONDS = 10, ANSWER_SECONDS = 30 };

enum status out_secret(const char *path, char to[static OUT_SECRET_MAX], struct error *e)
{
    to[0] = 0;
    if (!*path) return OK;
    if (secret_line(path, to, OUT_SECRET_MAX)) return OK;
    return failf(e, &OUT_SECRET, "%s: %s", path, strerror(errno));
}

/* ---- folders ---- */

const char *out_folder(const char *url)
{
    static const char scheme[] = "maildir:";

    return strncmp(url, scheme, sizeof scheme - 1) == 0 ? url + sizeof scheme - 1 : NULL;
}

static bool make(const char *folder, const char *part)
{
    char path[1024];

    snprintf(path, sizeof path, "%s/%s", folder, part);
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

static bool write_all(int fd, const char *bytes, size_t n)
{
    while (n) {
        ssize_t const k = write(fd, bytes, n);

        if (k < 0 && errno == EINTR) continue;
        if (k <= 0) return false;
        bytes += k;
        n -= (size_t)k;
    }
    return fsync(fd) == 0;
}

bool out_put(const char *folder, const char *name, const char *bytes)
{
    char tmp[1024], path[1024];

    if (!make(folder, "") || !make(folder, "tmp") || !make(folder, "new") || !make(folder, "cur"))
        return false;
    snprintf(tmp, sizeof tmp, "%s/tmp/%s", folder, name);
    snprintf(path, sizeof path, "%s/new/%s", folder, name);
    int const fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return false;
    bool const good = write_all(fd, bytes, strlen(bytes));
    return close(fd) == 0 && good && rename(tmp, path) == 0;
}

/* ---- HTTP ---- */

static size_t keep(char *bytes, size_t size, size_t n, void *arg)
{
    struct out_post *p = arg;
    size_t const have = strlen(p->answer), room = sizeof p->answer - 1 - have;
    size_t const take = size * n < room ? size * n : room;

    memcpy(p->answer + have, bytes, take);
    p->answer[have + take] = 0;
    return size * n;
}

static struct curl_slist *header_list(const struct out_post *p)
{
    char type[100];
    struct curl_slist *list;

    snprintf(type, sizeof type, "Content-Type: %s", p->type);
    list = curl_slist_append(NULL, type);
    for (size_t i = 0; p->headers && p->headers[i]; i++)
        list = curl_slist_append(list, p->headers[i]);
    return list;
}

void out_post(void **curl, struct out_post *p)
{
    struct curl_slist *list = header_list(p);
    long status = 0;

    if (!*curl) *curl = curl_easy_init();
    CURL *c = *curl;
    p->status = 0;
    p->answer[0] = 0;
    if (!c) return curl_slist_free_all(list);
    curl_easy_reset(c);
    curl_easy_setopt(c, CURLOPT_URL, p->url);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_POSTFIELDS, p->body);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, p);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)ANSWER_SECONDS);
    curl_easy_setopt(c, CURLOPT_USERAGENT, "Foyer/" FOYER_VERSION);
    if (p->user) {
        curl_easy_setopt(c, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        curl_easy_setopt(c, CURLOPT_USERNAME, p->user);
        curl_easy_setopt(c, CURLOPT_PASSWORD, p->password);
    }
    if (curl_easy_perform(c) == CURLE_OK &&
        curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
        p->status = status;
    curl_slist_free_all(list);
}
