import Type, { type TStringOptions } from "typebox";

/**
 * Texts that a rule of our own reads, because it is faster than a schema, says more, or knows more: a calendar, whether a
 * host is public. The schema names the rule; the reference has it as a pattern, which a test compares with the rule.
 */
export type FieldRule = "msisdn" | "sender" | "uuid" | "time" | "url" | "text";

/** The keyword by which a schema names its rule. */
export const FIELD_RULE = "x-rule";

/** A text that `rule` reads. */
export function read(rule: FieldRule, options: TStringOptions) {
  return Type.String({ ...options, [FIELD_RULE]: rule });
}
