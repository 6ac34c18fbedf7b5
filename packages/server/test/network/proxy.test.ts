import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { addressPolicy } from "../../src/network/address.ts";
import { proxyConnector } from "../../src/network/proxy.ts";
import { createExchanger, type ExchangerOptions } from "../../src/notify/client/exchange.ts";
import type { AttemptOutcome } from "../../src/notify/client/outcome.ts";
import { posted } from "../notify/posted.ts";
import { LOOPBACK, PUBLIC } from "../notify/receivers.ts";
import { authority, certificate, listen, listenTls, onRequest } from "../support/listen.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of closing.splice(0)) await each.close();
});

/** A proxy that keeps what it was asked, answers http itself, and leads every tunnel to `port`. */
async function proxy(port: number, refusal?: string) {
  const asked: string[] = [];
  const listening = await listen((socket) => {
    const read = (request: string): void => {
      asked.push(request);
      if (!request.startsWith("CONNECT ")) socket.write(OK);
      else if (refusal !== undefined) socket.end(refusal);
      else tunnel(socket, port);
    };
    onRequest(socket, read);
  });
  closing.push(listening);
  return { asked, connections: listening.connections, url: new URL(`http://127.0.0.1:${listening.port}`) };
}

function tunnel(socket: Socket, port: number): void {
  socket.removeAllListeners("data");
  const far = connect(port, "127.0.0.1");
  closing.push({ close: async () => void far.destroy() });
  socket.write("HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n");
  far.on("error", () => socket.destroy()).on("close", () => socket.destroy());
  socket.pipe(far).pipe(socket);
}

async function post(url: string, options: Partial<ExchangerOptions> & { proxy: URL }): Promise<AttemptOutcome> {
  const { proxy: by, policy = PUBLIC } = options;
  const connector = proxyConnector(by, { policy, timeoutMs: 1_000, tls: { ca: authority } });
  const exchanger = createExchanger({ policy, timeoutMs: 1_000, connections: 4, connector, ...options });
  closing.unshift(exchanger);
  return posted(exchanger, { url, origin: new URL(url).origin, headers: { "webhook-id": "w1" }, body: "{}" });
}

