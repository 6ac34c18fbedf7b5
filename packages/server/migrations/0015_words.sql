-- The words of the field in place of ours (docs/architecture.md, the glossary): a lot is a message bundle, an untried row a
-- webhook bundle, a worker that leases rows a node.
ALTER TABLE worker RENAME TO node;
ALTER INDEX worker_pkey RENAME TO node_pkey;
ALTER SEQUENCE worker_id_seq RENAME TO node_id_seq;
ALTER TABLE batch_count RENAME COLUMN worker TO node;

DROP VIEW lot_message;
ALTER TABLE lot RENAME TO message_bundle;
ALTER TABLE message_bundle RENAME COLUMN worker TO node;
ALTER INDEX lot_pkey RENAME TO message_bundle_pkey;
ALTER INDEX lot_worker RENAME TO message_bundle_node;

CREATE VIEW bundled_message AS
SELECT l.id AS bundle, l.node, l.account_id AS bundle_account, l.ids, m.id,
       coalesce(m."accountId", s."accountId") AS account_id, m.destination, coalesce(m.parts, s.parts) AS parts,
       to_timestamp(coalesce(m."expiresAt", s."expiresAt") / 1000) AS expires_at,
       to_timestamp(coalesce(m."receiptBy", s."receiptBy") / 1000) AS receipt_by,
       coalesce(m."batchId", s."batchId") AS batch_id, m."givenId" AS given_id, coalesce(m.sender, s.sender) AS sender,
       coalesce(m.body, s.body) AS body, coalesce(m.callback, s.callback) AS callback,
       coalesce(m.endpoint, s.endpoint) AS endpoint
FROM message_bundle l
CROSS JOIN LATERAL json_to_record(l.messages::json) AS t (shared json, messages json)
CROSS JOIN LATERAL json_to_record(t.shared) AS s (
  "accountId" integer, parts smallint, "expiresAt" float8, "receiptBy" float8, "batchId" uuid, sender text, body text,
  callback text, endpoint integer)
CROSS JOIN LATERAL json_to_recordset(t.messages) AS m (
  id uuid, "accountId" integer, destination bigint, parts smallint, "expiresAt" float8, "receiptBy" float8, "batchId" uuid,
  "givenId" uuid, sender text, body text, callback text, endpoint integer)
WHERE l.node >= 0;

DROP VIEW untried_webhook;
ALTER TABLE untried RENAME TO webhook_bundle;
ALTER TABLE webhook_bundle RENAME COLUMN worker TO node;
ALTER INDEX untried_pkey RENAME TO webhook_bundle_pkey;
ALTER INDEX untried_worker RENAME TO webhook_bundle_node;

CREATE VIEW bundled_webhook AS
SELECT u.id AS bundle, u.node, w.account_id, w.id
FROM webhook_bundle u CROSS JOIN LATERAL unnest(u.ids, u.account_ids) AS w (id, account_id);
