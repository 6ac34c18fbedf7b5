/**
 * `npm run bench:cost`: what the costliest requests take of the accepting process, each alone: CPU time, and how far the
 * resident memory of a process grows beyond what it had when it was started, by its first such request and by connections
 * that wait. What it printed stands in docs/reliability.md, "What one can cost".
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { median, say } from "./figures.js";
import { family } from "./processes.js";
import { Program } from "./program.js";

const RUNS = 3;
const MIB = 1024 * 1024;
let program!: Program;
/** The accepting process. */
let api = 0;

/** Has a program of its own for what follows, which has answered some requests before. */
async function fresh(): Promise<void> {
  program = await new Program(1, {
    server: { port: 0, workers: 1 },
    carriers: [{ id: "sim", type: "simulator", receiptDelay: 0 }],
  }).start();
  api = family(program.pid, program.folder).find(({ name }) => name === "api")!.pid;
  for (let index = 0; index < 200; index++) await ask(post("/message?dryRun=true", one));
}

async function end(): Promise<void> {
  await program.stop();
  program.remove();
}

const status = (field: string): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(readFileSync(`/proc/${api}/status`, "utf8"))?.[1]) / 1_024;

/** CPU time of all its threads, in ms (proc(5), schedstat). */
const cpu = (): number =>
  readdirSync(`/proc/${api}/task`).reduce((sum, thread) => {
    return sum + Number(readFileSync(`/proc/${api}/task/${thread}/schedstat`, "utf8").split(" ")[0]) / 1e6;
  }, 0);

interface Asked {
  path: string;
  method?: string;
  key?: string | null;
  body?: string;
  headers?: Record<string, string>;
}

function ask({ path, method = "GET", key = program.key, body, headers = {} }: Asked) {
  const query = key === null ? "" : `${path.includes("?") ? "&" : "?"}key=${key}`;
  return new Promise<{ status: number; octets: number; text: string }>((resolve, reject) => {
    let answered = false;
    const outgoing = request({ port: program.port, host: "127.0.0.1", path: path + query, method, agent: false });
    for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value);
    if (body !== undefined) outgoing.setHeader("content-length", Buffer.byteLength(body));
    // A refusal may come, and the connection be closed, while the body is on its way.
    outgoing.on("error", (error) => answered || reject(error));
    outgoing.setHeader("connection", "keep-alive");
    outgoing.on("response", (response) => {
      answered = true;
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks);
        outgoing.destroy();
        resolve({ status: response.statusCode ?? 0, octets: text.length, text: text.toString() });
      });
    });
    outgoing.end(body);
  });
}

async function measure(what: string, asked: Asked): Promise<void> {
  const spent: number[] = [];
  let last = "";
  for (let run = 0; run < RUNS; run++) {
    const before = cpu();
    const answer = await ask(asked);
    spent.push(cpu() - before);
    last = `${answer.status}, ${asked.body?.length ?? 0} octets in, ${answer.octets} out`;
  }
  say(`${what}: CPU ${median(spent).toFixed(1)} ms (most ${Math.max(...spent).toFixed(1)}); ${last}`);
}

async function measureMemory(what: string, asked: () => Asked): Promise<void> {
  await fresh();
  // The peak begins anew (proc(5), clear_refs).
  writeFileSync(`/proc/${api}/clear_refs`, "5");
  const resident = status("VmRSS");
  const answer = await ask(asked());
  say(`${what}: ${Math.round(status("VmHWM") - resident)} MB; ${answer.status}`);
  await end();
}

/** What each of so many connections keeps in memory that send this and wait. */
async function measureConnections(what: string, bytes: () => string, count = 200): Promise<void> {
  await fresh();
  const resident = status("VmRSS");
  const open: Socket[] = [];
  for (let index = 0; index < count; index++) {
    const socket = connect(program.port, "127.0.0.1");
    socket.on("error", () => {});
    await new Promise((resolve) => socket.once("connect", resolve));
    socket.write(bytes());
    open.push(socket);
  }
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  say(`${what}: ${Math.round(((status("VmRSS") - resident) / count) * 1_024)} KB a connection`);
  for (const socket of open) socket.destroy();
  await end();
}

