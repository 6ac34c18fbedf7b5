import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, expect, test } from "vitest";
import { startEmbedded } from "../../src/store/embedded/embedded.ts";
import { Wakeups } from "../../src/store/wakeups.ts";
import { query, removeDataDir, temporaryDataDir } from "../support/data-dir.ts";
import { until } from "../support/until.ts";

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

test("a standby's refusal to listen leaves one connection at most, and what is heard after its promotion", async () => {
  const dataDir = await temporaryDataDir();
  ends.push(() => removeDataDir(dataDir));
  const primary = await startEmbedded({ dataDir, log: () => {} });
  await primary.stop();
  await writeFile(join(primary.folder, "standby.signal"), "");
  const standby = await startEmbedded({ dataDir, log: () => {} });
  ends.push(() => standby.stop());
  let refusals = 0;
  const log = pino({ level: "debug" }, { write: (line) => void (/tried again/.test(line) && refusals++) });
  const heard: string[] = [];
  const wakeups = new Wakeups(standby.connection, log, (wakeup) => heard.push(wakeup));
  ends.push(() => wakeups.stop());
  await wakeups.start();
  await until("three refusals", () => refusals >= 3);
  const open = await query<{ open: number }>(
    standby.connection,
    "SELECT count(*)::int AS open FROM pg_stat_activity WHERE application_name = 'mplus wakeups'",
  );
  expect(open[0]?.open).toBeLessThanOrEqual(1);
  expect(await query(standby.connection, "SELECT pg_is_in_recovery() AS recovering")).toEqual([{ recovering: true }]);
  await query(standby.connection, "SELECT pg_promote()");
  await until("a wake-up", async () => {
    await query(standby.connection, "SELECT pg_notify('messaging_plus', 'keys')");
    return heard.length > 0;
  });
  expect(heard[0]).toBe("keys");
});
