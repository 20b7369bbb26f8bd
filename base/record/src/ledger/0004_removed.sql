-- Frames that were removed by right: what of each its chain needs. number says in which order; the times are those of its
-- records, as they say.
CREATE TABLE record_removed (
    tenant     uuid NOT NULL,
    number     bigint NOT NULL,
    id         bigint NOT NULL,
    table_name text COLLATE "C" NOT NULL,
    writer     uuid NOT NULL,
    seq        bigint NOT NULL,
    at         bigint NOT NULL,
    first      bigint NOT NULL,
    count      bigint NOT NULL,
    prev       bytea NOT NULL,
    hash       bytea NOT NULL,
    from_at    bigint NOT NULL,
    until_at   bigint NOT NULL,
    PRIMARY KEY (tenant, number)
);
CREATE UNIQUE INDEX record_removed_by_frame ON record_removed (tenant, id);

-- How often personal values of a tenant were erased: whoever has derived anything makes it anew.
CREATE TABLE record_erasures (
    tenant uuid PRIMARY KEY,
    number bigint NOT NULL
);

-- The one way in which frames leave, for a role that may delete none: the Merkle log keeps the entries of their records.
-- As its owner, with the tables that lie where it was made.
CREATE FUNCTION record_remove(whose uuid, frames bigint[], froms bigint[], untils bigint[]) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    WITH gone AS (
        DELETE FROM record_frames f
        USING unnest(frames, froms, untils) AS w (id, from_at, until_at), record_log_spans s, record_log_entries e
        WHERE f.tenant = whose AND f.id = w.id AND s.tenant = whose AND s.frame = f.id
            AND e.tenant = whose AND e.first_leaf = s.first_leaf
        RETURNING f.id, f.table_name, f.writer, f.seq, f.at, f.first, f.count, f.prev, f.hash, w.from_at, w.until_at
    ), rows_gone AS (
        DELETE FROM record_rows r USING gone g
        WHERE r.tenant = whose AND r.table_name = g.table_name AND r.at >= g.from_at AND r.at <= g.until_at
            AND r.position >= g.id << 12 AND r.position < (g.id + 1) << 12
    ), noted AS (
        INSERT INTO record_removed (tenant, number, id, table_name, writer, seq, at, first, count, prev, hash, from_at, until_at)
        SELECT whose, (SELECT coalesce(max(number), 0) FROM record_removed WHERE tenant = whose) + row_number() OVER (ORDER BY g.id),
            g.id, g.table_name, g.writer, g.seq, g.at, g.first, g.count, g.prev, g.hash, g.from_at, g.until_at
        FROM gone g
        RETURNING 1
    )
    SELECT count(*) FROM noted
$$;
REVOKE ALL ON FUNCTION record_remove(uuid, bigint[], bigint[], bigint[]) FROM PUBLIC;
