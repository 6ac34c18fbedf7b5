import { readFileSync, writeFileSync } from "node:fs";
import { readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import type { MessageStory, Page, SmppBind, WebhookItem } from "@messaging-plus/sdk";
import { commandStatus, type Fields } from "@messaging-plus/smpp";
import { afterAll, expect, onTestFinished, test } from "vitest";
import type { Esme } from "../support/esme.ts";
import { acceptorsOf } from "../support/processes.ts";
import { startSmppProgram, submitOf } from "../support/smpp-program.ts";
import { until } from "../support/until.ts";

// Two processes accept: a receipt finds the one that has the bind.
const carriers = [{ id: "simulator", type: "simulator", receiptDelay: 0.05 }];
const program = await startSmppProgram({ config: { carriers, server: { workers: 2 } } });
afterAll(program.stop);

const submit = (fields: Fields<"submit_sm"> = {}) => submitOf({ registered_delivery: 1, ...fields });
/** The simulator's outcome for it is a failure of code 22. */
const FAILS = "447700900534";

test("a receipt comes in appendix B's form, the addresses turned round", async () => {
  const { credential, api } = await program.account();
  const esme = await program.bound(credential);
  const { message_id } = await esme.ask("submit_sm", submit({ tlvs: { user_message_reference: 77 } }));
  const [receipt] = await until("a receipt", () => (esme.delivered.length > 0 ? esme.delivered : undefined));
  expect(receipt).toMatchObject({
    esm_class: 0x04,
    source_addr: "447700900123",
    source_addr_ton: 1,
    source_addr_npi: 1,
    destination_addr: "MyShop",
    dest_addr_ton: 5,
    tlvs: {
      receipted_message_id: message_id,
      message_state: 2,
      network_error_code: { network_type: 3, error_code: 0 },
      user_message_reference: 77,
    },
  });
  expect(receipt!.short_message.toString()).toMatch(
    new RegExp(`^id:${message_id} sub:001 dlvrd:001 submit date:\\d{10} done date:\\d{10} stat:DELIVRD err:000 text:$`),
  );
  // It is seen like any webhook.
  const { body } = await until("its record", async () => {
    const answer = await api.request<{ items: object[] }>("GET", "/webhooks?state=delivered");
    return answer.body.items.length > 0 ? answer : undefined;
  });
  expect(body.items).toMatchObject([
    {
      id: message_id,
      kind: "receipt",
      url: `smpp:${credential.system_id}`,
      endpoint: `smpp:${credential.system_id}`,
      message_uuid: message_id,
      tries: 1,
      last_attempt: { status: 0, fault: null, reason: null },
    },
  ]);
  const story = await api.request<{ callback: string; events: object[] }>("GET", `/message/${message_id}`);
  expect(story.body.callback).toBe(`smpp:${credential.system_id}`);
  expect(story.body.events[0]).toMatchObject({ kind: "accepted", via: "smpp" });
  expect(story.body.events.at(-1)).toMatchObject({ kind: "webhook", url: `smpp:${credential.system_id}`, status: 0 });
  esme.end();
});

test.each([
  ["with a plus", { source_addr: "+447700900999", destination_addr: "+447700900123" }],
  ["as of no type", { dest_addr_ton: 0, dest_addr_npi: 0 }],
])("a receipt has the addresses as they were written: %s", async (_, written) => {
  const { credential } = await program.account();
  const esme = await program.bound(credential);
  const asked = submit(written);
  await esme.ask("submit_sm", asked);
  const receipt = await until("a receipt", () => esme.delivered[0]);
  expect(receipt).toMatchObject({
    source_addr: asked.destination_addr,
    source_addr_ton: asked.dest_addr_ton,
    source_addr_npi: asked.dest_addr_npi,
    destination_addr: asked.source_addr,
    dest_addr_ton: asked.source_addr_ton,
  });
  esme.end();
});

test("webhooks over SMPP are found by the endpoint that they are shown with, and replayed by it", async () => {
  const { credential, api } = await program.account();
  const esme = await program.bound(credential);
  const { message_id } = await esme.ask("submit_sm", submit());
  const found = async (endpoint: string) => {
    const query = `state=delivered&endpoint=${encodeURIComponent(endpoint)}`;
    const { status, body } = await api.request<Page<WebhookItem>>("GET", `/webhooks?${query}`);
    return { status, ids: body.items?.map(({ id }) => id) };
  };
  const endpoint = `smpp:${credential.system_id}`;
  await until("its record", async () => (await found(endpoint)).ids?.length !== 0);
  expect(await found(endpoint)).toEqual({ status: 200, ids: [message_id] });
  expect(await found("smpp:another")).toEqual({ status: 200, ids: [] });
  for (const none of ["smpp:", "SMPP", "mailto:shop"]) expect(await found(none)).toMatchObject({ status: 400 });
  const times = { from: new Date(0).toISOString(), to: new Date(Date.now() + 60_000).toISOString() };
  const replay = (to: string) =>
    api.request("POST", "/webhooks/replay", { body: { state: "delivered", ...times, endpoint: to } });
  expect((await replay("smpp:another")).body).toEqual({ replayed: 0 });
  expect((await replay(endpoint)).body).toEqual({ replayed: 1 });
  await until("it to come again", () => esme.delivered.length === 2);
  esme.end();
});

test("a receiver gets what a transmitter has submitted, and a transmitter nothing", async () => {
  const { credential } = await program.account();
  const transmitter = await program.bound(credential, {}, "bind_transmitter");
  const receiver = await program.bound(credential, {}, "bind_receiver");
  await transmitter.ask("submit_sm", submit());
  await until("a receipt", () => receiver.delivered.length === 1);
  expect(transmitter.delivered).toEqual([]);
  transmitter.end();
  receiver.end();
});

test("what waits for a bind comes as soon as there is one, and so does what was refused", async () => {
  const { credential, api } = await program.account();
  const transmitter = await program.bound(credential, {}, "bind_transmitter");
  const { message_id } = await transmitter.ask("submit_sm", submit());
  await until("a try in vain", async () => {
    const { body } = await api.request<{ items: { last_attempt: { fault: string } | null }[] }>("GET", "/webhooks");
    return body.items[0]?.last_attempt?.fault === "unbound";
  });
  const answers = [0x64, 0x58, 0];
  const receiver = await program.bound(credential, { onDeliver: () => answers.shift() ?? 0 }, "bind_receiver");
  await until("three tries", () => receiver.delivered.length === 3);
  expect(new Set(receiver.delivered.map(({ tlvs }) => tlvs.receipted_message_id))).toEqual(new Set([message_id]));
  transmitter.end();
  receiver.end();
});

interface Held {
  pid: number;
  binds: Esme[];
}

/** Which of these processes has the server's end of a connection: the one with its socket open, by the inode. */
async function holderOf(bind: Esme, pids: readonly number[]): Promise<number> {
  const port = bind.localPort.toString(16).toUpperCase().padStart(4, "0");
  const lines = (await readFile("/proc/net/tcp", "latin1")).split("\n").map((line) => line.trim().split(/\s+/));
  const inode = lines.find(([, , remote]) => remote?.endsWith(`:${port}`))?.[9];
  for (const pid of pids) {
    const files = await readdir(`/proc/${pid}/fd`);
    const opened = await Promise.all(files.map((file) => readlink(`/proc/${pid}/fd/${file}`).catch(() => "")));
    if (opened.includes(`socket:[${inode}]`)) return pid;
  }
  throw new Error(`no process has the connection from port ${bind.localPort}`);
}

test.runIf(process.platform === "linux")(
  "a receipt for a process that has just lost its binds goes over another's at once",
  async () => {
    const { credential, api } = await program.account({ binds: 50 });
    const accepting = await acceptorsOf(program.child.pid as number);
    const held: Held[] = accepting.map((pid) => ({ pid, binds: [] }));
    const counts = () => held.map(({ binds }) => binds.length);
    while (counts().includes(0) || new Set(counts()).size === 1) {
      const bind = await program.bound(credential);
      const pid = await holderOf(bind, accepting);
      held.find((holder) => holder.pid === pid)!.binds.push(bind);
    }
    // The one with more of them is asked to deliver.
    const [most, least] = held.sort((one, other) => other.binds.length - one.binds.length) as [Held, Held];
    process.kill(most.pid, "SIGSTOP");
    onTestFinished(() => void process.kill(most.pid, "SIGCONT"));
    for (const bind of most.binds) bind.end();
    const { message_id } = await least.binds[0]!.ask("submit_sm", submit());
    await until("its end", async () => {
      const text = "SELECT FROM message WHERE id = $1 AND state = 2";
      return (await program.database.pool.query(text, [message_id])).rowCount === 1;
    });
    process.kill(most.pid, "SIGCONT");
    await until("a receipt", () => least.binds.some(({ delivered }) => delivered.length === 1));
    const webhook = await until("its record", async () => {
      const { body } = await api.request<WebhookItem>("GET", `/webhooks/${message_id}`);
      return body.state === "delivered" && body;
    });
    expect(webhook.tries).toBe(1);
    for (const bind of least.binds) bind.end();
  },
);

test("receipts that waited for a bind, and those that come meanwhile, come in the order in which messages ended", async () => {
  const { credential } = await program.account({ window: 1_000 });
  const transmitter = await program.bound(credential, {}, "bind_transmitter");
  // On a machine that stands still for seconds a submit may be refused for now.
  const accepted = () =>
    until(
      "a submit to be accepted",
      async () => (await transmitter.ask("submit_sm", submit())).message_id || undefined,
    );
  const submits = (count: number) => Promise.all(Array.from({ length: count }, accepted));
  const waiting = [...(await submits(300)), ...(await submits(300))];
  const { pool } = program.database;
  await until("a try in vain of each", async () => {
    const { rowCount } = await pool.query("SELECT FROM webhook WHERE id = ANY ($1::uuid[]) AND tries > 0", [waiting]);
    return rowCount === waiting.length;
  });
  const receiver = await program.bound(credential, {}, "bind_receiver");
  const later = await submits(100);
  await until("all receipts", () => receiver.delivered.length === 700);
  const { rows } = await pool.query<{ id: string; at: number }>(
    "SELECT id, extract(epoch FROM final_at)::float8 AS at FROM message WHERE id = ANY ($1::uuid[])",
    [[...waiting, ...later]],
  );
  const finalAt = new Map(rows.map(({ id, at }) => [id, at]));
  const times = receiver.delivered.map(({ tlvs }) => finalAt.get(tlvs.receipted_message_id!)!);
  expect(times).toEqual(times.toSorted((left, right) => left - right));
  transmitter.end();
  receiver.end();
});

test("intermediate notifications come where a submit asks for them", async () => {
  const { credential, api } = await program.account();
  const esme = await program.bound(credential);
  /** The simulator sends one for it in any case. */
  const destination_addr = "447700900907";
  const asked: Record<string, string> = {};
  for (const registered_delivery of [0x01, 0x10, 0x11]) {
    const { message_id } = await esme.ask("submit_sm", submit({ registered_delivery, destination_addr }));
    asked[message_id!] = `0x${registered_delivery.toString(16)}`;
  }
  await until("all of them", () => esme.delivered.length === 4);
  const told = esme.delivered.map(({ esm_class, tlvs }) => `${asked[tlvs.receipted_message_id!]}: ${esm_class}`);
  expect(new Set(told)).toEqual(new Set(["0x1: 4", "0x10: 32", "0x11: 32", "0x11: 4"]));
  const notified = esme.delivered.find(({ esm_class }) => esm_class === 0x20)!;
  const id = notified.tlvs.receipted_message_id!;
  expect(notified).toMatchObject({
    source_addr: destination_addr,
    destination_addr: "MyShop",
    dest_addr_ton: 5,
    tlvs: { message_state: 1 },
  });
  expect(notified.short_message.toString()).toMatch(
    new RegExp(`^id:${id} sub:001 dlvrd:000 submit date:\\d{10} done date:\\d{10} stat:ENROUTE err:000 text:$`),
  );
  const items = await until("their records", async () => {
    const { body } = await api.request<Page<WebhookItem>>("GET", "/webhooks?state=delivered");
    return body.items.length === 4 && body.items;
  });
  const seen = items.map(({ kind, url, message_uuid, tries }) => ({ kind, url, of: asked[message_uuid!], tries }));
  const common = { url: `smpp:${credential.system_id}`, tries: 1 };
  expect(seen.sort((left, right) => (left.kind + left.of < right.kind + right.of ? -1 : 1))).toEqual([
    { ...common, kind: "intermediate", of: "0x10" },
    { ...common, kind: "intermediate", of: "0x11" },
    { ...common, kind: "receipt", of: "0x1" },
    { ...common, kind: "receipt", of: "0x11" },
  ]);
  esme.end();
});

test("an erased handset's receipt keeps the binds that it went to, and no more", async () => {
  const { credential, api } = await program.account();
  const esme = await program.bound(credential);
  const destination_addr = "447700900124";
  const { message_id } = await esme.ask("submit_sm", submit({ registered_delivery: 0x11, destination_addr }));
  await until("its reports", () => esme.delivered.length === 2);
  await until("their records", async () => {
    const { body } = await api.request<Page<WebhookItem>>("GET", "/webhooks?state=delivered");
    return body.items.length === 2;
  });
  const erased = await program.organization.api.request("DELETE", `/handset/${destination_addr}`);
  expect({ status: erased.status, text: erased.text }).toMatchObject({ status: 200 });
  const { body } = await api.request<WebhookItem>("GET", `/webhooks/${message_id}`);
  expect(body).toMatchObject({ url: `smpp:${credential.system_id}`, state: "delivered" });
  const { rows } = await program.database.pool.query<{ url: string }>("SELECT url FROM webhook WHERE id = $1", [
    message_id,
  ]);
  expect(rows).toEqual([{ url: `smpp:${credential.system_id}` }]);
  esme.end();
});

test("registered_delivery says which receipts come", async () => {
  const { credential, api } = await program.account();
  const esme = await program.bound(credential);
  const ids: Record<string, string> = {};
  for (const registered_delivery of [0, 1, 2, 3]) {
    for (const destination_addr of ["447700900123", FAILS]) {
      const { message_id } = await esme.ask("submit_sm", submit({ registered_delivery, destination_addr }));
      ids[message_id!] = `${registered_delivery} ${destination_addr === FAILS ? "failed" : "delivered"}`;
    }
  }
  await until("the receipts", () => esme.delivered.length === 4);
  const told = esme.delivered.map(({ tlvs }) => ids[tlvs.receipted_message_id!]);
  expect(told.sort()).toEqual(["1 delivered", "1 failed", "2 failed", "3 delivered"]);
  // All came over SMPP, those too that nobody is told of.
  for (const [id, name] of Object.entries(ids)) {
    const { callback, events } = await until(`${name} to be final`, async () => {
      const { body } = await api.request<MessageStory>("GET", `/message/${id}`);
      return body.waiting === null && body;
    });
    const whom = name.startsWith("0") ? null : `smpp:${credential.system_id}`;
    expect({ name, callback, first: events[0] }).toMatchObject({ name, callback: whom, first: { via: "smpp" } });
  }
  const { items } = (await api.request<Page<WebhookItem>>("GET", "/webhooks")).body;
  expect(items.filter(({ message_uuid }) => ids[message_uuid as string]?.startsWith("0"))).toEqual([]);
  esme.end();
});

async function reloadWith(change: object): Promise<string[]> {
  const file = join(program.folder, "config.json");
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), ...change }));
  return (await program.operator.request<{ changed: string[] }>("POST", "/reload")).body.changed;
}

