import { once } from "node:events";
import { describe, expect, test } from "vitest";
import {
  commandStatus,
  encodePdu,
  NoAnswer,
  NotSent,
  type ServerSession,
  type SmppServerOptions,
} from "../src/index.ts";
import { FakeClock } from "./fake-clock.ts";
import { rawEsme } from "./raw-peer.ts";
import { boundEsme, boundRawEsme, serve } from "./rig.ts";

/** A server, and an ESME of the test's own bound to it. */
async function boundSession(options: SmppServerOptions = {}) {
  const { server, port } = await serve(options);
  const peer = await boundRawEsme(port);
  const [session] = server.sessions as [ServerSession];
  return { server, port, peer, session };
}

describe("a bind", () => {
  test("is answered with what onBind says, after whatever time", async () => {
    const { server, port } = await serve({
      system_id: "smsc",
      onBind: async (bind) => {
        await new Promise((resolve) => setImmediate(resolve));
        return bind.password === "right" ? 0 : commandStatus.ESME_RINVPASWD;
      },
    });
    const wrong = await rawEsme(port);
    const refusal = await wrong.ask(
      { command: "bind_transceiver", sequence_number: 1, password: "wrong" },
      "bind_transceiver_resp",
    );
    expect(refusal.command_status).toBe(commandStatus.ESME_RINVPASWD);
    await wrong.closed;
    const right = await rawEsme(port);
    const bound = once(server, "bound");
    const answer = await right.ask(
      { command: "bind_transceiver", sequence_number: 2, password: "right", system_id: "acme" },
      "bind_transceiver_resp",
    );
    expect(answer).toMatchObject({ system_id: "smsc", tlvs: { sc_interface_version: 0x34 } });
    const [session] = await bound;
    expect(server.sessions).toEqual([session]);
    expect(session.bind).toMatchObject({ system_id: "acme" });
    expect(session.remoteAddress).toBe("127.0.0.1");
    right.socket.destroy();
    await once(session, "closed");
    expect(server.sessions).toEqual([]);
  });

  test("finds room however many wait without one: the oldest of those is cut, and what is bound stays", async () => {
    const { server, port } = await serve({ maxUnbound: 2 });
    const bound = await boundRawEsme(port);
    const [first, second, third] = [await rawEsme(port), await rawEsme(port), await rawEsme(port)];
    await first.closed;
    const late = await boundRawEsme(port);
    await second.closed;
    expect(server.sessions).toHaveLength(2);
    for (const peer of [bound, third, late]) peer.socket.destroy();
  });

  test("of a peer older than SMPP 3.4 is answered with our version too", async () => {
    const { port } = await serve();
    const peer = await rawEsme(port);
    const answer = await peer.ask({ command: "bind_receiver", interface_version: 0x33 }, "bind_receiver_resp");
    expect(answer.tlvs).toEqual({ sc_interface_version: 0x34 });
    peer.socket.destroy();
  });

  test("is refused where onBind rejects", async () => {
    const { port } = await serve({ onBind: () => Promise.reject(new Error("the database is away")) });
    const peer = await rawEsme(port);
    const answer = await peer.ask({ command: "bind_transmitter" }, "bind_transmitter_resp");
    expect(answer.command_status).toBe(commandStatus.ESME_RSYSERR);
    await peer.closed;
  });

  test("is refused a second time", async () => {
    const { peer } = await boundSession();
    expect((await peer.ask({ command: "bind_receiver" }, "bind_receiver_resp")).command_status).toBe(
      commandStatus.ESME_RALYBND,
    );
  });

  test("that does not come in time ends the connection", async () => {
    const clock = new FakeClock();
    const { port } = await serve({ clock, bindTimeoutMs: 2_000 });
    const peer = await rawEsme(port);
    await peer.ask({ command: "enquire_link" }, "enquire_link_resp");
    clock.advance(2_000);
    await peer.closed;
    expect(clock.waiting).toBe(0);
  });

  test("whose peer leaves before it is answered leaves nothing behind", async () => {
    let decide = (_status: number) => {};
    const { server, port } = await serve({
      onBind: () =>
        new Promise((resolve) => {
          decide = resolve;
        }),
    });
    const peer = await rawEsme(port);
    peer.write({ command: "bind_transceiver" }, { command: "enquire_link" });
    await peer.next("enquire_link_resp");
    peer.socket.destroy();
    const other = await rawEsme(port);
    await other.ask({ command: "enquire_link" }, "enquire_link_resp");
    decide(0);
    await other.ask({ command: "enquire_link" }, "enquire_link_resp");
    expect(server.sessions).toEqual([]);
    other.socket.destroy();
  });
});

