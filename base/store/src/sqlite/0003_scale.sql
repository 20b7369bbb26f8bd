CREATE INDEX objects_deleted_by_kind ON objects (tenant, kind, id) WHERE deleted_at IS NOT NULL;
