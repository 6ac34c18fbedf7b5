import { once } from "node:events";
import * as net from "node:net";
import { describe, expect, test } from "vitest";
import { NoAnswer, NotSent, type SmppClient } from "../src/index.ts";
import { FakeClock } from "./fake-clock.ts";
import { boundToRaw, esme, owingAnswers, rawSmsc } from "./rig.ts";

const noJitter = { random: () => 0 };

/** Advances to just before the next attempt, sees that there is none, then to it. */
function waitOut(client: SmppClient, clock: FakeClock, retryMs: number): void {
  expect(client.state).toBe("waiting");
  clock.advance(retryMs - 1);
  expect(client.state).toBe("waiting");
  clock.advance(1);
}

test.each([
  ["receiver", "bind_transmitter_resp"],
  ["transmitter", "bind_transceiver_resp"],
  ["transceiver", "bind_receiver_resp"],
] as const)("a %s is bound by a %s with its sequence number", async (bind, command) => {
  const smsc = await rawSmsc();
  const client = esme(await smsc.listen(), { bind });
  const bound = once(client, "bound");
  client.start();
  const peer = await smsc.accept();
  const { sequence_number } = await peer.next(`bind_${bind}`);
  peer.write({ command, sequence_number, system_id: "smsc" });
  expect((await bound)[0]).toMatchObject({ command, system_id: "smsc" });
  expect(client.state).toBe("bound");
});

describe("a client that cannot connect tries again for ever", () => {
  test("after 0.1 s and longer and longer, up to 30 s", async () => {
    const clock = new FakeClock();
    const client = esme(1, { clock, ...noJitter, connect: () => Promise.reject(new Error("no route")) });
    client.start();
    const waits = [];
    for (let attempt = 0; attempt < 10; attempt++) {
      const [reason, retryMs] = await once(client, "failed");
      expect(reason.message).toBe("no route");
      waits.push(retryMs);
      waitOut(client, clock, retryMs);
    }
    expect(waits).toEqual([100, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 30_000, 30_000]);
    await expect(client.submit({})).rejects.toThrow(NotSent);
  });

  test("and shortens each wait by up to a fifth, in whole milliseconds, so that not all come back at once", async () => {
    const clock = new FakeClock();
    const client = esme(1, {
      clock,
      random: () => 0.123,
      connect: () => {
        throw new Error("forbidden address");
      },
    });
    client.start();
    expect(await once(client, "failed")).toMatchObject([{ message: "forbidden address" }, 98]);
  });

  test("where nobody listens", async () => {
    const smsc = await rawSmsc();
    const port = await smsc.listen();
    await smsc.close();
    const client = esme(port, { backoff: { failedMs: [5] } });
    client.start();
    const [reason] = await once(client, "failed");
    expect(reason.code).toBe("ECONNREFUSED");
  });

  test("where the socket fails before it began to connect", async () => {
    const fails = () => {
      const socket = new net.Socket();
      Object.defineProperty(socket, "connecting", { value: true });
      return socket.destroy(new Error("unreachable"));
    };
    for (const connect of [fails, async () => fails()]) {
      const client = esme(1, { connect });
      // From a callback: what is due at the next tick then comes before any promise goes on.
      setImmediate(() => client.start());
      expect((await once(client, "failed"))[0].message).toBe("unreachable");
    }
  });

  test("where the connection takes too long", async () => {
    const clock = new FakeClock();
    const dialled: net.Socket[] = [];
    const client = esme(1, {
      clock,
      connectTimeoutMs: 3_000,
      connect: () => {
        const socket = new net.Socket();
        Object.defineProperty(socket, "connecting", { value: true });
        dialled.push(socket);
        return socket;
      },
    });
    client.start();
    const failed = once(client, "failed");
    clock.advance(3_000);
    expect((await failed)[0].message).toContain("within 3000 ms");
    expect(dialled[0]?.destroyed).toBe(true);
  });

  test("where the connector takes too long, whose socket is then not kept", async () => {
    const clock = new FakeClock();
    let connected = (_socket: net.Socket) => {};
    const late = new Promise<net.Socket>((resolve) => {
      connected = resolve;
    });
    const client = esme(1, { clock, connectTimeoutMs: 3_000, connect: () => late });
    client.start();
    const failed = once(client, "failed");
    clock.advance(3_000);
    await failed;
    const socket = new net.Socket();
    const closed = once(socket, "close");
    connected(socket);
    await closed;
  });

  test("where the peer takes the connection and never answers the bind", async () => {
    const clock = new FakeClock();
    const smsc = await rawSmsc();
    const client = esme(await smsc.listen(), { clock, responseTimeoutMs: 4_000, enquireLinkMs: 0 });
    client.start();
    const peer = await smsc.accept();
    await peer.next("bind_transceiver");
    const failed = once(client, "failed");
    clock.advance(4_000);
    expect((await failed)[0].name).toBe("NoAnswer");
    await peer.closed;
  });

  test("where the peer speaks HTTP, and says so", async () => {
    const smsc = await rawSmsc();
    const client = esme(await smsc.listen());
    client.start();
    const peer = await smsc.accept();
    const failed = once(client, "failed");
    peer.socket.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    expect((await failed)[0].message).toContain("the peer speaks HTTP");
  });
});

