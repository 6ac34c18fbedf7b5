// Posts webhooks to real servers with the settings that they come with, under plain load and over a reload, and counts the
// tries that are lost: those that fail though the receiver never answered with a failure. Not part of the tests: it uses
// whichever of the servers are installed (apt-get install apache2 nginx haproxy caddy gunicorn uwsgi-core
// uwsgi-plugin-python3 tinyproxy squid) and says which are not.
//
// npm run receivers -- [--seconds 10] [--rate 200] [NAME...]
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { addressPolicy } from "../packages/server/dist/network/address.js";
import { createExchanger } from "../packages/server/dist/notify/client/exchange.js";
import { SERVERS } from "./receivers/servers.mjs";
import { environment, freePort, isInstalled, listens } from "./servers.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: "string", default: "10" }, rate: { type: "string", default: "200" } },
});
const seconds = Number(values.seconds);
const rate = Number(values.rate);

const policy = addressPolicy({
  allowPrivateAddresses: true,
  allowLoopback: true,
  onlyLoopback: true,
  allowNetworks: [],
});
const body = JSON.stringify({ destination: "+447700900123", delivered: true });
/** Of each half second's webhooks these come together, the others evenly: connections become idle, and some too old. */
const BURST = 0.5;
const TICK_MS = 50;
const PAUSE_AFTER_TICKS = 40;
const PAUSE_MS = 2_500;

/** A server that runs: its port, and what tells it to load anew and to end. */
async function start(server) {
  const folder = mkdtempSync(join(tmpdir(), "mplus-receivers-"));
  // Their workers run as somebody else where this runs as root.
  chmodSync(folder, 0o777);
  const port = await freePort();
  const [program, ...args] = server.command(folder, port);
  let output = "";
  const launch = async () => {
    const env = { ...environment, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
    const child = spawn(program, args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (piece) => {
        output = (output + piece).slice(-2_000);
      });
    }
    await listens(port, () => child.exitCode === null).catch((error) => {
      child.kill("SIGKILL");
      throw new Error(`${server.name}: ${error.message}: ${output}`);
    });
    return child;
  };
  let child = await launch();
  const end = async (signal) => {
    if (child.exitCode !== null) return;
    child.kill(signal);
    const killed = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await once(child, "exit");
    clearTimeout(killed);
  };
  return {
    port,
    reload: async () => {
      if (typeof server.reload === "string") {
        child.kill(server.reload);
      } else if (server.reload !== undefined) {
        const [reloader, ...words] = server.reload(folder);
        const [code] = await once(spawn(reloader, words, { env: environment, stdio: "ignore" }), "exit");
        if (code !== 0) throw new Error(`${server.name} was not loaded anew`);
      } else {
        await end("SIGTERM");
        child = await launch();
      }
    },
    stop: async () => {
      await end(server.stop ?? "SIGTERM");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Posts for the time given; calls `halfway` in the middle. */
async function load({ origin, proxy, halfway }) {
  const exchanger = createExchanger({
    policy,
    timeoutMs: 10_000,
    connections: 32,
    ...(proxy === undefined ? {} : { proxy: new URL(proxy) }),
  });
  const tally = { sent: 0, delivered: 0, lost: {}, held: 0 };
  const posts = [];
  const post = async () => {
    tally.sent++;
    for (let held = false; ; ) {
      const outcome = await new Promise((settled) => {
        exchanger.post(
          { url: `${origin}/hook`, origin, headers: { "content-type": "application/json" }, body },
          settled,
        );
      });
      if (outcome.fault !== "proxy") {
        if (outcome.verdict === "delivered") tally.delivered++;
        else {
          const why = outcome.fault ?? String(outcome.status);
          tally.lost[why] = (tally.lost[why] ?? 0) + 1;
        }
        return;
      }
      // The proxy is at fault: no try.
      if (!held) tally.held++;
      held = true;
      await sleep(Math.min(Math.max(exchanger.waitMs, 10), 100));
    }
  };
  const ticks = Math.ceil((seconds * 1_000) / TICK_MS);
  let owed = 0;
  let halved;
  for (let tick = 0; tick < ticks; tick++) {
    if (tick === Math.floor(ticks / 2)) halved = halfway?.();
    owed += (rate * TICK_MS) / 1_000;
    const due = tick % 10 === 9 ? Math.floor(owed) : Math.floor(owed * BURST);
    for (let one = 0; one < due; one++) posts.push(post());
    owed -= due;
    await sleep(tick % PAUSE_AFTER_TICKS === PAUSE_AFTER_TICKS - 1 ? PAUSE_MS : TICK_MS);
  }
  await halved;
  await Promise.all(posts);
  await exchanger.close();
  return tally;
}

function shown({ sent, delivered, lost, held }) {
  const why = Object.entries(lost).map(([fault, count]) => `${count} ${fault}`);
  const failed = sent - delivered;
  return `${failed} of ${sent}${why.length > 0 ? ` (${why.join(", ")})` : ""}${held > 0 ? `, ${held} held back` : ""}`;
}

/** What stands behind a proxy. */
const target = createServer((request, response) => {
  request.resume();
  response.writeHead(204).end();
}).listen(0, "127.0.0.1");
await once(target, "listening");

let lost = 0;
console.log(`${rate} webhooks a second for ${seconds} s, half of them in bursts, with pauses; tries lost:\n`);
console.log("| receiver | plain load | over a reload |\n|---|---|---|");
for (const server of SERVERS) {
  const { name, needs } = server;
  if (positionals.length > 0 && !positionals.some((part) => name.toLowerCase().includes(part.toLowerCase()))) continue;
  if (!isInstalled(needs)) {
    console.log(`| ${name} | not installed | |`);
    continue;
  }
  const running = await start(server);
  try {
    const here = `http://127.0.0.1:${running.port}`;
    const origin = server.proxy ? `http://127.0.0.1:${target.address().port}` : here;
    const to = { origin, ...(server.proxy ? { proxy: here } : {}) };
    const plain = await load(to);
    lost += plain.sent - plain.delivered;
    if (server.reload === undefined && !server.again) {
      console.log(`| ${name} | ${shown(plain)} | |`);
      continue;
    }
    const over = await load({ ...to, halfway: running.reload });
    lost += over.sent - over.delivered;
    console.log(`| ${name} | ${shown(plain)} | ${shown(over)}${server.again ? ", ended and started" : ""} |`);
  } finally {
    await running.stop();
  }
}
target.close();
target.closeAllConnections();
console.log(`\n${lost} tries lost in all`);
