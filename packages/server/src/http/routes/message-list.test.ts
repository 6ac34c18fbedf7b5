import { once } from "node:events";
import { request } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { fastify } from "fastify";
import { expect, test } from "vitest";
import { until } from "../../../test/support/until.ts";
import { csvPages } from "./message-list.ts";
import { HIGHEST_ID } from "./webhook-filter.ts";

test("a search for a CSV that finds nothing ends once its reader has gone", async () => {
  let reads = 0;
  // A history without an end.
  const read = async () => {
    reads++;
    await new Promise(setImmediate);
    return { rows: [], next: HIGHEST_ID };
  };
  let ended = false;
  async function* watched() {
    try {
      yield* csvPages(read, HIGHEST_ID, Number.POSITIVE_INFINITY, { whose: false, carriers: true });
    } finally {
      ended = true;
    }
  }
  const app = fastify({ forceCloseConnections: true });
  app.get("/", (_request, reply) => reply.send(Readable.from(watched(), { objectMode: false })));
  await app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = app.server.address() as AddressInfo;
  const outgoing = request({ port, host: "127.0.0.1", agent: false }).end();
  const [answer] = await once(outgoing, "response");
  await until("the search to be under way", async () => reads > 10);
  answer.destroy();
  await until("the search to end", async () => ended);
  await app.close();
});

test("a CSV reads a page ahead of its reader, and no more", async () => {
  let reads = 0;
  const read = async () => {
    reads++;
    return { rows: [], next: HIGHEST_ID };
  };
  const pages = csvPages(read, HIGHEST_ID, Number.POSITIVE_INFINITY, { whose: false, carriers: true });
  await pages.next();
  for (let taken = 1; taken <= 3; taken++) {
    await pages.next();
    expect(reads).toBe(taken + 1);
  }
});

test("a CSV ends with the fault of the page that could not be read", async () => {
  let reads = 0;
  const read = async () => {
    if (++reads === 2) throw new Error("no store");
    return { rows: [], next: HIGHEST_ID };
  };
  const pages = csvPages(read, HIGHEST_ID, Number.POSITIVE_INFINITY, { whose: false, carriers: true });
  await pages.next();
  expect(await pages.next()).toMatchObject({ done: false });
  await expect(pages.next()).rejects.toThrow("no store");
});
