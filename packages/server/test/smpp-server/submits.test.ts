import type { MessageStory } from "@messaging-plus/sdk";
import { commandStatus, encodePdu, type Fields, SmppServer, type SubmitSm } from "@messaging-plus/smpp";
import { afterAll, describe, expect, test } from "vitest";
import { startSmppProgram, submitOf } from "../support/smpp-program.ts";
import { until } from "../support/until.ts";

/** A carrier that keeps what it is submitted; only to France do messages go by it. */
const kept: SubmitSm[] = [];
const carrier = new SmppServer({
  onBind: (_bind, session) => {
    session.onSubmit = async (pdu) => {
      kept.push(pdu);
      return { command_status: 0, message_id: `${kept.length}` };
    };
    return 0;
  },
});
const { port } = await carrier.listen(0);
afterAll(() => carrier.close({ timeoutMs: 1_000 }));
const program = await startSmppProgram({
  config: {
    carriers: [
      { id: "simulator", type: "simulator", receiptDelay: 0.05 },
      { id: "keeps", type: "smpp", host: "127.0.0.1", port, systemId: "us" },
    ],
    routes: [
      { to: "44", carriers: ["simulator"] },
      { to: "33", carriers: ["keeps"] },
    ],
    senders: { shared: ["447700900001"] },
  },
});
afterAll(program.stop);

/** A customer of its own, bound. One costs two slow hashes of a password: tests share those below where they can. */
async function customer(fields: object = {}) {
  const account = await program.account(fields);
  return { ...account, esme: await program.bound(account.credential) };
}
const { esme, api } = await customer();
const others = await customer();
const source_addr = "MyShop";

interface Row {
  id: string;
  body: string | null;
  sender: string;
  destination: string;
  parts: number;
  coded: { octets: string | null } | null;
  validity: number;
}

async function stored(id: string): Promise<Row> {
  return until("the message's row", async () => {
    const { rows } = await program.database.pool.query<Row>(
      `SELECT id, body, sender, destination::text, parts, coded,
              extract(epoch FROM expires_at)::float8 * 1000 - ('x' || substr(replace(id::text, '-', ''), 1, 12))::bit(48)::bigint AS validity
       FROM message WHERE id = $1`,
      [id],
    );
    return rows[0];
  });
}

