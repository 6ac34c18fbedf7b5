import type { CarrierConfig, RouteConfig } from "../config/config.ts";
import type { NationalLanguage } from "../message/national-languages.ts";
import type { LanguageRoute } from "../message/shift.ts";
import { routesByChannel } from "./routes.ts";

const NONE: readonly NationalLanguage[] = [];

/** In which national languages texts may be written, by where they go; `routes` is empty where there are none at all. */
export interface RouteLanguages {
  routes: readonly LanguageRoute[];
  to(destination: string): readonly NationalLanguage[];
}

/**
 * A language may be used where every carrier of a route has it: the message may go by any of them, and is counted
 * before it is known which.
 */
export function routeLanguages(routes: readonly RouteConfig[], carriers: readonly CarrierConfig[]): RouteLanguages {
  const known = new Map(carriers.map((carrier) => [carrier.id, languagesOf(carrier)]));
  if ([...known.values()].every((languages) => languages.length === 0)) return { routes: [], to: () => NONE };
  const { sms } = routesByChannel(routes, carriers);
  const byList = new Map(sms.all.map((ids) => [ids, ids.map((id) => known.get(id) ?? NONE).reduce(inBoth)]));
  const of = (ids: readonly string[] | undefined) => (ids === undefined ? NONE : (byList.get(ids) ?? NONE));
  return {
    routes: [...sms.byPrefix].map(([to, ids]) => ({ to, nationalLanguages: of(ids) })),
    to: (destination) => of(sms.to(destination)),
  };
}

/** Those of one list that are in the other too. */
export function inBoth(
  one: readonly NationalLanguage[],
  other: readonly NationalLanguage[],
): readonly NationalLanguage[] {
  return one === other ? one : one.filter((language) => other.includes(language));
}

function languagesOf(carrier: CarrierConfig): readonly NationalLanguage[] {
  return carrier.type === "rcs" ? NONE : carrier.nationalLanguages;
}
