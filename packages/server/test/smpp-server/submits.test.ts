import { commandStatus, encodePdu, type Fields } from "@messaging-plus/smpp";
import { afterAll, describe, expect, test } from "vitest";
import { startSmppProgram, submitOf } from "../support/smpp-program.ts";
import { until } from "../support/until.ts";

const program = await startSmppProgram({
  config: { carriers: [{ id: "simulator", type: "simulator", receiptDelay: 0.05 }] },
});
afterAll(program.stop);

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
  const { credential, api } = await program.account();
  const esme = await program.bound(credential);
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
  esme.end();
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
    const { credential } = await program.account(fields);
    const esme = await program.bound(credential);
    const answer = await esme.ask("submit_sm", submitOf(pdu));
    expect(answer.command_status).toBe(0);
    expect(await stored(answer.message_id!)).toMatchObject({ body: text, parts: 1, coded: null });
    esme.end();
  });

  test("a long message_payload is cut and counted as over HTTP", async () => {
    const { credential } = await program.account();
    const esme = await program.bound(credential);
    const message_payload = Buffer.from("x".repeat(400));
    const answer = await esme.ask("submit_sm", submitOf({ short_message: Buffer.alloc(0), tlvs: { message_payload } }));
    expect(await stored(answer.message_id!)).toMatchObject({ parts: 3 });
    const data = await esme.ask("data_sm", { ...address, tlvs: { message_payload: Buffer.from("by data") } });
    expect(data).toMatchObject({ command: "data_sm_resp", command_status: 0 });
    expect(await stored(data.message_id!)).toMatchObject({ body: "by data" });
    esme.end();
  });
});

const address = { source_addr: "MyShop", destination_addr: "447700900123" };

test("submit_multi makes a message of each handset, and says which it cannot", async () => {
  const { credential, api } = await program.account();
  const esme = await program.bound(credential);
  const { destination_addr: _, dest_addr_ton: __, dest_addr_npi: ___, ...fields } = submitOf();
  const to = (destination_addr: string) => ({ dest_addr_ton: 1, dest_addr_npi: 1, destination_addr });
  const answer = await esme.ask("submit_multi", {
    ...fields,
    dest_addresses: [to("447700900124"), to("nobody"), to("447700900125"), { dl_name: "friends" }],
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
    const { rows } = await program.database.pool.query(
      "SELECT FROM message m JOIN account a ON a.id = m.account_id WHERE a.identifier = $1",
      [(await api.request<{ account: { identifier: string } }>("GET", "/me")).body.account.identifier],
    );
    return rows.length === 2;
  });
  esme.end();
});

describe("times", () => {
  test("validity_period, absolute and relative", async () => {
    const { credential } = await program.account();
    const esme = await program.bound(credential);
    const relative = await esme.ask("submit_sm", submitOf({ validity_period: "000000001000000R" }));
    expect((await stored(relative.message_id!)).validity).toBe(600_000);
    const at = new Date(Date.now() + 3_600_000);
    const text = `${at.toISOString().replace(/\D/g, "").slice(2, 14)}000+`;
    const absolute = await esme.ask("submit_sm", submitOf({ validity_period: text }));
    expect((await stored(absolute.message_id!)).validity).toBeGreaterThan(3_590_000);
    esme.end();
  });

  // An hour east of GMT, in quarters of an hour.
  test.each([
    ["relative", "000001000000000R", () => Date.now() + 86_400_000],
    ["absolute", "300131093000004+", () => Date.parse("2030-01-31T08:30:00Z")],
  ])("schedule_delivery_time, %s, holds a message, which is listed as any other", async (_kind, time, at) => {
    const { credential, api } = await program.account();
    const esme = await program.bound(credential);
    const answer = await esme.ask("submit_sm", submitOf({ schedule_delivery_time: time }));
    expect(answer.command_status).toBe(0);
    const { body } = await api.request<{ batches: { identifier: string; at: string }[] }>("GET", "/batch");
    expect(body.batches.map(({ identifier }) => identifier)).toEqual([`${answer.message_id!.slice(0, 31)}00000`]);
    expect(Math.abs(Date.parse(body.batches[0]!.at) - at())).toBeLessThan(60_000);
    esme.end();
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
    const { credential, api } = await program.account();
    const esme = await program.bound(credential);
    // A time of a wrong length could not be written, and one that is none is written as it is.
    expect(await esme.ask("submit_sm", submitOf(fields))).toMatchObject({ command_status: status });
    // The session goes on.
    expect((await esme.ask("submit_sm", submitOf())).command_status).toBe(0);
    expect((await api.request<{ batches: object[] }>("GET", "/batch")).body.batches).toEqual([]);
    esme.end();
  });

  test("another's sender, and one of the pool", async () => {
    const { credential } = await program.account();
    const { credential: owners } = await program.account();
    await program.organization.api.request("POST", "/sender", {
      body: { value: "Mine", account: (await program.account()).identifier },
    });
    for (const each of [credential, owners]) {
      const esme = await program.bound(each);
      expect(await esme.ask("submit_sm", submitOf({ source_addr: "Mine" }))).toMatchObject({
        command_status: ESME_RINVSRCADR,
      });
      esme.end();
    }
    expect(program.output().stderr).toContain('"field":"source_addr"');
  });

  test("a window that is full", async () => {
    const { credential } = await program.account({ window: 1 });
    const esme = await program.bound(credential);
    const pdus = Array.from({ length: 50 }, (_, index) => {
      return encodePdu({ command: "submit_sm", sequence_number: 1_000 + index, ...submitOf() });
    });
    const answers = [...pdus.keys()].map((index) => esme.answerTo(1_000 + index));
    esme.write(Buffer.concat(pdus));
    const statuses = (await Promise.all(answers)).map(({ command_status }) => command_status);
    expect(statuses[0]).toBe(0);
    expect(new Set(statuses)).toEqual(new Set([0, commandStatus.ESME_RTHROTTLED]));
    esme.end();
  });

  test("a throughput that is used up", async () => {
    const { credential } = await program.account({ throughput: 0.001 });
    const esme = await program.bound(credential);
    expect((await esme.ask("submit_sm", submitOf())).command_status).toBe(0);
    expect((await esme.ask("submit_sm", submitOf())).command_status).toBe(commandStatus.ESME_RTHROTTLED);
    esme.end();
  });
});

test("replace_sm is refused, and what is no request of a customer's", async () => {
  const { credential } = await program.account();
  const esme = await program.bound(credential);
  expect(await esme.ask("replace_sm")).toMatchObject({ command_status: commandStatus.ESME_RREPLACEFAIL });
  esme.end();
});
