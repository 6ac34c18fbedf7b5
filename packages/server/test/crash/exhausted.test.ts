import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, expect, test } from "vitest";
import { testDatabase } from "../support/database.ts";
import { newKey, type Program, startProgram } from "../support/program.ts";
import { until } from "../support/until.ts";

const RETRY_DELAYS = [0.1, 0.1, 0.1, 0.1, 0.1];
const TRIES = RETRY_DELAYS.length + 1;
/** Fewer than would have the endpoint left alone. */
const WEBHOOKS = 12;
/** The requests at which the program is killed: before they are answered, and just after. */
const KILLED_BEFORE = [5, 66];
const KILLED_AFTER = [30];

const database = await testDatabase();
afterAll(database.close);
const keys = { organizationKey: newKey(), accountKey: newKey() };
const config = {
  ...keys,
  carriers: [{ id: "sim", type: "simulator", receiptDelay: 0 }],
  callbacks: { retryDelays: RETRY_DELAYS },
};
let program: Program = await startProgram({ database, config });
afterAll(() => program.stop());

/** A receiver that never takes a webhook, and at some of them has the program killed. */
const requests = new Map<string, number>();
let count = 0;
let kills = 0;
const server = createServer((request, response) => {
  void text(request).then((body) => {
    const { messageuuid } = JSON.parse(body) as { messageuuid: string };
    requests.set(messageuuid, (requests.get(messageuuid) ?? 0) + 1);
    count++;
    if (KILLED_BEFORE.includes(count)) kill();
    else if (KILLED_AFTER.includes(count)) answer(response, kill);
    else answer(response);
  });
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
afterAll(() => new Promise((resolve) => server.close(resolve)));
const callback = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

function answer(response: ServerResponse, then?: () => void): void {
  response.writeHead(503).end(then);
}

function kill(): void {
  kills++;
  program.child.kill("SIGKILL");
}

test("a webhook is exhausted after the fifth retry, no earlier and no later, however often the program is killed", async () => {
  const destinations = Array.from({ length: WEBHOOKS }, (_, index) => `4477009100${String(index).padStart(2, "0")}`);
  await program.api.sendBatch({ from: "MyShop", message: "x", destinations, callback });
  const rows = await until("all to be exhausted", async () => {
    if (program.child.signalCode !== null) program = await startProgram({ database, config });
    const { rows } = await database.pool.query<{ id: string; state: number; tries: number; kept: number }>(
      "SELECT id, state, tries, cardinality(attempts) AS kept FROM webhook",
    );
    return rows.length === WEBHOOKS && rows.every(({ state }) => state === 2) && rows;
  });
  expect(kills).toBe(KILLED_BEFORE.length + KILLED_AFTER.length);
  for (const { id, tries, kept } of rows) {
    expect({ tries, kept }).toEqual({ tries: TRIES, kept: TRIES });
    expect(requests.get(id)).toBeGreaterThanOrEqual(TRIES);
    // What was under way or not yet recorded when the program died is made again, and nothing else is.
    expect(requests.get(id)).toBeLessThanOrEqual(TRIES + kills);
  }
  const { rows: left } = await database.pool.query(
    "SELECT id FROM webhook WHERE next_at IS NOT NULL OR leased_by <> 0",
  );
  expect(left).toEqual([]);
}, 120_000);
