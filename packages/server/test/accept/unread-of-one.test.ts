import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, expect, test } from "vitest";
import type { Problem } from "../support/api.ts";
import { addAccount, startProgram } from "../support/program.ts";
import { until } from "../support/until.ts";

const program = await startProgram({ config: { server: { workers: 1 } } });
afterAll(program.stop);
const { api } = program;
const small = { messages: [{ from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "x" }] };

/** A request of 27 KB whose answer has 5 MB; nothing is stored. */
const MUCH = JSON.stringify({
  messages: Array.from({ length: 1_000 }, (_, index) => ({ to: `4477009${10_000 + index}` })),
  defaults: {
    ...small.messages[0],
    to: undefined,
    body: "\n".repeat(1_530),
    callback: `http://127.0.0.1/${"a".repeat(1_900)}`,
  },
});

/** Asks for much and reads nothing. */
async function ask(fields: readonly string[]): Promise<Socket> {
  const socket = connect({ port: Number(new URL(program.url).port), host: "127.0.0.1" });
  socket.on("error", () => {}).pause();
  await once(socket, "connect");
  const lines = [`POST /message?dryRun=true&key=${api.key} HTTP/1.1`, "Host: x", `Content-Length: ${MUCH.length}`];
  socket.write(`${[...lines, ...fields].join("\r\n")}\r\n\r\n${MUCH}`);
  return socket;
}

test.each([
  ["the plain way", []],
  ["the other way", ["TE: trailers"]],
])("who leaves too much unread is answered nothing more until it is read, %s", async (_name, fields) => {
  const other = api.as(await addAccount(program.database.pool));
  const unread: Socket[] = [];
  const refused = await until("a refusal", async () => {
    unread.push(await ask(fields));
    const answer = await api.request<Problem>("POST", "/message?dryRun=true", { body: small });
    return answer.status !== 200 && answer;
  });
  expect(refused).toMatchObject({ status: 503, body: { type: "/docs#problem-overloaded" } });
  expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
  expect((await api.request("GET", "/batch")).status).toBe(503);
  expect(await other.send(small)).toHaveLength(1);
  expect((await other.request("GET", "/batch")).status).toBe(200);
  for (const [index, socket] of unread.entries()) {
    if (index % 2 === 0) socket.resume();
    else socket.destroy();
  }
  await until("the account to be served", async () => (await api.request("GET", "/batch")).status === 200);
  for (const socket of unread) socket.destroy();
});
