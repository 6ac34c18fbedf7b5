import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { loadConfig } from "./config.ts";
import { connectionsOf, embeddedConnections, enginesOf, shareOf } from "./engines.ts";

const folder = mkdtempSync(join(tmpdir(), "mplus-engines-"));
afterAll(() => rmSync(folder, { recursive: true }));

const smpp = (settings: object = {}) => ({ id: "acme", type: "smpp", host: "h", systemId: "s", binds: 4, ...settings });
const credentials = { origin: "http://127.0.0.1", username: "u", password: "p" };
const http = (settings: object = {}) => ({ id: "web", type: "http", preset: "kannel", credentials, ...settings });

function configOf(settings: object) {
  const file = join(folder, "config.json");
  writeFileSync(file, JSON.stringify(settings));
  return loadConfig({ file, env: {}, cwd: folder });
}

describe('"auto"', () => {
  test.each([
    [1, 1],
    [2, 1],
    [3, 1],
    [4, 2],
    [8, 4],
    [64, 4],
  ])("on %i cores is %i where the carrier takes four binds", (cores, engines) => {
    expect(enginesOf(configOf({ carriers: [smpp()] }), cores)).toBe(engines);
  });

  test.each([
    ["one bind of a carrier", { carriers: [smpp(), smpp({ id: "b", binds: 1 })] }],
    ["a throughput of which no two have enough", { carriers: [smpp({ throughput: 19 })] }],
    ["the window of an HTTP carrier", { carriers: [http({ window: 1 })] }],
    ["one request at a time to an endpoint", { carriers: [smpp()], callbacks: { perEndpoint: 1 } }],
    ["the simulator", {}],
    ["roles that only accept", { carriers: [smpp()], roles: ["api"] }],
  ])("is one with %s", (_what, settings) => {
    expect(enginesOf(configOf(settings), 8)).toBe(1);
  });

  test("does not look at carriers where this program has none", () => {
    expect(enginesOf(configOf({ carriers: [smpp({ binds: 1 })], roles: ["webhooks"] }), 8)).toBe(4);
  });
});

test("more engines than can share are a fault that names what they would share, and for how many it is enough", () => {
  const carriers = [smpp({ binds: 2 }), http({ window: 2 }), smpp({ id: "slow", throughput: 25 })];
  const callbacks = { perEndpoint: 2, inFlight: 2 };
  const message = "(?:engines: 3 cannot share (\\S+), which is enough for 2\\s*)";
  const load = () => configOf({ engines: 3, carriers, callbacks });
  expect(load).toThrow(new RegExp(`\\n {2}${message}{5}$`));
  for (const path of ["inFlight", "perEndpoint", "[0].binds", "[1].window", "[2].throughput"]) {
    expect(load).toThrow(`${path}, which is enough for 2`);
  }
  expect(configOf({ engines: 2, carriers, callbacks }).engines).toBe(2);
  expect(configOf({ engines: 3, carriers, callbacks: {}, roles: ["api", "webhooks"] }).engines).toBe(3);
});

test("the shares of all engines add up to what the program may have, and none gets nothing", () => {
  const carriers = [smpp({ binds: 5, window: 10, throughput: 100 }), http({ window: 7 })];
  const config = configOf({ engines: 3, carriers, callbacks: { inFlight: 100, perEndpoint: 4 } });
  const shares = [1, 2, 3].map((engine) => shareOf(config, engine));
  const of = (pick: (config: (typeof shares)[number]) => number) => shares.map(pick);
  expect({
    inFlight: of(({ callbacks }) => callbacks.inFlight),
    perEndpoint: of(({ callbacks }) => callbacks.perEndpoint),
    binds: of(({ carriers: [acme] }) => (acme?.type === "smpp" ? acme.binds : 0)),
    // Of each bind.
    smppWindow: of(({ carriers: [acme] }) => (acme?.type === "smpp" ? acme.window : 0)),
    throughput: of(({ carriers: [acme] }) => (acme?.type === "smpp" ? acme.throughput : 0)),
    httpWindow: of(({ carriers: [, web] }) => (web?.type === "http" ? web.window : 0)),
  }).toEqual({
    inFlight: [34, 33, 33],
    perEndpoint: [2, 1, 1],
    binds: [2, 2, 1],
    smppWindow: [10, 10, 10],
    throughput: [100 / 3, 100 / 3, 100 / 3],
    httpWindow: [3, 2, 2],
  });
});

test("one engine has all, and the embedded server has connections for as many processes as there are", () => {
  const one = configOf({ engines: 1, carriers: [smpp()], server: { workers: 1 } });
  expect(shareOf(one, 1)).toEqual(one);
  expect({ of: connectionsOf(one), embedded: embeddedConnections(one) }).toEqual({ of: 22, embedded: 100 });
  const many = configOf({ engines: 4, carriers: [smpp()], server: { workers: 8 } });
  expect({ of: connectionsOf(many), embedded: embeddedConnections(many) }).toEqual({ of: 128, embedded: 141 });
});
