/* given: what a process is given besides its command line - a configuration file and its
 * environment. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "policy/settings.h"

/* An option of a command, as the file gives it: `listen: 127.0.0.1:8080` under `serve:`. */
struct given_option {
    const char *command, *name, *value, *from; /* "foyer.yaml:3" */
};

struct given {
    const char *database; /* NULL: the file does not say */
    size_t n_settings, n_options;
    const struct setting_given *settings; /* those of the environment stand last */
    const struct given_option *options;
};

/* The environment's name of a setting is this and the setting's in capitals. */
#define GIVEN_PREFIX "FOYER_SET_"

extern const struct fault SETTING_FILE_UNREADABLE, SETTING_FILE_INVALID;

/* Reads the file (NULL: none) and the environment; everything is checked. Faults:
 * SETTING_FILE_UNREADABLE, SETTING_FILE_INVALID with what is wrong and where, SETTING_UNKNOWN,
 * SETTING_INVALID. */
enum status given_read(const char *file, char *const *environment, struct given *out,
                       struct arena *a, struct error *e) MUST_CHECK;
/* The command line with the file's options of `command` before the caller's own, which so win: a
 * new argv in the arena, *argc longer. */
char **given_arguments(const struct given *g, const char *command, int *argc, char **argv,
                       struct arena *a);
