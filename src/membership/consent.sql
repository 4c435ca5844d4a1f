-- Consents to recurring charges. SPDX-License-Identifier: Apache-2.0

-- consent_add_all :bulk
INSERT INTO consent (consent_id, account_id, text_version, consented_at, surface, source_op,
    keep_until_day)
VALUES (:consent_id, :account_id, :text_version, :consented_at, :surface, :source_op,
    :keep_until_day);

-- consents_of :many consent
-- :max int
SELECT consent_id, text_version, consented_at, surface, source_op, keep_until_day FROM consent
WHERE account_id = :account_id ORDER BY consent_id LIMIT :max;
