/* kind_test: every topic that any source emits becomes a message or is silent for a reason.
 * SPDX-License-Identifier: Apache-2.0 */
#include "notify/kind_rules.h"

#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "base/test.h"

/* Everything that tells, or decides what is told. */
static const char *const tellers[] = {
    "outbox_put(",  "tell(",   "tell_owner(", "tell_restart(", "cancel_tell(",
    "wallet_tell(", "decide(", ".topic =",    ".topic=",
};
/* Tables of topics, beside calls: told by a struct whose rows are told later. */
static const char *const tables[] = {"payments/outside.c", "billing/pending.c", "billing/settle.c"};

static char *slurp(const char *path)
{
    FILE *f = fopen(path, "rb");
    char *text = calloc(1, 1 << 20);

    CHECK(f && text);
    CHECK(fread(text, 1, (1 << 20) - 1, f) > 0);
    fclose(f);
    return text;
}

static bool has_topic_shape(const char *s, size_t n)
{
    const char *dot = memchr(s, '.', n);

    if (!dot || dot == s || dot == s + n - 1) return false;
    for (size_t i = 0; i < n; i++)
        if (!islower((unsigned char)s[i]) && s[i] != '_' && s + i != dot) return false;
    return true;
}

static bool is_silent(const char *topic)
{
    for (size_t i = 0; i < n_silent_topics; i++)
        if (strcmp(silent_topics[i].topic, topic) == 0) return *silent_topics[i].reason != 0;
    return false;
}

struct seen {
    bool kinds[200];
    size_t n;
};

static void see(struct seen *s, const char *path, const char *text, size_t n)
{
    char topic[80];

    if (n >= sizeof topic || !has_topic_shape(text, n)) return;
    snprintf(topic, sizeof topic, "%.*s", (int)n, text);
    const struct message_kind *k = message_kind_find(topic);
    if (!k && !is_silent(topic)) FAIL("%s tells %s, which becomes no message", path, topic);
    s->n++;
    if (k) s->kinds[k - message_kinds] = true;
}

/* The texts in quotes from `from` to the end of the statement. */
static void see_statement(struct seen *s, const char *path, const char *from)
{
    const char *end = from + strcspn(from, ";{}");

    for (const char *q = from; (q = memchr(q, '"', (size_t)(end - q))); q++) {
        const char *close = strchr(q + 1, '"');

        see(s, path, q + 1, (size_t)(close - q - 1));
        q = close;
        if (q >= end) break;
    }
}

static void see_file(struct seen *s, const char *path)
{
    char *text = slurp(path);

    for (size_t i = 0; i < COUNT(tellers); i++)
        for (const char *p = text; (p = strstr(p, tellers[i])); p++)
            see_statement(s, path, p + strlen(tellers[i]));
    free(text);
}

/* In a table every text that looks like a topic of ours counts; what is none is another word. */
static void see_table(struct seen *s, const char *root, const char *file)
{
    char path[500];

    snprintf(path, sizeof path, "%s/src/%s", root, file);
    char *text = slurp(path);
    for (size_t i = 0; i < n_message_kinds; i++) {
        char quoted[90];

        snprintf(quoted, sizeof quoted, "\"%s\"", message_kinds[i].topic);
        if (strstr(text, quoted)) s->kinds[i] = true;
    }
    free(text);
}

static void every_topic_has_a_row(void **state)
{
    const char *root = getenv("SOURCE_ROOT");
    char pattern[500];
    struct seen seen = {0};
    glob_t files;

    (void)state;
    CHECK(root && n_message_kinds <= COUNT(seen.kinds));
    snprintf(pattern, sizeof pattern, "%s/src/*/*.c", root);
    CHECK(glob(pattern, 0, NULL, &files) == 0);
    for (size_t i = 0; i < files.gl_pathc; i++)
        if (!strstr(files.gl_pathv[i], "_test.c") && !strstr(files.gl_pathv[i], "/src/notify/"))
            see_file(&seen, files.gl_pathv[i]);
    globfree(&files);
    if (seen.n < 40) FAIL("only %zu topics were found", seen.n);
    for (size_t i = 0; i < COUNT(tables); i++) see_table(&seen, root, tables[i]);
    for (size_t i = 0; i < n_message_kinds; i++)
        if (!seen.kinds[i]) FAIL("nobody tells %s", message_kinds[i].topic);
}

static void rows_are_sound(void **state)
{
    char key[120];

    (void)state;
    for (size_t i = 0; i < n_message_kinds; i++) {
        const struct message_kind *k = &message_kinds[i];

        CHECK(message_kind_find(k->topic) == k); /* no topic twice */
        CHECK(k->urgency >= URGENCY_SECURITY && k->urgency <= URGENCY_ROUTINE);
        CHECK(k->stale_hours > 0 && k->channels & 1U << CHANNEL_EMAIL);
        CHECK(!k->everywhere || k->channels & 1U << CHANNEL_TEXT);
        snprintf(key, sizeof key, "message.%s.subject", k->topic);
        if (!message_exists(key)) FAIL("there is no text %s", key);
        snprintf(key, sizeof key, "message.%s.body", k->topic);
        if (!message_exists(key)) FAIL("there is no text %s", key);
    }
    for (size_t i = 0; i < n_silent_topics; i++) CHECK(!message_kind_find(silent_topics[i].topic));
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("Y-01 every topic of the outbox becomes a message, or says why not",
             every_topic_has_a_row),
        CASE("Y-13 every kind of message has its words, its urgency and its end", rows_are_sound),
    };
    return RUN_CASES("kind", cases);
}