describe("through a proxy", () => {
  test("an http URL is asked of it in full", async () => {
    const { asked, url } = await proxy(0);
    expect((await post("http://hooks.example.com:8080/a?b=c", { proxy: url })).result).toBe("delivered");
    expect(asked).toEqual([
      "POST http://hooks.example.com:8080/a?b=c HTTP/1.1\r\nhost: hooks.example.com:8080\r\nwebhook-id: w1\r\n" +
        "connection: keep-alive\r\naccept-encoding: identity\r\nuser-agent: messaging-plus\r\ncontent-length: 2\r\n\r\n{}",
    ]);
  });

  test("an https URL is reached by a tunnel, with the certificate verified for its host", async () => {
    const requests: string[] = [];
    const target = await listenTls(certificate("valid"), (socket) =>
      onRequest(socket, (request) => {
        requests.push(request);
        socket.write(OK);
      }),
    );
    closing.push(target);
    const { asked, url } = await proxy(target.port);
    expect((await post("https://hooks.test/a", { proxy: url })).result).toBe("delivered");
    expect(asked).toEqual(["CONNECT hooks.test:443 HTTP/1.1\r\nHost: hooks.test:443\r\n\r\n"]);
    expect(requests[0]).toMatch(/^POST \/a HTTP\/1\.1\r\nhost: hooks\.test\r\n/);
    expect(await post("https://another.test/a", { proxy: url })).toMatchObject({ result: "failed", fault: "tls" });
  });

  test("credentials in its URL are given to it, and to it alone", async () => {
    const target = await listenTls(certificate("valid"), (socket) =>
      onRequest(socket, (request) =>
        socket.write(request.includes("cm9vdDpzM2NyZXQ6") ? "HTTP/1.1 500 X\r\n\r\n" : OK),
      ),
    );
    closing.push(target);
    const { asked, url } = await proxy(target.port);
    Object.assign(url, { username: "root", password: "s3cret:%2B" });
    expect((await post("https://hooks.test/", { proxy: url })).status).toBe(200);
    await post("http://hooks.test/", { proxy: url });
    const basic = Buffer.from("root:s3cret:+").toString("base64");
    for (const request of asked)
      expect(request.toLowerCase()).toContain(`proxy-authorization: basic ${basic}`.toLowerCase());
  });

  test.each([
    ["HTTP/1.1 403 Forbidden\r\n\r\n", "CONNECT: HTTP/1.1 403 Forbidden"],
    ["HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "CONNECT: HTTP/1.1 407 Proxy Authentication Required"],
    ["not HTTP\r\n\r\n", "CONNECT: not HTTP"],
    ["", "closed before it answered CONNECT"],
    ["x".repeat(20_000), "CONNECT: "],
  ])("a tunnel that it refuses with %j fails", async (refusal, detail) => {
    const { url } = await proxy(0, refusal);
    expect(await post("https://hooks.test/", { proxy: url })).toMatchObject({
      result: "failed",
      fault: "proxy",
      detail,
    });
  });

  test.each([
    "http://127.0.0.1/",
    "https://127.0.0.1/",
    "http://10.0.0.1/",
    "https://[::ffff:10.0.0.1]/",
    "http://localhost/",
    "https://db.internal/",
    "http://intranet/",
  ])("%s is refused before the proxy is asked", async (target) => {
    const { connections, url } = await proxy(0);
    expect(await post(target, { proxy: url })).toMatchObject({ result: "failed", fault: "refused_address" });
    expect(connections).toHaveLength(0);
  });

  test.each(["http://example.com/", "https://93.184.215.14/", "http://10.0.0.1/"])(
    "%s is refused where the program is confined to loopback",
    async (target) => {
      const { connections, url } = await proxy(0);
      const policy = addressPolicy({ ...LOOPBACK, allowPrivateAddresses: true });
      expect(await post(target, { proxy: url, policy })).toMatchObject({ fault: "refused_address" });
      expect(connections).toHaveLength(0);
    },
  );

  test.each([
    ["http", "127.0.0.1"],
    ["https", "127.0.0.1"],
    ["http", "proxy.test"],
  ])("%s fails for the proxy's sake where nobody listens at %s, or it has no address", async (protocol, host) => {
    const gone = await listen(() => undefined);
    await gone.close();
    const by = new URL(`http://${host}:${gone.port}`);
    const connector = proxyConnector(by, { policy: PUBLIC, timeoutMs: 1_000, lookup: async () => [] });
    expect(await post(`${protocol}://hooks.test/`, { proxy: by, connector })).toMatchObject({ fault: "proxy" });
  });

  test("an http URL for which it wants credentials fails for its sake, and its page is not kept", async () => {
    const wanting = await listen((socket) =>
      onRequest(socket, () => socket.write("HTTP/1.1 407 Who\r\nContent-Length: 4\r\n\r\npage")),
    );
    closing.push(wanting);
    const outcome = await post("http://hooks.test/", { proxy: new URL(`http://127.0.0.1:${wanting.port}`) });
    expect(outcome).toMatchObject({ result: "failed", fault: "proxy", status: null, answer: null });
  });

  test("there, the proxy itself has to be at loopback", async () => {
    const outcome = await post("http://127.0.0.1/", { proxy: new URL("http://10.0.0.1:3128"), policy: LOOPBACK });
    expect(outcome).toMatchObject({ result: "failed", fault: "refused_address" });
  });

  // As Squid 5.7 and Tinyproxy 1.11 answer.
  test.each([
    ["503 Service Unavailable\r\nX-Squid-Error: ERR_CONNECT_FAIL 111", "connect"],
    ["503 Service Unavailable\r\nX-Squid-Error: ERR_DNS_FAIL 0", "dns"],
    ["500 Unable to connect\r\nServer: tinyproxy/1.11.1", "connect"],
    ["504 Gateway Timeout", "timeout"],
    ["502 Bad Gateway\r\nProxy-Status: edge; error=connection_refused", "connect"],
    ["403 Forbidden\r\nX-Squid-Error: ERR_ACCESS_DENIED 0", "proxy"],
    ["502 Bad Gateway", "proxy"],
  ])("a refusal of %j is for a fault %s", async (refusal, fault) => {
    const { url } = await proxy(0, `HTTP/1.1 ${refusal}\r\nConnection: close\r\n\r\n`);
    expect(await post("https://hooks.test/", { proxy: url })).toMatchObject({ fault, status: null });
  });

  test.each([
    ["503 Service Unavailable\r\nVia: 1.1 vm (tinyproxy/1.11.1)", { status: 503, fault: null }],
    ["503 Service Unavailable\r\nVia: 1.1 vm (squid/5.7)\r\nX-Squid-Error: ERR_CONNECT_FAIL 111", { fault: "connect" }],
    ["500 Unable to connect\r\nServer: tinyproxy/1.11.1", { fault: "connect" }],
    [
      "403 Forbidden\r\nVia: 1.1 vm (squid/5.7)\r\nX-Squid-Error: ERR_ACCESS_DENIED 0",
      { fault: "proxy", answer: null },
    ],
    ["502 Bad Gateway", { fault: "proxy", status: null }],
    ["404 Not Found", { status: 404, fault: null }],
  ])("an http URL that is answered %j comes to %j", async (answer, outcome) => {
    const answering = await listen((socket) =>
      onRequest(socket, () => socket.write(`HTTP/1.1 ${answer}\r\nContent-Length: 4\r\n\r\npage`)),
    );
    closing.push(answering);
    const by = new URL(`http://127.0.0.1:${answering.port}`);
    expect(await post("http://hooks.test/", { proxy: by })).toMatchObject(outcome);
  });
});
