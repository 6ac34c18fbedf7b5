-- Erasing a handset. What must outlive it, opt-outs and locks on shared numbers, never names the handset: it has a
-- keyed hash in its place, so that nothing is to be erased there and both still hold.

-- One row. Whoever reads this table can try all numbers; a copy of the others alone tells nothing.
CREATE TABLE handset_key (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  key bytea NOT NULL
);
INSERT INTO handset_key (key)
SELECT sha256(convert_to(string_agg(gen_random_uuid()::text, ''), 'UTF8')) FROM generate_series(1, 3);

-- The first 64 bits of SHA-256 over the key and the number. With ten million handsets two of them meet with a chance of
-- 3 in a million. Plain SQL, which the planner puts in place of the call; the key is an argument, so that it is read
-- once for a statement.
CREATE FUNCTION handset_hash(key bytea, handset bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ('x' || encode(substr(sha256(key || int8send(handset)), 1, 8), 'hex'))::bit(64)::bigint;

ALTER TABLE shared_lock RENAME COLUMN handset TO handset_hash;
UPDATE shared_lock SET handset_hash = handset_hash((SELECT key FROM handset_key), handset_hash);
ALTER TABLE opt_out RENAME COLUMN handset TO handset_hash;
UPDATE opt_out SET handset_hash = handset_hash((SELECT key FROM handset_key), handset_hash);

-- Messages, and messages from handsets, that are to be erased once they and their webhooks are final.
CREATE TABLE pending_erasure (
  account_id integer NOT NULL,
  id         uuid NOT NULL,
  asked_at   timestamptz NOT NULL DEFAULT now(),
  next_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, id)
);
CREATE INDEX pending_erasure_due ON pending_erasure (next_at);
