-- What payment providers are to forget.
-- SPDX-License-Identifier: Apache-2.0
-- enum forget_state forget_states

-- A first shape of it was made by an earlier 0011 and never written to.
DROP TABLE IF EXISTS token_forget;

-- A method was removed: its token is to be forgotten at the gateway too (SPEC C-18, F-21, E-22). A
-- row goes a day after that was done, or as soon as its token is on a method in use again.
CREATE TABLE token_forget (
    method_id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL,
    gateway TEXT NOT NULL,
    token TEXT NOT NULL,
    forget_state TEXT NOT NULL,       -- sent from before the gateway is asked
    sent_no INTEGER NOT NULL,         -- an id, ascending with each first sending; 0: never sent
    wanted_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,          -- when the gateway is asked next; done: when the row goes
    due_day INTEGER NOT NULL,         -- UTC day of due_at, the due queue's key
    tries INTEGER NOT NULL            -- calls in a row that had no answer
);
CREATE INDEX token_forget_due ON token_forget (due_day, account_id);
CREATE INDEX token_forget_by_token ON token_forget (token);
-- Whether a token is on a method in use, whoever's.
CREATE INDEX method_by_token ON method (token) WHERE method_state <> 'removed';
-- What was removed before anybody kept such wishes.
INSERT INTO token_forget (method_id, account_id, gateway, token, forget_state, sent_no, wanted_at,
    due_at, due_day, tries)
SELECT method_id, account_id, gateway, token, 'wanted', 0, 86400000, 86400000, 1, 0
FROM method WHERE method_state = 'removed' AND token <> '';
