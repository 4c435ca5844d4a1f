/* fsm: reads the tables of moves. SPDX-License-Identifier: Apache-2.0 */
#include "base/fsm.h"

#include <assert.h>

const struct move *fsm_move(const struct fsm *m, unsigned from, unsigned event)
{
    assert(from < m->states->n && event < m->events->n);
    for (size_t i = 0; i < m->n_moves; i++)
        if (m->moves[i].from == from && m->moves[i].event == event) return &m->moves[i];
    return NULL;
}

static const char *rows_defect(const struct fsm *m)
{
    for (size_t i = 0; i < m->n_moves; i++) {
        const struct move *a = &m->moves[i];

        if (a->from >= m->states->n || a->to >= m->states->n) return "a row names an unknown state";
        if (a->event >= m->events->n) return "a row names an unknown event";
        for (size_t k = 0; k < i; k++)
            if (m->moves[k].from == a->from && m->moves[k].event == a->event)
                return "two rows for one state and event";
    }
    return NULL;
}

const char *fsm_defect(const struct fsm *m)
{
    uint64_t reached = 1, before = 0;
    const char *defect = rows_defect(m);

    if (defect) return defect;
    if (m->states->n > 64) return "too many states";
    while (reached != before) {
        before = reached;
        for (size_t i = 0; i < m->n_moves; i++)
            if (reached >> m->moves[i].from & 1) reached |= UINT64_C(1) << m->moves[i].to;
    }
    if (reached != (m->states->n == 64 ? ~UINT64_C(0) : (UINT64_C(1) << m->states->n) - 1))
        return "a state is unreachable";
    return NULL;
}

void fsm_dot(const struct fsm *m, FILE *out)
{
    fprintf(out, "digraph %s {\n    rankdir=LR;\n    node [shape=box, style=rounded];\n", m->name);
    for (size_t i = 0; i < m->n_moves; i++)
        fprintf(out, "    %s -> %s [label=\"%s\"];\n", m->states->at[m->moves[i].from],
                m->states->at[m->moves[i].to], m->events->at[m->moves[i].event]);
    fprintf(out, "}\n");
}
