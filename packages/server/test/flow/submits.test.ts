import { once } from "node:events";
import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newKey, type Program, startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { goOnWith } from "../support/rewrite.ts";
import { type SmscScript, scriptedSmsc } from "../support/scripted-smsc.ts";
import { until } from "../support/until.ts";

const hooks = await receiver();
afterAll(hooks.close);
const [smsc, second, failing] = await Promise.all([scriptedSmsc(), scriptedSmsc(), scriptedSmsc()]);
afterAll(() => Promise.all([smsc, second, failing].map((each) => each.close())));
const deaf = createServer().listen(0, "127.0.0.1");
await once(deaf, "listening");
afterAll(() => void deaf.close());
const deafPort = (deaf.address() as { port: number }).port;

/** Prefixes lead to carriers: 44 to the scripted one, 33 to two in order, 49 to one that never binds, 1 nowhere. */
const program = await startProgram({
  config: {
    carriers: [
      smsc.carrier({ id: "scripted", errorCodes: { "0x401": "39", "1026": "58" }, responseTimeout: 5 }),
      second.carrier({ id: "second" }),
      { id: "deaf", type: "smpp", host: "127.0.0.1", port: deafPort, systemId: "x", responseTimeout: 60 },
    ],
    routes: [
      { to: "44", carriers: ["scripted"] },
      { to: "447700", carriers: ["scripted"] },
      { to: "33", carriers: ["deaf", "second"] },
      { to: "49", carriers: ["deaf"] },
    ],
    callbacks: { allowPrivateAddresses: true },
  },
});
afterAll(program.stop);
const { api } = program;
let next = 1_000_000;

interface Sent {
  to: string;
  batchUuid: string;
}

async function send(prefix: string, script: SmscScript | undefined, extra: object = {}): Promise<Sent> {
  const to = `${prefix}${next++}`;
  if (script !== undefined) smsc.script(to, script);
  const message = { from: { type: "custom", value: "MyShop" }, to, body: "x", callback: hooks.url(`/${to}`), ...extra };
  const [sent] = await api.send({ messages: [message] });
  return { to, batchUuid: sent!.batchUuid };
}

async function finalOf({ to, batchUuid }: Sent): Promise<string> {
  const [hook] = await hooks.waitFor(`/${to}`, 1);
  const { delivered, receiptInfo } = JSON.parse(hook?.body as string);
  const { counts, details } = await api.status(batchUuid);
  expect(counts).toEqual({ total: 1, delivered: delivered ? 1 : 0, failed: delivered ? 0 : 1 });
  expect(details).toMatchObject([{ delivered, failed: !delivered, info: receiptInfo }]);
  return `${delivered ? "delivered" : "failed"} ${receiptInfo.code}`;
}

test("a submit_sm says what was asked for", async () => {
  const sent = await send("44770", undefined, { body: "Grüße €", validity: 90 });
  const [submit] = await smsc.waitFor(sent.to);
  expect(submit).toMatchObject({
    source_addr_ton: 5,
    source_addr_npi: 0,
    source_addr: "MyShop",
    dest_addr_ton: 1,
    dest_addr_npi: 1,
    destination_addr: sent.to,
    esm_class: 0,
    data_coding: 0,
    registered_delivery: 1,
    // Relative, up to the 90 seconds that it is worth sending for (SMPP 3.4 §7.1.1.2).
    validity_period: expect.stringMatching(/^0000000001[23]\d000R$/),
  });
  const number = await send("44770", undefined, { from: { type: "custom", value: "+447700900999" }, body: "日本" });
  expect((await smsc.waitFor(number.to))[0]).toMatchObject({
    source_addr_ton: 1,
    source_addr_npi: 1,
    source_addr: "447700900999",
    data_coding: 8,
    text: "日本",
  });
});

test.each([
  [0x01, "52"],
  [0x0a, "56"],
  [0x0b, "43"],
  [0x33, "32"],
  [0x45, "56"],
  [0x61, "52"],
  [0xc3, "52"],
  [0xff, "32"],
  [0x400, "32"],
  [0x401, "39"],
  [0x402, "58"],
])("a submit refused with %i fails with %s at once, and is not sent again", async (command_status, code) => {
  const sent = await send("44770", () => ({ command_status }));
  expect(await finalOf(sent)).toBe(`failed ${code}`);
  expect(smsc.to(sent.to)).toHaveLength(1);
});

