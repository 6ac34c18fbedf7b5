import { document, type Json, validator } from "../reference/document.ts";

/** A body that must be refused, as text: not all that is wrong can be written as a value. */
export interface WrongBody {
  /** What was put where. */
  what: string;
  /** The field that the refusal is to name. */
  path: string;
  text: string;
}

/** What is put in the place of each field in turn; what its schema takes after all is left out. */
const STRANGERS = [
  "null",
  "true",
  "0",
  "-1",
  "1.5",
  "1e308",
  "1e999",
  "-1e999",
  "9007199254740993",
  '""',
  '" "',
  '"x"',
  `"${"x".repeat(3_000)}"`,
  "[]",
  "[[]]",
  "[null]",
  "{}",
  '{"__proto__":{"x":1}}',
  '{"constructor":{"prototype":{}}}',
  `${"[".repeat(2_000)}${"]".repeat(2_000)}`,
  `${'{"a":'.repeat(2_000)}1${"}".repeat(2_000)}`,
];
/** No schema speaks of them, and no text may hold them. */
const UNSTORABLE = ['"\\u0000"', '"x\\u0000y"', '"\\ud800"', '"\\udc00x"', '"x\\udbffx"'];

/** Names that no field has: those that every object has, and those that are nearly right. */
const UNKNOWN = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "valueOf",
  "sendAt",
  "Messages",
  "x.y",
  "x[0]",
  " ",
  "\u0000",
  "ключ",
  "x".repeat(1_000),
];

/** Stands where text is put that is no value. */
const MARK = "@@here@@";

type Step = string | number;

/** Every body that comes of a right one by putting one wrong thing into it. */
export function wrongBodies(schema: Json, right: unknown): WrongBody[] {
  const check = validator(schema);
  return placesIn(schema, right, []).flatMap(({ steps, own, value }) => {
    const path = pathOf(steps);
    const put = (stranger: string): string =>
      JSON.stringify(replaced(right, steps, MARK)).replace(`"${MARK}"`, () => stranger);
    const refused = STRANGERS.map(put).filter((text) => !check(JSON.parse(text)));
    const unstorable = typeof value === "string" ? UNSTORABLE.map(put) : [];
    const wrong = [...refused, ...unstorable].map((text) => ({ what: `${shortened(text)}`, path, text }));
    // Of two kinds of body, which one it is may show in the field that is missing.
    const kinds = steps.length === 0 && schema.anyOf !== undefined;
    return [
      ...wrong,
      ...unknownFields(right, steps, value),
      ...missing(right, steps, own).map((one) => (kinds ? { ...one, path: "" } : one)),
      ...tooMany(right, steps, own, value),
    ];
  });
}

function unknownFields(right: unknown, steps: readonly Step[], value: unknown): WrongBody[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return UNKNOWN.map((name) => {
    const entries = [...Object.entries(value), [name, 1]].map(
      ([key, inner]) => `${JSON.stringify(key)}:${JSON.stringify(inner)}`,
    );
    const text = JSON.stringify(replaced(right, steps, MARK)).replace(`"${MARK}"`, () => `{${entries.join(",")}}`);
    return { what: `a field ${JSON.stringify(name).slice(0, 40)} too many`, path: pathOf([...steps, name]), text };
  });
}

function missing(right: unknown, steps: readonly Step[], { required = [] }: { required?: string[] }): WrongBody[] {
  return required.map((name) => {
    const text = JSON.stringify(replaced(right, [...steps, name], undefined));
    return { what: `${name} missing`, path: pathOf([...steps, name]), text };
  });
}

function tooMany(
  right: unknown,
  steps: readonly Step[],
  { maxItems }: { maxItems?: number },
  value: unknown,
): WrongBody[] {
  if (maxItems === undefined || !Array.isArray(value)) return [];
  const more = Array.from({ length: maxItems + 1 }, () => value[0]);
  return [{ what: `${more.length} entries`, path: pathOf(steps), text: JSON.stringify(replaced(right, steps, more)) }];
}

/** The edges of time: of the calendar, of Date, of identifiers, of PostgreSQL. */
export const TIMES = [
  "0000-01-01T00:00Z",
  "1969-12-31T23:59:59.999999999Z",
  "9999-12-31T24:00Z",
  "+010889-08-02T05:31:50.655Z",
  "+294277-01-01T00:00Z",
  "+275760-09-13T00:00Z",
  "-271821-04-20T00:00Z",
  "-000001-12-31T23:59:60Z",
  "2030-01-31T09:30+23:59",
];

/** Every body that comes of a right one by putting the least or the most into it that its schema takes, or nearly. */
export function extremeBodies(schema: Json, right: unknown): string[] {
  return placesIn(schema, right, []).flatMap(({ steps, own, value }) =>
    extremesOf(own, value).map((extreme) => JSON.stringify(replaced(right, steps, extreme))),
  );
}

function extremesOf({ minimum, maximum, maxLength }: Json, value: unknown): unknown[] {
  if (typeof value === "number") {
    const least = typeof minimum === "number" ? [minimum, minimum + 5e-324] : [];
    const most = typeof maximum === "number" ? [maximum, maximum - 1, maximum * (1 - Number.EPSILON)] : [];
    return [...least, ...most, 5e-324, 1e-300, 1e-9, 0.1, -0, Number.MAX_SAFE_INTEGER];
  }
  if (typeof value !== "string") return [];
  const length = typeof maxLength === "number" ? maxLength : 1_530;
  const long = ["x", "漢", "😀", "e\u0301", "€"].map((character) => character.repeat(length).slice(0, length));
  return /^\d{4}-\d\d-/.test(value) ? [...long, ...TIMES] : long;
}

interface Place {
  steps: readonly Step[];
  own: Json;
  value: unknown;
}

/** Every place of a value, with the schema that it has there. */
function placesIn(schema: Json, value: unknown, steps: readonly Step[]): Place[] {
  const own = resolved(schema, value);
  const { properties = {}, items } = own as { properties?: Record<string, Json>; items?: Json };
  const inner =
    typeof value !== "object" || value === null
      ? []
      : Array.isArray(value)
        ? value.flatMap((entry, index) => placesIn(items ?? {}, entry, [...steps, index]))
        : Object.entries(value).flatMap(([name, field]) => placesIn(properties[name] ?? {}, field, [...steps, name]));
  return [{ steps, own, value }, ...inner];
}

/** The schema itself: what is referred to, and of several the one that takes the value. */
function resolved(schema: Json, value: unknown): Json {
  if (typeof schema.$ref === "string")
    return resolved(document.components.schemas[schema.$ref.split("/").at(-1)!]!, value);
  const branch = (schema.anyOf as Json[] | undefined)?.find((each) => validator(each)(value));
  return branch === undefined ? schema : resolved(branch, value);
}

function replaced(whole: unknown, [step, ...rest]: readonly Step[], value: unknown): unknown {
  if (step === undefined) return value;
  const copy = (Array.isArray(whole) ? [...whole] : { ...(whole as object) }) as Record<Step, unknown>;
  copy[step] = replaced((whole as Record<Step, unknown>)[step], rest, value);
  return copy;
}

function pathOf(steps: readonly Step[]): string {
  return steps.reduce<string>(
    (path, step) => (typeof step === "number" ? `${path}[${step}]` : path === "" ? step : `${path}.${step}`),
    "",
  );
}

function shortened(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 120)}…${text.slice(-60)}`;
}
