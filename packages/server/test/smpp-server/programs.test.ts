import type { Page, SmppBind } from "@messaging-plus/sdk";
import { afterAll, expect, test } from "vitest";
import { testDatabase } from "../support/database.ts";
import { startSmppProgram, submitOf } from "../support/smpp-program.ts";
import { until } from "../support/until.ts";

// One does everything; to the other customers bind, and it sends and tells of nothing else.
const database = await testDatabase();
afterAll(database.close);
const carriers = [{ id: "simulator", type: "simulator", receiptDelay: 0.05 }];
const whole = await startSmppProgram({ database, config: { carriers } });
afterAll(whole.stop);
const door = await startSmppProgram({ database, config: { carriers, roles: ["api"] } });
afterAll(door.stop);

const submit = submitOf({ registered_delivery: 1 });
const receipted = (esme: { delivered: { tlvs: { receipted_message_id?: string } }[] }) =>
  esme.delivered.map(({ tlvs }) => tlvs.receipted_message_id);

test("a receipt comes to the program that its customer is bound to", async () => {
  const { credential } = await whole.account();
  const transmitter = await whole.bound(credential, {}, "bind_transmitter");
  const receiver = await door.bound(credential, {}, "bind_receiver");
  const ids: string[] = [];
  for (let count = 0; count < 3; count++) {
    ids.push((await transmitter.ask("submit_sm", submit)).message_id!);
    await until(`receipt ${count + 1}`, () => receiver.delivered.length === count + 1);
  }
  // From one program's bind to the other's.
  receiver.end();
  const next = await whole.bound(credential);
  ids.push((await next.ask("submit_sm", submit)).message_id!);
  await until("the receipt", () => next.delivered.length === 1);
  expect([...receipted(receiver), ...receipted(next)]).toEqual(ids);
  transmitter.end();
  next.end();
});

test("GET /smpp of one program lists the binds to all of them", async () => {
  const { credential, identifier } = await whole.account({ binds: 64 });
  const esmes = [await whole.bound(credential)];
  // More than one notification has room for.
  for (let count = 0; count < 40; count++) esmes.push(await door.bound(credential));
  const { items } = (await whole.organization.api.request<Page<SmppBind>>("GET", "/smpp?limit=1000")).body;
  expect(items.map(({ account_uuid }) => account_uuid)).toEqual(Array.from({ length: 41 }, () => identifier));
  for (const esme of esmes) esme.end();
});

test("what waited for a bind comes to the program where there is one, in the order of its end", async () => {
  const { credential, api } = await whole.account();
  const transmitter = await door.bound(credential, {}, "bind_transmitter");
  const ids: string[] = [];
  for (let count = 0; count < 30; count++) ids.push((await transmitter.ask("submit_sm", submit)).message_id!);
  await until("tries in vain of all", async () => {
    const { rows } = await database.pool.query<{ id: string; waits: boolean }>(
      `SELECT m.id, h.tries > 0 OR h.leased_by = 0 AS waits
       FROM message m LEFT JOIN webhook h ON h.id = m.id WHERE m.id = ANY ($1::uuid[])`,
      [ids],
    );
    return rows.length === ids.length && rows.every(({ waits }) => waits);
  });
  const receiver = await door.bound(credential, {}, "bind_receiver");
  await until("all receipts", () => receiver.delivered.length === 30);
  const finals = await database.pool.query<{ id: string; at: number }>(
    "SELECT id, extract(epoch FROM final_at)::float8 AS at FROM message WHERE id = ANY ($1::uuid[])",
    [ids],
  );
  const at = new Map(finals.rows.map((row) => [row.id, row.at]));
  const times = receipted(receiver).map((id) => at.get(id!)!);
  expect(times).toEqual(times.toSorted((left, right) => left - right));
  await until("their records", async () => {
    const { body } = await api.request<{ items: object[] }>("GET", "/webhooks?state=pending");
    return body.items.length === 0;
  });
  transmitter.end();
  receiver.end();
});
