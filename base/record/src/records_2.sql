-- Names of what may be recorded once, until they may be forgotten.
CREATE TABLE onces (
  tenant BLOB NOT NULL,
  name BLOB NOT NULL,
  until INTEGER NOT NULL,
  PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX onces_by_end ON onces (until);
