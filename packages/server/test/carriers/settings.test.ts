import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import { createServer } from "node:tls";
import { fileURLToPath } from "node:url";
import { readConcatenation, readUserData, type SubmitSm } from "@messaging-plus/smpp";
import { afterAll, describe, expect, test } from "vitest";
import { decodeGsm, decodeUcs2 } from "../../src/message/gsm.ts";
import { unpackSeptets } from "../../src/message/septets.ts";
import { receipt, Smsc } from "../support/pdu-smsc.ts";
import { until } from "../support/until.ts";
import { boundLine, type LineOptions, line, type Text } from "./rig.ts";

type Settings = NonNullable<LineOptions["carrier"]>;

/** Sends a text to an SMSC that takes only what `wants` says; answers what became of it. */
async function sentTo(carrier: Settings, text: Text, wants: (pdu: SubmitSm) => boolean): Promise<string> {
  const made = await boundLine({ carrier });
  const take = made.smsc.onSubmit;
  made.smsc.onSubmit = (submit) => (wants(submit.pdu) ? take(submit) : submit.refuse(0x65));
  const [id] = await made.send(text);
  return made.finalOf(id as string);
}

describe("an SMSC that takes nothing else gets", () => {
  test.each<[string, Settings, (pdu: SubmitSm) => boolean]>([
    ["sourceTon", { sourceTon: 0 }, (pdu) => pdu.source_addr_ton === 0],
    ["sourceNpi", { sourceNpi: 9 }, (pdu) => pdu.source_addr_npi === 9],
    ["destinationTon", { destinationTon: 0 }, (pdu) => pdu.dest_addr_ton === 0],
    ["destinationNpi", { destinationNpi: 8 }, (pdu) => pdu.dest_addr_npi === 8],
    [
      "auto",
      {},
      (pdu) => `${pdu.source_addr_ton}${pdu.source_addr_npi}${pdu.dest_addr_ton}${pdu.dest_addr_npi}` === "5011",
    ],
    ["plus", { destinationFormat: "plus" }, (pdu) => /^\+44\d+$/.test(pdu.destination_addr)],
    ["00", { destinationFormat: "00" }, (pdu) => /^0044\d+$/.test(pdu.destination_addr)],
    [
      "the national form, and its TON",
      { destinationFormat: { national: "44", prefix: "0" } },
      (pdu) => /^07\d+$/.test(pdu.destination_addr) && pdu.dest_addr_ton === 2,
    ],
    [
      "the carrier's TLVs",
      { tlvs: { "0x1400": "1101234", "0x1401": { hex: "00ff" } } },
      ({ tlvs }) =>
        tlvs.raw?.map(({ tag, value }) => `${tag.toString(16)}=${value.toString("hex")}`).join() ===
        `1400=${Buffer.from("1101234").toString("hex")},1401=00ff`,
    ],
  ])("%s", async (_what, carrier, wants) => {
    expect(await sentTo(carrier, {}, wants)).toBe("delivered 00");
    expect(await sentTo({ ...carrier, ...OTHERWISE }, {}, wants)).toBe("failed 52");
  });

  test("addressTon, addressNpi and addressRange in its binds", async () => {
    const made = await boundLine({ carrier: { addressTon: 1, addressNpi: 1, addressRange: "^4477" } });
    expect(made.smsc.links[0]?.received[0]).toMatchObject({ addr_ton: 1, addr_npi: 1, address_range: "^4477" });
  });
});

const OTHERWISE: Settings = {
  sourceTon: 4,
  sourceNpi: 4,
  destinationTon: 4,
  destinationNpi: 4,
  destinationFormat: "international",
  tlvs: {},
};

