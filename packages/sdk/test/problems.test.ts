import { randomUUID } from "node:crypto";
import { getEventListeners, once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  MessagingPlus,
  type MessagingPlusOptions,
  NoAnswerError,
  ProblemError,
  type ProblemName,
} from "@messaging-plus/sdk";
import { afterAll, describe, expect, test } from "vitest";
import { PROBLEM_WORDS } from "../../server/src/reference/problems.ts";
import { PROBLEMS } from "../../server/src/runtime/problems.ts";
import { startWithClients } from "./clients.ts";
import { proxyTo, type Turn } from "./proxy.ts";

const program = await startWithClients({ config: { senders: { unregistered: "refuse" } } });
afterAll(program.stop);
const { account, organization, operator } = program;
await organization.senders.register({ value: "MyShop" });
const from = { type: "custom", value: "MyShop" } as const;
const to = "+447700900123";
const messages = [{ from, to, body: "x" }];

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "no error",
    (error: unknown) => error,
  );
}

describe("a problem", () => {
  const nobody = program.client({ key: undefined });
  const wrong = program.client({ key: "0".repeat(32) });
  const idempotencyKey = randomUUID();
  const id = randomUUID();
  const provoked: [ProblemName, () => Promise<unknown>][] = [
    ["invalid-key", () => nobody.inbound.list().page()],
    ["invalid-token", () => wrong.inbound.list().page()],
    ["invalid-request", () => account.messages.send({ messages: [{ ...messages[0], to: "12" }] })],
    ["credits-short", () => organizationTopUp(1_000_000)],
    ["sender-not-yours", () => account.batches.send({ from: "Other", message: "x", destinations: [to] })],
    ["not-found", () => account.batches.status(randomUUID())],
    ["sender-registered", () => organization.senders.register({ value: "MyShop" })],
    ["no-shared-number", () => account.messages.send({ messages: [{ from: { type: "shared" }, to, body: "x" }] })],
    ["headers-too-large", () => program.client({ key: "x".repeat(20_000) }).batches.status(randomUUID())],
    ["body-too-large", () => account.batches.send({ from: "MyShop", message: "x".repeat(9e6), destinations: [to] })],
    [
      "identifier-used",
      async () => {
        await account.messages.send({ messages: [{ ...messages[0], id }] });
        await account.messages.send({ messages: [{ ...messages[0], id }] });
      },
    ],
    [
      "idempotency-key-used",
      async () => {
        await account.messages.send({ messages }, { idempotencyKey });
        await account.messages.send({ messages: [...messages, ...messages] }, { idempotencyKey });
      },
    ],
    [
      "batch-not-pending",
      async () => account.batches.cancel((await account.messages.send({ messages })).messages[0]!.batchUuid),
    ],
    [
      "too-many-secrets",
      async () => {
        const { identifier } = await organization.accounts.create("Secrets");
        for (let made = 0; made < 3; made++) await organization.accountWebhooks.createSecret(identifier);
      },
    ],
  ];

  async function organizationTopUp(credits: number): Promise<void> {
    const { apiKey } = await operator.operator.createOrganization({ name: "Poor", credits: true });
    const poor = program.client({ key: apiKey });
    await poor.accounts.topUp((await poor.accounts.create("Poor")).identifier, credits);
  }

  test.each(provoked)("%s is thrown as it is", async (name, provoke) => {
    const error = (await errorOf(provoke())) as ProblemError;
    expect(error).toBeInstanceOf(ProblemError);
    const { status, title } = PROBLEMS[name];
    expect(error).toMatchObject({ problem: name, type: `/docs#problem-${name}`, status, title, retryAfter: null });
    expect(error.message).toContain(`${status}: ${error.detail}`);
  });

  test.each(Object.entries(PROBLEM_WORDS))("%s is read as it is documented", async (name, { example }) => {
    const { status } = example;
    const answer = async () => Response.json(example, { status, headers: { "retry-after": "7" } });
    const error = await errorOf(program.client({ fetch: answer, retries: 0 }).batches.cancel("x"));
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({ ...example, errors: example.errors ?? [], problem: name, retryAfter: 7 });
  });

  test("names the fields at fault", async () => {
    const error = (await errorOf(account.messages.send({ messages: [{ from, to: "12" }] }))) as ProblemError;
    expect(error.errors.map(({ path }) => path)).toEqual(["messages[0].body", "messages[0].to"]);
    expect(error.message).toMatch(/^400: .*\n {2}messages\[0\]\.body: .+\n {2}messages\[0\]\.to: .+$/);
  });

  test.each<[string, Turn, object]>([
    ["by a proxy in HTML", { status: 404, body: "<h1>Nothing</h1>" }, { status: 404, detail: "<h1>Nothing</h1>" }],
    ["without words", { status: 404 }, { status: 404, detail: "Not Found" }],
    ["as a redirect", { status: 307, headers: { location: "/elsewhere" } }, { status: 307 }],
    ["in JSON of another kind", { status: 400, body: '{"error":"x"}' }, { status: 400, detail: '{"error":"x"}' }],
    [
      "as problem details of another kind",
      { status: 403, body: '{"type":"about:blank","detail":"no","errors":{"a":1}}' },
      { status: 403, detail: "no", title: "Forbidden", errors: [] },
    ],
    [
      "as problem details with faults of another kind",
      { status: 403, body: '{"type":"about:blank","detail":"no","errors":["a",null,{"path":"b","message":"c"}]}' },
      { status: 403, errors: [{ path: "b", message: "c" }] },
    ],
    [
      "with a date to come back",
      { status: 429, headers: { "retry-after": new Date(Date.now() + 3_600_000).toUTCString() } },
      { status: 429 },
    ],
  ])("may be answered %s", async (_name, turn, expected) => {
    const proxy = await proxyTo(program.url);
    proxy.next(turn);
    const error = await errorOf(program.client({ baseUrl: proxy.url }).batches.status("x"));
    expect(error).toMatchObject({ type: "about:blank", problem: null, ...expected });
    expect(proxy.passed).toHaveLength(1);
    await proxy.close();
  });
});

