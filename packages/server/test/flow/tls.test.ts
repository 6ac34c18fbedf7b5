import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createConnection } from "node:net";
import { type ConnectionOptions, connect, createServer, type TLSSocket } from "node:tls";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { loadConfig } from "../../src/config/config.ts";
import { command } from "../support/command.ts";
import { startProgram } from "../support/program.ts";
import { until, within } from "../support/until.ts";

const certificate = (name: string) => fileURLToPath(new URL(`../notify/certificates/${name}`, import.meta.url));
const ca = readFileSync(certificate("authority.crt"));
const files = (name: string) => ({ cert: certificate(`${name}.crt`), key: certificate(`${name}.key`) });

// It names neither this machine nor its address.
const program = await startProgram({ config: { server: { tls: files("other") } } });
afterAll(program.stop);
const { api, url } = program;
const port = Number(new URL(url).port);

const JSON_BODY = JSON.stringify({
  messages: [{ from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "x" }],
});
const requestOf = (...fields: string[]) =>
  `POST /message?key=${api.key} HTTP/1.1\r\n${["Host: x", `Content-Length: ${JSON_BODY.length}`, ...fields].join("\r\n")}\r\n\r\n${JSON_BODY}`;

async function open(options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ port, host: "127.0.0.1", ca, servername: "other.test", ...options });
  await within("the handshake", once(socket, "secureConnect"));
  return socket;
}

/** The statuses that a connection answers, until there are so many. */
async function statusesOf(socket: TLSSocket, count: number): Promise<number[]> {
  let text = "";
  socket.on("data", (bytes: Buffer) => {
    text += bytes.toString("latin1");
  });
  const statuses = () => [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
  await until("the answers", () => statuses().length >= count);
  return statuses();
}

test("says where it is, and answers there", async () => {
  expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  expect(await api.send(JSON.parse(JSON_BODY))).toHaveLength(1);
  expect((await api.request("GET", "/batch")).status).toBe(200);
});

test.each<[string, string[]]>([
  ["by the fast path", []],
  ["by Node's server", ["TE: trailers"]],
])("a kept connection is answered again and again, %s, also what is sent ahead", async (_name, fields) => {
  const socket = await open();
  socket.write(requestOf(...fields));
  await once(socket, "readable");
  socket.write(requestOf(...fields).repeat(3));
  expect(await statusesOf(socket, 4)).toEqual([200, 200, 200, 200]);
  socket.destroy();
});

test("a connection changes from the fast path to Node's server amid a request", async () => {
  const socket = await open();
  const answers = statusesOf(socket, 3);
  const other = requestOf("TE: trailers");
  socket.write(requestOf() + other.slice(0, 40));
  await new Promise((resolve) => setImmediate(resolve));
  socket.write(other.slice(40) + requestOf());
  expect(await answers).toEqual([200, 200, 200]);
  socket.destroy();
});

test("a client that sends nothing more still gets its answer", async () => {
  const socket = await open();
  const answers = statusesOf(socket, 1);
  const closed = once(socket, "close");
  socket.end(requestOf());
  expect(await answers).toEqual([200]);
  await within("the end", closed);
});

test.each(["TLSv1.2", "TLSv1.3"] as const)("%s is spoken", async (version) => {
  const socket = await open({ minVersion: version, maxVersion: version });
  expect(socket.getProtocol()).toBe(version);
  socket.destroy();
});

test("nothing older is, nor is plain HTTP, and others go on", async () => {
  const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
  await expect(open(old)).rejects.toThrow();
  const plain = createConnection(port, "127.0.0.1");
  plain.on("error", () => {});
  let answer = "";
  plain.on("data", (bytes: Buffer) => {
    answer += bytes.toString("latin1");
  });
  plain.write(requestOf());
  await within("the connection to be closed", once(plain, "close"));
  expect(answer).not.toContain("HTTP");
  expect((await api.request("GET", "/health/live")).status).toBe(200);
});

test("what is no HTTP is refused over TLS as well", async () => {
  const socket = await open();
  const answers = statusesOf(socket, 1);
  socket.write("nonsense\r\n\r\n");
  expect(await answers).toEqual([400]);
  socket.destroy();
});

describe("the command line on the same machine", () => {
  const asked = (server: object) =>
    command(["account", "list", "--json"], {
      MPLUS_SERVER_PORT: String(port),
      MPLUS_ORGANIZATION_KEY: program.organizationKey,
      ...server,
    });

  test("reaches it by the certificate that is configured, whatever name that has", async () => {
    const { code, stdout, stderr } = await asked({ MPLUS_SERVER_TLS_CERT: files("other").cert });
    expect({ code, stderr, said: JSON.parse(stdout) }).toEqual({ code: 0, stderr: "", said: expect.anything() });
  });

  test("gives no key to a server with another certificate", async () => {
    const { cert, key } = files("valid");
    let seen = "";
    const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (socket) => {
      socket.on("error", () => {});
      socket.on("data", (bytes: Buffer) => {
        seen += bytes.toString("latin1");
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port: other } = server.address() as AddressInfo;
    const { code, stderr } = await asked({
      MPLUS_SERVER_PORT: String(other),
      MPLUS_SERVER_TLS_CERT: files("self").cert,
    });
    server.close();
    expect({ code, seen, stderr }).toEqual({ code: 5, seen: "", stderr: expect.stringMatching(/certificate/) });
  });
});

describe("the configuration names what is at fault", () => {
  const valid = files("valid");
  test.each<[string, Record<string, string>, string]>([
    ["no certificate", { key: valid.key }, "server.tls.key: needs its certificate"],
    ["no key", { cert: valid.cert }, "server.tls.cert: needs its key"],
    [
      "a certificate that is not there",
      { ...valid, cert: "nowhere.crt" },
      "server.tls.cert: /nowhere.crt cannot be read",
    ],
    ["a key that is not there", { ...valid, key: "/nowhere.key" }, "server.tls.key: /nowhere.key cannot be read"],
    ["a certificate that is none", { ...valid, cert: valid.key }, "server.tls.cert: .* has no certificate in PEM"],
    ["a key that is none", { ...valid, key: valid.cert }, "server.tls.key: .* has no private key in PEM"],
    [
      "the key of another",
      { ...valid, key: files("other").key },
      "server.tls.key: .* is not the key of the certificate",
    ],
  ])("%s", (_name, { cert, key }, expected) => {
    const env = { ...(cert && { MPLUS_SERVER_TLS_CERT: cert }), ...(key && { MPLUS_SERVER_TLS_KEY: key }) };
    expect(() => loadConfig({ file: undefined, env, cwd: "/" })).toThrow(new RegExp(expected));
  });
});
