-- Optional parameters of SMPP that a message carries to the carrier, as JSON; null where it has none. They go with its
-- text when it is erased.
ALTER TABLE message ADD COLUMN tlvs text;
ALTER TABLE pending_batch ADD COLUMN tlvs text;
