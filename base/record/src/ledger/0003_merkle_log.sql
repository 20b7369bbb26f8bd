-- Which blocks of frame numbers are whose, so that a writer's frames are found by ranges of the key. Without a writer:
-- taken by a program that noted none.
CREATE TABLE record_writer_blocks (
    start  bigint PRIMARY KEY,
    writer uuid
);
-- When a writer was last known to write, by its own clock; and when it ended, as a number that says in which order.
-- Nothing is written by a writer that has ended.
ALTER TABLE record_writers ADD COLUMN seen bigint, ADD COLUMN ended bigint;
CREATE UNIQUE INDEX record_writers_ended ON record_writers (ended);

-- The Merkle log over the frames: one tree for each tenant. `ended`: every writer that ended up to there is in it.
CREATE TABLE record_log_heads (
    tenant uuid PRIMARY KEY,
    size   bigint NOT NULL,
    root   bytea NOT NULL,
    ended  bigint NOT NULL
);
CREATE TABLE record_log_tiles (
    tenant uuid NOT NULL,
    level  smallint NOT NULL,
    idx    bigint NOT NULL,
    hashes bytea NOT NULL,
    PRIMARY KEY (tenant, level, idx)
);
CREATE TABLE record_log_spans (
    tenant     uuid NOT NULL,
    first_leaf bigint NOT NULL,
    frame      bigint NOT NULL,
    count      bigint NOT NULL,
    PRIMARY KEY (tenant, first_leaf)
);
CREATE UNIQUE INDEX record_log_spans_by_frame ON record_log_spans (tenant, frame);
CREATE TABLE record_log_cursors (
    tenant     uuid NOT NULL,
    table_name text COLLATE "C" NOT NULL,
    writer     uuid NOT NULL,
    next_seq   bigint NOT NULL,
    next_first bigint NOT NULL,
    hash       bytea NOT NULL,
    PRIMARY KEY (tenant, table_name, writer)
);
-- The last frame of each block that is in the log.
CREATE TABLE record_log_reached (
    tenant uuid NOT NULL,
    start  bigint NOT NULL,
    frame  bigint NOT NULL,
    PRIMARY KEY (tenant, start)
);
CREATE TABLE record_log_checkpoints (
    tenant uuid NOT NULL,
    epoch  bigint NOT NULL,
    size   bigint NOT NULL,
    note   bytea NOT NULL,
    kept   boolean NOT NULL,
    PRIMARY KEY (tenant, epoch, size)
);
CREATE TABLE record_log_entries (
    tenant     uuid NOT NULL,
    first_leaf bigint NOT NULL,
    entries    bytea NOT NULL,
    PRIMARY KEY (tenant, first_leaf)
);
CREATE TABLE record_log_stops (
    tenant uuid PRIMARY KEY,
    why    text NOT NULL,
    at     bigint NOT NULL
);
