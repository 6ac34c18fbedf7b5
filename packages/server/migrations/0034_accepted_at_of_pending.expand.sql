-- When a scheduled batch was accepted: its identifier has the time at which it is to be sent. Null where it is not known.
ALTER TABLE pending_batch ADD COLUMN accepted_at timestamptz;
ALTER TABLE pending_batch ALTER COLUMN accepted_at SET DEFAULT now();
