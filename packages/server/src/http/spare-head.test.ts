import { Readable } from "node:stream";
import { fastify } from "fastify";
import { expect, test } from "vitest";
import { spareHead } from "./spare-head.ts";

test("the rows that a GET would stream are not read for HEAD", async () => {
  let read = 0;
  async function* rows() {
    for (; read < 3; read++) yield `row ${read}\n`;
  }
  const app = fastify();
  spareHead(app);
  app.get("/rows", (_request, reply) => reply.type("text/csv").send(Readable.from(rows(), { objectMode: false })));
  const head = await app.inject({ method: "HEAD", url: "/rows" });
  // A turn in which a stream that was begun would go on.
  await new Promise(setImmediate);
  expect({ status: head.statusCode, type: head.headers["content-type"], read }).toMatchObject({
    status: 200,
    type: expect.stringContaining("text/csv"),
    read: 0,
  });
  expect((await app.inject("/rows")).body).toBe("row 0\nrow 1\nrow 2\n");
});
