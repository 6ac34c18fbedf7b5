-- A program may have several engines, each a node: the first of them reads the program's configuration anew for all.
ALTER TABLE node ADD COLUMN engine integer NOT NULL DEFAULT 1;
