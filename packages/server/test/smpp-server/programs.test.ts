import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { MessageStory, Page, SmppBind } from "@messaging-plus/sdk";
import { commandStatus } from "@messaging-plus/smpp";
import { afterAll, describe, expect, test } from "vitest";
import { messageId } from "../../src/message/id.ts";
import { NOT_DUE } from "../../src/store/webhooks/leased-by.ts";
import { Api } from "../support/api.ts";
import { testDatabase } from "../support/database.ts";
import type { Esme } from "../support/esme.ts";
import { type SmppProgram, startSmppProgram, submitOf } from "../support/smpp-program.ts";
import { until, within } from "../support/until.ts";

// To the door customers bind, over TLS, and it sends and tells of nothing: it has no messages in memory.
const certificate = (name: string) => fileURLToPath(new URL(`../notify/certificates/${name}`, import.meta.url));
const OVER_TLS = { tls: { ca: readFileSync(certificate("authority.crt")) } };
const carriers = [{ id: "simulator", type: "simulator", receiptDelay: 0.05 }];
const database = await testDatabase();
afterAll(database.close);
const { pool } = database;
/** While a test holds this lock, the commit of a try in vain waits for it, and puts the next try off for a day. */
const LOCK = 17;
// Before a program writes: with one that does, this would deadlock.
await pool.query(`
  CREATE FUNCTION put_off() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF NEW.leased_by = ${NOT_DUE} AND (TG_OP = 'INSERT' OR NEW.tries > OLD.tries)
      AND NOT pg_try_advisory_xact_lock_shared(${LOCK}) THEN
      PERFORM pg_advisory_xact_lock_shared(${LOCK});
      NEW.next_at := now() + interval '1 day';
    END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER put_off BEFORE INSERT OR UPDATE ON webhook FOR EACH ROW EXECUTE FUNCTION put_off()`);
const tls = { cert: certificate("valid.crt"), key: certificate("valid.key") };
const door = await startSmppProgram({
  database,
  config: { carriers, roles: ["api"], smpp: { tls, enquireLink: 0.2, idle: 5 } },
});
afterAll(door.stop);
/** Does everything, from when a test first wants it. */
let another: Promise<SmppProgram> | undefined;
const whole = (): Promise<SmppProgram> => {
  another ??= startSmppProgram({ database, config: { carriers } });
  return another;
};
afterAll(async () => (await another)?.stop());

const source_addr = "MyShop";
const submit = submitOf({ registered_delivery: 1 });
const customer = await door.account({ binds: 64 });
const { credential, api } = customer;
const boundToDoor = (command?: "bind_transmitter" | "bind_receiver") => door.bound(credential, OVER_TLS, command);
const boundToWhole = async (command?: "bind_transmitter" | "bind_receiver") =>
  (await whole()).bound(credential, {}, command);

test("over TLS, what is silent is asked, and ended with unbind", async () => {
  const [alive, silent] = [await boundToDoor(), await boundToDoor()];
  silent.answers = false;
  await within("the silent bind's end", silent.closed);
  expect(silent.requests.filter(({ command }) => command === "enquire_link").length).toBeGreaterThan(1);
  expect(silent.requests.map(({ command }) => command)).toContain("unbind");
  expect(await alive.ask("enquire_link")).toMatchObject({ command_status: 0 });
  alive.end();
});

describe("what is cancelled is never sent", () => {
  const fails = { command_status: commandStatus.ESME_RCANCELFAIL };
  const cancel = (esme: Esme, message_id: string) => esme.ask("cancel_sm", { message_id, source_addr });
  const story = async (id: string) => (await api.request<MessageStory>("GET", `/message/${id}`)).body;

  test("a message that no program has in memory, and its receipt says so", async () => {
    const esme = await boundToDoor();
    const { message_id } = await esme.ask("submit_sm", submit);
    expect(await esme.ask("cancel_sm", { message_id: message_id!, source_addr: "Other" })).toMatchObject(fails);
    expect(await cancel(esme, message_id!)).toMatchObject({ command: "cancel_sm_resp", command_status: 0 });
    expect(await cancel(esme, message_id!)).toMatchObject(fails);
    const receipt = await until("the receipt", () => esme.delivered[0]);
    expect(receipt.short_message.toString()).toContain("stat:DELETED err:047");
    expect(await story(message_id!)).toMatchObject({ state: "failed", code: "47" });
    esme.end();
  });

  test("one message of a batch that is held, and the others stay", async () => {
    const esme = await boundToDoor();
    const destinations = ["447700900101", "447700900102", "447700900103"];
    const send_at = new Date(Date.now() + 3_600_000).toISOString();
    const held = { from: source_addr, message: "x", destinations, send_at };
    const { body } = await api.request<{ identifier: string }>("POST", "/batch", { body: held });
    expect(await cancel(esme, messageId(body.identifier, 2))).toMatchObject({ command_status: 0 });
    expect(await cancel(esme, messageId(body.identifier, 2))).toMatchObject(fails);
    const batches = await api.request<{ batches: { messagecount: number }[] }>("GET", "/batch");
    expect(batches.body.batches).toMatchObject([{ messagecount: 2 }]);
    esme.end();
  });

  test("a message that waits in a batch's bundle, or in another program's memory", async () => {
    const esme = await boundToDoor();
    await door.operator.request("POST", "/carriers/simulator/pause");
    // Alone, the door leaves all of a batch to be claimed.
    const destinations = Array.from({ length: 600 }, (_, index) => String(447700910000 + index));
    const batch = { from: source_addr, message: "x", destinations };
    const { body } = await api.request<{ identifier: string }>("POST", "/batch", { body: batch });
    const bundled = messageId(body.identifier, 550);
    expect(await cancel(esme, bundled)).toMatchObject({ command_status: 0 });
    expect(await cancel(esme, bundled)).toMatchObject(fails);

    await whole();
    const there = messageId(body.identifier, 300);
    await until("all messages in its memory", async () => {
      const { rows } = await pool.query<{ count: number }>(
        "SELECT (SELECT count(*) FROM message WHERE leased_by = 0 AND next_at IS NOT NULL)::int + " +
          "(SELECT count(*) FROM message_bundle WHERE node = 0)::int AS count",
      );
      return rows[0]?.count === 0;
    });
    expect(await cancel(esme, there)).toMatchObject({ command_status: 0 });
    expect(await cancel(esme, there)).toMatchObject(fails);
    await door.operator.request("POST", "/carriers/simulator/resume");
    const ended = await until("the end of all", async () => {
      const { counts } = await api.status(body.identifier, "");
      return counts.delivered + counts.failed === 600 && counts;
    });
    expect(ended).toMatchObject({ delivered: 598, failed: 2 });
    for (const id of [bundled, there]) {
      const { state, code, events } = await story(id);
      const kinds = ["accepted", "failed"];
      expect({ state, code, kinds: events.map(({ kind }) => kind) }).toEqual({ state: "failed", code: "47", kinds });
    }
    esme.end();
  });
});

