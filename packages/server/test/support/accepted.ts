/** Every message that was accepted, whether it has a row of its own yet or is in a bundle. */
export const ACCEPTED = `(
  SELECT id, account_id, callback, parts FROM message
  UNION
  SELECT id, account_id, callback, parts FROM bundled_message u WHERE NOT EXISTS (SELECT FROM message m WHERE m.id = u.id)
) AS accepted`;