const list = (count: number, entry: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => entry(index)).join(",");
const from = { type: "custom", value: "MyShop" };
const one = JSON.stringify({ messages: [{ from, to: "447700900123", body: "Your code is 123456" }] });
const callback = `http://127.0.0.1:1/${"a".repeat(1_900)}`;
const texts = `{"messages":[${list(1_000, (index) =>
  JSON.stringify({ from, to: `4477009${10_000 + index}`, body: "é\n".repeat(765), callback: callback + index }),
)}]}`;
const defaults = `{"defaults":${JSON.stringify({ from, body: "\n".repeat(1_530), callback })},"messages":[${list(
  1_000,
  (index) => `{"to":"4477009${10_000 + index}"}`,
)}]}`;
const misses = `{"messages":[${list(14, (at) => `{${list(9_999, (i) => `"callback${"x".repeat(40)}${at}_${i}":0`)}}`)}]}`;
const batch = `{"from":"MyShop","message":"x","destinations":[${list(100_000, (i) => `"4477${10_000_000 + i}"`)}]}`;
const large = `{"messages":[{"body":"${"x".repeat(8 * MIB - 100)}"}]}`;
const OTHER_WAY = { te: "trailers" };
const post = (path: string, body: string, more: Partial<Asked> = {}): Asked => ({
  path,
  method: "POST",
  body,
  ...more,
});

await measureMemory("memory: a thousand of the longest texts", () => post("/message", texts));
await measureMemory("memory: a thousand by defaults", () => post("/message", defaults));
await measureMemory("memory: near misses", () => post("/message", misses));
await measureMemory("memory: a batch of 100,000", () => post("/batch", batch));
await measureMemory("memory: no key, a body of 8 MiB", () => post("/message", large, { key: null }));
const head = (length: number, key = "") => `POST /message${key} HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n`;
const keyed = () => `?key=${program.key}`;
await measureConnections("idle", () => "");
await measureConnections("no key: a head of 15 KiB that does not end", () => `GET /${"a".repeat(15_000)}`);
await measureConnections("no key: 60 KiB of a plain body", () => `${head(61_000)}\r\n${"x".repeat(60_000)}`);
await measureConnections("no key: a megabyte of a large body", () => `${head(8 * MIB)}\r\n${"x".repeat(MIB)}`);
await measureConnections("key: 60 KiB of a small body", () => `${head(200_000, keyed())}\r\n${"x".repeat(60_000)}`);
await measureConnections("key: a megabyte of a large body", () => `${head(8 * MIB, keyed())}\r\n${"x".repeat(MIB)}`);

await fresh();
const organization = { key: program.organizationKey };
for (const path of [
  "/dr-responses",
  "/docs",
  "/openapi.json",
  "/dashboard",
  "/health/live",
  "/health/ready",
  "/metrics",
]) {
  await measure(`no key: GET ${path}`, { path, key: null });
}
await measure("no key: a body of 8 MiB to an unknown path", post("/nothing", large, { key: null }));
await measure("no key: a body of 8 MiB to POST /message", post("/message", large, { key: null }));
await measure("no key: a body of 60 KiB to POST /message", post("/message", large.slice(0, 60_000), { key: null }));
for (const [way, headers] of [
  ["plain", {}],
  ["other way", OTHER_WAY],
] as const) {
  await measure(`${way}: POST /message, one`, post("/message", one, { headers }));
  await measure(`${way}: POST /message, a thousand of the longest texts`, post("/message", texts, { headers }));
  await measure(`${way}: POST /message, a thousand by defaults`, post("/message", defaults, { headers }));
  await measure(`${way}: POST /message, near misses`, post("/message", misses, { headers }));
  await measure(`${way}: POST /batch, 100,000, dry`, post("/batch?dryRun=true", batch, { headers }));
}
await measure("POST /batch, 100,000", post("/batch", batch));
await measure("POST /batch, 100,000 held", post("/batch", batch.replace("{", '{"send_at":"2030-01-01T00:00Z",')));
const { identifier } = JSON.parse((await ask(post("/batch", batch))).text) as { identifier: string };
await measure("GET /batch/{uuid}", { path: `/batch/${identifier}` });
await measure("GET /batch/{uuid}?details, 100,000", { path: `/batch/${identifier}?details=true` });
await measure("GET /batch/{uuid}?details, a page", { path: `/batch/${identifier}?details=true&limit=1000` });
await measure("GET /batch", { path: "/batch" });
await measure("GET /webhooks, a page", { path: "/webhooks?limit=1000" });
await measure("GET /inbound", { path: "/inbound?limit=1000" });
await measure(
  "POST /webhooks/replay, unknown fields",
  post("/webhooks/replay", `{${list(5_000, (i) => `"f${i}":0`)}}`),
);
await measure(
  "organization: POST /account, unknown fields",
  post("/account", `{${list(5_000, (i) => `"f${i}":0`)}}`, organization),
);
await measure("organization: POST /account, 8 MiB", post("/account", large, organization));
await measure("organization: GET /account", { path: "/account", ...organization });

await end();