describe("no answer", () => {
  /** Takes requests and says nothing, or begins to. */
  const silent = createServer((request, response) => {
    if (request.url === "/dr-responses") response.writeHead(200).write("[");
  });
  const client = (options: Partial<MessagingPlusOptions> = {}) => {
    const { port } = silent.address() as AddressInfo;
    return new MessagingPlus({ baseUrl: `http://127.0.0.1:${port}`, retries: 0, ...options });
  };
  silent.listen(0, "127.0.0.1");
  afterAll(() => {
    silent.close();
    silent.closeAllConnections();
  });

  test.each([
    ["at all", () => client({ timeoutMs: 100 }).server.live()],
    ["to its end", () => client({ timeoutMs: 100 }).server.receiptCodes()],
  ])("%s within the time is an error", async (_name, call) => {
    const error = (await errorOf(call())) as NoAnswerError;
    expect(error).toBeInstanceOf(NoAnswerError);
    expect(error.message).toContain("not within 100 ms");
    expect(error.cause).toMatchObject({ name: "TimeoutError" });
  });

  test("of a server that is not there says so", async () => {
    const gone = await proxyTo(program.url);
    await gone.close();
    const error = await errorOf(client({ baseUrl: gone.url }).server.live());
    expect(error).toMatchObject({ message: expect.stringMatching(/does not answer: .*ECONNREFUSED/) });
  });

  test("a page that is none of the API's is not taken for an answer", async () => {
    const page = () => Promise.resolve(new Response("<html>Welcome</html>"));
    expect(await errorOf(client({ fetch: page }).server.live())).toBeInstanceOf(NoAnswerError);
  });

  test("a signal that outlives its calls is left as it was", async () => {
    const { signal } = new AbortController();
    await account.server.live({ signal });
    await errorOf(client({ timeoutMs: 100 }).server.live({ signal }));
    await account.messages.send({ messages }, { signal });
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("a call that is given up rejects with the signal's reason: before, during and between attempts", async () => {
    const reason = new Error("the caller has gone");
    expect(await errorOf(client().server.live({ signal: AbortSignal.abort(reason) }))).toBe(reason);

    const during = new AbortController();
    const asked = once(silent, "request");
    const call = errorOf(client().messages.send({ messages }, { signal: during.signal }));
    await asked;
    during.abort(reason);
    expect(await call).toBe(reason);

    const between = new AbortController();
    let attempts = 0;
    const busy = async () => {
      attempts++;
      setTimeout(() => between.abort(reason), 20);
      return new Response("", { status: 503, headers: { "retry-after": "9" } });
    };
    const { signal } = between;
    expect(await errorOf(client({ fetch: busy, retries: 3 }).inbound.list({ signal }).page())).toBe(reason);
    expect(attempts).toBe(1);
  });
});
