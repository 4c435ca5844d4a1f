-- What a pause depends on. SPDX-License-Identifier: Apache-2.0

-- pause_method_of :many pause_method
-- :max int
SELECT method_id, method_kind FROM method
WHERE method_id = :method_id AND account_id = :account_id ORDER BY method_id LIMIT :max;
