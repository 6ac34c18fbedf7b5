import Type from "typebox";

/** Kinds of values that several groups of keys share. */

/** The longest delay of a Node timer in seconds, nearly 25 days; a longer one fires at once. */
const LONGEST_TIMER = 2_147_483;
export const seconds = (fallback: number, minimum = 0) =>
  Type.Number({ minimum, maximum: LONGEST_TIMER, default: fallback });
export const port = (fallback: number) => Type.Integer({ minimum: 0, maximum: 65535, default: fallback });
export const oneOf = <const Values extends readonly string[]>(values: Values, fallback: Values[number]) =>
  Type.Enum([...values] as Values[number][], { default: fallback });
export const strict = { additionalProperties: false };

/** A value without its faulty fields and entries. */
export type Sound<Value> = Value extends (infer Item)[]
  ? (Sound<Item> | undefined)[]
  : Value extends object
    ? { [Name in keyof Value]?: Sound<Value[Name]> }
    : Value;
