import { randomUUID } from "node:crypto";
import { createConnection } from "node:net";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { addAccount, startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const hooks = await receiver();
afterAll(hooks.close);
/** Numbers of the second prefix lead to a carrier that is never there: they are taken in, and none is sent. */
const program = await startProgram({
  config: {
    carriers: [
      { id: "sim", type: "simulator", receiptDelay: 0 },
      { id: "away", type: "smpp", host: "127.0.0.1", port: 1, systemId: "x" },
    ],
    routes: [{ carriers: ["sim"] }, { to: "4478", carriers: ["away"] }],
    callbacks: { allowPrivateAddresses: true },
  },
});
afterAll(program.stop);
const { api } = program;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const one = { from: "MyShop", message: "x", destinations: ["+447700900100"] };

/** Numbers, by default of the simulator's that are all delivered. */
function numbers(count: number, prefix = "4477"): string[] {
  return Array.from({ length: count }, (_, index) => `+${prefix}${String(10_000_000 + index)}`);
}

async function final(uuid: string): Promise<void> {
  await until(`batch ${uuid} to be final`, async () => {
    const { counts } = await api.status(uuid, "");
    return counts.delivered + counts.failed === counts.total;
  });
}

test.each(["/batch", "/message"])("POST %s takes the batch form and answers its identifier", async (path) => {
  const destinations = ["+447700900101", "447700900102", "+447700900103"];
  const body = { ...one, destinations, callback: hooks.url(path), channel: "sms", fallback_channels: [] };
  const answer = await api.request<{ identifier: string }>("POST", path, { body });
  expect(answer).toMatchObject({ status: 200, body: { identifier: expect.stringMatching(UUID) } });
  expect(Object.keys(answer.body)).toEqual(["identifier"]);
  const requests = (await hooks.waitFor(path, 3)).map(({ body: text }) => JSON.parse(text));
  expect(requests.map(({ destination }) => destination).sort()).toEqual(
    destinations.map((to) => `+${to.replace("+", "")}`),
  );
  expect(new Set(requests.map(({ batchuuid }) => batchuuid))).toEqual(new Set([answer.body.identifier]));
  expect(new Set(requests.map(({ messageuuid }) => messageuuid)).size).toBe(3);
});

test("sends once to a number that is there twice, however it is written", async () => {
  const destinations = ["+447700900110", "447700900110", "+447700900111", "+447700900110", "447700900111"];
  const identifier = await api.sendBatch({ ...one, destinations, callback: hooks.url("/twice") });
  await final(identifier);
  const { counts, details } = await api.status(identifier);
  expect(counts).toEqual({ total: 2, delivered: 2, failed: 0 });
  expect(details.map(({ destination }) => destination)).toEqual(["+447700900110", "+447700900111"]);
  expect(await hooks.waitFor("/twice", 2)).toHaveLength(2);
});

test.each(["id", "uuid"])(
  "a given %s names the batch in its answer, its status, its details and its webhooks",
  async (name) => {
    const id = randomUUID();
    const body = { ...one, [name]: id.toUpperCase(), callback: hooks.url(`/given/${name}`) };
    expect(await api.sendBatch(body)).toBe(id);
    const [hook] = await hooks.waitFor(`/given/${name}`, 1);
    expect(JSON.parse(hook?.body as string)).toMatchObject({ batchuuid: id, messageuuid: expect.stringMatching(UUID) });
    await final(id);
    const { counts, details } = await api.status(id.toUpperCase());
    expect(counts).toEqual({ total: 1, delivered: 1, failed: 0 });
    expect(details).toMatchObject([{ batchuuid: id }]);
    const again = await api.request("POST", "/batch", { body });
    expect({ status: again.status, type: again.body.type }).toEqual({
      status: 409,
      type: "/docs#problem-identifier-used",
    });
    expect((await api.as(await addAccount(program.database.pool)).request("POST", "/batch", { body })).status).toBe(
      200,
    );
  },
);

test("takes up to ten parts with allowMulti, and not one more", async () => {
  const ten = "x".repeat(1_530);
  for (const path of ["/batch", "/message"]) {
    expect((await api.request("POST", `${path}?allowMulti=true`, { body: { ...one, message: ten } })).status).toBe(200);
    expect((await api.request("POST", `${path}?allowMulti=false`, { body: { ...one, message: ten } })).status).toBe(
      400,
    );
    const eleven = await api.request("POST", `${path}?allowMulti=true`, { body: { ...one, message: `${ten}x` } });
    expect(eleven).toMatchObject({ status: 400, body: { errors: [{ path: "message" }] } });
  }
});

test("refuses NUL and halves of surrogate pairs", async () => {
  for (const message of ["a\0", "\ud800"]) {
    const refused = await api.request("POST", "/batch", { body: { ...one, message } });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ path: "message" }] } });
  }
});

