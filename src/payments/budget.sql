-- Declines by card. SPDX-License-Identifier: Apache-2.0

-- card_decline_add :bulk
INSERT INTO card_decline (fingerprint, declined_at, charge_id, attempt_no)
VALUES (:fingerprint, :declined_at, :charge_id, :attempt_no)
ON CONFLICT (fingerprint, declined_at, charge_id, attempt_no) DO NOTHING;

-- card_declines :many card_decline_row
-- :since int
-- :max int
SELECT declined_at FROM card_decline WHERE fingerprint = :fingerprint AND declined_at > :since
ORDER BY declined_at DESC LIMIT :max;
