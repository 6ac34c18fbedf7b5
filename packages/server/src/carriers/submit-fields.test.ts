import { type Fields, parseTime, readConcatenation, readUserData } from "@messaging-plus/smpp";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeGsm, decodeUcs2, isGsm } from "../message/gsm.ts";
import { countParts } from "../message/segment.ts";
import type { WaitingMessage } from "../store/messages/waiting-message.ts";
import { type SubmitForm, submitFields, Unsendable } from "./submit-fields.ts";
import { USUAL_LINK } from "./usual-link.ts";

const NOW = 1_700_000_000_000;

function message(body: string, extra: Partial<WaitingMessage> = {}): WaitingMessage {
  const fixed = { id: "1", accountId: 1, destination: "447700900123", sender: "MyShop", expiresAt: NOW + 90_000 };
  return { ...fixed, body, parts: countParts(body), ...extra };
}

function form(
  longMessages: SubmitForm["longMessages"],
  senderEncoding: SubmitForm["senderEncoding"] = "latin1",
  nationalLanguages: SubmitForm["nationalLanguages"] = [],
) {
  return { ...USUAL_LINK, longMessages, senderEncoding, nationalLanguages };
}

function one(body: string, extra: Partial<WaitingMessage> = {}): Fields<"submit_sm"> {
  const fields = submitFields(message(body, extra), form("udh8"), 0, NOW);
  expect(fields).toHaveLength(1);
  return fields[0] as Fields<"submit_sm">;
}

describe("a text of one part", () => {
  test("asks for a final receipt and goes to an international number", () => {
    expect(one("Grüße")).toEqual({
      source_addr_ton: 5,
      source_addr_npi: 0,
      source_addr: "MyShop",
      dest_addr_ton: 1,
      dest_addr_npi: 1,
      destination_addr: "447700900123",
      esm_class: 0,
      registered_delivery: 1,
      validity_period: "000000000130000R",
      data_coding: 0,
      short_message: Buffer.from([0x47, 0x72, 0x7e, 0x1e, 0x65]),
    });
  });

  test("asks for intermediate notifications where its sender did", () => {
    const uncoded = { esmClass: 0, protocolId: 0, dataCoding: 0, octets: null, sar: null };
    const asking = one("日本", { coded: { ...uncoded, intermediate: true } });
    expect(asking).toEqual({ ...one("日本"), registered_delivery: 0x11 });
  });

  test("is UCS-2 where the GSM alphabet does not have it", () => {
    expect(one("日本")).toMatchObject({ data_coding: 8, short_message: Buffer.from("65e5672c", "hex") });
  });

  test.each(["udh8", "udh16", "payload"] as const)("is the same for a carrier of %s", (longMessages) => {
    for (const body of ["x".repeat(160), "€".repeat(80), "й".repeat(70)]) {
      expect(submitFields(message(body), form(longMessages), 0, NOW)).toEqual([one(body)]);
    }
  });
});

describe("a long text with a message class, or of a kind of message waiting", () => {
  test.each([
    [0x10, 0x10, 0x18],
    [0x19, 0x11, 0x19],
    [0xf2, 0xf2, 0x1a],
    [0xc8, 0xc8, 0xe8],
    [0xd9, 0xd9, 0xe9],
    [0xe1, 0xd1, 0xe1],
  ])("keeps data_coding %#x in each part, whatever alphabet the carrier has", (dataCoding, gsm, ucs2) => {
    const coded = { esmClass: 0, protocolId: 0, dataCoding, octets: null, sar: null };
    for (const alphabet of ["gsm", "latin1"] as const) {
      for (const [body, expected] of [["x".repeat(200), gsm] as const, ["й".repeat(80), ucs2] as const]) {
        const parts = submitFields(message(body, { coded }), { ...form("udh8"), alphabet }, 0, NOW);
        expect(parts.map(({ data_coding }) => data_coding)).toEqual([expected, expected]);
      }
    }
  });
});

describe("the sender", () => {
  test.each([
    ["MyShop", 5, 0],
    ["A 1-_@$", 5, 0],
    ["Café", 5, 0],
    ["Ångström", 5, 0],
    ["447700900999", 1, 1],
    ["12345", 3, 0],
  ])("%s is an address of TON %i and NPI %i, in Latin-1", (sender, ton, npi) => {
    expect(one("x", { sender })).toMatchObject({ source_addr: sender, source_addr_ton: ton, source_addr_npi: npi });
  });

  test("is written as its carrier reads it", () => {
    const [submit] = submitFields(message("x", { sender: "Café_" }), form("udh8", "gsm"), 0, NOW);
    expect(submit).toMatchObject({ source_addr: "Caf\x05\x11", source_addr_ton: 5 });
  });

  test("that no carrier can be told fails, and no try can help", () => {
    expect(() => one("x", { sender: "@Δ" })).toThrow(Unsendable);
    expect(() => one("x", { sender: "@Δ" })).toThrow(expect.objectContaining({ code: "56" }));
  });
});

