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
