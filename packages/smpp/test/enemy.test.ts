import { once } from "node:events";
import { Duplex } from "node:stream";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  commandStatus,
  decodePdu,
  encodePdu,
  NoAnswer,
  type Pdu,
  type PduInput,
  type RequestCommand,
  responseTo,
} from "../src/index.ts";
import { FakeClock } from "./fake-clock.ts";
import { pduOf } from "./pdus.ts";
import type { RawPeer } from "./raw-peer.ts";
import { boundRawEsme, boundToRaw, esme, serve } from "./rig.ts";

/** Requests with a body, but for binds. */
const requests = Object.keys(responseTo).filter(
  (command) => !command.includes("bind") && command !== "enquire_link",
) as RequestCommand[];

/** A PDU cut before each octet of its body, each with a command_length that fits and a sequence_number of its own. */
function cuts(pdu: Pdu): Buffer[] {
  const whole = encodePdu(pdu);
  return Array.from({ length: whole.length - 16 }, (_, cut) => {
    const frame = Buffer.from(whole.subarray(0, 16 + cut));
    frame.writeUInt32BE(frame.length, 0);
    frame.writeUInt32BE(0x1000 + cut, 12);
    return frame;
  });
}

/** Sends frames that want an answer each, and then asks whether all is well: the answers until then. */
async function answersTo(peer: RawPeer, frames: readonly Buffer[]): Promise<Pdu[]> {
  peer.socket.write(Buffer.concat(frames));
  const answers: Pdu[] = [];
  while (answers.length < frames.length) answers.push(await peer.nextOfAny());
  await peer.ask({ command: "enquire_link", sequence_number: 1 }, "enquire_link_resp");
  return answers;
}

describe.each(requests)("a %s cut anywhere", (command) => {
  const samples = fc.sample(pduOf(command), { numRuns: 5, seed: 7 });

  test("is answered once, in its own form, and costs the session nothing, on either side", async () => {
    const { port } = await serve();
    const { peer: smsc } = await boundToRaw({ onDeliver: async () => 0 });
    const esme = await boundRawEsme(port);
    for (const sample of samples) {
      const frames = cuts(sample);
      for (const peer of [smsc, esme]) {
        const answers = await answersTo(peer, frames);
        expect(new Set(answers.map((answer) => answer.command))).toEqual(new Set([responseTo[command]]));
        expect(answers.map((answer) => answer.sequence_number).sort((a, b) => a - b)).toEqual(
          frames.map((_, cut) => 0x1000 + cut),
        );
      }
    }
  });
});

/** A receipt, as a text and as TLVs, and a text in either place. */
const receipt = { esm_class: 4, source_addr: "447700900123", destination_addr: "447700900001" };
const tlvs = { receipted_message_id: "7193712345", message_state: 2 };
const vendors = { raw: [{ tag: 0x1401, value: Buffer.from("ab") }] };
const text = Buffer.from("id:7193712345 stat:DELIVRD err:000 text:Hello");
const delivered = (
  [
    ["deliver_sm with a text", { command: "deliver_sm", ...receipt, short_message: text }],
    ["deliver_sm with both", { command: "deliver_sm", ...receipt, short_message: text, tlvs: { ...tlvs, ...vendors } }],
    ["deliver_sm with TLVs", { command: "deliver_sm", ...receipt, tlvs }],
    ["deliver_sm with a payload", { command: "deliver_sm", ...receipt, tlvs: { message_payload: text, ...vendors } }],
    ["data_sm", { command: "data_sm", ...receipt, tlvs: { ...tlvs, message_payload: text, ...vendors } }],
  ] satisfies [string, PduInput][]
).map(([name, pdu]): [string, Pdu] => [name, decodePdu(encodePdu(pdu as PduInput))]);

/** Frames with an octet lost, or with one of their octets one higher or lower: what lies in a length too. */
function lies(pdu: Pdu): Buffer[] {
  const whole = encodePdu(pdu);
  const body = [...Array(whole.length - 16).keys()].map((index) => index + 16);
  const lost = body.map((at) => Buffer.concat([whole.subarray(0, at), whole.subarray(at + 1)]));
  const shifted = body.flatMap((at) =>
    [1, -1].map((by) => {
      const frame = Buffer.from(whole);
      frame[at] = (frame[at] as number) + by;
      return frame;
    }),
  );
  return [...lost, ...shifted].map((frame, index) => {
    frame.writeUInt32BE(frame.length, 0);
    frame.writeUInt32BE(0x1000 + index, 12);
    return frame;
  });
}

