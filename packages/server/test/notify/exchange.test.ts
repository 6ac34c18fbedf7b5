import { connect, type Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { type Connector, guardedConnector } from "../../src/network/connector.ts";
import { createExchanger, type Exchanger, type ExchangerOptions } from "../../src/notify/client/exchange.ts";
import type { AttemptOutcome } from "../../src/notify/client/outcome.ts";
import { Pools } from "../../src/notify/client/pools.ts";
import { type Listening, listen, onRequest } from "../support/listen.ts";
import { posted } from "./posted.ts";
import { LOOPBACK } from "./receivers.ts";

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of closing.splice(0)) await each.close();
});

async function receiver(serve: (socket: Socket) => void): Promise<Listening & { url: string; origin: string }> {
  const listening = await listen(serve);
  closing.push(listening);
  const origin = `http://127.0.0.1:${listening.port}`;
  return { ...listening, origin, url: `${origin}/hook` };
}

function exchanger(options: Partial<ExchangerOptions> = {}): Exchanger {
  const made = createExchanger({ policy: LOOPBACK, timeoutMs: 5_000, connections: 8, ...options });
  closing.unshift(made);
  return made;
}

const post = (
  through: Exchanger,
  { url, origin }: { url: string; origin: string },
  body: string | Buffer = "{}",
  headers: Record<string, string> = {},
): Promise<AttemptOutcome> => posted(through, { url, origin, headers, body });

const answer = (status: string, body = ""): string =>
  `HTTP/1.1 ${status}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

/** When the receiver has seen a connection's end, orderly or not. */
const gone = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once("close", () => resolve());
  });

const answering = (text: string) => (socket: Socket) => onRequest(socket, () => socket.write(text));

describe("a request", () => {
  test("is a POST with the URL's path and query, its host, the headers and the body", async () => {
    const requests: string[] = [];
    const target = await receiver((socket) =>
      onRequest(socket, (request) => {
        requests.push(Buffer.from(request, "latin1").toString("utf8"));
        socket.write(answer("200 OK"));
      }),
    );
    const through = exchanger();
    const url = `${target.origin}/a%20b/ü?c=d&e#fragment`;
    const headers = { "content-type": "application/json", "webhook-id": "w1" };
    for (const body of ['{"ok":true}', "grüße ✓", Buffer.from("bytes ✓")]) {
      expect((await posted(through, { url, origin: target.origin, headers, body })).status).toBe(200);
      const length = Buffer.byteLength(body);
      expect(requests.pop()).toBe(
        `POST /a%20b/%C3%BC?c=d&e HTTP/1.1\r\nhost: 127.0.0.1:${target.port}\r\ncontent-type: application/json\r\n` +
          `webhook-id: w1\r\nconnection: keep-alive\r\naccept-encoding: identity\r\nuser-agent: messaging-plus\r\n` +
          `content-length: ${length}\r\n\r\n${body}`,
      );
    }
  });

  test.each([{ "x-a": "b\r\nx-c: d" }, { "x-a": "\0" }, { "x a": "b" }, { "": "b" }, { "x-a": "ü" }])(
    "with the headers %j is refused",
    async (headers) => {
      const target = await receiver(answering(answer("200 OK")));
      await expect(post(exchanger(), target, "{}", headers)).rejects.toThrow("cannot be sent");
      expect(target.connections).toHaveLength(0);
    },
  );
});

describe("an outcome", () => {
  test("has the first KiB of the answer, fit for PostgreSQL", async () => {
    const target = await receiver(answering(answer("200 OK", `a\0b${"€".repeat(1_000)}`)));
    const { answer: text } = await post(exchanger(), target);
    expect(text).toMatch(/^a\uFFFDb€+\uFFFD$/);
    expect(text!.length).toBe(3 + 340 + 1);
  });

  test("tells how long what took", async () => {
    const target = await receiver(answering(answer("200 OK", "ok")));
    const { connectMs, firstByteMs, totalMs } = (await post(exchanger(), target)).phases;
    expect(connectMs).toBeGreaterThan(0);
    expect(firstByteMs).toBeGreaterThanOrEqual(connectMs!);
    expect(totalMs).toBeGreaterThanOrEqual(firstByteMs!);
  });

  test.each([
    ["429 Slow", "Retry-After: 7", 7_000],
    ["503 Busy", "retry-after: 0", 0],
    ["503 Busy", "Retry-After: soon", null],
    ["503 Busy", "X: y", null],
    ["500 Oops", "Retry-After: 7", null],
  ])("of %s with %s asks for a wait of %j ms", async (status, header, wait) => {
    const target = await receiver(answering(`HTTP/1.1 ${status}\r\n${header}\r\nContent-Length: 0\r\n\r\n`));
    expect((await post(exchanger(), target)).retryAfterMs).toBe(wait);
  });
});

