-- Ends of the audit that are sealed: nobody who has the database alone makes up another one.
-- An earlier seal can be put back until a signed head covers what came after it.
-- SPDX-License-Identifier: Apache-2.0

-- Ends that were there before are sealed as soon as the column is (db/audit_sign.c).
ALTER TABLE audit_head ADD COLUMN seal TEXT NOT NULL DEFAULT ''; -- keyed hash of the row, hex

-- The newest signed head.
CREATE TABLE audit_sign_end (
    end_no INTEGER NOT NULL PRIMARY KEY, -- 1: there is one
    sign_no INTEGER NOT NULL,
    seal TEXT NOT NULL                   -- keyed hash of that signed head's number and digest, hex
);
