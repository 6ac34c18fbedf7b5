import { afterAll, expect, test } from "vitest";
import type { CarrierStatus } from "../../src/carriers/carrier.ts";
import { newKey, startProgram } from "../support/program.ts";
import { scriptedSmsc } from "../support/scripted-smsc.ts";
import { until } from "../support/until.ts";

interface Carriers {
  items: CarrierStatus[];
  next: string | null;
}

const smsc = await scriptedSmsc();
afterAll(() => smsc.close());
const operatorKey = newKey();
const carriers = [
  { ...smsc.carrier(), window: 7, throughput: 50 },
  { id: "sim", type: "simulator", receiptDelay: 0 },
  { ...smsc.carrier(), id: "away", port: 1, bind: "split", binds: 2 },
];
const routes = [
  { to: "44", carriers: [carriers[0]!.id] },
  { to: "1", carriers: ["sim"] },
];
const program = await startProgram({ config: { operatorKey, carriers, routes } });
afterAll(program.stop);
const operator = program.api.as(operatorKey);

async function list(query = ""): Promise<Carriers> {
  const { status, body } = await operator.request<Carriers>("GET", `/carriers${query}`);
  expect(status).toBe(200);
  return body;
}

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const UP = { since: TIME, why: null, last_status: "ESME_ROK", next_try_at: null };
const BOUND = { bound: 1, refused: 0, failed: 0, lost: 0 };
const NOTHING = { submitted: 0, refused: 0, later: 0, uncertain: 0, received: 0 };

test("tells the operator how each carrier does", async () => {
  const batch = { from: "MyShop", message: "x", destinations: ["447700900101", "447700900102", "12025550123"] };
  const id = await program.api.sendBatch(batch);
  await until("it to be delivered", async () => (await program.api.status(id, "")).counts.delivered === 3);
  const { items, next } = await list();
  expect(next).toBeNull();
  expect(items).toEqual([
    {
      id: carriers[0]!.id,
      type: "smpp",
      state: "up",
      ...UP,
      bind_counts: BOUND,
      binds: { up: 1, of: 1 },
      window: 7,
      under_way: 0,
      paused: false,
      throughput: 50,
      counts: { ...NOTHING, submitted: 2, received: 2 },
    },
    {
      id: "sim",
      type: "simulator",
      state: "up",
      ...UP,
      bind_counts: BOUND,
      binds: { up: 1, of: 1 },
      window: 1_000,
      under_way: 0,
      paused: false,
      throughput: 0,
      counts: { ...NOTHING, submitted: 1, received: 1 },
    },
    {
      id: "away",
      type: "smpp",
      state: "down",
      since: TIME,
      why: "nothing listens at its host and port (ECONNREFUSED)",
      last_status: null,
      // At the very moment that it is tried there is no next try.
      next_try_at: expect.toSatisfy((at) => at === null || Date.parse(at) > Date.now() - 60_000),
      bind_counts: { ...BOUND, bound: 0, failed: expect.toSatisfy((count) => count >= 4) },
      binds: { up: 0, of: 4 },
      window: 200,
      under_way: 0,
      paused: false,
      throughput: 0,
      counts: NOTHING,
    },
  ]);
});

test("in pages", async () => {
  const first = await list("?limit=2");
  expect({ items: first.items.length, next: first.next }).toEqual({ items: 2, next: "sim" });
  const second = await list("?limit=2&after=sim");
  expect({ ids: second.items.map(({ id }) => id), next: second.next }).toEqual({ ids: ["away"], next: null });
  expect((await operator.request("GET", "/carriers?after=nowhere")).status).toBe(400);
});

test("and nobody else", async () => {
  for (const key of [program.organizationKey, program.api.key, null]) {
    expect((await operator.request("GET", "/carriers", { key })).status).toBe(400);
  }
});
