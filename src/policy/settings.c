/* settings: defaults, storing and reading. SPDX-License-Identifier: Apache-2.0 */
#include "policy/settings.h"

#include <stdio.h>
#include <string.h>

#include "policy/settings_check.h"
#include "settings_sql.h"

const struct fault SETTING_UNKNOWN = {E_NOT_FOUND, "setting.unknown",
                                      "There is no setting of that name; see `foyer config show`."};
const struct fault SETTING_INVALID = {
    E_INVALID, "setting.invalid",
    "That value is not allowed; see `foyer config show` for the range."};

const struct settings settings_default = {
    .retention_months = 10,
    .grace_days = 5,
    .hold_limit_days = 30,
    .retry_schedule_days = "1,3,5,7,10,14,21",
    .grace_reminder_days = "0,2,4",
    .quick_retry_minutes = 60,
    .quick_retries_max = 3,
    .look_up_minutes = 15,
    .max_attempts_card_30d = 15,
    .max_attempts_mastercard_24h = 10,
    .max_attempts_mastercard_30d = 35,
    .auth_void_days = 8,
    .pending_minutes = 60,
    .pause_months = 1,
    .pause_max_months = 3,
    .pausable_methods = "card,wallet",
    .billing_day_moves = 0,
    .billing_day_methods = "card,wallet",
    .resume_notice_days = 3,
    .cancel_reminder_hours = 24,
    .price_notice_days = 30,
    .books_keep_years = 10,
    .consent_keep_years = 3,
    .consent_text_version = "1",
    .undo_days = 14,
    .refund_days = 400,
    .refund_second_person_minor = 10000,
    .refund_target_hours = 24,
    .statement_descriptor = "FOYER",
    .statement_days = 5,
    .gift_low_notice_days = 7,
    .gift_wrong_account = 10,
    .gift_wrong_device = 10,
    .gift_wrong_network = 50,
    .match_tries_network = 10,
    .match_tries_card = 20,
    .form_tries_network = 20,
    .restart_hold_hours = 24,
    .restart_risk_high = 3,
    .risk_recent_hours = 72,
    .blocked_letters = 3,
    .partner_end_notice_days = 7,
    .retention_notice_days = 30,
    .delete_wait_days = 14,
    .inactive_never_months = 12,
    .inactive_stopped_months = 24,
    .inactive_answer_days = 30,
    .bill_missed_periods = 1,
    .batch_size = 2000,
    .quiet_from_minute = 1320,
    .quiet_until_minute = 480,
    .message_attempts_max = 8,
    .message_checks_network = 100,
    .service_name = "Foyer",
    .service_site = "https://www.example.com",
    .service_domains = "example.com",
    .mail_from = "account@example.com",
    .mail_url = "",
    .mail_user = "",
    .mail_password_file = "",
    .mail_ca_file = "",
    .mail_timeout_seconds = 30,
    .text_url = "",
    .text_account = "",
    .text_token_file = "",
    .text_from = "",
    .text_callback_url = "",
    .push_url = "",
    .push_secret_file = "",
    .op_key_hours = 48,
    .webhook_timeout_seconds = 20,
    .webhook_disable_days = 3,
    .webhook_keep_days = 30,
    .webhook_local_targets = 0,
    .webhook_ca_file = "",
    .payment_gateway = "sandbox",
    .payment_callback_secret_file = "",
    .payment_pull_seconds = 60,
    .audit_look_minutes = 10,
    .audit_sign_minutes = 10,
};