test("a bind refused is tried again after 1, 5 and 30 s and then every minute, and stands once accepted", async () => {
  const clock = new FakeClock();
  const smsc = await rawSmsc();
  const client = esme(await smsc.listen(), { clock, enquireLinkMs: 0, random: () => 0.9 });
  client.start();
  for (const [status, wait] of [
    [0x0e, 1_000],
    [0x0d, 5_000],
    [0x0f, 30_000],
    [0x0e, 60_000],
    [0x08, 60_000],
  ]) {
    const refused = once(client, "refused");
    const peer = await smsc.accept();
    await peer.takeBind(status);
    expect(await refused).toEqual([status, wait]);
    await peer.closed;
    waitOut(client, clock, wait as number);
  }
  const bound = once(client, "bound");
  await (await smsc.accept()).takeBind();
  await bound;
  expect(client.state).toBe("bound");
  expect(client.free).toBe(100);
});

test("a bind says what it was told to say", async () => {
  const smsc = await rawSmsc();
  const client = esme(await smsc.listen(), {
    system_id: "acme",
    password: "password",
    system_type: "VMA",
    addr_ton: 1,
    addr_npi: 2,
    address_range: "^44",
  });
  client.start();
  expect(await (await smsc.accept()).next("bind_transceiver")).toMatchObject({
    system_id: "acme",
    password: "password",
    system_type: "VMA",
    interface_version: 0x34,
    addr_ton: 1,
    addr_npi: 2,
    address_range: "^44",
  });
});

test.each(["transmitter", "receiver"] as const)("a client binds as a %s", async (bind) => {
  const smsc = await rawSmsc();
  const client = esme(await smsc.listen(), { bind });
  client.start();
  const peer = await smsc.accept();
  const { sequence_number } = await peer.next(`bind_${bind}`);
  const bound = once(client, "bound");
  peer.write({ command: `bind_${bind}_resp`, sequence_number, system_id: "smsc" });
  expect((await bound)[0]).toMatchObject({ system_id: "smsc" });
});

describe("a bind that is lost is made again", () => {
  test("soon, and sooner after it held for a while", async () => {
    const clock = new FakeClock();
    const { client, smsc, peer } = await boundToRaw({ clock, enquireLinkMs: 0, ...noJitter });
    let last = peer;
    for (const [heldMs, wait] of [
      [0, 100],
      [9_999, 500],
      [10_000, 100],
      [0, 500],
    ]) {
      clock.advance(heldMs as number);
      const lost = once(client, "lost");
      last.socket.destroy();
      expect((await lost)[1]).toBe(wait);
      waitOut(client, clock, wait as number);
      last = await smsc.accept();
      const bound = once(client, "bound");
      await last.takeBind();
      await bound;
    }
  });

  test("after the peer unbound, who is answered and still heard until nothing is due any more", async () => {
    const { client, peer, outcome, sequence_number, commit } = await owingAnswers();
    const lost = once(client, "lost");
    const ended = once(peer.socket, "end");
    peer.write({ command: "deliver_sm", sequence_number: 49 }, { command: "unbind", sequence_number: 50 });
    await peer.next("unbind_resp");
    expect(client.state).toBe("unbinding");
    expect(client.free).toBe(0);
    await expect(client.submit({})).rejects.toThrow(NotSent);
    await peer.ask({ command: "enquire_link", sequence_number: 51 }, "enquire_link_resp");
    peer.write({ command: "submit_sm_resp", sequence_number, message_id: "late but heard" });
    expect((await outcome).message_id).toBe("late but heard");
    await peer.ask({ command: "enquire_link", sequence_number: 52 }, "enquire_link_resp");
    expect(peer.socket.readableEnded).toBe(false);
    commit(0);
    expect((await peer.next("deliver_sm_resp")).sequence_number).toBe(49);
    await ended;
    expect((await lost)[0].message).toBe("the peer unbound");
  });

  test("after the peer unbound and does not go, too", async () => {
    const clock = new FakeClock();
    const { client, peer } = await boundToRaw({ clock, enquireLinkMs: 0, responseTimeoutMs: 2_000 });
    const lost = once(client, "lost");
    await peer.ask({ command: "unbind", sequence_number: 50 }, "unbind_resp");
    clock.advance(2_000);
    await lost;
    await peer.closed;
  });
});

