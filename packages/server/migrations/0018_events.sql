-- What happened to a message and does not follow from its columns, a line each, as src/message/story.ts writes and reads
-- it (docs/decisions/events.md).
ALTER TABLE message ADD COLUMN events text;
ALTER TYPE first_outcome ADD ATTRIBUTE events text;
-- The line of the receipt, until its message is known. state 0: one that is not final.
ALTER TABLE parked_receipt ADD COLUMN events text;

-- A number's messages, by its last six digits, which are what is searched for at least. Of each run of pages an outline
-- (a Bloom filter) says which digits may be in it: 17 octets of WAL a message, where an entry for each would be 110.
CREATE INDEX message_digits ON message USING brin ((destination % 1000000) int8_bloom_ops (false_positive_rate = 0.005))
  WITH (pages_per_range = 32, autosummarize = on);
