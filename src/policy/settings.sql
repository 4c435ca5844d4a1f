-- What the operator has set.
-- SPDX-License-Identifier: Apache-2.0

-- settings_all :many setting_row
-- :max int
SELECT setting, setting_value FROM setting ORDER BY setting LIMIT :max;

-- setting_put :exec
INSERT INTO setting (setting, setting_value) VALUES (:setting, :setting_value)
ON CONFLICT (setting) DO UPDATE SET setting_value = excluded.setting_value;