describe.each(delivered)("a %s", (_name, pdu) => {
  const own = { id: "7193712345", text: text.toString() };

  async function taken(frames: readonly Buffer[]): Promise<{ id?: string; text: string; doubtful: boolean }[]> {
    const found: { id?: string; text: string; doubtful: boolean }[] = [];
    const { peer } = await boundToRaw({
      onDeliver: async (taking) => {
        const { receipted_message_id: id, message_payload, textDoubtful: doubtful = false } = taking.tlvs;
        const short = taking.command === "deliver_sm" ? taking.short_message : Buffer.alloc(0);
        const octets = short.length > 0 ? short : (message_payload ?? short);
        found.push({ doubtful, text: octets.toString("latin1"), ...(id === undefined ? {} : { id }) });
        return 0;
      },
    });
    await answersTo(peer, frames);
    return found;
  }

  test("cut anywhere never has another identifier, nor a part of its text for the whole", async () => {
    const found = await taken(cuts(pdu));
    for (const { id = own.id, text: read, doubtful } of found) {
      expect(id).toBe(own.id);
      // An octet of a TLV behind it may stand for the text's last, and is then not passed for it.
      if (doubtful) expect(read.startsWith(own.text)).toBe(true);
      else expect(["", own.text]).toContain(read);
    }
  });

  test("in which an octet is lost or is another never has less of its identifier than is there", async () => {
    for (const { id = own.id } of await taken(lies(pdu))) {
      expect(id.length).toBeGreaterThanOrEqual(own.id.length);
    }
  });
});

describe.each([...Array(16).keys(), 65_537, 2 ** 31, 2 ** 32 - 1])("a command_length of %i", (length) => {
  const frame = Buffer.concat([Buffer.alloc(4), Buffer.alloc(60, 1)]);
  frame.writeUInt32BE(length, 0);

  test("from an SMSC is answered with a generic_nack and a close, and what was under way is uncertain", async () => {
    const { client, smsc, peer } = await boundToRaw({ backoff: { failedMs: [1] } });
    const outcome = client.submit({});
    await peer.next("submit_sm");
    const uncertain = expect(outcome).rejects.toThrow(NoAnswer);
    peer.socket.write(frame);
    expect((await peer.next("generic_nack")).command_status).toBe(commandStatus.ESME_RINVCMDLEN);
    await uncertain;
    await peer.closed;
    const again = await smsc.accept();
    const bound = once(client, "bound");
    await again.takeBind();
    await bound;
  });

  test("from an ESME is answered with a generic_nack and a close", async () => {
    const { server, port } = await serve();
    const peer = await boundRawEsme(port);
    peer.socket.write(frame);
    expect((await peer.next("generic_nack")).command_status).toBe(commandStatus.ESME_RINVCMDLEN);
    await peer.closed;
    expect(server.sessions).toEqual([]);
  });
});

test("a frame that never ends, an octet now and then, is no sign of life", async () => {
  const clock = new FakeClock();
  const socket = new Duplex({ read() {}, write: (_octets, _encoding, done) => done() });
  const client = esme(1, { clock, connect: () => socket, enquireLinkMs: 30_000, responseTimeoutMs: 10_000 });
  const bound = once(client, "bound");
  client.start();
  const receive = (octets: Buffer) => {
    socket.push(octets);
    return new Promise((resolve) => setImmediate(resolve));
  };
  while (client.state !== "binding") await receive(Buffer.alloc(0));
  await receive(encodePdu({ command: "bind_transceiver_resp", sequence_number: 1 }));
  await bound;
  let lost: Error | undefined;
  client.on("lost", (reason) => {
    lost = reason;
  });
  await receive(Buffer.from([0, 1, 0, 0]));
  for (let octets = 0; octets < 8; octets++) {
    expect(lost).toBeUndefined();
    clock.advance(5_000);
    await receive(Buffer.from([0]));
  }
  expect(lost?.message).toContain("no answer to enquire_link");
});
