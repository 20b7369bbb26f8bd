CREATE TABLE outbox (
    tenant   BLOB NOT NULL,
    position INTEGER NOT NULL,
    ordinal  INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    body     BLOB NOT NULL,
    PRIMARY KEY (tenant, position, ordinal)
) WITHOUT ROWID;
