-- What may be used once, by the hash of its name, until nobody can use it any more; by_request used it.
CREATE TABLE record_used (
    tenant     uuid NOT NULL,
    key        bytea NOT NULL,
    by_request uuid NOT NULL,
    until      bigint NOT NULL,
    PRIMARY KEY (tenant, key)
);
CREATE INDEX record_used_until ON record_used (until);

-- The oldest program that can use these tables, by the last step that it knows. One that knows no single use would
-- let a replay through, so it may not go on.
ALTER TABLE record_schema ADD COLUMN usable_from bigint NOT NULL DEFAULT 2;
