-- Accounts: who pays. SPDX-License-Identifier: Apache-2.0

-- account_by_id :one account
SELECT account_id, external_id, email, name, country, region, currency, zone, locale, joined_day,
       import_hash, created_at, locked_at, unlocked_at, delete_on_day, erased_at
FROM account WHERE account_id = :account_id;

-- account_by_external_id :one account
SELECT account_id, external_id, email, name, country, region, currency, zone, locale, joined_day,
       import_hash, created_at, locked_at, unlocked_at, delete_on_day, erased_at
FROM account WHERE external_id = :external_id;

-- Whose id alone is asked for.
-- account_named :one account_named_row
SELECT account_id, erased_at FROM account WHERE external_id = :external_id;

-- account_add_all :bulk
INSERT INTO account (account_id, external_id, email, name, country, region, currency, zone, locale,
    joined_day, import_hash, created_at, locked_at, unlocked_at, delete_on_day, erased_at)
VALUES (:account_id, :external_id, :email, :name, :country, :region, :currency, :zone, :locale,
    :joined_day, :import_hash, :created_at, 0, 0, 0, 0);

-- account_set_lock :exec
UPDATE account SET locked_at = :locked_at, unlocked_at = :unlocked_at
WHERE account_id = :account_id;

-- account_set_deletion :exec
UPDATE account SET delete_on_day = :delete_on_day WHERE account_id = :account_id;

-- Who has given an e-mail address, however it is spelt; of several the oldest account first.
-- accounts_by_email :many account
-- any account: the address says whose it is
-- :max int
SELECT account_id, external_id, email, name, country, region, currency, zone, locale, joined_day,
       import_hash, created_at, locked_at, unlocked_at, delete_on_day, erased_at
FROM account WHERE lower(email) = lower(:email) AND email <> '' ORDER BY account_id LIMIT :max;
