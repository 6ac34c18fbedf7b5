-- A message's page keeps room for its final update, which is then HOT: it adds no entry to an index and changes no outline
-- of digits (docs/decisions/events.md). New days get the same from src/store/upkeep/partitions.ts.
DO $$
DECLARE day regclass;
BEGIN
  FOR day IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'message'::regclass LOOP
    EXECUTE format('ALTER TABLE %s SET (fillfactor = 40)', day);
  END LOOP;
END $$;
