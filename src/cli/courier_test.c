/* courier_test: `foyer courier --once`, as a timer or a person runs it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/stage_test.h"

static int set_up(void **state)
{
    static const char members[] = "external_id,plan,country,joined_on,email\n"
                                  "ann,standard,DE,2024-01-15,ann@example.com\n"
                                  "ben,standard,DE,2024-01-15,ben@example.com\n";

    (void)state;
    stage_begin_at("2024-03-01");
    stage_put("members.csv", members, sizeof members - 1);
    CHECK(foyer("import members members.csv") == 0);
    return 0;
}

static void says(const char *text)
{
    if (!strstr(stage.said, text)) FAIL("no \"%s\" in: %s", text, stage.said);
}

/* What is sent, what is not and why; and a timer sees by the exit status that something failed. */
static void tells_what_became_of_it(void **state)
{
    (void)state;
    CHECK(foyer("courier --once") == 0); /* what the import told */
    says("no message leaves: mail_url, text_url and push_url are empty");
    CHECK(foyer("config set mail_url smtp://127.0.0.1:1") == 0);
    CHECK(foyer("call membership.cancel --as owner:ann") == 0);
    CHECK(foyer("courier --once") == 1);
    says("messages: 0 sent, 0 failed, 1 put off, 0 dropped\n");
    says("WAY    FAILED  TRIED AGAIN  WHY\n");
    says("email       1            1  ");
    CHECK(foyer("courier --once") == 0); /* nothing is due before its time */
    CHECK(foyer("call membership.cancel --as owner:ben") == 0);
    CHECK(foyer("courier --once --json") == 1);
    says("\"put_off\": 1");
    says("\"ways\": \"email\"");
    says("\"tried_again\": 1");
    CHECK(foyer("config set mail_url maildir:mails") == 0);
    CHECK(foyer("call membership.undo_cancel --as owner:ben") == 0);
    CHECK(foyer("courier --once --json") == 0);
    says("\"sent\": 1");
    says("\"reasons\": []");
}

int main(void)
{
    /* clang-format off */
    static const struct CMUnitTest cases[] = {
        {"Y-14 sending once tells what became of it",
         tells_what_became_of_it, set_up, stage_end, NULL},
    };
    /* clang-format on */
    return RUN_CASES("cli/courier", cases);
}