describe("the validity", () => {
  test.each([
    [604_800_000, "000007000000000R"],
    [90_000, "000000000130000R"],
    [89_001, "000000000130000R"],
    [1, "000000000001000R"],
    [0, "000000000001000R"],
    [-5_000, "000000000001000R"],
  ])("of %i ms more is %s, rounded up and never none", (left, validity_period) => {
    expect(one("x", { expiresAt: NOW + left })).toMatchObject({ validity_period });
    expect(parseTime(validity_period)?.kind).toBe("relative");
  });
});

/** Texts of two to ten parts, of either alphabet, with what must not be parted among them. */
const longText = fc
  .array(
    fc.oneof(
      fc.string({ unit: fc.constantFrom(..."aZ 9é€[]^") }),
      fc.constantFrom("й", "👩‍👩‍👧‍👦", "e\u0301", "x".repeat(40)),
    ),
    { minLength: 1, maxLength: 30 },
  )
  .map((pieces) => pieces.join("").repeat(5))
  .filter((text) => countParts(text) > 1 && countParts(text) <= 10);

function textOf({ data_coding }: Fields<"submit_sm">, octets: Uint8Array): string {
  return data_coding === 0 ? decodeGsm(octets) : decodeUcs2(octets);
}

describe.each([
  ["udh8", 8, 255],
  ["udh16", 16, 65_535],
] as const)("a long text for a carrier of %s", (longMessages: SubmitForm["longMessages"], referenceBits, most) => {
  test("goes in parts that the handset puts together again, none beyond 140 octets", () => {
    fc.assert(
      fc.property(longText, fc.nat(), (body, reference) => {
        const fields = submitFields(message(body), form(longMessages), reference, NOW);
        const texts = fields.map((part, index) => {
          const octets = part.short_message as Buffer;
          const { elements, text } = readUserData(octets) as NonNullable<ReturnType<typeof readUserData>>;
          expect(part.esm_class).toBe(0x40);
          expect(readConcatenation(elements)).toEqual({
            reference: reference & most,
            referenceBits,
            total: fields.length,
            sequence: index + 1,
          });
          const header = octets.length - text.length;
          const size =
            part.data_coding === 0 ? Math.ceil(((Math.ceil((header * 8) / 7) + text.length) * 7) / 8) : octets.length;
          expect(size).toBeLessThanOrEqual(140);
          return textOf(part, text);
        });
        expect(texts.join("")).toBe(body);
        expect(new Set(fields.map(({ data_coding }) => data_coding))).toEqual(new Set([isGsm(body) ? 0 : 8]));
        expect(fields.length).toBeGreaterThan(1);
      }),
    );
  });
});

test("a long text for a carrier of payload goes whole", () => {
  fc.assert(
    fc.property(longText, (body) => {
      const fields = submitFields(message(body), form("payload"), 7, NOW);
      expect(fields).toHaveLength(1);
      const [whole] = fields as [Fields<"submit_sm">];
      expect(whole).toMatchObject({ esm_class: 0, short_message: Buffer.alloc(0) });
      expect(textOf(whole, whole.tlvs?.message_payload as Buffer)).toBe(body);
    }),
  );
});

describe("a text that was counted as in a national language", () => {
  /** One part with Turkish, two in UCS-2. */
  const body = `Şık ${"x".repeat(100)}`;
  const turkish = (longMessages: SubmitForm["longMessages"] = "udh8") =>
    form(longMessages, "latin1", ["spanish", "turkish"]);

  test("of one part goes in septets under a header that names the table", () => {
    const [submit, ...more] = submitFields(message(body, { parts: 1 }), turkish(), 7, NOW);
    expect(more).toEqual([]);
    expect(submit).toMatchObject({ data_coding: 0, esm_class: 0x40 });
    expect(submit?.short_message).toEqual(
      Buffer.concat([Buffer.from("032401011b531b696b20", "hex"), "x".repeat(100)].map((of) => Buffer.from(of))),
    );
  });

  test.each([
    ["udh8", "0800030702xx240101"],
    ["udh16", "090804000702xx240101"],
  ] as const)("of two parts names it in each, behind the concatenation of %s", (longMessages, header) => {
    const long = body.repeat(2);
    const counted = countParts(long, ["turkish"]);
    const fields = submitFields(message(long, { parts: counted }), turkish(longMessages), 7, NOW);
    expect(fields).toHaveLength(2);
    for (const [index, { short_message }] of fields.entries()) {
      expect((short_message as Buffer).toString("hex")).toContain(header.replace("xx", `0${index + 1}`));
    }
  });

  test("goes in UCS-2 where the carrier knows the language no more, or it was counted so", () => {
    expect(submitFields(message(body, { parts: 1 }), form("udh8"), 7, NOW)).toHaveLength(2);
    for (const submit of submitFields(message(body, { parts: 2 }), turkish(), 7, NOW)) {
      expect(submit).toMatchObject({ data_coding: 8 });
    }
  });
});