/* clang-format off */
static const struct field fields[] = {
    INT_OPT(struct settings, retention_months, 1, 120,
            "Profiles and history are kept so many months after access ended (E-06)."),
    INT_OPT(struct settings, grace_days, 0, 27,
            "Days of full access after a failed renewal (E-02)."),
    INT_OPT(struct settings, hold_limit_days, 1, 365,
            "Days on hold before the membership is cancelled (E-19)."),
    TEXT_OPT(struct settings, retry_schedule_days, 1, 80,
             "Days after the debt's date on which a failed renewal is tried again (E-09)."),
    TEXT_OPT(struct settings, grace_reminder_days, 1, 80,
             "Days after the debt's date on which a reminder goes out (E-03)."),
    INT_OPT(struct settings, quick_retry_minutes, 1, 1440,
            "Wait after a technical failure."),
    INT_OPT(struct settings, quick_retries_max, 0, 10,
            "Technical failures tried again quickly before the schedule takes over."),
    INT_OPT(struct settings, look_up_minutes, 1, 1440,
            "Wait before an unknown outcome is looked up; doubles up to a day."),
    INT_OPT(struct settings, max_attempts_card_30d, 1, 20,
            "Declined attempts per card in 30 days (E-10, stricter Visa figure)."),
    INT_OPT(struct settings, max_attempts_mastercard_24h, 1, 10,
            "Declined attempts per Mastercard in 24 hours (E-10)."),
    INT_OPT(struct settings, max_attempts_mastercard_30d, 1, 35,
            "Declined attempts per Mastercard in 30 days (E-10)."),
    INT_OPT(struct settings, auth_void_days, 1, 30,
            "A temporary authorization is voided after so many days (B-10)."),
    INT_OPT(struct settings, pending_minutes, 1, 10080,
            "A start, restart or resume waits so long for its payment."),
    INT_OPT(struct settings, pause_months, 1, 12,
            "A pause lasts so long, and each extension of one (G-04)."),
    INT_OPT(struct settings, pause_max_months, 1, 12,
            "A pause lasts so long at most (G-04)."),
    TEXT_OPT(struct settings, pausable_methods, 1, 60,
             "Kinds of payment methods whose owners may pause, such as card,wallet (G-03)."),
    INT_OPT(struct settings, billing_day_moves, 0, 1,
            "1: owners may move their billing day; days until then are charged at once (B-13)."),
    TEXT_OPT(struct settings, billing_day_methods, 1, 60,
             "Kinds of payment methods whose owners may move it, such as card,wallet (B-13)."),
    INT_OPT(struct settings, resume_notice_days, 1, 27,
            "The end of a pause is announced so many days before (G-05)."),
    INT_OPT(struct settings, cancel_reminder_hours, 1, 720,
            "A cancel that was begun and not finished is recalled after so long (F-02)."),
    INT_OPT(struct settings, price_notice_days, 0, 365,
            "A new price counts so many days after it was announced (A-08)."),
    INT_OPT(struct settings, books_keep_years, 1, 30,
            "Invoices and receipts are kept so many years."),
    INT_OPT(struct settings, consent_keep_years, 1, 30,
            "Consents are kept so many years (B-16)."),
    TEXT_OPT(struct settings, consent_text_version, 1, 40,
             "The text on recurring charges that owners agree to now (B-16)."),
    INT_OPT(struct settings, undo_days, 0, 365,
            "A restart that was not the owner's can be undone for so many days (I-05)."),
    INT_OPT(struct settings, refund_days, 1, 3660,
            "An unauthorized or doubled charge is given back for so many days (I-02)."),
    INT_OPT(struct settings, refund_second_person_minor, 0, 1000000000,
            "An agent's refund above it waits for a second agent (X-09)."),
    INT_OPT(struct settings, refund_target_hours, 1, 720,
            "Urgent complaints about a charge are answered within so many hours (I-03)."),
    TEXT_OPT(struct settings, statement_descriptor, 5, 22,
             "What a bank's statement shows for every charge (H-16)."),
    INT_OPT(struct settings, statement_days, 0, 30,
            "A capture shows on the bank's statement within so many days (B-08)."),
    INT_OPT(struct settings, gift_low_notice_days, 1, 60,
            "A letter goes out so many days before credit runs out (J-09)."),
    INT_OPT(struct settings, gift_wrong_account, 1, 1000,
            "Wrong gift codes in 24 hours before an account, or an agent, must wait (J-12)."),
    INT_OPT(struct settings, gift_wrong_device, 1, 1000,
            "The same for one device (J-12)."),
    INT_OPT(struct settings, gift_wrong_network, 1, 100000,
            "The same for one network address (J-12)."),
    INT_OPT(struct settings, match_tries_network, 1, 100000,
            "Lines of bank statements looked up in 24 hours from one network address (H-06)."),
    INT_OPT(struct settings, match_tries_card, 1, 100000,
            "The same for one card's last four digits (H-06)."),
    INT_OPT(struct settings, form_tries_network, 1, 100000,
            "Cancellations by the form in 24 hours from one network address (F-25)."),
    INT_OPT(struct settings, restart_hold_hours, 1, 720,
            "A restart at high risk waits so long for its owner to stop or confirm it (DT-3)."),
    INT_OPT(struct settings, restart_risk_high, 1, 100,
            "Points of the reasons in billing/risk_rules.c from which a restart's risk is high."),
    INT_OPT(struct settings, risk_recent_hours, 1, 720,
            "What happened so shortly before a restart counts for its risk."),
    INT_OPT(struct settings, blocked_letters, 0, 100,
            "Letters in 24 hours about restarts that were blocked (F-12)."),
    INT_OPT(struct settings, partner_end_notice_days, 0, 365,
            "When a partner's part ends we charge again at the earliest so long after telling."),
    INT_OPT(struct settings, retention_notice_days, 1, 365,
            "Erasure is announced so many days before (E-22)."),
    INT_OPT(struct settings, delete_wait_days, 1, 30,
            "A deletion asked for after the end can be undone for so many days (F-20)."),
    INT_OPT(struct settings, inactive_never_months, 1, 120,
            "Who has never watched is asked after so many months whether to stay (B-15)."),
    INT_OPT(struct settings, inactive_stopped_months, 1, 120,
            "Who has stopped watching is asked after so many months whether to stay (B-15)."),
    INT_OPT(struct settings, inactive_answer_days, 1, 365,
            "Without an answer in so many days the membership ends with its paid period (B-15)."),
    INT_OPT(struct settings, bill_missed_periods, 0, 1,
            "After an outage, or grace that a lock has moved: 1 bills each period that was served, "
            "0 only the current one."),
    INT_OPT(struct settings, batch_size, 1, 5000,
            "Memberships per durable commit."),
    INT_OPT(struct settings, quiet_from_minute, 0, 1439,
            "No routine message from this minute of the local day on, if not chosen (Y-15)."),
    INT_OPT(struct settings, quiet_until_minute, 0, 1439,
            "Until this one; the same as the first: never quiet (Y-15)."),
    INT_OPT(struct settings, message_attempts_max, 1, 20,
            "A delivery is given up after so many attempts (Y-14)."),
    INT_OPT(struct settings, message_checks_network, 1, 100000,
            "Messages that may be checked from one network in a day (R-06)."),
    TEXT_OPT(struct settings, service_name, 1, 40,
             "As people know the service: signs every message."),
    TEXT_OPT(struct settings, service_site, 10, 120,
             "The web site: the only address that any message names (C-17, Y-11)."),
    TEXT_OPT(struct settings, service_domains, 3, 400,
             "All domains of ours, with commas between them (R-06)."),
    TEXT_OPT(struct settings, mail_from, 6, 120,
             "The address that mail comes from, on one of these domains."),
    TEXT_OPT(struct settings, mail_url, 0, 400,
             "smtp://HOST:PORT, smtps://HOST or maildir:PATH; empty: no mail leaves."),
    TEXT_OPT(struct settings, mail_user, 0, 200, "As whom to sign in there; empty: not at all."),
    TEXT_OPT(struct settings, mail_password_file, 0, 400, "The file that holds the password."),
    TEXT_OPT(struct settings, mail_ca_file, 0, 400,
             "Certificates to trust instead of the system's."),
    INT_OPT(struct settings, mail_timeout_seconds, 1, 55,
            "A mail server that says nothing for so long is tried again later."),
    INT_OPT(struct settings, mail_plain, 0, 1,
            "1: in the clear, to a relay on this machine; 0: with STARTTLS, or not at all."),
    TEXT_OPT(struct settings, text_url, 0, 400,
             "https://HOST of a Twilio-compatible provider, or maildir:PATH; empty: no texts."),
    TEXT_OPT(struct settings, text_account, 0, 100, "Our account there, such as AC…."),
    TEXT_OPT(struct settings, text_token_file, 0, 400, "The file that holds its token."),
    TEXT_OPT(struct settings, text_from, 0, 40, "A number, a name or a messaging service MG…."),
    TEXT_OPT(struct settings, text_callback_url, 0, 400,
             "Where the provider reports what became of a text; empty: nowhere."),
    TEXT_OPT(struct settings, push_url, 0, 400,
             "Where push messages are POSTed, or maildir:PATH; empty: no push."),
    TEXT_OPT(struct settings, push_secret_file, 0, 400, "The file that holds the key, whsec_…."),
    INT_OPT(struct settings, op_key_hours, 1, 8760,
            "A call sent again under its idempotency key is answered as before for so long."),
    INT_OPT(struct settings, webhook_timeout_seconds, 1, 30,
            "A webhook's receiver has so long to answer."),
    INT_OPT(struct settings, webhook_disable_days, 1, 30,
            "An endpoint that fails for so long, and gave up a delivery, is told nothing more."),
    INT_OPT(struct settings, webhook_keep_days, 1, 365,
            "Events, deliveries and attempts of webhooks are kept so long for the log and replay."),
    INT_OPT(struct settings, webhook_local_targets, 0, 1,
            "1 lets webhooks go to private addresses and over plain http: for tests alone."),
    TEXT_OPT(struct settings, payment_gateway, 1, 300,
             "sandbox, or the URL of one elsewhere: http://KEY@127.0.0.1:8090."),
    TEXT_OPT(struct settings, payment_callback_secret_file, 0, 400,
             "The file that holds the key of its callbacks, whsec_…; empty: none are taken."),
    INT_OPT(struct settings, payment_pull_seconds, 1, 3600,
            "The server asks it for news this often, and at once when it calls."),
    TEXT_OPT(struct settings, webhook_ca_file, 0, 200,
             "Certificates to trust instead of the system's when webhooks are sent; empty: those."),
    INT_OPT(struct settings, audit_look_minutes, 0, 1440,
            "Looks in an owner's own name through an API key within this time are one entry of the "
            "audit; looks of staff are one each."),
    INT_OPT(struct settings, audit_sign_minutes, 1, 1440,
            "The server signs the ends of the audit's chains this often."),
};
/* clang-format on */
const struct shape settings_shape = SHAPE(settings, fields);

