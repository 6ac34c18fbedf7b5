import Type from "typebox";
import { type BodyOf, wholeBody } from "../read-body.ts";

export const NoFields = Type.Object({}, { additionalProperties: false, title: "NoFields" });

/** Reads the body of a request that sets nothing: none, or `{}`. A caller who sends fields expects them to count. */
export function noFields(unknownFields: "refuse" | "ignore"): BodyOf<object> {
  return wholeBody<object>(NoFields, unknownFields, { fields: "none" });
}
