/** The cost of customers, and of strangers who reach the port, to the SMPP server. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { encodePdu, type Pdu, type PduInput, PduParser } from "@messaging-plus/smpp";
import { ask, end, fresh, measureConnections, measureWork, post, program, smppPort } from "./cost-rig.js";

const TIMES = 100;
const port = () => smppPort;

export async function measureSmpp(): Promise<void> {
  await measureConnections("SMPP: without a bind", () => "", { port });
  await measureConnections("SMPP: a PDU of 16 KB that does not end", () => unfinished(16_384, 16_000), { port });
  await fresh();
  const { identifier } = (await json("/account", { name: "smpp" })) as { identifier: string };
  const path = `/account/${identifier}/smpp`;
  const { system_id, password } = (await json(path, { binds: 64 })) as { system_id: string; password: string };
  const bind = (given: string): PduInput => ({ command: "bind_transceiver", system_id, password: given });
  await measureWork("SMPP: a bind with a wrong password", async () => bound(bind("wrong"), true));
  await measureWork("SMPP: a bind", async () => bound(bind(password)));
  const socket = await open();
  await answers(socket, [{ ...bind(password), sequence_number: 1 }]);
  const submit = (fields: object): PduInput => {
    return { command: "submit_sm", source_addr: "MyShop", destination_addr: "447700900123", ...fields } as PduInput;
  };
  const text = { short_message: Buffer.from("Your code is 123456") };
  const long = {
    tlvs: { message_payload: Buffer.from("é\n".repeat(670), "utf16le").swap16().subarray(0, 1_340) },
    data_coding: 8,
  };
  const many = Array.from({ length: 254 }, (_, index) => {
    return { dest_flag: 1, dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: `4477009${10_000 + index}` };
  });
  for (const [what, pdu] of [
    ["enquire_link", { command: "enquire_link" }],
    ["submit_sm", submit(text)],
    ["submit_sm, ten parts", submit(long)],
    ["submit_sm that is refused", submit({ ...text, destination_addr: "x" })],
    ["submit_multi, 254 handsets", { ...submit(text), command: "submit_multi", dest_addresses: many }],
    ["query_sm", { command: "query_sm", message_id: "01a22856-38e3-700b-b259-3dbb5fb00001", source_addr: "MyShop" }],
  ] as [string, PduInput][]) {
    await measureWork(`SMPP: ${TIMES} times ${what}`, async () =>
      answers(
        socket,
        Array.from({ length: TIMES }, () => pdu),
      ),
    );
  }
  socket.destroy();
  await measureWork("SMPP: 64 KB of what is no PDU", async () => {
    const other = await open();
    other.write(Buffer.alloc(65_536, "x"));
    await once(other.resume(), "close");
    return "closed";
  });
  await end();
}

async function json(path: string, body: object): Promise<unknown> {
  return JSON.parse((await ask(post(path, JSON.stringify(body), { key: program.organizationKey }))).text);
}

/** The head of a PDU of so many octets, and some of it. */
function unfinished(length: number, octets: number): Buffer {
  const pdu = Buffer.alloc(octets);
  pdu.writeUInt32BE(length);
  pdu.writeUInt32BE(0x00000009, 4);
  return pdu;
}

async function open(): Promise<Socket> {
  const socket = connect(smppPort, "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

async function bound(bind: PduInput, closes = false): Promise<string> {
  const socket = await open();
  const said = await answers(socket, [{ ...bind, sequence_number: 1 }]);
  if (closes) await once(socket.resume(), "close");
  socket.destroy();
  return said;
}

/** Asks all of it, and resolves with the statuses once each is answered. */
function answers(socket: Socket, pdus: readonly PduInput[]): Promise<string> {
  const parser = new PduParser();
  const statuses = new Map<number, number>();
  let left = pdus.length;
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      const answered = parser.push(chunk).flatMap(({ pdu }) => (pdu === undefined ? [] : [pdu as Pdu]));
      for (const pdu of answered.filter(({ command }) => command.endsWith("_resp"))) {
        statuses.set(pdu.command_status, (statuses.get(pdu.command_status) ?? 0) + 1);
        left--;
      }
      if (left > 0) return;
      socket.off("data", read);
      resolve([...statuses].map(([status, count]) => `${count} times ${status}`).join(", "));
    };
    socket.on("data", read);
    socket.once("close", () => reject(new Error("the connection was closed")));
    socket.write(Buffer.concat(pdus.map((pdu, index) => encodePdu({ ...pdu, sequence_number: index + 1 }))));
  });
}
