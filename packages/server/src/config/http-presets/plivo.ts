import { errorsOf, type HttpPreset } from "./preset.ts";

/** docs/carriers/plivo.md cites the source of each setting. */
export const PLIVO: HttpPreset = {
  credentials: ["authId", "authToken"],
  optional: [],
  signature: ["authToken"],
  settings: () => ({
    submit: {
      url: "https://{credentials.authId}:{credentials.authToken}@api.plivo.com/v1/Account/{credentials.authId}/Message/",
      body: { src: "{from}", dst: "{to}", text: "{text}", url: "{receiptUrl}", method: "POST" },
    },
    accepted: { status: [200, 201, 202], id: "/message_uuid/0" },
    errors: errorsOf({
      22: [80],
      33: [20],
      41: [100],
      43: [50, 70],
      52: [10, 110],
      53: [90],
      56: [30, 40, 201],
      57: [1000],
      58: [200],
      77: [60],
    }),
    receipts: {
      id: "MessageUUID",
      state: "Status",
      error: "ErrorCode",
      states: { queued: "enroute", sent: "enroute", delivered: "delivered", undelivered: "failed", failed: "failed" },
    },
    inbound: { from: "From", to: "To", text: "Text", id: "MessageUUID" },
  }),
};
