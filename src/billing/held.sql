-- Restarts that wait, and what makes them unusual. SPDX-License-Identifier: Apache-2.0

-- What is known of the account: whether its owner came from there before, and what happened lately.
-- held_facts :one held_facts_row
-- :after int
-- :device_seen int
-- :country_seen int
-- :added int
-- :refused int
SELECT CAST((SELECT COUNT(*) FROM membership_event e WHERE e.account_id = :account_id
             AND e.actor_role = 'owner' AND e.device = :device AND e.happened_at <= :after)
          + (SELECT COUNT(*) FROM method_event e WHERE e.account_id = :account_id
             AND e.actor_role = 'owner' AND e.device = :device AND e.happened_at <= :after)
            AS BIGINT) AS device_seen,
       CAST((SELECT COUNT(*) FROM membership_event e WHERE e.account_id = :account_id
             AND e.actor_role = 'owner' AND e.network_country = :network_country
             AND e.happened_at <= :after) AS BIGINT) AS country_seen,
       CAST((SELECT COUNT(*) FROM method_event e WHERE e.account_id = :account_id
             AND e.method_event = 'added' AND e.happened_at > :after) AS BIGINT) AS added,
       CAST((SELECT COUNT(*) FROM membership_event e WHERE e.account_id = :account_id
             AND e.event = 'restart_refused' AND e.happened_at > :after) AS BIGINT) AS refused;

-- held_put :exec
INSERT INTO restart_wish (account_id, plan, asked_at, go_at, risks, actor_role, actor_id,
    actor_surface, device, network, network_country)
VALUES (:account_id, :plan, :asked_at, :go_at, :risks, :actor_role, :actor_id, :actor_surface,
    :device, :network, :network_country);

-- held_of :many restart_wish
-- :max int
SELECT account_id, plan, asked_at, go_at, risks, actor_role, actor_id, actor_surface, device,
       network, network_country
FROM restart_wish WHERE account_id = :account_id ORDER BY account_id LIMIT :max;

-- held_remove :exec
DELETE FROM restart_wish WHERE account_id = :account_id;
