-- Counts of what was accepted, submitted, made final and told, for GET /stats (docs/decisions/statistics.md).

-- When a carrier took the message, at the channel that it is at, in epoch seconds. A numeric is not aligned: behind the
-- texts a timestamptz would move with each final update, and 65 octets more of it go into the WAL.
ALTER TABLE message ADD COLUMN submitted_at numeric(14, 3);

-- What one flush has counted, written by the statement that does what is counted, as src/store/stats/counts.ts writes and
-- reads it. A row is written once, not looked for, and gone within seconds, when it is added to the sums: it has no index.
CREATE TABLE stat_flush (
  at     timestamptz NOT NULL DEFAULT now(),
  counts text NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- The sums. span: m a minute, h an hour, d a day (UTC), which begins at `at`. what: a state of src/message/lifecycle.ts
-- that messages came to, or 4, webhooks that succeeded. carrier 0, country '' and code -1: none. bucket: how long it took,
-- as src/message/durations.ts has it; -1: not known, or nothing to be told.
CREATE TABLE stat (
  span       "char" NOT NULL,
  account_id integer NOT NULL,
  at         timestamptz NOT NULL,
  messages   bigint NOT NULL,
  parts      bigint NOT NULL,
  carrier    smallint NOT NULL,
  code       smallint NOT NULL,
  what       smallint NOT NULL,
  bucket     smallint NOT NULL,
  country    text NOT NULL,
  channel    text NOT NULL,
  PRIMARY KEY (span, account_id, at, what, carrier, code, bucket, country, channel)
) WITH (fillfactor = 80);
-- For the operator, and for the end of what is old.
CREATE INDEX stat_at ON stat (span, at);
