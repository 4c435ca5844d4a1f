-- Whom no import brings back. SPDX-License-Identifier: Apache-2.0

-- What erased accounts were called by their operator, so that the file that brought them once is
-- refused when it comes again (docs/decisions/0045). A row names no account: nothing leads from the
-- books to it. It goes when somebody signs up under that name.
CREATE TABLE erased_name (
    name_hash TEXT NOT NULL PRIMARY KEY   -- of external_id, BLAKE2b-256 by the secret of that name
);
