/* given_test: the configuration file and the environment, as a person or a service manager gives
 * them. SPDX-License-Identifier: Apache-2.0 */
#include "cli/stage_test.h"

static int set_up(void **state)
{
    (void)state;
    stage_begin_at("2024-03-01");
    return 0;
}

static void put(const char *text)
{
    stage_put("foyer.yaml", text, strlen(text));
}

static bool says(const char *text)
{
    if (strstr(stage.said, text)) return true;
    print_error("%s\n", stage.said);
    return false;
}

/* Each counts over those before it: as shipped, the database, the file, the environment. */
static void each_counts_over_the_one_before(void **state)
{
    (void)state;
    put("settings:\n  grace_days: 3\n  pause_months: 2\n");
    CHECK(foyer("config show --json") == 0 && says("\"grace_days\": 5"));
    CHECK(foyer("--json config set grace_days 4") == 0 && says("\"name\": \"grace_days\""));
    CHECK(says("\"value\": \"4\"") && foyer("config show --json") == 0);
    CHECK(says("\"grace_days\": 4") && says("\"grace_days\": \"database\""));
    CHECK(foyer("--config foyer.yaml config show --json") == 0);
    CHECK(says("\"grace_days\": 3") && says("\"grace_days\": \"foyer.yaml:2\""));
    CHECK(says("\"pause_months\": 2"));
    setenv("FOYER_SET_GRACE_DAYS", "2", 1);
    CHECK(foyer("config show --json --config=foyer.yaml") == 0);
    CHECK(says("\"grace_days\": 2") && says("\"grace_days\": \"FOYER_SET_GRACE_DAYS\""));
    CHECK(foyer("config set grace_days 6") == 0 && says("FOYER_SET_GRACE_DAYS"));
    unsetenv("FOYER_SET_GRACE_DAYS");
    setenv("FOYER_CONFIG", "foyer.yaml", 1);
    CHECK(foyer("config show") == 0 && says("foyer.yaml:3"));
    CHECK(foyer("doctor") == 0 && says("grace_days=3"));
    unsetenv("FOYER_CONFIG");
    CHECK(foyer("config show --json") == 0 && says("\"grace_days\": 6"));
}

/* The file names the database too, after --db and FOYER_DB, and gives options of commands. */
static void names_the_database_and_options(void **state)
{
    static char command[1200];
    char text[1200];

    (void)state;
    snprintf(text, sizeof text, "database: '%s'\nrun:\n  until: 2024-03-05\n", stage.url);
    put(text);
    snprintf(command, sizeof command,
             "cd '%s' && env -u FOYER_DB '%s' --config foyer.yaml run 2>&1", stage.folder,
             getenv("FOYER"));
    FILE *f = popen(command, "r");
    CHECK(f && fgets(text, sizeof text, f));
    if (!strstr(text, "before 2024-03-05")) FAIL("%s", text);
    CHECK(pclose(f) == 0);
    CHECK(foyer("--config foyer.yaml run --until 2024-03-07") == 0 && says("before 2024-03-07"));
    put("doctor:\n  verbose: true\n");
    CHECK(foyer("--config foyer.yaml doctor") == 2); /* as on the command line */
    put("doctor:\n  verbose: false\n");
    CHECK(foyer("--config foyer.yaml doctor") == 0);
}

