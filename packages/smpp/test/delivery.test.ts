import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { commandStatus, encodePdu, type SmppClientOptions } from "../src/index.ts";
import { boundToRaw } from "./rig.ts";

describe("a deliver_sm is answered", () => {
  test.each<[string, Partial<SmppClientOptions>, number]>([
    ["with what the handler says", { onDeliver: async () => 0 }, 0],
    ["with whatever the handler says", { onDeliver: async () => 0x66 }, 0x66],
    ["ESME_RX_T_APPN where the handler rejects", { onDeliver: () => Promise.reject(new Error("no")) }, 0x64],
    [
      "ESME_RX_T_APPN where the handler throws",
      {
        onDeliver: () => {
          throw new Error("no");
        },
      },
      0x64,
    ],
    ["ESME_RX_T_APPN where the handler says what is no status", { onDeliver: async () => -1 }, 0x64],
    ["ESME_RX_T_APPN where there is no handler", {}, 0x64],
  ])("%s", async (_, options, expected) => {
    const { peer } = await boundToRaw(options);
    const answer = await peer.ask({ command: "deliver_sm", sequence_number: 77 }, "deliver_sm_resp");
    expect(answer).toMatchObject({ command_status: expected, sequence_number: 77 });
    const data = await peer.ask({ command: "data_sm", sequence_number: 78 }, "data_sm_resp");
    expect(data).toMatchObject({ command_status: expected, sequence_number: 78 });
  });

  test("only once the handler is done, others meanwhile", async () => {
    let commit = (_status: number) => {};
    const { peer } = await boundToRaw({
      onDeliver: (pdu) =>
        pdu.command === "deliver_sm" && pdu.esm_class === 4
          ? new Promise((resolve) => {
              commit = resolve;
            })
          : Promise.resolve(0),
    });
    peer.write(
      { command: "deliver_sm", sequence_number: 1, esm_class: 4 },
      { command: "deliver_sm", sequence_number: 2 },
    );
    expect((await peer.next("deliver_sm_resp")).sequence_number).toBe(2);
    commit(0);
    expect((await peer.next("deliver_sm_resp")).sequence_number).toBe(1);
  });

  test("ESME_RX_T_APPN where too many wait already", async () => {
    const { peer } = await boundToRaw({ maxUnanswered: 2, onDeliver: () => new Promise(() => {}) });
    peer.write(...[1, 2, 3].map((sequence_number) => ({ command: "deliver_sm" as const, sequence_number })));
    expect(await peer.next("deliver_sm_resp")).toMatchObject({ command_status: 0x64, sequence_number: 3 });
  });

  test("ESME_RX_T_APPN where those that wait have too many octets, until one is answered", async () => {
    let commit: (status: number) => void = () => {};
    const waits = new Promise<number>((resolve) => {
      commit = resolve;
    });
    let count = 0;
    const { peer } = await boundToRaw({
      maxUnansweredBytes: 400,
      onDeliver: () => (++count === 1 ? waits : Promise.resolve(0)),
    });
    const long = { command: "deliver_sm" as const, short_message: Buffer.alloc(200) };
    peer.write({ ...long, sequence_number: 1 }, { ...long, sequence_number: 2 });
    expect(await peer.next("deliver_sm_resp")).toMatchObject({ command_status: 0x64, sequence_number: 2 });
    commit(0);
    expect(await peer.next("deliver_sm_resp")).toMatchObject({ command_status: 0, sequence_number: 1 });
    peer.write({ ...long, sequence_number: 3 });
    expect(await peer.next("deliver_sm_resp")).toMatchObject({ command_status: 0, sequence_number: 3 });
  });
});

describe("what is no deliver_sm", () => {
  test("is refused where an ESME has no business with it", async () => {
    const { peer } = await boundToRaw({ onDeliver: async () => 0 });
    expect((await peer.ask({ command: "submit_sm", sequence_number: 5 }, "submit_sm_resp")).command_status).toBe(
      commandStatus.ESME_RINVCMDID,
    );
  });

  test("is answered by the session itself where it is an enquire_link", async () => {
    const { peer } = await boundToRaw();
    expect(await peer.ask({ command: "enquire_link", sequence_number: 12 }, "enquire_link_resp")).toMatchObject({
      command_status: 0,
      sequence_number: 12,
    });
  });

  test("is told where it is an alert_notification", async () => {
    const { client, peer } = await boundToRaw();
    const alert = once(client, "alert");
    peer.write({ command: "alert_notification", source_addr: "447700900001", tlvs: { ms_availability_status: 0 } });
    expect((await alert)[0]).toMatchObject({ source_addr: "447700900001" });
  });
});

describe("a PDU that cannot be read costs itself alone", () => {
  function truncated(octets: Buffer): Buffer {
    const frame = Buffer.from(octets.subarray(0, -1));
    frame.writeUInt32BE(frame.length, 0);
    return frame;
  }
  const alive = { command: "enquire_link" as const, sequence_number: 99 };

  test("a deliver_sm is refused", async () => {
    const { client, peer } = await boundToRaw({ onDeliver: async () => 0 });
    const fault = once(client, "fault");
    const octets = encodePdu({ command: "deliver_sm", sequence_number: 3, short_message: Buffer.from("receipt") });
    peer.socket.write(truncated(octets));
    expect(await peer.next("deliver_sm_resp")).toMatchObject({
      command_status: commandStatus.ESME_RINVMSGLEN,
      sequence_number: 3,
    });
    expect((await fault)[0]).toMatchObject({ fatal: false, sequence_number: 3 });
    await peer.ask(alive, "enquire_link_resp");
  });

  test("an unknown command has a generic_nack, an unknown answer none", async () => {
    const { peer } = await boundToRaw();
    const unknown = encodePdu({ command: "enquire_link", sequence_number: 4 });
    unknown.writeUInt32BE(0x112, 4);
    peer.socket.write(unknown);
    expect(await peer.next("generic_nack")).toMatchObject({
      command_status: commandStatus.ESME_RINVCMDID,
      sequence_number: 4,
    });
    unknown.writeUInt32BE(0x80000112, 4);
    peer.socket.write(unknown);
    await peer.ask(alive, "enquire_link_resp");
  });

  test("an alert_notification has a generic_nack, for it has no answer of its own", async () => {
    const { peer } = await boundToRaw();
    peer.socket.write(truncated(encodePdu({ command: "alert_notification", sequence_number: 5 })));
    expect((await peer.next("generic_nack")).sequence_number).toBe(5);
    await peer.ask(alive, "enquire_link_resp");
  });

  test("unless its length cannot be true: then the connection is given up", async () => {
    const { client, peer } = await boundToRaw();
    const lost = once(client, "lost");
    peer.socket.write("GET / HTTP/1.1\r\n\r\n");
    expect((await peer.next("generic_nack")).command_status).toBe(commandStatus.ESME_RINVCMDLEN);
    await peer.closed;
    expect((await lost)[0]).toMatchObject({ name: "PduError", fatal: true });
  });
});
