-- Workers, and the buckets of accounts they hold. SPDX-License-Identifier: Apache-2.0

-- worker_add :exec
INSERT INTO worker (worker_id, process, alive_until) VALUES (:worker_id, :process, :alive_until);

-- worker_alive :exec
UPDATE worker SET alive_until = :alive_until WHERE worker_id = :worker_id;

-- worker_remove :exec
DELETE FROM worker WHERE worker_id = :worker_id;

-- workers_all :many worker_row
-- :max int
SELECT worker_id, process, alive_until FROM worker ORDER BY worker_id LIMIT :max;

-- bucket_add :bulk
INSERT INTO bucket_lease (bucket, worker_id) VALUES (:bucket, 0)
ON CONFLICT (bucket) DO NOTHING;

-- buckets_free :exec
UPDATE bucket_lease SET worker_id = 0 WHERE worker_id = :worker_id;

-- buckets_release :exec
-- :first int
-- :last int
UPDATE bucket_lease SET worker_id = 0
WHERE worker_id = :worker_id AND (bucket < :first OR bucket > :last);

-- buckets_take :exec
-- :first int
-- :last int
UPDATE bucket_lease SET worker_id = :worker_id
WHERE bucket BETWEEN :first AND :last AND worker_id = 0;

-- buckets_of :many bucket_row
-- :max int
SELECT bucket FROM bucket_lease WHERE worker_id = :worker_id ORDER BY bucket LIMIT :max;
