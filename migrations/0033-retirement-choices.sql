-- Who chose what takes the place of a retired plan. SPDX-License-Identifier: Apache-2.0

-- As in plan_change, of whoever chose at chosen_at (SPEC A-06, A-10): the change itself is planned
-- later, by nobody. Of choices before this file it is not known.
ALTER TABLE retirement ADD COLUMN actor_role TEXT NOT NULL DEFAULT 'system';
ALTER TABLE retirement ADD COLUMN actor_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE retirement ADD COLUMN actor_surface TEXT NOT NULL DEFAULT 'none';
ALTER TABLE retirement ADD COLUMN device TEXT NOT NULL DEFAULT '';
ALTER TABLE retirement ADD COLUMN network TEXT NOT NULL DEFAULT '';
