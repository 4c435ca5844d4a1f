-- Who could do how much, for the doctor. SPDX-License-Identifier: Apache-2.0

-- defence_keys :one defence_keys_row
-- :at int
-- :keys int
-- :endless int
-- :everything int
SELECT COUNT(*) AS keys,
    COALESCE(SUM(CASE WHEN expires_at = 0 THEN 1 ELSE 0 END), 0) AS endless,
    COALESCE(SUM(CASE WHEN key_scopes = '*' THEN 1 ELSE 0 END), 0) AS everything
FROM api_key WHERE revoked_at = 0 AND (expires_at = 0 OR expires_at > :at);

-- any account: whether mail goes out at all
-- defence_mail :one defence_mail_row
-- :least int
-- :waiting int
SELECT COUNT(*) AS waiting, COALESCE(MAX(code), '') AS code FROM delivery
WHERE due_at > 0 AND channel = 'email' AND delivery_state = 'retrying' AND attempts >= :least;
