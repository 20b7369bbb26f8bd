-- What may be used once, by the hash of its name, until nobody can use it any more; `by` is the request that used it.
CREATE TABLE used (
  tenant BLOB NOT NULL,
  key BLOB NOT NULL,
  by BLOB NOT NULL,
  until INTEGER NOT NULL,
  PRIMARY KEY (tenant, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX used_until ON used (until);
