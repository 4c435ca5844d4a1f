-- How to reach people. SPDX-License-Identifier: Apache-2.0

-- contact_of :many contact
-- :max int
SELECT account_id, phone, phone_verified_at, text_agreed_at, push_agreed_at, quiet_from,
       quiet_until, email_failed_at, email_failed_code, phone_failed_at, phone_failed_code
FROM contact WHERE account_id = :account_id ORDER BY account_id LIMIT :max;

-- contact_put :exec
INSERT INTO contact (account_id, phone, phone_verified_at, text_agreed_at, push_agreed_at,
    quiet_from, quiet_until, email_failed_at, email_failed_code, phone_failed_at, phone_failed_code)
VALUES (:account_id, :phone, :phone_verified_at, :text_agreed_at, :push_agreed_at, :quiet_from,
    :quiet_until, :email_failed_at, :email_failed_code, :phone_failed_at, :phone_failed_code)
ON CONFLICT (account_id) DO UPDATE SET phone = excluded.phone,
    phone_verified_at = excluded.phone_verified_at, text_agreed_at = excluded.text_agreed_at,
    push_agreed_at = excluded.push_agreed_at, quiet_from = excluded.quiet_from,
    quiet_until = excluded.quiet_until, email_failed_at = excluded.email_failed_at,
    email_failed_code = excluded.email_failed_code, phone_failed_at = excluded.phone_failed_at,
    phone_failed_code = excluded.phone_failed_code;

-- contact_set_account :exec
UPDATE account SET email = :email, locale = :locale WHERE account_id = :account_id;
