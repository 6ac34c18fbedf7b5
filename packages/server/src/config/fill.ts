import Type, { type TSchema } from "typebox";
import { variableOf, variableText } from "./given.ts";

/**
 * Copies `MPLUS_SERVER_PORT`, `MPLUS_DATA_DIR` (also `MPLUS_DATADIR`) and the like over the file's values; lists are in the
 * file only.
 */
export function applyEnvironment(
  schema: TSchema,
  target: Record<string, unknown>,
  prefix: string,
  env: NodeJS.ProcessEnv,
): void {
  for (const [name, property] of Object.entries((schema as Type.TObject).properties)) {
    if (Type.IsObject(property)) {
      const inner = target[name] === undefined ? {} : target[name];
      if (typeof inner !== "object" || inner === null) continue;
      target[name] = inner;
      applyEnvironment(property, inner as Record<string, unknown>, variableOf(prefix, name), env);
      continue;
    }
    const text = variableText(env, prefix, name);
    if (text === undefined || Type.IsArray(property)) continue;
    target[name] = scalar(property, text);
  }
}

function scalar(schema: TSchema, text: string): unknown {
  const options = Type.IsUnion(schema) ? schema.anyOf : [schema];
  const takes = (kind: (option: TSchema) => boolean) => options.some(kind);
  if (takes(Type.IsNull) && (text === "" || text === "null")) return null;
  if (takes(Type.IsBoolean) && (text === "true" || text === "false")) return text === "true";
  if (
    takes((option) => Type.IsNumber(option) || Type.IsInteger(option)) &&
    text.trim() !== "" &&
    !Number.isNaN(Number(text))
  ) {
    return Number(text);
  }
  return text;
}

/** Sets a key of a group. */
export function set(target: Record<string, unknown>, group: string, name: string, value: unknown): void {
  const inner = target[group] === undefined ? {} : target[group];
  // A value in place of a group is a fault of its own.
  if (typeof inner === "object" && inner !== null) target[group] = { ...inner, [name]: value };
}

/** A copy with every absent key at its default, objects in lists included (a carrier's by its `type`). */
export function withDefaults(schema: TSchema, value: unknown): unknown {
  if (value === undefined && "default" in schema) return structuredClone((schema as { default: unknown }).default);
  if (Type.IsObject(schema)) {
    if (value !== undefined && (typeof value !== "object" || value === null || Array.isArray(value))) return value;
    const given = (value ?? {}) as Record<string, unknown>;
    const filled: Record<string, unknown> = { ...given };
    for (const [name, property] of Object.entries(schema.properties)) {
      const inner = withDefaults(property, given[name]);
      if (inner !== undefined) filled[name] = inner;
    }
    return filled;
  }
  if (Type.IsArray(schema) && Array.isArray(value)) return value.map((item) => withDefaults(schema.items, item));
  if (Type.IsUnion(schema) && typeof value === "object" && value !== null) {
    const type = (value as { type?: unknown }).type;
    const fitting = schema.anyOf.filter(
      (option) => Type.IsObject(option) && (option.properties.type as { const?: unknown } | undefined)?.const === type,
    );
    // If no type tells several apart, the meant one is unknown.
    const match = fitting.length === 1 ? fitting[0] : undefined;
    return match === undefined ? value : withDefaults(match, value);
  }
  return value;
}
