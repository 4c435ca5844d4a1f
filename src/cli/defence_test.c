/* defence_test: the doctor tells which defences stand, and which do not.
 * SPDX-License-Identifier: Apache-2.0 */
#include <sys/stat.h>

#include "base/confine.h"
#include "cli/stage_test.h"

static json_t *doctor(void)
{
    CHECK(foyer("doctor --json") == 0);
    json_t *all = json_loads(stage.said, 0, NULL);
    CHECK(all);
    return all;
}

/* Whether the doctor calls a defence weak; what it says of it must hold a text. */
static bool is_weak(const char *name, const char *says)
{
    CLEANUP(json_decrefp) json_t *all = doctor();
    json_t *one;
    size_t i;

    json_array_foreach (json_object_get(all, "defences"), i, one) {
        if (strcmp(json_string_value(json_object_get(one, "name")), name) != 0) continue;
        if (!strstr(json_string_value(json_object_get(one, "says")), says))
            FAIL("%s: %s", name, json_string_value(json_object_get(one, "says")));
        return json_is_true(json_object_get(one, "weak"));
    }
    FAIL("the doctor does not speak of %s", name);
    return false;
}

static int set_up(void **state)
{
    (void)state;
    stage_begin_at("2024-03-01");
    return 0;
}

static void all_stand(void **state)
{
    static const char *const names[] = {"database", "master_key", "program", "api_keys",
                                        "gateway",  "webhooks",   "mail",    "guesses"};

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) CHECK(!is_weak(names[i], ""));
    CHECK(is_weak("files", "") == !confine_landlock());
    CHECK(is_weak("system_calls", "") == !confine_seccomp());
    CHECK(foyer("doctor") == 0 && strstr(stage.said, "DEFENCE"));
}

static void open_files_are_weak(void **state)
{
    (void)state;
    if (stage.schema[0]) { /* which keeps its files itself */
        CHECK(!is_weak("database", "pg_hba.conf"));
        return;
    }
    CHECK(chmod(stage_path("t.db"), 0644) == 0);
    CHECK(is_weak("database", "chmod 600"));
    CHECK(chmod(stage_path("t.db"), 0600) == 0);
    CHECK(!is_weak("database", "t.db"));
}

static void local_webhooks_are_weak(void **state)
{
    (void)state;
    CHECK(foyer("config set webhook_local_targets 1") == 0);
    CHECK(is_weak("webhooks", "NOT SAFE"));
}

static void mail_in_the_clear_is_weak(void **state)
{
    static const struct {
        const char *url;
        bool weak;
    } rows[] = {
        {"smtp://127.0.0.1:25",          false},
        {"smtp://localhost",             false},
        {"smtp://[::1]:25",              false},
        {"smtp://mail.example.com:25",   true },
        {"smtp://127.example.com",       true },
        {"smtp://localhost.example.com", true },
        {"maildir:mails",                false},
    };
    char command[100];

    (void)state;
    CHECK(foyer("config set mail_plain 1") == 0);
    for (size_t i = 0; i < COUNT(rows); i++) {
        snprintf(command, sizeof command, "config set mail_url '%s'", rows[i].url);
        CHECK(foyer(command) == 0);
        if (is_weak("mail", rows[i].weak ? "mail_plain" : "") != rows[i].weak)
            FAIL("%s", rows[i].url);
    }
    CHECK(foyer("config set mail_plain 0") == 0);
    CHECK(foyer("config set mail_url smtp://mail.example.com") == 0 && !is_weak("mail", "TLS"));
}

static void open_secret_files_are_weak(void **state)
{
    static char command[1200];

    (void)state;
    CHECK(!is_weak("secret_files", "0"));
    stage_put("token", "secret", 6);
    CHECK(chmod(stage_path("token"), 0644) == 0);
    snprintf(command, sizeof command, "config set text_token_file '%s'", stage_path("token"));
    CHECK(foyer(command) == 0 && is_weak("secret_files", "chmod 600"));
    CHECK(chmod(stage_path("token"), 0600) == 0 && !is_weak("secret_files", "1"));
    CHECK(foyer("config set push_secret_file /nonexistent") == 0);
    CHECK(is_weak("secret_files", "/nonexistent"));
}

static void a_sender_of_others_is_weak(void **state)
{
    (void)state;
    CHECK(!is_weak("mail", ""));
    CHECK(foyer("config set service_domains example.org") == 0 && is_weak("mail", "mail_from"));
    CHECK(foyer("config set mail_from a@example.org") == 0 && !is_weak("mail", ""));
}

/* One that was put off may be a busy server's whim; one that was tried often is no whim. */
static void mail_that_stays_is_weak(void **state)
{
    static const char member[] = "external_id,plan,country,joined_on,email\n"
                                 "ann,standard,DE,2024-01-15,ann@example.com\n";

    (void)state;
    stage_put("members.csv", member, sizeof member - 1);
    CHECK(foyer("import members members.csv") == 0);
    CHECK(foyer("config set mail_url smtp://127.0.0.1:1") == 0);
    CHECK(foyer("call membership.cancel --as owner:ann") == 0);
    CHECK(foyer("courier --once") == 1 && !is_weak("mail", "TLS"));
    stage_script(stage.url, "UPDATE delivery SET attempts = 3 WHERE due_at > 0");
    CHECK(is_weak("mail", "1 tried in vain: "));
    stage_script(stage.url, "UPDATE delivery SET due_at = 0, delivery_state = 'failed'");
    CHECK(!is_weak("mail", "TLS"));
}

static void keys_are_counted(void **state)
{
    (void)state;
    CHECK(foyer("call key.create name=a scopes='*' roles=owner") == 0);
    CHECK(foyer("call key.create name=b scopes=plan.list roles=visitor") == 0);
    CHECK(!is_weak("api_keys", "2 in force, 2 of them for ever, 1 for every op"));
}

static void a_sandbox_is_no_bank(void **state)
{
    (void)state;
    stage_end(state);
    stage_begin();
    CHECK(foyer("migrate") == 0);
    CHECK(is_weak("gateway", "NOT FOR USE"));
}

int main(void)
{
    /* clang-format off */
    static const struct CMUnitTest cases[] = {
        {"the doctor shows each default defence", all_stand, set_up, stage_end, NULL},
        {"the doctor flags files that others may read",
         open_files_are_weak, set_up, stage_end, NULL},
        {"the doctor flags webhooks to private addresses",
         local_webhooks_are_weak, set_up, stage_end, NULL},
        {"the doctor flags mail that crosses a network in the clear",
         mail_in_the_clear_is_weak, set_up, stage_end, NULL},
        {"the doctor flags files of secrets that others may read",
         open_secret_files_are_weak, set_up, stage_end, NULL},
        {"R-06 the doctor flags mail from a domain of others",
         a_sender_of_others_is_weak, set_up, stage_end, NULL},
        {"Y-14 the doctor flags mail that was tried often and stays",
         mail_that_stays_is_weak, set_up, stage_end, NULL},
        {"the doctor counts API keys and those without end",
         keys_are_counted, set_up, stage_end, NULL},
        {"the doctor flags a sandbox on a real clock",
         a_sandbox_is_no_bank, set_up, stage_end, NULL},
    };
    /* clang-format on */
    return RUN_CASES("defence", cases);
}
