/**
 * An SMSC for measuring, in a process of its own and as cheap as can be: accepts any bind, answers submit_sm at once,
 * and sends a DELIVRD receipt at once, or, with `hold=N`, when N are outstanding, shuffled; with `delay=MS`, later.
 * Prints its port; a line on standard input answers the counts.
 */
import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";

const hold = Number(/hold=(\d+)/.exec(process.argv[2] ?? "")?.[1] ?? 0);
const delayMs = Number(/delay=(\d+)/.exec(process.argv[2] ?? "")?.[1] ?? 0);
const answerMs = Number(/answer=(\d+)/.exec(process.argv[2] ?? "")?.[1] ?? 0);

let submits = 0;
let receipts = 0;
let acknowledged = 0;
let sequence = 1;
let held: (() => Buffer)[] = [];
/** When receipts were sent, by destination, where the load wants latencies. */
const sent: [string, number][] = [];
const keepSent = process.argv.includes("sent");

const SUBMIT_SM = 4;
const DELIVER_SM = 5;

function header(length: number, command: number, sequenceNumber: number): Buffer {
  const pdu = Buffer.allocUnsafe(length);
  pdu.writeUInt32BE(length, 0);
  pdu.writeUInt32BE(command, 4);
  pdu.writeUInt32BE(0, 8);
  pdu.writeUInt32BE(sequenceNumber, 12);
  return pdu;
}

function receipt(id: string, source: string, destination: string): Buffer {
  const text = `id:${id} sub:001 dlvrd:001 submit date:2611230900 done date:2611230900 stat:DELIVRD err:000 text:`;
  const length = 16 + 1 + 2 + destination.length + 1 + 2 + source.length + 1 + 9 + 1 + text.length + 4 + 9 + 5;
  const pdu = header(length, DELIVER_SM, sequence++);
  let at = 16;
  pdu[at++] = 0;
  pdu[at++] = 1;
  pdu[at++] = 1;
  at += pdu.write(destination, at, "latin1");
  pdu[at++] = 0;
  pdu[at++] = 5;
  pdu[at++] = 0;
  at += pdu.write(source, at, "latin1");
  pdu[at++] = 0;
  pdu[at++] = 4;
  pdu.fill(0, at, at + 8);
  at += 8;
  pdu[at++] = text.length;
  at += pdu.write(text, at, "latin1");
  at = pdu.writeUInt32BE(0x001e0009, at);
  at += pdu.write(id, at, "latin1");
  pdu[at++] = 0;
  pdu.set([0x04, 0x27, 0, 1, 2], at);
  receipts++;
  if (keepSent) sent.push([destination, performance.timeOrigin + performance.now()]);
  return pdu;
}

function submitted(pdu: Buffer, socket: Socket, out: Buffer[]): void {
  const id = (++submits).toString(16).padStart(8, "0");
  const answer = header(25, 0x80000004, pdu.readUInt32BE(12));
  answer.write(id, 16, "latin1");
  answer[24] = 0;
  const sourceAt = pdu.indexOf(0, 16) + 3;
  const sourceEnd = pdu.indexOf(0, sourceAt);
  const destinationAt = sourceEnd + 3;
  const destinationEnd = pdu.indexOf(0, destinationAt);
  const source = pdu.toString("latin1", sourceAt, sourceEnd);
  const destination = pdu.toString("latin1", destinationAt, destinationEnd);
  const make = () => receipt(id, source, destination);
  if (answerMs > 0) {
    setTimeout(() => socket.write(Buffer.concat([answer, make()])), answerMs);
    return;
  }
  out.push(answer);
  if (hold > 0) {
    held.push(make);
    if (held.length >= hold) release(socket);
  } else if (delayMs > 0) setTimeout(() => socket.write(make()), delayMs);
  else out.push(make());
}

function release(socket: Socket): void {
  const shuffled = held;
  held = [];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1));
    [shuffled[last], shuffled[other]] = [shuffled[other]!, shuffled[last]!];
  }
  const next = (from: number): void => {
    socket.write(Buffer.concat(shuffled.slice(from, from + 100).map((make) => make())));
    if (from + 100 < shuffled.length) setImmediate(next, from + 100);
  };
  next(0);
}

const server = createServer((socket) => {
  socket.setNoDelay(true);
  socket.on("error", () => {});
  let rest: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const out: Buffer[] = [];
    let at = 0;
    while (bytes.length - at >= 16) {
      const length = bytes.readUInt32BE(at);
      if (bytes.length - at < length) break;
      const pdu = bytes.subarray(at, at + length);
      at += length;
      const command = pdu.readUInt32BE(4);
      if (command === SUBMIT_SM) submitted(pdu, socket, out);
      else if (command === 0x80000005) acknowledged++;
      else if (command < 0x80000000) {
        const bind = command === 1 || command === 2 || command === 9;
        const answer = header(bind ? 17 : 16, command + 0x80000000, pdu.readUInt32BE(12));
        if (bind) answer[16] = 0;
        out.push(answer);
      }
    }
    rest = at === bytes.length ? Buffer.alloc(0) : bytes.subarray(at);
    if (out.length > 0) socket.write(Buffer.concat(out));
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.stdout.write(`${JSON.stringify({ port: typeof address === "object" ? address?.port : 0 })}\n`);
});
createInterface({ input: process.stdin })
  .on("line", (line) => {
    const answer = { submits, receipts, acknowledged, ...(line === "sent" ? { sent } : {}) };
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  })
  .on("close", () => process.exit(0));
