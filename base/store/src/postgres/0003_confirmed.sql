-- The epoch that the operator has looked at. While the present one is another, a restore waits and no token is issued.
ALTER TABLE deployment ADD COLUMN confirmed bigint NOT NULL DEFAULT 1;
UPDATE deployment SET confirmed = epoch;
