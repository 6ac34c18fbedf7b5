-- Webhooks beyond the first: what they are signed with, where else an account is told, and what it is told of its
-- endpoints.

-- What an account's webhooks are signed with: all of its secrets, at most two. The key itself is kept, since every try
-- is signed anew; whoever reads this table can sign as we do.
CREATE TABLE webhook_secret (
  identifier uuid PRIMARY KEY,
  account_id integer NOT NULL REFERENCES account,
  key        bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX webhook_secret_account ON webhook_secret (account_id);

-- Where an account is told of inbound messages, and of its endpoints. The numbers are those of the URLs' endpoints.
CREATE TABLE account_webhook (
  account_id       integer PRIMARY KEY REFERENCES account,
  inbound_url      text,
  inbound_endpoint integer,
  events_url       text,
  events_endpoint  integer
);

-- What there is to tell an account of its endpoints, and when it was told: only for accounts with an events_url, and
-- only of endpoints that have failed. changed_at is of `failing`; `exhausted` counts what was not told yet.
CREATE TABLE endpoint_health (
  account_id        integer NOT NULL,
  endpoint          integer NOT NULL,
  origin            text NOT NULL,
  failing           boolean NOT NULL DEFAULT false,
  told_failing      boolean NOT NULL DEFAULT false,
  changed_at        timestamptz NOT NULL DEFAULT now(),
  reason            text,
  failing_told_at   timestamptz NOT NULL DEFAULT '-infinity',
  exhausted         integer NOT NULL DEFAULT 0,
  exhausted_ids     uuid[] NOT NULL DEFAULT '{}',
  exhausted_told_at timestamptz NOT NULL DEFAULT '-infinity',
  PRIMARY KEY (account_id, endpoint)
) WITH (fillfactor = 70);
CREATE INDEX endpoint_health_untold ON endpoint_health (account_id, endpoint)
  WHERE failing <> told_failing OR exhausted > 0;
CREATE INDEX endpoint_health_failing ON endpoint_health (account_id, endpoint) WHERE failing;

-- i an inbound message, e an event; a receipt, whose body follows from its message, has none.
ALTER TABLE webhook ADD COLUMN kind "char";

-- What is left to be replayed. Nothing enters it on the way of a webhook that is delivered.
CREATE INDEX webhook_exhausted ON webhook (account_id, id) WHERE state = 2;
