-- Intake: members who are taken over from elsewhere. SPDX-License-Identifier: Apache-2.0
-- enum method_kind method_kinds
-- enum funding fundings

-- intake_method_add_all :bulk
INSERT INTO method (method_id, account_id, method_rank, method_state, method_kind, brand, funding,
    last4, expiry_month, issuing_country, operator, gateway, token, fingerprint, added_at,
    blocked_code)
VALUES (:method_id, :account_id, :method_rank, 'usable', :method_kind, :brand, :funding, :last4,
    :expiry_month, :issuing_country, :operator, :gateway, :token, :fingerprint, :added_at, '');

-- intake_method_remove :exec
UPDATE method SET method_state = 'removed'
WHERE method_id = :method_id AND account_id = :account_id;

-- intake_account_change :exec
UPDATE account SET email = :email, name = :name, region = :region, locale = :locale, zone = :zone,
    import_hash = :import_hash
WHERE account_id = :account_id;