test.each([
  ["throttled", 0x58],
  ["a full queue", 0x14],
  ["a temporary error", 0x64],
  ["a system error", 0x08],
])("after %s the same message is sent again, and delivered", async (_name, command_status) => {
  const sent = await send("44770", (_submit, count) => (count === 1 ? { command_status } : {}));
  expect(await finalOf(sent)).toBe("delivered 00");
  expect(smsc.to(sent.to)).toHaveLength(2);
});

test("a carrier without an id for its answer is taken at its word", async () => {
  const sent = await send("44770", () => ({ message_id: "", receipts: [] }));
  await smsc.waitFor(sent.to);
  await until("the submit to be recorded", async () => {
    const { rows } = await program.database.pool.query("SELECT FROM message WHERE destination = $1 AND state = 1", [
      sent.to,
    ]);
    return rows.length === 1;
  });
});

test("a destination that no route leads to fails with 53", async () => {
  expect(await finalOf(await send("1212", undefined))).toBe("failed 53");
});

test("a carrier that is not bound is passed over for the next of the route", async () => {
  const sent = await send("3360", undefined);
  expect(await finalOf(sent)).toBe("delivered 00");
  expect(second.to(sent.to)).toHaveLength(1);
});

test("what no carrier took within its validity fails with 51 and is never sent", async () => {
  expect(await finalOf(await send("49151", undefined, { validity: 1 }))).toBe("failed 51");
});

test("what a carrier kept putting off until its validity was over fails with the carrier's reason", async () => {
  const [throttled, full] = await Promise.all(
    [0x58, 0x14].map((command_status) => send("44771", () => ({ command_status }), { validity: 5 })),
  );
  expect(await finalOf(throttled as Sent)).toBe("failed 20");
  expect(await finalOf(full as Sent)).toBe("failed 3B");
});

test("a submit whose answer never came is sent again", async () => {
  const sent = await send("44772", (_submit, count) => (count === 1 ? { cut: true } : {}));
  expect(await finalOf(sent)).toBe("delivered 00");
  expect(smsc.to(sent.to)).toHaveLength(2);
  expect(await uncertain(program.url)).toBeGreaterThan(0);
});

test("a submit that is never answered is sent again", async () => {
  const sent = await send("44773", (_submit, count) => (count === 1 ? { when: new Promise(() => {}) } : {}));
  expect(await finalOf(sent)).toBe("delivered 00");
  expect(smsc.to(sent.to)).toHaveLength(2);
});

describe("a confined program that fails what is uncertain, without a carrier at first", () => {
  const operatorKey = newKey();
  let other: Program;
  const config = { operatorKey, carriers: [] as object[], messages: { onUncertain: "fail" } };
  beforeAll(async () => {
    other = await startProgram({ config });
  });
  afterAll(() => other.stop());

  /** Without a callback: none may lead to this machine here. */
  async function codeOf(to: string): Promise<string> {
    const [sent] = await other.api.send({ messages: [{ from: { type: "custom", value: "MyShop" }, to, body: "x" }] });
    return until("an end", async () => (await other.api.status(sent!.batchUuid)).details[0]?.info?.code);
  }

  test("without any carrier nothing can be sent, and a message fails with 53", async () => {
    expect(await codeOf("447700900123")).toBe("53");
  });

  test("a carrier at loopback is reached, whatever customers may name; without its answer a submit fails with 7A", async () => {
    await goOnWith(other, { ...config, carriers: [failing.carrier()] });
    expect(await codeOf("447700900199")).toBe("00");
    failing.script("447700900123", { cut: true });
    expect(await codeOf("447700900123")).toBe("7A");
    expect(failing.to("447700900123")).toHaveLength(1);
    expect(await uncertain(other.url)).toBe(1);
  });
});

/** The count of submits whose answer never came, of the program's metrics. */
async function uncertain(url: string): Promise<number> {
  const metrics = await (await fetch(new URL("/metrics", url))).text();
  return Number(/^mplus_submits_uncertain_total\{[^}]*\} (\d+)$/m.exec(metrics)?.[1]);
}
