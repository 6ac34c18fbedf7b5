// Makes pages of the documentation, which the program serves beside its reference, in dist/program/docs. Apart from the bundle: a
// change of the documentation touches no code that a program may just load.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { guidePages, pathOf, searchEntries } from "./dist/reference/guides.js";

const root = join(import.meta.dirname, "../..");
const folder = join(import.meta.dirname, "dist/program/docs");
const CLIENTS = ["packages/sdk/README.md", "packages/python/README.md"];

function write(name, content) {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), content);
}

export function writeDocumentation() {
  const names = readdirSync(join(root, "docs"), { recursive: true }).map((name) => `docs/${name}`);
  const named = [...names, ...CLIENTS].filter((name) => pathOf(name) !== null);
  const pages = guidePages(new Map(named.map((name) => [name, readFileSync(join(root, name), "utf8")])));
  for (const { path, html } of pages) write(`${path}.html`, html);
  const pictures = pages.flatMap(({ html }) => [...html.matchAll(/images\/([\w-]+\.png)/g)].map(([, name]) => name));
  for (const name of new Set(pictures)) write(`images/${name}`, readFileSync(join(root, "docs/images", name)));
  // The last: its time says when all of it was made.
  write("search.json", JSON.stringify(searchEntries(pages)));
}
