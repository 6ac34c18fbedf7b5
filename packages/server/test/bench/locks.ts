/**
 * `npm run bench:locks`: EXPLAIN (ANALYZE, BUFFERS) of what shared senders and opt-outs ask, with LOCKS locks (default
 * 5,000,000) and as many opt-outs in the store. What it printed stands in docs/decisions/0012-what-a-handset-answers.md.
 */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findNumberOwners } from "../../dist/store/accounts/number-owners.js";
import { startEmbedded } from "../../dist/store/embedded/embedded.js";
import { hashOf } from "../../dist/store/handsets/handset-hash.js";
import { findOptOuts } from "../../dist/store/handsets/opt-outs.js";
import { lockSharedNumbers, previewSharedNumbers } from "../../dist/store/handsets/shared-locks.js";
import { PLAN_SETTINGS } from "../../dist/store/plan-settings.js";
import { createPool } from "../../dist/store/pool.js";
import { MIGRATIONS, migrate } from "../../dist/store/upkeep/migrate.js";
import { explaining } from "./explaining.js";

const LOCKS = Number(process.env.LOCKS ?? 5_000_000);
const SLICE = 100_000;
const POOL = ["447700900001", "447700900002", "447700900003"];
/** Handsets that accounts 1 and 2 have numbers for. */
const HANDSETS = LOCKS / 2;

const folder = mkdtempSync(join(tmpdir(), "mplus-locks-"));
chmodSync(folder, 0o755);
const database = await startEmbedded({ dataDir: folder, log: () => {} });
const pool = createPool(database.connection, { max: 1, applicationName: "locks", sessionSettings: PLAN_SETTINGS });
try {
  await migrate(database.connection, MIGRATIONS, () => {});
  for (let from = 0; from < HANDSETS; from += SLICE) {
    const values = [from, Math.min(HANDSETS, from + SLICE) - 1];
    const handset = hashOf("447000000000 + h");
    await pool.query(
      `INSERT INTO shared_lock SELECT a, ${handset}, 447700900000 + a
       FROM generate_series(1, 2) a, generate_series($1::int, $2::int) h`,
      values,
    );
    await pool.query(
      `INSERT INTO opt_out SELECT a, ${handset} FROM generate_series(1, 2) a, generate_series($1::int, $2::int) h`,
      values,
    );
  }
  for (const table of ["shared_lock", "opt_out"]) await pool.query(`VACUUM (ANALYZE) ${table}`);
  const client = await pool.connect();
  const explained = explaining(client, 1);
  const known = "447000000077";
  await previewSharedNumbers(explained, [{ accountId: 1, handset: known }], POOL, 5);
  await lockSharedNumbers(
    explained,
    [{ accountId: 3, handset: known, number: POOL[2] as string, stale: null }],
    POOL,
    5,
  );
  await findNumberOwners(explained, [{ handset: known, number: "447700900001" }]);
  await findOptOuts(explained, [{ accountId: 1, handset: known }]);
  client.release();
} finally {
  await pool.end();
  await database.stop();
  rmSync(folder, { recursive: true, force: true });
}
