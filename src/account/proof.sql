-- Codes that were sent to an account's contacts. SPDX-License-Identifier: Apache-2.0

-- proof_put :exec
INSERT INTO contact_proof (account_id, proof_for, code_hash, made_at, until_at)
VALUES (:account_id, :proof_for, :code_hash, :made_at, :until_at)
ON CONFLICT (account_id, proof_for) DO UPDATE SET code_hash = excluded.code_hash,
    made_at = excluded.made_at, until_at = excluded.until_at;

-- proof_by_code :many proof_row
-- any account: the code says whose it is
-- :now int
-- :max int
SELECT account_id FROM contact_proof
WHERE code_hash = :code_hash AND proof_for = :proof_for AND until_at > :now
ORDER BY account_id LIMIT :max;

-- proof_remove :exec
DELETE FROM contact_proof WHERE account_id = :account_id AND proof_for = :proof_for;
