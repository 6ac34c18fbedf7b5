import fc from "fast-check";
import { expect, test } from "vitest";
import { codeNumber } from "./code-number.ts";
import { RECEIPT_CODES } from "./receipt-codes.ts";
import { receiptBody } from "./webhook.ts";

const uuid = fc.uuid({ version: 7 });
const maybe = fc.option(uuid);

test("a receipt's body is what JSON.stringify writes", () => {
  const code = fc.constantFrom(...RECEIPT_CODES).map(({ code }) => code);
  const message = fc.record({
    destination: fc.stringMatching(/^[1-9]\d{6,14}$/),
    state: fc.constantFrom(2, 3),
    code: fc.oneof(code.map(codeNumber), fc.nat(0xff)),
    givenId: maybe,
    batchId: maybe,
    batchGivenId: maybe,
  });
  fc.assert(
    fc.property(uuid, message, (id, final) => {
      const body = receiptBody(id, final);
      expect(JSON.stringify(JSON.parse(body))).toBe(body);
      expect(JSON.parse(body)).toMatchObject({
        destination: `+${final.destination}`,
        delivered: final.state === 2,
        messageuuid: final.givenId ?? id,
      });
    }),
  );
});