test("a time in the past, under either name, sends at once", async () => {
  for (const name of ["send_at", "at"]) {
    await final(await api.sendBatch({ ...one, [name]: "2020-01-31T09:30" }));
  }
});

test("counts and details agree from the first answer to the last, and say nothing before it is known", async () => {
  // Codes of the simulator's: delivered, failed 22, never a receipt.
  const destinations = ["+447700900120", "+447700900534", "+447700900901"];
  const identifier = await api.sendBatch({ ...one, destinations });
  const description = (code: string) =>
    code === "00" ? "Successful" : "No response from the SME (e.g. phone switched off)";
  const [delivered, failed, open] = [
    { delivered: true, failed: false, info: { code: "00", description: description("00") } },
    { delivered: false, failed: true, info: { code: "22", description: description("22") } },
    { delivered: false, failed: false, info: null },
  ];
  await until("two receipts", async () => {
    const { counts, details } = await api.status(identifier);
    expect(counts.total).toBe(details.length);
    expect(counts.delivered).toBe(details.filter((row) => row.delivered).length);
    expect(counts.failed).toBe(details.filter((row) => row.failed).length);
    for (const row of details)
      expect([delivered, failed, open]).toContainEqual({
        delivered: row.delivered,
        failed: row.failed,
        info: row.info,
      });
    return counts.delivered + counts.failed === 2;
  });
  const { details } = await api.status(identifier);
  const common = { batchuuid: identifier, messageuuid: expect.stringMatching(UUID) };
  expect(details).toEqual([
    { destination: destinations[0], ...delivered, ...common },
    { destination: destinations[1], ...failed, ...common },
    { destination: destinations[2], ...open, ...common },
  ]);
  expect(Object.keys(details[0] ?? {})).toEqual([
    "destination",
    "delivered",
    "failed",
    "batchuuid",
    "messageuuid",
    "info",
  ]);
  const counts = await api.request("GET", `/batch/${identifier}`);
  expect(counts.text).toBe('{"counts":{"total":3,"delivered":1,"failed":1}}');
  expect(await api.status(identifier, "?details=false")).toEqual({ counts: { total: 3, delivered: 1, failed: 1 } });
});

test("streams the details of 2,500, and pages through them all exactly once", async () => {
  const destinations = numbers(2_500);
  const identifier = await api.sendBatch({ ...one, destinations });
  const during = await api.status(identifier);
  expect(during.counts.total).toBe(2_500);
  await final(identifier);
  const whole = await api.status(identifier);
  expect(whole.counts).toEqual({ total: 2_500, delivered: 2_500, failed: 0 });
  expect(whole.details.map(({ destination }) => destination)).toEqual(destinations);
  for (const limit of [1_000, 999, undefined]) {
    const rows: unknown[] = [];
    let query = limit === undefined ? "&after=00000000-0000-0000-0000-000000000000" : `&limit=${limit}`;
    for (let pages = 0; pages < 30; pages++) {
      const page = await api.status(identifier, `?details=true${query}`);
      expect(page.counts).toEqual(whole.counts);
      expect(page.details.length).toBeLessThanOrEqual(limit ?? 100);
      rows.push(...page.details);
      if (page.next === null) break;
      query = `${limit === undefined ? "" : `&limit=${limit}`}&after=${page.next}`;
    }
    expect(rows).toEqual(whole.details);
  }
});

