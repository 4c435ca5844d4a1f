-- What the database layer itself keeps: how far each writer of ids has come, and the migrations.
-- SPDX-License-Identifier: Apache-2.0

-- id_writer_add :exec
INSERT INTO id_writer (writer, last_id) VALUES (:writer, :last_id) ON CONFLICT (writer) DO NOTHING;

-- id_writer_by_number :one id_writer_row
-- :newest_id int
SELECT last_id, CAST((SELECT MAX(last_id) FROM id_writer) AS BIGINT) AS newest_id
FROM id_writer WHERE writer = :writer;

-- id_writer_advance :exec
-- :seen_id int
UPDATE id_writer SET last_id = :last_id WHERE writer = :writer AND last_id = :seen_id;

-- migration_add :exec
INSERT INTO migration (number, name, applied_at) VALUES (:number, :name, :applied_at);

-- migration_newest :one migration_newest_row
-- :newest int
SELECT CAST(COALESCE(MAX(number), 0) AS BIGINT) AS newest FROM migration;
