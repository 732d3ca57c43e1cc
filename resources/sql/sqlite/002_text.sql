-- SPDX-License-Identifier: Apache-2.0
-- Full-text search. The index holds which groups of three characters are in which text, not where nor the text itself:
-- what it finds is looked at again. Texts and search terms are case-folded before they come here.
CREATE VIRTUAL TABLE search_text USING fts5 (
    text,
    content = '',
    columnsize = 0,
    detail = none,
    tokenize = 'trigram case_sensitive 1'
);

-- Its parts are merged later than by default, which makes writing it faster by a quarter.
INSERT INTO search_text (search_text, rank) VALUES ('automerge', 8);

-- `text_indexed`: search_text knows every text up to this seq; the messages behind it are looked through.
INSERT INTO meta VALUES ('text_indexed', 0);
