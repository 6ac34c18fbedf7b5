-- What customers bind with over SMPP. hash, former_hash: 16 octets of salt and 32 of scrypt (src/runtime/password.ts); the
-- former password still works until former_until.
CREATE TABLE smpp_credential (
  identifier    uuid PRIMARY KEY,
  account_id    integer NOT NULL REFERENCES account,
  system_id     text NOT NULL UNIQUE,
  hash          bytea NOT NULL,
  former_hash   bytea,
  former_until  timestamptz,
  binds         smallint NOT NULL,
  submit_window integer NOT NULL,
  throughput    float8,
  allow         text[] NOT NULL,
  alphabet      text NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX smpp_credential_account ON smpp_credential (account_id);
