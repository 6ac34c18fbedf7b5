import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { type FieldFault, invalid, Rejected } from "../runtime/errors.ts";
import { faultsOf, MOST_ERRORS, withoutFaulty } from "../runtime/faults.ts";
import { costlyShape, MOST_VALUES } from "./body-shape.ts";
import { isNearMiss } from "./near-miss.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads a body as JSON whatever its type says: many clients send none, or a form's.
 * @param shapeOf `faultyShape` for a body that is passed on as it came
 */
export function parseBody(body: unknown, contentType: string | undefined, shapeOf = costlyShape): unknown {
  const raw = body as Buffer | undefined;
  if (raw === undefined || raw.length === 0) {
    throw new Rejected("malformed-body", "The body is empty; a JSON object is needed.");
  }
  const shape = shapeOf(raw);
  if (shape === "deep") throw new Rejected("malformed-body", "The body is nested too deep.");
  if (shape === "crowded") throw new Rejected("malformed-body", `The body has more than ${MOST_VALUES} values.`);
  try {
    return JSON.parse(utf8.decode(raw));
  } catch (error) {
    const reason = error instanceof SyntaxError ? withoutText(error.message) : "it is not UTF-8";
    if (contentType === undefined || /json/i.test(contentType)) {
      throw new Rejected("malformed-body", `The body is not JSON: ${reason}.`);
    }
    throw new Rejected(
      "unsupported-media-type",
      `The body is not JSON (${reason}), and its type says ${contentType.slice(0, 100)}.`,
    );
  }
}

/** V8 quotes the text around the fault, which may be a key: `Unexpected token 'k', "key=0f1e2d"... is not valid JSON`. */
function withoutText(message: string): string {
  return message.replace(/(?:^|, )(?:\.\.\.)?".*"(?:\.\.\.)? is not valid JSON$/s, "");
}

/** The result of reading a body by a schema. */
export interface ReadBody<Body> {
  /** Its valid part: a faulty field is missing, a faulty entry of a list undefined. */
  body: Partial<Body>;
  /** Of the body; for what is sent also those of the query and the headers. */
  faults: readonly FieldFault[];
}

/** A compiled schema. */
export interface BodyReader<Body> {
  /** @throws Rejected if nothing of the body is valid */
  read(value: unknown): ReadBody<Body>;
}

/**
 * @param unknownFields "ignore" drops unknown fields, for old clients, but not near misses of known names: `sendAt` must not
 * send at once.
 * @param elsewhere names that are known at other places, and must not be ignored at this one
 */
export function bodyReader<Body extends object>(
  schema: TSchema,
  unknownFields: "refuse" | "ignore",
  elsewhere: readonly string[] = [],
): BodyReader<Body> {
  const check = Compile(schema);
  const known = new Set([...knownNames(schema), ...elsewhere]);
  return {
    read(value) {
      const long = longLists(schema, value);
      if (long.length > 0) throw invalid(long);
      if (check.Check(value)) return { body: value as Body, faults: [] };
      const crowded = crowdedObject(value);
      if (crowded !== null) throw invalid([{ path: crowded, message: `has more than ${MOST_FIELDS} fields` }]);
      if (unknownFields === "ignore") dropUnknown(value, known);
      const errors = check.Errors(value);
      const faults = faultsOf(errors);
      if (
        errors.length >= MOST_ERRORS ||
        errors.some(({ instancePath, keyword }) => instancePath === "" && keyword === "type")
      )
        throw invalid(faults);
      return { body: withoutFaulty(value as Body, errors), faults };
    },
  };
}

interface ListSchema {
  maxItems?: number;
  items?: ListSchema;
  properties?: Record<string, ListSchema>;
}

/**
 * Lists that are longer than the schema allows. They are searched first: a check of the entries costs time for each of them,
 * and if they must differ, for each pair.
 */
function longLists({ maxItems, items, properties }: ListSchema, value: unknown, path = ""): FieldFault[] {
  if (Array.isArray(value)) {
    if (maxItems !== undefined && value.length > maxItems) {
      return [{ path, message: `must have at most ${maxItems} entries` }];
    }
    if (items?.properties === undefined) return [];
    const faults: FieldFault[] = [];
    for (let index = 0; index < value.length && faults.length < MOST_LONG; index++) {
      faults.push(...longLists(items, value[index], `${path}[${index}]`));
    }
    return faults;
  }
  if (typeof value !== "object" || value === null || properties === undefined) return [];
  return Object.entries(properties).flatMap(([name, inner]) =>
    Object.hasOwn(value, name)
      ? longLists(inner, (value as Record<string, unknown>)[name], path === "" ? name : `${path}.${name}`)
      : [],
  );
}

/** As many faults as a refusal names. */
const MOST_LONG = 100;

/** An object with more fields is refused as a whole: 700,000, as many as a body holds, take 5 s of CPU to check. */
const MOST_FIELDS = 10_000;

/** The path of an object with too many fields; null without one. */
function crowdedObject(body: unknown): string | null {
  const open: [node: unknown, path: string][] = [[body, ""]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [node, path] = next;
    if (typeof node !== "object" || node === null) continue;
    if (Array.isArray(node)) {
      for (const [index, entry] of node.entries()) {
        if (typeof entry === "object" && entry !== null) open.push([entry, `${path}[${index}]`]);
      }
      continue;
    }
    const names = Object.keys(node);
    if (names.length > MOST_FIELDS) return path;
    for (const name of names) {
      const inner = (node as Record<string, unknown>)[name];
      if (typeof inner === "object" && inner !== null) open.push([inner, path === "" ? name : `${path}.${name}`]);
    }
  }
  return null;
}

/** Most unknown fields; more are refused after all, since each is compared with every known name. */
const MOST_COMPARED = 10_000;

/**
 * Fields that no old client has: nothing in them is ignored. What stands in them is not known elsewhere, and nothing is near
 * it: `text` and `title` are such usual names.
 */
const WHOLE: ReadonlySet<string> = new Set(["rcs"]);

/** Drops every field, at any depth, whose name is neither known nor near one that is. */
function dropUnknown(body: unknown, known: ReadonlySet<string>): void {
  const open = [body];
  let compared = 0;
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (typeof node !== "object" || node === null) continue;
    for (const [name, value] of Object.entries(node)) {
      if (Array.isArray(node)) open.push(value);
      else if (known.has(name)) open.push(WHOLE.has(name) ? null : value);
      else if (++compared > MOST_COMPARED) return;
      else if (isNearMiss(name, known)) open.push(value);
      else delete (node as Record<string, unknown>)[name];
    }
  }
}

/** Every field name that stands anywhere in the schema. */
function knownNames(schema: object): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    for (const [name, inner] of Object.entries(node)) {
      if (name !== "properties") {
        visit(inner);
        continue;
      }
      for (const [property, schema] of Object.entries(inner as object)) {
        names.add(property);
        if (!WHOLE.has(property)) visit(schema);
      }
    }
  };
  visit(schema);
  return names;
}
