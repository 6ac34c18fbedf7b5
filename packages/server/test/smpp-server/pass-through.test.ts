import { type Fields, SmppServer, type SubmitSm } from "@messaging-plus/smpp";
import { afterAll, expect, test } from "vitest";
import { startSmppProgram } from "../support/smpp-program.ts";
import { until } from "../support/until.ts";

/** A carrier that keeps what it is submitted. */
const submitted: SubmitSm[] = [];
const carrier = new SmppServer({
  onBind: (_bind, session) => {
    session.onSubmit = async (pdu) => {
      submitted.push(pdu);
      return { command_status: 0, message_id: `${submitted.length}` };
    };
    return 0;
  },
});
const { port } = await carrier.listen(0);
afterAll(() => carrier.close({ timeoutMs: 1_000 }));
const carriers = [{ id: "acme", type: "smpp", host: "127.0.0.1", port, systemId: "us" }];
const program = await startSmppProgram({ config: { carriers } });
afterAll(program.stop);

let number = 447700900100;
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
  const { credential } = await program.account();
  const esme = await program.bound(credential);
  const destination_addr = `${++number}`;
  const answer = await esme.ask("submit_sm", { source_addr: "MyShop", destination_addr, ...fields });
  expect(answer.command_status).toBe(0);
  const sent = await until("the carrier's submit", () =>
    submitted.find((pdu) => pdu.destination_addr === destination_addr),
  );
  const { short_message, esm_class = 0, data_coding = 0, tlvs = {} } = fields;
  expect(sent).toMatchObject({ esm_class, data_coding, tlvs });
  expect(sent.short_message).toEqual(short_message);
  esme.end();
});

/** TLVs that SMPP 3.4 §5.3.1 leaves to vendors, the first and the last of them. */
const vendors = [
  { tag: 0x1400, value: Buffer.from("1101") },
  { tag: 0x3fff, value: Buffer.from([0, 255]) },
];

test.each(["submit_sm", "data_sm"] as const)("vendors' TLVs of a %s go out with it, and no others", async (command) => {
  const { credential } = await program.account();
  const esme = await program.bound(credential);
  const common = { source_addr: "MyShop", destination_addr: `${++number}` };
  const raw = [{ tag: 0x13ff, value: Buffer.from("x") }, ...vendors, { tag: 0x4000, value: Buffer.from("x") }];
  const fields =
    command === "submit_sm"
      ? { ...common, short_message: Buffer.from("Hello"), tlvs: { raw } }
      : { ...common, tlvs: { message_payload: Buffer.from("Hello"), raw } };
  expect((await esme.ask(command, fields)).command_status).toBe(0);
  const sent = await until("the carrier's submit", () =>
    submitted.find(({ destination_addr }) => destination_addr === common.destination_addr),
  );
  expect(sent.tlvs.raw).toEqual(vendors);
  esme.end();
});

test("a customer who sends garbage, or never reads, costs others nothing", async () => {
  const { credential } = await program.account();
  const esme = await program.bound(credential);
  const garbage = await program.connect();
  garbage.write("GET / HTTP/1.1\r\n\r\n");
  await garbage.closed;
  const deaf = await program.bound(credential);
  deaf.pause();
  const silent = await program.connect();
  expect((await esme.ask("enquire_link")).command_status).toBe(0);
  const fields = { source_addr: "MyShop", destination_addr: `${++number}`, short_message: Buffer.from("x") };
  expect((await esme.ask("submit_sm", fields)).command_status).toBe(0);
  for (const each of [esme, deaf, silent]) each.end();
});
