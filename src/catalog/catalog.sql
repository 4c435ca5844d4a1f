-- Catalog queries. SPDX-License-Identifier: Apache-2.0

-- catalog_add :exec
INSERT INTO catalog_version (catalog_version, applied_at, applied_by, document_hash, document_text)
VALUES (:catalog_version, :applied_at, :applied_by, :document_hash, :document_text)
ON CONFLICT (catalog_version) DO NOTHING;

-- catalog_entries :many catalog_entry
-- :max int
SELECT catalog_version, applied_at, applied_by, document_hash FROM catalog_version
ORDER BY catalog_version DESC LIMIT :max;

-- catalog_document :one catalog_document_row
SELECT document_text FROM catalog_version WHERE catalog_version = :catalog_version;
