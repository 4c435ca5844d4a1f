-- Gift cards. SPDX-License-Identifier: Apache-2.0

-- gift_add_all :bulk
INSERT INTO gift_card (card_id, code_hash, gift_state, amount_minor, currency, issued_at,
    activated_at, account_id, redeemed_at)
VALUES (:card_id, :code_hash, :gift_state, :amount_minor, :currency, :issued_at, :activated_at, 0,
    0);

-- gift_by_id :one gift_card
-- any account: a card belongs to nobody before it is redeemed
SELECT card_id, gift_state, amount_minor, currency, account_id, redeemed_at
FROM gift_card WHERE card_id = :card_id;

-- gift_by_hash :many gift_card
-- any account: whoever knows the code may redeem it
-- :max int
SELECT card_id, gift_state, amount_minor, currency, account_id, redeemed_at
FROM gift_card WHERE code_hash = :code_hash ORDER BY card_id LIMIT :max;

-- gift_sell :exec
-- any account: a card belongs to nobody before it is redeemed
UPDATE gift_card SET gift_state = 'active', activated_at = :activated_at
WHERE card_id = :card_id AND gift_state = 'inactive';

-- gift_use :exec
UPDATE gift_card SET gift_state = 'used', account_id = :account_id, redeemed_at = :redeemed_at
WHERE card_id = :card_id AND gift_state = 'active';
