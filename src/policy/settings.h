/* settings: what an operator may set, with the defaults that ship (SPEC 2.4). One shape: the file,
 * the environment and `foyer config` are readings of it. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "db/db.h"

struct settings {
    int64_t retention_months;
    int64_t grace_days;              /* 0: straight to hold */
    int64_t hold_limit_days;         /* counted from the start of the hold */
    const char *retry_schedule_days; /* days after the debt's date, ascending: "1,3,5" */
    const char *grace_reminder_days; /* days after the debt's date; 0 is the start of grace */
    int64_t quick_retry_minutes;     /* after a technical failure */
    int64_t quick_retries_max;
    int64_t look_up_minutes;       /* first look-up of an unknown outcome; doubles up to a day */
    int64_t max_attempts_card_30d; /* Visa and others */
    int64_t max_attempts_mastercard_24h, max_attempts_mastercard_30d;
    int64_t auth_void_days;
    int64_t pending_minutes;
    int64_t pause_months, pause_max_months; /* of one decision, and in all (SPEC G-04) */
    const char *pausable_methods;           /* kinds, with commas between them (SPEC DT-4) */
    int64_t billing_day_moves;              /* 1: owners may move their billing day (B-13) */
    const char *billing_day_methods;        /* kinds of methods that may, like the above */
    int64_t resume_notice_days;             /* before charging restarts (SPEC G-05) */
    int64_t cancel_reminder_hours;          /* a cancel that was begun is not finished (F-02) */
    int64_t price_notice_days; /* a new price counts so long after its notice (SPEC A-08) */
    int64_t books_keep_years;
    int64_t consent_keep_years;
    const char *consent_text_version; /* of the text that owners are shown now (SPEC B-16) */
    const char *statement_descriptor; /* what a bank's statement shows (SPEC H-16) */
    int64_t statement_days;           /* a capture is on the bank's statement within so many days */
    int64_t undo_days;                /* a restart can be undone for so long (SPEC I-05) */
    int64_t refund_days;              /* a charge may be complained of for so long (SPEC I-02) */
    int64_t refund_second_person_minor; /* an agent's refund above it needs another agent */
    int64_t refund_target_hours;        /* of what is urgent (SPEC I-03) */
    int64_t gift_low_notice_days;       /* told so long before credit runs out (SPEC J-09) */
    int64_t gift_wrong_account, gift_wrong_device, gift_wrong_network; /* wrong codes in a day */
    int64_t match_tries_network, match_tries_card; /* statement lines looked up in a day (H-06) */
    int64_t form_tries_network;                    /* cancellations by form in a day (F-25) */
    int64_t restart_hold_hours;                    /* a restart at high risk waits so long (DT-3) */
    int64_t restart_risk_high;                     /* points from which the risk is high */
    int64_t risk_recent_hours;       /* what happened so shortly before counts for it */
    int64_t blocked_letters;         /* letters on restarts that were blocked, in a day */
    int64_t partner_end_notice_days; /* we charge again so long after a partner's end is known */
    int64_t retention_notice_days;   /* erasure is announced so long before (SPEC E-22) */
    int64_t inactive_never_months, inactive_stopped_months; /* no viewing: asked (SPEC B-15) */
    int64_t inactive_answer_days;                           /* to answer that */
    int64_t delete_wait_days; /* after the end, so long can early deletion be undone (SPEC F-20) */
    int64_t
        bill_missed_periods; /* after an outage: 1 bills each served period, 0 only the current */
    int64_t batch_size;      /* memberships per durable commit */
    int64_t op_key_hours;    /* a repeated call is answered as before for so long */
    int64_t webhook_timeout_seconds; /* for one attempt */
    int64_t webhook_disable_days, webhook_keep_days;
    int64_t webhook_local_targets;            /* 1: private addresses and plain http too */
    const char *payment_gateway;              /* sandbox, or the URL of one */
    const char *payment_callback_secret_file; /* "": nobody may call */
    int64_t payment_pull_seconds; /* between questions to the provider, unless it calls */
    const char *webhook_ca_file;  /* "": the system's certificates */
    int64_t quiet_from_minute, quiet_until_minute; /* of the local day (SPEC Y-15) */
    int64_t message_attempts_max;                  /* then a delivery is given up */
    int64_t message_checks_network; /* messages that one network may check in a day */
    const char *service_name;       /* as people know us: signs every message */
    const char *service_site;       /* where they go by themselves: no message links elsewhere */
    const char *service_domains;    /* all of ours, with commas between them */
    const char *mail_url, *mail_user, *mail_password_file, *mail_ca_file; /* of the mail server */
    int64_t mail_timeout_seconds; /* a server that says nothing so long is given up for now */
    int64_t mail_plain;           /* 1: without TLS */
    const char *text_url, *text_account, *text_token_file; /* of the provider of texts */
    const char *text_from, *text_callback_url;
    const char *push_url, *push_secret_file; /* of who knows people's devices */
    const char *mail_from;                   /* the address that mail comes from */
    int64_t audit_sign_minutes;              /* between signed heads */
    int64_t audit_look_minutes; /* repeated looks of a key in an owner's name are one entry */
};
extern const struct shape settings_shape;
extern const struct settings settings_default;
extern const struct fault SETTING_UNKNOWN, SETTING_INVALID;

/* Defaults overlaid with what the database stores; texts in cx->arena's lifetime. */
enum status settings_load(struct ctx *cx, struct settings *out) MUST_CHECK;
/* Stores one setting after checking it by the shape. Faults: SETTING_UNKNOWN, SETTING_INVALID. */
enum status settings_set(struct ctx *cx, const char *name, const char *value) MUST_CHECK;

/* What a process was given besides the database, each over those before it: by its configuration
 * file, then by its environment. */
struct setting_given {
    const char *name, *value, *from; /* "foyer.yaml:3", "FOYER_SET_GRACE_DAYS" */
};
/* Puts them over *io; on failure *io is as it was and *e says which. Faults: SETTING_UNKNOWN,
 * SETTING_INVALID. */
enum status settings_overlay(const struct setting_given *given, size_t n, struct settings *io,
                             struct arena *a, struct error *e) MUST_CHECK;

/* Whether a sender that was given is one of the settings' own domains; *e says where it was given.
 * Faults: SETTING_INVALID. */
enum status settings_check_sender(const struct setting_given *given, size_t n,
                                  const struct settings *s, struct error *e) MUST_CHECK;

/* A value as it may be shown: a URL without what stands in it for a secret, which is whatever
 * precedes its host or follows '?'. */
const char *setting_shown(const char *value, struct arena *a);
/* All of them so. */
struct settings settings_shown(const struct settings *s, struct arena *a);

/* The i-th number of a list setting such as "1,3,5", -1 past its end. */
int64_t days_at(const char *list, int64_t i);
