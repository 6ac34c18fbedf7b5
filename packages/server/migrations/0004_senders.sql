-- Who may send as whom, and what handsets answer.

-- Sender IDs that are somebody's: without an account the organization's. What a handset shows is owned in every
-- spelling of its letters, so that nobody sends as MYSHOP where MyShop is another's.
CREATE TABLE sender (
  identifier      uuid PRIMARY KEY,
  organization_id integer NOT NULL REFERENCES organization,
  account_id      integer REFERENCES account,
  value           text NOT NULL,
  folded          text NOT NULL UNIQUE,
  created_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sender_organization ON sender (organization_id, identifier);

-- Which number of the shared pool an account's messages to a handset come from, for good. No other account has that
-- number for that handset: what the handset answers to it is this account's.
CREATE TABLE shared_lock (
  account_id integer NOT NULL,
  handset    bigint NOT NULL,
  number     bigint NOT NULL,
  PRIMARY KEY (account_id, handset),
  UNIQUE (handset, number)
);

-- The latest message from a number to a handset, which is what the handset answers. Of messages whose sender is a
-- number alone, those of a batch too, which have it in their own row for this: others cannot be answered, and cost
-- nothing here. (No statement of the flow changes these columns; submitting is not HOT anyhow.)
CREATE INDEX message_answerable ON message (destination, sender, id) WHERE sender COLLATE "C" < ':';

-- Messages from handsets, as they were passed on.
CREATE TABLE inbound (
  id          uuid NOT NULL,
  account_id  integer NOT NULL,
  received_at timestamptz NOT NULL,
  handset     bigint NOT NULL,
  number      text NOT NULL,
  batch_id    uuid,
  message_id  uuid,
  message     text NOT NULL,
  PRIMARY KEY (account_id, id)
) PARTITION BY RANGE (id);
CREATE TABLE inbound_default PARTITION OF inbound DEFAULT;

-- Parts of long messages from handsets, until all have come or for ten minutes; those that were passed on stay as long,
-- so that one that comes again is known. kind: 8 or 16 bits of reference in the user data header, 0 in SAR TLVs.
CREATE TABLE inbound_part (
  handset     bigint NOT NULL,
  number      text NOT NULL,
  kind        smallint NOT NULL,
  reference   integer NOT NULL,
  total       smallint NOT NULL,
  sequence    smallint NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  data_coding smallint NOT NULL,
  octets      bytea NOT NULL,
  passed_on   boolean NOT NULL,
  PRIMARY KEY (handset, number, kind, reference, total, sequence)
);
CREATE INDEX inbound_part_age ON inbound_part (received_at);

-- Handsets that an account is not to send to any more.
CREATE TABLE opt_out (
  account_id integer NOT NULL,
  handset    bigint NOT NULL,
  at         timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, handset)
);
