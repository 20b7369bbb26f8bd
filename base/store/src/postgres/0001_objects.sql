-- Tenant leads every key, so that a distributed engine can place rows by it. Names compare by their bytes ("C").
CREATE TABLE deployment (
    only_row smallint PRIMARY KEY CHECK (only_row = 1),
    epoch    bigint NOT NULL
);
INSERT INTO deployment (only_row, epoch) VALUES (1, 1);

-- Locked first by every commit of the tenant, raised last.
CREATE TABLE heads (
    tenant   uuid PRIMARY KEY,
    position bigint NOT NULL
);

-- Apart from heads, so that a record may hold a counter shared while commits that take no right away go on.
CREATE TABLE revocations (
    tenant  uuid PRIMARY KEY,
    counter bigint NOT NULL
);

CREATE TABLE objects (
    tenant     uuid NOT NULL,
    id         uuid NOT NULL,
    kind       text COLLATE "C" NOT NULL,
    schema     bigint NOT NULL,
    version    bigint NOT NULL,
    created    bigint NOT NULL,
    modified   bigint NOT NULL,
    deleted_at bigint,
    deletion   uuid,
    revoked    bigint NOT NULL,
    parent     uuid,
    body       bytea NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX objects_by_kind ON objects (tenant, kind, id) WHERE deleted_at IS NULL;
CREATE INDEX objects_deleted_by_kind ON objects (tenant, kind, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX objects_by_parent ON objects (tenant, parent, id) WHERE parent IS NOT NULL;
CREATE INDEX objects_expiring ON objects (deleted_at, tenant, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE index_entries (
    tenant uuid NOT NULL,
    kind   text COLLATE "C" NOT NULL,
    field  text COLLATE "C" NOT NULL,
    key    bytea NOT NULL,
    id     uuid NOT NULL,
    PRIMARY KEY (tenant, kind, field, key, id)
);
CREATE INDEX index_entries_by_object ON index_entries (tenant, id);

-- The scope is the tenant, or the nil UUID for keys that are unique in the whole deployment.
CREATE TABLE unique_keys (
    scope  uuid NOT NULL,
    space  text COLLATE "C" NOT NULL,
    key    bytea NOT NULL,
    tenant uuid NOT NULL,
    id     uuid NOT NULL,
    PRIMARY KEY (scope, space, key)
);
CREATE INDEX unique_keys_by_object ON unique_keys (tenant, id);

CREATE TABLE links (
    tenant   uuid NOT NULL,
    source   uuid NOT NULL,
    relation text COLLATE "C" NOT NULL,
    target   uuid NOT NULL,
    PRIMARY KEY (tenant, source, relation, target)
);
CREATE INDEX links_by_target ON links (tenant, target, relation, source);

CREATE TABLE relations (
    tenant   uuid NOT NULL,
    source   uuid NOT NULL,
    relation text COLLATE "C" NOT NULL,
    version  bigint NOT NULL,
    PRIMARY KEY (tenant, source, relation)
);

-- batch names the transaction, so that its fate can be looked up when the answer to its COMMIT was lost;
-- touched says what other nodes must forget.
CREATE TABLE changes (
    tenant     uuid NOT NULL,
    position   bigint NOT NULL,
    at         bigint NOT NULL,
    revocation bigint NOT NULL,
    batch      uuid NOT NULL,
    changed    text NOT NULL,
    touched    text NOT NULL,
    PRIMARY KEY (tenant, position)
);

CREATE TABLE outbox (
    tenant   uuid NOT NULL,
    position bigint NOT NULL,
    ordinal  bigint NOT NULL,
    at       bigint NOT NULL,
    body     bytea NOT NULL,
    PRIMARY KEY (tenant, position, ordinal)
);
