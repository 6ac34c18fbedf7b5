-- Who changed what, written in the transaction of each change. key: the name of the key that asked, or its identifier,
-- never the key; "operator" for the operator's. organization_id: whose it is. object: what was changed, by its UUID.
CREATE TABLE audit (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at              timestamptz NOT NULL DEFAULT now(),
  organization_id integer NOT NULL,
  key             text NOT NULL,
  action          text NOT NULL,
  object          text NOT NULL
);
CREATE INDEX audit_organization ON audit (organization_id, id);
