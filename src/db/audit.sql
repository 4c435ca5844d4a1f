-- The audit's entries and the ends of its chains. SPDX-License-Identifier: Apache-2.0

-- audit_head_by_account :many audit_head_row
-- :max int
SELECT account_id, entry_no, chain, unsigned_no, seal FROM audit_head
WHERE account_id = :account_id
ORDER BY account_id LIMIT :max;

-- any account: how long all chains are together
-- audit_totals :one audit_totals_row
-- :chains int
-- :entries int
SELECT CAST(COUNT(*) AS BIGINT) AS chains, CAST(COALESCE(SUM(entry_no), 0) AS BIGINT) AS entries
FROM audit_head;

-- audit_head_add :exec
INSERT INTO audit_head (account_id, entry_no, chain, unsigned_no, seal)
VALUES (:account_id, :entry_no, :chain, :unsigned_no, :seal)
ON CONFLICT (account_id) DO NOTHING;

-- audit_head_move :exec
-- :seen_no int
-- :seen_unsigned int
UPDATE audit_head SET entry_no = :entry_no, chain = :chain, unsigned_no = :unsigned_no,
    seal = :seal
WHERE account_id = :account_id AND entry_no = :seen_no AND unsigned_no = :seen_unsigned;

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

-- ---- signed heads ----

-- any account: whose chains have grown since the newest signed head
-- audit_heads_unsigned :many audit_head_row
-- :max int
SELECT account_id, entry_no, chain, unsigned_no, seal FROM audit_head WHERE unsigned_no > 0
ORDER BY account_id LIMIT :max;

-- audit_head_signed :bulk
UPDATE audit_head SET unsigned_no = 0, seal = :seal
WHERE account_id = :account_id AND entry_no = :entry_no;

-- any account: what was there before ends were sealed
-- audit_heads_unsealed :many audit_head_row
-- :after int
-- :max int
SELECT account_id, entry_no, chain, unsigned_no, seal FROM audit_head
WHERE account_id > :after AND seal = '' ORDER BY account_id LIMIT :max;

-- audit_head_seal :bulk
UPDATE audit_head SET seal = :seal WHERE account_id = :account_id;

-- audit_sign_end_of :many audit_sign_end
-- :max int
SELECT end_no, sign_no, seal FROM audit_sign_end WHERE end_no = :end_no ORDER BY end_no LIMIT :max;

-- audit_sign_end_put :exec
INSERT INTO audit_sign_end (end_no, sign_no, seal) VALUES (:end_no, :sign_no, :seal)
ON CONFLICT (end_no) DO UPDATE SET sign_no = excluded.sign_no, seal = excluded.seal;

-- audit_sign_newest :many audit_sign
-- :max int
SELECT sign_no, signed_at, heads, digest, signature FROM audit_sign
ORDER BY sign_no DESC LIMIT :max;

-- audit_sign_by_no :many audit_sign
-- :max int
SELECT sign_no, signed_at, heads, digest, signature FROM audit_sign WHERE sign_no = :sign_no
ORDER BY sign_no LIMIT :max;

-- audit_sign_add :exec
INSERT INTO audit_sign (sign_no, signed_at, heads, digest, signature)
VALUES (:sign_no, :signed_at, :heads, :digest, :signature);

-- audit_sign_head_add :bulk
INSERT INTO audit_sign_head (sign_no, account_id, entry_no, chain)
VALUES (:sign_no, :account_id, :entry_no, :chain);

-- ---- walking ----

-- any account: the walk looks at all, or at one
-- audit_walk_entries :scan audit_walk_row
-- :only_account int
-- :from_at int
-- :before_chain text
-- :head_no int
SELECT e.account_id, e.entry_no, e.happened_at, e.audit_kind, e.audit_what, e.actor_role,
       e.actor_id, e.sealed_facts, e.chain, COALESCE(p.chain, '') AS before_chain,
       COALESCE(h.entry_no, 0) AS head_no
FROM audit_entry e
LEFT JOIN audit_entry p ON p.account_id = e.account_id AND p.entry_no = e.entry_no - 1
LEFT JOIN audit_head h ON h.account_id = e.account_id
WHERE e.happened_at >= :from_at AND (:only_account < 0 OR e.account_id = :only_account)
ORDER BY e.account_id, e.entry_no;

-- any account: the walk looks at all, or at one
-- audit_walk_heads :scan audit_walk_head
-- :only_account int
-- :entry_chain text
SELECT h.account_id, h.entry_no, h.chain, h.unsigned_no, h.seal,
       COALESCE(e.chain, '') AS entry_chain
FROM audit_head h
LEFT JOIN audit_entry e ON e.account_id = h.account_id AND e.entry_no = h.entry_no
WHERE :only_account < 0 OR h.account_id = :only_account
ORDER BY h.account_id;

-- audit_walk_signs :many audit_walk_sign
-- :from_at int
-- :after int
-- :max int
-- :before_digest text
SELECT s.sign_no, s.signed_at, s.heads, s.digest, s.signature,
       COALESCE(p.digest, '') AS before_digest
FROM audit_sign s LEFT JOIN audit_sign p ON p.sign_no = s.sign_no - 1
WHERE s.signed_at >= :from_at AND s.sign_no > :after
ORDER BY s.sign_no LIMIT :max;

-- any account: a signed head is of all
-- audit_walk_sign_heads :many audit_walk_sign_head
-- :entry_chain text
-- :max int
SELECT s.account_id, s.entry_no, s.chain, COALESCE(e.chain, '') AS entry_chain
FROM audit_sign_head s
LEFT JOIN audit_entry e ON e.account_id = s.account_id AND e.entry_no = s.entry_no
WHERE s.sign_no = :sign_no ORDER BY s.account_id LIMIT :max;