describe("connections", () => {
  test("carry one request after another", async () => {
    const target = await receiver(answering(answer("200 OK", "ok")));
    const through = exchanger();
    for (let i = 0; i < 20; i++) expect((await post(through, target)).result).toBe("delivered");
    expect(target.connections).toHaveLength(1);
  });

  test("are as many as allowed, and what is beyond waits for one", async () => {
    const target = await receiver(answering(answer("200 OK", "ok")));
    const through = exchanger({ connections: 3 });
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => post(through, target)));
    expect(outcomes.every(({ result }) => result === "delivered")).toBe(true);
    expect(target.connections.length).toBeLessThanOrEqual(3);
  });

  test.each(["Connection: close", "Keep-Alive: timeout=1"])("are not used again after %s", async (header) => {
    const target = await receiver(answering(`HTTP/1.1 200 OK\r\n${header}\r\nContent-Length: 0\r\n\r\n`));
    const through = exchanger();
    for (let i = 0; i < 3; i++) await post(through, target);
    expect(target.connections).toHaveLength(3);
  });

  test("that the receiver has closed are not used again", async () => {
    const target = await receiver(answering(answer("200 OK", "ok")));
    const through = exchanger();
    await post(through, target);
    for (let i = 1; i <= 5; i++) {
      const connection = target.connections.at(-1)!;
      connection.end();
      await gone(connection);
      await turn();
      expect((await post(through, target)).result).toBe("delivered");
      expect(target.connections).toHaveLength(i + 1);
    }
  });

  /** Answers the first request of each connection and ends the next by `end`, up to `closings` times in all. */
  async function closing(closings: number, end: (socket: Socket) => void) {
    let requests = 0;
    let closed = 0;
    const target = await receiver((socket) => {
      let first = true;
      onRequest(socket, () => {
        requests++;
        if (first || closed >= closings) socket.write(answer("200 OK", "ok"));
        else {
          closed++;
          end(socket);
        }
        first = false;
      });
    });
    return { target, requests: () => requests };
  }

  test.each<[string, (socket: Socket) => void]>([
    ["closed", (socket) => socket.end()],
    ["destroyed", (socket) => socket.destroy()],
    ["reset", (socket) => socket.resetAndDestroy()],
  ])("%s in the race with the next request cost no try: it goes over a fresh one", async (_how, end) => {
    const { target, requests } = await closing(1, end);
    const through = exchanger();
    expect((await post(through, target)).result).toBe("delivered");
    expect(await post(through, target)).toMatchObject({ result: "delivered", status: 200 });
    expect({ requests: requests(), connections: target.connections.length }).toEqual({ requests: 3, connections: 2 });
  });

  test("closed in that race are replaced where all that there may be are in use", async () => {
    const { target, requests } = await closing(Number.POSITIVE_INFINITY, (socket) => socket.destroy());
    const through = exchanger({ connections: 1 });
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => post(through, target)));
    expect(outcomes.map(({ result }) => result)).toEqual(Array.from({ length: 20 }, () => "delivered"));
    // Each but the first was closed upon once, and came through over the connection that was opened for it.
    expect({ requests: requests(), connections: target.connections.length }).toEqual({ requests: 39, connections: 20 });
  });

  test("that are fresh and closed without an answer fail the try, and so does the one after a kept one", async () => {
    let requests = 0;
    const target = await receiver((socket) =>
      onRequest(socket, () => {
        requests++;
        if (requests === 1) socket.write(answer("200 OK", "ok"));
        else socket.destroy();
      }),
    );
    const through = exchanger();
    expect((await post(through, target)).result).toBe("delivered");
    expect(await post(through, target)).toMatchObject({ result: "failed", fault: "reset" });
    expect(requests).toBe(3);
    expect(await post(through, target)).toMatchObject({ result: "failed", fault: "reset" });
    expect(requests).toBe(4);
  });

  test("replaced by one that is not answered end by the one deadline of the try", async () => {
    let kept: Socket | undefined;
    const seen: string[] = [];
    const target = await receiver((socket) =>
      onRequest(socket, (request) => {
        const id = /^webhook-id: (\w+)/m.exec(request)![1]!;
        seen.push(id);
        if (id === "first") socket.write(answer("200 OK"));
        if (id === "repeated") kept ??= socket;
        // Some sweeps of deadlines later: one that began with the repetition would end after the other's.
        if (id === "other") setTimeout(() => kept!.destroy(), 300);
      }),
    );
    const through = exchanger({ timeoutMs: 3_000 });
    const send = (id: string) => post(through, target, "{}", { "webhook-id": id });
    expect((await send("first")).result).toBe("delivered");
    const ended: string[] = [];
    const sending = ["repeated", "other"].map(async (id) => {
      const outcome = await send(id);
      ended.push(id);
      return outcome;
    });
    expect(await Promise.all(sending)).toMatchObject([{ fault: "timeout" }, { fault: "timeout" }]);
    expect(seen).toEqual(["first", "repeated", "other", "repeated"]);
    expect(ended).toEqual(["repeated", "other"]);
  });

  test("closed amid an answer fail the try, which is not sent again on the quiet", async () => {
    let requests = 0;
    const target = await receiver((socket) =>
      onRequest(socket, () => {
        requests++;
        if (requests === 1) socket.write(answer("200 OK", "ok"));
        else socket.end("HTTP/1.1 2");
      }),
    );
    const through = exchanger();
    expect((await post(through, target)).result).toBe("delivered");
    expect((await post(through, target)).result).toBe("failed");
    expect(requests).toBe(2);
  });

  test("on which more came than the answer are not used again", async () => {
    let answers = 0;
    const target = await receiver((socket) =>
      onRequest(socket, () => socket.write(answer(`20${answers++} OK`) + answer("500 Smuggled"))),
    );
    const through = exchanger();
    expect((await post(through, target)).status).toBe(200);
    expect((await post(through, target)).status).toBe(201);
    expect(target.connections).toHaveLength(2);
  });

  test("on which something comes while nothing is asked are closed", async () => {
    const target = await receiver((socket) => onRequest(socket, () => socket.write(answer("200 OK", "ok"))));
    const through = exchanger();
    await post(through, target);
    target.connections[0]!.write(answer("500 Smuggled"));
    await gone(target.connections[0]!);
    expect((await post(through, target)).status).toBe(200);
  });

  test("of a flood are closed soon after what is read of it", async () => {
    const sockets: Socket[] = [];
    const target = await receiver((socket) => {
      sockets.push(socket);
      onRequest(socket, () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        const flood = (): void => {
          while (!socket.destroyed && socket.write(Buffer.alloc(65_536)));
        };
        socket.on("drain", flood);
        flood();
      });
    });
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => post(exchanger(), target)));
    for (const { result, answer: text } of outcomes) {
      expect(result).toBe("delivered");
      expect(text).toHaveLength(1_024);
    }
    for (const socket of sockets) await gone(socket);
    // What the kernel's buffers of both sides take, and no more.
    for (const socket of sockets) expect(socket.bytesWritten).toBeLessThan(32 * 1024 * 1024);
  });
});

