-- What RCS shows in place of a text (src/message/rich-content.ts), as a caller wrote it; null in all else, and costs it
-- nothing. A batch has it once, in its own row. It goes with the text when that is erased.
ALTER TABLE message ADD COLUMN rich json;
ALTER TABLE batch ADD COLUMN rich json;
