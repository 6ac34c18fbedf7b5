// Tries the examples under deploy/ that put nginx, HAProxy or Apache in front: starts each that is installed on a loopback
// port in front of a program of its own, and checks through it what the examples are there for. Not part of the tests.
//
// npm run front
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort, isInstalled, launch, listens } from "./servers.mjs";

const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "mplus-front-"));
// Whoever the database and the servers' workers run as must reach it.
chmodSync(folder, 0o777);
const key = () => randomBytes(16).toString("hex");
const accountKey = key();
const REQUESTS = 4_000;

function run(program, args) {
  return launch(program, args, { cwd: folder });
}

async function begun(port, what, { output }) {
  await listens(port).catch((error) => {
    throw new Error(`${what}: ${error.message}: ${output()}`);
  });
}

/** A server's example, at ports and in a folder of its own; `log` is where it notes requests. */
const FRONTS = {
  nginx(port, behind) {
    const example = readFileSync(join(root, "deploy/nginx.conf"), "utf8")
      .replace("listen 80", `listen 127.0.0.1:${port}`)
      .replace("127.0.0.1:8080", `127.0.0.1:${behind}`)
      .replace("/var/log/nginx/messaging-plus.log", `${folder}/nginx-access`);
    writeFileSync(join(folder, "nginx-example.conf"), example);
    const around = `daemon off; pid ${folder}/nginx-pid; error_log ${folder}/nginx-log; events {}
http { client_body_temp_path ${folder}; proxy_temp_path ${folder}; include ${folder}/nginx-example.conf; }\n`;
    writeFileSync(join(folder, "nginx.conf"), around);
    const front = run("nginx", ["-c", join(folder, "nginx.conf"), "-e", join(folder, "nginx-log")]);
    return { ...front, log: () => readFileSync(join(folder, "nginx-access"), "utf8") };
  },
  haproxy(port, behind) {
    const example = readFileSync(join(root, "deploy/haproxy.cfg"), "utf8")
      .replace("bind :80", `bind 127.0.0.1:${port}`)
      .replace("127.0.0.1:8080", `127.0.0.1:${behind}`);
    writeFileSync(join(folder, "haproxy.cfg"), example);
    const front = run("haproxy", ["-f", join(folder, "haproxy.cfg")]);
    return { ...front, log: front.output };
  },
  apache2(port, behind) {
    const example = readFileSync(join(root, "deploy/apache.conf"), "utf8")
      .replace("127.0.0.1:8080", `127.0.0.1:${behind}`)
      .replace(/\$\{APACHE_LOG_DIR\}\/messaging-plus\.log/, `${folder}/apache-access`);
    writeFileSync(join(folder, "apache-example.conf"), example);
    const modules = ["mpm_event", "authz_core", "proxy", "proxy_http", "headers"].map(
      (name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`,
    );
    const around = `ServerName localhost\nListen 127.0.0.1:${port}\nUser www-data\nGroup www-data\nPidFile ${folder}/apache-pid
DefaultRuntimeDir ${folder}\nErrorLog ${folder}/apache-log\nInclude ${folder}/apache-example.conf\n`;
    writeFileSync(join(folder, "apache.conf"), `${modules.join("\n")}\n${around}`);
    const front = run("apache2", ["-DFOREGROUND", "-f", join(folder, "apache.conf")]);
    return { ...front, log: () => readFileSync(join(folder, "apache-access"), "utf8") };
  },
};

const agent = new Agent({ keepAlive: true, maxSockets: 32 });

/** Requests that a server in front left unanswered on a kept connection, and that were sent again. */
let repeated = 0;

async function ask(url, { method = "GET", body, headers = {} } = {}) {
  const asked = request(url, { method, agent, headers: { authorization: `Bearer ${accountKey}`, ...headers } });
  // Of a second error of the same request nobody hears.
  asked.on("error", () => {});
  asked.end(body);
  const [answer] = await once(asked, "response").catch((error) => {
    // Any server may close a kept connection as a request comes (RFC 9112 §9.5); Apache does now and then.
    if (!asked.reusedSocket) throw new Error(`${method} ${url}: ${error.message}`, { cause: error });
    repeated++;
    return [null];
  });
  if (answer === null) return ask(url, { method, body, headers });
  const pieces = [];
  for await (const piece of answer) pieces.push(piece);
  return { status: answer.statusCode, text: Buffer.concat(pieces).toString() };
}

const json = { "content-type": "application/json" };
const message = JSON.stringify({
  messages: [{ from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "x" }],
});

function expect(what, seen, wanted) {
  if (seen !== wanted) throw new Error(`${what}: ${seen} instead of ${wanted}`);
}

/** Messages a second, one each, over 32 connections. */
async function rate(base) {
  let left = REQUESTS;
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      while (left-- > 0) {
        expect(
          "POST /message",
          (await ask(`${base}/message`, { method: "POST", body: message, headers: json })).status,
          200,
        );
      }
    }),
  );
  return Math.round((REQUESTS * 1_000) / (performance.now() - begun));
}

async function check(base, log) {
  const destinations = Array.from({ length: 100_000 }, (_, index) => `4477${String(10_000_000 + index)}`);
  const body = JSON.stringify({ from: "MyShop", message: "x", destinations });
  const batch = await ask(`${base}/batch`, { method: "POST", body, headers: json });
  expect(`a batch of ${body.length} octets`, batch.status, 200);
  const details = await ask(`${base}/batch/${JSON.parse(batch.text).identifier}?details=true`);
  expect("its details", JSON.parse(details.text).details.length, 100_000);
  for (const path of ["/dashboard", "/docs", "/openapi.json", "/health/ready"]) {
    expect(path, (await ask(`${base}${path}`)).status, 200);
  }
  const page = (await ask(`${base}/dashboard`)).text;
  for (const [, file] of page.matchAll(/(?:src|href)="([^"]+\.(?:js|css))"/g)) {
    expect(file, (await ask(new URL(file, `${base}/dashboard`))).status, 200);
  }
  expect("/metrics", (await ask(`${base}/metrics`)).status, 403);
  expect("a key in the query", (await ask(`${base}/batch?key=${accountKey}`, { headers: {} })).status, 200);
  await sleep(500);
  expect("requests in its log", log().includes("/batch"), true);
  expect("keys in its log", log().includes(accountKey), false);
}

const port = await freePort();
const config = { network: "loopback", dataDir: folder, organizationKey: key(), accountKey, server: { port } };
writeFileSync(join(folder, "config.json"), JSON.stringify(config));
const mplus = join(root, "packages/server/bin/mplus.js");
const program = run(process.execPath, [mplus, "serve", "--config", join(folder, "config.json")]);
try {
  await begun(port, "the program", program);
  const direct = `http://127.0.0.1:${port}`;
  for (let look = 0; look < 600 && (await ask(`${direct}/health/ready`)).status !== 200; look++) await sleep(100);
  console.log("| in front | checks | messages a second, one a request |\n|---|---|---|");
  await rate(direct);
  console.log(`| nothing | | ${await rate(direct)} |`);
  for (const [name, start] of Object.entries(FRONTS)) {
    if (!isInstalled(name)) {
      console.log(`| ${name} | not installed | |`);
      continue;
    }
    const at = await freePort();
    const front = start(at, port);
    try {
      await begun(at, name, front);
      const base = `http://127.0.0.1:${at}/sms`;
      for (let look = 0; look < 100 && (await ask(`${base}/health/ready`)).status !== 200; look++) await sleep(100);
      await check(base, front.log);
      const figure = await rate(base);
      console.log(`| ${name} | passed${repeated > 0 ? `, ${repeated} requests sent again` : ""} | ${figure} |`);
      repeated = 0;
    } finally {
      await front.stop();
    }
  }
} finally {
  agent.destroy();
  await program.stop();
  rmSync(folder, { recursive: true, force: true });
}
