-- A receipt that came too late is a line of its message's events (src/message/story.ts): it is kept once. Those from before
-- there were events become such lines, d: a receipt, the time in base 36, its state and that it was late.
CREATE FUNCTION pg_temp.base36(value bigint) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(substr('0123456789abcdefghijklmnopqrstuvwxyz', (floor(value / 36::numeric ^ place)::bigint % 36)::int + 1, 1), '')
  FROM generate_series(7, 0, -1) place
$$;
UPDATE message m SET events = concat_ws(E'\n', m.events, l.lines)
FROM (
  SELECT message_id, string_agg(E'd' || pg_temp.base36((extract(epoch FROM received_at) * 1000)::bigint) || E'\t'
    || CASE state WHEN 2 THEN '0' ELSE '1' END || E'2\t\t\t\t', E'\n' ORDER BY received_at) AS lines
  FROM late_receipt GROUP BY message_id
) AS l
WHERE m.id = l.message_id AND m.destination <> 0 AND coalesce(m.events, '') !~ E'(^|\n)d[0-9a-z]+\t[0-9]2\t';
DROP TABLE late_receipt;
