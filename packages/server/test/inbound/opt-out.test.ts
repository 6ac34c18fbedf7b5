import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hashOf } from "../../src/store/handsets/handset-hash.ts";
import { addOptOuts } from "../../src/store/handsets/opt-outs.ts";
import type { Api } from "../support/api.ts";
import { command } from "../support/command.ts";
import { Handset } from "../support/handset.ts";
import { testOrganization } from "../support/organization.ts";
import { addAccount, newKey, type Program, startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { goOnWith } from "../support/rewrite.ts";
import { type ScriptedSmsc, scriptedSmsc } from "../support/scripted-smsc.ts";
import { until } from "../support/until.ts";

const hooks = await receiver();
afterAll(hooks.close);

const operatorKey = newKey();
/** `mode` is senders.optOut. */
const configOf = (smsc: ScriptedSmsc, mode?: string) => ({
  operatorKey,
  senders: { shared: ["447700900001", "447700900002"], ...(mode === undefined ? {} : { optOut: mode }) },
  carriers: [smsc.carrier()],
  callbacks: { allowPrivateAddresses: true },
});

const smsc = await scriptedSmsc();
afterAll(() => smsc.close());
const program = await startProgram({ config: configOf(smsc) });
afterAll(program.stop);
const { api } = program;
const { pool } = program.database;

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
  const other = api.as(await addAccount(pool));

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
    await pool.query("UPDATE pending_batch SET at = now() WHERE id = $1", [sent!.batchUuid]);
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
});

describe("in another program on the same database", () => {
  const handset = newHandset(smsc);
  let later: Api;
  let otherSmsc: ScriptedSmsc;
  let neighbour: Program;

  beforeAll(async () => {
    // This one has opted out before the other program is started.
    later = api.as(await addAccount(pool));
    await endOf(later, handset);
    await handset.write(await numberOf(later, handset), "CANCEL");
    otherSmsc = await scriptedSmsc();
    neighbour = await startProgram({ database: program.database, config: configOf(otherSmsc, "all") });
  });
  afterAll(async () => {
    await neighbour.stop();
    await otherSmsc.close();
  });

  test("it holds, from before its start and from then on", async () => {
    const elsewhere = neighbour.api.as(later.key);
    expect(await endOf(elsewhere, handset)).toBe("58");
    const next = newHandset(smsc);
    expect(await endOf(later, next)).toBe("00");
    await next.write(await numberOf(later, next), "CANCEL");
    await until("58 in the other program", async () => (await endOf(elsewhere, next)) === "58");
  });

  describe.each([
    ["all", "58", "44770090081"],
    ["off", "00", "44770090082"],
  ])("senders.optOut: %s", (mode, expected, numbers) => {
    let api: Api;
    let organization: Api;
    beforeAll(async () => {
      ({ api } = neighbour);
      organization = api.as(neighbour.organizationKey);
      const { changed } = await goOnWith(neighbour, configOf(otherSmsc, mode));
      expect(changed).toEqual(mode === "all" ? [] : ["senders.optOut"]);
    });

    test(`STOP to a registered number ends in ${expected}`, async () => {
      const handset = newHandset(otherSmsc);
      const number = `${numbers}1`;
      await organization.request("POST", "/sender", { body: { value: number } });
      const from = { type: "custom", value: number };
      await handset.write(number, "STOP");
      expect(await endOf(api, handset, from)).toBe(expected);
    });

    test(`STOP to an organization's number ends in ${expected} for each of its accounts, START in 00`, async () => {
      const handset = newHandset(otherSmsc);
      const number = `${numbers}2`;
      await organization.request("POST", "/sender", { body: { value: number } });
      const made = await organization.request<{ apiKey: string }>("POST", "/account", {
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
      const handset = newHandset(otherSmsc);
      await endOf(api, handset);
      await handset.write(await numberOf(api, handset), "STOP");
      expect(await endOf(api, handset)).toBe(expected);
    });
  });
});

interface OptOuts {
  items: { account_uuid: string; number: string; at: string }[];
}

test("an organization sees which of its accounts a handset has opted out of, and takes it back with a trace", async () => {
  const { api: owner } = await testOrganization(api.as(operatorKey));
  const { body: made } = await owner.request<{ identifier: string }>("POST", "/account", { body: { name: "a" } });
  const { rows } = await pool.query<{ id: number; mine: boolean }>(
    "SELECT id, identifier = $1 AS mine FROM account ORDER BY id",
    [made.identifier],
  );
  // Another organization's account too.
  const handset = newHandset(smsc).number;
  const ids = rows.filter(({ mine }, index) => mine || index === 0).map(({ id }) => id);
  await addOptOuts(
    pool,
    ids.map((accountId) => ({ accountId, handset })),
  );
  const list = async (query: string) => (await owner.request<OptOuts>("GET", `/opt-outs${query}`)).body.items;
  for (const number of [handset, `+${handset}`, `%2B${handset}`]) {
    expect(await list(`?number=${number}`)).toMatchObject([{ account_uuid: made.identifier, number: `+${handset}` }]);
  }
  expect(await list("?number=447700900999")).toEqual([]);
  for (const query of ["", "?number=x", "?number=&limit=1"]) {
    expect((await owner.request("GET", `/opt-outs${query}`)).status).toBe(400);
  }
  const options = ["--url", program.url, "--key", owner.key];
  expect((await command(["optouts", handset, ...options])).stdout).toContain(made.identifier);
  const removed = await command(["optouts", handset, "--delete", "--yes", "--json", ...options]);
  expect({ code: removed.code, said: JSON.parse(removed.stdout) }).toEqual({
    code: 0,
    said: { accounts: 1 },
  });
  expect(await list(`?number=${handset}`)).toEqual([]);
  const again = await owner.request("DELETE", `/opt-outs/${handset}`);
  expect({ status: again.status, body: again.body }).toEqual({
    status: 200,
    body: { number: `+${handset}`, accounts: 0 },
  });
  const { body } = await owner.request<{ items: object[] }>("GET", "/audit?limit=2");
  // The second deletion changed nothing, and is not in the audit.
  expect(body.items).toMatchObject([
    { action: "opt-out.delete", object: `*${handset.slice(-4)}` },
    { action: "account.create" },
  ]);
  const left = await pool.query(`SELECT FROM opt_out WHERE handset_hash = ${hashOf(handset)}`);
  expect(left.rows).toHaveLength(ids.length - 1);
});
