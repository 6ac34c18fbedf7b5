-- What was accepted is stored in lots: the messages of one flush, or up to 500 of a batch, as one row. A message gets a
-- row of its own once its submit has an outcome, so that it is written once where it was inserted and updated before
-- (docs/decisions/lots.md has what that gave).

-- worker: who has the lot in hand; 0: nobody, it waits to be claimed (then it is one account's; in hand it may be
-- several accounts', and account_id is 0). expires_at: of the message that expires first. messages: JSON, as
-- src/store/messages/bundles.ts writes and reads it. A lot goes once each of its messages has a row.
CREATE TABLE lot (
  id         uuid PRIMARY KEY,
  worker     integer NOT NULL,
  account_id integer NOT NULL,
  expires_at timestamptz NOT NULL,
  ids        uuid[] NOT NULL,
  messages   text NOT NULL
) WITH (toast_tuple_target = 8160, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
-- What is read once and deleted is not worth compressing; the lot of a flush stays in the row itself.
ALTER TABLE lot ALTER COLUMN ids SET STORAGE EXTERNAL, ALTER COLUMN messages SET STORAGE EXTERNAL;
CREATE INDEX lot_worker ON lot (worker, account_id, id);

-- The messages of lots one by one; those that have a row already are among them until their lot goes. Look for one by
-- the lots that may have it: of a batch, those with an id between its own and its last; of others, those in hand (worker
-- > 0, lot_account = 0) with its id among ids.
CREATE VIEW lot_message AS
SELECT l.id AS lot, l.worker, l.account_id AS lot_account, l.ids, m.id, m."accountId" AS account_id, m.destination, m.parts,
       to_timestamp(m."expiresAt" / 1000) AS expires_at, to_timestamp(m."receiptBy" / 1000) AS receipt_by,
       m."batchId" AS batch_id, m."givenId" AS given_id, m.sender, m.body, m.callback, m.endpoint
FROM lot l CROSS JOIN LATERAL json_to_recordset(l.messages::json) AS m (
  id uuid, "accountId" integer, destination bigint, parts smallint, "expiresAt" float8, "receiptBy" float8,
  "batchId" uuid, "givenId" uuid, sender text, body text, callback text, endpoint integer);

-- The first outcome of a message of a lot, with all that its row is to hold.
CREATE TYPE first_outcome AS (
  id uuid, account_id integer, destination bigint, parts smallint, expires_at float8, receipt_by float8, batch_id uuid,
  given_id uuid, sender text, body text, callback text, endpoint integer, state smallint, carrier smallint,
  carrier_message_id text, code smallint);
