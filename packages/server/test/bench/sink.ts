/**
 * A webhook receiver for measuring, in a process of its own and as cheap as can be: answers 200 to everything, with
 * `slow=MS` after a while. Prints its port; a line on standard input answers the counts.
 */
import { createServer } from "node:net";
import { createInterface } from "node:readline";

const slowMs = Number(/slow=(\d+)/.exec(process.argv[2] ?? "")?.[1] ?? 0);
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

function count(request: Buffer): void {
  hooks++;
  const at = request.indexOf(ID);
  const from = at >= 0 ? at + ID.length : request.indexOf(TARGET_ID) + TARGET_ID.length;
  const id = request.toString("latin1", from, from + (at >= 0 ? 36 : request.indexOf(" ", from) - from));
  if (seen.has(id)) repeats++;
  seen.add(id);
  if (!keepArrivals) return;
  const number = request.indexOf(DESTINATION) + DESTINATION.length;
  arrivals.push([request.toString("latin1", number, number + 12), performance.timeOrigin + performance.now()]);
}

const server = createServer((socket) => {
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
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.stdout.write(`${JSON.stringify({ port: typeof address === "object" ? address?.port : 0 })}\n`);
});
createInterface({ input: process.stdin })
  .on("line", (line) => {
    const answer = { hooks, unique: seen.size, repeats, ...(line === "arrivals" ? { arrivals } : {}) };
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  })
  .on("close", () => process.exit(0));
