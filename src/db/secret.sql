-- Keys that never leave the database. SPDX-License-Identifier: Apache-2.0

-- secret_by_name :many secret
-- :max int
SELECT secret_key FROM secret WHERE secret = :secret ORDER BY secret LIMIT :max;

-- secret_add :exec
INSERT INTO secret (secret, secret_key) VALUES (:secret, :secret_key)
ON CONFLICT (secret) DO NOTHING;
