CREATE TABLE deployment (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    epoch    INTEGER NOT NULL
);
INSERT INTO deployment (only_row, epoch) VALUES (1, 1);

CREATE TABLE heads (
    tenant     BLOB PRIMARY KEY,
    position   INTEGER NOT NULL,
    revocation INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE objects (
    tenant     BLOB NOT NULL,
    id         BLOB NOT NULL,
    kind       TEXT NOT NULL,
    schema     INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    created    INTEGER NOT NULL,
    modified   INTEGER NOT NULL,
    deleted_at INTEGER,
    deletion   BLOB,
    revoked    INTEGER NOT NULL DEFAULT 0,
    parent     BLOB,
    body       BLOB NOT NULL,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;
CREATE INDEX objects_by_kind ON objects (tenant, kind, id) WHERE deleted_at IS NULL;
CREATE INDEX objects_by_parent ON objects (tenant, parent, id) WHERE parent IS NOT NULL;
CREATE INDEX objects_deleted ON objects (tenant, deletion, id) WHERE deletion IS NOT NULL;
CREATE INDEX objects_expiring ON objects (deleted_at, tenant, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE index_entries (
    tenant BLOB NOT NULL,
    kind   TEXT NOT NULL,
    field  TEXT NOT NULL,
    key    BLOB NOT NULL,
    id     BLOB NOT NULL,
    PRIMARY KEY (tenant, kind, field, key, id)
) WITHOUT ROWID;
CREATE INDEX index_entries_by_object ON index_entries (tenant, id);

CREATE TABLE unique_keys (
    scope  BLOB NOT NULL,
    space  TEXT NOT NULL,
    key    BLOB NOT NULL,
    tenant BLOB NOT NULL,
    id     BLOB NOT NULL,
    PRIMARY KEY (scope, space, key)
) WITHOUT ROWID;
CREATE INDEX unique_keys_by_object ON unique_keys (tenant, id);

CREATE TABLE links (
    tenant   BLOB NOT NULL,
    source   BLOB NOT NULL,
    relation TEXT NOT NULL,
    target   BLOB NOT NULL,
    PRIMARY KEY (tenant, source, relation, target)
) WITHOUT ROWID;
CREATE INDEX links_by_target ON links (tenant, target, relation, source);

CREATE TABLE relations (
    tenant   BLOB NOT NULL,
    source   BLOB NOT NULL,
    relation TEXT NOT NULL,
    version  INTEGER NOT NULL,
    PRIMARY KEY (tenant, source, relation)
) WITHOUT ROWID;

CREATE TABLE changes (
    tenant   BLOB NOT NULL,
    position INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    changed  TEXT NOT NULL,
    PRIMARY KEY (tenant, position)
) WITHOUT ROWID;