describe("a link of which half is left", () => {
  const options = { enquireLinkMs: 30_000, responseTimeoutMs: 10_000 };

  test("is found when the peer does not answer enquire_link", async () => {
    const clock = new FakeClock();
    const { client, peer } = await boundToRaw({ clock, ...options });
    clock.advance(30_000);
    await peer.next("enquire_link");
    const lost = once(client, "lost");
    clock.advance(9_999);
    expect(client.state).toBe("bound");
    clock.advance(1);
    expect((await lost)[0].message).toContain("no answer to enquire_link within 10000 ms");
    await peer.closed;
  });

  test("is not what a peer has that answers, or sends anything", async () => {
    const clock = new FakeClock();
    const { client, peer } = await boundToRaw({ clock, ...options });
    for (const answer of ["enquire_link_resp", "submit_sm_resp", "generic_nack"] as const) {
      clock.advance(30_000);
      const { sequence_number } = await peer.next("enquire_link");
      peer.write({ command: answer, sequence_number }, { command: "enquire_link", sequence_number: 1 });
      await peer.next("enquire_link_resp");
      clock.advance(29_999);
      expect(client.state).toBe("bound");
      await peer.ask({ command: "enquire_link", sequence_number: 2 }, "enquire_link_resp");
    }
    clock.advance(29_999);
    const outcome = client.submit({});
    await peer.next("submit_sm");
    peer.socket.destroy();
    await expect(outcome).rejects.toThrow("no answer");
  });

  test("is found sooner when it was silent to a request, and is sent no more meanwhile", async () => {
    const clock = new FakeClock();
    const { client, peer } = await boundToRaw({ clock, ...options });
    const outcome = client.submit({});
    await peer.next("submit_sm");
    const expired = expect(outcome).rejects.toThrow("no answer to submit_sm within 10000 ms");
    clock.advance(10_000);
    await expired;
    expect(client.free).toBe(0);
    await expect(client.submit({})).rejects.toThrow(NotSent);
    await peer.next("enquire_link");
    const lost = once(client, "lost");
    clock.advance(9_999);
    expect(client.state).toBe("bound");
    clock.advance(1);
    expect((await lost)[0].message).toContain("no answer to enquire_link within 10000 ms");
  });

  test.each(["enquire_link_resp", "submit_sm_resp", "deliver_sm"] as const)(
    "is not what a peer has that was silent to a request and then sends a %s",
    async (command) => {
      const clock = new FakeClock();
      const { client, peer } = await boundToRaw({ clock, ...options, onDeliver: async () => 0 });
      const outcome = client.submit({});
      await peer.next("submit_sm");
      const expired = expect(outcome).rejects.toThrow(NoAnswer);
      clock.advance(10_000);
      await expired;
      const { sequence_number } = await peer.next("enquire_link");
      const free = once(client, "free");
      peer.write({ command, sequence_number });
      await free;
      expect(client.free).toBe(100);
      clock.advance(10_000);
      expect(client.state).toBe("bound");
    },
  );

  test("is not looked for when a request had no answer but others have", async () => {
    const clock = new FakeClock();
    const { client, peer } = await boundToRaw({ clock, ...options });
    const silent = client.submit({});
    const answered = client.submit({});
    await peer.next("submit_sm");
    const { sequence_number } = await peer.next("submit_sm");
    clock.advance(1_000);
    peer.write({ command: "submit_sm_resp", sequence_number, message_id: "1" });
    await answered;
    const expired = expect(silent).rejects.toThrow(NoAnswer);
    clock.advance(9_000);
    await expired;
    expect(client.free).toBe(100);
  });

  test("is not looked for where enquireLinkMs is 0", async () => {
    const clock = new FakeClock();
    const { client, peer } = await boundToRaw({ clock, enquireLinkMs: 0 });
    clock.advance(1e9);
    expect(client.state).toBe("bound");
    await peer.ask({ command: "enquire_link", sequence_number: 2 }, "enquire_link_resp");
  });
});
