import type { CarrierConfig, RouteConfig } from "../config/config.ts";
import type { NationalLanguage } from "../message/national-languages.ts";
import type { LanguageRoute } from "../message/shift.ts";
import { type Route, routesByChannel } from "./routes.ts";

const NONE: readonly NationalLanguage[] = [];

/** The national languages for texts, by destination; `routes` is empty if there are none at all. */
export interface RouteLanguages {
  routes: readonly LanguageRoute[];
  to(destination: string): readonly NationalLanguage[];
}

/**
 * A language is allowed if every carrier of a route has it: the message may go by any of them, and is counted before that
 * is decided.
 */
export function routeLanguages(routes: readonly RouteConfig[], carriers: readonly CarrierConfig[]): RouteLanguages {
  const known = new Map(carriers.map((carrier) => [carrier.id, languagesOf(carrier)]));
  if ([...known.values()].every((languages) => languages.length === 0)) return { routes: [], to: () => NONE };
  const { sms } = routesByChannel(routes, carriers, new Map());
  const table = [...sms.byPrefix.keys()].map((to) => {
    const ids = carriersOf(to, sms.byPrefix);
    return { to, nationalLanguages: ids.map((id) => known.get(id) ?? NONE).reduce(inBoth) };
  });
  const byPrefix = new Map(table.map(({ to, nationalLanguages }) => [to, nationalLanguages]));
  const longest = Math.max(...table.map(({ to }) => to.length), 0);
  return {
    routes: table,
    to: (destination) => {
      for (let length = Math.min(longest, destination.length); length >= 0; length--) {
        const languages = byPrefix.get(destination.slice(0, length));
        if (languages !== undefined) return languages;
      }
      return NONE;
    },
  };
}

/** The carriers by which a number with this prefix may go, whoever sends it. */
function carriersOf(prefix: string, byPrefix: ReadonlyMap<string, readonly Route[]>): string[] {
  const ids: string[] = [];
  for (let length = prefix.length; length >= 0; length--) {
    const routes = byPrefix.get(prefix.slice(0, length)) ?? [];
    ids.push(...routes.flatMap(({ carriers }) => carriers));
    if (routes.some(({ narrowness }) => narrowness === 0)) break;
  }
  return ids;
}

/** The items of one list that the other has too. */
export function inBoth(
  one: readonly NationalLanguage[],
  other: readonly NationalLanguage[],
): readonly NationalLanguage[] {
  return one === other ? one : one.filter((language) => other.includes(language));
}

function languagesOf(carrier: CarrierConfig): readonly NationalLanguage[] {
  return carrier.type === "rcs" || carrier.type === "http" ? NONE : carrier.nationalLanguages;
}
