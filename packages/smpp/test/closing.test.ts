import { once } from "node:events";
import { Duplex } from "node:stream";
import { describe, expect, test } from "vitest";
import { NoAnswer, NotSent } from "../src/index.ts";
import { FakeClock } from "./fake-clock.ts";
import { boundToRaw, esme, owingAnswers, rawSmsc } from "./rig.ts";

describe("close()", () => {
  test("waits for answers that are due on both sides, then unbinds", async () => {
    const { client, peer, outcome, sequence_number, commit } = await owingAnswers();
    peer.write({ command: "deliver_sm", sequence_number: 8 }, { command: "enquire_link", sequence_number: 9 });
    await peer.next("enquire_link_resp");
    const closed = client.close();
    expect(client.state).toBe("closing");
    expect(client.free).toBe(0);
    await expect(client.submit({})).rejects.toThrow(NotSent);
    peer.write({ command: "submit_sm_resp", sequence_number, message_id: "last" });
    expect((await outcome).message_id).toBe("last");
    commit(0);
    expect((await peer.next("deliver_sm_resp")).sequence_number).toBe(8);
    const unbind = await peer.next("unbind");
    peer.write({ command: "unbind_resp", sequence_number: unbind.sequence_number });
    await closed;
    expect(client.state).toBe("closed");
    await peer.closed;
  });

  test("takes deliveries until it unbinds, and none after", async () => {
    const clock = new FakeClock();
    const { client, peer } = await boundToRaw({ clock, onDeliver: async () => 0 });
    const outcome = client.submit({});
    const { sequence_number } = await peer.next("submit_sm");
    const closed = client.close();
    expect((await peer.ask({ command: "deliver_sm", sequence_number: 1 }, "deliver_sm_resp")).command_status).toBe(0);
    peer.write({ command: "submit_sm_resp", sequence_number, message_id: "1" });
    await outcome;
    const unbind = await peer.next("unbind");
    const refused = await peer.ask({ command: "deliver_sm", sequence_number: 2 }, "deliver_sm_resp");
    expect(refused.command_status).toBe(0x64);
    peer.write({ command: "unbind_resp", sequence_number: unbind.sequence_number });
    await closed;
    expect(clock.waiting).toBe(0);
  });

  test("waits no longer than it was told to", async () => {
    const clock = new FakeClock();
    const { client, peer } = await boundToRaw({ clock, onDeliver: () => new Promise(() => {}) });
    const outcome = client.submit({});
    await peer.next("submit_sm");
    const closed = client.close({ timeoutMs: 1_000 });
    clock.advance(999);
    expect(client.state).toBe("closing");
    const uncertain = expect(outcome).rejects.toThrow(NoAnswer);
    clock.advance(1);
    await peer.next("unbind");
    clock.advance(0);
    await closed;
    await uncertain;
    expect(clock.waiting).toBe(0);
  });

  test("asked for twice is the same", async () => {
    const { client, peer } = await boundToRaw();
    const closed = client.close();
    expect(client.close()).toBe(closed);
    const { sequence_number } = await peer.next("unbind");
    peer.write({ command: "unbind_resp", sequence_number });
    await closed;
  });

  test("meets the peer's own unbind", async () => {
    const clock = new FakeClock();
    const { client, peer } = await boundToRaw({ clock });
    const closed = client.close();
    await peer.next("unbind");
    await peer.ask({ command: "unbind", sequence_number: 3 }, "unbind_resp");
    peer.socket.end();
    await closed;
    expect(clock.waiting).toBe(0);
  });

  test("ends a client that was never started, and it cannot be started after", async () => {
    const client = esme(1);
    await client.close();
    expect(client.state).toBe("closed");
    expect(() => client.start()).toThrow("closed");
  });

  test("ends the wait for the next attempt", async () => {
    const clock = new FakeClock();
    const client = esme(1, { clock, connect: () => Promise.reject(new Error("no")) });
    client.start();
    await once(client, "failed");
    await client.close();
    expect(clock.waiting).toBe(0);
  });

  test("ends an attempt to connect", async () => {
    const clock = new FakeClock();
    const client = esme(1, { clock, connect: () => new Promise(() => {}) });
    client.start();
    expect(client.state).toBe("connecting");
    await client.close();
    expect(clock.waiting).toBe(0);
  });

  test.each([...Array(20).keys()])("ends an attempt that has just connected, %i microtasks ago", async (microtasks) => {
    const socket = new Duplex({ read() {}, write() {} });
    let connected = (_socket: Duplex) => {};
    const opening = new Promise<Duplex>((resolve) => {
      connected = resolve;
    });
    const client = esme(1, { connect: () => opening });
    client.start();
    await new Promise((resolve) => setImmediate(resolve));
    connected(socket);
    for (let count = 0; count < microtasks; count++) await null;
    await client.close();
    expect(client.state).toBe("closed");
    expect(socket.destroyed).toBe(true);
  });

  test("ends an attempt to bind", async () => {
    const clock = new FakeClock();
    const smsc = await rawSmsc();
    const client = esme(await smsc.listen(), { clock });
    client.start();
    const peer = await smsc.accept();
    await peer.next("bind_transceiver");
    expect(client.state).toBe("binding");
    await client.close();
    await peer.closed;
    expect(clock.waiting).toBe(0);
  });
});

test("a client is started once", async () => {
  const client = esme(1, { connect: () => new Promise(() => {}) });
  client.start();
  expect(() => client.start()).toThrow("cannot be started");
});
