import type { HttpPreset } from "./preset.ts";

/** docs/carriers/sinch.md cites the source of each setting. */
export const SINCH: HttpPreset = {
  credentials: ["region", "servicePlanId", "apiToken"],
  optional: [],
  signature: null,
  settings: () => ({
    submit: {
      url: "https://{credentials.region}.sms.api.sinch.com/xms/v1/{credentials.servicePlanId}/batches",
      headers: { authorization: "Bearer {credentials.apiToken}" },
      body: {
        from: "{from}",
        to: ["{to}"],
        body: "{text}",
        delivery_report: "per_recipient",
        callback_url: "{receiptUrl}",
        client_reference: "{id}",
        expire_at: "{expiresAt:1:259200}",
      },
    },
    accepted: { status: [200, 201], id: "/id", error: "/code" },
    receipts: {
      when: { "/type": "recipient_delivery_report_sms" },
      id: "/batch_id",
      state: "/status",
      error: "/code",
      states: {
        Queued: "enroute",
        Dispatched: "enroute",
        Aborted: "rejected",
        Cancelled: "deleted",
        Rejected: "rejected",
        Deleted: "deleted",
        Delivered: "delivered",
        Failed: "failed",
        Expired: "expired",
        Unknown: "unknown",
      },
    },
    inbound: { when: { "/type": "mo_text" }, from: "/from", to: "/to", text: "/body", id: "/id" },
  }),
};
