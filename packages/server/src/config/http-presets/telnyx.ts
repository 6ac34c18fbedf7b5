import type { HttpPreset } from "./preset.ts";

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
