import type { FastifyRequest } from "fastify";
import type { TSchema } from "typebox";
import { textFault } from "../message/text-fault.ts";
import { type FieldFault, invalid } from "../runtime/errors.ts";
import { bodyReader, parseBody } from "./body.ts";

/** Reads a request's small body whole, or refuses it with every fault. */
export type BodyOf<Body> = (request: FastifyRequest) => Body;

/**
 * @param rules faults between fields that are valid by themselves
 * @param fields "some" refuses a body without any: a change must change something. "none" takes an empty body for `{}`
 */
export function wholeBody<Body extends object>(
  schema: TSchema,
  unknownFields: "refuse" | "ignore",
  { rules = () => [], fields }: { rules?: (body: Partial<Body>) => FieldFault[]; fields?: "some" | "none" } = {},
): BodyOf<Body> {
  const reader = bodyReader<Body>(schema, unknownFields);
  return (request) => {
    const raw = request.body as Buffer | undefined;
    const empty = fields === "none" && (raw === undefined || raw.length === 0);
    const { body, faults } = reader.read(empty ? {} : parseBody(raw, request.bodyType));
    const all = [...faults, ...textFaults(body), ...rules(body)];
    if (fields === "some" && all.length === 0 && Object.keys(body).length === 0) {
      all.push({ path: "", message: "names nothing to change" });
    }
    if (all.length > 0) throw invalid(all);
    return body as Body;
  };
}

/** Faults of texts with characters that cannot be stored. */
function textFaults(body: object): FieldFault[] {
  return Object.entries(body).flatMap(([path, value]) => {
    const message = typeof value === "string" ? textFault(value) : null;
    return message === null ? [] : [{ path, message }];
  });
}
