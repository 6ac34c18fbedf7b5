-- What a handset sent over RCS (src/message/inbound.ts), as JSON; null over SMS.
ALTER TABLE inbound ADD COLUMN rcs json;
-- Finds the message that an answer over RCS is to: the handset answers the agent, which is everybody's, and not a sender.
CREATE INDEX message_rcs ON message (destination, id) WHERE channel = 'rcs';
