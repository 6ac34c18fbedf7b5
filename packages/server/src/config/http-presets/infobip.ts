import type { HttpPreset } from "./preset.ts";

/** docs/carriers/infobip.md cites the source of each setting. */
export const INFOBIP: HttpPreset = {
  credentials: ["origin", "apiKey"],
  optional: [],
  signature: null,
  settings: (origin) => ({
    submit: {
      url: `${origin}/sms/3/messages`,
      headers: { authorization: "App {credentials.apiKey}", accept: "application/json" },
      body: {
        messages: [
          {
            sender: "{from}",
            destinations: [{ to: "{to}", messageId: "{id}" }],
            content: { text: "{text}" },
            options: { validityPeriod: { amount: "{validity:1:172800}", timeUnit: "SECONDS" } },
            webhooks: { delivery: { url: "{receiptUrl}" }, contentType: "application/json" },
          },
        ],
      },
    },
    accepted: {
      status: 200,
      when: { "/messages/*/status/groupName": ["PENDING", "DELIVERED"] },
      id: "/messages/0/messageId",
      error: "/messages/0/status/name",
    },
    errors: {
      EC_UNKNOWN_SUBSCRIBER: "4A",
      EC_UNIDENTIFIED_SUBSCRIBER: "26",
      EC_ABSENT_SUBSCRIBER_SM: "22",
      EC_ABSENT_SUBSCRIBER: "22",
      EC_TELESERVICE_NOT_PROVISIONED: "45",
      EC_CALL_BARRED: "58",
      EC_SUBSCRIBER_BUSY_FOR_MT_SMS: "21",
      EC_SM_DELIVERY_FAILURE: "25",
      EC_MESSAGE_WAITING_LIST_FULL: "3B",
      EC_SYSTEM_FAILURE: "33",
    },
    receipts: {
      each: "/results",
      id: "/messageId",
      state: "/status/name",
      error: "/error/name",
      states: {
        DELIVERED_TO_HANDSET: "delivered",
        DELIVERED_TO_OPERATOR: "enroute",
        "PENDING_*": "enroute",
        "UNDELIVERABLE_*": "failed",
        "EXPIRED_*": "expired",
        "REJECTED_*": "rejected",
      },
    },
    inbound: { each: "/results", from: "/from", to: "/to", text: "/text", id: "/messageId" },
  }),
};
