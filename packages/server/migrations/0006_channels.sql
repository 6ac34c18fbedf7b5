-- Falling back between channels. Both stay null in what goes by SMS alone, and cost it nothing.

-- channel: the one that the message is at; null for sms. fallback: the one that is tried when that fails; null where
-- nothing is left to try. While there is a fallback, receipt_by of a submitted message is when this channel's time is
-- over, and not the whole message's.
ALTER TABLE message ADD COLUMN channel text, ADD COLUMN fallback text;
ALTER TABLE pending_batch ADD COLUMN channel text, ADD COLUMN fallback text;
