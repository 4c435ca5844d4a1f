-- Accounts. SPDX-License-Identifier: Apache-2.0

-- The person: who pays and how to reach them. A renewal reads it and never writes it.
CREATE TABLE account (
    account_id INTEGER NOT NULL PRIMARY KEY,
    external_id TEXT NOT NULL,    -- the operator's own id of this member
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    country TEXT NOT NULL,        -- ISO 3166-1 alpha-2: price, law and tax (SPEC A-14)
    region TEXT NOT NULL,         -- state or province where tax asks for it
    currency TEXT NOT NULL,       -- ISO 4217, of the country when the account was made
    zone TEXT NOT NULL,           -- IANA name: the one billing time zone (SPEC B-04)
    locale TEXT NOT NULL,         -- BCP 47
    joined_day INTEGER NOT NULL,
    import_hash TEXT NOT NULL,    -- of the imported row; '' when not imported
    created_at INTEGER NOT NULL,
    locked_at INTEGER NOT NULL,   -- a takeover is reported (SPEC 2.2): nothing is charged; 0: not
    delete_on_day INTEGER NOT NULL, -- the owner asked for early deletion (SPEC F-20); 0: not
    erased_at INTEGER NOT NULL    -- everything personal is gone (SPEC E-22); 0: not
);
CREATE UNIQUE INDEX account_by_external_id ON account (external_id);
