-- What erased accounts were called. SPDX-License-Identifier: Apache-2.0

-- former_add :exec
INSERT INTO erased_name (name_hash) VALUES (:name_hash) ON CONFLICT (name_hash) DO NOTHING;

-- former_by_hash :many former_row
-- :max int
SELECT name_hash FROM erased_name WHERE name_hash = :name_hash ORDER BY name_hash LIMIT :max;

-- Whether there is any at all.
-- former_some :many former_row
-- :max int
SELECT name_hash FROM erased_name ORDER BY name_hash LIMIT :max;

-- former_drop :exec
DELETE FROM erased_name WHERE name_hash = :name_hash;