static bool days_valid(const char *list)
{
    int64_t last = -1;

    for (int64_t i = 0, day; (day = days_at(list, i)) != -1; last = day, i++)
        if (day <= last) return false;
    return last >= 0 && last <= 366 && list[strspn(list, "0123456789,")] == 0;
}

static enum status put_over(struct settings *io, const char *name, const char *value,
                            struct arena *a, struct error *e)
{
    char *pair = arena_printf(a, "%s=%s", name, value);
    struct settings changed = *io;

    for (size_t i = 0; i < COUNT(fields); i++) {
        if (strcmp(fields[i].name, name) != 0) continue;
        if (shape_read_pairs(&settings_shape, &pair, 1, &changed, a, e) != OK ||
            !days_valid(changed.retry_schedule_days) || !days_valid(changed.grace_reminder_days))
            return fail(e, &SETTING_INVALID, fields[i].name);
        *io = changed;
        return OK;
    }
    return fail(e, &SETTING_UNKNOWN, arena_strdup(a, name));
}

static enum status check(const char *name, const char *value, struct error *e)
{
    return setting_fits(name, value) ? OK : fail(e, &SETTING_INVALID, name);
}

enum status settings_check_sender(const struct setting_given *given, size_t n,
                                  const struct settings *s, struct error *e)
{
    if (settings_sender_is_ours(s)) return OK;
    for (size_t i = n; i > 0; i--)
        if (strcmp(given[i - 1].name, "mail_from") == 0)
            return failf(e, &SETTING_INVALID, "%s: mail_from is not within service_domains",
                         given[i - 1].from);
    return OK;
}

