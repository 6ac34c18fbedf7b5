/** The rig of `npm run bench:cost`: a program, and the CPU time and memory that a request takes of its processes. */
import { generateKeyPairSync } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median, say } from "./figures.js";
import { freePort } from "./ports.js";
import { family } from "./processes.js";
import { Program } from "./program.js";

const RUNS = 3;
export let program!: Program;
/** The accepting process. */
let api = 0;
export const OPERATOR_KEY = "00112233445566778899aabbccddeeff";
/** Where customers bind over SMPP. */
export let smppPort = 0;

/** The key file of a service account that no platform knows. */
function credentials(): string {
  const file = join(tmpdir(), `mplus-bench-key-${process.pid}.json`);
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const private_key = privateKey.export({ type: "pkcs8", format: "pem" });
  writeFileSync(file, JSON.stringify({ client_email: "a@b", private_key, token_uri: "http://127.0.0.1:1/" }));
  return file;
}

/** Has a program of its own for what follows, which has answered some requests before. */
export async function fresh(): Promise<void> {
  const port = await freePort();
  smppPort = await freePort();
  program = await new Program(1, {
    server: { port, workers: 1 },
    smpp: { port: smppPort },
    operatorKey: OPERATOR_KEY,
    carriers: [
      { id: "sim", type: "simulator", receiptDelay: 0 },
      {
        id: "twilio",
        type: "http",
        preset: "twilio",
        credentials: { accountSid: "a", authToken: "b" },
        auth: "signature",
      },
      { id: "any", type: "http", submit: { url: "http://127.0.0.1:1/" }, receipts: { id: "id", state: "state" } },
      {
        id: "rbm",
        type: "rcs",
        baseUrl: "http://127.0.0.1:1",
        agentId: "a",
        credentialsFile: credentials(),
        clientToken: "t",
      },
    ],
    routes: [{ to: "", channel: "sms", carriers: ["sim"] }],
  }).start();
  program.port = port;
  api = family(program.pid, program.folder).find(({ name }) => name === "api")!.pid;
  for (let index = 0; index < 200; index++) await ask(post("/message?dryRun=true", one));
}

export async function end(): Promise<void> {
  await program.stop();
  program.remove();
}

const status = (field: string): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(readFileSync(`/proc/${api}/status`, "utf8"))?.[1]) / 1_024;

/** CPU time of all threads of a process, in ms (proc(5), schedstat). */
const cpu = (pid = api): number =>
  readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => {
    return sum + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]) / 1e6;
  }, 0);

export interface Asked {
  path: string;
  method?: string;
  key?: string | null;
  body?: string;
  headers?: Record<string, string>;
}

export function ask({ path, method = "GET", key = program.key, body, headers = {} }: Asked) {
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

export async function measure(what: string, asked: Asked): Promise<void> {
  await measureWork(what, async () => {
    const answer = await ask(asked);
    return `${answer.status}, ${asked.body?.length ?? 0} octets in, ${answer.octets} out`;
  });
}

/** CPU time of whatever it is, in the accepting process, the engine's and the database's, which is told in steps of 10 ms. */
export async function measureWork(what: string, work: () => Promise<string>): Promise<void> {
  const spent: number[] = [];
  const others = (): [engine: number, store: number] => [cpu(program.pid), (program.cpu().postgres ?? 0) / 1_000];
  let last = "";
  const before = others();
  for (let run = 0; run < RUNS; run++) {
    const begun = cpu();
    last = await work();
    spent.push(cpu() - begun);
  }
  const [engine, store] = others().map((now, index) => ((now - before[index]!) / RUNS).toFixed(1));
  const most = Math.max(...spent).toFixed(1);
  say(`${what}: CPU ${median(spent).toFixed(1)} ms (most ${most}), engine ${engine}, store ${store}; ${last}`);
}

export async function measureMemory(what: string, asked: () => Asked | Promise<Asked>): Promise<void> {
  await fresh();
  const wanted = await asked();
  // The peak begins anew (proc(5), clear_refs).
  writeFileSync(`/proc/${api}/clear_refs`, "5");
  const resident = status("VmRSS");
  const answer = await ask(wanted);
  say(`${what}: ${Math.round(status("VmHWM") - resident)} MB; ${answer.status}`);
  await end();
}

/** Measures the memory of each of `count` connections that send these bytes and wait. */
export async function measureConnections(
  what: string,
  bytes: () => string | Buffer,
  { count = 200, port = () => program.port, prepare = async () => {} } = {},
): Promise<void> {
  await fresh();
  await prepare();
  const resident = status("VmRSS");
  const open: Socket[] = [];
  for (let index = 0; index < count; index++) {
    const socket = connect(port(), "127.0.0.1");
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

export const from = { type: "custom", value: "MyShop" };
export const one = JSON.stringify({ messages: [{ from, to: "447700900123", body: "Your code is 123456" }] });
export const post = (path: string, body: string, more: Partial<Asked> = {}): Asked => ({
  path,
  method: "POST",
  body,
  ...more,
});
