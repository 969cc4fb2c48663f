-- BYTES and COUNTED are written as each engine spells them (dialect.go).
CREATE TABLE users (
  id TEXT PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  disabled BOOLEAN NOT NULL DEFAULT FALSE,
  epoch BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL
);

CREATE TABLE sessions (
  token TEXT PRIMARY KEY,
  data BYTES NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_expires ON sessions (expires_at);

CREATE TABLE tokens (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  digest BYTES NOT NULL UNIQUE,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT
);
CREATE INDEX tokens_user ON tokens (user_id);

-- What the blob store holds. A doomed key is about to be removed and can't be taken up again.
CREATE TABLE blobs (
  key TEXT PRIMARY KEY,
  size BIGINT NOT NULL,
  crc32 BIGINT NOT NULL,
  touched_at BIGINT NOT NULL,
  doomed BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE TABLE counters (
  name TEXT PRIMARY KEY,
  value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('asset', 0);

CREATE TABLE assets (
  id TEXT PRIMARY KEY,
  number BIGINT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  title TEXT NOT NULL,
  description TEXT NOT NULL,
  kind TEXT NOT NULL,
  mime TEXT NOT NULL,
  size BIGINT NOT NULL,
  width BIGINT NOT NULL,
  height BIGINT NOT NULL,
  duration DOUBLE PRECISION NOT NULL,
  sha256 TEXT NOT NULL,
  blob_key TEXT NOT NULL REFERENCES blobs (key),
  original TEXT NOT NULL,
  source TEXT NOT NULL,
  status TEXT NOT NULL,
  failure TEXT NOT NULL,
  owner_id TEXT NOT NULL REFERENCES users (id),
  placeholder BYTES,
  metadata TEXT NOT NULL,
  restricted BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  taken_at BIGINT,
  trashed_at BIGINT
);
CREATE INDEX assets_newest ON assets (created_at, id);
CREATE INDEX assets_name ON assets (name, id);
CREATE INDEX assets_size ON assets (size, id);
CREATE INDEX assets_sha256 ON assets (sha256);
CREATE INDEX assets_blob ON assets (blob_key);
CREATE INDEX assets_owner ON assets (owner_id);
CREATE INDEX assets_trashed ON assets (trashed_at);

CREATE TABLE asset_readers (
  asset_id TEXT NOT NULL REFERENCES assets (id) ON DELETE CASCADE,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  PRIMARY KEY (asset_id, user_id)
);

CREATE TABLE renditions (
  asset_id TEXT NOT NULL REFERENCES assets (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  mime TEXT NOT NULL,
  width BIGINT NOT NULL,
  height BIGINT NOT NULL,
  size BIGINT NOT NULL,
  blob_key TEXT NOT NULL REFERENCES blobs (key),
  crc32 BIGINT NOT NULL,
  PRIMARY KEY (asset_id, name)
);
CREATE INDEX renditions_blob ON renditions (blob_key);

CREATE TABLE collections (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  owner_id TEXT NOT NULL REFERENCES users (id),
  made_for_link BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX collections_newest ON collections (created_at, id);

CREATE TABLE collection_assets (
  collection_id TEXT NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
  asset_id TEXT NOT NULL REFERENCES assets (id) ON DELETE CASCADE,
  position BIGINT NOT NULL,
  PRIMARY KEY (collection_id, asset_id)
);
CREATE INDEX collection_assets_order ON collection_assets (collection_id, position, asset_id);
CREATE INDEX collection_assets_asset ON collection_assets (asset_id);

CREATE TABLE links (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  owner_id TEXT NOT NULL REFERENCES users (id),
  asset_id TEXT REFERENCES assets (id) ON DELETE CASCADE,
  collection_id TEXT REFERENCES collections (id) ON DELETE CASCADE,
  digest BYTES NOT NULL UNIQUE,
  sealed_token BYTES NOT NULL,
  terms TEXT NOT NULL,
  expires_at BIGINT,
  time_zone TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  password_epoch BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  views BIGINT NOT NULL DEFAULT 0,
  downloads BIGINT NOT NULL DEFAULT 0,
  last_used_at BIGINT,
  CHECK ((asset_id IS NULL) <> (collection_id IS NULL))
);
CREATE INDEX links_newest ON links (created_at, id);
CREATE INDEX links_owner ON links (owner_id);
CREATE INDEX links_asset ON links (asset_id);
CREATE INDEX links_collection ON links (collection_id);

CREATE TABLE visits (
  id COUNTED PRIMARY KEY,
  link_id TEXT NOT NULL REFERENCES links (id) ON DELETE CASCADE,
  at BIGINT NOT NULL,
  event TEXT NOT NULL,
  reason TEXT NOT NULL,
  asset_id TEXT NOT NULL,
  version TEXT NOT NULL,
  bytes BIGINT NOT NULL
);
CREATE INDEX visits_link ON visits (link_id, id);

-- Counted limits: how much of a budget was spent since the window began.
CREATE TABLE budgets (
  key TEXT PRIMARY KEY,
  began_at BIGINT NOT NULL,
  spent BIGINT NOT NULL
);

CREATE TABLE uploads (
  id TEXT PRIMARY KEY,
  owner_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  title TEXT NOT NULL,
  description TEXT NOT NULL,
  size BIGINT NOT NULL,
  received BIGINT NOT NULL,
  asset_id TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);

CREATE TABLE upload_parts (
  upload_id TEXT NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
  start BIGINT NOT NULL,
  size BIGINT NOT NULL,
  blob_key TEXT NOT NULL REFERENCES blobs (key),
  PRIMARY KEY (upload_id, start)
);
CREATE INDEX upload_parts_blob ON upload_parts (blob_key);

CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

CREATE TABLE audit (
  id COUNTED PRIMARY KEY,
  at BIGINT NOT NULL,
  user_id TEXT NOT NULL,
  user_name TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL
);
