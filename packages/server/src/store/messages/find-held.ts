import { batchOf, numberOf } from "../../message/id.ts";
import type { Database } from "../database.ts";
import { idOfGiven } from "./find-message.ts";
import { isViewers, type Viewer } from "./message-row.ts";

const textFor = (viewer: Viewer): string => `
SELECT coalesce(b.given_id, b.id) AS batch, m.at
FROM pending_batch m JOIN batch b ON b.id = m.id
WHERE m.id = $3 AND m.released < $4 AND m.destinations[$4] IS NOT NULL AND (m.given_id IS NULL OR m.given_id = $5)
  AND ${isViewers(viewer, "$1", "$2")}`;

/** The batch by which a viewer's message is held for its time, and that time; null where it is not held. */
export async function findHeld(
  db: Database,
  viewer: Viewer,
  identifier: string,
): Promise<{ batch: string; at: Date } | null> {
  const id = await idOfGiven(db, viewer, identifier, "m");
  const values = [viewer.accountId, viewer.organizationId, batchOf(id), numberOf(id), identifier];
  const { rows } = await db.query<{ batch: string; at: Date }>({ text: textFor(viewer), values });
  return rows[0] ?? null;
}
