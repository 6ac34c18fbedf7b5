import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { commandStatus } from "@messaging-plus/smpp";
import { afterAll, expect, test } from "vitest";
import { Api } from "../support/api.ts";
import { Esme } from "../support/esme.ts";
import { newKey } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { scriptedSmsc } from "../support/scripted-smsc.ts";
import { submitOf } from "../support/smpp-program.ts";
import { CrashProgram } from "./program.ts";

const hooks = await receiver();
afterAll(hooks.close);
const smsc = await scriptedSmsc();
afterAll(() => smsc.close());
const key = newKey();
const organizationKey = newKey();
const program = await CrashProgram.create(
  { organizationKey, smpp: { port: 0 }, carriers: [smsc.carrier()], callbacks: { allowPrivateAddresses: true } },
  key,
  null,
);
afterAll(() => program.remove());

test("below the floor of free space nothing more is accepted, while receipts and webhooks go on", async () => {
  await program.start();
  const message = { from: { type: "custom", value: "MyShop" }, to: "+447700900421", body: "x" };
  smsc.script("447700900421", { receipts: [] });
  const before = new Api(program.url as string, key);
  const [sent] = await before.send({ messages: [{ ...message, callback: hooks.url("/floor") }] });
  await smsc.waitFor("447700900421");
  const { body: me } = await before.request<{ account: { identifier: string } }>("GET", "/me");
  const credential = await before
    .as(organizationKey)
    .request<{ system_id: string; password: string }>("POST", `/account/${me.account.identifier}/smpp`);
  await program.stop();

  const file = join(program.folder, "config.json");
  const config = JSON.parse(await readFile(file, "utf8"));
  await writeFile(file, JSON.stringify({ ...config, database: { minFreeBytes: 2 ** 52 } }));
  // It starts, and is not ready.
  const api = new Api(await program.startUnready(), key);
  const refused = { status: 503, body: { type: "/docs#problem-store-unavailable", status: 503 } };
  for (const [method, path, body] of [
    ["POST", "/message", { messages: [message] }],
    ["POST", "/message", { messages: [{ ...message, send_at: "2030-01-01T00:00:00Z" }] }],
    ["POST", "/message", { messages: [{ ...message, id: "33333333-3333-4333-8333-333333333333" }] }],
    ["POST", "/batch", { from: "MyShop", message: "x", destinations: ["447700900421"] }],
    ["GET", "/health/ready", undefined],
  ] as const) {
    const answer = await api.request(method, path, { body });
    expect(answer).toMatchObject(refused);
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
  }
  const esme = await Esme.connect(program.smppPort as number);
  expect((await esme.bind(credential.body)).command_status).toBe(0);
  expect((await esme.ask("submit_sm", submitOf())).command_status).toBe(commandStatus.ESME_RX_T_APPN);
  esme.end();
  expect((await api.request("GET", "/health/live")).status).toBe(200);
  const status = await api.status(sent!.batchUuid, "");
  expect(status.counts).toEqual({ total: 1, delivered: 0, failed: 0 });

  expect((await smsc.receipt({ id: smsc.idOf("447700900421") })).command_status).toBe(0);
  const [hook] = await hooks.waitFor("/floor", 1);
  expect(JSON.parse(hook!.body)).toMatchObject({ messageuuid: sent!.messageUuid, delivered: true });
  expect(await program.stop()).toBe(0);
});
