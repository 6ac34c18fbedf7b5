import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { NoAnswer, NotSent } from "../src/index.ts";
import { FakeClock } from "./fake-clock.ts";
import { boundToRaw, esme, owingAnswers } from "./rig.ts";

const options = { enquireLinkMs: 0, responseTimeoutMs: 2_000, random: () => 0 };
const reason = new Error("the peer says that we are not bound");

describe("rebind()", () => {
  test("waits for answers that are due on both sides, unbinds, and binds anew", async () => {
    const clock = new FakeClock();
    const { client, smsc, peer, outcome, sequence_number, commit } = await owingAnswers({ ...options, clock });
    peer.write({ command: "deliver_sm", sequence_number: 8 }, { command: "enquire_link", sequence_number: 9 });
    await peer.next("enquire_link_resp");
    client.rebind(reason);
    expect(client.state).toBe("unbinding");
    expect(client.free).toBe(0);
    await expect(client.submit({})).rejects.toThrow(NotSent);
    peer.write({ command: "submit_sm_resp", sequence_number, message_id: "last" });
    expect((await outcome).message_id).toBe("last");
    commit(0);
    expect((await peer.next("deliver_sm_resp")).sequence_number).toBe(8);
    const unbind = await peer.next("unbind");
    const lost = once(client, "lost");
    peer.write({ command: "unbind_resp", sequence_number: unbind.sequence_number });
    expect(await lost).toEqual([reason, 100]);
    await peer.closed;
    clock.advance(100);
    const again = await smsc.accept();
    const bound = once(client, "bound");
    await again.takeBind();
    await bound;
    expect(client.free).toBe(100);
  });

  test("waits no longer than for any answer", async () => {
    const clock = new FakeClock();
    const { client, peer } = await boundToRaw({ ...options, clock });
    clock.advance(500);
    const outcome = client.submit({});
    await peer.next("submit_sm");
    clock.advance(1_000);
    client.rebind(reason);
    const uncertain = expect(outcome).rejects.toThrow(NoAnswer);
    clock.advance(1_000);
    await uncertain;
    await peer.next("unbind");
    const lost = once(client, "lost");
    clock.advance(1_000);
    expect((await lost)[0]).toBe(reason);
    await peer.closed;
  });

  test("asked for by every answer of a window unbinds once", async () => {
    const { client, smsc, peer } = await boundToRaw({ ...options, backoff: { failedMs: [1] } });
    for (let times = 0; times < 3; times++) client.rebind(reason);
    const lost = once(client, "lost");
    const { sequence_number } = await peer.next("unbind");
    peer.write({ command: "unbind_resp", sequence_number });
    await lost;
    const again = await smsc.accept();
    const bound = once(client, "bound");
    await again.takeBind();
    await bound;
    expect(client.state).toBe("bound");
    again.write({ command: "enquire_link", sequence_number: 1 });
    await again.next("enquire_link_resp");
  });

  test("does nothing where there is no bind", async () => {
    const client = esme(1, { ...options, connect: () => new Promise(() => {}) });
    client.rebind(reason);
    expect(client.state).toBe("idle");
    client.start();
    client.rebind(reason);
    expect(client.state).toBe("connecting");
    await client.close();
    client.rebind(reason);
    expect(client.state).toBe("closed");
  });

  test("does not keep close() from ending in its own time", async () => {
    const clock = new FakeClock();
    const { client, peer } = await boundToRaw({ ...options, clock, onDeliver: () => new Promise(() => {}) });
    await peer.ask({ command: "enquire_link", sequence_number: 1 }, "enquire_link_resp");
    peer.write({ command: "deliver_sm", sequence_number: 2 }, { command: "enquire_link", sequence_number: 3 });
    await peer.next("enquire_link_resp");
    client.rebind(reason);
    const closed = client.close({ timeoutMs: 300 });
    clock.advance(300);
    await closed;
    expect(client.state).toBe("closed");
    await peer.closed;
    expect(clock.waiting).toBe(0);
  });
});
