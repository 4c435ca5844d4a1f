/* outgoing: what a courier gets and what it tells. One file per way out knows how it goes: mail,
 * text, push. They run outside transactions. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "notify/letter.h"
#include "policy/settings.h"

enum outcome {
    OUTCOME_ACCEPTED,
    OUTCOME_LATER,   /* not now: the server said so, or was not reached; or we are set up wrongly */
    OUTCOME_REFUSED, /* the address does not exist, or wants nothing of us */
    OUTCOME_BROKEN,  /* the message is refused, whoever it is for */
};

struct outgoing {
    const char *address;
    const char *token;     /* the same whenever it is sent again */
    const char *reference; /* in groups */
    const char *kind;
    int64_t account_id;
    int64_t at_ms; /* the wall clock, or on a test clock the message's own time */
    const struct letter *letter;
    const struct settings *settings;
    struct arena *arena;
};

enum { OUT_CODE = 64 };
struct carried {
    enum outcome outcome;
    char code[OUT_CODE], provider_ref[OUT_CODE];
};

/* One way out. `state` is its own. */
struct way_out {
    void (*send)(void *state, const struct outgoing *o, struct carried *out);
    void (*close)(void *state);
    void *state; /* NULL: nothing leaves on this way */
};

extern const struct fault OUT_SECRET, OUT_URL;

/* Each opens what the settings say, or leaves *out without state where they say nothing. Faults:
 * OUT_SECRET, OUT_URL. */
enum status mail_open(const struct settings *s, struct way_out *out, struct error *e) MUST_CHECK;
enum status text_open(const struct settings *s, struct way_out *out, struct error *e) MUST_CHECK;
enum status push_open(const struct settings *s, struct way_out *out, struct error *e) MUST_CHECK;

/* The first line of a file that holds a secret; "" where no file is named. */
enum { OUT_SECRET_MAX = 512 };
enum status out_secret(const char *path, char to[static OUT_SECRET_MAX],
                       struct error *e) MUST_CHECK;
/* "maildir:PATH" of a setting: the path, else NULL. */
const char *out_folder(const char *url);
/* Puts a message into PATH/new under a name of its own, at once or not at all. The same name again
 * is the same message. */
bool out_put(const char *folder, const char *name, const char *bytes);

/* A POST over HTTP; libcurl's handle is kept in *curl for the connection. */
struct out_post {
    const char *url, *body, *type;
    const char *user, *password; /* NULL: no credentials */
    const char *const *headers;  /* "Name: value", ends with NULL; may be NULL */
    int64_t status;              /* 0: no answer */
    char answer[2048];           /* its beginning */
};
void out_post(void **curl, struct out_post *p);

/* What a provider reports. */
struct form_field {
    const char *name, *value;
};
enum { FORM_FIELDS_MAX = 64 };
struct form {
    struct form_field at[FORM_FIELDS_MAX];
    size_t n;
};
struct http_request;
/* False unless its body is a form: names and values, %-encoded, in the order in which they came. */
bool form_read(struct arena *a, const struct http_request *rq, struct form *out);
/* NULL where the name is not there, or there twice. */
const char *form_value(const struct form *f, const char *name);
/* Whether a status callback about texts is the provider's own: X-Twilio-Signature over the public
 * URL and the form's fields, sorted by name. */
bool text_callback_is_genuine(const char *token, const char *url, const struct form_field *fields,
                              size_t n, const char *signature);
