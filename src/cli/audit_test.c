/* audit_test: heads of the audit as a person keeps them. SPDX-License-Identifier: Apache-2.0 */
#include "cli/stage_test.h"

static int set_up(void **state)
{
    (void)state;
    stage_begin_at("2024-03-01");
    return 0;
}

static void verifies(const char *file, int status, const char *says)
{
    char command[100];

    snprintf(command, sizeof command, "audit verify --head %s", file);
    if (foyer(command) != status || !strstr(stage.said, says)) FAIL("%s: %s", file, stage.said);
}

/* Whatever `audit head` prints is what `audit verify` takes, and tells when it is of another time.
 */
static void heads_are_taken_as_printed(void **state)
{
    char edit[200];

    (void)state;
    CHECK(foyer("config set grace_days 4") == 0);
    CHECK(foyer("audit head >head.txt") == 0 && foyer("audit head --json >head.json") == 0);
    CHECK(foyer("config set grace_days 3") == 0 && foyer("audit head >later.txt") == 0);
    verifies("head.txt", 0, "all as written");
    verifies("head.json", 0, "all as written");
    verifies("later.txt", 0, "all as written");
    snprintf(edit, sizeof edit, "cd '%s' && sed 's/^digest  *./&0/' head.txt >other.txt",
             stage.folder);
    CHECK(system(edit) == 0);
    verifies("other.txt", 1, "NOT as they were written");
    stage_put("none.txt", "head 1\n", 7);
    verifies("none.txt", 1, "audit.head_file");
    stage_put("none.txt", "", 0);
    verifies("none.txt", 1, "audit.head_file");
    verifies("nowhere.txt", 1, "audit.head_file");
}

int main(void)
{
    /* clang-format off */
    static const struct CMUnitTest cases[] = {
        {"a head that was kept is taken as it was printed",
         heads_are_taken_as_printed, set_up, stage_end, NULL},
    };
    /* clang-format on */
    return RUN_CASES("audit", cases);
}
