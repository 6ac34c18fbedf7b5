-- The spine: who may send, what was accepted, where it is, whom to tell.
-- Identifiers of messages, batches and webhooks are time-ordered UUIDs (src/message/id.ts), so tables partition by id.

CREATE TABLE organization (
  id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  identifier  uuid NOT NULL UNIQUE,
  name        text NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE account (
  id              integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  identifier      uuid NOT NULL UNIQUE,
  organization_id integer NOT NULL REFERENCES organization,
  name            text NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT now(),
  deleted_at      timestamptz
);
CREATE INDEX account_organization ON account (organization_id);

-- A key is kept as its SHA-256 only. Without an account it is the organization's. A revoked key stays, so that no
-- configuration revives it.
CREATE TABLE api_key (
  hash            bytea PRIMARY KEY,
  organization_id integer NOT NULL REFERENCES organization,
  account_id      integer REFERENCES account,
  created_at      timestamptz NOT NULL DEFAULT now(),
  revoked_at      timestamptz
);

-- A process that works on rows. Its rows are its own for as long as its heart beats; what a dead one left is taken over.
CREATE TABLE worker (
  id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  host         text NOT NULL,
  pid          integer NOT NULL,
  started_at   timestamptz NOT NULL DEFAULT now(),
  heartbeat_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

-- Carriers by a small number, which rows carry instead of the name.
CREATE TABLE carrier (
  number  smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id      text NOT NULL UNIQUE,
  id_form text
);

-- What the messages of a batch share, where there is more than one.
CREATE TABLE batch (
  id         uuid PRIMARY KEY,
  account_id integer NOT NULL,
  total      integer NOT NULL,
  parts      smallint NOT NULL,
  endpoint   integer,
  given_id   uuid,
  sender     text NOT NULL,
  body       text NOT NULL,
  callback   text
);

-- Final messages of a batch, summed per flush. One row per worker and batch: no row that every receipt fights for.
CREATE TABLE batch_count (
  batch_id  uuid NOT NULL,
  worker    integer NOT NULL,
  delivered integer NOT NULL,
  failed    integer NOT NULL,
  PRIMARY KEY (batch_id, worker)
) WITH (fillfactor = 70);

-- Identifiers that callers gave, unique per account for good, whatever they name. kind: b batch, m message.
CREATE TABLE given_id (
  account_id integer NOT NULL,
  kind       "char" NOT NULL,
  given      uuid NOT NULL,
  id         uuid NOT NULL,
  PRIMARY KEY (account_id, given)
);

-- One text to one handset. The row is its own queue entry: next_at is set while it waits to be sent, and leased_by
-- names the worker that has it in hand (0: nobody). What the messages of a batch share stands in batch alone.
-- next_at and leased_by are the only indexed columns that change, and both change no more once it is submitted: the
-- final update is HOT. message_expiring has only what nobody has in hand: what is handed over in memory never enters
-- it. receipt_by stands only where the message has a validity of its own: when its receipt is given up. Those with the
-- usual validity are given up in the order of their ids, which needs no index.
CREATE TABLE message (
  id                 uuid NOT NULL PRIMARY KEY,
  expires_at         timestamptz NOT NULL,
  next_at            timestamptz,
  final_at           timestamptz,
  receipt_by         timestamptz,
  destination        bigint NOT NULL,
  account_id         integer NOT NULL,
  leased_by          integer NOT NULL,
  endpoint           integer,
  state              smallint NOT NULL,
  parts              smallint NOT NULL,
  carrier            smallint,
  code               smallint,
  batch_id           uuid,
  given_id           uuid,
  sender             text,
  body               text,
  callback           text,
  carrier_message_id text
) PARTITION BY RANGE (id);
CREATE INDEX message_waiting ON message (leased_by, account_id, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX message_expiring ON message (expires_at) WHERE next_at IS NOT NULL AND leased_by = 0;
CREATE INDEX message_receipt_by ON message (receipt_by) WHERE receipt_by IS NOT NULL;
CREATE INDEX message_receipt ON message (carrier_message_id) WHERE carrier_message_id IS NOT NULL;

-- The parts of a long message, each with its own id at the carrier and its own receipt.
CREATE TABLE message_part (
  message_id         uuid NOT NULL,
  part               smallint NOT NULL,
  carrier            smallint NOT NULL,
  state              smallint NOT NULL,
  code               smallint,
  carrier_message_id text,
  PRIMARY KEY (message_id, part)
) PARTITION BY RANGE (message_id);
CREATE INDEX message_part_receipt ON message_part (carrier_message_id);

-- Receipts whose message is not known (yet): the submit's answer may still be on its way.
CREATE TABLE parked_receipt (
  id                 bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  carrier            smallint NOT NULL,
  received_at        timestamptz NOT NULL DEFAULT now(),
  next_at            timestamptz NOT NULL DEFAULT now() + interval '1 second',
  state              smallint NOT NULL,
  code               smallint NOT NULL,
  destination        bigint,
  carrier_message_id text NOT NULL
);
CREATE INDEX parked_receipt_due ON parked_receipt (next_at);

-- A receipt that differs from the final state that its message already had: kept, never applied.
CREATE TABLE late_receipt (
  message_id  uuid NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  state       smallint NOT NULL,
  code        smallint NOT NULL
);
CREATE INDEX late_receipt_message ON late_receipt (message_id);

-- A request that we owe a customer's URL. A receipt's webhook has its message's id, and its body follows from the
-- message. state: 0 pending, 1 delivered, 2 exhausted. attempts: one JSON text each, oldest first.
CREATE TABLE webhook (
  id         uuid NOT NULL,
  next_at    timestamptz,
  account_id integer NOT NULL,
  leased_by  integer NOT NULL,
  endpoint   integer NOT NULL,
  state      smallint NOT NULL DEFAULT 0,
  tries      smallint NOT NULL DEFAULT 0,
  url        text NOT NULL,
  body       text,
  attempts   text[],
  PRIMARY KEY (account_id, id)
) PARTITION BY RANGE (id);
CREATE INDEX webhook_waiting ON webhook (leased_by, endpoint, next_at) WHERE next_at IS NOT NULL;

-- What no day's partition takes: a clock far off, or a date far ahead.
CREATE TABLE message_default PARTITION OF message DEFAULT;
CREATE TABLE message_part_default PARTITION OF message_part DEFAULT;
CREATE TABLE webhook_default PARTITION OF webhook DEFAULT;

-- How far the sweep for receipts that never came has gone: every older message of the usual validity is final.
CREATE TABLE sweep (
  name  text PRIMARY KEY,
  until uuid NOT NULL
);
