/**
 * What every rival has to do for a webhook, and how each is driven: fills its queue, says so, begins when told to, and
 * says when all are delivered and recorded.
 */
import { createHmac, randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import { Agent, request } from "undici";

/** `url` of the receiver, `count` of webhooks, `concurrency`, and where the rival's queue is. */
export const task = JSON.parse(process.argv[2]);
const agent = new Agent({ connections: task.concurrency, pipelining: 1 });
const key = Buffer.from("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "hex");

/** A receipt as Messaging Plus sends it. */
export function webhook(index) {
  const id = `01900000-0000-7000-8000-${index.toString(16).padStart(12, "0")}`;
  const destination = `+${447_700_000_000 + index}`;
  const receiptInfo = { code: "00", description: "Successful" };
  return { id, body: JSON.stringify({ destination, delivered: true, batchuuid: id, messageuuid: id, receiptInfo }) };
}

/** One signed POST; what is kept of it as an attempt. */
export async function deliver({ id, body }) {
  const at = Date.now();
  const timestamp = String(Math.floor(at / 1_000));
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  const headers = {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${signature}`,
  };
  const start = performance.now();
  const { statusCode, body: answer } = await request(task.url, { method: "POST", dispatcher: agent, headers, body });
  await answer.dump();
  if (statusCode < 200 || statusCode > 299) throw new Error(`the answer's status was ${statusCode}`);
  return { at: new Date(at).toISOString(), status: statusCode, totalMs: performance.now() - start };
}

/** Drives a rival. @param run.fill fills its queue; @param run.drain delivers what is in it */
export async function drive({ fill, drain }) {
  const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
  const lines = createInterface({ input: process.stdin }).on("close", () => process.exit(0));
  await fill(Array.from({ length: task.count }, (_, index) => webhook(index)));
  const told = new Promise((resolve) => lines.once("line", resolve));
  say("filled");
  await told;
  await drain();
  say("done");
}

/** A name that no other run has used. */
export const fresh = () => `run_${randomBytes(6).toString("hex")}`;
