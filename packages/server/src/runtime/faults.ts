import type { Fault } from "./errors.ts";

/** One error of a schema check, as typebox (and any JSON Schema validator) reports it. */
export interface SchemaError {
  keyword: string;
  instancePath: string;
  params: object;
  message: string;
}

const MOST = 100;

/** Schema errors as faults with paths as a caller writes them (`messages[1].to`): one per place, the first 100. */
export function faultsOf(errors: readonly SchemaError[]): Fault[] {
  const faults = new Map<string, string>();
  const unions = errors.filter((error) => error.keyword === "anyOf").map((error) => error.instancePath);
  for (const error of errors) {
    if (faults.size >= MOST) break;
    const { keyword, instancePath } = error;
    const params = error.params as Record<string, unknown>;
    if (keyword === "additionalProperties" || keyword === "unevaluatedProperties") continue;
    if (keyword === "required") {
      for (const name of params.requiredProperties as string[])
        put(faults, join(pathOf(instancePath), name), "is required");
      continue;
    }
    // Each branch of a union complains; the union's own line stands for them, unless a branch names an inner field.
    if (unions.includes(instancePath) && keyword !== "anyOf") continue;
    put(faults, pathOf(instancePath), sentence(keyword, params, error.message));
  }
  return [...faults].slice(0, MOST).map(([path, message]) => ({ path, message }));
}

function put(faults: Map<string, string>, path: string, message: string): void {
  if (!faults.has(path)) faults.set(path, message);
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

/** `/messages/1/to` → `messages[1].to` (RFC 6901 escapes undone). */
export function pathOf(pointer: string): string {
  let path = "";
  for (const step of pointer.split("/").slice(1)) {
    const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
    path = /^\d+$/.test(name) ? `${path}[${name}]` : join(path, name);
  }
  return path;
}

function sentence(keyword: string, params: Record<string, unknown>, fallback: string): string {
  switch (keyword) {
    case "boolean":
      return "is not known here";
    case "type":
      return `must be ${article(String(params.type))}`;
    case "const":
      return `must be ${JSON.stringify(params.allowedValue)}`;
    case "enum":
      return `must be one of ${(params.allowedValues as unknown[]).map(String).join(", ")}`;
    case "anyOf":
      return "has none of the values or shapes that are allowed here";
    case "minLength":
      return params.limit === 1 ? "must not be empty" : `must have at least ${String(params.limit)} characters`;
    case "maxLength":
      return `must have at most ${String(params.limit)} characters`;
    case "minItems":
      return params.limit === 1 ? "must not be empty" : `must have at least ${String(params.limit)} entries`;
    case "maxItems":
      return `must have at most ${String(params.limit)} entries`;
    case "minimum":
      return `must be at least ${String(params.limit)}`;
    case "maximum":
      return `must be at most ${String(params.limit)}`;
    case "pattern":
      return `must match ${String(params.pattern)}`;
    default:
      return fallback;
  }
}

function article(type: string): string {
  return /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`;
}
