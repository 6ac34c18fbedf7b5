import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { route as routeOf } from "../../test/support/route.ts";
import { Routes } from "./routes.ts";

const route = (to: string, ...carriers: string[]) => routeOf({ to, carriers });
const to = (routes: Routes, destination: string) => routes.to(destination, 1, "MyShop")?.carriers;

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
    expect(to(routes, destination)).toEqual(carriers);
  });

  test.each(["33612345678", "1", ""])("%s is none where no prefix fits", (destination) => {
    expect(to(routes, destination)).toBeUndefined();
  });

  test("is that of the empty prefix where no other fits", () => {
    const routes = new Routes([route("", "rest"), route("44", "uk")], ["rest", "uk"]);
    expect(to(routes, "33612345678")).toEqual(["rest"]);
    expect(to(routes, "447700900123")).toEqual(["uk"]);
  });
});

test("without routes every carrier is tried in the order given", () => {
  const routes = new Routes([], ["b", "a"]);
  expect(to(routes, "447700900123")).toEqual(["b", "a"]);
  expect(routes.all.map(({ carriers }) => carriers)).toEqual([["b", "a"]]);
});

test("without carriers no route leads anywhere", () => {
  expect(to(new Routes([], []), "447700900123")).toBeUndefined();
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
      const found = to(routes, destination);
      if (longest === undefined) expect(found).toBeUndefined();
      else {
        expect(found).toEqual([`${prefixes.indexOf(longest)}`]);
        expect(routes.all.map(({ carriers }) => carriers)).toContain(found);
      }
    }),
  );
});

describe("of routes to one prefix", () => {
  const account = "018f0000-0000-7000-8000-00000000000a";
  const routes = new Routes(
    [
      routeOf({ carriers: ["any"] }),
      routeOf({ sender: "+447700900123", carriers: ["by sender"] }),
      routeOf({ account: account.toUpperCase(), carriers: ["by account"] }),
      routeOf({ account, sender: "MyShop", carriers: ["by both"] }),
      routeOf({ account: "018f0000-0000-7000-8000-00000000000b", carriers: ["nobody's"] }),
      routeOf({ to: "44", account, carriers: ["by prefix"] }),
    ],
    [],
    new Map([[account, 7]]),
  );

  test.each([
    ["33612345678", 1, "MyShop", "any"],
    ["33612345678", 1, "447700900123", "by sender"],
    ["33612345678", 7, "447700900123", "by account"],
    ["33612345678", 7, "MyShop", "by both"],
    ["447700900123", 7, "MyShop", "by prefix"],
    ["447700900123", 1, "MyShop", "any"],
  ])("to %s of account %i from %s it is the one %s", (destination, number, sender, carrier) => {
    expect(routes.to(destination, number, sender)?.carriers).toEqual([carrier]);
  });
});

test("shares are exact over any number of messages, and the others stand behind", () => {
  const share = [
    { id: "a", share: 3 },
    { id: "b", share: 1 },
    { id: "c", share: 0.01 },
  ];
  const found = new Routes([routeOf({ share })], []).to("447700900123", 1, "MyShop")!;
  const counts = new Map<string, number>();
  const orders = new Set<string>();
  for (let i = 0; i < 100_000; i++) {
    const { carriers } = found.next();
    counts.set(carriers[0]!, (counts.get(carriers[0]!) ?? 0) + 1);
    orders.add([...carriers].sort().join());
  }
  expect([...orders]).toEqual(["a,b,c"]);
  for (const { id, share: weight } of share) {
    expect(Math.abs(counts.get(id)! - (100_000 * weight) / 4.01)).toBeLessThanOrEqual(1);
  }
});
