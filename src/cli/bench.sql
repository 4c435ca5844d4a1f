-- What `foyer bench` makes and counts. SPDX-License-Identifier: Apache-2.0

-- bench_method_add_all :bulk
INSERT INTO method (method_id, account_id, method_rank, method_state, method_kind, brand, funding,
    last4, expiry_month, issuing_country, operator, gateway, token, fingerprint, added_at,
    blocked_code)
VALUES (:method_id, :account_id, 0, 'usable', 'card', 'visa', 'credit', '4242', 0,
    :issuing_country, '', :gateway, 'tok_visa', :fingerprint, :added_at, '');

-- bench_captured :one bench_captured_row
-- :captured int
SELECT CAST(COUNT(*) AS BIGINT) AS captured FROM charge WHERE charge_state = 'captured';

-- The rows that this connection has written; SQLite alone has this function.
-- bench_changes :one bench_changes_row
-- :changes int
SELECT CAST(total_changes() AS BIGINT) AS changes;
