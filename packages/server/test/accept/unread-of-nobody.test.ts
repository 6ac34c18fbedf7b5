import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { fastify } from "fastify";
import { expect, test } from "vitest";
import { Intake } from "../../src/http/intake.ts";
import { weighBodies } from "../../src/http/weigh-bodies.ts";

test("an answer that needed no key and is not read keeps nobody else from being answered", async () => {
  // More than the system keeps for a connection, and more than one caller may leave unread.
  const page = "x".repeat(40 * 1024 * 1024);
  const app = fastify({ forceCloseConnections: true });
  app.decorateRequest("accountId", 0);
  app.decorateRequest("organizationId", 0);
  weighBodies(app, new Intake(8 * 1024 * 1024), 8 * 1024 * 1024);
  app.get("/docs", async () => page);
  app.get("/health", async () => "well");
  await app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = app.server.address() as AddressInfo;
  const idle = connect(port, "127.0.0.1");
  idle.write("GET /docs HTTP/1.1\r\nHost: x\r\n\r\n");
  await once(idle, "readable");
  const { statusCode } = await app.inject("/health");
  idle.destroy();
  await app.close();
  expect(statusCode).toBe(200);
});
