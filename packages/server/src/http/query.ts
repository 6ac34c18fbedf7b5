import { isUuid } from "../message/id.ts";
import type { FieldFault } from "../runtime/errors.ts";
import { Rejected } from "../runtime/errors.ts";

/** The kind of a parameter; a cursor is an identifier from a page's `next`. */
export type QueryKind = "flag" | "count" | "text" | "cursor";

/** The parameters of a path beside `key`. */
export type QueryShape = Record<string, QueryKind>;

/** The parameters of lists that are ordered by identifiers; others have another kind of cursor. */
export const PAGE_QUERY = { limit: "count", after: "cursor" } as const satisfies QueryShape;
export const OWN_PAGE_QUERY = { limit: "count", after: "text" } as const satisfies QueryShape;

type QueryValue<Kind> = Kind extends "flag" ? boolean : Kind extends "count" ? number : string;
export type Query<Shape extends QueryShape> = { [Name in keyof Shape]?: QueryValue<Shape[Name]> };

/** Most rows of one page. */
export const MAX_LIMIT = 1_000;

/**
 * Reads a query strictly: an unknown parameter (`dryrun`), a repeated one, or a value of another kind is a fault, because a
 * misspelt parameter must not do something else.
 * @throws Rejected with every fault
 */
export function readQuery<const Shape extends QueryShape>(query: Record<string, unknown>, shape: Shape): Query<Shape> {
  const { values, faults } = judgeQuery(query, shape);
  if (faults.length > 0) throw queryFaults(...faults.slice(0, 100));
  return values;
}

/** Reads a query as `readQuery`, and leaves the refusal to the caller, who has the body's faults to name as well. */
export function judgeQuery<const Shape extends QueryShape>(
  query: Record<string, unknown>,
  shape: Shape,
): { values: Query<Shape>; faults: FieldFault[] } {
  const values: Record<string, unknown> = {};
  const faults: FieldFault[] = [];
  for (const [name, value] of Object.entries(query)) {
    if (name === "key") continue;
    const kind = Object.hasOwn(shape, name) ? shape[name] : undefined;
    const read = kind === undefined ? "is not a parameter of this path" : readValue(kind, value);
    if (typeof read === "string") faults.push({ path: `?${name}`, message: read });
    else values[name] = read.value;
  }
  return { values: values as Query<Shape>, faults };
}

/** A number or sender of a query with its `+`, which comes as a blank where it was not percent-encoded. */
export function withPlus(number: string): string {
  return number.replace(/^ /, "+");
}

/** The refusal of a query with these faults. */
export function queryFaults(...faults: readonly FieldFault[]): Rejected {
  return new Rejected("invalid-request", "The query has faults.", faults);
}

/** The fault of an `after` that no page answered. */
export const NOT_A_CURSOR: FieldFault = { path: "?after", message: "is not a cursor" };

function readValue(kind: QueryKind, value: unknown): { value: unknown } | string {
  if (typeof value !== "string") return "is given more than once";
  if (kind === "text") return value === "" ? "must not be empty" : { value };
  if (kind === "cursor") return isUuid(value) ? { value: value.toLowerCase() } : "is not a cursor";
  if (kind === "flag") {
    const flag = value.toLowerCase();
    return flag === "true" || flag === "false" ? { value: flag === "true" } : "must be true or false";
  }
  const count = /^\d{1,6}$/.test(value) ? Number(value) : 0;
  return count >= 1 && count <= MAX_LIMIT ? { value: count } : `must be a number from 1 to ${MAX_LIMIT}`;
}
