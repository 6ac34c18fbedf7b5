import { Socket, connect as tcpConnect } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import type { TLSSocket } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { type AddressPolicy, addressPolicy } from "../../src/network/address.ts";
import { type Connector, type ConnectorOptions, guardedConnector } from "../../src/network/connector.ts";
import { ConnectionFault } from "../../src/network/fault.ts";
import { LOOPBACK, PUBLIC } from "../notify/receivers.ts";
import { authority, certificate, type Listening, listen, listenTls } from "../support/listen.ts";
import { FORBIDDEN_NAMES } from "./corpus.ts";

/** What `servername` is on the receiving side is in Node's documentation, but not in its types. */
type SniSocket = TLSSocket & { servername: string | false };

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of closing.splice(0)) await each.close();
});

async function receiver(): Promise<Listening> {
  const listening = await listen((socket) => socket.resume());
  closing.push(listening);
  return listening;
}

/** A connector, what it looked up and what it would have dialled. What it dials in truth is a receiver at loopback. */
function recorded(options: Partial<ConnectorOptions> & { names?: Record<string, readonly string[]>; port?: number }) {
  const lookups: string[] = [];
  const dialled: string[] = [];
  const { names = {}, port, ...rest } = options;
  const connector = guardedConnector({
    policy: PUBLIC,
    timeoutMs: 2_000,
    lookup: async (name) => {
      lookups.push(name);
      return names[name] ?? [];
    },
    connect: ({ host }) => {
      dialled.push(host);
      if (port === undefined) return failing("ECONNREFUSED");
      return posing(tcpConnect(port, "127.0.0.1"), host);
    },
    ...rest,
  });
  return { connector, lookups, dialled };
}

/** A socket that seems to be connected to another address than it is. */
function posing(socket: Socket, remoteAddress: string): Socket {
  return Object.defineProperty(socket, "remoteAddress", { value: remoteAddress });
}

function failing(code: string): Socket {
  const socket = new Socket();
  process.nextTick(() => socket.destroy(Object.assign(new Error(code), { code })));
  return socket;
}

function open(connector: Connector, url: string): Promise<Socket> {
  const { hostname, protocol, port } = new URL(url);
  const bare = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  return new Promise((resolve, reject) => {
    connector({ hostname: bare, protocol, port }, (error, socket) => {
      if (error === null) {
        closing.push({ close: async () => void socket.destroy() });
        resolve(socket);
      } else {
        reject(error);
      }
    });
  });
}

async function faultOf(opening: Promise<Socket>): Promise<string> {
  const error = await opening.then(
    () => "connected",
    (reason: unknown) => reason,
  );
  return error instanceof ConnectionFault ? error.fault : String(error);
}

describe("what is dialled", () => {
  test("is the literal address, without brackets, and nothing is looked up", async () => {
    const { port } = await receiver();
    for (const [url, host] of [
      ["http://93.184.215.14/", "93.184.215.14"],
      ["http://[2606:4700::1111]/", "2606:4700::1111"],
    ] as const) {
      const { connector, lookups, dialled } = recorded({ port });
      await open(connector, url);
      expect({ lookups, dialled }).toEqual({ lookups: [], dialled: [host] });
    }
  });

  test("is the address that was checked, though the next answer would be another", async () => {
    const { port } = await receiver();
    const answers = [["93.184.215.14"], ["127.0.0.1"]];
    const { connector, dialled } = recorded({ port, lookup: async () => answers.shift()! });
    await open(connector, "http://rebinding.example/");
    expect(dialled).toEqual(["93.184.215.14"]);
    expect(await faultOf(open(connector, "http://rebinding.example/"))).toBe("refused_address");
    expect(dialled).toEqual(["93.184.215.14"]);
  });

  test.each([
    ["http://127.0.0.1/"],
    ["http://[::1]/"],
    ["http://[::ffff:10.0.0.1]/"],
    ["http://[64:ff9b::7f00:1]/"],
    ["http://169.254.169.254/"],
    ["http://localhost/"],
    ["http://a.localhost/"],
    ...Object.keys(FORBIDDEN_NAMES).map((name) => [`http://${name}/`]),
  ])("is nothing for %s", async (url) => {
    const { connector, dialled } = recorded({ names: FORBIDDEN_NAMES });
    expect(await faultOf(open(connector, url))).toBe("refused_address");
    expect(dialled).toEqual([]);
  });

  test("is let go when the connection turns out to lead elsewhere", async () => {
    const { port, connections } = await receiver();
    const connector = guardedConnector({
      policy: PUBLIC,
      timeoutMs: 2_000,
      connect: () => tcpConnect(port, "127.0.0.1"),
    });
    expect(await faultOf(open(connector, "http://93.184.215.14/"))).toBe("refused_address");
    await expect.poll(() => connections.every((socket) => socket.destroyed)).toBe(true);
  });
});

