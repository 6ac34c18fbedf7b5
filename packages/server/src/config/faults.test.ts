import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type Config, loadConfig } from "./config.ts";
import { ConfigError } from "./given.ts";

const cwd = mkdtempSync(join(tmpdir(), "mplus-faults-"));
afterAll(() => rmSync(cwd, { recursive: true }));
const file = join(cwd, "config.json");

/** @param text what stands in the file; null: there is no file */
function load(text: string | null, env: NodeJS.ProcessEnv = {}): Config {
  rmSync(file, { force: true });
  if (text !== null) writeFileSync(file, text);
  return loadConfig({ file, env, cwd });
}

/** The text of a configuration's refusal. */
function refusal(text: string | null, env: NodeJS.ProcessEnv = {}): string {
  try {
    load(text, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("the configuration was taken");
}

/** The paths of the faults that it names. */
function faultPaths(config: object, env: NodeJS.ProcessEnv = {}): string[] {
  const lines = refusal(JSON.stringify(config), env).split("\n");
  return lines.flatMap((line) => /^ {2}([^ :]+): \S/.exec(line)?.[1] ?? []).sort();
}

const SIMULATOR = [{ id: "sim", type: "simulator" }];
const SMPP = { id: "a", type: "smpp", host: "h", systemId: "s" };

test("names every fault of the configuration at once, each with its path", () => {
  const config = {
    sever: {},
    server: { port: 70_000, workers: 0, unknownFields: "drop", Host: "x" },
    database: { url: 5 },
    network: "lan",
    organizationKey: "ABC",
    accountKey: 7,
    roles: ["api", "sender"],
    log: { level: "loud" },
    senders: { unregistered: "maybe" },
    callbacks: { retryDelays: [-1, "5"], timeout: 0, allowPrivateAddresses: "yes", perEndpoint: 1.5 },
    messages: { validity: 0, onUncertain: "drop", maxParts: 0 },
    carriers: [
      { id: "a b", type: "smpp", host: "", windows: 5, bind: "both", errorCodes: { "001": "zzz" } },
      { id: "sim", type: "simulator", receiptDelay: -1 },
      { id: "fax", type: "fax" },
      { id: "none" },
    ],
    routes: [{ to: "+44", carriers: [] }],
  };
  expect(faultPaths(config)).toEqual(
    [
      "sever",
      "server.port",
      "server.workers",
      "server.unknownFields",
      "server.Host",
      "database.url",
      "network",
      "organizationKey",
      "accountKey",
      "roles[1]",
      "log.level",
      "senders.unregistered",
      "callbacks.retryDelays[0]",
      "callbacks.retryDelays[1]",
      "callbacks.timeout",
      "callbacks.allowPrivateAddresses",
      "callbacks.perEndpoint",
      "messages.validity",
      "messages.onUncertain",
      "messages.maxParts",
      "carriers[0].id",
      "carriers[0].host",
      "carriers[0].systemId",
      "carriers[0].windows",
      "carriers[0].bind",
      "carriers[0].errorCodes.001",
      "carriers[1].receiptDelay",
      "carriers[2].type",
      "carriers[3].type",
      "routes[0].to",
      "routes[0].carriers",
    ].sort(),
  );
});

test.each<[string, Record<string, unknown>, string[]]>([
  [
    "carriers and routes that do not fit each other",
    {
      carriers: [
        ...SIMULATOR,
        ...SIMULATOR,
        { id: "x", type: "smpp", host: "h", systemId: "x", errorCodes: { "1": "FF" } },
      ],
      routes: [{ to: "44", carriers: ["sim", "nowhere"] }],
    },
    ["carriers[1].id", "carriers[2].errorCodes.1", "routes[0].carriers[1]"],
  ],
  [
    "what does not fit carriers with a fault of their own, which have their ids still",
    {
      carriers: [
        { ...SMPP, sourceTon: 9 },
        { ...SIMULATOR[0], receiptDelay: -1 },
        { ...SMPP, receiptDelay: 1 },
        { ...SMPP, id: "b", receiptsWith: "nowhere" },
        { ...SMPP, id: "c", receiptsWith: "sim" },
        { ...SMPP, id: "d", receiptsWith: "a" },
        { id: "fax", type: "fax" },
        { ...SMPP, id: "e", receiptsWith: "fax" },
      ],
      routes: [
        { carriers: ["zz", "a", "fax"] },
        { share: [{ id: "yy", share: 1 }] },
        { channel: "rcs", carriers: ["a"] },
      ],
    },
    [
      "carriers[0].sourceTon",
      "carriers[1].receiptDelay",
      "carriers[2].receiptDelay",
      "carriers[2].id",
      "carriers[3].receiptsWith",
      "carriers[4].receiptsWith",
      "carriers[6].type",
      "routes[0].carriers[0]",
      "routes[1].share[0].id",
      "routes[2].carriers[0]",
    ],
  ],
  [
    "no carrier as unknown that one with a faulty id may be meant to be",
    { carriers: [{ id: "a b", type: "smpp", host: "h" }, null], routes: [{ carriers: ["ab"] }] },
    ["carriers[0].id", "carriers[0].systemId", "carriers[1]"],
  ],
  ["no carrier as unknown where the list is none", { carriers: {}, routes: [{ carriers: ["a"] }] }, ["carriers"]],
  [
    "settings of SMPP carriers of the wrong kind",
    {
      carriers: [
        { ...SMPP, sourceTon: 8, tlvs: { "0x1401": { hex: "0" } }, again: ["0x410", 0] },
        { ...SMPP, id: "b", destinationFormat: { national: "44", prefix: "+" }, dataCodings: { ucs2: 256 } },
        { ...SMPP, id: "c", alphabet: "utf8", receiver: {} },
      ],
    },
    [
      "carriers[0].sourceTon",
      "carriers[0].tlvs.0x1401.hex",
      "carriers[0].again[1]",
      "carriers[1].destinationFormat",
      "carriers[1].dataCodings.ucs2",
      "carriers[2].alphabet",
      "carriers[2].receiver.host",
    ],
  ],
  [
    "settings of SMPP carriers that do not fit each other",
    {
      carriers: [
        {
          ...SMPP,
          alphabet: "latin1",
          nationalLanguages: ["turkish"],
          tlvs: { "0x0424": "x", "0x14aa": "x", "0x14AA": "y" },
          again: ["0x410"],
          otherCarrier: [1040],
          receiver: { host: "h" },
          receiptsWith: "nowhere",
          dataCodings: { alphabet: null, latin1: null, ucs2: null },
          tls: { key: "nowhere.key" },
        },
        { ...SMPP, id: "b", receiptsWith: "b", tls: { ca: "nowhere.crt" } },
        { ...SMPP, id: "c", receiptsWith: "sim" },
        ...SIMULATOR,
      ],
    },
    [
      "carriers[0].nationalLanguages",
      "carriers[0].tlvs.0x0424",
      "carriers[0].tlvs.0x14AA",
      "carriers[0].dataCodings",
      "carriers[0].receiver",
      "carriers[0].otherCarrier[0]",
      "carriers[0].tls.cert",
      "carriers[0].receiptsWith",
      "carriers[1].tls.ca",
      "carriers[1].receiptsWith",
      "carriers[2].receiptsWith",
    ],
  ],
  [
    "routes with shares that do not fit",
    {
      carriers: SIMULATOR,
      routes: [
        { carriers: ["sim"], share: [{ id: "sim", share: 1 }] },
        {
          share: [
            { id: "sim", share: 0 },
            { id: "nowhere", share: 1 },
          ],
        },
        {
          share: [
            { id: "sim", share: 1 },
            { id: "sim", share: 1 },
          ],
        },
        { carriers: ["sim", "sim"], failover: ["up"] },
        { carriers: ["sim"], account: "me", sender: "far too long a name" },
      ],
    },
    [
      "routes[1].share[0].share",
      "routes[3].carriers",
      "routes[3].failover[0]",
      "routes[4].account",
      "routes[0].share",
      "routes[1].share[1].id",
      "routes[2].share[1].id",
      "routes[4].sender",
    ],
  ],
  [
    "RCS carriers with fields at fault",
    {
      carriers: [
        { id: "a", type: "rcs", baseUrl: "rbm.example.com", token: "x", credentialsFile: "" },
        { id: "b", type: "rcs", baseUrl: "https://rbm.example.com?x=1", agentId: "", credentialsFile: "x", window: 0 },
      ],
      messages: { fallbackAfter: 0 },
      routes: [{ channel: "fax", carriers: ["a"] }],
    },
    [
      "carriers[0].baseUrl",
      "carriers[0].agentId",
      "carriers[0].credentialsFile",
      "carriers[0].token",
      "carriers[1].baseUrl",
      "carriers[1].agentId",
      "carriers[1].window",
      "messages.fallbackAfter",
      "routes[0].channel",
    ],
  ],
  [
    "RCS carriers without a way, or a key, and routes by the wrong channel",
    {
      carriers: [
        ...SIMULATOR,
        { id: "a", type: "rcs", baseUrl: "http://rbm.example.com", agentId: "x", credentialsFile: "nowhere.json" },
        { id: "b", type: "rcs", baseUrl: "http://127.0.0.1:1", agentId: "x", credentialsFile: "config.json" },
      ],
      routes: [
        { channel: "rcs", carriers: ["b", "sim"] },
        { channel: "sms", carriers: ["sim"] },
        { to: "44", carriers: ["a"] },
      ],
    },
    [
      "carriers[1].baseUrl",
      "carriers[1].credentialsFile",
      "carriers[2].credentialsFile",
      "routes[0].carriers[1]",
      "routes[2].carriers[0]",
    ],
  ],
  ["a database's URL that is none", { database: { url: "hello" } }, ["database.url"]],
  ["one key for two things", { organizationKey: "0".repeat(32), accountKey: "0".repeat(32) }, ["accountKey"]],
  [
    "what no field shows beside what one does",
    { server: { port: -1 }, carriers: [...SIMULATOR, ...SIMULATOR], routes: [{ to: "44", carriers: ["nowhere"] }] },
    ["server.port", "carriers[1].id", "routes[0].carriers[0]"],
  ],
  ["groups that are none", { callbacks: null, log: 5, senders: [] }, ["callbacks", "log", "senders"]],
  [
    "times beyond what a timer holds",
    {
      callbacks: { timeout: 2_147_484 },
      carriers: [
        { id: "a", type: "smpp", host: "h", systemId: "s", responseTimeout: 1e9, enquireLink: 1e9 },
        { id: "b", type: "simulator", receiptDelay: 1e9 },
      ],
    },
    ["callbacks.timeout", "carriers[0].responseTimeout", "carriers[0].enquireLink", "carriers[1].receiptDelay"],
  ],
  [
    "networks and a proxy that are none",
    { callbacks: { allowNetworks: ["10.0.0.0/8", "10.0.0.0/33", "localhost"], proxy: "proxy:3128" } },
    ["callbacks.allowNetworks[1]", "callbacks.allowNetworks[2]", "callbacks.proxy"],
  ],
])("names %s", (_name, config, expected) => {
  expect(faultPaths(config)).toEqual([...expected].sort());
});

test("the environment wins over the file, and its faults have the same paths", () => {
  const { server } = load('{"server":{"bodyLimitBytes":5000}}', { MPLUS_SERVER_BODY_LIMIT_BYTES: "1024" });
  expect(server.bodyLimitBytes).toBe(1024);
  const env = { MPLUS_SERVER_PORT: "x", MPLUS_CALLBACKS_TIMEOUT: "-1", MPLUS_MESSAGES_ON_UNCERTAIN: "drop" };
  expect(faultPaths({}, env)).toEqual(["callbacks.timeout", "messages.onUncertain", "server.port"]);
});

test("says what is wrong with a file that is no JSON, or is not there", () => {
  const env = { MPLUS_CONFIG: "/nowhere.json" };
  const text = '{\n  "operatorKey": sesame\n}';
  expect(refusal(text, env)).toBe(`Cannot read ${file}: it is no JSON from line 2, column 18`);
  expect(refusal(null, env)).toMatch(`Cannot read ${file}: ENOENT`);
  expect(() => loadConfig({ file: undefined, env, cwd })).toThrow("Cannot read /nowhere.json: ENOENT");
});

test("a variable that sets nothing is a fault, which names the one that it is nearest to", () => {
  const env = {
    MPLUS_SERVER_PROT: "8080",
    MPLUS_PORT: "8080",
    MPLUS_DATABSE_URL: "postgres://localhost/x",
    MPLUS_ROLES: "api",
    // These are none of the configuration's.
    MPLUS_KEY: "0".repeat(32),
    MPLUS_TEST_QUICK: "1",
    MPLUS_DATADIR: "./data",
    MPLUS_SERVICE_HOST: "10.0.0.1",
    MPLUS_PORT_8080_TCP: "tcp://10.0.0.1:8080",
    MPLUSH: "bear",
  };
  expect(
    refusal("{}", env)
      .split("\n")
      .filter((line) => line.startsWith("  ")),
  ).toEqual([
    "  MPLUS_SERVER_PROT: there is no such variable; the nearest is MPLUS_SERVER_PORT",
    "  MPLUS_PORT: there is no such variable; the nearest is MPLUS_SERVER_PORT",
    "  MPLUS_DATABSE_URL: there is no such variable; the nearest is MPLUS_DATABASE_URL",
    "  MPLUS_ROLES: lists have no environment variable; it belongs in the file",
  ]);
});
