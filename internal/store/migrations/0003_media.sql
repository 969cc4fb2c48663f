ALTER TABLE assets ADD COLUMN pages BIGINT NOT NULL DEFAULT 0;
ALTER TABLE assets ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
ALTER TABLE assets ADD COLUMN rights TEXT NOT NULL DEFAULT '{}';
ALTER TABLE assets ADD COLUMN codec TEXT NOT NULL DEFAULT '{}';
ALTER TABLE assets ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE assets ADD COLUMN revised_at BIGINT;
ALTER TABLE assets ADD COLUMN path TEXT NOT NULL DEFAULT '';
ALTER TABLE assets ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE assets ADD COLUMN work TEXT NOT NULL DEFAULT '';
CREATE INDEX assets_source ON assets (source, path);

-- Lists show no pages of documents and nothing that was made of another rendition.
ALTER TABLE renditions ADD COLUMN listed BOOLEAN NOT NULL DEFAULT TRUE;

-- What a file says of itself, and its words for the search: read for one asset, never in lists.
CREATE TABLE asset_facts (
  asset_id TEXT PRIMARY KEY REFERENCES assets (id) ON DELETE CASCADE,
  facts TEXT NOT NULL,
  body TEXT NOT NULL
);

-- Where the bytes are: in our storage (kept), in the archive's, or in an external source.
ALTER TABLE blobs ADD COLUMN kept BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE blobs ADD COLUMN archived BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE blobs ADD COLUMN external BOOLEAN NOT NULL DEFAULT FALSE;

CREATE TABLE attachments (
  id TEXT PRIMARY KEY,
  asset_id TEXT NOT NULL REFERENCES assets (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  mime TEXT NOT NULL,
  size BIGINT NOT NULL,
  blob_key TEXT NOT NULL REFERENCES blobs (key),
  crc32 BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX attachments_asset ON attachments (asset_id, created_at, id);
CREATE INDEX attachments_blob ON attachments (blob_key);

-- Earlier originals; the present one stands in assets.
CREATE TABLE originals (
  asset_id TEXT NOT NULL REFERENCES assets (id) ON DELETE CASCADE,
  revision BIGINT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  mime TEXT NOT NULL,
  size BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  blob_key TEXT NOT NULL REFERENCES blobs (key),
  width BIGINT NOT NULL,
  height BIGINT NOT NULL,
  duration DOUBLE PRECISION NOT NULL,
  pages BIGINT NOT NULL,
  since BIGINT NOT NULL,
  by_id TEXT NOT NULL,
  by_name TEXT NOT NULL,
  PRIMARY KEY (asset_id, revision)
);
CREATE INDEX originals_blob ON originals (blob_key);
-- Who brought the present original, where it is not the first.
ALTER TABLE assets ADD COLUMN revised_by TEXT NOT NULL DEFAULT '';
ALTER TABLE assets ADD COLUMN revised_by_name TEXT NOT NULL DEFAULT '';

CREATE TABLE recipes (
  name TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  box BIGINT NOT NULL,
  mime TEXT NOT NULL,
  quality BIGINT NOT NULL,
  built_in BOOLEAN NOT NULL,
  enabled BOOLEAN NOT NULL
);

CREATE TABLE watermarks (
  version TEXT PRIMARY KEY,
  blob_key TEXT NOT NULL REFERENCES blobs (key),
  image_size BIGINT NOT NULL,
  image_width BIGINT NOT NULL,
  image_height BIGINT NOT NULL,
  position TEXT NOT NULL,
  tiled BOOLEAN NOT NULL,
  size BIGINT NOT NULL,
  opacity BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX watermarks_blob ON watermarks (blob_key);

CREATE TABLE sources (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  address TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL,
  message TEXT NOT NULL,
  scanned_at BIGINT,
  created_at BIGINT NOT NULL
);

CREATE TABLE runs (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  state TEXT NOT NULL,
  total BIGINT NOT NULL,
  done BIGINT NOT NULL,
  failed BIGINT NOT NULL,
  message TEXT NOT NULL,
  work TEXT NOT NULL,
  by_id TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  ended_at BIGINT
);
CREATE INDEX runs_newest ON runs (created_at, id);

-- Links made before told title, description and dates.
UPDATE links SET terms = '{"show":"basic"' || CASE WHEN terms = '{}' THEN '}' ELSE ',' || substr(terms, 2) END
  WHERE kind = 'public';
