//! What must be true of a tenant's rows whatever was done to them, as questions for rows of which it is not.
//!
//! `$1` is the tenant, `$2` how many to name; where a link is needed, `$3` is the kind and `$4` the relation. Each answers ids. The same words for both engines.

/// A sentence about an object, and the question for the objects of which it is true.
pub(crate) struct Rule {
    pub(crate) said: &'static str,
    pub(crate) sql: &'static str,
}

/// Referential integrity, unique keys and isolation of tenants.
pub(crate) const RULES: [Rule; 7] = [
    Rule {
        said: "hangs off an object that does not exist in its tenant, or that is deleted while it is not",
        sql: "SELECT o.id FROM objects o LEFT JOIN objects p ON p.tenant = o.tenant AND p.id = o.parent \
              WHERE o.tenant = $1 AND o.parent IS NOT NULL \
              AND (p.id IS NULL OR (o.deleted_at IS NULL AND p.deleted_at IS NOT NULL)) LIMIT $2",
    },
    Rule {
        said: "is deleted by halves",
        sql: "SELECT o.id FROM objects o WHERE o.tenant = $1 AND (o.deleted_at IS NULL) <> (o.deletion IS NULL) LIMIT $2",
    },
    Rule {
        said: "has a link, or is at the end of one, whose other end does not exist in its tenant",
        sql: "SELECT CASE WHEN s.id IS NULL THEN l.target ELSE l.source END FROM links l \
              LEFT JOIN objects s ON s.tenant = l.tenant AND s.id = l.source \
              LEFT JOIN objects t ON t.tenant = l.tenant AND t.id = l.target \
              WHERE l.tenant = $1 AND (s.id IS NULL OR t.id IS NULL) LIMIT $2",
    },
    Rule {
        said: "has sets of links and does not exist",
        sql: "SELECT r.source FROM relations r LEFT JOIN objects o ON o.tenant = r.tenant AND o.id = r.source \
              WHERE r.tenant = $1 AND o.id IS NULL LIMIT $2",
    },
    Rule {
        said: "holds a unique key and does not exist, or holds one in another tenant",
        sql: "SELECT k.id FROM unique_keys k LEFT JOIN objects o ON o.tenant = k.tenant AND o.id = k.id \
              WHERE k.tenant = $1 AND (o.id IS NULL OR (k.scope <> k.tenant AND k.scope IN (SELECT tenant FROM heads))) LIMIT $2",
    },
    Rule {
        said: "does not exist, and holds a unique key of this tenant from another one",
        sql: "SELECT k.id FROM unique_keys k WHERE k.scope = $1 AND k.tenant <> $1 LIMIT $2",
    },
    Rule {
        said: "has an index row and does not exist, or is of another kind than the row says",
        sql: "SELECT i.id FROM index_entries i LEFT JOIN objects o ON o.tenant = i.tenant AND o.id = i.id \
              WHERE i.tenant = $1 AND (o.id IS NULL OR o.kind <> i.kind) LIMIT $2",
    },
];

/// The live objects of a kind without a link to a live one.
pub(crate) const NEEDED: &str = "SELECT o.id FROM objects o WHERE o.tenant = $1 AND o.kind = $3 \
    AND o.deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM links l JOIN objects t ON t.tenant = l.tenant \
    AND t.id = l.target AND t.deleted_at IS NULL WHERE l.tenant = o.tenant AND l.source = o.id AND l.relation = $4) \
    LIMIT $2";
