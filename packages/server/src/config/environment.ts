import Type, { type TSchema } from "typebox";
import { slipsBetween } from "../runtime/slips.ts";
import { PREFIX, variableOf } from "./given.ts";

/** Variables of ours that are no configuration: commands or tests read them. */
const OTHERS = /^MPLUS_(?:CONFIG|KEY|TEST_.*)$/;

/**
 * A fault for each variable that begins with `MPLUS_` and sets nothing: a misspelt one would silently leave its key at the
 * default.
 */
export function environmentFaults(schema: TSchema, env: NodeJS.ProcessEnv): string[] {
  const { scalars, lists, also } = variablesOf(schema, PREFIX);
  return Object.keys(env).flatMap((name) => {
    if (!name.startsWith(`${PREFIX}_`) || OTHERS.test(name) || scalars.includes(name) || also.includes(name)) return [];
    if (isOfAService(name, env[name] ?? "")) return [];
    if (lists.includes(name)) return [`${name}: lists have no environment variable; it belongs in the file`];
    return [`${name}: there is no such variable; the nearest is ${nearest(name, scalars)}`];
  });
}

/** Kubernetes sets it in every container beside a service called `mplus`. */
function isOfAService(name: string, value: string): boolean {
  return /^MPLUS_SERVICE_(?:HOST|PORT)/.test(name) || (/^MPLUS_PORT/.test(name) && /^(?:tcp|udp|sctp):/.test(value));
}

interface Variables {
  scalars: string[];
  lists: string[];
  /** Other spellings of the scalars. */
  also: string[];
}

function variablesOf(schema: TSchema, prefix: string): Variables {
  const found: Variables = { scalars: [], lists: [], also: [] };
  for (const [name, property] of Object.entries((schema as Type.TObject).properties)) {
    const variable = variableOf(prefix, name);
    if (Type.IsObject(property)) {
      const inner = variablesOf(property, variable);
      found.scalars.push(...inner.scalars);
      found.lists.push(...inner.lists);
      found.also.push(...inner.also);
    } else if (Type.IsArray(property)) found.lists.push(variable);
    else {
      found.scalars.push(variable);
      found.also.push(`${prefix}_${name.toUpperCase()}`);
    }
  }
  return found;
}

/** The name with the fewest slips; a missing group (`MPLUS_PORT`) counts as one. */
function nearest(name: string, known: readonly string[]): string {
  const slips = (other: string): number => {
    const withoutGroup = `${PREFIX}_${other.split("_").slice(2).join("_")}`;
    return Math.min(slipsBetween(name, other), 1 + slipsBetween(name, withoutGroup));
  };
  return known.reduce((best, other) => (slips(other) < slips(best) ? other : best));
}