describe("a submit_sm", () => {
  test("is answered in whatever order the answers are known, or never", async () => {
    const { peer, session } = await boundSession();
    const answers = new Map<string, (message_id: string) => void>();
    session.onSubmit = ({ destination_addr }) =>
      new Promise((resolve) => {
        answers.set(destination_addr, (message_id) => resolve({ command_status: 0, message_id }));
      });
    for (const [index, destination_addr] of ["a", "b", "never"].entries()) {
      peer.write({ command: "submit_sm", sequence_number: 10 + index, destination_addr });
    }
    await peer.ask({ command: "enquire_link" }, "enquire_link_resp");
    answers.get("b")?.("2");
    expect(await peer.next("submit_sm_resp")).toMatchObject({ sequence_number: 11, message_id: "2" });
    answers.get("a")?.("1");
    expect(await peer.next("submit_sm_resp")).toMatchObject({ sequence_number: 10, message_id: "1" });
  });

  test.each<[string, ServerSession["onSubmit"], object]>([
    ["with its refusal", async () => ({ command_status: 0x58 }), { command_status: 0x58, message_id: "" }],
    [
      "with its TLVs",
      async () => ({ command_status: 0, message_id: "1", tlvs: { additional_status_info_text: "ok" } }),
      { message_id: "1", tlvs: { additional_status_info_text: "ok" } },
    ],
    ["ESME_RSYSERR where the handler rejects", () => Promise.reject(new Error("no")), { command_status: 8 }],
    [
      "ESME_RX_T_APPN where the answer cannot be written",
      async () => ({ command_status: 0, message_id: "ł" }),
      { command_status: 0x64 },
    ],
  ])("is answered %s", async (_, onSubmit, expected) => {
    const { peer, session } = await boundSession();
    session.onSubmit = onSubmit;
    expect(await peer.ask({ command: "submit_sm", sequence_number: 3 }, "submit_sm_resp")).toMatchObject(expected);
  });

  test("is refused before a bind and on a receiver's", async () => {
    const { port } = await serve();
    const peer = await rawEsme(port);
    const status = async () => (await peer.ask({ command: "submit_sm" }, "submit_sm_resp")).command_status;
    expect(await status()).toBe(commandStatus.ESME_RINVBNDSTS);
    await peer.ask({ command: "bind_receiver" }, "bind_receiver_resp");
    expect(await status()).toBe(commandStatus.ESME_RINVBNDSTS);
    peer.socket.destroy();
  });
});

test("other requests are answered by their handler, and refused without one", async () => {
  const { peer, session } = await boundSession();
  expect((await peer.ask({ command: "query_sm" }, "query_sm_resp")).command_status).toBe(commandStatus.ESME_RINVCMDID);
  session.onRequest = async (pdu) =>
    pdu.command === "query_sm"
      ? { command_status: 0, message_id: pdu.message_id, final_date: "", message_state: 2, error_code: 0 }
      : { command_status: commandStatus.ESME_RCANCELFAIL };
  expect(await peer.ask({ command: "query_sm", message_id: "9" }, "query_sm_resp")).toMatchObject({
    message_id: "9",
    message_state: 2,
  });
  expect((await peer.ask({ command: "cancel_sm" }, "cancel_sm_resp")).command_status).toBe(0x11);
});

