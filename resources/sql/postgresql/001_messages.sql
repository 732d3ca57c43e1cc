-- SPDX-License-Identifier: Apache-2.0
-- A released schema file is frozen: a change is a new file with the next number. What the tables and columns mean is
-- told in the SQLite file of the same number.
CREATE TABLE meta (
    name text PRIMARY KEY,
    value bigint NOT NULL
);

INSERT INTO meta VALUES ('indexed', 0), ('bytes', 0), ('high_water', 0), ('highest_id', 0), ('in_use', 0);

CREATE TABLE messages (
    seq bigint PRIMARY KEY,
    time bigint NOT NULL,
    sender bigint NOT NULL,
    ref bigint,
    conversation text NOT NULL,
    recipients text,
    kind smallint NOT NULL,
    body bytea NOT NULL
);

CREATE UNIQUE INDEX messages_ref ON messages (sender, ref) WHERE ref IS NOT NULL;

CREATE TABLE conversations (
    conversation text NOT NULL,
    seq bigint NOT NULL,
    PRIMARY KEY (conversation, seq)
);

CREATE TABLE mailbox (
    client bigint NOT NULL,
    seq bigint NOT NULL,
    received smallint NOT NULL,
    PRIMARY KEY (client, seq)
);

CREATE TABLE clients (
    id bigint PRIMARY KEY,
    name text NOT NULL,
    token_hash bytea NOT NULL UNIQUE,
    created bigint NOT NULL,
    last_seen bigint NOT NULL,
    joined_seq bigint NOT NULL,
    acked_seq bigint NOT NULL,
    last_ref bigint NOT NULL DEFAULT 0
);
