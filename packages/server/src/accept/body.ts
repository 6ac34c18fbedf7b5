import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { Rejected } from "../runtime/errors.ts";
import { faultsOf, type SchemaError } from "../runtime/faults.ts";
import { isNearMiss } from "./near-miss.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Reads a body as JSON whatever its type says: many clients send none, or a form's. */
export function parseBody(raw: unknown, contentType: string | undefined): unknown {
  try {
    return JSON.parse(utf8.decode(raw as Buffer));
  } catch (error) {
    if (raw === undefined || (raw as Buffer).length === 0) {
      throw new Rejected("malformed-body", "The body is empty; a JSON object is needed.");
    }
    const reason = error instanceof SyntaxError ? error.message : "it is not UTF-8";
    if (contentType === undefined || /json/i.test(contentType)) {
      throw new Rejected("malformed-body", `The body is not JSON: ${reason}.`);
    }
    throw new Rejected(
      "unsupported-media-type",
      `The body is not JSON (${reason}), and its type says ${contentType.slice(0, 100)}.`,
    );
  }
}

/** A schema made ready: `read` answers the value as the schema's type, or throws every fault of it. */
export interface BodyReader<Body> {
  read(value: unknown): Body;
}

/**
 * @param unknownFields "ignore" drops fields that are not known, for old clients, but not near misses of known names:
 * `sendAt` must not send at once.
 */
export function bodyReader<Body>(schema: TSchema, unknownFields: "refuse" | "ignore"): BodyReader<Body> {
  const check = Compile(schema);
  return {
    read(value) {
      if (check.Check(value)) return value as Body;
      let errors: SchemaError[] = check.Errors(value) as SchemaError[];
      if (unknownFields === "ignore") {
        const known = knownNames(schema);
        const ignored = errors.filter(
          (error) => error.keyword === "boolean" && !isNearMiss(lastName(error.instancePath), known),
        );
        errors = errors.filter((error) => !ignored.includes(error) && error.keyword !== "additionalProperties");
        if (errors.length === 0) return value as Body;
      }
      throw new Rejected("invalid-request", "The body has faults; each is named in errors.", faultsOf(errors));
    },
  };
}

function lastName(pointer: string): string {
  return pointer
    .slice(pointer.lastIndexOf("/") + 1)
    .replaceAll("~1", "/")
    .replaceAll("~0", "~");
}

/** Every field name that stands anywhere in the schema. */
function knownNames(schema: object): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    for (const [name, inner] of Object.entries(node)) {
      if (name === "properties") for (const property of Object.keys(inner as object)) names.add(property);
      visit(inner);
    }
  };
  visit(schema);
  return names;
}
