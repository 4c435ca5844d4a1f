-- Sealing, and what was done by whom. SPDX-License-Identifier: Apache-2.0
-- enum audit_kind audit_kinds
-- enum actor_role roles

-- The keys that personal cells are sealed with: one an account, wrapped by the master key, which no
-- table and no backup holds. Erasing a person destroys theirs; the row stays as the tombstone that
-- tells a restored backup whom not to bring back.
CREATE TABLE account_key (
    account_id INTEGER NOT NULL PRIMARY KEY, -- 0: Foyer's own
    wrapped_key TEXT NOT NULL,    -- sealed by the master key; '': destroyed
    wrapped_by TEXT NOT NULL,     -- which master key: its id
    keyed_at INTEGER NOT NULL,    -- when it was made
    destroyed_at INTEGER NOT NULL -- the person was erased; 0: not
);
CREATE INDEX account_key_destroyed ON account_key (destroyed_at, account_id)
    WHERE destroyed_at > 0;

-- Which master key seals a key of the table; '': none yet, it lies open as it did before there was
-- a master key, and the next `foyer migrate` seals it.
ALTER TABLE secret ADD COLUMN wrapped_by TEXT NOT NULL DEFAULT '';

-- Everything that was done to an account or looked at by others, once and for ever. No row is ever
-- changed or removed: each one's chain covers all before it.
CREATE TABLE audit_entry (
    account_id INTEGER NOT NULL,  -- whom it concerns; 0: nobody in particular
    entry_no INTEGER NOT NULL,    -- 1, 2, … for the account, without gaps
    happened_at INTEGER NOT NULL,
    audit_kind TEXT NOT NULL,     -- change, read, refused
    audit_what TEXT NOT NULL,     -- the op's id, or the command: 'config set'
    actor_role TEXT NOT NULL,
    actor_id INTEGER NOT NULL,
    sealed_facts TEXT NOT NULL,   -- JSON sealed under the account's key: where from, input, result;
                                  -- '': the person was erased before
    chain TEXT NOT NULL,          -- keyed hash of the entry before and of this row, hexadecimal
    PRIMARY KEY (account_id, entry_no)
);

-- The end of each account's chain.
CREATE TABLE audit_head (
    account_id INTEGER NOT NULL PRIMARY KEY,
    entry_no INTEGER NOT NULL,
    chain TEXT NOT NULL,
    unsigned_no INTEGER NOT NULL  -- the first entry that no signed head covers; 0: all are covered
);
CREATE INDEX audit_head_unsigned ON audit_head (account_id) WHERE unsigned_no > 0;

-- Signed heads: what the ends of all chains were. Kept elsewhere too, one shows what was taken away
-- or rewritten even by somebody who has the database and its keys.
CREATE TABLE audit_sign (
    sign_no INTEGER NOT NULL PRIMARY KEY, -- 1, 2, … without gaps
    signed_at INTEGER NOT NULL,
    heads INTEGER NOT NULL,       -- how many chains had grown since the one before
    digest TEXT NOT NULL,         -- of the digest before, this row and its heads in order, hex
    signature TEXT NOT NULL       -- Ed25519 of the digest, hex
);

-- The ends of the chains that a signed head covers anew.
CREATE TABLE audit_sign_head (
    sign_no INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    entry_no INTEGER NOT NULL,
    chain TEXT NOT NULL,
    PRIMARY KEY (sign_no, account_id)
);
