-- The operator has a carrier take nothing, until it is to go on; what it still says of messages counts.
ALTER TABLE carrier ADD COLUMN paused boolean NOT NULL DEFAULT false;
