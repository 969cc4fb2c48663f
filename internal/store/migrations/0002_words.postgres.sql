ALTER TABLE assets ADD COLUMN words TSVECTOR;
CREATE INDEX assets_words ON assets USING gin (words);
-- Names sort by code point, as on SQLite.
ALTER TABLE assets ALTER COLUMN name TYPE TEXT COLLATE "C";
