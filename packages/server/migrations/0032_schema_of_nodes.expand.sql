-- The newest migration that a node's program knows: one that would break it waits for its end. Null: a program of before.
ALTER TABLE node ADD COLUMN schema_version integer;
