/**
 * A webhook receiver for measuring, in a process of its own and as cheap as can be: answers 200 to everything, with
 * `slow=MS` after a while. `skip=N`: the first N arrivals are not timed. With `ports=N` it listens on N more, and with `silent=M` every Mth of them never answers.
 * Prints its ports; a line on standard input answers the counts.
 */
import { createServer, type Server } from "node:net";
import { createInterface } from "node:readline";

const mode = process.argv.slice(2).join(" ");
const option = (name: string) => Number(new RegExp(`\\b${name}=(\\d+)`).exec(mode)?.[1] ?? 0);
const slowMs = option("slow");
const silentEvery = option("silent");
const OK = Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
const HEAD_END = Buffer.from("\r\n\r\n");
const LENGTH = /content-length: *(\d+)/i;
const ID = Buffer.from('"messageuuid":"');
const TARGET_ID = Buffer.from("/dlr/");
const DESTINATION = Buffer.from('"destination":"+');

let hooks = 0;
let repeats = 0;
const seen = new Set<string>();
/** Arrivals by destination, where the load wants latencies: epoch milliseconds with fractions. */
const arrivals: [string, number][] = [];
const keepArrivals = process.argv.includes("arrivals");
/** When the first that is timed and the last have come, on the monotonic clock. */
const window = { first: 0, last: 0 };
const untimed = option("skip");

function count(request: Buffer): void {
  hooks++;
  window.last = performance.now();
  if (hooks === untimed + 1) window.first = window.last;
  const at = request.indexOf(ID);
  const from = at >= 0 ? at + ID.length : request.indexOf(TARGET_ID) + TARGET_ID.length;
  const id = request.toString("latin1", from, from + (at >= 0 ? 36 : request.indexOf(" ", from) - from));
  if (seen.has(id)) repeats++;
  seen.add(id);
  if (!keepArrivals) return;
  const number = request.indexOf(DESTINATION) + DESTINATION.length;
  arrivals.push([request.toString("latin1", number, number + 12), performance.timeOrigin + performance.now()]);
}

function receiver(): Server {
  return createServer((socket) => {
    socket.setNoDelay(true);
    socket.on("error", () => {});
    let rest: Buffer = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      for (;;) {
        const head = rest.indexOf(HEAD_END);
        if (head < 0) return;
        const end = head + 4 + Number(LENGTH.exec(rest.toString("latin1", 0, head))?.[1] ?? 0);
        if (rest.length < end) return;
        count(rest.subarray(0, end));
        rest = rest.subarray(end);
        if (slowMs > 0) setTimeout(() => socket.write(OK), slowMs);
        else socket.write(OK);
      }
    });
  });
}

/** Takes what comes and says nothing. */
function silent(): Server {
  return createServer((socket) => void socket.on("error", () => {}).resume());
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

const servers = Array.from({ length: option("ports") }, (_, index) =>
  silentEvery > 0 && (index + 1) % silentEvery === 0 ? silent() : receiver(),
);
const port = await listen(receiver());
process.stdout.write(`${JSON.stringify({ port, ports: await Promise.all(servers.map(listen)) })}\n`);
createInterface({ input: process.stdin })
  .on("line", (line) => {
    const answer = { hooks, unique: seen.size, repeats, ...window, ...(line === "arrivals" ? { arrivals } : {}) };
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  })
  .on("close", () => process.exit(0));
