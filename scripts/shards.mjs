// Divides accounts over two PostgreSQL servers by schema and moves a schema from one to the other, step by step as
// docs/capacity.md has it: the program with the schema is stopped and started again, another goes on meanwhile. Messages that
// were submitted before the move get their receipts after it. Not part of the tests: apt-get install postgresql.
//
// npm run shards
import { execFileSync } from "node:child_process";
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unprivilegedUser } from "../packages/server/dist/store/embedded/user.js";
import { expect, freePort, launch, temporaryFolder, until } from "./servers.mjs";

const MESSAGES = 500;
const DATABASE = "messages";
const root = join(import.meta.dirname, "..");
const mplus = join(root, "packages/server/bin/mplus.js");
const folder = temporaryFolder(join(tmpdir(), "mplus-shards-"));
const ends = [];

const SERVERS = "/usr/lib/postgresql";
if (!existsSync(SERVERS)) {
  console.error("PostgreSQL is not installed: apt-get install postgresql");
  process.exit(1);
}
const version = Math.max(...readdirSync(SERVERS).map(Number));
const bin = (name) => join(SERVERS, String(version), "bin", name);

/** A server on a socket of its own, with the database. */
async function serverOf(name) {
  const user = process.getuid() === 0 ? await unprivilegedUser() : {};
  const data = join(folder, name);
  mkdirSync(data, { mode: 0o700 });
  if (user.uid !== undefined) chownSync(data, user.uid, user.gid);
  const options = { cwd: data, ...user };
  execFileSync(bin("initdb"), ["-D", data, "-U", "owner", "-E", "UTF8", "-A", "trust"], {
    ...options,
    stdio: "ignore",
  });
  const settings = ["-c", "listen_addresses=", "-c", `unix_socket_directories=${data}`];
  const server = launch(bin("postgres"), ["-D", data, ...settings], options);
  ends.push(server.stop);
  await until("a server to listen", () => server.output().includes("ready to accept connections"));
  const sql = (text, database = DATABASE) =>
    execFileSync(bin("psql"), ["-h", data, "-U", "owner", "-d", database, "-v", "ON_ERROR_STOP=1", "-qAtc", text], {
      encoding: "utf8",
    }).trim();
  sql(`CREATE DATABASE ${DATABASE}`, "postgres");
  return { data, sql, url: (role) => `postgres://${role}@localhost/${DATABASE}?host=${encodeURIComponent(data)}` };
}

/** A program whose accounts are in a schema, with binds of its own to the carrier. */
async function programOf(shard, server, smsc, hooks) {
  const home = join(folder, `${shard}-home`);
  mkdirSync(home, { recursive: true });
  const port = await freePort();
  const config = {
    network: "loopback",
    server: { port },
    database: { url: server.url(shard), schema: shard },
    callbacks: { allowPrivateAddresses: true },
    carriers: [{ id: "carrier", type: "smpp", host: "127.0.0.1", port: smsc, systemId: shard }],
  };
  writeFileSync(join(home, "config.json"), JSON.stringify(config), { mode: 0o600 });
  const program = launch(process.execPath, [mplus, "serve", "--config", "config.json"], { cwd: home });
  ends.push(program.stop);
  await until(`the start of ${shard}`, () => {
    expect(program.output(), program.runs());
    return program.output().includes(" is ready at ");
  });
  const { accountKey } = JSON.parse(readFileSync(join(home, "data/keys.json"), "utf8"));
  const headers = { authorization: `Bearer ${accountKey}`, "content-type": "application/json" };
  const ask = async (path, body) => {
    const options = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, options);
    expect(`${path}: ${answer.status}`, answer.ok);
    return answer.json();
  };
  const send = async () => {
    const destinations = Array.from({ length: MESSAGES }, (_, place) => `+44770090${1_000 + place}`);
    const callback = `http://127.0.0.1:${hooks}/${shard}`;
    return (await ask("/batch", { from: "MyShop", message: "Hello", destinations, callback })).identifier;
  };
  return { ...program, ask, send };
}

/** Counts webhooks by path, and notes any that comes twice. */
async function receiver() {
  const told = new Map();
  const twice = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece) => {
      body += piece;
    });
    request.on("end", () => {
      const { messageuuid } = JSON.parse(body);
      const messages = told.get(request.url) ?? new Set();
      if (messages.has(messageuuid)) twice.push(messageuuid);
      told.set(request.url, messages.add(messageuuid));
      response.end();
    });
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  ends.push(() => server.close());
  return { port: server.address().port, count: (shard) => told.get(`/${shard}`)?.size ?? 0, twice };
}

try {
  const [first, second] = [await serverOf("first"), await serverOf("second")];
  for (const shard of ["shard_1", "shard_2"]) {
    first.sql(`CREATE ROLE ${shard} LOGIN`);
    first.sql(`CREATE SCHEMA ${shard} AUTHORIZATION ${shard}`);
  }
  const smsc = await freePort();
  const carrier = launch(
    process.execPath,
    [mplus, "simulate", "smsc", "--port", String(smsc), "--receipt-delay", "20", "--json"],
    { cwd: folder },
  );
  ends.push(carrier.stop);
  const hooks = await receiver();
  const stays = await programOf("shard_1", first, smsc, hooks.port);
  const moves = await programOf("shard_2", first, smsc, hooks.port);
  const batches = [await stays.send(), await moves.send()];
  const submits = (shard) => carrier.output().split(`"event":"submit","system_id":"${shard}"`).length - 1;
  await until("all submits", () => submits("shard_2") === MESSAGES);

  const stoppedAt = Date.now();
  expect("shard_2 ends in order", (await moves.stop()) === 0);
  second.sql("CREATE ROLE shard_2 LOGIN");
  const dump = execFileSync(bin("pg_dump"), ["-h", first.data, "-U", "owner", "-d", DATABASE, "--schema=shard_2"], {
    maxBuffer: 256 * 1024 * 1024,
  });
  execFileSync(bin("psql"), ["-h", second.data, "-U", "owner", "-d", DATABASE, "-v", "ON_ERROR_STOP=1", "-q"], {
    input: dump,
    stdio: ["pipe", "ignore", "inherit"],
  });
  const moved = await programOf("shard_2", second, smsc, hooks.port);
  console.log(
    `shard_2 was moved with ${MESSAGES} messages under way; its program was away for ${Date.now() - stoppedAt} ms`,
  );
  first.sql("SET client_min_messages = warning; DROP SCHEMA shard_2 CASCADE");

  for (const [shard, program, batch] of [
    ["shard_1", stays, batches[0]],
    ["shard_2", moved, batches[1]],
  ]) {
    await until(
      `all receipts of ${shard}`,
      async () => (await program.ask(`/batch/${batch}`)).counts.delivered === MESSAGES,
    );
    await until(`all webhooks of ${shard}`, () => hooks.count(shard) === MESSAGES);
    await program.send();
    await until(`${shard} to go on`, () => submits(shard) === 2 * MESSAGES);
    console.log(`${shard}: each of ${MESSAGES} messages has its receipt and one webhook, and the next are sent`);
  }
  expect(`webhooks that came twice: ${hooks.twice}`, hooks.twice.length === 0);
} finally {
  for (const end of ends.reverse()) await end();
  rmSync(folder, { recursive: true, force: true });
}
