/* settlement_rules: the order in which a line is judged. SPDX-License-Identifier: Apache-2.0 */
#include "partners/settlement_rules.h"

#include <stdio.h>
#include <string.h>

#include "base/calendar.h"

const struct names settlement_findings =
    NAMES("matched", "reversed", "unknown_reference", "doubled", "member_ended", "unknown_period",
          "amount_differs", "missing", "made_up");

bool settlement_is_mismatch(enum settlement_finding f)
{
    return f != FINDING_MATCHED && f != FINDING_REVERSED && f != FINDING_MADE_UP;
}

/* What is taken back must have been paid, and no more than that. */
static enum settlement_finding judge_reversal(const struct settlement_facts *f)
{
    if (!f->paid) return FINDING_UNKNOWN_PERIOD;
    return f->same_currency && -f->amount_minor <= f->expected_minor ? FINDING_REVERSED
                                                                     : FINDING_AMOUNT_DIFFERS;
}

enum settlement_finding settlement_judge(const struct settlement_facts *f)
{
    if (!f->known) return FINDING_UNKNOWN_REFERENCE;
    if (f->amount_minor < 0) return judge_reversal(f);
    if (f->paid) return FINDING_DOUBLED;
    if (f->ended) return FINDING_MEMBER_ENDED;
    if (!f->told) return FINDING_UNKNOWN_PERIOD;
    return f->same_currency && f->amount_minor == f->expected_minor ? FINDING_MATCHED
                                                                    : FINDING_AMOUNT_DIFFERS;
}

bool settlement_month(const char *text, int64_t *first_day, int64_t *until_day)
{
    char day[DAY_TEXT];

    if (strlen(text) != 7) return false;
    snprintf(day, sizeof day, "%s-01", text);
    if (!day_parse(day, first_day)) return false;
    *until_day = day_add_months(*first_day, 1);
    return true;
}
