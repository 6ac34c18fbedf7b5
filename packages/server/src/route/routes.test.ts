import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Routes } from "./routes.ts";

const route = (to: string, ...carriers: string[]) => ({ to, channel: "sms" as const, carriers });

describe("the route to a destination", () => {
  const routes = new Routes(
    [route("44", "uk"), route("447700", "fiction", "uk"), route("4", "europe"), route("44", "too late")],
    ["uk", "fiction", "europe", "too late"],
  );

  test.each([
    ["447700900123", ["fiction", "uk"]],
    ["447700", ["fiction", "uk"]],
    ["44770", ["uk"]],
    ["442071234567", ["uk"]],
    ["4915112345678", ["europe"]],
    ["4", ["europe"]],
  ])("%s is by the longest prefix, carriers in order of preference", (destination, carriers) => {
    expect(routes.to(destination)).toEqual(carriers);
  });

  test.each(["33612345678", "1", ""])("%s is none where no prefix fits", (destination) => {
    expect(routes.to(destination)).toBeUndefined();
  });

  test("is that of the empty prefix where no other fits", () => {
    const routes = new Routes([route("", "rest"), route("44", "uk")], ["rest", "uk"]);
    expect(routes.to("33612345678")).toEqual(["rest"]);
    expect(routes.to("447700900123")).toEqual(["uk"]);
  });
});

test("without routes every carrier is tried in the order given", () => {
  const routes = new Routes([], ["b", "a"]);
  expect(routes.to("447700900123")).toEqual(["b", "a"]);
  expect(routes.all).toEqual([["b", "a"]]);
});

test("without carriers no route leads anywhere", () => {
  expect(new Routes([], []).to("447700900123")).toBeUndefined();
  expect(new Routes([], []).all).toEqual([]);
});

test("of any routes the longest prefix wins, and every answer is one of `all`", () => {
  const digits = (maxLength: number) => fc.string({ unit: fc.constantFrom("1", "2", "3"), maxLength });
  fc.assert(
    fc.property(fc.array(digits(5), { minLength: 1, maxLength: 20 }), digits(8), (prefixes, destination) => {
      const routes = new Routes(
        prefixes.map((to, index) => route(to, `${index}`)),
        [],
      );
      const fitting = prefixes.filter((prefix) => destination.startsWith(prefix));
      const longest = fitting.sort((a, b) => b.length - a.length)[0];
      const found = routes.to(destination);
      if (longest === undefined) expect(found).toBeUndefined();
      else {
        expect(found).toEqual([`${prefixes.indexOf(longest)}`]);
        expect(routes.all).toContain(found);
      }
    }),
  );
});
