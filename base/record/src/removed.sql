-- Frames that were removed by right: what of each its chain needs. `number` says in which order; the times are those of its
-- records, as they say.
CREATE TABLE removed (
  tenant BLOB NOT NULL,
  number INTEGER NOT NULL,
  id INTEGER NOT NULL,
  table_name TEXT NOT NULL,
  writer BLOB NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  first INTEGER NOT NULL,
  count INTEGER NOT NULL,
  prev BLOB NOT NULL,
  hash BLOB NOT NULL,
  from_at INTEGER NOT NULL,
  until_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, number)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX removed_by_frame ON removed (id);

-- How often personal values of a tenant were erased: whoever has derived anything makes it anew.
CREATE TABLE erasures (
  tenant BLOB PRIMARY KEY,
  number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
