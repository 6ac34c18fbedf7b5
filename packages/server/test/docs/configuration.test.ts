import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type Config, loadConfig } from "../../src/config/config.ts";
import { PRESET_NAMES } from "../../src/config/http-presets/index.ts";
import { RcsPlatform } from "../rcs/platform.ts";
import { keyFile } from "../rcs/rig.ts";
import { blocksOf } from "./example.ts";
import { page, rowsOf } from "./page.ts";

/** docs/configuration.md against what the program reads. */
const text = page("docs/configuration.md");
const platform = new RcsPlatform();
const folder = mkdtempSync(join(tmpdir(), "mplus-config-"));
afterAll(() => rmSync(folder, { recursive: true }));
// Of the examples.
for (const end of ["crt", "key"]) {
  copyFileSync(new URL(`../notify/certificates/valid.${end}`, import.meta.url), join(folder, `tls.${end}`));
}

function load(file: object, env: NodeJS.ProcessEnv = {}): Config {
  writeFileSync(join(folder, "messaging-plus.json"), JSON.stringify(file));
  return loadConfig({ file: undefined, env, cwd: folder });
}

/** `server.port` and the like, with what each is. */
function leavesOf(value: object, prefix = ""): [key: string, value: unknown][] {
  return Object.entries(value).flatMap(([name, inner]) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? leavesOf(inner, `${prefix}${name}.`)
      : [[`${prefix}${name}`, inner] as [string, unknown]],
  );
}

function section(heading: string): string[][] {
  const from = text.slice(text.indexOf(`\n${heading}\n`) + heading.length + 2);
  return rowsOf(from.slice(0, from.search(/\n##/)));
}

const keys = section("## Keys");
const defaults = new Map(leavesOf({ ...load({}), dataDir: "./data" }));

describe("the table of keys", () => {
  test("has every key that there is", () => {
    expect(keys.map(([key]) => key).sort()).toEqual([...defaults.keys()].sort());
  });

  test.each(keys.filter(([key]) => key !== "carriers"))("%s has the default %s", (key, written) => {
    expect(JSON.parse(written!)).toEqual(defaults.get(key!));
  });

  test.each(keys)("%s is set by its environment variable, unless it is a list", (key, _, variable) => {
    if (variable === "") expect(Array.isArray(defaults.get(key!))).toBe(true);
    else expect(effectOf(variable!, key!)).toContain("?");
  });
});

/** What a key is with "?" in this variable; where that is no value for it, the fault. */
function effectOf(variable: string, key: string): string {
  try {
    return String(new Map(leavesOf(load({}, { [variable]: "?" }))).get(key));
  } catch (error) {
    const fault = (error as Error).message.split("\n").find((line) => line.startsWith(`  ${key}: `));
    return fault === undefined ? "nothing" : `? is refused: ${fault}`;
  }
}

describe.each<[string, object, string[]]>([
  ["simulator", { id: "x", type: "simulator" }, []],
  ["smpp", { id: "x", type: "smpp", host: "h", systemId: "s" }, ["host", "systemId"]],
  [
    "rcs",
    { id: "x", type: "rcs", baseUrl: "https://h", agentId: "a", credentialsFile: await keyFile(platform.credentials) },
    ["baseUrl", "agentId", "credentialsFile"],
  ],
  ["http", { id: "x", type: "http", submit: { url: "https://h/" } }, ["submit"]],
])("the table of a carrier of the type %s", (type, carrier, required) => {
  // Two keys may share a row.
  const rows = section(`### \`"type": "${type}"\``).flatMap(([key, ...rest]) =>
    key!.split(", ").map((one) => [one, ...rest]),
  );
  const { id: _, type: __, ...values } = load({ carriers: [carrier] }).carriers[0]!;

  test("has every key that there is", () => {
    expect(rows.map(([key]) => key).sort()).toEqual(Object.keys(values).sort());
  });

  test("has every default", () => {
    const written = rows.filter(([key]) => !required.includes(key!)).map(([key, value]) => [key, JSON.parse(value!)]);
    expect(Object.fromEntries(written)).toEqual(
      Object.fromEntries(Object.entries(values).filter(([key]) => !required.includes(key))),
    );
  });
});

test("a number of the shared pool is one, with + or without", () => {
  const shared = ["+447700900001", "447700900002", "447700900001"];
  expect(load({ senders: { shared } }).senders.shared).toEqual(["447700900001", "447700900002"]);
});

test("an empty DATABASE_URL names no database, and durations may be fractions", () => {
  expect(load({}, { DATABASE_URL: "" }).database.url).toBeNull();
  expect(load({ messages: { validity: 0.5 } }).messages.validity).toBe(0.5);
});

test.each([
  ["production", true],
  ["staging 2 (eu)", true],
  ["~", true],
  ["", false],
  [" staging", false],
  ["staging ", false],
  ["two\nlines", false],
  ["tab\tbed", false],
  ["délai", false],
  ["\u007f", false],
])("the environment %j is one that a header can carry as it is: %j", (environment, valid) => {
  const loaded = () => load({ environment }).environment;
  if (valid) expect(loaded()).toBe(environment);
  else expect(loaded).toThrow("environment: ");
});

test("the examples of a configuration are valid, the README's too", () => {
  const presets = PRESET_NAMES.map((name) => page(`docs/carriers/${name}.md`));
  const blocks = [text, page("README.md"), page("docs/guides/http-carriers.md"), ...presets]
    .flatMap(blocksOf)
    .filter(({ info }) => info === "json config");
  const examples = blocks.map(({ text: json }) => JSON.parse(json));
  expect(examples.length).toBeGreaterThan(2);
  for (const example of examples) expect(() => load(example)).not.toThrow();
});
