-- How each endpoint does, for its account to read: written by the program that posts, a second or two after the fact, and
-- every half a minute where nothing changes. Not what decides about anything: a program knows what it needs by itself.
-- state: 0 ok, 1 failing (the last try failed), 2 probed (20 different webhooks in a row have failed).
CREATE TABLE endpoint_state (
  account_id    integer NOT NULL,
  endpoint      integer NOT NULL,
  origin        text NOT NULL,
  state         smallint NOT NULL,
  since         timestamptz NOT NULL,
  next_probe_at timestamptz,
  last_at       timestamptz NOT NULL,
  last_status   smallint,
  last_fault    text,
  PRIMARY KEY (account_id, endpoint)
) WITH (fillfactor = 70);
