-- Which method a row is a copy of. SPDX-License-Identifier: Apache-2.0

-- What a method has paid keeps the digits that paid, in a row of its own; the events stay with the
-- method, and the charges are explained by both (SPEC C-22). 0: not a copy.
ALTER TABLE method ADD COLUMN copy_of INTEGER NOT NULL DEFAULT 0;
