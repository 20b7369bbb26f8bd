-- The Merkle log over the frames of records.db: one tree for each tenant.
CREATE TABLE log_heads (
  tenant BLOB PRIMARY KEY,
  size INTEGER NOT NULL,
  root BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- A tile grows until it is full; a narrower one is its beginning.
CREATE TABLE log_tiles (
  tenant BLOB NOT NULL,
  level INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  hashes BLOB NOT NULL,
  PRIMARY KEY (tenant, level, idx)
) STRICT;

-- Where each frame went.
CREATE TABLE log_spans (
  tenant BLOB NOT NULL,
  first_leaf INTEGER NOT NULL,
  frame INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (tenant, first_leaf)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX log_spans_by_frame ON log_spans (tenant, frame);

-- Where each chain stands in the log.
CREATE TABLE log_cursors (
  tenant BLOB NOT NULL,
  table_name TEXT NOT NULL,
  writer BLOB NOT NULL,
  next_seq INTEGER NOT NULL,
  next_first INTEGER NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (tenant, table_name, writer)
) STRICT, WITHOUT ROWID;

-- The last frame of the file that was looked at.
CREATE TABLE log_reached (only INTEGER PRIMARY KEY CHECK (only = 1), frame INTEGER NOT NULL) STRICT;
INSERT INTO log_reached VALUES (1, 0);

CREATE TABLE log_checkpoints (
  tenant BLOB NOT NULL,
  epoch INTEGER NOT NULL,
  size INTEGER NOT NULL,
  note BLOB NOT NULL,
  kept INTEGER NOT NULL,
  PRIMARY KEY (tenant, epoch, size)
) STRICT, WITHOUT ROWID;

-- Entries of frames that were removed.
CREATE TABLE log_entries (
  tenant BLOB NOT NULL,
  first_leaf INTEGER NOT NULL,
  entries BLOB NOT NULL,
  PRIMARY KEY (tenant, first_leaf)
) STRICT;

-- Logs that sign nothing until somebody has looked.
CREATE TABLE log_stops (tenant BLOB PRIMARY KEY, why TEXT NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
