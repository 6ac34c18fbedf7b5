-- Content that its sender coded himself, over SMPP, and that is submitted as it is: JSON (src/message/coded-content.ts); null
-- in all else, and costs it nothing. body is then what people are shown of it.
ALTER TABLE message ADD COLUMN coded json;
ALTER TABLE pending_batch ADD COLUMN coded json;
