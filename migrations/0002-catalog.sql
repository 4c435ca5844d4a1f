-- The catalog, version by version. SPDX-License-Identifier: Apache-2.0

-- Each applied catalog, as its author wrote it; never edited, never deleted (SPEC A-15).
CREATE TABLE catalog_version (
    catalog_version INTEGER NOT NULL PRIMARY KEY, -- 1, 2, …
    applied_at INTEGER NOT NULL,
    applied_by TEXT NOT NULL,                     -- role and number of the actor
    document_hash TEXT NOT NULL,                  -- BLAKE2b-256 of the document, hex
    document_text TEXT NOT NULL                   -- the YAML as its author wrote it
);
