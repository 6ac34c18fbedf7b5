import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newKey, type Program, startProgram } from "../support/program.ts";
import { until } from "../support/until.ts";
import { seed } from "./seed.ts";

/** The short form of `npm run seed`, with the configuration of `npm run dev` and shorter waits. */
const { dataDir: _, ...dev } = JSON.parse(
  readFileSync(new URL("../../../../scripts/dev.json", import.meta.url), "utf8"),
);
const ACCOUNTS = 8;

let program: Program;

beforeAll(async () => {
  const operatorKey = newKey();
  const carriers = dev.carriers.map((carrier: { type: string }) =>
    carrier.type === "simulator" ? { ...carrier, receiptDelay: 0.05 } : carrier,
  );
  const callbacks = { ...dev.callbacks, retryDelays: [0.1, 0.2] };
  program = await startProgram({ config: { ...dev, carriers, callbacks, operatorKey } });
  const { url, organizationKey } = program;
  await seed({
    url,
    organizationKey,
    operatorKey,
    seed: 1,
    accounts: ACCOUNTS,
    messages: 400,
    say: () => {},
  });
});

afterAll(() => program?.stop());

async function counted(text: string): Promise<Record<string, number>> {
  const { rows } = await program.database.pool.query<{ what: string; count: number }>(text);
  return Object.fromEntries(rows.map(({ what, count }) => [what, count]));
}

test("there are messages in every state, failed by several codes, and scheduled ones", async () => {
  const states = await counted("SELECT state::text AS what, count(*)::int FROM message GROUP BY 1");
  expect(Object.keys(states).sort()).toEqual(["0", "1", "2", "3"]);
  const failed = () =>
    counted("SELECT to_hex(code::int) AS what, count(*)::int FROM message WHERE state = 3 GROUP BY 1");
  // The time of those ends while the test begins.
  await until("what no carrier took in its time", async () => "51" in (await failed()), failed);
  const codes = await failed();
  expect(Object.keys(codes).length).toBeGreaterThan(4);
  // Whoever opted out is sent to no more; what no carrier took in its time is sent no more.
  expect(codes).toMatchObject({ "58": expect.any(Number), "51": expect.any(Number) });
  expect(await counted("SELECT 'pending' AS what, count(*)::int FROM pending_batch")).toEqual({ pending: 2 });
});

test("there are webhooks that came, that were exhausted, and that are held back", async () => {
  const states = await counted("SELECT state::text AS what, count(*)::int FROM webhook GROUP BY 1");
  expect(Object.keys(states).sort()).toEqual(["0", "1", "2"]);
  const { items } = await program.api
    .request<{ items: unknown[] }>("GET", "/endpoints", { key: program.organizationKey })
    .then(({ body }) => body);
  expect(items.length).toBeGreaterThan(0);
});

test("handsets have answered, and some have opted out", async () => {
  const rows = await counted(
    "SELECT 'inbound' AS what, count(*)::int FROM inbound UNION ALL SELECT 'opted out', count(*)::int FROM opt_out",
  );
  expect(rows).toEqual({ inbound: 20, "opted out": 5 });
});

test("there are accounts of three organizations, one of them deactivated", async () => {
  const rows = await counted(`
    SELECT 'organizations' AS what, count(*)::int FROM organization UNION ALL
    SELECT 'deactivated', count(*)::int FROM account WHERE deleted_at IS NOT NULL UNION ALL
    SELECT 'accounts', count(*)::int FROM account`);
  // The default account is one more.
  expect(rows).toEqual({ organizations: 3, deactivated: 1, accounts: ACCOUNTS + 1 });
});
