import type { RulesOptions } from "../../src/http/send/rules.ts";

/** Of the rules by which a request is read, those that its messages need; both channels are there. */
export const RULES = {
  messages: { validity: 3_600, receiptMargin: 60, maxParts: 10 },
  checkCallback: (url: string) => ({ ok: true, origin: url }),
  languagesTo: () => [],
  channels: new Set(["sms", "rcs"]),
} as unknown as RulesOptions;
