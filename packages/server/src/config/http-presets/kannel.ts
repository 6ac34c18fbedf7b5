import type { HttpPreset } from "./preset.ts";

/** Delivered, not delivered, and refused by the SMSC. */
const FINAL_REPORTS = 1 + 2 + 16;

function url(origin: string, coding: 0 | 2): string {
  const query = [
    "username={credentials.username}&password={credentials.password}",
    `from={from}&to={to}&text={text}&charset=UTF-8&coding=${coding}&validity={validityMinutes}`,
    // Kannel replaces %d in it.
    `dlr-mask=${FINAL_REPORTS}&dlr-url={receiptUrl}%3Fid%3D{id}%26state%3D%25d`,
  ].join("&");
  return `${origin}/cgi-bin/sendsms?${query}`;
}

/** docs/carriers/kannel.md cites the source of each setting. */
export const KANNEL: HttpPreset = {
  credentials: ["origin", "username", "password"],
  optional: [],
  signature: null,
  settings: (origin) => ({
    submit: { method: "GET", url: url(origin, 0), unicode: { url: url(origin, 2) } },
    // Kannel gives no id: the receipt's URL has ours.
    accepted: { status: 202 },
    receipts: {
      id: "id",
      state: "state",
      states: { "1": "delivered", "2": "failed", "4": "enroute", "8": "enroute", "16": "rejected" },
    },
    inbound: { from: "from", to: "to", text: "text", charset: "charset", id: "id" },
  }),
};
