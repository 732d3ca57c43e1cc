-- SPDX-License-Identifier: Apache-2.0
-- A released schema file is frozen: a change is a new file with the next number.

-- Numbers that the store keeps about itself.
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;

-- `indexed`: conversations and mailbox know every message up to this seq; the few behind it are looked through.
-- `bytes`: of the bodies of the indexed messages. `high_water`: the newest seq when messages were deleted last.
-- `highest_id`: of the senders of the indexed messages. `in_use`: 1 while a server runs, or after it crashed.
INSERT INTO meta VALUES ('indexed', 0), ('bytes', 0), ('high_water', 0), ('highest_id', 0), ('in_use', 0);

-- `conversation`: '*' for everyone, else the sorted IDs of sender and recipients. `recipients`: IDs in the order in
-- which the sender named them; NULL: everyone. `kind`: 0 text, 1 bytes.
CREATE TABLE messages (
    seq INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    sender INTEGER NOT NULL,
    ref INTEGER,
    conversation TEXT NOT NULL,
    recipients TEXT,
    kind INTEGER NOT NULL,
    body BLOB NOT NULL
);

CREATE UNIQUE INDEX messages_ref ON messages (sender, ref) WHERE ref IS NOT NULL;

CREATE TABLE conversations (
    conversation TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (conversation, seq)
) WITHOUT ROWID;

-- Of messages that are not for everyone: one row for each recipient (received = 1) and one for the sender.
CREATE TABLE mailbox (
    client INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    received INTEGER NOT NULL,
    PRIMARY KEY (client, seq)
) WITHOUT ROWID;

-- `last_ref` is right for the messages that were deleted; those that are there may know a higher one.
CREATE TABLE clients (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    token_hash BLOB NOT NULL UNIQUE,
    created INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    joined_seq INTEGER NOT NULL,
    acked_seq INTEGER NOT NULL,
    last_ref INTEGER NOT NULL DEFAULT 0
);
