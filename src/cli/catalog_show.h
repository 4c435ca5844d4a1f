/* catalog_show: a catalog as a table for people and as JSON. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "catalog/catalog.h"
#include "cli/cli.h"

void catalog_print(struct cli *cli, const struct catalog *c);
void country_print(struct cli *cli, const struct catalog *c, const struct country *country);
json_t *catalog_json(const struct catalog *c);
json_t *country_json(const struct country *c);
