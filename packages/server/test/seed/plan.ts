import type { Message } from "@messaging-plus/sdk";
import type { Random } from "../support/random.ts";

/** How an account's receiver of webhooks behaves; `none`: its messages name no callback. */
export type ReceiverKind = "good" | "slow" | "flaky" | "failing" | "gone" | "refused" | "none";

export interface PlannedAccount {
  name: string;
  receiver: ReceiverKind;
  /** Text that handsets show as the sender. */
  sender: string;
  /** How many messages it sends, in requests and batches. */
  messages: number;
}

const FIRST = [
  "Harbour",
  "Northgate",
  "Willow",
  "Copper",
  "Juniper",
  "Beacon",
  "Maple",
  "Granite",
  "Meadow",
  "Lantern",
];
const SECOND = ["Bakery", "Clinic", "Cycles", "Dental", "Energy", "Florist", "Garage", "Library", "Taxi", "Travel"];
const RECEIVERS = { good: 60, slow: 8, flaky: 8, failing: 8, gone: 4, refused: 4, none: 8 };

/** Accounts with names of their own; a few of them send most of the messages, as customers do. */
export function planAccounts(random: Random, accounts: number, messages: number): PlannedAccount[] {
  const weights = Array.from({ length: accounts }, (_, index) => 1 / (index + 3));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight, index) => {
    const first = FIRST[index % FIRST.length]!;
    const second = SECOND[Math.floor(index / FIRST.length) % SECOND.length]!;
    return {
      name: `${first} ${second}${index < 100 ? "" : ` ${Math.floor(index / 100) + 1}`}`,
      // The first ones have every kind, however few accounts there are.
      receiver: (Object.keys(RECEIVERS) as ReceiverKind[])[index] ?? random.pick(RECEIVERS),
      sender: first.slice(0, 11),
      messages: Math.max(1, Math.round((messages * weight) / sum)),
    };
  });
}

/** Codes that a simulated handset may fail with, the frequent ones more often. */
const FAILURES = { "22": 40, "21": 12, "23": 8, "26": 6, "4A": 14, "46": 8, "56": 5, "5C": 4, "57": 3 };

/** What becomes of a message, by the number that it goes to (docs/simulator.md) or by its validity. */
const FATES = {
  delivered: 800,
  failed: 90,
  early: 10,
  twice: 10,
  intermediate: 10,
  refused: 10,
  // Stay submitted: no receipt, and one in three hours.
  unconfirmed: 20,
  late: 10,
  // No carrier takes them: they wait, or their validity ends first.
  waiting: 25,
  expired: 5,
};
export type Fate = keyof typeof FATES;

const TEXTS = [
  "Your code is #. It is valid for ten minutes.",
  "Your parcel # is out for delivery today between 10 and 12.",
  "Reminder: your appointment is tomorrow at 9:30. Reply STOP to opt out.",
  "Grüße aus der Werkstatt: Ihr Rad # ist fertig 🚲",
  "Η παραγγελία # είναι έτοιμη για παραλαβή.",
  "Your statement # is ready. We have changed our terms: from the first of next month the fee for paper statements is no longer part of your plan, and you will find every statement of the last seven years on the web page instead.",
];

export function planMessage(random: Random): Message & { fate: Fate } {
  const fate = random.pick(FATES);
  const body = TEXTS[random.between(0, TEXTS.length - 1)]!.replace("#", String(random.between(100_000, 999_999)));
  return { fate, to: numberFor(fate, random), body, ...(fate === "expired" ? { validity: 1 } : {}) };
}

/** Numbers that nobody has and that the simulator delivers to. */
export function anyNumber(random: Random): string {
  return String(447_700_900_000 + random.between(0, 499));
}

function numberFor(fate: Fate, random: Random): string {
  switch (fate) {
    case "delivered":
      return anyNumber(random);
    case "failed":
      return String(447_700_900_500 + Number.parseInt(random.pick(FAILURES), 16));
    case "unconfirmed":
      return "447700900901";
    case "early":
      return "447700900902";
    case "late":
      return "447700900903";
    case "twice":
      return "447700900904";
    case "refused":
      return "447700900906";
    case "intermediate":
      return "447700900907";
    case "waiting":
    case "expired":
      // Routed to the carrier `away` by scripts/dev.json.
      return String(447_700_900_800 + random.between(0, 99));
  }
}
