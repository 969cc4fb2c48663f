-- A run is worked by one job: the one of the present generation.
ALTER TABLE runs ADD COLUMN generation BIGINT NOT NULL DEFAULT 0;

-- The assets that a run was begun for, until it ends.
CREATE TABLE run_items (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  asset_id TEXT NOT NULL,
  PRIMARY KEY (run_id, asset_id)
);

-- What was left to import stood in the cursor, which is now the last asset.
UPDATE runs SET state = 'cancelled', ended_at = created_at WHERE kind = 'import' AND ended_at IS NULL;
UPDATE runs SET work = '' WHERE kind = 'import';

-- What a run that has not ended is about; the id of one that has.
ALTER TABLE runs ADD COLUMN live TEXT NOT NULL DEFAULT '';
UPDATE runs SET live = id;
UPDATE runs SET live = kind || ' ' || subject WHERE ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM runs n
  WHERE n.kind = runs.kind AND n.subject = runs.subject AND n.ended_at IS NULL AND n.id > runs.id);
CREATE UNIQUE INDEX runs_live ON runs (live);
