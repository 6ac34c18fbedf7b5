import { once } from "node:events";
import * as net from "node:net";
import { Duplex } from "node:stream";
import { describe, expect, test } from "vitest";
import { encodePdu, NoAnswer, NotSent, PduParser, type SmppClient } from "../src/index.ts";
import { boundEsme, boundRawEsme, boundToRaw, esme, serve } from "./rig.ts";

/** A socket that holds each write back until it is let through. */
class Gate extends Duplex {
  readonly writes: Buffer[] = [];
  #done: (() => void) | undefined;

  override _read(): void {}

  override _write(octets: Buffer, _encoding: string, done: () => void): void {
    this.writes.push(octets);
    this.#done = done;
  }

  letThrough(): void {
    this.#done?.();
  }

  /** The sequence_numbers of what was written, write by write. */
  get sequenceNumbers(): (number | undefined)[][] {
    return this.writes.map((octets) => new PduParser().push(octets).map(({ pdu }) => pdu?.sequence_number));
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

async function boundOverGate(maxBufferedBytes = 1_000_000): Promise<{ gate: Gate; client: SmppClient }> {
  const gate = new Gate({ writableHighWaterMark: 1 });
  const client = esme(1, { connect: () => gate, maxBufferedBytes, window: 100_000 });
  client.start();
  while (gate.writes.length === 0) await turn();
  const bound = once(client, "bound");
  gate.push(encodePdu({ command: "bind_transceiver_resp", sequence_number: 1 }));
  await bound;
  gate.letThrough();
  return { gate, client };
}

describe("PDUs of one turn of the event loop", () => {
  test("leave in one write, in order", async () => {
    const { gate, client } = await boundOverGate();
    await turn();
    const outcomes = Promise.allSettled(Array.from({ length: 1_000 }, () => client.submit({})));
    await turn();
    const expected = Array.from({ length: 1_000 }, (_, index) => index + 2);
    expect(gate.sequenceNumbers).toEqual([[1], expected]);
    gate.destroy();
    await outcomes;
  });

  test("wait together while the socket is full", async () => {
    const { gate, client } = await boundOverGate();
    const outcomes = [client.submit({})];
    await turn();
    for (let index = 0; index < 3; index++) {
      outcomes.push(client.submit({}));
      await turn();
    }
    expect(gate.sequenceNumbers).toEqual([[1], [2]]);
    gate.letThrough();
    await turn();
    expect(gate.sequenceNumbers).toEqual([[1], [2], [3, 4, 5]]);
    gate.destroy();
    await Promise.allSettled(outcomes);
  });
});

test("what was with the socket when the connection broke is uncertain, what was not is not", async () => {
  const { gate, client } = await boundOverGate();
  const given = client.submit({});
  await turn();
  const kept = [client.submit({}), client.submit({})];
  await turn();
  const expected = Promise.all([
    expect(given).rejects.toThrow(NoAnswer),
    ...kept.map((one) => expect(one).rejects.toThrow(NotSent)),
  ]);
  gate.destroy(new Error("broken"));
  await expected;
});

test("what was written in the turn that the connection breaks in was not sent", async () => {
  const { gate, client } = await boundOverGate();
  await turn();
  const outcome = client.submit({});
  const expected = expect(outcome).rejects.toThrow(NotSent);
  gate.destroy();
  await expected;
  expect(gate.writes).toHaveLength(1);
});

describe("a peer that does not read", () => {
  test("is given up when too much waits for it", async () => {
    const { client, gate } = await boundOverGate(10_000);
    const lost = once(client, "lost");
    const outcomes = [client.submit({ short_message: Buffer.alloc(100) })];
    await turn();
    while (client.state === "bound" && client.free > 0)
      outcomes.push(client.submit({ short_message: Buffer.alloc(100) }));
    const reasons = (await Promise.allSettled(outcomes)).map((one) => one.status === "rejected" && one.reason.name);
    expect(reasons).toEqual(["NoAnswer", ...Array(reasons.length - 1).fill("NotSent")]);
    expect((await lost)[0].message).toContain("does not read");
    expect(gate.destroyed).toBe(true);
  });

  test("of a client over TCP", async () => {
    const { client, peer } = await boundToRaw({ maxBufferedBytes: 100_000, window: 1_000_000 });
    peer.socket.pause();
    let lost: Error | undefined;
    client.on("lost", (reason) => {
      lost = reason;
    });
    const names = new Set<string>();
    for (let count = 1; lost === undefined; count++) {
      client.submit({ short_message: Buffer.alloc(254) }).catch((error: Error) => names.add(error.name));
      if (count % 100 === 0) await turn();
    }
    expect(lost.message).toContain("does not read");
    await turn();
    expect(names).toEqual(new Set(["NoAnswer", "NotSent"]));
  });

  test("of a server over TCP, though it only asks", async () => {
    const { server, port } = await serve({ maxBufferedBytes: 100_000 });
    const peer = await boundRawEsme(port);
    const [session] = server.sessions;
    const closed = once(session!, "closed");
    peer.socket.pause();
    const flood = Buffer.concat(Array(1_000).fill(encodePdu({ command: "enquire_link", sequence_number: 1 })));
    const pour = (): void => {
      if (peer.socket.writable) peer.socket.write(flood, () => pour());
    };
    pour();
    expect((await closed)[0].message).toContain("does not read");
    expect(server.sessions).toEqual([]);
  });
});

test("Nagle's algorithm is off, whoever connects", async () => {
  const { port } = await serve();
  const noDelay: unknown[] = [];
  const client = await boundEsme(port, {
    connect: (host, port) => {
      const socket = net.connect(port, host);
      const set = socket.setNoDelay.bind(socket);
      socket.setNoDelay = (value) => {
        noDelay.push(value);
        return set(value);
      };
      return socket;
    },
  });
  expect(client.state).toBe("bound");
  expect(noDelay).toContain(true);
});
