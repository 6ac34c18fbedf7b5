// Builds the page into dist/. A server that runs meanwhile, or a second build, never sees a page whose files are missing:
// the page is put in its place when what it names is there, and what no page names any more goes last.
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "vite";

const here = import.meta.dirname;
const assets = join(here, "dist/assets");

/** Rejects where the sources cannot be built. */
export async function buildDashboard() {
  const { output } = await build({
    configFile: false,
    root: join(here, "src"),
    base: "./",
    logLevel: "warn",
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    build: { write: false, modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
  });
  mkdirSync(assets, { recursive: true });
  const files = new Map(output.map((file) => [file.fileName, file.type === "chunk" ? file.code : file.source]));
  // The page is at /dashboard, without a slash behind it, under whatever path a server in front has for it.
  const page = files.get("index.html").replaceAll('="./assets/', '="dashboard/assets/');
  files.delete("index.html");
  for (const [name, content] of files) writeFileSync(join(here, "dist", name), content);
  const draft = join(here, `dist/index.html.${process.pid}`);
  writeFileSync(draft, page);
  renameSync(draft, join(here, "dist/index.html"));
  const named = new Set([...files.keys()].map((name) => basename(name)));
  for (const name of readdirSync(assets)) if (!named.has(name)) rmSync(join(assets, name), { force: true });
}
