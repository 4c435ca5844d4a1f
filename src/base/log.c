/* log: puts lines together and writes them. SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/calendar.h"

bool log_open(struct log *l, const char *path)
{
    if (strcmp(path, "-") == 0)
        l->file = STDOUT_FILENO;
    else
        l->file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    return l->file >= 0;
}

void log_close(struct log *l)
{
    if (l->file > STDERR_FILENO) close(l->file);
    l->file = -1;
}

/* The end of the line needs room too, whatever comes before it. */
enum { END_ROOM = 8 };

static void put(struct log_line *l, const char *bytes, size_t n)
{
    if (l->n + n > LOG_LINE_MAX - END_ROOM) return;
    memcpy(l->text + l->n, bytes, n);
    l->n += n;
}

static void put_escaped(struct log_line *l, const char *value)
{
    for (size_t i = 0; value[i] && i < LOG_VALUE_MAX; i++) {
        unsigned char const c = (unsigned char)value[i];
        char escaped[8];

        if (c == '"' || c == '\\')
            snprintf(escaped, sizeof escaped, "\\%c", c);
        else if (c < ' ' || c >= 0x7f)
            snprintf(escaped, sizeof escaped, "\\u%04x", c < 0x7f ? c : 0xfffdU);
        if (c == '"' || c == '\\' || c < ' ' || c >= 0x7f)
            put(l, escaped, strlen(escaped));
        else
            put(l, value + i, 1);
    }
}

static bool has_room(const struct log_line *l, size_t n)
{
    return l->n + n <= LOG_LINE_MAX - END_ROOM;
}

static void put_name(struct log_line *l, const char *name)
{
    put(l, ",\"", 2);
    put(l, name, strlen(name));
    put(l, "\":", 2);
}

void log_begin(struct log_line *l, int64_t at, const char *event)
{
    char text[INSTANT_TEXT];

    instant_text(at, text);
    l->n = 0;
    put(l, "{\"at\":\"", 7);
    put(l, text, strlen(text));
    put(l, "\"", 1);
    log_text(l, "event", event);
}

void log_text(struct log_line *l, const char *name, const char *value)
{
    if (!value || !has_room(l, strlen(name) + 6 + 6 * (size_t)LOG_VALUE_MAX / 4)) return;
    size_t const begin = l->n;
    put_name(l, name);
    put(l, "\"", 1);
    put_escaped(l, value);
    if (has_room(l, 1))
        put(l, "\"", 1);
    else
        l->n = begin; /* a value without its end would break the line */
}

void log_int(struct log_line *l, const char *name, int64_t value)
{
    char text[24];
    int const n = snprintf(text, sizeof text, "%lld", (long long)value);

    if (!has_room(l, strlen(name) + 4 + (size_t)n)) return;
    put_name(l, name);
    put(l, text, (size_t)n);
}

void log_finish(struct log_line *l)
{
    memcpy(l->text + l->n, "}\n", 3);
    l->n += 2;
}

/* How many bytes of the last line are there without its end. */
static size_t torn_tail(const char *bytes, size_t n)
{
    const char *end = memrchr(bytes, '\n', n);

    return end ? n - (size_t)(end + 1 - bytes) : n;
}

/* What is behind our last bytes is somebody else's, and stays. */
static void take_back(int file, size_t n)
{
    off_t const at = lseek(file, 0, SEEK_CUR);
    struct stat st;

    if (fstat(file, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size != at) return;
    if (ftruncate(file, at - (off_t)n) == 0) (void)!lseek(file, at - (off_t)n, SEEK_SET);
}

void log_write(const struct log *l, const char *bytes, size_t n)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    size_t done = 0;

    pthread_mutex_lock(&lock);
    while (l->file >= 0 && done < n) {
        ssize_t const wrote = write(l->file, bytes + done, n - done);

        if (wrote < 0 && errno != EINTR) break; /* a log that is full stops nobody */
        if (wrote > 0) done += (size_t)wrote;
    }
    if (done && done < n && torn_tail(bytes, done)) take_back(l->file, torn_tail(bytes, done));
    pthread_mutex_unlock(&lock);
}
