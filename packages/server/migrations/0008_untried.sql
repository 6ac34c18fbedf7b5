-- A message's webhook gets its row with its first try, so that it is written once where it was inserted and updated
-- before (docs/decisions/lots.md has what that gave). Until then it stands here, where it is in a worker's hand.

-- The webhooks of one flush that are in a worker's hand and have had no try; it goes once each of them has a row. Where
-- they go and what they say follows from their messages. id: a time-ordered UUID of the flush.
CREATE TABLE untried (
  id          uuid PRIMARY KEY,
  worker      integer NOT NULL,
  ids         uuid[] NOT NULL,
  account_ids integer[] NOT NULL
) WITH (toast_tuple_target = 8160, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
-- What is read once and deleted is not worth compressing.
ALTER TABLE untried ALTER COLUMN ids SET STORAGE EXTERNAL, ALTER COLUMN account_ids SET STORAGE EXTERNAL;
CREATE INDEX untried_worker ON untried (worker);

-- One by one; those that have a row already are among them until the others have one.
CREATE VIEW untried_webhook AS
SELECT u.id AS untried, u.worker, w.account_id, w.id
FROM untried u CROSS JOIN LATERAL unnest(u.ids, u.account_ids) AS w (id, account_id);
