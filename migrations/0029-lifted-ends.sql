-- What a restart has lifted. SPDX-License-Identifier: Apache-2.0

-- The end, and until when everything was kept, of what a restart took up again: an undone restart
-- brings both back (SPEC F-15, I-05). 0: the term lifted no end, or began before this was kept.
ALTER TABLE term ADD COLUMN lifted_end_day INTEGER NOT NULL DEFAULT 0;
ALTER TABLE term ADD COLUMN lifted_until_day INTEGER NOT NULL DEFAULT 0;
