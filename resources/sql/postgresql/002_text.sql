-- SPDX-License-Identifier: Apache-2.0
-- The case-folded texts. Where the extension pg_trgm can be had, the store adds an index of groups of three
-- characters; without it a search reads the table.
CREATE TABLE search_text (
    seq bigint PRIMARY KEY,
    text text NOT NULL
);

INSERT INTO meta VALUES ('text_indexed', 0);
