-- Locked before a counter is raised, and passed through, not held, by whoever holds a counter shared: holders that
-- overlap without end would else keep the raise waiting for ever.
CREATE TABLE gates (
    tenant uuid PRIMARY KEY
);
INSERT INTO gates (tenant) SELECT tenant FROM revocations;
