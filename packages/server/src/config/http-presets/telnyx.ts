import { errorsOf, type HttpPreset } from "./preset.ts";

/** docs/carriers/telnyx.md cites the source of each setting. */
export const TELNYX: HttpPreset = {
  credentials: ["apiKey"],
  optional: ["publicKey"],
  signature: ["publicKey"],
  settings: () => ({
    submit: {
      url: "https://api.telnyx.com/v2/messages",
      headers: { authorization: "Bearer {credentials.apiKey}" },
      body: { from: "{fromPlus}", to: "+{to}", text: "{text}", webhook_url: "{receiptUrl}" },
    },
    accepted: { status: 200, id: "/data/id", error: "/errors/0/code" },
    errors: errorsOf({
      20: [40011, 40016, 40018],
      31: [40008],
      33: [40006],
      41: [40301, 40319],
      43: [40001, 40012, 40309, 40310],
      46: [40005, 40014],
      52: [40009, 40302, 40304, 40316],
      56: [
        ...[40002, 40003, 40004, 40010, 40013, 40015, 40017, 40019, 40020],
        ...[40305, 40306, 40307, 40322, 40325, 40329, 40330],
      ],
      58: [40300],
    }),
    // Its queue is full, the sender is not ready yet, the spend limit is reached.
    again: ["40318", "40320", "40333"],
    receipts: {
      when: { "/data/event_type": "message.finalized" },
      id: "/data/payload/id",
      state: "/data/payload/to/0/status",
      error: "/data/payload/errors/0/code",
      states: {
        delivered: "delivered",
        delivery_failed: "failed",
        sending_failed: "failed",
        delivery_unconfirmed: "unknown",
      },
    },
    inbound: {
      when: { "/data/event_type": "message.received" },
      from: "/data/payload/from/phone_number",
      to: "/data/payload/to/0/phone_number",
      text: "/data/payload/text",
      id: "/data/payload/id",
    },
  }),
};