test("a submit_sm is answered with the message's identifier, and the message is delivered like any other", async () => {
  const answer = await esme.ask("submit_sm", submitOf());
  expect(answer).toMatchObject({ command_status: 0, message_id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  const batch = `${answer.message_id!.slice(0, 31)}00000`;
  // It is committed: another process finds it at once.
  expect((await api.status(batch)).counts.total).toBe(1);
  await until("the receipt", async () => (await api.status(batch)).counts.delivered === 1);
  expect((await api.status(batch)).details[0]).toMatchObject({
    messageuuid: answer.message_id,
    destination: "+447700900123",
  });
  // The same again is another message.
  const again = await esme.ask("submit_sm", submitOf());
  expect(again.message_id).not.toBe(answer.message_id);
});

const ucs2 = (text: string) => Buffer.from(text, "utf16le").swap16();

describe("texts", () => {
  test.each<[string, object, Fields<"submit_sm">, string]>([
    ["the GSM alphabet", {}, { short_message: Buffer.from([0x00, 0x1b, 0x65, 0x41]) }, "@€A"],
    ["Latin-1 by the account's alphabet", { alphabet: "latin1" }, { short_message: Buffer.from("é@", "latin1") }, "é@"],
    ["ASCII by the account's alphabet", { alphabet: "ascii" }, { short_message: Buffer.from("a@b_c$") }, "a@b_c$"],
    ["ASCII", {}, { data_coding: 1, short_message: Buffer.from("a@b_c$") }, "a@b_c$"],
    ["Latin-1", {}, { data_coding: 3, short_message: Buffer.from("Grüße", "latin1") }, "Grüße"],
    ["UCS-2", {}, { data_coding: 8, short_message: ucs2("Привет 👋") }, "Привет 👋"],
    ["message_payload", {}, { short_message: Buffer.alloc(0), tlvs: { message_payload: Buffer.from("Pay") } }, "Pay"],
  ])("%s", async (_name, fields, pdu, text) => {
    const { esme: software } = Object.keys(fields).length === 0 ? { esme } : await customer(fields);
    const answer = await software.ask("submit_sm", submitOf(pdu));
    expect(answer.command_status).toBe(0);
    expect(await stored(answer.message_id!)).toMatchObject({ body: text, parts: 1, coded: null });
  });

  test("one of a message class goes out as it came, of a reserved alphabet too", async () => {
    for (const dataCoding of [0x10, 0x1c, 0x1f, 0xf1]) {
      const answer = await esme.ask("submit_sm", submitOf({ data_coding: dataCoding }));
      expect({ dataCoding, status: answer.command_status }).toEqual({ dataCoding, status: 0 });
      const coded = { dataCoding, octets: Buffer.from("Hello").toString("hex") };
      expect(await stored(answer.message_id!)).toMatchObject({ body: "Hello", coded });
    }
  });

  test("a long message_payload is cut and counted as over HTTP", async () => {
    const message_payload = Buffer.from("x".repeat(400));
    const answer = await esme.ask("submit_sm", submitOf({ short_message: Buffer.alloc(0), tlvs: { message_payload } }));
    expect(await stored(answer.message_id!)).toMatchObject({ parts: 3 });
    const data = await esme.ask("data_sm", { ...address, tlvs: { message_payload: Buffer.from("by data") } });
    expect(data).toMatchObject({ command: "data_sm_resp", command_status: 0 });
    expect(await stored(data.message_id!)).toMatchObject({ body: "by data" });
  });
});

const address = { source_addr, destination_addr: "447700900123" };

test("submit_multi makes a message of each handset, and says which it cannot", async () => {
  const common = submitOf({ source_addr: "Multi" });
  const { destination_addr: _, dest_addr_ton: __, dest_addr_npi: ___, ...fields } = common;
  const to = (destination_addr: string) => ({ dest_addr_ton: 1, dest_addr_npi: 1, destination_addr });
  const answer = await esme.ask("submit_multi", {
    ...fields,
    dest_addresses: [
      to("447700900124"),
      to("nobody"),
      to("447700900125"),
      { dl_name: "friends" },
      // Named twice, it is sent to once.
      to("+447700900124"),
    ],
  });
  expect(answer).toMatchObject({
    command: "submit_multi_resp",
    command_status: 0,
    unsuccess_smes: [
      { destination_addr: "nobody", error_status_code: commandStatus.ESME_RINVDSTADR },
      { destination_addr: "friends", error_status_code: commandStatus.ESME_RINVDLNAME },
    ],
  });
  const none = await esme.ask("submit_multi", { ...fields, dest_addresses: [] });
  expect(none.command_status).toBe(commandStatus.ESME_RINVNUMDESTS);
  expect(await stored(answer.message_id!)).toMatchObject({ destination: "447700900124" });
  await until("both", async () => {
    const { rows } = await program.database.pool.query("SELECT FROM message WHERE sender = 'Multi'");
    return rows.length === 2;
  });
});

describe("times", () => {
  test("validity_period, absolute and relative", async () => {
    const relative = await esme.ask("submit_sm", submitOf({ validity_period: "000000001000000R" }));
    expect((await stored(relative.message_id!)).validity).toBe(600_000);
    const at = new Date(Date.now() + 3_600_000);
    const text = `${at.toISOString().replace(/\D/g, "").slice(2, 14)}000+`;
    const absolute = await esme.ask("submit_sm", submitOf({ validity_period: text }));
    expect((await stored(absolute.message_id!)).validity).toBeGreaterThan(3_590_000);
  });

  // An hour east of GMT, in quarters of an hour.
  test.each([
    ["relative", "000001000000000R", () => Date.now() + 86_400_000],
    ["absolute", "300131093000004+", () => Date.parse("2030-01-31T08:30:00Z")],
  ])("schedule_delivery_time, %s, holds a message, which is listed as any other", async (_kind, time, at) => {
    const answer = await esme.ask("submit_sm", submitOf({ schedule_delivery_time: time }));
    expect(answer.command_status).toBe(0);
    const { body } = await api.request<{ batches: { identifier: string; at: string }[] }>("GET", "/batch");
    const held = body.batches.filter(({ identifier }) => identifier === `${answer.message_id!.slice(0, 31)}00000`);
    expect(held).toHaveLength(1);
    expect(Math.abs(Date.parse(held[0]!.at) - at())).toBeLessThan(60_000);
  });
});

describe("faults", () => {
  const { ESME_RINVSRCADR, ESME_RINVDSTADR, ESME_RINVMSGLEN, ESME_RSUBMITFAIL, ESME_RINVSCHED, ESME_RINVEXPIRY } =
    commandStatus;
  const { ESME_RINVOPTPARSTREAM } = commandStatus;
  const vendorTlv = (octets: number) => ({ tag: 0x1400, value: Buffer.alloc(octets) });
  test.each<[string, Fields<"submit_sm">, number]>([
    ["no sender", { source_addr: "" }, ESME_RINVSRCADR],
    ["a sender that is none", { source_addr: "more than eleven" }, ESME_RINVSRCADR],
    ["no destination", { destination_addr: "" }, ESME_RINVDSTADR],
    ["a destination that is none", { destination_addr: "12" }, ESME_RINVDSTADR],
    ["no text", { short_message: Buffer.alloc(0) }, ESME_RINVMSGLEN],
    ["UCS-2 of an odd length", { data_coding: 8, short_message: Buffer.from("abc") }, ESME_RINVMSGLEN],
    [
      "too long a text",
      { short_message: Buffer.alloc(0), tlvs: { message_payload: Buffer.from("x".repeat(2_000)) } },
      ESME_RINVMSGLEN,
    ],
    ["a text with NUL", { data_coding: 8, short_message: ucs2("a\0b") }, ESME_RSUBMITFAIL],
    ["half a surrogate pair", { data_coding: 8, short_message: ucs2("\ud83d") }, ESME_RSUBMITFAIL],
    ["an unknown coding", { data_coding: 0x0b, short_message: Buffer.from("x") }, ESME_RSUBMITFAIL],
    ["binary data beyond a part", { data_coding: 4, short_message: Buffer.alloc(141) }, ESME_RINVMSGLEN],
    ["a header that is not whole", { esm_class: 0x40, short_message: Buffer.from([9, 0]) }, ESME_RSUBMITFAIL],
    ["an acknowledgement", { esm_class: 0x08 }, commandStatus.ESME_RINVESMCLASS],
    ["a time that is none", { schedule_delivery_time: "991332000000000+" }, ESME_RINVSCHED],
    ["a validity that is over", { validity_period: "200101000000000+" }, ESME_RINVEXPIRY],
    ["a vendor's TLV twice", { tlvs: { raw: [vendorTlv(1), vendorTlv(1)] } }, ESME_RINVOPTPARSTREAM],
    ["a vendor's TLV that is too long", { tlvs: { raw: [vendorTlv(256)] } }, ESME_RINVOPTPARSTREAM],
    ["a validity beyond a week", { validity_period: "000008000000000R" }, ESME_RINVEXPIRY],
  ])("%s", async (_name, fields, status) => {
    const { esme, api } = others;
    // A time of a wrong length could not be written, and one that is none is written as it is.
    expect(await esme.ask("submit_sm", submitOf(fields))).toMatchObject({ command_status: status });
    // The session goes on.
    expect((await esme.ask("submit_sm", submitOf())).command_status).toBe(0);
    expect((await api.request<{ batches: object[] }>("GET", "/batch")).body.batches).toEqual([]);
  });

  test("another's sender", async () => {
    await program.organization.api.request("POST", "/sender", {
      body: { value: "Mine", account: (await program.account()).identifier },
    });
    expect((await esme.ask("submit_sm", submitOf({ source_addr: "Mine" }))).command_status).toBe(ESME_RINVSRCADR);
    expect(program.output().stderr).toContain('"field":"source_addr"');
  });

  test("a window that is full", async () => {
    const { esme } = await customer({ window: 1 });
    const pdus = Array.from({ length: 50 }, (_, index) => {
      return encodePdu({ command: "submit_sm", sequence_number: 1_000 + index, ...submitOf() });
    });
    const answers = [...pdus.keys()].map((index) => esme.answerTo(1_000 + index));
    esme.write(Buffer.concat(pdus));
    const statuses = (await Promise.all(answers)).map(({ command_status }) => command_status);
    expect(statuses[0]).toBe(0);
    expect(new Set(statuses)).toEqual(new Set([0, commandStatus.ESME_RTHROTTLED]));
  });

  test("a throughput that is used up", async () => {
    const { esme } = await customer({ throughput: 0.001 });
    expect((await esme.ask("submit_sm", submitOf())).command_status).toBe(0);
    expect((await esme.ask("submit_sm", submitOf())).command_status).toBe(commandStatus.ESME_RTHROTTLED);
  });
});

test("replace_sm is refused", async () => {
  expect(await esme.ask("replace_sm")).toMatchObject({ command_status: commandStatus.ESME_RREPLACEFAIL });
});

test("query_sm tells how a message does, and of others' nothing", async () => {
  const { message_id } = await esme.ask("submit_sm", submitOf());
  await until("its end", async () => {
    const answer = await esme.ask("query_sm", { message_id: message_id!, source_addr });
    return "message_state" in answer && answer.message_state === 2 && /^\d{15}\+$|^\d{13}00\+$/.test(answer.final_date);
  });
  const fails = { command_status: commandStatus.ESME_RQUERYFAIL };
  expect(await others.esme.ask("query_sm", { message_id: message_id!, source_addr })).toMatchObject(fails);
  expect(await esme.ask("query_sm", { message_id: message_id!, source_addr: "Other" })).toMatchObject(fails);
  expect(await esme.ask("query_sm", { message_id: "x", source_addr })).toMatchObject(fails);
});

test("cancel_sm cancels what is held, and nothing that was sent", async () => {
  const held = await esme.ask("submit_sm", submitOf({ schedule_delivery_time: "000001000000000R" }));
  const asked = { message_id: held.message_id!, source_addr };
  expect(await esme.ask("query_sm", asked)).toMatchObject({ command_status: 0, message_state: 1, final_date: "" });
  const fails = { command_status: commandStatus.ESME_RCANCELFAIL };
  expect(await esme.ask("cancel_sm", { ...asked, source_addr: "Other" })).toMatchObject(fails);
  expect(await esme.ask("cancel_sm", asked)).toMatchObject({ command: "cancel_sm_resp", command_status: 0 });
  const { batches } = (await api.request<{ batches: { identifier: string }[] }>("GET", "/batch")).body;
  expect(batches.map(({ identifier }) => identifier)).not.toContain(`${held.message_id!.slice(0, 31)}00000`);
  expect(await esme.ask("cancel_sm", asked)).toMatchObject(fails);
  const sent = await esme.ask("submit_sm", submitOf());
  expect(await esme.ask("cancel_sm", { message_id: sent.message_id!, source_addr })).toMatchObject(fails);
});

test("cancel_sm fails what waits for a carrier, once, and it is never sent", async () => {
  const { esme, api } = await customer();
  const carrier = (change: string) => program.operator.request("POST", `/carriers/simulator/${change}`);
  await carrier("pause");
  const { message_id } = await esme.ask("submit_sm", submitOf({ registered_delivery: 1 }));
  const asked = { message_id: message_id!, source_addr };
  expect(await esme.ask("query_sm", asked)).toMatchObject({ command_status: 0, message_state: 1 });
  expect(await esme.ask("cancel_sm", asked)).toMatchObject({ command: "cancel_sm_resp", command_status: 0 });
  expect(await esme.ask("query_sm", asked)).toMatchObject({ message_state: 4, error_code: 0x47 });
  expect(await esme.ask("cancel_sm", asked)).toMatchObject({ command_status: commandStatus.ESME_RCANCELFAIL });
  const receipt = await until("the receipt", () => esme.delivered[0]);
  expect(receipt.tlvs).toMatchObject({ receipted_message_id: message_id, message_state: 4 });
  expect(receipt.short_message.toString()).toContain("stat:DELETED err:047");
  await carrier("resume");
  // The next message is sent, and the cancelled one is not.
  const next = await esme.ask("submit_sm", submitOf({ registered_delivery: 1 }));
  await until("the next one's receipt", () => esme.delivered[1]?.tlvs.receipted_message_id === next.message_id);
  const { events } = (await api.request<MessageStory>("GET", `/message/${message_id}`)).body;
  expect(events.map(({ kind }) => kind)).toEqual(["accepted", "failed", "webhook"]);
});

test("what handsets write comes over the binds that inbound_url names", async () => {
  const { credential, api, path } = await program.account();
  const url = (inbound_url: string) =>
    program.organization.api.request("PUT", `${path}/webhook`, { body: { inbound_url } });
  expect((await url("smpp:others")).status).toBe(400);
  expect((await url(`smpp:${credential.system_id}`)).status).toBe(200);
  const esme = await program.bound(credential, {}, "bind_receiver");
  await api.send({ messages: [{ from: { type: "shared" }, to: "447700900911", body: "x" }] });
  const [inbound] = await until("a text", () => (esme.delivered.length > 0 ? esme.delivered : undefined));
  expect(inbound).toMatchObject({ esm_class: 0, source_addr: "447700900911", destination_addr: "447700900001" });
  expect(inbound!.short_message.toString()).toBe("Hello");
  esme.end();
});

let number = 33612345100;
const header = Buffer.from([5, 0, 3, 7, 2, 1]);
const port16 = Buffer.from([6, 5, 4, 0x15, 0x81, 0, 0]);

test.each<[string, Fields<"submit_sm">]>([
  ["a part of the customer's own", { esm_class: 0x40, short_message: Buffer.concat([header, Buffer.from("part")]) }],
  ["a part in UCS-2", { esm_class: 0x40, data_coding: 8, short_message: Buffer.concat([header, Buffer.from("\0A")]) }],
  ["ports", { esm_class: 0x40, data_coding: 4, short_message: Buffer.concat([port16, Buffer.from([0, 255, 1])]) }],
  ["binary data", { data_coding: 4, short_message: Buffer.from([0, 255, 128, 1]) }],
  ["binary data of a class", { data_coding: 0xf5, short_message: Buffer.from([1, 2, 3]) }],
  ["a message class", { data_coding: 0xf0, short_message: Buffer.from("Flash") }],
  ["a message class in UCS-2", { data_coding: 0x18, short_message: Buffer.from("\0A\0B", "latin1") }],
  [
    "a part by SAR",
    {
      short_message: Buffer.from("part"),
      tlvs: { sar_msg_ref_num: 9, sar_total_segments: 2, sar_segment_seqnum: 1 },
    },
  ],
])("%s goes out octet for octet", async (_name, fields) => {
  const destination_addr = `${++number}`;
  const answer = await esme.ask("submit_sm", { source_addr, destination_addr, ...fields });
  expect(answer.command_status).toBe(0);
  const sent = await until("the carrier's submit", () => kept.find((pdu) => pdu.destination_addr === destination_addr));
  const { short_message, esm_class = 0, data_coding = 0, tlvs = {} } = fields;
  expect(sent).toMatchObject({ esm_class, data_coding, tlvs });
  expect(sent.short_message).toEqual(short_message);
});

/** TLVs that SMPP 3.4 §5.3.1 leaves to vendors, the first and the last of them. */
const vendors = [
  { tag: 0x1400, value: Buffer.from("1101") },
  { tag: 0x3fff, value: Buffer.from([0, 255]) },
];

test.each(["submit_sm", "data_sm"] as const)("vendors' TLVs of a %s go out with it, and no others", async (command) => {
  const common = { source_addr, destination_addr: `${++number}` };
  const raw = [{ tag: 0x13ff, value: Buffer.from("x") }, ...vendors, { tag: 0x4000, value: Buffer.from("x") }];
  const fields =
    command === "submit_sm"
      ? { ...common, short_message: Buffer.from("Hello"), tlvs: { raw } }
      : { ...common, tlvs: { message_payload: Buffer.from("Hello"), raw } };
  expect((await esme.ask(command, fields)).command_status).toBe(0);
  const sent = await until("the carrier's submit", () =>
    kept.find(({ destination_addr }) => destination_addr === common.destination_addr),
  );
  expect(sent.tlvs.raw).toEqual(vendors);
});

test("a customer who sends garbage, or never reads, costs others nothing", async () => {
  const garbage = await program.connect();
  garbage.write("GET / HTTP/1.1\r\n\r\n");
  await garbage.closed;
  const deaf = await program.bound(others.credential);
  deaf.pause();
  const silent = await program.connect();
  expect((await esme.ask("enquire_link")).command_status).toBe(0);
  expect((await esme.ask("submit_sm", submitOf())).command_status).toBe(0);
  for (const each of [deaf, silent]) each.end();
});
