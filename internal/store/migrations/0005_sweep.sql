-- The sweeper takes what has been unused longest, every hour.
CREATE INDEX blobs_touched ON blobs (touched_at, key);
