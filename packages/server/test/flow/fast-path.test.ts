import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, expect, test } from "vitest";
import { ACCEPTED } from "../support/accepted.ts";
import { startProgram } from "../support/program.ts";
import { within } from "../support/until.ts";

/** The short way of plain requests (http/send/fast-path.ts) against Node's server: which way one takes is not to be seen. */

const program = await startProgram({ config: { server: { bodyLimitBytes: 100_000 } } });
afterAll(program.stop);
const { port } = new URL(program.url);
const { key } = program.api;

const body = (text = "Grüße €") =>
  JSON.stringify({ messages: [{ from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: text }] });

interface Parts {
  target?: string;
  fields?: string[];
  content?: string;
}

function requestOf({ target = `/message?key=${key}`, fields = [], content = body() }: Parts = {}): Buffer {
  const length = `Content-Length: ${Buffer.byteLength(content)}`;
  return Buffer.from(`POST ${target} HTTP/1.1\r\n${["Host: x", length, ...fields].join("\r\n")}\r\n\r\n${content}`);
}

/** A field that means nothing, and that only Node's server reads. */
const OTHER_WAY = "TE: trailers";

interface Answer {
  status: number;
  fields: string;
  content: string;
}

/** A connection whose answers are read one after the other. */
class Client {
  readonly socket: Socket;
  #rest = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("error", () => {});
  }

  static async open(): Promise<Client> {
    const socket = connect({ port: Number(port), host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
    await once(socket, "connect");
    return new Client(socket);
  }

  async answer(): Promise<Answer> {
    for (;;) {
      const end = this.#rest.indexOf("\r\n\r\n");
      const head = end < 0 ? "" : this.#rest.toString("latin1", 0, end);
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (end >= 0 && this.#rest.length >= end + 4 + length) {
        const content = this.#rest.toString("utf8", end + 4, end + 4 + length);
        this.#rest = this.#rest.subarray(end + 4 + length);
        return { status: Number(head.slice(9, 12)), fields: head, content };
      }
      const [chunk] = (await within("an answer", once(this.socket, "data"))) as [Buffer];
      this.#rest = Buffer.concat([this.#rest, chunk]);
    }
  }

  async exchange(request: Buffer): Promise<Answer> {
    this.socket.write(request);
    return this.answer();
  }
}

async function answerTo(request: Buffer): Promise<Answer> {
  const client = await Client.open();
  try {
    return await client.exchange(request);
  } finally {
    client.socket.destroy();
  }
}

/** What may differ between two answers to the same request. */
const alike = ({ status, fields, content }: Answer) => ({
  status,
  names: [...fields.matchAll(/^([\w-]+): (?:(\d+)$)?/gm)].map(([, name]) => name?.toLowerCase()).sort(),
  type: /content-type: (.*)/i.exec(fields)?.[1],
  kept: /connection: (.*)/i.exec(fields)?.[1],
  content: content.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "UUID"),
});

test.each<[string, Parts]>([
  ["a message", {}],
  [
    "a batch",
    { target: `/batch?key=${key}`, content: '{"from":"MyShop","message":"x","destinations":["447700900123"]}' },
  ],
  ["a dry run", { target: `/message?key=${key}&dryRun=TRUE` }],
  ["a bearer token", { target: "/message", fields: [`Authorization: Bearer ${program.api.key}`] }],
  ["no key", { target: "/message" }],
  ["a wrong key", { target: "/message?key=0" }],
  ["a wrong token", { target: "/message", fields: ["Authorization: Bearer 0"] }],
  ["an unknown parameter", { target: `/message?key=${key}&dryrun=yes` }],
  ["faults", { content: '{"messages":[{"to":"x"}]}' }],
  ["no JSON", { content: "{" }],
  ["no JSON, and a type that says so", { content: "<a/>", fields: ["Content-Type: text/xml"] }],
  ["an empty body", { content: "" }],
  ["a wrong idempotency key", { fields: [`Idempotency-Key: ${"x".repeat(300)}`] }],
])("is answered alike both ways: %s", async (_name, parts) => {
  const plain = await answerTo(requestOf(parts));
  const other = await answerTo(requestOf({ ...parts, fields: [...(parts.fields ?? []), OTHER_WAY] }));
  expect(alike(plain)).toEqual(alike(other));
});

test("a connection is kept, and the other way once taken stays", async () => {
  const client = await Client.open();
  for (const fields of [[], [], [OTHER_WAY], [], ["Transfer-Encoding: identity"]]) {
    const { status } = await client.exchange(requestOf({ fields }));
    expect(status).toBe(fields[0]?.startsWith("Transfer") ? 400 : 200);
  }
  client.socket.destroy();
});

test("a request that comes octet by octet, or its body later, is answered once", async () => {
  const client = await Client.open();
  const request = requestOf({ content: body("in pieces") });
  const head = request.indexOf("\r\n\r\n") + 4;
  client.socket.write(request.subarray(0, head));
  await new Promise((resolve) => setImmediate(resolve));
  expect((await client.exchange(request.subarray(head))).content).toContain("in pieces");
  for (const octet of request) {
    client.socket.write(Buffer.from([octet]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect((await client.answer()).content).toContain("in pieces");
  client.socket.destroy();
});

test("requests sent ahead are answered in their order", async () => {
  const client = await Client.open();
  const texts = Array.from({ length: 20 }, (_, index) => `ahead ${index}`);
  const requests = texts.map((text) => requestOf({ content: body(text) }));
  client.socket.write(requests[0] as Buffer);
  await new Promise((resolve) => setImmediate(resolve));
  client.socket.write(Buffer.concat(requests.slice(1)));
  for (const text of texts) expect((await client.answer()).content).toContain(`"${text}"`);
  client.socket.destroy();
});

test("a client that sends nothing more still gets its answer, and then the end", async () => {
  const client = await Client.open();
  client.socket.end(requestOf());
  expect((await client.answer()).status).toBe(200);
  await within("the end", once(client.socket, "end"));
});

test("half a request and the end are refused, and nothing is stored", async () => {
  const count = async () => (await program.database.pool.query(`SELECT count(*) FROM ${ACCEPTED}`)).rows[0].count;
  const before = await count();
  const client = await Client.open();
  client.socket.end(requestOf().subarray(0, -1));
  expect(await client.answer()).toMatchObject({ status: 400, content: expect.stringContaining("malformed-request") });
  await within("the end", once(client.socket, "end"));
  expect(await count()).toBe(before);
});

test("a body beyond the limit is refused, however it comes", async () => {
  const content = body("x".repeat(100_000));
  expect((await answerTo(requestOf({ content }))).status).toBe(413);
  const large = JSON.stringify({ from: "MyShop", message: "x", destinations: Array(7_000).fill("447700900123") });
  const answer = await answerTo(requestOf({ target: `/batch?key=${key}`, content: large.slice(0, 90_000) }));
  expect(answer.status).toBe(400);
});

test("a client that goes before its answer costs nobody else theirs", async () => {
  const clients = await Promise.all(Array.from({ length: 20 }, () => Client.open()));
  for (const [index, { socket }] of clients.entries()) {
    socket.write(requestOf());
    if (index % 2 === 0) socket.resetAndDestroy();
  }
  for (const [index, client] of clients.entries()) {
    if (index % 2 === 0) continue;
    expect((await client.answer()).status).toBe(200);
    client.socket.destroy();
  }
});
