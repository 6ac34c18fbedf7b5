/**
 * `npm run bench:cost`: what the costliest requests take of the accepting process, each alone: CPU time, and how far the
 * resident memory of a process grows beyond what it had when it was started, by its first such request and by connections
 * that wait; also the CPU time that they take of the engine's process and of the database. What it printed stands in
 * docs/reliability.md, "What one can cost".
 */
import { readdirSync } from "node:fs";
import { measureReads } from "./cost-reads.js";
import { ask, end, fresh, from, measure, measureConnections, measureMemory, one, post, program } from "./cost-rig.js";
import { measureSmpp } from "./cost-smpp.js";

const MIB = 1024 * 1024;
const list = (count: number, entry: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => entry(index)).join(",");
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
const assets = readdirSync(new URL("../../../dashboard/dist/assets", import.meta.url)).map(
  (file) => `/dashboard/assets/${file}`,
);
for (const path of [
  "/dr-responses",
  "/docs",
  "/openapi.json",
  "/dashboard",
  ...assets,
  "/health/live",
  "/health/ready",
  "/metrics",
]) {
  await measure(`no key: GET ${path}`, { path, key: null });
}
const parameters = "a&".repeat(32_000);
const signed = (header: string) => ({ key: null, headers: { [header]: "x" } });
await measure("carrier: 64 KB to /rcs without a signature", post("/rcs/rbm", texts.slice(0, 65_000), { key: null }));
await measure(
  "carrier: 64 KB of a push to /rcs, wrongly signed",
  post("/rcs/rbm", `{"message":{"data":"${"A".repeat(64_000)}"}}`, {
    key: null,
    headers: { "x-goog-signature": `${"A".repeat(86)}==` },
  }),
);
await measure(
  "carrier: 64 KB of names, wrongly signed",
  post("/carriers/twilio/receipts", parameters, signed("x-twilio-signature")),
);
await measure(
  "carrier: 64 KB of names, where nothing is signed",
  post("/carriers/any/receipts", parameters, { key: null }),
);
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
await measureReads();
await measureSmpp();
