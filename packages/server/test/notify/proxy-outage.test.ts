import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { testDatabase } from "../support/database.ts";
import { certificate, type Listening, listen, listenTls, onRequest } from "../support/listen.ts";
import { newKey, startProgram } from "../support/program.ts";
import { until } from "../support/until.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const PAGE = "Squid at proxy-7.corp says";
const refusal = (status: string) =>
  `HTTP/1.1 ${status}\r\nContent-Length: ${PAGE.length}\r\nConnection: close\r\n\r\n${PAGE}`;

const target = await listenTls(certificate("valid"), (socket) => onRequest(socket, () => socket.write(OK)));
afterAll(target.close);

/** What the proxy does with a request, of either kind, that names its target. */
type Behaviour = "serves" | "hangs" | { refuses: string };
let behaviour: Behaviour = "serves";
/** Requests that it was asked while it did not serve. */
let asked = 0;
const tunnels = new Set<Socket>();

function serve(socket: Socket): void {
  onRequest(socket, (request) => {
    const isTargeted = / (https?:\/\/|localhost:)/.test(request.slice(0, request.indexOf("\r\n")));
    if (behaviour === "hangs") {
      if (isTargeted) asked++;
    } else if (!isTargeted) {
      socket.end(refusal("400 Bad Request"));
    } else if (behaviour === "serves") {
      if (request.startsWith("CONNECT ")) tunnel(socket);
      else socket.write(OK.replace("\r\n", "\r\nVia: 1.1 proxy-7\r\n"));
    } else {
      asked++;
      socket.end(refusal(behaviour.refuses));
    }
  });
}

function tunnel(socket: Socket): void {
  socket.removeAllListeners("data");
  const far = connect(target.port, "127.0.0.1");
  tunnels.add(far);
  socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
  far.on("error", () => socket.destroy()).on("close", () => socket.destroy());
  socket.pipe(far).pipe(socket);
}

/** What goes over a tunnel that is open needs nothing of the proxy. */
function endTunnels(): void {
  for (const far of tunnels) far.destroy();
  tunnels.clear();
}

let proxy: Listening = await listen(serve);
const { port } = proxy;
afterAll(async () => {
  await proxy.close();
  endTunnels();
});

const database = await testDatabase();
afterAll(database.close);
const options = {
  config: {
    organizationKey: newKey(),
    accountKey: newKey(),
    carriers: [{ id: "sim", type: "simulator", receiptDelay: 0 }],
    callbacks: { proxy: `http://127.0.0.1:${port}`, retryDelays: [0.01, 0.01], timeout: 1 },
  },
  env: { NODE_EXTRA_CA_CERTS: fileURLToPath(new URL("certificates/authority.crt", import.meta.url)) },
};
const program = await startProgram({ ...options, database });
let running = true;
afterAll(() => (running ? program.stop() : undefined));
const { api } = program;

interface Webhook {
  state: string;
  tries: number;
  attempts: { status: number | null; fault: string | null }[];
}

async function sendTen(callback: string): Promise<string[]> {
  const messages = Array.from({ length: 10 }, (_, index) => ({
    from: { type: "custom", value: "MyShop" },
    to: `+4477009020${String(index).padStart(2, "0")}`,
    body: "x",
    callback,
  }));
  return (await api.send({ messages })).map(({ messageUuid }) => messageUuid);
}

const webhook = async (id: string): Promise<Webhook | undefined> => {
  const { status, body } = await api.request<Webhook>("GET", `/webhooks/${id}`);
  return status === 200 ? body : undefined;
};

async function faults(): Promise<number> {
  const text = await (await fetch(`${program.url}/metrics`)).text();
  return Number(/^mplus_webhook_proxy_faults_total\{[^}]*\} (\d+)/m.exec(text)?.[1] ?? 0);
}

afterEach(() => {
  behaviour = "serves";
});

const FAULTS: [string, Behaviour][] = [
  ["hangs", "hangs"],
  ["answers 403", { refuses: "403 Forbidden" }],
  ["answers 407", { refuses: "407 Proxy Authentication Required" }],
  ["answers 502", { refuses: "502 Bad Gateway" }],
  ["answers 503", { refuses: "503 Service Unavailable" }],
];

describe.each(["http://localhost:8080/hook", "https://localhost:8443/hook"])("webhooks to %s", (callback) => {
  test.each(FAULTS)("wait for a proxy that %s, at no cost in tries", async (_, fault) => {
    const before = await faults();
    behaviour = fault;
    endTunnels();
    asked = 0;
    const ids = await sendTen(callback);
    // Were these tries, of which each webhook has three, some would be exhausted soon.
    await until("the proxy to be probed", async () => (await faults()) >= before + 4 && asked >= 4, faults);
    const { body } = await api.request("GET", "/webhooks?state=pending");
    expect(JSON.stringify(body)).not.toMatch(/proxy|corp|status":4/i);
    behaviour = "serves";
    for (const id of ids) {
      const settled = await until("it to be delivered", async () => {
        const found = await webhook(id);
        return found !== undefined && found.state !== "pending" && found;
      });
      expect(settled).toMatchObject({ state: "delivered", tries: 1, attempts: [{ status: 200, fault: null }] });
    }
  });

  test("wait for a proxy that is down, and each is delivered by its first try", async () => {
    const before = await faults();
    await proxy.close();
    const ids = await sendTen(callback);
    await until("the proxy to be probed", async () => (await faults()) >= before + 4, faults);
    proxy = await listen(serve, port);
    for (const id of ids) {
      const settled = await until("it to be delivered", async () => {
        const found = await webhook(id);
        return found?.state === "delivered" && found;
      });
      expect(settled).toMatchObject({ tries: 1, attempts: [{ status: 200 }] });
    }
  });
});

test("the operator is told in few lines, and why", () => {
  const lines = program
    .output()
    .stdout.concat(program.output().stderr)
    .split("\n")
    .filter((line) => line.includes("callbacks.proxy"));
  expect(lines.length).toBeGreaterThan(0);
  // At most one when it begins and one when it is over for each of the above, and one a minute.
  expect(lines.length).toBeLessThan(40);
  expect(lines.join("\n")).toContain('"detail":"no answer"');
});

test("the program ends in order while webhooks wait, and the next one delivers them", async () => {
  await proxy.close();
  const before = await faults();
  const ids = await sendTen("http://localhost:8080/hook");
  await until("the proxy to be probed", async () => (await faults()) >= before + 4, faults);
  running = false;
  await program.stop();
  proxy = await listen(serve, port);
  const next = await startProgram({ ...options, database });
  for (const id of ids) {
    const { tries } = await until("it to be delivered", async () => {
      const { status, body } = await next.api.request<Webhook>("GET", `/webhooks/${id}`);
      return status === 200 && body.state === "delivered" && body;
    });
    expect(tries).toBe(1);
  }
  await next.stop();
});
