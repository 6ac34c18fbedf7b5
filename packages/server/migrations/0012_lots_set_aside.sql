-- A lot whose content cannot be read, because another version wrote it or it is damaged, is set aside as worker -1's: it
-- stays where it is, and is no more among what is taken over, claimed and looked through
-- (src/store/messages/unreadable-bundles.ts).
CREATE OR REPLACE VIEW lot_message AS
SELECT l.id AS lot, l.worker, l.account_id AS lot_account, l.ids, m.id, coalesce(m."accountId", s."accountId") AS account_id,
       m.destination, coalesce(m.parts, s.parts) AS parts,
       to_timestamp(coalesce(m."expiresAt", s."expiresAt") / 1000) AS expires_at,
       to_timestamp(coalesce(m."receiptBy", s."receiptBy") / 1000) AS receipt_by,
       coalesce(m."batchId", s."batchId") AS batch_id, m."givenId" AS given_id, coalesce(m.sender, s.sender) AS sender,
       coalesce(m.body, s.body) AS body, coalesce(m.callback, s.callback) AS callback,
       coalesce(m.endpoint, s.endpoint) AS endpoint
FROM lot l
CROSS JOIN LATERAL json_to_record(l.messages::json) AS t (shared json, messages json)
CROSS JOIN LATERAL json_to_record(t.shared) AS s (
  "accountId" integer, parts smallint, "expiresAt" float8, "receiptBy" float8, "batchId" uuid, sender text, body text,
  callback text, endpoint integer)
CROSS JOIN LATERAL json_to_recordset(t.messages) AS m (
  id uuid, "accountId" integer, destination bigint, parts smallint, "expiresAt" float8, "receiptBy" float8, "batchId" uuid,
  "givenId" uuid, sender text, body text, callback text, endpoint integer)
WHERE l.worker >= 0;
