-- What the database layer itself keeps: how far each writer of ids has come, and the migrations.
-- SPDX-License-Identifier: Apache-2.0

-- Until the commit the number is nobody else's: who has the same one waits, and has lost a race.
-- id_writer_take :one id_writer_row
INSERT INTO id_writer (writer, last_id) VALUES (:writer, 0)
ON CONFLICT (writer) DO UPDATE SET last_id = id_writer.last_id RETURNING last_id;

-- id_writer_newest :one newest_id_row
-- :newest_id int
SELECT CAST(COALESCE(MAX(last_id), 0) AS BIGINT) AS newest_id FROM id_writer;

-- id_writer_advance :exec
-- :seen_id int
UPDATE id_writer SET last_id = :last_id WHERE writer = :writer AND last_id = :seen_id;

-- migration_add :exec
INSERT INTO migration (number, name, applied_at) VALUES (:number, :name, :applied_at);

-- migration_newest :one migration_newest_row
-- :newest int
SELECT CAST(COALESCE(MAX(number), 0) AS BIGINT) AS newest FROM migration;