enum status settings_overlay(const struct setting_given *given, size_t n, struct settings *io,
                             struct arena *a, struct error *e)
{
    struct settings changed = *io;

    for (size_t i = 0; i < n; i++) {
        enum status s = put_over(&changed, given[i].name, given[i].value, a, e);

        if (s == OK) s = check(given[i].name, given[i].value, e);
        if (s == OK) continue;
        snprintf(e->detail, sizeof e->detail, "%s", given[i].from);
        return s;
    }
    *io = changed;
    return OK;
}

enum status settings_load(struct ctx *cx, struct settings *out)
{
    struct setting_row *rows;
    size_t n;

    *out = settings_default;
    TRY(settings_all(cx, &rows, &n, .max = 1000));
    for (size_t i = 0; i < n; i++)
        TRY(put_over(out, rows[i].setting, rows[i].setting_value, cx->arena, cx->err));
    return OK;
}

enum status settings_set(struct ctx *cx, const char *name, const char *value)
{
    TX tx = {0};
    struct settings s;

    TRY(tx_begin(&tx, cx));
    TRY(settings_load(cx, &s));
    TRY(put_over(&s, name, value, cx->arena, cx->err));
    TRY(check(name, value, cx->err));
    if (strcmp(name, "mail_from") == 0 && !settings_sender_is_ours(&s))
        return fail(cx->err, &SETTING_INVALID, "mail_from");
    TRY(setting_put(cx, NULL, .setting = name, .setting_value = value));
    return tx_commit(&tx);
}

/* More is hidden than must be where a path holds '@': what nobody can tell apart is a secret. */
const char *setting_shown(const char *value, struct arena *a)
{
    const char *scheme = strstr(value, "://");

    if (!scheme) return value;
    const char *from = scheme + 3, *end = from + strcspn(from, "?"), *host = from;
    for (const char *s = from; *s; s++)
        if (*s == '@') host = s;
    if (host > end) end = host + strcspn(host, "?");
    return arena_printf(a, "%.*s%s%.*s%s", (int)(from - value), value, host > from ? "…" : "",
                        (int)(end - host), host, *end ? "?…" : "");
}

struct settings settings_shown(const struct settings *s, struct arena *a)
{
    struct settings out = *s;

    for (size_t i = 0; i < COUNT(fields); i++) {
        if (fields[i].type != F_TEXT) continue;
        const char **text = (const char **)(void *)((char *)&out + fields[i].offset);
        *text = setting_shown(*text, a);
    }
    return out;
}

int64_t days_at(const char *list, int64_t i)
{
    while (i > 0 && *list)
        if (*list++ == ',') i--;
    if (*list < '0' || *list > '9') return -1;
    int64_t day = 0;
    while (*list >= '0' && *list <= '9' && day < 10000) day = day * 10 + (*list++ - '0');
    return day;
}