static void mistakes_are_named(void **state)
{
    static const struct {
        const char *text, *said;
    } rows[] = {
        {"settings:\n  grace_days: 99\n",                 "foyer.yaml:2"        },
        {"settings:\n  grace: 1\n",                       "setting.unknown"     },
        {"settings:\n  retry_schedule_days: '3,1'\n",     "setting.invalid"     },
        {"settings: 3\n",                                 "foyer.yaml:1:1"      },
        {"settings:\n  mail_url: http://x\n",             "foyer.yaml:2"        },
        {"settings:\n  text_url: gopher://x\n",           "text_url"            },
        {"settings:\n  push_url: 'https://'\n",           "push_url"            },
        {"settings:\n  payment_gateway: ftp://x\n",       "payment_gateway"     },
        {"settings:\n  payment_gateway: sandboxes\n",     "payment_gateway"     },
        {"settings:\n  service_site: javascript:1\n",     "service_site"        },
        {"settings:\n  text_callback_url: x\n",           "text_callback_url"   },
        {"settings:\n  pausable_methods: bananas\n",      "pausable_methods"    },
        {"settings:\n  billing_day_methods: 'card,'\n",   "billing_day_methods" },
        {"settings:\n  mail_from: a@example.org\n",       "foyer.yaml:2"        },
        {"settings:\n  mail_from: a@badexample.com\n",    "service_domains"     },
        {"run:\n  until: [1]\n",                          "setting.type"        },
        {"run: {until: 2024-03-05, until: 2024-03-06}\n", "setting.key_twice"   },
        {"a: &b c\n",                                     "setting.anchor"      },
        {"{",                                             "setting.yaml"        },
        {"",                                              "setting.empty"       },
        {"database: [x]\n",                               "setting.file_invalid"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        put(rows[i].text);
        if (foyer("--config foyer.yaml config show") != 1 || !says(rows[i].said))
            FAIL("%s", rows[i].text);
    }
    put("settings:\n  mail_from: a@mail.example.org\n  service_domains: "
        "'example.com, example.org'\n");
    CHECK(foyer("--config foyer.yaml config show") == 0);
    CHECK(foyer("config set mail_url http://127.0.0.1") == 1 && says("mail_url"));
    CHECK(foyer("config set pausable_methods bananas") == 1 && says("pausable_methods"));
    CHECK(foyer("config set mail_from a@example.org") == 1 && says("mail_from"));
    put("serve:\n  workers: 2\n  bogus: 1\n");
    CHECK(foyer("--config foyer.yaml serve") == 2 && says("foyer.yaml:3: "));
    put("serve:\n  limits: nope=1\n");
    CHECK(foyer("--config foyer.yaml serve") == 2 && says("foyer.yaml:2: "));
    put("serve:\n  loops: 0\n");
    CHECK(foyer("--config foyer.yaml serve") == 2 && says("foyer.yaml:2: "));
    CHECK(foyer("--config none.yaml config show") == 3 && says("setting.file_unreadable"));
    CHECK(foyer("config show --config") == 2);
    setenv("FOYER_SET_GRACE", "2", 1);
    CHECK(foyer("config show") == 1 && says("FOYER_SET_GRACE") && says("setting.unknown"));
    unsetenv("FOYER_SET_GRACE");
}

/* A URL may hold a key: whoever shows the settings, the doctor or the audit to others shows that it
 * is set, and where it leads. */
static void secrets_are_not_shown(void **state)
{
    static const struct {
        const char *value, *shown;
    } rows[] = {
        {"http://open-sesame@127.0.0.1:8090",           "http://…@127.0.0.1:8090"  },
        {"http://me:open-sesame@127.0.0.1:8090/x",      "http://…@127.0.0.1:8090/x"},
        {"http://open-sesame@open-sesame@127.0.0.1:81", "http://…@127.0.0.1:81"    },
        {"http://127.0.0.1:8090/x?key=open-sesame",     "http://127.0.0.1:8090/x?…"},
        {"http://a?open-sesame@127.0.0.1:82",           "http://…@127.0.0.1:82"    },
    };
    char command[200];

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        snprintf(command, sizeof command, "config set payment_gateway '%s'", rows[i].value);
        CHECK(foyer(command) == 0);
        static const char *const looks[] = {"config show", "config show --json", "doctor",
                                            "doctor --json"};
        for (size_t k = 0; k < COUNT(looks); k++) {
            CHECK(foyer(looks[k]) == 0 && says(rows[i].shown));
            CHECK(!strstr(stage.said, "sesame"));
        }
        CHECK(foyer("audit show system --limit 1") == 0 && says(rows[i].shown));
        CHECK(!strstr(stage.said, "sesame"));
    }
    CHECK(foyer("config show") == 0 && says("account@example.com"));
}

int main(void)
{
    /* clang-format off */
    static const struct CMUnitTest cases[] = {
        {"each source of settings counts over the one before",
         each_counts_over_the_one_before, set_up, stage_end, NULL},
        {"the file names the database and options of commands",
         names_the_database_and_options, set_up, stage_end, NULL},
        {"mistakes in settings are named with their place",
         mistakes_are_named, set_up, stage_end, NULL},
        {"X-09 secrets in settings are not shown",
         secrets_are_not_shown, set_up, stage_end, NULL},
    };
    /* clang-format on */
    return RUN_CASES("given", cases);
}
