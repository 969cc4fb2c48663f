CREATE VIRTUAL TABLE asset_words USING fts5 (
  words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2 3'
);
