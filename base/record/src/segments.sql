-- Which files hold what of the record by columns, and how far they go. Derived: it may be deleted with the files.

CREATE TABLE segments (
  file TEXT PRIMARY KEY,
  tenant BLOB NOT NULL,
  table_name TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  from_at INTEGER NOT NULL,
  until_at INTEGER NOT NULL,
  hash BLOB NOT NULL,
  about TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX segments_by_table ON segments (tenant, table_name, until_at);

-- Every record up to the place is in a segment, and none after it.
CREATE TABLE places (
  tenant BLOB PRIMARY KEY,
  place TEXT NOT NULL
) STRICT, WITHOUT ROWID;
