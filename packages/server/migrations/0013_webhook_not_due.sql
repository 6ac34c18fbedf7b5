-- What waits for its next try's time is kept from what is due (leased_by -2, src/store/webhooks/leased-by.ts), so that a
-- claim steps from endpoint to endpoint of those alone that have something due. An account with 40,000 dead origins, each
-- with an hour to its next try, cost a claim 40,000 steps.
CREATE INDEX webhook_not_due ON webhook (next_at) WHERE leased_by = -2;
UPDATE webhook SET leased_by = -2 WHERE leased_by = 0 AND next_at > now();
