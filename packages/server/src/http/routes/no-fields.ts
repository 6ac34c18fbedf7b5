import Type from "typebox";
import { type BodyOf, wholeBody } from "../read-body.ts";

export const NoFields = Type.Object({}, { additionalProperties: false, title: "NoFields" });

/** Reads the body of a request that has nothing to set: none or `{}`. Any other means something that would not be done. */
export function noFields(unknownFields: "refuse" | "ignore"): BodyOf<object> {
  return wholeBody<object>(NoFields, unknownFields, { fields: "none" });
}
