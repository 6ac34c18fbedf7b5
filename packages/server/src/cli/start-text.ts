import { styleText } from "node:util";
import { keysFile } from "../account/keys-file.ts";
import type { Config } from "../config/config.ts";
import type { Program } from "../main.ts";
import { addressPolicyOf } from "../network/policy.ts";

export interface StartTextOptions {
  /** Keys are shown only to a person at a terminal, not to a collector of the output. */
  terminal: boolean;
  /** The port of `mplus listen`. */
  listenPort: number;
}

/** The text of a start: the program's address, its keys, and how to send a first message. */
export function startText(program: Program, config: Config, { terminal, listenPort }: StartTextOptions): string {
  const { url, keys, notes } = program;
  // At a terminal alone, and as NO_COLOR and FORCE_COLOR say.
  const styled = (style: "bold" | "dim") => (text: string) => styleText(style, text, { stream: process.stdout });
  const [bold, dim] = [styled("bold"), styled("dim")];
  const lines = ["", `${bold("Messaging Plus")} is ready at ${bold(url)}`, ""];
  const row = (name: string, value: string) => lines.push(`  ${name.padEnd(18)}${value}`);

  if (config.roles.includes("api")) {
    row("dashboard", `${url}/dashboard`);
    row("reference", `${url}/docs`);
  }
  if (program.smpp !== null) row("SMPP", `customers bind at ${program.smpp}`);
  row("carriers", config.carriers.map(carrierText).join(", ") || "none: nothing can be sent");
  row("database", config.database.url === null ? "embedded PostgreSQL" : "as configured");
  for (const note of notes) row("", dim(note));
  const kept = whereKept(program, config);
  if (!terminal) row("keys", kept);
  else {
    if (keys.organizationKey !== null) row("organization key", keys.organizationKey);
    row("account key", keys.accountKey ?? UNKNOWN);
    if (kept !== UNKNOWN) row("", dim(kept));
  }
  if (terminal && keys.accountKey !== null && isTrial(config)) {
    lines.push("", "To see a first message through, run in a second terminal, in this folder,", "");
    lines.push(`  ${bold("npx mplus listen")}`, "", "and in a third", "");
    lines.push(example(url, keys.accountKey, listenPort), "");
    lines.push("A second later its delivery webhook shows in the second.");
  }
  lines.push("", dim("Ctrl-C stops."), "");
  return lines.join("\n");
}

/** For a key that is neither in the configuration nor, live, in `keys.json`. */
const UNKNOWN = "known to its owner alone";

function carrierText({ id, type }: Config["carriers"][number]): string {
  return type === "simulator" ? `${id} (no text leaves this machine)` : id;
}

function whereKept({ keys }: Program, config: Config): string {
  if (config.accountKey !== null || config.organizationKey !== null) return "as configured";
  const known = keys.accountKey !== null || keys.organizationKey !== null;
  return known ? `kept in ${keysFile(config.dataDir)}` : UNKNOWN;
}

/** Whether the simulator is the only carrier, and webhooks may go to this machine. */
function isTrial(config: Config): boolean {
  const simulated = config.carriers.length > 0 && config.carriers.every(({ type }) => type === "simulator");
  return simulated && config.roles.includes("api") && addressPolicyOf(config).accepts("127.0.0.1");
}

/** No line is wider than a terminal, so that it can be copied whole; any curl can send it. */
function example(url: string, key: string, listenPort: number): string {
  return `curl '${url}/message?key=${key}' -d '{
  "messages": [{
    "from": { "type": "custom", "value": "MyShop" },
    "to": "+447700900123",
    "body": "Hello from Messaging Plus",
    "callback": "http://127.0.0.1:${listenPort}/"
  }]
}'`;
}
