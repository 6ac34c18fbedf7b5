import { FORM, type HttpPreset } from "./preset.ts";

/** docs/carriers/twilio.md cites the source of each setting. */
export const TWILIO: HttpPreset = {
  credentials: ["accountSid", "authToken"],
  optional: [],
  signature: ["authToken"],
  settings: () => ({
    submit: {
      url: "https://{credentials.accountSid}:{credentials.authToken}@api.twilio.com/2010-04-01/Accounts/{credentials.accountSid}/Messages.json",
      headers: FORM,
      body: {
        To: "+{to}",
        From: "{fromPlus}",
        Body: "{text}",
        StatusCallback: "{receiptUrl}",
        ValidityPeriod: "{validity:1:36000}",
      },
    },
    accepted: { id: "/sid", error: "/code" },
    errors: {
      "21211": "43",
      "21212": "56",
      "21408": "43",
      "21606": "56",
      "21610": "58",
      "21614": "43",
      "21617": "52",
      "21635": "41",
      "30003": "22",
      "30004": "58",
      "30005": "4A",
      "30006": "41",
      "30007": "56",
      "30008": "57",
      "30036": "46",
    },
    // The queue of the sender is full; too many requests.
    again: ["21611", "20429", "30001"],
    receipts: {
      id: "MessageSid",
      state: "MessageStatus",
      error: "ErrorCode",
      states: {
        accepted: "enroute",
        scheduled: "enroute",
        queued: "enroute",
        sending: "enroute",
        sent: "enroute",
        delivered: "delivered",
        read: "delivered",
        undelivered: "failed",
        failed: "failed",
        canceled: "deleted",
      },
    },
    inbound: { from: "From", to: "To", text: "Body", id: "MessageSid" },
  }),
};
