import { afterAll, describe, expect, test } from "vitest";
import type { Api } from "../support/api.ts";
import { Handset } from "../support/handset.ts";
import { addAccount, type Program, startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { type ScriptedSmsc, scriptedSmsc } from "../support/scripted-smsc.ts";
import { until } from "../support/until.ts";

const hooks = await receiver();
afterAll(hooks.close);

/** A program with a carrier of its own; `mode` is senders.optOut. */
async function start(mode: string | undefined, options: { database?: Program["database"] } = {}) {
  const smsc = await scriptedSmsc();
  const program = await startProgram({
    ...options,
    config: {
      senders: { shared: ["447700900001", "447700900002"], ...(mode === undefined ? {} : { optOut: mode }) },
      carriers: [smsc.carrier()],
      callbacks: { allowPrivateAddresses: true },
    },
  });
  const stop = async (): Promise<void> => {
    await program.stop();
    await smsc.close();
  };
  return { smsc, program, api: program.api, stop };
}

const shared = { type: "shared" };
let handsets = 0;
const newHandset = (smsc: ScriptedSmsc) => new Handset(smsc, `4477009009${String(++handsets).padStart(2, "0")}`);

/** How a message to the handset ends. */
async function endOf(api: Api, handset: Handset, from: object = shared): Promise<string> {
  const callback = hooks.url(`/${handset.number}`);
  const [sent] = await api.send({ messages: [{ from, to: handset.number, body: "x", callback }] });
  return until("an end", async () => (await api.status(sent!.batchUuid)).details[0]?.info?.code);
}

async function numberOf(api: Api, handset: Handset): Promise<string> {
  const [sent] = await api.send({ messages: [{ from: shared, to: handset.number, body: "x" }] }, "?dryRun=true");
  return sent!.from.value;
}

describe("by default", async () => {
  const { smsc, program, api, stop } = await start(undefined);
  afterAll(stop);
  const other = api.as(await addAccount(program.database.pool));

  test("STOP to a shared number ends all further messages of its account with 58, START lets them go again", async () => {
    const handset = newHandset(smsc);
    expect(await endOf(api, handset)).toBe("00");
    const number = await numberOf(api, handset);
    expect(await handset.write(number, " stop\r\n")).toBe(0);
    expect(await endOf(api, handset)).toBe("58");
    expect(await endOf(api, handset, { type: "custom", value: "MyShop" })).toBe("58");
    const [, failed] = await hooks.waitFor(`/${handset.number}`, 3);
    expect(JSON.parse(failed!.body)).toMatchObject({ delivered: false, receiptInfo: { code: "58" } });
    expect(smsc.to(handset.number)).toHaveLength(1);
    // Neither other handsets nor other accounts are concerned.
    expect(await endOf(api, newHandset(smsc))).toBe("00");
    expect(await endOf(other, handset)).toBe("00");
    expect(await handset.write(number, "Start")).toBe(0);
    expect(await endOf(api, handset)).toBe("00");
  });

  test("the word itself is passed on like any other text", async () => {
    const handset = newHandset(smsc);
    await endOf(api, handset);
    await handset.write(await numberOf(api, handset), "Unsubscribe");
    const { body } = await api.request<{ items: { message: string }[] }>("GET", "/inbound");
    expect(body.items.at(-1)).toMatchObject({ message: "Unsubscribe" });
  });

  test("a batch is sent to all but those that have opted out", async () => {
    const [out, inside] = [newHandset(smsc), newHandset(smsc)];
    await endOf(api, out);
    await out.write(await numberOf(api, out), "QUIT");
    const batch = await api.sendBatch({ from: "MyShop", message: "x", destinations: [out.number, inside.number] });
    const { details } = await until("the batch's end", async () => {
      const status = await api.status(batch);
      return status.counts.delivered + status.counts.failed === 2 && status;
    });
    expect(details.map(({ info }) => info?.code)).toEqual(["58", "00"]);
  });

  test("a scheduled message is judged when it is sent", async () => {
    const handset = newHandset(smsc);
    const send_at = new Date(Date.now() + 3_600_000).toISOString();
    const [sent] = await api.send({ messages: [{ from: shared, to: handset.number, body: "x", send_at }] });
    await handset.write(sent!.from.value, "STOP");
    await program.database.pool.query("UPDATE pending_batch SET at = now() WHERE id = $1", [sent!.batchUuid]);
    await until("58", async () => (await api.status(sent!.batchUuid)).details[0]?.info?.code === "58");
    expect(smsc.to(handset.number)).toEqual([]);
  });

  test("STOP to a registered number is a text like others", async () => {
    const handset = newHandset(smsc);
    const number = "447700900801";
    await api.as(program.organizationKey).request("POST", "/sender", { body: { value: number } });
    const from = { type: "custom", value: number };
    expect(await endOf(api, handset, from)).toBe("00");
    await handset.write(number, "STOP");
    expect(await endOf(api, handset, from)).toBe("00");
  });

  test("holds in another program on the same database, and in one that is started later", async () => {
    const handset = newHandset(smsc);
    const later = api.as(await addAccount(program.database.pool));
    expect(await endOf(later, handset)).toBe("00");
    const neighbour = await start(undefined, { database: program.database });
    await handset.write(await numberOf(later, handset), "CANCEL");
    const elsewhere = neighbour.api.as(later.key);
    await until("58 in the other program", async () => (await endOf(elsewhere, handset)) === "58");
    await neighbour.stop();
    const next = await start(undefined, { database: program.database });
    expect(await endOf(next.api.as(later.key), handset)).toBe("58");
    await next.stop();
  });
});

describe.each([
  ["all", "58"],
  ["off", "00"],
])("senders.optOut: %s", async (mode, expected) => {
  const { smsc, program, api, stop } = await start(mode);
  afterAll(stop);

  test(`STOP to a registered number ends in ${expected}`, async () => {
    const handset = newHandset(smsc);
    const number = "447700900801";
    await api.as(program.organizationKey).request("POST", "/sender", { body: { value: number } });
    const from = { type: "custom", value: number };
    await handset.write(number, "STOP");
    expect(await endOf(api, handset, from)).toBe(expected);
  });

  test(`STOP to an organization's number ends in ${expected} for each of its accounts, START in 00`, async () => {
    const handset = newHandset(smsc);
    const number = "447700900802";
    await api.as(program.organizationKey).request("POST", "/sender", { body: { value: number } });
    const made = await api.as(program.organizationKey).request<{ apiKey: string }>("POST", "/account", {
      body: { name: "another" },
    });
    const another = api.as(made.body.apiKey);
    const from = { type: "custom", value: number };
    expect(await endOf(api, handset, from)).toBe("00");
    await handset.write(number, "STOP");
    expect({ own: await endOf(api, handset, from), other: await endOf(another, handset, from) }).toEqual({
      own: expected,
      other: expected,
    });
    await handset.write(number, "START");
    expect({ own: await endOf(api, handset, from), other: await endOf(another, handset, from) }).toEqual({
      own: "00",
      other: "00",
    });
  });

  test(`STOP to a shared number ends in ${expected}`, async () => {
    const handset = newHandset(smsc);
    await endOf(api, handset);
    await handset.write(await numberOf(api, handset), "STOP");
    expect(await endOf(api, handset)).toBe(expected);
  });
});
