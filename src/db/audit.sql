-- The audit's entries and the ends of its chains. SPDX-License-Identifier: Apache-2.0

-- audit_head_by_account :many audit_head_row
-- :max int
SELECT account_id, entry_no, chain, unsigned_no FROM audit_head WHERE account_id = :account_id
ORDER BY account_id LIMIT :max;

-- any account: how long all chains are together
-- audit_totals :one audit_totals_row
-- :chains int
-- :entries int
SELECT CAST(COUNT(*) AS BIGINT) AS chains, CAST(COALESCE(SUM(entry_no), 0) AS BIGINT) AS entries
FROM audit_head;

-- audit_head_add :exec
INSERT INTO audit_head (account_id, entry_no, chain, unsigned_no)
VALUES (:account_id, :entry_no, :chain, :entry_no)
ON CONFLICT (account_id) DO NOTHING;

-- audit_head_move :exec
-- :seen_no int
UPDATE audit_head SET entry_no = :entry_no, chain = :chain,
    unsigned_no = CASE WHEN unsigned_no = 0 THEN :entry_no ELSE unsigned_no END
WHERE account_id = :account_id AND entry_no = :seen_no;

-- audit_entry_add :exec
INSERT INTO audit_entry (account_id, entry_no, happened_at, audit_kind, audit_what, actor_role,
    actor_id, sealed_facts, chain)
VALUES (:account_id, :entry_no, :happened_at, :audit_kind, :audit_what, :actor_role, :actor_id,
    :sealed_facts, :chain);

-- audit_entries_before :many audit_entry
-- :before int
-- :max int
SELECT account_id, entry_no, happened_at, audit_kind, audit_what, actor_role, actor_id,
       sealed_facts, chain
FROM audit_entry WHERE account_id = :account_id AND entry_no < :before
ORDER BY entry_no DESC LIMIT :max;
