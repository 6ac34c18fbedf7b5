-- Accounts: what they may do, what they have, what they hold for later.

-- Whether an organization's messages are priced, and the credits that it has not given to an account.
ALTER TABLE organization
  ADD COLUMN credits boolean NOT NULL DEFAULT false,
  ADD COLUMN balance bigint NOT NULL DEFAULT 0;

-- priced repeats the organization's credits: accept reads one row of an account, and charges it by one update of it,
-- which is HOT.
ALTER TABLE account
  ADD COLUMN priced boolean NOT NULL DEFAULT false,
  ADD COLUMN overdraft boolean NOT NULL DEFAULT false,
  ADD COLUMN balance bigint NOT NULL DEFAULT 0;
ALTER TABLE account SET (fillfactor = 50);

-- When a key that was replaced stops working.
ALTER TABLE api_key ADD COLUMN expires_at timestamptz;
CREATE INDEX api_key_account ON api_key (account_id);

-- Every movement of credits and the balance after it; without an account it is the organization's own. Kinds: topup
-- (organization to account), charge, hold (for a scheduled batch), cancel (what was held is freed), return (account to
-- organization), add (the operator's). What one account is charged in one flush is one row: batches and costs name its
-- parts, and costs is null where there is one batch or none.
CREATE TABLE ledger (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at              timestamptz NOT NULL DEFAULT clock_timestamp(),
  organization_id integer NOT NULL,
  account_id      integer,
  kind            text NOT NULL,
  credits         bigint NOT NULL,
  balance         bigint NOT NULL,
  batches         uuid[],
  costs           integer[]
);
CREATE INDEX ledger_account ON ledger (account_id, id);

-- Requests that are to be done once: the key that the caller gave, the SHA-256 of the body that came with it, and what
-- was answered.
CREATE TABLE idempotency_key (
  account_id  integer NOT NULL,
  key         text NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  fingerprint bytea NOT NULL,
  answer      text NOT NULL,
  PRIMARY KEY (account_id, key)
);
CREATE INDEX idempotency_key_age ON idempotency_key (created_at);

-- Batches that are held for their time, with their texts in batch. Their messages become rows when they are released,
-- in order: released counts those of the total that have. One row stands for the whole batch, so that whoever has its lock, the
-- cancel or the release, has all of it. given_id is that of its message, where it is the batch of one.
CREATE TABLE pending_batch (
  id           uuid PRIMARY KEY,
  at           timestamptz NOT NULL,
  expires_at   timestamptz NOT NULL,
  receipt_by   timestamptz,
  account_id   integer NOT NULL,
  total        integer NOT NULL,
  cost         integer NOT NULL,
  released     integer NOT NULL DEFAULT 0,
  given_id     uuid,
  destinations bigint[] NOT NULL
);
CREATE INDEX pending_batch_at ON pending_batch (at);
CREATE INDEX pending_batch_account ON pending_batch (account_id, at, id);
