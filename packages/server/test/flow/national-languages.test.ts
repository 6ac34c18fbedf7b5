import { readUserData } from "@messaging-plus/smpp";
import { afterAll, describe, expect, test } from "vitest";
import { decodeParts, readNationalLanguage } from "../../src/inbound/decode.ts";
import { testOrganization } from "../support/organization.ts";
import { newKey, startProgram } from "../support/program.ts";
import { type Submitted, scriptedSmsc } from "../support/scripted-smsc.ts";
import { until } from "../support/until.ts";

/** 90 may have Turkish by either carrier, 34 by one of two alone; all else goes without. */
const operatorKey = newKey();
const turkish = await scriptedSmsc();
const plain = await scriptedSmsc();
afterAll(() => Promise.all([turkish.close(), plain.close()]));
const program = await startProgram({
  config: {
    operatorKey,
    carriers: [
      turkish.carrier({ id: "turkish", nationalLanguages: ["turkish"] }),
      plain.carrier({ id: "wider", nationalLanguages: ["spanish", "turkish"] }),
      plain.carrier({ id: "none" }),
    ],
    routes: [
      { to: "90", carriers: ["turkish", "wider"] },
      { to: "91", carriers: ["wider"] },
      { to: "34", carriers: ["turkish", "none"] },
      { to: "", carriers: ["none"] },
    ],
  },
});
afterAll(program.stop);
const organization = await testOrganization(program.api.as(operatorKey), 1_000);
const account = await organization.account(500);

const from = { type: "custom", value: "MyShop" } as const;
/** One part with Turkish, two in UCS-2. */
const TEXT = `Siparişiniz yola çıktı. ${"x".repeat(100)}`;

/** What a submit says, read as a handset reads it. */
function read({ data_coding, esm_class, short_message }: Submitted): string {
  const userData = (esm_class & 0x40) === 0 ? undefined : readUserData(short_message);
  const coded = { dataCoding: data_coding, octets: userData?.text ?? short_message };
  return decodeParts([readNationalLanguage(coded, userData?.elements ?? [])]);
}

async function costOf(send: () => Promise<unknown>): Promise<number> {
  const before = await account.credits();
  await send();
  return before - (await account.credits());
}

describe("a text in a national language", () => {
  test("that all carriers of its route take costs the parts that it is sent in", async () => {
    const to = "905551234567";
    expect(await costOf(() => account.api.send({ messages: [{ from, to, body: TEXT }] }))).toBe(1);
    const [submit, ...more] = await turkish.waitFor(to);
    expect({ more: more.length, data_coding: submit!.data_coding, read: read(submit!) }).toEqual({
      more: 0,
      data_coding: 0,
      read: TEXT,
    });
  });

  test("is long with a header in each part, which is counted too", async () => {
    const to = "905551234568";
    const body = TEXT.repeat(3);
    expect(await costOf(() => account.api.send({ messages: [{ from, to, body }] }))).toBe(3);
    const parts = await turkish.waitFor(to, 3);
    expect(
      [...parts]
        .sort((one, other) => one.part!.sequence - other.part!.sequence)
        .map(read)
        .join(""),
    ).toBe(body);
  });

  test("goes in UCS-2, and is counted so, where a carrier of the route does not take it", async () => {
    for (const to of ["34600000001", "447700900123"]) {
      expect(await costOf(() => account.api.send({ messages: [{ from, to, body: TEXT }] }))).toBe(2);
      const parts = await (to.startsWith("34") ? turkish : plain).waitFor(to, 2);
      expect(parts.map(({ data_coding }) => data_coding)).toEqual([8, 8]);
    }
  });

  test("is counted for a batch by the languages that all of its numbers may get", async () => {
    const batch = (destinations: string[]) => {
      return () => account.api.sendBatch({ from: "MyShop", message: TEXT, destinations }, "?allowMulti=true");
    };
    expect(await costOf(batch(["905551234001", "915551234002"]))).toBe(2);
    expect(read((await plain.waitFor("915551234002"))[0]!)).toBe(TEXT);
    expect(await costOf(batch(["905551234003", "34600000003"]))).toBe(4);
    const parts = await turkish.waitFor("905551234003", 2);
    expect(parts.map(({ data_coding }) => data_coding)).toEqual([8, 8]);
  });

  test("counts as its parts for allowMulti, and in what is held for its time", async () => {
    const at = new Date(Date.now() + 3_600_000).toISOString();
    const batch = { from: "MyShop", message: TEXT, destinations: ["905551234004"], send_at: at };
    const identifier = await account.api.sendBatch(batch, "");
    const { body } = await account.api.request<{ batches: { identifier: string; unitcount: number }[] }>(
      "GET",
      "/batch",
    );
    expect(body.batches.find((one) => one.identifier === identifier)?.unitcount).toBe(1);
  });

  test("ends as its receipt says", async () => {
    const [sent] = await account.api.send({ messages: [{ from, to: "905551234569", body: TEXT }] });
    await until("its delivery", async () => {
      const { counts } = await account.api.status(sent!.batchUuid);
      return counts.delivered === 1;
    });
  });
});

test("GET /national-languages tells the languages by where a text goes", async () => {
  const { body } = await account.api.request("GET", "/national-languages");
  expect(body).toEqual({
    routes: [
      { to: "90", nationalLanguages: ["turkish"] },
      { to: "91", nationalLanguages: ["spanish", "turkish"] },
      { to: "34", nationalLanguages: [] },
      { to: "", nationalLanguages: [] },
    ],
  });
});
