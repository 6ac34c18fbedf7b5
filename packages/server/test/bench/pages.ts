import pg from "pg";
import { median, say } from "./figures.ts";
import { fillHistory } from "./history.ts";
import { FarEnd } from "./processes.ts";
import { Program } from "./program.ts";

const DEPTHS = [0, 0.1, 0.5, 0.999];
const FILTERS = ["", "&state=delivered", "&state=exhausted"];
const TIMES = 40;
/** One in so many is made exhausted. */
const EXHAUSTED_OF = 100;

/** How long a page of 100 of an account's webhooks takes, however far down in a million of them it is. */
export async function pages(scale: number): Promise<void> {
  const smsc = await new FarEnd("smsc", []).start();
  const program = await new Program(smsc.port).start();
  const pool = new pg.Pool({ host: program.socket, user: "mplus", database: "mplus", max: 1 });
  const count = Math.round(1_000_000 * scale);
  await fillHistory(pool, count, Date.now());
  const exhausted = `UPDATE webhook SET state = 2 WHERE substr(id::text, 20, 4) < '${(0x8000 + 0x1000 / EXHAUSTED_OF).toString(16)}'`;
  await pool.query(exhausted);
  await pool.query("VACUUM (ANALYZE) webhook");
  const cursors: string[] = [];
  for (const depth of DEPTHS) {
    const text = "SELECT id FROM webhook WHERE account_id = 1 ORDER BY id DESC OFFSET $1 LIMIT 1";
    const { rows } = await pool.query<{ id: string }>(text, [Math.floor(depth * count)]);
    cursors.push(rows[0]!.id);
  }
  for (const filter of FILTERS) {
    const times = DEPTHS.map(() => [] as number[]);
    for (let round = 0; round < TIMES; round++) {
      for (const [index, cursor] of cursors.entries()) {
        const begun = performance.now();
        const path = `/webhooks?key=${program.key}&limit=100&after=${cursor}${filter}`;
        const response = await fetch(`http://127.0.0.1:${program.port}${path}`);
        if (response.status !== 200) throw new Error(`void: ${response.status} ${await response.text()}`);
        await response.arrayBuffer();
        times[index]!.push(performance.now() - begun);
      }
    }
    const figures = times.map((values, index) => `${median(values).toFixed(1)} ms at ${DEPTHS[index]! * count}`);
    say(`  a page of 100${filter.replace("&", ", ")}: ${figures.join(", ")}`);
  }
  await pool.end();
  await program.stop();
  program.remove();
  smsc.stop();
}
