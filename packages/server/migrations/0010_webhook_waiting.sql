-- Numbers of endpoints meet across accounts, by intent too: what waits is looked at by account and number.
DROP INDEX webhook_waiting;
CREATE INDEX webhook_waiting ON webhook (leased_by, account_id, endpoint, next_at) WHERE next_at IS NOT NULL;
