-- How carriers that post over HTTP name the texts that were passed on: one that is posted again is told once. The name is
-- the first 16 octets of its SHA-256, since it may be any text; what is older than a week is dropped.
CREATE TABLE told_inbound (
  carrier smallint NOT NULL,
  name    bytea NOT NULL,
  at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (carrier, name)
);
CREATE INDEX told_inbound_at ON told_inbound (at);
