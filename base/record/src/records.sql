-- One row per start of a process that wrote here.
CREATE TABLE writers (
  id BLOB PRIMARY KEY,
  node TEXT NOT NULL,
  started INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row per tenant and table of a commit. No secondary index: a commit touches the end of one tree.
CREATE TABLE frames (
  id INTEGER PRIMARY KEY,
  tenant BLOB NOT NULL,
  table_name TEXT NOT NULL,
  writer BLOB NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  first INTEGER NOT NULL,
  count INTEGER NOT NULL,
  prev BLOB NOT NULL,
  hash BLOB NOT NULL,
  keys BLOB NOT NULL,
  personal BLOB NOT NULL,
  body BLOB NOT NULL
) STRICT;

-- `frame` is the last frame of the file when the statement was made, whatever its tenant.
CREATE TABLE checkpoints (
  tenant BLOB NOT NULL,
  sequence INTEGER NOT NULL,
  frame INTEGER NOT NULL,
  statement BLOB NOT NULL,
  key_id TEXT NOT NULL,
  signature BLOB NOT NULL,
  PRIMARY KEY (tenant, sequence)
) STRICT, WITHOUT ROWID;

-- What is written to learn whether writing works again.
CREATE TABLE probe (id INTEGER PRIMARY KEY, filler BLOB NOT NULL) STRICT;
