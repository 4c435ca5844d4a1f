-- What is to be collected. SPDX-License-Identifier: Apache-2.0

-- charge_by_id :one charge
-- any account: its number comes from rows of the account
SELECT charge_id, account_id, term, k, kind, subject, due_on_day, amount_minor, currency,
       charge_state, attempts, method_id, wanted_at, attempt_at, captured_at, recovered_by, code,
       catalog_version, credit_note_id, credit_minor
FROM charge WHERE charge_id = :charge_id;

-- charges_by_key :many charge
-- :max int
SELECT charge_id, account_id, term, k, kind, subject, due_on_day, amount_minor, currency,
       charge_state, attempts, method_id, wanted_at, attempt_at, captured_at, recovered_by, code,
       catalog_version, credit_note_id, credit_minor
FROM charge
WHERE account_id = :account_id AND term = :term AND k = :k AND kind = :kind AND subject = :subject
ORDER BY charge_id LIMIT :max;

-- Renewals of terms that have not begun, the newest first: payments that are to begin one.
-- charges_ahead :many charge
-- :max int
SELECT charge_id, account_id, term, k, kind, subject, due_on_day, amount_minor, currency,
       charge_state, attempts, method_id, wanted_at, attempt_at, captured_at, recovered_by, code,
       catalog_version, credit_note_id, credit_minor
FROM charge WHERE account_id = :account_id AND term > :term AND kind = 'renewal'
ORDER BY term DESC LIMIT :max;

-- charge_reopen :exec
-- any account: its number comes from rows of the account
UPDATE charge SET charge_state = 'wanted', due_on_day = :due_on_day, amount_minor = :amount_minor,
    currency = :currency, method_id = 0, wanted_at = :wanted_at, attempt_at = :wanted_at,
    recovered_by = 'not', code = '', catalog_version = :catalog_version
WHERE charge_id = :charge_id AND charge_state = 'canceled';

-- charge_add_all :bulk
INSERT INTO charge (charge_id, account_id, term, k, kind, subject, due_on_day, amount_minor,
    currency, charge_state, attempts, method_id, wanted_at, attempt_at, captured_at,
    recognised_from, recovered_by, code, catalog_version, credit_note_id,
    credit_minor)
VALUES (:charge_id, :account_id, :term, :k, :kind, :subject, :due_on_day, :amount_minor, :currency,
    'wanted', :attempts, :method_id, :wanted_at, :wanted_at, 0, 0, 'not', '', :catalog_version, 0,
    :credit_minor);

-- charge_captured_all :bulk
UPDATE charge SET charge_state = 'captured', captured_at = :captured_at,
    recognised_from = :recognised_from
WHERE charge_id = :charge_id AND charge_state = :charge_state AND attempts = :attempts;

-- charge_want :exec
-- any account: its number comes from rows of the account
UPDATE charge SET charge_state = 'wanted', attempts = :attempts, method_id = :method_id,
    attempt_at = :attempt_at, recovered_by = :recovered_by
WHERE charge_id = :charge_id AND charge_state IN ('wanted', 'failed');

-- charge_rerate :exec
-- any account: its number comes from rows of the account
UPDATE charge SET amount_minor = :amount_minor, due_on_day = :due_on_day,
    catalog_version = :catalog_version
WHERE charge_id = :charge_id AND charge_state = 'failed';

-- What credit pays of it, before any method.
-- charge_split :exec
-- any account: its number comes from rows of the account
UPDATE charge SET amount_minor = :amount_minor, credit_minor = :credit_minor
WHERE charge_id = :charge_id AND charge_state IN ('wanted', 'unknown', 'failed');

-- charge_fail :exec
UPDATE charge SET charge_state = 'failed', code = :code, recovered_by = 'not', attempts = :attempts
WHERE charge_id = :charge_id AND charge_state IN ('wanted', 'unknown');

-- charge_doubt :exec
UPDATE charge SET charge_state = 'unknown'
WHERE charge_id = :charge_id AND charge_state IN ('wanted', 'unknown');

-- charge_close :exec
-- any account: its number comes from rows of the account
UPDATE charge SET charge_state = :charge_state, credit_note_id = :credit_note_id
WHERE charge_id = :charge_id AND charge_state = 'failed';

-- Of charges that are made in the same transaction.
-- charge_wanted_new_all :bulk
INSERT INTO charge_wanted (charge_id, account_id) VALUES (:charge_id, :account_id);

-- charge_wanted_add_all :bulk
INSERT INTO charge_wanted (charge_id, account_id) VALUES (:charge_id, :account_id)
ON CONFLICT (charge_id) DO NOTHING;

-- charge_wanted_remove_all :bulk
DELETE FROM charge_wanted WHERE charge_id = :charge_id;

-- charge_choose :exec
UPDATE charge SET charge_state = 'wanted', method_id = :method_id, attempts = :attempts,
    attempt_at = :attempt_at, recovered_by = :recovered_by
WHERE charge_id = :charge_id AND charge_state IN ('wanted', 'unknown');

-- charges_of :many charge
-- :max int
SELECT charge_id, account_id, term, k, kind, subject, due_on_day, amount_minor, currency,
       charge_state, attempts, method_id, wanted_at, attempt_at, captured_at, recovered_by, code,
       catalog_version, credit_note_id, credit_minor
FROM charge WHERE account_id = :account_id ORDER BY term, k, kind, subject LIMIT :max;
