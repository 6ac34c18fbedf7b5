// Functions of the scripts that start the program and servers of others.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export const environment = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

export function isInstalled(program) {
  try {
    execFileSync("sh", ["-c", `command -v ${program}`], { env: environment, stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Waits until something listens there, for a minute at most, and only while `mayCome()`. */
export async function listens(port, mayCome = () => true) {
  for (let look = 0; look < 600 && mayCome(); look++) {
    const socket = connect(port, "127.0.0.1");
    const open = await Promise.race([once(socket, "connect").then(() => true), sleep(500, false)]).catch(() => false);
    socket.destroy();
    if (open) return;
    await sleep(100);
  }
  throw new Error("it does not listen");
}

/**
 * Runs a program, as another user where `uid` and `gid` are given. Answers what it wrote so far, its exit code once it has
 * ended, and a function that ends it.
 */
export function launch(program, args, { cwd, env = {}, ...user }) {
  const options = { cwd, env: { ...environment, ...env }, ...user };
  const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (piece) => {
      output += piece;
    });
  }
  const ended = once(child, "close").then(([code]) => code);
  const stop = async () => {
    if (child.exitCode === null) child.kill("SIGTERM");
    return ended;
  };
  return { output: () => output, runs: () => child.exitCode === null, ended, stop };
}

/** A new folder. Others can reach it: where root runs this, PostgreSQL has a user of its own. */
export function temporaryFolder(prefix) {
  const folder = mkdtempSync(prefix);
  chmodSync(folder, 0o755);
  return folder;
}

/** @throws Error with this sentence unless it holds */
export function expect(what, holds) {
  if (!holds) throw new Error(what);
}

/** Options of npm for folders that are thrown away. */
export const NPM_QUIET = ["--no-audit", "--no-fund", "--prefer-offline"];

/** The folder of a package that was installed into a new one in `folder`, without running its scripts. */
export function installed(folder, name, version) {
  const into = mkdtempSync(join(folder, "installed-"));
  const args = ["install", "--prefix", into, ...NPM_QUIET, "--ignore-scripts", `${name}@${version}`];
  execFileSync("npm", args, { stdio: "ignore" });
  return join(into, "node_modules", name);
}

/** Asks again and again until there is an answer, for two minutes at most. */
export async function until(what, ask) {
  for (let look = 0; look < 600; look++) {
    const answer = await ask();
    if (answer) return answer;
    await sleep(200);
  }
  throw new Error(`${what}: not within two minutes`);
}

/**
 * Runs a trial of the platform in a folder: starts it on its embedded database with this command, sends a message through
 * the simulator, sees it delivered, and stops it. Answers what it wrote.
 * @param meanwhile is done while it runs, with its URL and keys
 */
export async function trial(folder, [program, ...args], { env = {}, meanwhile = async () => {} } = {}) {
  const port = await freePort();
  const settings = { MPLUS_NETWORK: "loopback", MPLUS_SERVER_PORT: String(port) };
  const running = launch(program, args, { cwd: folder, env: { ...settings, ...env } });
  try {
    await until("its start", () => {
      if (!running.runs()) throw new Error("it ended");
      return running.output().includes(" is ready at ");
    });
    const url = `http://127.0.0.1:${port}`;
    const keys = JSON.parse(readFileSync(join(folder, "data/keys.json"), "utf8"));
    const headers = { authorization: `Bearer ${keys.accountKey}`, "content-type": "application/json" };
    const message = { from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "Hello" };
    const body = JSON.stringify({ messages: [message] });
    const sent = await (await fetch(`${url}/message`, { method: "POST", headers, body })).json();
    const uuid = sent.messages[0].messageUuid;
    await until("its delivery", async () => {
      const { state } = await (await fetch(`${url}/message/${uuid}`, { headers })).json();
      return state === "delivered";
    });
    await meanwhile(url, keys);
    const code = await running.stop();
    if (code !== 0) throw new Error(`it ended with ${code}`);
    return running.output();
  } catch (error) {
    throw new Error(`${[program, ...args].join(" ")}: ${error.message}:\n${running.output().slice(-4_000)}`, {
      cause: error,
    });
  } finally {
    await running.stop();
  }
}
