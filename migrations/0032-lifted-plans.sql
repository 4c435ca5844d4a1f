-- The plan of what a restart has lifted. SPDX-License-Identifier: Apache-2.0

-- An undone restart brings it back with the end (SPEC I-05, golden 13). '': as in 0029.
ALTER TABLE term ADD COLUMN lifted_plan TEXT NOT NULL DEFAULT '';