test("a page shows rows of its own batch only, whatever the cursor", async () => {
  const [before, own, behind] = [await api.sendBatch(one), await api.sendBatch(one), await api.sendBatch(one)];
  const cursors = ["00000000-0000-0000-0000-000000000000", before, own, behind, "ffffffff-ffff-ffff-ffff-ffffffffffff"];
  for (const cursor of cursors) {
    const { details } = await api.status(own, `?details=true&after=${cursor}`);
    expect(
      details.every(({ batchuuid, messageuuid }) => batchuuid === own && messageuuid.slice(0, 31) === own.slice(0, 31)),
    ).toBe(true);
    expect(details).toHaveLength(cursor >= behind ? 0 : 1);
  }
});

test.each([
  "details=yes",
  "limit=5",
  "details=true&limit=0",
  "details=true&limit=1001",
  "details=true&limit=x",
  "details=true&after=x",
  "detail=true",
  "Details=true",
])("refuses a query of ?%s", async (query) => {
  const identifier = await api.sendBatch(one);
  const refused = await api.request("GET", `/batch/${identifier}?${query}`);
  expect(refused).toMatchObject({ status: 400, body: { type: "/docs#problem-invalid-request" } });
});

test("knows no batch by a message's identifier, nor by anything else", async () => {
  const identifier = await api.sendBatch({ ...one, destinations: ["+447700900130", "+447700900131"] });
  const [sent] = await api.send({
    messages: [{ from: { type: "custom", value: "MyShop" }, to: "+447700900132", body: "x" }],
  });
  const { details } = await api.status(identifier);
  for (const uuid of [
    ...details.map(({ messageuuid }) => messageuuid),
    sent?.messageUuid,
    randomUUID(),
    "x",
    "%20",
    "..%2f",
  ]) {
    const answer = await api.request("GET", `/batch/${uuid}`);
    expect({ uuid, status: answer.status, type: answer.body.type }).toEqual({
      uuid,
      status: 404,
      type: "/docs#problem-not-found",
    });
  }
});

test("takes 100,000 destinations, and refuses one more, while another account's requests are answered", async () => {
  const other = api.as(await addAccount(program.database.pool));
  let taken = false;
  const large = api.sendBatch({ ...one, destinations: numbers(100_000, "4478") }).finally(() => {
    taken = true;
  });
  let answered = 0;
  const message = { from: { type: "custom", value: "MyShop" }, to: "+447700900140", body: "x" };
  while (!taken) {
    await other.send({ messages: [message] });
    answered++;
  }
  const identifier = await large;
  expect(answered).toBeGreaterThan(0);
  expect((await api.status(identifier, "")).counts.total).toBe(100_000);
  // A reader that asks for all of it and then does not read holds nothing that others need.
  const slow = createConnection(Number(new URL(program.url).port), "127.0.0.1");
  onTestFinished(() => void slow.destroy());
  slow.pause();
  slow.write(`GET /batch/${identifier}?details=true&key=${api.key} HTTP/1.1\r\nHost: x\r\n\r\n`);
  const { counts, details } = await api.status(identifier);
  expect(details).toHaveLength(100_000);
  expect(counts).toEqual({
    total: 100_000,
    delivered: details.filter(({ delivered }) => delivered).length,
    failed: details.filter(({ failed }) => failed).length,
  });
  expect(new Set(details.map(({ messageuuid }) => messageuuid)).size).toBe(100_000);
  const refused = await api.request("POST", "/batch", { body: { ...one, destinations: numbers(100_001, "4478") } });
  expect(refused).toMatchObject({ status: 400, body: { errors: [{ path: "destinations" }] } });
});
