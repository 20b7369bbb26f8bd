-- Derived from frames; may be deleted, and is then built anew.
CREATE TABLE streams (
  stream INTEGER PRIMARY KEY,
  tenant BLOB NOT NULL,
  table_name TEXT NOT NULL,
  UNIQUE (tenant, table_name)
) STRICT;

CREATE TABLE rows (
  stream INTEGER NOT NULL,
  at INTEGER NOT NULL,
  position INTEGER NOT NULL,
  id ANY NOT NULL,
  about ANY,
  outcome TEXT,
  PRIMARY KEY (stream, at, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX rows_about ON rows (stream, about, at) WHERE about IS NOT NULL;

-- The last frame that has been read, and its hash: another record's rows are not this one's.
CREATE TABLE reached (only INTEGER PRIMARY KEY CHECK (only = 1), frame INTEGER NOT NULL, hash BLOB NOT NULL) STRICT;
INSERT INTO reached VALUES (1, 0, zeroblob(32));

-- The last removal of each tenant whose frames' rows are gone.
CREATE TABLE swept (tenant BLOB PRIMARY KEY, number INTEGER NOT NULL) STRICT, WITHOUT ROWID;
