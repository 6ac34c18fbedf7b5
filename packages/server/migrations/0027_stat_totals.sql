-- Sums of an organization and of everybody, and of all groups together, are rows of their own: a month by the hour is 720
-- rows to read, whoever asks. account_id: an account; below zero an organization; 0 everybody. span: M, H, D for all
-- groups together, whose columns then say nothing.
INSERT INTO stat (span, account_id, at, accepted, submitted, delivered, failed, parts, carrier, code, country, channel, receipts,
                  webhooks)
SELECT g.span, w.owner, s.at, sum(accepted), sum(submitted), sum(delivered), sum(failed), sum(parts), g.carrier, g.code,
       g.country, g.channel, coalesce(string_agg(receipts, ',') FILTER (WHERE receipts <> ''), ''),
       coalesce(string_agg(webhooks, ',') FILTER (WHERE webhooks <> ''), '')
FROM stat s JOIN account a ON a.id = s.account_id
CROSS JOIN LATERAL (VALUES (s.account_id), (-a.organization_id), (0)) AS w (owner)
CROSS JOIN LATERAL (
  VALUES (s.span, s.carrier, s.code, s.country, s.channel),
         (upper(s.span::text)::"char", 0::smallint, (-1)::smallint, '', '')
) AS g (span, carrier, code, country, channel)
WHERE w.owner <= 0 OR g.span <> s.span
GROUP BY g.span, w.owner, s.at, g.carrier, g.code, g.country, g.channel;