describe("a deliver_sm", () => {
  test("goes to a receiver and comes back answered", async () => {
    const { server, port } = await serve();
    const client = await boundEsme(port, { bind: "receiver", onDeliver: async () => 0x66 });
    const [session] = server.sessions;
    expect(await session!.deliver({ short_message: Buffer.from("hi") })).toMatchObject({ command_status: 0x66 });
    expect(await session!.dataSm({ tlvs: { message_payload: Buffer.from("hi") } })).toMatchObject({
      command: "data_sm_resp",
    });
    await client.close();
  });

  test("does not go to a transmitter", async () => {
    const { server, port } = await serve();
    await boundEsme(port, { bind: "transmitter" });
    const [session] = server.sessions;
    expect(session!.free).toBe(0);
    await expect(session!.deliver({})).rejects.toThrow(NotSent);
  });

  test("is uncertain where the session is cut, and not sent where it is gone", async () => {
    const { peer, session } = await boundSession();
    const outcome = session.deliver({});
    const uncertain = expect(outcome).rejects.toThrow(NoAnswer);
    await peer.next("deliver_sm");
    session.destroy();
    await uncertain;
    await expect(session.deliver({})).rejects.toThrow(NotSent);
    await peer.closed;
  });
});

test("anything can be sent as it is, and its answer is unexpected", async () => {
  const { peer, session } = await boundSession();
  session.send({ command: "submit_sm_resp", sequence_number: 123, message_id: "unasked" });
  expect(await peer.next("submit_sm_resp")).toMatchObject({ sequence_number: 123, message_id: "unasked" });
  session.send({ command: "query_sm", sequence_number: 124, message_id: "1" });
  await peer.next("query_sm");
  const unexpected = once(session, "unexpected");
  peer.write({ command: "query_sm_resp", sequence_number: 124 });
  expect((await unexpected)[0]).toMatchObject({ command: "query_sm_resp" });
});

test("what cannot be read is told, answered and survived", async () => {
  const { peer, session } = await boundSession();
  session.onSubmit = async () => ({ command_status: 0, message_id: "1" });
  const fault = once(session, "fault");
  const frame = encodePdu({ command: "submit_sm", sequence_number: 6 }).subarray(0, 20);
  frame.writeUInt32BE(20, 0);
  peer.socket.write(frame);
  expect(await peer.next("submit_sm_resp")).toMatchObject({ command_status: 2, sequence_number: 6 });
  expect((await fault)[0]).toMatchObject({ sequence_number: 6 });
  expect((await peer.ask({ command: "submit_sm" }, "submit_sm_resp")).message_id).toBe("1");
});

describe("a session ends", () => {
  test("in order, asked for twice or not", async () => {
    const { peer, session } = await boundSession();
    const outcome = session.deliver({});
    const { sequence_number } = await peer.next("deliver_sm");
    const closed = once(session, "closed");
    const unbound = Promise.all([session.unbind(), session.unbind()]);
    peer.write({ command: "deliver_sm_resp", sequence_number });
    await outcome;
    const unbind = await peer.next("unbind");
    peer.write({ command: "unbind_resp", sequence_number: unbind.sequence_number });
    await unbound;
    await closed;
    await peer.closed;
  });

  test("with its server, bound or not", async () => {
    const { server, port, peer } = await boundSession();
    const unbound = await rawEsme(port);
    await unbound.ask({ command: "enquire_link" }, "enquire_link_resp");
    const closed = server.close();
    await unbound.closed;
    const { sequence_number } = await peer.next("unbind");
    peer.write({ command: "unbind_resp", sequence_number });
    await closed;
    await expect(rawEsme(port)).rejects.toThrow("ECONNREFUSED");
  });
});

test("a port that is taken is an error of listen()", async () => {
  const { port } = await serve();
  const { server } = await serve();
  await server.close();
  await expect(server.listen(port)).rejects.toThrow("EADDRINUSE");
});
