import { expect, test } from "vitest";
import { route as routeOf } from "../../test/support/route.ts";
import type { CarrierConfig, RouteConfig } from "../config/config.ts";
import type { NationalLanguage } from "../message/national-languages.ts";
import { languagesTo } from "../message/shift.ts";
import { inBoth, routeLanguages } from "./languages.ts";

function carrier(id: string, nationalLanguages: NationalLanguage[]): CarrierConfig {
  return { id, type: "simulator", receiptDelay: 1, nationalLanguages };
}

function route(to: string, ...carriers: string[]): RouteConfig {
  return routeOf({ to, carriers });
}

const both = carrier("both", ["turkish", "spanish"]);
const one = carrier("one", ["spanish"]);
const none = carrier("none", []);

test("a language is used where every carrier of the route has it", () => {
  const { to, routes } = routeLanguages(
    [route("90", "both"), route("34", "both", "one"), route("", "both", "none")],
    [both, one, none],
  );
  expect([to("905551234567"), to("34600000000"), to("447700900123")]).toEqual([
    ["turkish", "spanish"],
    ["spanish"],
    [],
  ]);
  expect(routes).toEqual([
    { to: "90", nationalLanguages: ["turkish", "spanish"] },
    { to: "34", nationalLanguages: ["spanish"] },
    { to: "", nationalLanguages: [] },
  ]);
  for (const number of ["905551234567", "34600000000", "447700900123", ""]) {
    expect(languagesTo(number, routes)).toEqual(to(number));
  }
});

test("without routes every carrier has to have it, and a number that no route fits gets none", () => {
  expect(routeLanguages([], [both, one]).to("447700900123")).toEqual(["spanish"]);
  expect(routeLanguages([], [both, none]).to("447700900123")).toEqual([]);
  expect(routeLanguages([route("90", "both")], [both]).to("447700900123")).toEqual([]);
});

test("without a language at all there is nothing to look up", () => {
  expect(routeLanguages([route("", "none")], [none]).routes).toEqual([]);
});

test("of two lists what both have, and the list itself where they are one", () => {
  const list: NationalLanguage[] = ["turkish"];
  expect(inBoth(list, list)).toBe(list);
  expect(inBoth(["turkish", "urdu"], ["urdu", "tamil"])).toEqual(["urdu"]);
});

test("a route of one account's counts for all that it may stand beside", () => {
  const own = routeOf({ to: "905", account: "018f0000-0000-7000-8000-00000000000a", carriers: ["one"] });
  const { to } = routeLanguages([route("90", "both"), own], [both, one]);
  expect([to("905551234567"), to("901234567")]).toEqual([["spanish"], ["turkish", "spanish"]]);
});
