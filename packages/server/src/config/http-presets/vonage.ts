import { FORM, type HttpPreset } from "./preset.ts";

const form = {
  api_key: "{credentials.apiKey}",
  api_secret: "{credentials.apiSecret}",
  to: "{to}",
  from: "{from}",
  text: "{text}",
  ttl: "{validityMs:20000:604800000}",
  callback: "{receiptUrl}",
  "client-ref": "{id}",
};

/** docs/carriers/vonage.md cites the source of each setting. */
export const VONAGE: HttpPreset = {
  credentials: ["apiKey", "apiSecret"],
  optional: ["signatureSecret", "signatureMethod"],
  signature: ["signatureSecret"],
  settings: () => ({
    submit: {
      url: "https://rest.nexmo.com/sms/json",
      headers: FORM,
      body: { ...form, type: "text" },
      unicode: { body: { ...form, type: "unicode" } },
    },
    accepted: {
      status: 200,
      when: { "/messages/*/status": "0" },
      id: "/messages/*/message-id",
      error: "/messages/0/status",
    },
    // Errors of the answer to a submit; receipts have their own numbers.
    errors: {
      "2": "52",
      "3": "52",
      "6": "52",
      "7": "58",
      "12": "52",
      "15": "56",
      "22": "52",
      "23": "52",
      "29": "43",
      "33": "5C",
    },
    // Throttled, an internal error, credit, too many connections; and faults of the account, until they are fixed.
    again: ["1", "5", "9", "10", "4", "8", "11", "14", "32"],
    receipts: {
      id: "messageId",
      state: "status",
      error: "err-code",
      states: { accepted: "enroute", buffered: "enroute", unknown: "unknown" },
      errors: {
        "1": "57",
        "2": "22",
        "3": "5C",
        "4": "58",
        "5": "33",
        "6": "56",
        "7": "21",
        "8": "33",
        "9": "58",
        "10": "52",
        "11": "43",
        "99": "57",
      },
    },
    inbound: {
      from: "msisdn",
      to: "to",
      text: "text",
      id: "messageId",
      reference: "concat-ref",
      total: "concat-total",
      sequence: "concat-part",
    },
  }),
};
