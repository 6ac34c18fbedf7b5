import { Compile } from "typebox/compile";
import { describe, expect, test, vi } from "vitest";
import { loadConfig } from "../config/config.ts";
import { PostMessage } from "../http/send/schemas.ts";
import type { Program } from "../main.ts";
import { startText } from "./start-text.ts";

const organizationKey = "0".repeat(32);
const accountKey = "f".repeat(32);
const program: Program = {
  url: "http://127.0.0.1:8080",
  smpp: null,
  keys: { organizationKey, accountKey },
  notes: [],
  reload: async () => ({ kind: "reloaded", changed: [], restart: [], others: [] }),
  stop: async () => true,
};

function configOf(env: NodeJS.ProcessEnv, carriers?: object[]) {
  const config = loadConfig({ file: undefined, env, cwd: "/nowhere" });
  return carriers === undefined ? config : { ...config, carriers: carriers as typeof config.carriers };
}

function textOf(config = configOf({}), terminal = true, keys: Program["keys"] = program.keys): string {
  return startText({ ...program, keys }, config, { terminal, listenPort: 8090 });
}

describe("the start text", () => {
  test("says where the program is, and where the keys are", () => {
    expect(textOf()).toContain("is ready at http://127.0.0.1:8080\n");
    expect(textOf()).toContain("kept in /nowhere/data/keys.json\n");
  });

  test("has emphasis at a terminal alone, unless FORCE_COLOR or NO_COLOR says otherwise", () => {
    const isBold = () => textOf().includes("\x1b[1m");
    vi.stubEnv("NO_COLOR", undefined);
    vi.stubEnv("FORCE_COLOR", undefined);
    expect(isBold()).toBe(process.stdout.isTTY === true);
    vi.stubEnv("FORCE_COLOR", "1");
    expect(isBold()).toBe(true);
    vi.stubEnv("FORCE_COLOR", undefined);
    vi.stubEnv("NO_COLOR", "1");
    expect(isBold()).toBe(false);
    vi.unstubAllEnvs();
  });

  test("leads to the reference where there is one", () => {
    expect(textOf()).toContain("  http://127.0.0.1:8080/docs\n");
    expect(textOf({ ...configOf({}), roles: ["webhooks"] })).not.toContain("/docs");
  });

  test("shows keys at a terminal alone", () => {
    expect(textOf()).toContain(organizationKey);
    expect(textOf(configOf({}), false)).not.toMatch(/[0-9a-f]{32}/);
  });

  test("shows a request that can be copied whole, and that the API takes", () => {
    const text = textOf();
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    const [, url, body] = /curl '([^']+)' -d '([^']+)'/.exec(text)!;
    expect(url).toBe(`http://127.0.0.1:8080/message?key=${accountKey}`);
    expect(Compile(PostMessage).Check(JSON.parse(body!))).toBe(true);
  });

  test.each([
    ["a carrier is real", configOf({}, [{ id: "acme", type: "smpp" }])],
    ["webhooks may not go to this machine", configOf({ MPLUS_CALLBACKS_ALLOW_PRIVATE_ADDRESSES: "false" })],
    ["the program listens to everybody", configOf({ MPLUS_SERVER_HOST: "0.0.0.0" })],
    ["nothing can be sent", configOf({}, [])],
    ["nothing is accepted here", { ...configOf({}), roles: ["webhooks" as const] }],
  ])("shows no request where %s", (_, config) => {
    expect(textOf(config)).not.toContain("curl");
  });

  test("shows no request where the account's key is not known", () => {
    const text = textOf(configOf({}), true, { organizationKey: null, accountKey: null });
    expect(text).not.toContain("curl");
    expect(text).toContain("known to its owner alone");
  });
});
