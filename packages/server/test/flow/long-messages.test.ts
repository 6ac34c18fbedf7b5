import { afterAll, expect, test } from "vitest";
import { startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { type ScriptedSmsc, type SmscReceipt, type Submitted, scriptedSmsc } from "../support/scripted-smsc.ts";
import { until } from "../support/until.ts";

/** One carrier for each way of handling long messages, told apart by the prefix that leads to it. */
const WAYS = {
  "44": { id: "all", longMessages: "udh8", longMessageReceipts: "all" },
  "33": { id: "first", longMessages: "udh16", longMessageReceipts: "first" },
  "49": { id: "last", longMessages: "udh8", longMessageReceipts: "last" },
  "34": { id: "payload", longMessages: "payload" },
} as const;
type Prefix = keyof typeof WAYS;
const PREFIXES = Object.keys(WAYS) as Prefix[];

const hooks = await receiver();
afterAll(hooks.close);
const smscs = Object.fromEntries(
  await Promise.all(PREFIXES.map(async (prefix) => [prefix, await scriptedSmsc()] as const)),
) as Record<Prefix, ScriptedSmsc>;
afterAll(() => Promise.all(Object.values(smscs).map((smsc) => smsc.close())));
const program = await startProgram({
  config: {
    carriers: PREFIXES.map((prefix) => smscs[prefix].carrier(WAYS[prefix])),
    routes: PREFIXES.map((to) => ({ to, carriers: [WAYS[to].id] })),
    callbacks: { allowPrivateAddresses: true },
  },
});
afterAll(program.stop);
const { api } = program;

const GSM = "The quick brown fox jumps over the lazy dog, 0123456789. ".repeat(6);
const UCS2 = "Съешь ещё этих мягких французских булок. ".repeat(6);
/** What comes before seven digits of a mobile number there. */
const SUBSCRIBER: Record<Prefix, string> = { "44": "770", "33": "60", "49": "151", "34": "60" };
let next = 1_000_000;

interface Sent {
  to: string;
  batchUuid: string;
  parts: Submitted[];
}

/** Sends a text of three parts, which the SMSC takes as `script` says. */
async function send(
  prefix: Prefix,
  script: Parameters<ScriptedSmsc["script"]>[1],
  body = GSM,
  parts = 3,
): Promise<Sent> {
  const to = `${prefix}${SUBSCRIBER[prefix]}${next++}`;
  smscs[prefix].script(to, script);
  const [sent] = await api.send({
    messages: [{ from: { type: "custom", value: "MyShop" }, to, body, callback: hooks.url(`/${to}`) }],
  });
  return { to, batchUuid: sent!.batchUuid, parts: await smscs[prefix].waitFor(to, parts) };
}

async function finalOf({ to, batchUuid }: Sent): Promise<string> {
  const detail = await until("the message to be final", async () => {
    const [row] = (await api.status(batchUuid)).details;
    return row !== undefined && (row.delivered || row.failed) && row;
  });
  await hooks.waitFor(`/${to}`, 1);
  return `${detail.delivered ? "delivered" : "failed"} ${detail.info?.code}`;
}

async function isOpen({ batchUuid }: Sent): Promise<boolean> {
  const { counts } = await api.status(batchUuid);
  return counts.delivered + counts.failed === 0;
}

async function submitted({ batchUuid }: Sent): Promise<void> {
  await until("the submits to be recorded", async () => {
    const { rows } = await program.database.pool.query("SELECT FROM message WHERE id > $1 AND state = 1", [batchUuid]);
    return rows.length > 0;
  });
}

/** Receipts of the parts, by what the SMSC makes of each. */
const perPart = (...receipts: (SmscReceipt[] | undefined)[]) => {
  return (submit: Submitted) => ({ receipts: receipts[(submit.part?.sequence ?? 1) - 1] ?? [] });
};
const DELIVERED: SmscReceipt[] = [{}];
const FAILED: SmscReceipt[] = [{ stat: "UNDELIV", err: "006" }];

test.each([
  ["44", 8, GSM],
  ["44", 8, UCS2],
  ["33", 16, GSM],
] as const)("parts through %s carry one reference of %i bits, and together the text", async (prefix, bits, body) => {
  const count = body === GSM ? 3 : 4;
  const sent = await send(prefix, perPart(DELIVERED, DELIVERED, DELIVERED, DELIVERED), body, count);
  expect(sent.parts).toHaveLength(count);
  const parts = sent.parts.toSorted((left, right) => left.part!.sequence - right.part!.sequence);
  expect(parts.map(({ part }) => part)).toEqual(
    parts.map((_, index) => ({
      reference: parts[0]!.part!.reference,
      referenceBits: bits,
      total: count,
      sequence: index + 1,
    })),
  );
  expect(parts.map(({ text }) => text).join("")).toBe(body);
  for (const part of parts) expect(part.short_message.length).toBeLessThanOrEqual(160);
  expect(await finalOf(sent)).toBe("delivered 00");
});

test("is delivered when all its parts are, and not before", async () => {
  const sent = await send("44", perPart());
  await submitted(sent);
  const ids = smscs["44"].idsOf(sent.to);
  expect(ids).toHaveLength(3);
  for (const id of ids) {
    expect(await isOpen(sent)).toBe(true);
    expect((await smscs["44"].receipt({ id })).command_status).toBe(0);
  }
  expect(await finalOf(sent)).toBe("delivered 00");
  expect(hooks.received(`/${sent.to}`)).toHaveLength(1);
});

test("fails as soon as one part does, with that part's code", async () => {
  const sent = await send("44", perPart(undefined, FAILED, undefined));
  expect(await finalOf(sent)).toBe("failed 22");
  for (const id of smscs["44"].idsOf(sent.to)) await smscs["44"].receipt({ id });
  expect((await api.status(sent.batchUuid)).counts).toEqual({ total: 1, delivered: 0, failed: 1 });
  expect(hooks.received(`/${sent.to}`)).toHaveLength(1);
});

test("takes the first part's receipt for the whole where the carrier sends no other", async () => {
  const sent = await send("33", (submit) => ({ receipts: submit.part?.sequence === 1 ? DELIVERED : [] }));
  expect(await finalOf(sent)).toBe("delivered 00");
});

test("takes the last part's receipt for the whole where the carrier sends no other", async () => {
  const sent = await send("49", perPart(undefined, undefined, DELIVERED));
  expect(await finalOf(sent)).toBe("delivered 00");
});

test("does not take another part's receipt for the whole", async () => {
  const sent = await send("49", perPart());
  await submitted(sent);
  const ids = new Map(
    smscs["49"].to(sent.to).map((submit, index) => [submit.part?.sequence, smscs["49"].idsOf(sent.to)[index]]),
  );
  await smscs["49"].receipt({ id: ids.get(1) as string });
  await smscs["49"].receipt({ id: ids.get(2) as string });
  expect(await isOpen(sent)).toBe(true);
  await smscs["49"].receipt({ id: ids.get(3) as string });
  expect(await finalOf(sent)).toBe("delivered 00");
});

test("receipts of parts may come before the answers, and twice", async () => {
  const sent = await send("44", { early: [{}, {}], receipts: [{}] });
  expect(await finalOf(sent)).toBe("delivered 00");
  expect(hooks.received(`/${sent.to}`)).toHaveLength(1);
});

test("fails when a part is refused", async () => {
  const sent = await send("44", (submit) =>
    submit.part?.sequence === 2 ? { command_status: 0x0b } : { receipts: [] },
  );
  expect(await finalOf(sent)).toBe("failed 43");
});

test("sends only the part again that was not taken", async () => {
  let refusals = 2;
  const sent = await send("44", (submit) => {
    if (submit.part?.sequence === 3 && refusals-- > 0) return { command_status: 0x58 };
    return {};
  });
  expect(await finalOf(sent)).toBe("delivered 00");
  expect(
    smscs["44"]
      .to(sent.to)
      .map(({ part }) => part?.sequence)
      .sort(),
  ).toEqual([1, 2, 3, 3, 3]);
  expect(new Set(smscs["44"].to(sent.to).map(({ part }) => part?.reference)).size).toBe(1);
});

test.each([
  ["right after the answer", { receipts: [{}] }],
  ["before the answer", { early: [{}], receipts: [] }],
])("as message_payload it is one submit with one receipt: %s", async (_name, script) => {
  const sent = await send("34", script, UCS2, 1);
  expect(sent.parts[0]).toMatchObject({ text: UCS2, part: undefined, esm_class: 0 });
  expect(await finalOf(sent)).toBe("delivered 00");
});

test("as message_payload its receipt may come later, in another spelling", async () => {
  const sent = await send("34", { message_id: "33E95179", receipts: [] }, GSM, 1);
  await submitted(sent);
  await smscs["34"].receipt({ id: "870928761", source_addr: sent.to, stat: "EXPIRED" });
  expect(await finalOf(sent)).toBe("failed 46");
});

test("as message_payload its receipt may come later, as the answer spelled its id", async () => {
  const sent = await send("34", { receipts: [] }, GSM, 1);
  await submitted(sent);
  await smscs["34"].receipt({ id: smscs["34"].idOf(sent.to) });
  expect(await finalOf(sent)).toBe("delivered 00");
});
