import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import type { BatchStatus } from "../support/api.ts";
import { lateStates } from "../support/late.ts";
import { startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { type SmscReceipt, scriptedSmsc } from "../support/scripted-smsc.ts";
import { gate, until } from "../support/until.ts";

const hooks = await receiver();
afterAll(hooks.close);
const smsc = await scriptedSmsc();
afterAll(() => smsc.close());
const program = await startProgram({
  config: {
    carriers: [smsc.carrier({ errorCodes: { "099": "23" } })],
    callbacks: { allowPrivateAddresses: true },
  },
});
afterAll(program.stop);
const { api } = program;
const { pool } = program.database;

const ESME_ROK = 0;
let next = 447700901000;

/** A number that no other test uses. */
function handset(): string {
  return String(next++);
}

interface Sent {
  to: string;
  batchUuid: string;
  messageUuid: string;
  path: string;
}

/** Sends one message to the number, with a callback of its own. */
async function send(to: string, body = "x"): Promise<Sent> {
  const path = `/${to}`;
  const messages = [{ from: { type: "custom", value: "MyShop" }, to, body, callback: hooks.url(path) }];
  const [sent] = await api.send({ messages });
  return { to, path, batchUuid: sent!.batchUuid, messageUuid: sent!.messageUuid };
}

type Detail = BatchStatus["details"][number];

/** Waits for the message's final state, and that its webhook says the same, once. */
async function finalOf({ batchUuid, path }: Sent): Promise<string> {
  const detail = await until<Detail>("the message to be final", async () => {
    const [row] = (await api.status(batchUuid)).details;
    return row !== undefined && (row.delivered || row.failed) && row;
  });
  const [hook] = await hooks.waitFor(path, 1);
  const told = JSON.parse(hook?.body as string);
  expect(told).toMatchObject({ delivered: detail.delivered, receiptInfo: detail.info });
  return `${detail.delivered ? "delivered" : "failed"} ${detail.info?.code}`;
}

/** Waits until the message is submitted: its receipt may come now. */
async function submitted({ messageUuid }: Sent): Promise<void> {
  await until("the submit to be recorded", async () => {
    const { rows } = await pool.query("SELECT FROM message WHERE id = $1 AND state = 1", [messageUuid]);
    return rows.length === 1;
  });
}

function lateReceipts({ messageUuid }: Sent): Promise<string[]> {
  return lateStates(pool, messageUuid);
}

async function parked(): Promise<number> {
  const { rows } = await pool.query("SELECT count(*)::int AS count FROM parked_receipt");
  return rows[0].count;
}

describe("a receipt right after the submit's answer", () => {
  const cases: [string, SmscReceipt, string][] = [
    ["by its text", {}, "delivered 00"],
    ["by its TLVs alone", { form: "tlv" }, "delivered 00"],
    ["by both", { form: "both" }, "delivered 00"],
    ["by its text in message_payload", { form: "payload", stat: "EXPIRED" }, "failed 46"],
    ["undeliverable", { stat: "UNDELIV" }, "failed 31"],
    ["undeliverable, by TLVs alone", { stat: "UNDELIV", form: "tlv" }, "failed 31"],
    ["undeliverable, with a GSM error", { stat: "UNDELIV", err: "001" }, "failed 4A"],
    ["undeliverable, with the carrier's own error", { stat: "UNDELIV", err: "099" }, "failed 23"],
    [
      "undeliverable, with a network error",
      { stat: "UNDELIV", networkError: { network_type: 3, error_code: 27 } },
      "failed 22",
    ],
    ["expired", { stat: "EXPIRED", err: "027" }, "failed 46"],
    ["deleted", { stat: "DELETED" }, "failed 48"],
    ["rejected", { stat: "REJECTD" }, "failed 56"],
    ["delivered with an error", { err: "006" }, "delivered 00"],
    ["in words of its own", { stat: "delivered" }, "delivered 00"],
    ["under esm_class 0x44", { esm_class: 0x44 }, "delivered 00"],
    ["with a handset of another spelling", { source_addr: "+4477009" }, "delivered 00"],
    ["without a handset", { source_addr: "" }, "delivered 00"],
  ];
  test.each(cases)("%s", async (_name, receipt, expected) => {
    const to = handset();
    smsc.script(to, { receipts: [receipt] });
    expect(await finalOf(await send(to))).toBe(expected);
  });
});

test("a receipt may come in a data_sm, as text or as TLVs", async () => {
  for (const form of ["payload", "tlv"] as const) {
    const to = handset();
    smsc.script(to, { receipts: [] });
    const sent = await send(to);
    await submitted(sent);
    expect((await smsc.receiptInDataSm({ id: smsc.idOf(to), form, stat: "UNDELIV" })).command_status).toBe(ESME_ROK);
    expect(await finalOf(sent)).toBe("failed 31");
  }
});

test("a receipt before the submit's answer is acknowledged and kept until it is", async () => {
  const to = handset();
  smsc.script(to, { early: [{}], receipts: [] });
  const sent = await send(to);
  expect(await finalOf(sent)).toBe("delivered 00");
  await until("the parked receipt to be done with", async () => (await parked()) === 0);
  expect(hooks.received(sent.path)).toHaveLength(1);
});

test("a receipt before the submit's answer matches in another spelling too", async () => {
  const to = handset();
  smsc.script(to, { message_id: "33E95179", early: [{ id: "870928761", stat: "UNDELIV", err: "006" }], receipts: [] });
  expect(await finalOf(await send(to))).toBe("failed 22");
});

test("a receipt for an unknown message is acknowledged, kept, and matched when its message is known", async () => {
  const to = handset();
  const answer = gate();
  smsc.script(to, { message_id: "from-another-program", when: answer.opened, receipts: [] });
  const sent = await send(to);
  await smsc.waitFor(to);
  const before = await parked();
  const { command_status } = await smsc.receipt({ id: "from-another-program", source_addr: to });
  expect(command_status).toBe(ESME_ROK);
  expect(await parked()).toBe(before + 1);
  expect((await api.status(sent.batchUuid)).counts).toEqual({ total: 1, delivered: 0, failed: 0 });
  answer.open();
  expect(await finalOf(sent)).toBe("delivered 00");
});

test("a receipt that nothing is known of, and one without an id, is acknowledged, and counted once", async () => {
  const unmatched = async () => {
    const { text } = await api.request("GET", "/metrics", { key: null });
    return Number(/^mplus_receipts_unmatched_total\S* (\d+)$/m.exec(text)?.[1]);
  };
  const before = await unmatched();
  expect((await smsc.receipt({ id: "never-heard-of" })).command_status).toBe(ESME_ROK);
  const nameless = await smsc.deliver({
    source_addr: "447700900123",
    esm_class: 4,
    short_message: Buffer.from("stat:DELIVRD"),
  });
  expect(nameless.command_status).toBe(ESME_ROK);
  await pool.query("UPDATE parked_receipt SET next_at = now() WHERE carrier_message_id = 'never-heard-of'");
  await until("it to be looked for again", async () => {
    const text = "SELECT FROM parked_receipt WHERE carrier_message_id = 'never-heard-of' AND next_at > now()";
    return (await pool.query(text)).rowCount === 1;
  });
  // Of what is matched in one flush the next flush has been counted.
  expect((await smsc.receipt({ id: "heard-of-never" })).command_status).toBe(ESME_ROK);
  expect(await unmatched()).toBe(before + 3);
  const { rows } = await pool.query(
    "DELETE FROM parked_receipt WHERE carrier_message_id = 'never-heard-of' RETURNING id",
  );
  expect(rows).toHaveLength(1);
});

test("a receipt that comes twice is told once", async () => {
  const to = handset();
  smsc.script(to, { receipts: [{}, {}] });
  const sent = await send(to);
  expect(await finalOf(sent)).toBe("delivered 00");
  expect((await smsc.receipt({ id: smsc.idOf(to) })).command_status).toBe(ESME_ROK);
  expect(await lateReceipts(sent)).toEqual([]);
  const { rows } = await pool.query("SELECT tries FROM webhook WHERE id = $1", [sent.messageUuid]);
  expect(rows).toEqual([{ tries: 1 }]);
  expect(hooks.received(sent.path)).toHaveLength(1);
});

test("a later receipt that says otherwise is kept and not applied", async () => {
  const to = handset();
  smsc.script(to, { receipts: [{ stat: "UNDELIV", err: "006" }] });
  const sent = await send(to);
  expect(await finalOf(sent)).toBe("failed 22");
  expect((await smsc.receipt({ id: smsc.idOf(to) })).command_status).toBe(ESME_ROK);
  expect(await lateReceipts(sent)).toEqual(["delivered"]);
  const { counts, details } = await api.status(sent.batchUuid);
  expect(counts).toEqual({ total: 1, delivered: 0, failed: 1 });
  expect(details[0]?.info?.code).toBe("22");
  expect(hooks.received(sent.path)).toHaveLength(1);
});

test("two receipts at once that contradict each other: the first counts, the second is kept", async () => {
  const to = handset();
  smsc.script(to, { receipts: [{}, { stat: "UNDELIV", err: "001" }] });
  const sent = await send(to);
  expect(await finalOf(sent)).toBe("delivered 00");
  await until("the second receipt", async () => (await lateReceipts(sent)).length === 1);
  expect(await lateReceipts(sent)).toEqual(["undeliverable"]);
});

test("a message on its way, or taken by the carrier, is not final", async () => {
  const to = handset();
  const intermediate: SmscReceipt[] = [
    { stat: "ENROUTE" },
    { stat: "ENROUTE", esm_class: 0x20 },
    { stat: "ENROUTE", form: "tlv" },
    { stat: "ACCEPTD" },
    { stat: "BUFFRED", esm_class: 0x20 },
    { stat: "UNKNOWN" },
  ];
  smsc.script(to, { receipts: [] });
  const sent = await send(to);
  await submitted(sent);
  for (const receipt of intermediate) {
    expect((await smsc.receipt({ ...receipt, id: smsc.idOf(to) })).command_status).toBe(ESME_ROK);
  }
  expect((await api.status(sent.batchUuid)).details).toMatchObject([{ delivered: false, failed: false, info: null }]);
  expect(hooks.received(sent.path)).toEqual([]);
  await smsc.receipt({ id: smsc.idOf(to) });
  expect(await finalOf(sent)).toBe("delivered 00");
  // What comes after the final word undoes nothing.
  for (const receipt of intermediate) await smsc.receipt({ ...receipt, id: smsc.idOf(to) });
  expect(await lateReceipts(sent)).toEqual([]);
});

describe("message ids that the receipt spells in another way", () => {
  const cases: [inSubmit: string, inReceipt: string][] = [
    ["33E95179", "870928761"],
    ["812FC7470000001B", "9308878062554710043"],
    ["SAR-2347039245475-1eedf843-2-1", "SAR-2347039245475-1EEDF843-2-1"],
    ["000024", "24"],
    ["00B8BE19", "00B8BE19"],
    ["04062581461644996000141", "04062581461644996000141"],
    ["123456789", "75bcd15"],
  ];
  test.each(cases)("%s and %s", async (inSubmit, inReceipt) => {
    const to = handset();
    smsc.script(to, { message_id: inSubmit, receipts: [{ id: inReceipt }] });
    expect(await finalOf(await send(to))).toBe("delivered 00");
  });
});

test("where the text and the TLV name different ids, the one that is known is meant", async () => {
  for (const wrong of ["text", "tlv"] as const) {
    const to = handset();
    smsc.script(to, { receipts: [] });
    const sent = await send(to);
    await submitted(sent);
    const id = smsc.idOf(to);
    const fields = {
      source_addr: to,
      esm_class: 0x04,
      short_message: Buffer.from(`id:${wrong === "text" ? "wrong" : id} stat:DELIVRD err:000`),
      tlvs: { receipted_message_id: wrong === "tlv" ? "wrong" : id, message_state: 2 },
    };
    expect((await smsc.deliver(fields)).command_status).toBe(ESME_ROK);
    expect(await finalOf(sent)).toBe("delivered 00");
  }
});

test("of two messages whose ids could both be meant, the handset decides", async () => {
  const [decimal, hexadecimal] = [handset(), handset()];
  smsc.script(decimal, { message_id: "86", receipts: [] });
  smsc.script(hexadecimal, { message_id: "56", receipts: [] });
  const [first, second] = [await send(decimal), await send(hexadecimal)];
  await submitted(first);
  await submitted(second);
  // 86 is 0x56.
  await smsc.receipt({ id: "86", source_addr: hexadecimal });
  expect(await finalOf(second)).toBe("delivered 00");
  expect((await api.status(first.batchUuid)).counts.delivered).toBe(0);
  await smsc.receipt({ id: "86", source_addr: decimal, stat: "UNDELIV" });
  expect(await finalOf(first)).toBe("failed 31");
});

test("an id that a carrier uses again is the younger message's", async () => {
  const to = handset();
  smsc.script(to, { message_id: "9", receipts: [{}] });
  expect(await finalOf(await send(to))).toBe("delivered 00");
  const again = handset();
  smsc.script(again, { message_id: "9", receipts: [{ stat: "UNDELIV", err: "001" }] });
  expect(await finalOf(await send(again))).toBe("failed 4A");
});

test("one receipt ends one message, where a carrier gave two to a handset the same id", async () => {
  const to = handset();
  smsc.script(to, { message_id: "77", receipts: [] });
  const [older, younger] = [await send(to), await send(to)];
  await submitted(older);
  await submitted(younger);
  const states = async () =>
    (await Promise.all([older, younger].map(({ batchUuid }) => api.status(batchUuid, "")))).map(({ counts }) => counts);
  await smsc.receipt({ id: "77", source_addr: to });
  await hooks.waitFor(`/${to}`, 1);
  expect(await states()).toMatchObject([{ delivered: 0, failed: 0 }, { delivered: 1 }]);
  await smsc.receipt({ id: "77", source_addr: to, stat: "UNDELIV" });
  await hooks.waitFor(`/${to}`, 2);
  expect(await states()).toMatchObject([{ failed: 1 }, { delivered: 1 }]);
});

test("a receipt is acknowledged only once it is committed", async () => {
  const to = handset();
  smsc.script(to, { receipts: [] });
  const sent = await send(to);
  await submitted(sent);
  const client = await pool.connect();
  onTestFinished(() => client.release());
  await client.query("BEGIN");
  await client.query("LOCK TABLE message IN EXCLUSIVE MODE");
  let answer: number | undefined;
  const acknowledged = smsc.receipt({ id: smsc.idOf(to) }).then(({ command_status }) => {
    answer = command_status;
  });
  await until("the program to wait for the lock with the receipt", async () => {
    const { rows } = await pool.query(
      `SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid)
       WHERE NOT l.granted AND a.datname = current_database() AND a.query LIKE '%carrier_message_id%'`,
    );
    return rows.length > 0;
  });
  // A whole exchange over the same link, so that an answer that was on its way would be here.
  expect(
    (await smsc.deliver({ source_addr: "447700900123", esm_class: 4, short_message: Buffer.from("stat:ENROUTE") }))
      .command_status,
  ).toBe(ESME_ROK);
  expect(answer).toBeUndefined();
  expect(hooks.received(sent.path)).toEqual([]);
  await client.query("COMMIT");
  await acknowledged;
  expect(answer).toBe(ESME_ROK);
  expect(await finalOf(sent)).toBe("delivered 00");
});

test("a text from a handset is refused while nobody takes it", async () => {
  const text = { source_addr: "447700900123", destination_addr: "447700900999", short_message: Buffer.from("STOP") };
  expect((await smsc.deliver(text)).command_status).not.toBe(ESME_ROK);
});
