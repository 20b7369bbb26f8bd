-- Beside the directory's tables: a batch holds the directory's counters shared. Tenant leads every key but the writers'.
-- Frame numbers are taken in blocks: no sequence, and no lock for each batch.
CREATE TABLE record_blocks (
    only_row smallint PRIMARY KEY CHECK (only_row = 1),
    next     bigint NOT NULL
);
INSERT INTO record_blocks (only_row, next) VALUES (1, 1);

-- One row per start of a process that wrote here. Its batches hold the row until they end.
CREATE TABLE record_writers (
    id      uuid PRIMARY KEY,
    node    text NOT NULL,
    started bigint NOT NULL
);

CREATE TABLE record_frames (
    tenant     uuid NOT NULL,
    id         bigint NOT NULL,
    table_name text COLLATE "C" NOT NULL,
    writer     uuid NOT NULL,
    seq        bigint NOT NULL,
    at         bigint NOT NULL,
    first      bigint NOT NULL,
    count      bigint NOT NULL,
    prev       bytea NOT NULL,
    hash       bytea NOT NULL,
    keys       bytea NOT NULL,
    personal   bytea NOT NULL,
    body       bytea NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE record_rows (
    tenant     uuid NOT NULL,
    table_name text COLLATE "C" NOT NULL,
    at         bigint NOT NULL,
    position   bigint NOT NULL,
    id         text COLLATE "C" NOT NULL,
    about      text COLLATE "C",
    outcome    text COLLATE "C",
    PRIMARY KEY (tenant, table_name, at, position)
);
CREATE INDEX record_rows_by_about ON record_rows (tenant, table_name, about, at, position) WHERE about IS NOT NULL;

CREATE TABLE record_checkpoints (
    tenant    uuid NOT NULL,
    sequence  bigint NOT NULL,
    statement bytea NOT NULL,
    key_id    text NOT NULL,
    signature bytea NOT NULL,
    PRIMARY KEY (tenant, sequence)
);
