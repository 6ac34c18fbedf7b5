-- One row of sums with its durations, where there was one for each kind and duration: a tenth as many rows to read.
-- receipts, webhooks: how many took how long, `bucket:count` with commas between; empty where there is none.
ALTER TABLE stat RENAME TO stat_of_kind;
ALTER INDEX stat_pkey RENAME TO stat_of_kind_pkey;
DROP INDEX stat_at;
CREATE TABLE stat (
  span       "char" NOT NULL,
  account_id integer NOT NULL,
  at         timestamptz NOT NULL,
  accepted   bigint NOT NULL,
  submitted  bigint NOT NULL,
  delivered  bigint NOT NULL,
  failed     bigint NOT NULL,
  parts      bigint NOT NULL,
  carrier    smallint NOT NULL,
  code       smallint NOT NULL,
  country    text NOT NULL,
  channel    text NOT NULL,
  receipts   text NOT NULL,
  webhooks   text NOT NULL,
  PRIMARY KEY (span, account_id, at, carrier, code, country, channel)
) WITH (fillfactor = 80);
INSERT INTO stat (span, account_id, at, accepted, submitted, delivered, failed, parts, carrier, code, country, channel,
                  receipts, webhooks)
SELECT span, account_id, at, coalesce(sum(messages) FILTER (WHERE what = 0), 0), coalesce(sum(messages) FILTER (WHERE what = 1), 0),
       coalesce(sum(messages) FILTER (WHERE what = 2), 0), coalesce(sum(messages) FILTER (WHERE what = 3), 0), sum(parts),
       carrier, code, country, channel,
       coalesce(string_agg(bucket || ':' || messages, ',') FILTER (WHERE what IN (2, 3) AND bucket >= 0), ''),
       coalesce(string_agg(bucket || ':' || messages, ',') FILTER (WHERE what = 4), '')
FROM stat_of_kind GROUP BY span, account_id, at, carrier, code, country, channel;
DROP TABLE stat_of_kind;
-- For the operator, and for the end of what is old.
CREATE INDEX stat_at ON stat (span, at);
