import { join } from "node:path";
import type { Config } from "../config.ts";
import type { Program } from "../main.ts";

/** What the program prints once it runs. Keys are shown only to a person, not to whatever collects the output. */
export function startText(
  { url, keys, notes }: Program,
  config: Config,
  { terminal, listenPort }: { terminal: boolean; listenPort: number },
): string {
  const bold = (text: string) => (terminal ? `\x1b[1m${text}\x1b[0m` : text);
  const dim = (text: string) => (terminal ? `\x1b[2m${text}\x1b[0m` : text);
  const lines = ["", `${bold("Messaging Plus")} is ready at ${bold(url)}`, ""];
  const row = (name: string, value: string) => lines.push(`  ${name.padEnd(18)}${value}`);
  const carriers = config.carriers.map(({ id, type }) =>
    type === "simulator" ? `${id} (no text leaves this machine)` : id,
  );
  row("carriers", carriers.length > 0 ? carriers.join(", ") : "none: nothing can be sent");
  row("database", config.database.url === null ? "embedded PostgreSQL" : "the one configured");
  for (const note of notes) row("", note);
  const file = join(config.dataDir, "keys.json");
  if (terminal && keys.organizationKey !== null) row("organization key", keys.organizationKey);
  if (terminal && keys.accountKey !== null) row("account key", keys.accountKey);
  if (!terminal) row("keys", `in ${file} where they were made by us`);
  else if (keys.accountKey !== null && config.accountKey === null) row("", dim(`also in ${file}`));
  if (terminal && keys.accountKey !== null) {
    const body = {
      messages: [
        {
          from: { type: "custom", value: "MyShop" },
          to: "+447700900123",
          body: "Hello from Messaging Plus",
          callback: `http://127.0.0.1:${listenPort}/`,
        },
      ],
    };
    lines.push(
      "",
      "See a delivery webhook come, in a second terminal:",
      "",
      `  ${bold("npx mplus listen")}`,
      "",
      "then send a message, in a third:",
      "",
      `  curl '${url}/message?key=${keys.accountKey}' --json '${JSON.stringify(body)}'`,
    );
  }
  lines.push("", dim("Ctrl-C stops."), "", "");
  return lines.join("\n");
}
