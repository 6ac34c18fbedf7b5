import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, expect, test } from "vitest";
import { startProgram } from "../support/program.ts";
import { until } from "../support/until.ts";

const PER_ENDPOINT = 4;

const program = await startProgram({
  config: {
    carriers: [{ id: "sim", type: "simulator", receiptDelay: 0 }],
    callbacks: { perEndpoint: PER_ENDPOINT, retryDelays: [0.5, 0.5, 0.5, 0.5, 0.5] },
  },
});
afterAll(program.stop);
const { pool } = program.database;

/** A receiver that answers what comes by a rule: 0 takes it, anything else asks for so many seconds with a 429. */
async function limited(rule: () => number) {
  const tries: { at: number; asked: number }[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    request.resume().on("end", () => {
      const asked = rule();
      tries.push({ at: performance.now(), asked });
      if (asked === 0) response.writeHead(200).end();
      else response.writeHead(429, { "retry-after": String(asked) }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, tries };
}

async function sendAll(callback: string, count: number): Promise<void> {
  const destinations = Array.from({ length: count }, (_, index) => `447700${String(910_000 + index)}`);
  await program.api.sendBatch({ from: "MyShop", message: "x", destinations, callback });
}

function delivered(url: string, count: number): Promise<boolean> {
  return until("all to be delivered", async () => {
    const text = "SELECT count(*)::int AS count FROM webhook WHERE url = $1 AND state = 1";
    return (await pool.query<{ count: number }>(text, [url])).rows[0]!.count === count;
  });
}

test("a receiver that asks for a pause is left alone until it is over, all of it", async () => {
  let requests = 0;
  const { url, tries } = await limited(() => (++requests === 100 ? 2 : 0));
  await sendAll(url, 300);
  await delivered(url, 300);
  expect(tries).toHaveLength(301);
  const { at: askedAt } = tries.find(({ asked }) => asked > 0)!;
  // Under way when it asked, or started before its answer was read.
  const meanwhile = tries.filter(({ at }) => at > askedAt && at < askedAt + 2_000);
  expect(meanwhile.length).toBeLessThanOrEqual(2 * PER_ENDPOINT);
});

test("one that takes so many a second gets them with few tries in vain", async () => {
  let second = 0;
  let taken = 0;
  const { url, tries } = await limited(() => {
    const now = Math.floor(performance.now() / 1_000);
    if (now !== second) taken = 0;
    second = now;
    return ++taken <= 50 ? 0 : 1;
  });
  await sendAll(url, 400);
  await delivered(url, 400);
  expect(tries.length).toBeLessThan(480);
});
