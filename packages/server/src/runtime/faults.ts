import { Settings } from "typebox/system";
import type { FieldFault } from "./errors.ts";

/** One error of a schema check, as typebox (and any JSON Schema validator) reports it. */
export interface SchemaError {
  keyword: string;
  schemaPath: string;
  instancePath: string;
  params: object;
  message: string;
}

const MOST = 100;

/** Most errors of one check; typebox stops at 8 by default. Up to five of them can be one fault. */
export const MOST_ERRORS = 10 * MOST;
Settings.Set({ maxErrors: MOST_ERRORS });

/** Schema errors as faults with paths in the caller's form (`messages[1].to`): one per place, the first 100. */
export function faultsOf(errors: readonly SchemaError[]): FieldFault[] {
  const faults = new Map<string, string>();
  for (const error of withoutBranches(errors)) {
    if (faults.size >= MOST) break;
    const { keyword, instancePath, message } = error;
    const params = error.params as Record<string, unknown>;
    if (keyword === "additionalProperties" || keyword === "unevaluatedProperties") continue;
    if (keyword === "required") {
      for (const name of params.requiredProperties as string[])
        put(faults, join(pathOf(instancePath), name), "is required");
      continue;
    }
    put(faults, pathOf(instancePath), sentence(keyword, params, message));
  }
  return [...faults].slice(0, MOST).map(([path, message]) => ({ path, message }));
}

/** Removes the faulty parts of `value`: a field is gone then, an entry of a list undefined. */
export function withoutFaulty<Value extends object>(value: Value, errors: readonly SchemaError[]): Partial<Value> {
  for (const { keyword, instancePath } of errors) {
    if (keyword === "required" || keyword === "additionalProperties") continue;
    const steps = stepsOf(instancePath);
    const name = steps.pop() as string;
    const parent = steps.reduce<unknown>(ownValue, value);
    if (Array.isArray(parent)) parent[Number(name)] = undefined;
    else if (typeof parent === "object" && parent !== null) delete (parent as Record<string, unknown>)[name];
  }
  return value;
}

function ownValue(node: unknown, name: string): unknown {
  return typeof node === "object" && node !== null && Object.hasOwn(node, name)
    ? (node as Record<string, unknown>)[name]
    : undefined;
}

/** Each branch of a union complains. Their errors become one, about the caller's own value. */
function withoutBranches(errors: readonly SchemaError[]): SchemaError[] {
  let left = [...errors];
  for (const union of errors) {
    if (union.keyword !== "anyOf") continue;
    const branches = left.filter((error) => error !== union && isOfBranch(error, union));
    if (branches.length === 0) continue;
    const instead = ofTaggedUnion(union, branches) ?? [ofPlainUnion(union, branches)];
    left = left.flatMap((error) => (error === union ? instead : branches.includes(error) ? [] : [error]));
  }
  return left;
}

function isOfBranch(error: SchemaError, union: SchemaError): boolean {
  if (!error.schemaPath.startsWith(`${union.schemaPath}/anyOf/`)) return false;
  return error.instancePath === union.instancePath || error.instancePath.startsWith(`${union.instancePath}/`);
}

/** Objects with a `type`: the errors of that type's branch, or that there is no such type. */
function ofTaggedUnion(union: SchemaError, branches: readonly SchemaError[]): SchemaError[] | null {
  const tagPath = `${union.instancePath}/type`;
  const tags = branches.filter(({ keyword, instancePath }) => keyword === "const" && instancePath === tagPath);
  if (tags.length > 0) {
    const others = new Set(tags.map((error) => branchOf(error, union)));
    const own = branches.filter((error) => !others.has(branchOf(error, union)));
    if (own.length > 0) return own;
    const allowedValues = tags.map(({ params }) => (params as { allowedValue: unknown }).allowedValue);
    return [{ ...union, keyword: "enum", instancePath: tagPath, params: { allowedValues } }];
  }
  const tagless = branches.find(
    ({ keyword, params }) =>
      keyword === "required" && (params as { requiredProperties: string[] }).requiredProperties.includes("type"),
  );
  return tagless === undefined ? null : [{ ...tagless, params: { requiredProperties: ["type"] } }];
}

/** Values of several kinds: the fault of a value of the right kind, or the list of kinds. */
function ofPlainUnion(union: SchemaError, branches: readonly SchemaError[]): SchemaError {
  const constrained = branches.find(({ keyword }) => keyword !== "type" && keyword !== "const");
  if (constrained !== undefined) return constrained;
  const literals = new Set(
    branches.filter(({ keyword }) => keyword === "const").map((error) => branchOf(error, union)),
  );
  const kinds = branches.flatMap((error) => {
    const { type, allowedValue } = error.params as { type?: string; allowedValue?: unknown };
    if (error.keyword === "const") return [JSON.stringify(allowedValue)];
    return literals.has(branchOf(error, union)) ? [] : [article(String(type))];
  });
  return { ...union, params: { kinds: [...new Set(kinds)] } };
}

function branchOf(error: SchemaError, union: SchemaError): string {
  return error.schemaPath.slice(`${union.schemaPath}/anyOf/`.length).split("/", 1)[0] as string;
}

function put(faults: Map<string, string>, path: string, message: string): void {
  if (!faults.has(path)) faults.set(path, message);
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

/** `/messages/1/to` → `messages[1].to` (RFC 6901 escapes undone). */
function pathOf(pointer: string): string {
  let path = "";
  for (const name of stepsOf(pointer)) path = /^(0|[1-9]\d*)$/.test(name) ? `${path}[${name}]` : join(path, name);
  return path;
}

/** The names and indexes of a JSON Pointer (RFC 6901). */
function stepsOf(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
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
      return `must be ${(params.kinds as string[]).join(" or ")}`;
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
    case "exclusiveMinimum":
      return `must be more than ${String(params.limit)}`;
    case "maximum":
      return `must be at most ${String(params.limit)}`;
    case "pattern":
      return `must match ${String(params.pattern)}`;
    default:
      return fallback;
  }
}

function article(type: string): string {
  if (type === "null") return "null";
  return /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`;
}
