import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, test } from "vitest";
import type { MessageAnswers } from "../support/api.ts";
import { testOrganization } from "../support/organization.ts";
import { newKey, startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const hooks = await receiver();
afterAll(hooks.close);
const operatorKey = newKey();
const config = { operatorKey, carriers: [{ id: "sim", type: "simulator", receiptDelay: 0 }] };
const program = await startProgram({ config });
afterAll(program.stop);
const { pool } = program.database;
const operator = program.api.as(operatorKey);
const organization = await testOrganization(operator);
const { api } = await organization.account();

const MINUTE = 60_000;
const shop = { type: "custom", value: "MyShop" };
const message = { from: shop, to: "+447700900123", body: "later" };
const batch = { from: "MyShop", message: "later", destinations: ["447700900101", "447700900102", "447700900103"] };

interface Pending {
  batches: { identifier: string; at: string; from: string; messagecount: number; unitcount: number }[];
  next?: string | null;
}

function inMinutes(minutes: number): string {
  return new Date(Date.now() + minutes * MINUTE).toISOString();
}

async function pending(client = api, query = ""): Promise<Pending["batches"]> {
  const answer = await client.request<Pending>("GET", `/batch${query}`);
  expect(answer.status).toBe(200);
  return answer.body.batches;
}

/** As if the store's clock had come to their time. */
async function due(...identifiers: (string | undefined)[]): Promise<void> {
  await pool.query(
    `UPDATE pending_batch p SET at = now() FROM batch b WHERE b.id = p.id AND coalesce(b.given_id, b.id) = ANY ($1::uuid[])`,
    [identifiers],
  );
}

describe("a message with a time more than five minutes ahead", () => {
  test("is held, listed, and sent once its time has come", async () => {
    const sendAt = inMinutes(10);
    const [held] = await api.send({ messages: [{ ...message, send_at: sendAt, callback: hooks.url("/held") }] });
    expect(held).toMatchObject({ send_at: sendAt, scheduled: true });
    expect(await pending()).toEqual([
      { identifier: held?.batchUuid, at: sendAt, from: "MyShop", messagecount: 1, unitcount: 1 },
    ]);
    const { counts, details } = await api.status(held?.batchUuid as string);
    expect(counts).toEqual({ total: 1, delivered: 0, failed: 0 });
    expect(details).toEqual([
      {
        destination: "+447700900123",
        delivered: false,
        failed: false,
        batchuuid: held?.batchUuid,
        messageuuid: held?.messageUuid,
        info: null,
      },
    ]);
    expect(hooks.received("/held")).toEqual([]);
    await due(held?.batchUuid);
    const [hook] = await hooks.waitFor("/held", 1);
    expect(JSON.parse(hook?.body as string)).toMatchObject({
      batchuuid: held?.batchUuid,
      messageuuid: held?.messageUuid,
      delivered: true,
    });
    expect(await pending()).toEqual([]);
    expect((await api.status(held?.batchUuid as string)).counts).toEqual({ total: 1, delivered: 1, failed: 0 });
  });

  test("keeps the id that it was given, which stays used", async () => {
    const id = randomUUID();
    const body = { messages: [{ ...message, id, send_at: inMinutes(10), callback: hooks.url("/given") }] };
    const [held] = await api.send(body);
    expect(held).toMatchObject({ messageUuid: id, scheduled: true });
    expect((await api.status(held?.batchUuid as string)).details).toMatchObject([{ messageuuid: id }]);
    expect((await api.request("POST", "/message", { body })).status).toBe(409);
    await due(held?.batchUuid);
    const [hook] = await hooks.waitFor("/given", 1);
    expect(JSON.parse(hook?.body as string)).toMatchObject({ batchuuid: held?.batchUuid, messageuuid: id });
  });

  test("is unlike one that is nearer or past, which is sent at once", async () => {
    const times = [inMinutes(4.98), inMinutes(-1), "2001-01-01T00:00", "0001-01-01T00:00Z"];
    const messages = [...times, inMinutes(5.02)].map((send_at) => ({ ...message, send_at }));
    const sent = await api.send({ messages });
    expect(sent.map(({ scheduled }) => scheduled)).toEqual([false, false, false, false, true]);
    expect((await pending()).map(({ identifier }) => identifier)).toEqual([sent[4]?.batchUuid]);
    for (const { batchUuid } of sent.slice(0, 4)) {
      await until("it to be delivered", async () => (await api.status(batchUuid)).counts.delivered === 1);
    }
    await api.request("DELETE", `/batch/${sent[4]?.batchUuid}`);
  });

  test("counts its validity from then on", async () => {
    const at = Date.now() + 60 * MINUTE;
    const messages = [{ ...message, send_at: new Date(at).toISOString(), validity: 60 }];
    const [held] = await api.send({ messages });
    const times = "extract(epoch FROM expires_at)::float8 * 1000 AS expires";
    const { rows } = await pool.query(`SELECT ${times} FROM pending_batch WHERE id = $1`, [held?.batchUuid]);
    expect(rows).toEqual([{ expires: at + 60_000 }]);
    // Its time comes when the program was down for longer than that: it is worth nothing any more.
    await pool.query(
      "UPDATE pending_batch SET at = now() - interval '2 minutes', expires_at = now() - interval '1 minute' WHERE id = $1",
      [held?.batchUuid],
    );
    await until("it to fail", async () => (await api.status(held?.batchUuid as string)).counts.failed === 1);
    expect((await api.status(held?.batchUuid as string)).details[0]?.info?.code).toBe("51");
  });

  test("may be as far as a date can be", async () => {
    for (const [send_at, at] of [
      ["2038-01-19T03:14:08Z", "2038-01-19T03:14:08.000Z"],
      ["9999-12-31T23:59:59.999+14:00", "9999-12-31T09:59:59.999Z"],
      ["+012000-02-29T12:00Z", "+012000-02-29T12:00:00.000Z"],
      ["+275760-09-12T00:00:00Z", "+275760-09-12T00:00:00.000Z"],
    ]) {
      const [held] = await api.send({ messages: [{ ...message, send_at, validity: 60 }] });
      expect(held).toMatchObject({ send_at, scheduled: true });
      expect(await pending()).toMatchObject([{ identifier: held?.batchUuid, at }]);
      expect((await api.status(held?.batchUuid as string)).details).toHaveLength(1);
      expect((await api.request("DELETE", `/batch/${held?.batchUuid}`)).status).toBe(200);
    }
    const beyond = { messages: [{ ...message, send_at: "+275760-09-13T00:00:00.001Z" }] };
    expect((await api.request("POST", "/message", { body: beyond })).status).toBe(400);
  });
});

describe("a batch with a time", () => {
  test.each(["send_at", "at"])("(%s) is held and sent whole", async (name) => {
    const path = `/batch-${name}`;
    const id = name === "at" ? randomUUID() : undefined;
    const body = { ...batch, [name]: inMinutes(30), callback: hooks.url(path), ...(id === undefined ? {} : { id }) };
    const identifier = await api.sendBatch(body);
    if (id !== undefined) expect(identifier).toBe(id);
    expect(await pending()).toMatchObject([{ identifier, from: "MyShop", messagecount: 3, unitcount: 1 }]);
    const held = await api.status(identifier);
    expect(held.counts).toEqual({ total: 3, delivered: 0, failed: 0 });
    expect(held.details.map(({ destination }) => destination)).toEqual(batch.destinations.map((to) => `+${to}`));
    await due(identifier);
    const bodies = (await hooks.waitFor(path, 3)).map((hook) => JSON.parse(hook.body));
    expect(new Set(bodies.map(({ batchuuid }) => batchuuid))).toEqual(new Set([identifier]));
    const names = (rows: { messageuuid: string }[]) => rows.map(({ messageuuid }) => messageuuid).sort();
    expect(names(bodies)).toEqual(names(held.details));
    expect((await api.status(identifier)).details.map(({ messageuuid }) => messageuuid)).toEqual(
      held.details.map(({ messageuuid }) => messageuuid),
    );
  });

  test("tells the parts of each message, and counts a number once", async () => {
    const body = { ...batch, message: "x".repeat(161), destinations: ["447700900101", "+447700900101"] };
    const identifier = await api.sendBatch({ ...body, send_at: inMinutes(30) }, "?allowMulti=true");
    expect(await pending()).toMatchObject([{ identifier, messagecount: 1, unitcount: 2 }]);
    await api.request("DELETE", `/batch/${identifier}`);
  });

  test("of 20,000 is taken, shown and cancelled while others are served", async () => {
    const destinations = Array.from({ length: 20_000 }, (_, index) => `4477${String(index).padStart(8, "0")}`);
    const accepted = api.sendBatch({ ...batch, destinations, send_at: inMinutes(30) });
    let served = 0;
    let taken = false;
    void accepted.finally(() => {
      taken = true;
    });
    while (!taken) {
      await program.api.send({ messages: [message] });
      served++;
    }
    expect(served).toBeGreaterThan(0);
    const identifier = await accepted;
    expect(await pending()).toMatchObject([{ identifier, messagecount: 20_000 }]);
    const { details } = await api.status(identifier);
    expect(details.map(({ destination }) => destination)).toEqual(destinations.map((to) => `+${to}`));
    const page = await api.status(identifier, `?details=true&limit=2&after=${details[9_999]?.messageuuid}`);
    expect(page.details).toEqual(details.slice(10_000, 10_002));
    expect((await api.request("DELETE", `/batch/${identifier}`)).status).toBe(200);
    expect((await api.request("GET", `/batch/${identifier}`)).status).toBe(404);
  });
});

describe("GET /batch", () => {
  test("lists the soonest first, in pages or all at once, and nobody else's", async () => {
    const own = await organization.account();
    const minutes = Array.from({ length: 25 }, (_, index) => 10 + ((index * 7) % 25));
    const messages = minutes.map((minute) => ({ ...message, send_at: inMinutes(minute) }));
    const held = await own.api.send({ messages });
    const sooner = (a: { send_at?: string }, b: { send_at?: string }) =>
      String(a.send_at).localeCompare(String(b.send_at));
    const expected = [...held].sort(sooner).map(({ batchUuid }) => batchUuid);
    const all = await own.api.request<Pending>("GET", "/batch");
    expect(Object.keys(all.body)).toEqual(["batches"]);
    expect(all.body.batches.map(({ identifier }) => identifier)).toEqual(expected);
    for (const { at } of all.body.batches) expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const seen: string[] = [];
    for (let query: string | null = "?limit=10"; query !== null; ) {
      const page: Pending = (await own.api.request<Pending>("GET", `/batch${query}`)).body;
      seen.push(...page.batches.map(({ identifier }) => identifier));
      query = page.next === null ? null : `?limit=10&after=${encodeURIComponent(String(page.next))}`;
    }
    expect(seen).toEqual(expected);
    expect(await pending(program.api)).toEqual([]);
    await organization.api.request("DELETE", own.path);
  });

  test("shows a time to the millisecond, however far, and goes on behind it", async () => {
    const own = await organization.account();
    // Seconds as a binary fraction: times a thousand some of these were not whole.
    const times = [2_196_334_563_340, 2_196_334_563_345, 253_402_300_799_999, 8_639_999_999_999_999];
    const at = times.map((time) => new Date(time).toISOString());
    const held = await own.api.send({ messages: at.map((send_at) => ({ ...message, send_at })) });
    const seen: Pending["batches"] = [];
    for (let query: string | null = "?limit=1"; query !== null; ) {
      const { status, body }: { status: number; body: Pending } = await own.api.request("GET", `/batch${query}`);
      expect({ query, status }).toEqual({ query, status: 200 });
      seen.push(...body.batches);
      query = body.next === null ? null : `?limit=1&after=${body.next}`;
    }
    expect(seen.map((batch) => batch.at)).toEqual(at);
    expect(seen.map(({ identifier }) => identifier)).toEqual(held.map(({ batchUuid }) => batchUuid));
    await organization.api.request("DELETE", own.path);
  });

  test("is an empty list where nothing is pending", async () => {
    expect((await (await organization.account()).api.request("GET", "/batch")).body).toEqual({ batches: [] });
  });

  test.each([
    "limit=0",
    "limit=1001",
    "limit=x",
    "after=x",
    "after=",
    "after=1.x",
    `after=9999999999999999.${randomUUID()}`,
    "Limit=1",
    "details=true",
  ])("refuses ?%s", async (query) => {
    const refused = await api.request("GET", `/batch?${query}`);
    expect({ status: refused.status, path: refused.body.errors?.[0]?.path }).toEqual({
      status: 400,
      path: `?${query.split("=")[0]}`,
    });
  });
});

describe("DELETE /batch/{uuid}", () => {
  test("cancels: unknown from then on, no webhook, its identifiers still used", async () => {
    const [id, messageUuid] = [randomUUID(), randomUUID()];
    const hold = { send_at: inMinutes(30), callback: hooks.url("/cancelled") };
    const identifier = await api.sendBatch({ ...batch, ...hold, id });
    const [single] = await api.send({ messages: [{ ...message, ...hold, id: messageUuid }] });
    const made = await api.sendBatch({ ...batch, ...hold });
    for (const uuid of [identifier, single?.batchUuid, made]) {
      const answer = await api.request("DELETE", `/batch/${uuid?.toUpperCase()}`);
      expect({ status: answer.status, body: answer.body }).toEqual({ status: 200, body: { identifier: uuid } });
      expect((await api.request("GET", `/batch/${uuid}?details=true`)).status).toBe(404);
      expect((await api.request("DELETE", `/batch/${uuid}`)).status).toBe(404);
    }
    expect(await pending()).toEqual([]);
    for (const used of [id, made]) {
      expect((await api.request("POST", "/batch", { body: { ...batch, id: used } })).status).toBe(409);
    }
    const again = { messages: [{ ...message, id: messageUuid }] };
    expect((await api.request("POST", "/message", { body: again })).status).toBe(409);
    const { rows } = await pool.query(
      "SELECT (SELECT count(*) FROM message WHERE account_id = a.account_id AND callback IS NOT NULL)::int AS rows FROM given_id a WHERE given = $1",
      [id],
    );
    expect(rows).toHaveLength(1);
    expect(hooks.received("/cancelled")).toEqual([]);
  });

  test("answers 409 to what is sent, and 404 to what this account does not have", async () => {
    const [sent] = await api.send({ messages: [message] });
    const refused = await api.request("DELETE", `/batch/${sent?.batchUuid}`);
    expect({ status: refused.status, type: refused.body.type }).toEqual({
      status: 409,
      type: "/docs#problem-batch-not-pending",
    });
    const whole = await api.sendBatch(batch);
    expect((await api.request("DELETE", `/batch/${whole}`)).status).toBe(409);
    const held = await api.sendBatch({ ...batch, send_at: inMinutes(30) });
    await due(held);
    await until("it to be delivered", async () => (await api.status(held)).counts.delivered === 3);
    expect((await api.request("DELETE", `/batch/${held}`)).status).toBe(409);
    const other = await api.sendBatch({ ...batch, send_at: inMinutes(30) });
    for (const uuid of [other, "00000000-0000-4000-8000-000000000000", "x"]) {
      expect((await program.api.request("DELETE", `/batch/${uuid}`)).status).toBe(404);
    }
    expect((await api.request("DELETE", `/batch/${other}?x=1`)).status).toBe(400);
    expect((await api.request("DELETE", `/batch/${other}`, { body: "{not json" })).status).toBe(200);
  });

  test("and a release that meet leave exactly one of the two", async () => {
    const own = await organization.account();
    const outcomes = { cancelled: 0, sent: 0 };
    for (let round = 0; round < 2; round++) {
      const held = await Promise.all(
        Array.from({ length: 40 }, () => own.api.sendBatch({ ...batch, send_at: inMinutes(30) })),
      );
      // Those behind the ones that fall due are cancelled while the release is under way.
      const [, ...answers] = await Promise.all([
        due(...held),
        ...held.map(async (uuid, index) => {
          await until("its turn", async () => (await pending(own.api, "?limit=1000")).length <= 40 - (index >> 2));
          return own.api.request("DELETE", `/batch/${uuid}`);
        }),
      ]);
      for (const [index, { status }] of answers.entries()) {
        const uuid = held[index] as string;
        if (status === 200) {
          outcomes.cancelled++;
          expect((await own.api.request("GET", `/batch/${uuid}`)).status).toBe(404);
        } else {
          expect(status).toBe(409);
          outcomes.sent++;
          await until("all of it to be delivered", async () => (await own.api.status(uuid)).counts.delivered === 3);
        }
      }
    }
    const { rows } = await pool.query(
      "SELECT count(*)::int AS rows FROM message m JOIN account a ON a.id = m.account_id WHERE a.identifier = $1",
      [own.identifier],
    );
    expect(rows).toEqual([{ rows: outcomes.sent * 3 }]);
    expect(outcomes.cancelled + outcomes.sent).toBe(80);
  });
});

describe("what is held", () => {
  test("survives a restart, and is sent by whichever program runs then", async () => {
    const first = await startProgram({ database: program.database, config: { ...config, roles: ["api"] } });
    const [held] = await api
      .as(api.key)
      .send({ messages: [{ ...message, send_at: inMinutes(30), callback: hooks.url("/restart") }] });
    const other = first.api.as(api.key);
    const identifier = await other.sendBatch({ ...batch, send_at: inMinutes(30), callback: hooks.url("/restart") });
    await first.stop();
    expect((await pending()).map((row) => row.identifier).sort()).toEqual([held?.batchUuid, identifier].sort());
    await due(held?.batchUuid, identifier);
    await hooks.waitFor("/restart", 4);
  });

  test("is no identifier for anything else", async () => {
    const [held] = await api.send({ messages: [{ ...message, send_at: inMinutes(30) }] });
    const identifier = await api.sendBatch({ ...batch, send_at: inMinutes(30) });
    const { details } = await api.status(identifier);
    for (const id of [held?.batchUuid, held?.messageUuid, identifier, details[1]?.messageuuid]) {
      const refused = await api.request("POST", "/message", { body: { messages: [{ ...message, id }] } });
      expect(refused.status).toBe(409);
    }
    for (const uuid of [held?.batchUuid, identifier]) await api.request("DELETE", `/batch/${uuid}`);
  });

  test("is held with what is sent at once in the same request", async () => {
    const messages = [message, { ...message, send_at: inMinutes(30) }, { ...message, to: "+447700900124" }];
    const answer = await api.request<MessageAnswers>("POST", "/message", { body: { messages } });
    expect(answer.body.messages.map(({ scheduled }) => scheduled)).toEqual([false, true, false]);
    expect(await pending()).toMatchObject([{ identifier: answer.body.messages[1]?.batchUuid }]);
    await api.request("DELETE", `/batch/${answer.body.messages[1]?.batchUuid}`);
  });

  test("of a deactivated account is cancelled", async () => {
    const own = await organization.account();
    const identifier = await own.api.sendBatch({ ...batch, send_at: inMinutes(30), callback: hooks.url("/gone") });
    await organization.api.request("DELETE", own.path);
    await organization.api.request("PATCH", own.path, { body: { deleted: false } });
    expect((await own.api.request("GET", `/batch/${identifier}`)).status).toBe(404);
    expect(await pending(own.api)).toEqual([]);
    expect(hooks.received("/gone")).toEqual([]);
  });
});

test("a dry run holds nothing and says that it would", async () => {
  const [held] = await api.send({ messages: [{ ...message, send_at: inMinutes(30) }] }, "?dryRun=true");
  expect(held).toMatchObject({ scheduled: true });
  await api.sendBatch({ ...batch, send_at: inMinutes(30) }, "?isDryrun=true");
  expect(await pending()).toEqual([]);
});