const receipted = (esme: { delivered: { tlvs: { receipted_message_id?: string } }[] }) =>
  esme.delivered.map(({ tlvs }) => tlvs.receipted_message_id);

test("a receipt comes to the program that its customer is bound to", async () => {
  const transmitter = await boundToWhole("bind_transmitter");
  const receiver = await boundToDoor("bind_receiver");
  const ids: string[] = [];
  for (let count = 0; count < 3; count++) {
    ids.push((await transmitter.ask("submit_sm", submit)).message_id!);
    await until(`receipt ${count + 1}`, () => receiver.delivered.length === count + 1);
  }
  // From one program's bind to the other's.
  receiver.end();
  const next = await boundToWhole();
  ids.push((await next.ask("submit_sm", submit)).message_id!);
  await until("the receipt", () => next.delivered.length === 1);
  expect([...receipted(receiver), ...receipted(next)]).toEqual(ids);
  transmitter.end();
  next.end();
});

test("GET /smpp of one program lists the binds to all of them", async () => {
  const esmes = [await boundToWhole()];
  // More than one notification has room for.
  for (let count = 0; count < 40; count++) esmes.push(await boundToDoor());
  const ofWhole = new Api((await whole()).url, door.organization.api.key);
  const listed = await until("no others", async () => {
    const { items } = (await ofWhole.request<Page<SmppBind>>("GET", "/smpp?limit=1000")).body;
    return items.length <= 41 && items;
  });
  expect(listed.map(({ account_uuid }) => account_uuid)).toEqual(Array(41).fill(customer.identifier));
  for (const esme of esmes) esme.end();
});

test("what waited for a bind comes to the program where there is one, in the order of its end", async () => {
  await whole();
  const transmitter = await boundToDoor("bind_transmitter");
  const ids: string[] = [];
  for (let count = 0; count < 30; count++) ids.push((await transmitter.ask("submit_sm", submit)).message_id!);
  await until("tries in vain of all", async () => {
    const { rows } = await pool.query<{ id: string; waits: boolean }>(
      `SELECT m.id, h.tries > 0 OR h.leased_by = 0 AS waits
       FROM message m LEFT JOIN webhook h ON h.id = m.id WHERE m.id = ANY ($1::uuid[])`,
      [ids],
    );
    return rows.length === ids.length && rows.every(({ waits }) => waits);
  });
  const receiver = await boundToDoor("bind_receiver");
  await until("all receipts", () => receiver.delivered.length === 30);
  const finals = await pool.query<{ id: string; at: number }>(
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

describe("while a try in vain is recorded", () => {
  const nodesWithReceivers = async (count: number): Promise<boolean> => {
    return (await pool.query("SELECT FROM node WHERE receiver_endpoints <> '{}'")).rowCount === count;
  };

  test.each([
    ["this program", boundToWhole],
    ["another program", boundToDoor],
  ])("a receipt comes at once although its customer binds at %s", async (_, bound) => {
    await until("nobody to be bound", () => nodesWithReceivers(0));
    const client = await pool.connect();
    await client.query("SELECT pg_advisory_lock($1)", [LOCK]);
    const transmitter = await boundToWhole("bind_transmitter");
    const { message_id } = await transmitter.ask("submit_sm", submit);
    await until("the record of a try in vain", async () => {
      const text = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND NOT granted";
      return (await pool.query(text, [LOCK])).rowCount === 1;
    });
    const receiver = await bound("bind_receiver");
    // With that the program makes due what waits in the store.
    await until("the store to know", () => nodesWithReceivers(1));
    await client.query("SELECT pg_advisory_unlock($1)", [LOCK]);
    client.release();
    const receipt = await until("the receipt", () => receiver.delivered[0]);
    expect(receipt.tlvs.receipted_message_id).toBe(message_id);
    transmitter.end();
    receiver.end();
  });
});
