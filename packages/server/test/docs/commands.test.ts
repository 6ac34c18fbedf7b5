import { readdirSync } from "node:fs";
import type { Command } from "commander";
import { expect, test } from "vitest";
import { mplusCommand } from "../../src/cli/program.ts";
import { page, ROOT } from "./page.ts";

/** The commands that stand amid the sentences of the README and of all pages. */
const pages = readdirSync(`${ROOT}/docs`, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".md"));
const program = mplusCommand();
const spans = ["README.md", ...pages.map((name) => `docs/${name}`)].flatMap((path) =>
  [...page(path).matchAll(/`(?:npx )?mplus ([^`]+)`/g)].map(([, words]) => ({ path, words: words! })),
);

/** The command that the words begin with, and the words behind it. */
function commandOf(words: readonly string[], command: Command): [Command, readonly string[]] {
  const inner = command.commands.find((one) => one.name() === words[0]);
  return inner === undefined ? [command, words] : commandOf(words.slice(1), inner);
}

test.each(spans)("$path: mplus $words", ({ words }) => {
  const [command, rest] = commandOf(words.split(/\s+/), program);
  if (rest[0] !== "COMMAND") expect(command).not.toBe(program);
  const known = ["--help", ...command.options.map(({ long }) => long)];
  expect(rest.filter((word) => word.startsWith("--") && !known.includes(word))).toEqual([]);
  // What has commands of its own is named with one of them, or with all.
  if (command.commands.length > 0 && command !== program) expect(rest).toEqual(["…"]);
});

test("the README names every command", () => {
  const table = page("README.md").match(/^\| `mplus .*$/gm) as string[];
  const named = table.flatMap((row) => [...row.matchAll(/`mplus (\w+)/g)].map(([, name]) => name));
  expect(named.sort()).toEqual(program.commands.map((one) => one.name()).sort());
});
