import { fastify } from "fastify";
import { expect, test } from "vitest";
import type { AppOptions } from "../context.ts";
import { carrierEventRoutes } from "./carrier-events.ts";

test("a request of more parameters than a provider signs is refused before they are sorted", async () => {
  const carrier = {
    ...{ id: "signed", type: "http", preset: "twilio", credentials: { authToken: "t" }, auth: "signature" },
    receipts: { id: "id", state: "state" },
    inbound: { from: null },
  };
  const app = fastify();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  app.decorateRequest("bodyType", undefined);
  // The parameters before the signature alone.
  carrierEventRoutes(app, { config: { carriers: [carrier], server: { publicUrl: null } } } as unknown as AppOptions);
  app.setErrorHandler((error: Error & { problem?: string }, _request, reply) => reply.send({ problem: error.problem }));
  const parameters = (count: number) => Array.from({ length: count }, (_, at) => `p${at}=`).join("&");
  const problemOf = async (query: string, body: string) => {
    const url = `/carriers/signed/receipts${query}`;
    const headers = { "x-twilio-signature": "x", "content-type": "application/x-www-form-urlencoded" };
    const answer = await app.inject({ method: "POST", url, headers, body });
    return answer.json().problem;
  };
  expect([
    await problemOf("", parameters(500)),
    await problemOf("", parameters(501)),
    await problemOf("?a=b", parameters(500)),
  ]).toEqual(["wrong-signature", "body-too-large", "body-too-large"]);
});
