import { randomBytes } from "node:crypto";
import { afterAll, expect, test } from "vitest";
import { startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: { key: string; value: { stringValue?: string; intValue?: string } }[];
  links: { traceId: string; spanId: string }[];
  status: { code?: number; message?: string };
}

const TRACES = "/v1/traces";
const collector = await receiver();
const hooks = await receiver();
const program = await startProgram({
  config: {
    tracing: { url: collector.url("") },
    carriers: [{ id: "sim", type: "simulator", receiptDelay: 0.01 }],
    callbacks: { allowPrivateAddresses: true, retryDelays: [0.05] },
  },
});
afterAll(async () => {
  await program.stop();
  await collector.close();
  await hooks.close();
});
const { api } = program;
const message = (path: string) => ({
  from: { type: "custom", value: "MyShop" },
  to: "+447700900123",
  body: "a text of its own",
  callback: hooks.url(path),
});

function spans(): Span[] {
  return collector.received(TRACES).flatMap(({ body }) => {
    const { resourceSpans } = JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] };
    return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  });
}

const statusOf = (status: number) => ({ key: "http.response.status_code", value: { intValue: String(status) } });
const ofTrace = (traceId: string, count: number) =>
  until(`${count} spans`, () => {
    const own = spans().filter((span) => span.traceId === traceId);
    return own.length >= count && own;
  });

test("a message's spans are one trace, and its request's is in the caller's, with a link to it", async () => {
  hooks.script("/retried", 500, 200);
  const [callerTrace, callerSpan] = [randomBytes(16).toString("hex"), randomBytes(8).toString("hex")];
  const { body } = await api.request<{ messages: { messageUuid: string }[] }>("POST", "/message", {
    body: { messages: [message("/retried")] },
    headers: { traceparent: `00-${callerTrace}-${callerSpan}-01` },
  });
  const traceId = body.messages[0]!.messageUuid.replaceAll("-", "");
  const own = await ofTrace(traceId, 5);
  const root = own.find(({ name }) => name === "message")!;
  expect(own.map(({ name }) => name).sort()).toEqual(["message", "receipt", "submit", "webhook", "webhook"]);
  expect(new Set(own.map(({ spanId }) => spanId)).size).toBe(5);
  for (const { name, parentSpanId, startTimeUnixNano, endTimeUnixNano } of own) {
    expect({ name, parentSpanId }).toEqual({ name, parentSpanId: name === "message" ? undefined : root.spanId });
    expect(BigInt(endTimeUnixNano) >= BigInt(startTimeUnixNano)).toBe(true);
  }
  expect(root.attributes).toContainEqual({ key: "mplus.state", value: { stringValue: "delivered" } });
  const tries = own.filter(({ name }) => name === "webhook");
  expect(tries.map(({ status }) => status)).toEqual([{ code: 2, message: "answered 500" }, {}]);
  // The receiver's own spans can be theirs.
  expect(hooks.received("/retried").map(({ headers }) => headers.traceparent)).toEqual(
    tries.map(({ spanId }) => `00-${traceId}-${spanId}-01`),
  );
  const [request] = await ofTrace(callerTrace, 1);
  expect(request).toMatchObject({ name: "POST /message", kind: 2, parentSpanId: callerSpan });
  expect(request!.links).toEqual([{ traceId, spanId: root.spanId }]);
});

test("a request without a key that works has no span", async () => {
  const callerTrace = randomBytes(16).toString("hex");
  const headers = { traceparent: `00-${callerTrace}-${randomBytes(8).toString("hex")}-01` };
  expect((await api.request("GET", "/batch", { headers, key: "0".repeat(32) })).status).toBe(400);
  expect((await api.request("GET", "/batch", { headers })).status).toBe(200);
  const [span] = await ofTrace(callerTrace, 1);
  expect(span).toMatchObject({ name: "GET /batch", attributes: expect.arrayContaining([statusOf(200)]) });
});

test("nothing in it tells what was said to whom", () => {
  const all = collector.all().map(({ body }) => body);
  expect(all.length).toBeGreaterThan(0);
  expect(all.filter((body) => /7700900123|a text of its own|\/retried/.test(body))).toEqual([]);
});

test("a collector that does not take them costs its spans, and nothing else", async () => {
  collector.script(TRACES, 503);
  const [sent] = await api.send({ messages: [message("/untraced")] });
  await hooks.waitFor("/untraced", 1);
  await until("the dropped to be counted", async () => {
    const { text } = await api.request("GET", "/metrics", { key: null });
    return /^mplus_spans_dropped_total\{process="engine"\} [1-9]/m.test(text);
  });
  expect((await api.request("GET", `/message/${sent!.messageUuid}`)).body).toMatchObject({ state: "delivered" });
});
