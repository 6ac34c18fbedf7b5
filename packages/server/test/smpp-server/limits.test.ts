import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page, WebhookItem } from "@messaging-plus/sdk";
import { commandStatus } from "@messaging-plus/smpp";
import { afterAll, expect, test } from "vitest";
import { testDatabase } from "../support/database.ts";
import { databaseProxy } from "../support/database-proxy.ts";
import { startSmppProgram, submitOf } from "../support/smpp-program.ts";
import { until, within } from "../support/until.ts";

const certificate = (name: string) => fileURLToPath(new URL(`../notify/certificates/${name}`, import.meta.url));
const read = (name: string) => readFileSync(certificate(name));
const ca = read("authority.crt");
/** A customer's certificate, of an authority that the server knows. */
const OWN = { tls: { ca, cert: read("other.crt"), key: read("other.key") } };

const database = await testDatabase();
afterAll(database.close);
const proxy = await databaseProxy(database);
afterAll(proxy.close);
const program = await startSmppProgram(
  {
    database: proxy.database,
    config: {
      carriers: [{ id: "simulator", type: "simulator", receiptDelay: 0.05 }],
      smpp: {
        keepReceipts: 2,
        tls: { cert: certificate("valid.crt"), key: certificate("valid.key"), ca: certificate("authority.crt") },
      },
    },
  },
  1_000,
);
const stopped = { already: false };
afterAll(async () => {
  if (!stopped.already) await program.stop();
});
const { ESME_RSUBMITFAIL, ESME_RX_T_APPN } = commandStatus;

test("with an authority in smpp.tls, software needs a certificate of it beside its password", async () => {
  const { credential } = await program.account();
  const stranger = await program.connect({ tls: { ca, cert: read("self.crt"), key: read("self.key") } });
  await within("the end of one whose certificate nobody vouches for", stranger.closed);
  const bare = await program.connect({ tls: { ca } });
  await within("the end of one without a certificate", bare.closed);
  const plain = await program.connect();
  void plain.bind(credential).catch(() => {});
  await within("the end of one that speaks no TLS", plain.closed);
  const esme = await program.bound(credential, OWN);
  expect((await esme.ask("enquire_link")).command_status).toBe(0);
  esme.end();
});

test("what the account cannot pay is refused, whole, with 0x45", async () => {
  const { credential, credits } = await program.account({}, 3);
  const esme = await program.bound(credential, OWN);
  const twoParts = submitOf({ short_message: Buffer.alloc(0), tlvs: { message_payload: Buffer.alloc(300, "x") } });
  expect((await esme.ask("submit_sm", twoParts)).command_status).toBe(0);
  expect((await esme.ask("submit_sm", twoParts)).command_status).toBe(ESME_RSUBMITFAIL);
  expect(await credits()).toBe(1);
  expect((await esme.ask("submit_sm", submitOf())).command_status).toBe(0);
  expect((await esme.ask("submit_sm", submitOf())).command_status).toBe(ESME_RSUBMITFAIL);
  expect(await credits()).toBe(0);
  // Each fault is in the log, those of one status too.
  await esme.ask("submit_sm", submitOf({ data_coding: 0x0b }));
  const refusals = program
    .output()
    .stderr.split("\n")
    .flatMap((line) => (line.includes(credential.system_id) ? [JSON.parse(line) as object] : []));
  const common = { system_id: credential.system_id, command: "submit_sm", status: "ESME_RSUBMITFAIL" };
  expect(refusals).toMatchObject([
    { msg: "a customer has bound" },
    { ...common, field: null, why: expect.stringContaining("credits") },
    { ...common, field: "short_message", why: "has data_coding 0xb" },
  ]);
  esme.end();
});

test("a receipt that nobody takes within smpp.keepReceipts is exhausted, and comes when it is replayed", async () => {
  const { credential, api } = await program.account({}, 1);
  const transmitter = await program.bound(credential, OWN, "bind_transmitter");
  const { message_id } = await transmitter.ask("submit_sm", submitOf({ registered_delivery: 1 }));
  const exhausted = await until("the end of its tries", async () => {
    const { items } = (await api.request<Page<WebhookItem>>("GET", "/webhooks?state=exhausted")).body;
    return items[0];
  });
  expect(exhausted).toMatchObject({ message_uuid: message_id, tries: 2, last_attempt: { fault: "unbound" } });
  const receiver = await program.bound(credential, OWN, "bind_receiver");
  await api.request("POST", `/webhooks/${message_id}/replay`);
  await until("the receipt", () => receiver.delivered.length === 1);
  transmitter.end();
  receiver.end();
});

test("while the store is out of reach each submit is refused with 0x64, and the bind stands", async () => {
  const { credential } = await program.account({}, 10);
  const esme = await program.bound(credential, OWN);
  await proxy.cut();
  const refused = await esme.ask("submit_sm", submitOf());
  expect(refused.command_status).toBe(ESME_RX_T_APPN);
  await proxy.restore();
  await until("the store", async () => (await esme.ask("submit_sm", submitOf())).command_status === 0);
  esme.end();
});

test("a stop answers what was submitted before, and then unbinds", async () => {
  const { credential } = await program.account({}, 10);
  const esme = await program.bound(credential, OWN);
  proxy.hush();
  const answered = esme.ask("submit_sm", submitOf());
  // The submit was read: the server answers in the order in which it is asked.
  await esme.ask("enquire_link");
  stopped.already = true;
  const stop = program.stop();
  await until("the closed port", () =>
    program.connect().then(
      (late) => late.end(),
      () => true,
    ),
  );
  proxy.speak();
  const { command_status, message_id } = await answered;
  await within("the bind's end", esme.closed);
  await stop;
  const last = esme.received.slice(-2).map(({ command }) => command);
  expect({ command_status, last }).toEqual({ command_status: 0, last: ["submit_sm_resp", "unbind"] });
  expect((await database.pool.query("SELECT FROM message WHERE id = $1", [message_id])).rowCount).toBe(1);
});
