import { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { type AddressPolicy, addressPolicy } from "../../src/network/address.ts";
import { guardedConnector } from "../../src/network/connector.ts";
import type { ExchangerOptions } from "../../src/notify/client/exchange.ts";
import { authority, certificate, type Listening, listen, listenTls, onRequest } from "../support/listen.ts";

/** Loopback and nothing else. */
export const LOOPBACK: AddressPolicy = addressPolicy({
  allowPrivateAddresses: false,
  allowLoopback: true,
  onlyLoopback: true,
  allowNetworks: [],
});
/** What production has. */
export const PUBLIC: AddressPolicy = addressPolicy({ ...LOOPBACK, allowLoopback: false, onlyLoopback: false });

export interface Receiver {
  url: string;
  /** What the exchanger is made with, beside the defaults. */
  options?: Partial<ExchangerOptions>;
  close(): Promise<void>;
}

/** For a whole exchange. */
export const TIMEOUT_MS = 700;

/** How receivers behave, by the names of the rows in docs/webhooks-receivers.md, which says what comes of it. */
export const RECEIVERS: Record<string, () => Promise<Receiver>> = {
  "plain 200": answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
  "200 without a reason": answering("HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok"),
  "201 created": answering("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"),
  "204 no content": answering("HTTP/1.1 204 No Content\r\n\r\n"),
  "299": answering("HTTP/1.1 299 Odd\r\nContent-Length: 0\r\n\r\n"),
  "chunked 200": answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
  "200 by HTTP/1.0": answeringAndClosing("HTTP/1.0 200 OK\r\n\r\nok"),
  "200 and close": answeringAndClosing("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok"),
  "200 with bare line feeds": answering("HTTP/1.1 200 OK\nContent-Length: 2\n\nok"),
  "one byte at a time": dripping("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 1),
  "100 first": answering("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
  "103 first": answering(
    "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
  ),
  "answers before it has read": serving((socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")),

  "301 to elsewhere": answering("HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"),
  "307 to elsewhere": answering("HTTP/1.1 307 Temporary\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"),
  "304": answering("HTTP/1.1 304 Not Modified\r\n\r\n"),
  "404": answering("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
  "410": answering("HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"),
  "429 with Retry-After": answering("HTTP/1.1 429 Slow Down\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"),
  "500": answering("HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops"),
  "999": answering("HTTP/1.1 999 Request Denied\r\nContent-Length: 0\r\n\r\n"),

  "200, then a reset": serving((socket) =>
    onRequest(socket, () => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nok", () =>
        setTimeout(() => socket.resetAndDestroy(), 20),
      );
    }),
  ),
  "200, body cut short": answeringAndClosing("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nok"),
  "200, body longer than said": answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and far more"),
  "200, broken chunks": answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n"),
  "200, dripping body": dripping(`HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n${".".repeat(1_000)}`, 10, 60),
  "200, body never sent": answering("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"),
  "200, neither length nor end": answering("HTTP/1.1 200 OK\r\n\r\nok"),
  "200, endless body": flooding("HTTP/1.1 200 OK\r\n\r\n", "x".repeat(65_536)),
  "200, endless chunks": flooding(
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    `10000\r\n${"x".repeat(65_536)}\r\n`,
  ),
  "200, gzip bomb": answering(gzipBomb()),
  "200, endless trailers": flooding("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X: y\r\n"),
  "500, endless body": flooding("HTTP/1.1 500 Oops\r\n\r\n", "x".repeat(65_536)),
  "500, then a reset": serving((socket) =>
    onRequest(socket, () => {
      socket.write("HTTP/1.1 500 Oops\r\nContent-Length: 1000\r\n\r\n", () =>
        setTimeout(() => socket.resetAndDestroy(), 20),
      );
    }),
  ),

  "never answers": serving((socket) => socket.resume()),
  "never reads": serving((socket) => socket.pause()),
  "dripping headers": dripping(`HTTP/1.1 200 OK\r\n${"X: y\r\n".repeat(100)}\r\n`, 1, 20),
  "endless 103": flooding("", "HTTP/1.1 103 Early Hints\r\n\r\n"),
  "dripping 103": dripping("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(1_000), 28, 100),
  "101 switching protocols": answering("HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"),
  "101 without an upgrade": answering("HTTP/1.1 101 Switching\r\n\r\n"),
  "huge header": answering(`HTTP/1.1 200 OK\r\nX: ${"y".repeat(1_000_000)}\r\n\r\n`),
  "very many headers": answering(`HTTP/1.1 200 OK\r\n${"X: y\r\n".repeat(10_000)}\r\n`),
  "endless headers": flooding("HTTP/1.1 200 OK\r\n", "X: y\r\n"),
  "endless status line": flooding("HTTP/1.1 200 ", "x".repeat(65_536)),

  "not HTTP": answering("SSH-2.0-OpenSSH_9.6\r\n"),
  "HTTP/0.9": answeringAndClosing("<html>ok</html>\r\n"),
  "HTTP/2 status line": answering("HTTP/2 200 OK\r\nContent-Length: 0\r\n\r\n"),
  "two-digit status": answering("HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n"),
  "status 099": answering("HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n"),
  "two lengths": answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!"),
  "length not a number": answering("HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok"),
  "length and chunks": answering(
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
  ),
  "space before a colon": answering("HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok"),
  "header without a colon": answering("HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 2\r\n\r\nok"),
  "NUL in a header": answering("HTTP/1.1 200 OK\r\nX: \0\r\nContent-Length: 2\r\n\r\nok"),

  "accepts and closes": serving((socket) => socket.end()),
  "accepts and resets": serving((socket) => socket.resetAndDestroy()),
  "resets when asked": serving((socket) => onRequest(socket, () => socket.resetAndDestroy())),
  "closes when asked": serving((socket) => onRequest(socket, () => socket.end())),
  "closes amid headers": answeringAndClosing("HTTP/1.1 200 OK\r\nContent-Le"),
  "resets amid headers": serving((socket) =>
    onRequest(socket, () => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Le", () => setTimeout(() => socket.resetAndDestroy(), 20));
    }),
  ),

  "nobody listens": async () => {
    const gone = await listen(() => undefined);
    await gone.close();
    return { url: `http://127.0.0.1:${gone.port}/`, close: async () => undefined };
  },
  "never accepts": withConnector("http://127.0.0.1:9/", { policy: LOOPBACK, connect: () => new Socket() }),
  "name unknown": resolving(() => Promise.reject(Object.assign(new Error("queryA"), { code: "ENOTFOUND" }))),
  "name without addresses": resolving(() => Promise.resolve([])),
  "name server silent": resolving(() => new Promise(() => undefined)),
  "private address": withConnector("http://10.0.0.1/", { policy: PUBLIC }),
  "name of a private address": resolving(() => Promise.resolve(["10.0.0.1"])),
  "public and private addresses": resolving(() => Promise.resolve(["93.184.215.14", "127.0.0.1"])),

  "valid certificate": tls(certificate("valid")),
  "certificate of nobody's": tls(certificate("self")),
  "certificate without its intermediate": async () => {
    const listening = await listenTls(certificate("valid"), ok);
    const connector = guardedConnector({ policy: LOOPBACK, timeoutMs: TIMEOUT_MS });
    return { ...secure(listening), options: { connector } };
  },
  "certificate expired": tls(certificate("expired")),
  "certificate for another name": tls(certificate("other")),
  "wants a client certificate": tls({
    ...certificate("valid"),
    minVersion: "TLSv1.3",
    requestCert: true,
    rejectUnauthorized: true,
    ca: authority,
  }),
  "wants a client certificate by TLS 1.2": tls({
    ...certificate("valid"),
    maxVersion: "TLSv1.2",
    requestCert: true,
    rejectUnauthorized: true,
    ca: authority,
  }),
  "TLS 1.1": tls({
    ...certificate("valid"),
    minVersion: "TLSv1",
    maxVersion: "TLSv1.1",
    ciphers: "ALL:@SECLEVEL=0",
  }),
  "HTTP on the TLS port": async () => secure(await listen((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"))),
  "TLS on the HTTP port": async () => {
    const listening = await listenTls(certificate("valid"), ok);
    return { url: `http://127.0.0.1:${listening.port}/`, close: listening.close };
  },
  "TLS never answered": async () => secure(await listen((socket) => socket.resume())),
  "closes amid TLS": async () => secure(await listen((socket) => socket.once("data", () => socket.end()))),
};

function ok(socket: Socket): void {
  onRequest(socket, () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
}

function serving(serve: (socket: Socket) => void): () => Promise<Receiver> {
  return async () => {
    const { port, close } = await listen(serve);
    return { url: `http://127.0.0.1:${port}/hook?a=b`, close };
  };
}

function answering(answer: string | Buffer): () => Promise<Receiver> {
  return serving((socket) => onRequest(socket, () => socket.write(answer)));
}

function answeringAndClosing(answer: string): () => Promise<Receiver> {
  return serving((socket) => onRequest(socket, () => socket.end(answer)));
}

function dripping(answer: string, bytes: number, everyMs = 0): () => Promise<Receiver> {
  return serving((socket) =>
    onRequest(socket, () => {
      let sent = 0;
      const timer = setInterval(() => {
        socket.write(answer.slice(sent, sent + bytes));
        sent += bytes;
        if (sent >= answer.length) clearInterval(timer);
      }, everyMs);
      socket.on("close", () => clearInterval(timer));
    }),
  );
}

/** Sends the same over and over, as fast as it is taken. */
function flooding(start: string, again: string): () => Promise<Receiver> {
  const piece = again.repeat(Math.ceil(65_536 / again.length));
  return serving((socket) =>
    onRequest(socket, () => {
      const flood = (): void => {
        if (!socket.destroyed && socket.write(piece)) setImmediate(flood);
      };
      socket.on("drain", flood).write(start);
      flood();
    }),
  );
}

function gzipBomb(): Buffer {
  const body = gzipSync(Buffer.alloc(20_000_000));
  const head = `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

function withConnector(
  url: string,
  options: Omit<Parameters<typeof guardedConnector>[0], "timeoutMs">,
): () => Promise<Receiver> {
  return async () => {
    const connect = options.connect ?? forbidden;
    return {
      url,
      options: { connector: guardedConnector({ ...options, connect, timeoutMs: TIMEOUT_MS }) },
      close: async () => undefined,
    };
  };
}

function resolving(lookup: () => Promise<string[]>): () => Promise<Receiver> {
  return withConnector("http://hooks.example.com/", { policy: PUBLIC, lookup });
}

function forbidden(target: { host: string }): never {
  throw new Error(`${target.host} was dialled`);
}

function tls(options: Parameters<typeof listenTls>[0]): () => Promise<Receiver> {
  return async () => secure(await listenTls(options, ok));
}

function secure(listening: Listening): Receiver {
  return {
    url: `https://localhost:${listening.port}/`,
    options: { connector: guardedConnector({ policy: LOOPBACK, timeoutMs: TIMEOUT_MS, tls: { ca: authority } }) },
    close: listening.close,
  };
}
