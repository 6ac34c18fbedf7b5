-- Keys are listed and revoked one by one. Each has an identifier, a scope and, for the list, its first six characters,
-- which are not known of keys from before. Without a name it is its owner's own key, which rotation replaces. What is
-- ordered by identifier is in the order in which it was made, so keys from before get one made of their time.
ALTER TABLE api_key
  ADD COLUMN identifier uuid NOT NULL DEFAULT gen_random_uuid(),
  ADD COLUMN name text,
  ADD COLUMN scope text NOT NULL DEFAULT 'admin',
  ADD COLUMN prefix text,
  ADD COLUMN last_used_at timestamptz;
UPDATE api_key SET identifier = (
  lpad(to_hex((extract(epoch FROM created_at) * 1000)::bigint), 12, '0') || '7' || substr(identifier::text, 16, 3) ||
  substr(replace(identifier::text, '-', ''), 17))::uuid;
CREATE UNIQUE INDEX api_key_identifier ON api_key (identifier);
CREATE INDEX api_key_organization ON api_key (organization_id) WHERE account_id IS NULL;

-- Whose keys organizationKey and accountKey of the configuration are.
ALTER TABLE organization ADD COLUMN is_default boolean NOT NULL DEFAULT false;
ALTER TABLE account ADD COLUMN is_default boolean NOT NULL DEFAULT false;
UPDATE organization SET is_default = true WHERE id = (SELECT min(id) FROM organization WHERE name = 'default');
UPDATE account SET is_default = true WHERE id = (
  SELECT min(a.id) FROM account a JOIN organization o ON o.id = a.organization_id
  WHERE o.is_default AND a.name = 'default' AND a.deleted_at IS NULL);
