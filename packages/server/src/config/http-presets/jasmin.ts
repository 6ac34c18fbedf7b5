import { FORM, type HttpPreset } from "./preset.ts";

const form = {
  username: "{credentials.username}",
  password: "{credentials.password}",
  from: "{from}",
  to: "{to}",
  "validity-period": "{validityMinutes}",
  dlr: "yes",
  "dlr-level": "2",
  "dlr-method": "POST",
  "dlr-url": "{receiptUrl}",
};
/** The answer without which Jasmin posts again. */
const ACK = "ACK/Jasmin";

/** docs/carriers/jasmin.md cites the source of each setting. */
export const JASMIN: HttpPreset = {
  credentials: ["origin", "username", "password"],
  optional: [],
  signature: null,
  settings: (origin) => ({
    submit: {
      url: `${origin}/send`,
      headers: FORM,
      body: { ...form, coding: "0", content: "{text}" },
      unicode: { body: { ...form, coding: "8", "hex-content": "{textHex}" } },
    },
    accepted: { status: 200, id: { match: '^Success "([^"]+)"' } },
    errors: { "412": "53" },
    receipts: {
      id: "id",
      state: "message_status",
      states: { ESME_ROK: "enroute", "ESME_*": "failed" },
      answer: ACK,
    },
    inbound: { from: "from", to: "to", text: "content", id: "id", answer: ACK },
  }),
};