test("a reload leaves customers bound, and judges what they submit by the new configuration", async () => {
  const { credential } = await program.account();
  const esme = await program.bound(credential);
  const binds = async () => {
    const { items } = (await program.operator.request<Page<SmppBind>>("GET", "/smpp")).body;
    return items.filter(({ system_id }) => system_id === credential.system_id);
  };
  const [before] = await binds();
  const submit = async () => (await esme.ask("submit_sm", submitOf())).command_status;
  expect(await submit()).toBe(0);
  expect(await reloadWith({ senders: { unregistered: "refuse" } })).toEqual(["senders.unregistered"]);
  expect(await submit()).toBe(commandStatus.ESME_RINVSRCADR);
  const limits = { requestsPerSecond: 0.001, burst: 1 };
  expect(await reloadWith({ senders: {}, limits })).toEqual([
    "senders.unregistered",
    "limits.requestsPerSecond",
    "limits.burst",
  ]);
  expect([await submit(), await submit()]).toEqual([0, commandStatus.ESME_RTHROTTLED]);
  expect(await reloadWith({ limits: {} })).toEqual(["limits.requestsPerSecond", "limits.burst"]);
  expect(await submit()).toBe(0);
  expect((await binds()).map(({ since }) => since)).toEqual([before?.since]);
  expect(esme.requests.map(({ command }) => command)).not.toContain("unbind");
  esme.end();
});