describe("confined to loopback", () => {
  const everything: AddressPolicy = addressPolicy({
    ...LOOPBACK,
    allowPrivateAddresses: true,
    allowNetworks: ["0.0.0.0/0"],
  });

  test.each([
    "http://93.184.215.14/",
    "http://10.0.0.1/",
    "http://example.com/",
    "http://intranet/",
    "http://[64:ff9b::1]/",
  ])("nothing is looked up or dialled for %s, whatever else is allowed", async (url) => {
    const { connector, lookups, dialled } = recorded({ policy: everything, names: { "example.com": ["127.0.0.1"] } });
    expect(await faultOf(open(connector, url))).toBe("refused_address");
    expect({ lookups, dialled }).toEqual({ lookups: [], dialled: [] });
  });

  test.each(["http://localhost/", "http://LOCALHOST./", "http://a.b.localhost/"])(
    "%s is loopback without a look-up",
    async (url) => {
      const { connector, lookups, dialled } = recorded({ policy: LOOPBACK });
      expect(await faultOf(open(connector, url))).toBe("connect");
      expect({ lookups, dialled }).toEqual({ lookups: [], dialled: ["127.0.0.1", "::1"] });
    },
  );
});

describe("of several addresses", () => {
  const names = { "many.example": ["2606:4700::1", "2606:4700::2", "1.1.1.1", "1.0.0.1"] };

  test("the families take turns until one answers", async () => {
    const { port } = await receiver();
    const dialled: string[] = [];
    const { connector } = recorded({
      names,
      connect: ({ host }) => {
        dialled.push(host);
        return host === "2606:4700::2" ? posing(tcpConnect(port, "127.0.0.1"), host) : failing("ENETUNREACH");
      },
    });
    expect((await open(connector, "http://many.example/")).remoteAddress).toBe("2606:4700::2");
    expect(dialled).toEqual(["2606:4700::1", "1.1.1.1", "2606:4700::2"]);
  });

  test("one that does not answer does not hold up the next, and is let go", async () => {
    const { port } = await receiver();
    const silent = new Socket();
    const { connector } = recorded({
      names,
      connect: ({ host }) => (host === "1.1.1.1" ? posing(tcpConnect(port, "127.0.0.1"), host) : silent),
    });
    expect((await open(connector, "http://many.example/")).remoteAddress).toBe("1.1.1.1");
    expect(silent.destroyed).toBe(true);
  });

  test("none that answers is a failed connection, after each was tried once", async () => {
    const { connector, dialled } = recorded({ names });
    expect(await faultOf(open(connector, "http://many.example/"))).toBe("connect");
    expect([...dialled].sort()).toEqual([...names["many.example"]].sort());
  });

  test("no more than eight are tried", async () => {
    const crowd = Array.from({ length: 200 }, (_, index) => `93.184.215.${index}`);
    const { connector, dialled } = recorded({ names: { "crowd.example": crowd } });
    expect(await faultOf(open(connector, "http://crowd.example/"))).toBe("connect");
    expect(dialled).toHaveLength(8);
  });
});

describe("the time limit", () => {
  test("covers the look-up, the connection and TLS, and lets go of what was begun", async () => {
    const silent = new Socket();
    const { port, connections } = await receiver();
    const lookup = (): Promise<string[]> => new Promise(() => undefined);
    const cases: [string, Partial<ConnectorOptions>][] = [
      ["http://silent.example/", { lookup }],
      ["http://93.184.215.14/", { connect: () => silent }],
      ["https://93.184.215.14/", { connect: ({ host }) => posing(tcpConnect(port, "127.0.0.1"), host) }],
    ];
    for (const [url, options] of cases) {
      const { connector } = recorded({ timeoutMs: 50, ...options });
      expect(await faultOf(open(connector, url))).toBe("timeout");
    }
    expect(silent.destroyed).toBe(true);
    await expect.poll(() => connections.every((socket) => socket.destroyed)).toBe(true);
  });

  test("dials nothing for a name that is answered too late", async () => {
    let answer: (addresses: string[]) => void = () => undefined;
    const lookup = (): Promise<string[]> =>
      new Promise((resolve) => {
        answer = resolve;
      });
    const { connector, dialled } = recorded({ timeoutMs: 20, lookup });
    expect(await faultOf(open(connector, "http://late.example/"))).toBe("timeout");
    answer(["93.184.215.14"]);
    await turn();
    expect(dialled).toEqual([]);
  });
});

describe("TLS", () => {
  const asked: (string | false | null)[] = [];
  const names = { "hooks.test": ["93.184.215.14"], "other.test": ["93.184.215.14"] };

  async function secure(): Promise<Connector> {
    asked.length = 0;
    const listening = await listenTls(certificate("valid"), (socket) => asked.push((socket as SniSocket).servername));
    closing.push(listening);
    return recorded({
      names,
      port: listening.port,
      policy: addressPolicy({ ...PUBLIC, allowLoopback: true }),
      tls: { ca: authority },
    }).connector;
  }

  test("names the host to the receiver, without the root's dot, and checks its certificate for it", async () => {
    const connector = await secure();
    const socket = (await open(connector, "https://hooks.test/")) as TLSSocket;
    expect(socket.authorized).toBe(true);
    expect(await faultOf(open(connector, "https://other.test/"))).toBe("tls");
    await expect.poll(() => asked[0]).toBe("hooks.test");
  });

  test("names no address, and checks the certificate for it", async () => {
    const connector = await secure();
    await open(connector, "https://127.0.0.1/");
    await open(connector, "https://[::1]/");
    await expect.poll(() => asked).toEqual([false, false]);
    expect(await faultOf(open(connector, "https://93.184.215.14/"))).toBe("tls");
  });

  test("trusts no authority that it was not told of", async () => {
    const listening = await listenTls(certificate("valid"), () => undefined);
    closing.push(listening);
    const { connector } = recorded({ names, port: listening.port });
    expect(await faultOf(open(connector, "https://hooks.test/"))).toBe("tls");
  });
});