describe("the alphabet", () => {
  const plain = "Hello {world} @ £1";
  test.each<[string, Settings, string, number, (octets: Buffer) => string]>([
    ["latin1", { alphabet: "latin1" }, plain, 0, (octets) => octets.toString("latin1")],
    ["latin1", { alphabet: "latin1" }, "l'été, être", 0, (octets) => octets.toString("latin1")],
    ["latin1", { alphabet: "latin1" }, "Δ 5 €", 8, decodeUcs2],
    ["ascii", { alphabet: "ascii" }, "Hello {world} @ `1", 0, (octets) => octets.toString("latin1")],
    ["ascii", { alphabet: "ascii" }, "£1", 8, decodeUcs2],
    [
      "ascii with Latin-1",
      { alphabet: "ascii", dataCodings: codings(0, 3, 8) },
      "£1",
      3,
      (octets) => octets.toString("latin1"),
    ],
    [
      "gsm-packed",
      { alphabet: "gsm-packed" },
      "Hello {world} @ € 1",
      0,
      (octets) => decodeGsm(unpackSeptets(octets, 0)),
    ],
    ["gsm under another value", { dataCodings: codings(1, null, 8) }, plain, 1, (octets) => decodeGsm(octets)],
    ["no alphabet", { dataCodings: codings(null, null, 8) }, plain, 8, decodeUcs2],
    ["UCS-2 under another value", { dataCodings: codings(0, null, 24) }, "日本", 24, decodeUcs2],
    ["gsm with Latin-1", { dataCodings: codings(0, 3, 8) }, "l'été, être", 3, (octets) => octets.toString("latin1")],
  ])("%s: %j %s", async (_what, carrier, body, dataCoding, read) => {
    const wants = (pdu: SubmitSm) => pdu.data_coding === dataCoding && read(pdu.short_message) === body;
    expect(await sentTo(carrier, { body }, wants)).toBe("delivered 00");
  });

  test("a text that the carrier has no coding for fails with 52", async () => {
    const carrier = { dataCodings: codings(0, null, null) };
    expect(await sentTo(carrier, { body: "日本" }, () => true)).toBe("failed 52");
    expect(await sentTo(carrier, { body: "Hello" }, ({ data_coding }) => data_coding === 0)).toBe("delivered 00");
  });

  test.each<[string, "udh8" | "udh16" | "payload", (octets: Buffer, header: number) => string]>([
    ["latin1", "udh8", (octets) => octets.toString("latin1")],
    ["ascii", "udh16", (octets) => octets.toString("latin1")],
    ["gsm-packed", "udh8", (octets, header) => decodeGsm(unpackSeptets(octets, header))],
    ["gsm-packed", "udh16", (octets, header) => decodeGsm(unpackSeptets(octets, header))],
    ["gsm-packed", "payload", (octets) => decodeGsm(unpackSeptets(octets, 0))],
  ])("%s writes the parts of a long text, by %s", async (alphabet, longMessages, read) => {
    const made = await boundLine({ carrier: { alphabet: alphabet as "latin1", longMessages } });
    const body = "0123456789 abcdefghij ".repeat(15);
    const [id] = await made.send({ body });
    expect(await made.finalOf(id as string)).toBe("delivered 00");
    const parts = made.smsc.submits.map(({ pdu }) => {
      if (pdu.tlvs.message_payload !== undefined) return { sequence: 1, text: read(pdu.tlvs.message_payload, 0) };
      const { elements = [], text = Buffer.alloc(0) } = readUserData(pdu.short_message) ?? {};
      expect(pdu.short_message.length).toBeLessThanOrEqual(alphabet === "gsm-packed" ? 140 : 160);
      const header = pdu.short_message.length - text.length;
      return { sequence: readConcatenation(elements)?.sequence ?? 0, text: read(Buffer.from(text), header) };
    });
    parts.sort((one, other) => one.sequence - other.sequence);
    expect(parts.map(({ text }) => text).join("")).toBe(body);
  });
});

describe("a status that the carrier means otherwise", () => {
  test("in `again` has the message submitted once more", async () => {
    const made = await boundLine({ carrier: { again: [0x410, "0x0b"] } });
    const take = made.smsc.onSubmit;
    made.smsc.onSubmit = (submit) =>
      submit.count > 2 ? take(submit) : submit.refuse(submit.count === 1 ? 0x410 : 0x0b);
    const [id] = await made.send({});
    expect(await made.finalOf(id as string)).toBe("delivered 00");
    expect(made.smsc.submits).toHaveLength(3);
  });

  test("in `otherCarrier` has it go on to the next, and fail where that is the last", async () => {
    const made = await boundLine({
      carriers: 2,
      carrier: { otherCarrier: ["0x0000040A"], errorCodes: { "0x40a": "39" } },
    });
    const [first, second] = made.smscs as [Smsc, Smsc];
    first.onSubmit = (submit) => submit.refuse(0x40a);
    const [one] = await made.send({});
    expect(await made.finalOf(one as string)).toBe("delivered 00");
    expect({ first: first.submits.length, second: second.submits.length }).toEqual({ first: 1, second: 1 });
    second.onSubmit = (submit) => submit.refuse(0x40a);
    const [two] = await made.send({});
    expect(await made.finalOf(two as string)).toBe("failed 39");
    expect({ first: first.submits.length, second: second.submits.length }).toEqual({ first: 2, second: 2 });
  });
});

test("a split carrier's receiver binds to an address of its own", async () => {
  const receiving = new Smsc();
  const port = await receiving.listen();
  try {
    const made = await line({ carrier: { bind: "split", receiver: { host: "127.0.0.1", port } } });
    await made.carriers[0]?.start();
    const link = await receiving.link(1);
    await made.smsc.link(1);
    expect(link.received[0]?.command).toBe("bind_receiver");
    expect(made.smsc.links.map(({ received }) => received[0]?.command)).toEqual(["bind_transmitter"]);
    made.smsc.onSubmit = (submit) => submit.take("apart-1");
    const [id] = await made.send({});
    const { pdu } = await made.smsc.submit(1);
    receiving.receipt(link, pdu.destination_addr, "apart-1");
    expect(await made.finalOf(id as string)).toBe("delivered 00");
  } finally {
    await receiving.close();
  }
});

