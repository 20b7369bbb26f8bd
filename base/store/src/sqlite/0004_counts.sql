CREATE TABLE counts (
    tenant  BLOB NOT NULL,
    kind    TEXT NOT NULL,
    live    INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    PRIMARY KEY (tenant, kind)
) WITHOUT ROWID;
INSERT INTO counts (tenant, kind, live, deleted)
    SELECT tenant, kind, sum(deleted_at IS NULL), sum(deleted_at IS NOT NULL) FROM objects GROUP BY tenant, kind;
