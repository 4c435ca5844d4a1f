-- Calls of the payment provider. SPDX-License-Identifier: Apache-2.0

-- callback_add :exec
INSERT INTO payment_callback (callback_id, taken_at) VALUES (:callback_id, :taken_at)
ON CONFLICT (callback_id) DO NOTHING;

-- callbacks_forget :exec
-- :before int
DELETE FROM payment_callback WHERE taken_at < :before;

-- news_add :exec
UPDATE payment_news SET told = told + 1 WHERE news_no = 1;

-- news_told :one payment_news
SELECT told FROM payment_news WHERE news_no = 1;