describe("carriers that share one space of ids", () => {
  test("a receipt over the other one is the message's, before the submit's answer and after it", async () => {
    const made = await boundLine({ carriers: 2, sharedIds: true });
    const [first, second] = made.smscs as [Smsc, Smsc];
    const other = await second.link(1);
    first.onSubmit = (submit) => {
      const id = first.newId();
      if (submit.count === 1) second.receipt(other, submit.pdu.destination_addr, id);
      submit.take(id);
      if (submit.count === 2) second.receipt(other, submit.pdu.destination_addr, id, "UNDELIV");
    };
    const [one] = await made.send({});
    expect(await made.finalOf(one as string)).toBe("delivered 00");
    const [two] = await made.send({});
    expect(await made.finalOf(two as string)).toBe("failed 31");
    expect(second.submits).toHaveLength(0);
  });

  test("without, the receipt is another message's", async () => {
    const made = await boundLine({ carriers: 2 });
    const [first, second] = made.smscs as [Smsc, Smsc];
    const other = await second.link(1);
    first.onSubmit = (submit) => submit.take("mine-alone");
    const [id] = await made.send({});
    const { pdu, link } = await first.submit(1);
    second.receipt(other, pdu.destination_addr, "mine-alone");
    await until("its answer", () => other.count("deliver_sm_resp") === 1);
    expect((await made.row(id as string)).state).not.toBe(2);
    first.receipt(link, pdu.destination_addr, "mine-alone");
    expect(await made.finalOf(id as string)).toBe("delivered 00");
  });
});

const file = (name: string) => fileURLToPath(new URL(`../notify/certificates/${name}`, import.meta.url));

describe("over TLS", () => {
  /** In front of an SMSC, for clients with a certificate of the authority's. */
  async function front(smsc: Smsc, cert: string) {
    const port = await smsc.listen();
    const options = {
      cert: readFileSync(file(`${cert}.crt`)),
      key: readFileSync(file(`${cert}.key`)),
      ca: readFileSync(file("authority.crt")),
      requestCert: true,
      rejectUnauthorized: true,
    };
    const names: (string | false)[] = [];
    const server = createServer(options, (socket) => {
      names.push((socket as { servername?: string | false }).servername ?? false);
      const inner = connect(port, "127.0.0.1");
      socket.pipe(inner).pipe(socket);
      for (const each of [socket, inner])
        each
          .on("error", () => {})
          .on("close", () => {
            socket.destroy();
            inner.destroy();
          });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    afterAll(() => void server.close());
    return { port: (server.address() as AddressInfo).port, names };
  }

  test("a carrier is verified by its name and authority, and shown our certificate", async () => {
    const smsc = new Smsc();
    const { port, names } = await front(smsc, "other");
    const tls = {
      servername: "other.test",
      ca: file("authority.crt"),
      cert: file("valid.crt"),
      key: file("valid.key"),
    };
    try {
      const made = await line({ carrier: { port, tls }, ownPort: true, waits: { backoff: { failedMs: [20] } } });
      await made.carriers[0]?.start();
      await smsc.link(1);
      const [id] = await made.send({});
      expect(await made.finalOf(id as string)).toBe("delivered 00");
      expect(names[0]).toBe("other.test");
      const wrong = await line({
        carrier: { port, tls: { ...tls, servername: "elsewhere.test" } },
        ownPort: true,
        waits: { backoff: { failedMs: [20] } },
      });
      await wrong.carriers[0]?.start();
      await until("the refusal", () => wrong.logged.some(({ err }) => err?.message.includes("elsewhere.test")));
      expect(wrong.carriers[0]?.up).toBe(false);
    } finally {
      await smsc.close();
    }
  });
});

function codings(alphabet: number | null, latin1: number | null, ucs2: number | null) {
  return { dataCodings: { alphabet, latin1, ucs2 } }.dataCodings;
}

test("a receipt from a number in national form is the message's", async () => {
  const national = { national: "44", prefix: "0" };
  const made = await boundLine({ carrier: { destinationFormat: national, inboundNumbers: national } });
  made.smsc.onSubmit = ({ take, link, pdu }) => {
    take("national-1");
    link.write({ command: "deliver_sm", sequence_number: 9, ...receipt(pdu.destination_addr, "national-1") });
  };
  const [id] = await made.send({});
  expect(await made.finalOf(id as string)).toBe("delivered 00");
  expect(made.receipts[0]?.destination).toMatch(/^447/);
});