describe("the deadline", () => {
  test("also ends what waits for a connection, which then carries the next", async () => {
    const requests: string[] = [];
    const target = await receiver((socket) =>
      onRequest(socket, (request) => {
        requests.push(request.slice(-1));
        socket.write(answer("200 OK"));
      }),
    );
    let connected: () => void = () => undefined;
    const connector: Connector = (_, callback) => {
      connected = () => callback(null, connect(target.port, "127.0.0.1"));
    };
    const through = exchanger({ connections: 1, timeoutMs: 100, connector });
    const outcomes = await Promise.all([post(through, target, "1"), post(through, target, "2")]);
    for (const { fault, phases } of outcomes)
      expect({ fault, connectMs: phases.connectMs }).toEqual({ fault: "timeout", connectMs: null });
    connected();
    await expect.poll(() => target.connections.length).toBe(1);
    expect((await post(through, target, "3")).result).toBe("delivered");
    expect(requests).toEqual(["3"]);
  });

  test("closes the connection under a request that has run out", async () => {
    const target = await receiver((socket) => socket.resume());
    const pending = post(exchanger({ timeoutMs: 100 }), target);
    expect((await pending).fault).toBe("timeout");
    await gone(target.connections[0]!);
  });
});

describe("closing", () => {
  test("waits for what is under way, and then refuses", async () => {
    let asked: () => void = () => undefined;
    const requested = new Promise<void>((resolve) => {
      asked = resolve;
    });
    let socketAsked: Socket | undefined;
    const target = await receiver((socket) =>
      onRequest(socket, () => {
        socketAsked = socket;
        asked();
      }),
    );
    const through = createExchanger({ policy: LOOPBACK, timeoutMs: 5_000, connections: 1 });
    const posted = post(through, target);
    await requested;
    const closed = through.close();
    socketAsked!.write(answer("200 OK", "ok"));
    expect((await posted).result).toBe("delivered");
    await closed;
    await expect(post(through, target)).rejects.toThrow("closed");
    await gone(socketAsked!);
  });

  test("closes idle connections at once", async () => {
    const target = await receiver(answering(answer("200 OK", "ok")));
    const through = createExchanger({ policy: LOOPBACK, timeoutMs: 5_000, connections: 1 });
    await post(through, target);
    await through.close();
    await gone(target.connections[0]!);
  });
});

test("of origins whose connections are gone nothing is kept", async () => {
  const target = await receiver((socket) => onRequest(socket, () => socket.end("HTTP/1.1 200 OK\r\n\r\n")));
  const pools = new Pools(guardedConnector({ policy: LOOPBACK, timeoutMs: 1_000 }), 2);
  const ended: Promise<void>[] = [];
  for (const path of ["127.0.0.1", "localhost", "a.localhost", "b.localhost"]) {
    ended.push(
      new Promise((resolve) => {
        pools.send(`http://${path}:${target.port}`, {
          request: "POST / HTTP/1.1\r\ncontent-length: 0\r\n\r\n",
          over: false,
          reusableMs: 0,
          sent: () => undefined,
          received: () => true,
          lost: () => resolve(),
          ended: () => undefined,
        });
      }),
    );
  }
  expect(pools.size).toBe(4);
  await Promise.all(ended);
  await expect.poll(() => pools.size).toBe(0);
});
