import { once } from "node:events";
import smpp, { type PDU, type Session } from "smpp";
import { describe, expect, test } from "vitest";
import { type DataSm, type DeliverSm, NoAnswer, type SubmitSm } from "../src/index.ts";
import { atEnd, boundEsme, esme, serve } from "./rig.ts";

/** An SMSC by the npm package smpp: accepts one password, keeps what is submitted. */
async function otherSmsc(): Promise<{ port: number; session: Promise<Session>; submitted: PDU[] }> {
  const submitted: PDU[] = [];
  let begun = (_session: Session) => {};
  const session = new Promise<Session>((resolve) => {
    begun = resolve;
  });
  const sessions: Session[] = [];
  const server = smpp.createServer((one) => {
    sessions.push(one);
    one.on("error", () => {});
    for (const bind of ["bind_transceiver", "bind_transmitter"]) {
      one.on(bind, (pdu: PDU) => {
        one.send(pdu.response(pdu.password === "secret" ? { system_id: "other" } : { command_status: 0x0e }));
      });
    }
    for (const command of ["submit_sm", "data_sm"]) {
      one.on(command, (pdu: PDU) => {
        submitted.push(pdu);
        one.send(pdu.response({ message_id: `id ${submitted.length}` }));
      });
    }
    one.on("enquire_link", (pdu: PDU) => one.send(pdu.response()));
    one.on("unbind", (pdu: PDU) => {
      one.send(pdu.response());
      one.close();
    });
    begun(one);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  atEnd(() => {
    for (const one of sessions) one.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return { port: server.address().port, session, submitted };
}

describe("our client with another's SMSC", () => {
  test("binds, and is refused with a wrong password", async () => {
    const { port } = await otherSmsc();
    await boundEsme(port, { bind: "transmitter" });
    const refused = esme(port, { password: "wrong" });
    refused.start();
    expect((await once(refused, "refused"))[0]).toBe(0x0e);
  });

  test("submits text, Unicode, and TLVs", async () => {
    const { port, submitted } = await otherSmsc();
    const client = await boundEsme(port);
    const unicode = "Grüße, 你好 🎉";
    const answers = await Promise.all([
      client.submit({
        service_type: "CMT",
        source_addr_ton: 5,
        source_addr: "Acme",
        dest_addr_ton: 1,
        dest_addr_npi: 1,
        destination_addr: "447700900001",
        registered_delivery: 1,
        validity_period: "000001000000000R",
        short_message: Buffer.from("plain text"),
      }),
      client.submit({ data_coding: 8, short_message: Buffer.from(unicode, "utf16le").swap16() }),
      client.submit({
        tlvs: {
          user_message_reference: 513,
          sar_msg_ref_num: 7,
          sar_total_segments: 2,
          sar_segment_seqnum: 1,
          receipted_message_id: "abc",
          source_telematics_id: 1,
          message_payload: Buffer.from("a long text".repeat(100)),
        },
      }),
      client.dataSm({ destination_addr: "447700900002", tlvs: { message_payload: Buffer.from("data") } }),
    ]);
    expect(answers.map((answer) => answer.message_id)).toEqual(["id 1", "id 2", "id 3", "id 4"]);
    expect(submitted).toMatchObject([
      {
        command: "submit_sm",
        service_type: "CMT",
        source_addr_ton: 5,
        source_addr: "Acme",
        dest_addr_ton: 1,
        dest_addr_npi: 1,
        destination_addr: "447700900001",
        registered_delivery: 1,
        validity_period: expect.any(Date),
        short_message: { message: "plain text" },
      },
      { data_coding: 8, short_message: { message: unicode } },
      {
        user_message_reference: 513,
        sar_msg_ref_num: 7,
        sar_total_segments: 2,
        sar_segment_seqnum: 1,
        receipted_message_id: "abc",
        message_payload: { message: "a long text".repeat(100) },
      },
      { command: "data_sm", destination_addr: "447700900002" },
    ]);
  });

  test("takes receipts with TLVs and answers them and enquire_link", async () => {
    const received: (DeliverSm | DataSm)[] = [];
    const { port, session } = await otherSmsc();
    await boundEsme(port, {
      onDeliver: async (pdu) => {
        received.push(pdu);
        return 0;
      },
    });
    const smsc = await session;
    const text = "id:1 sub:001 dlvrd:001 submit date:2401010000 done date:2401010001 stat:DELIVRD err:000 text:hi";
    const answer = await new Promise<PDU>((resolve) =>
      smsc.deliver_sm(
        {
          esm_class: 4,
          source_addr: "447700900001",
          destination_addr: "Acme",
          short_message: text,
          receipted_message_id: "1",
          message_state: 2,
          network_error_code: Buffer.from([3, 0, 1]),
        },
        resolve,
      ),
    );
    expect(answer).toMatchObject({ command: "deliver_sm_resp", command_status: 0 });
    expect(received).toMatchObject([
      {
        command: "deliver_sm",
        esm_class: 4,
        source_addr: "447700900001",
        destination_addr: "Acme",
        short_message: Buffer.from(text),
        tlvs: {
          receipted_message_id: "1",
          message_state: 2,
          network_error_code: { network_type: 3, error_code: 1 },
        },
      },
    ]);
    const alive = await new Promise<PDU>((resolve) => smsc.enquire_link(resolve));
    expect(alive.command).toBe("enquire_link_resp");
  });

  test("unbinds, and notices the other's unbind and loss", async () => {
    const { port, session } = await otherSmsc();
    const first = await boundEsme(port);
    const smsc = await session;
    const lost = once(first, "lost");
    const answer = await new Promise<PDU>((resolve) => smsc.unbind(resolve));
    expect(answer.command).toBe("unbind_resp");
    smsc.close();
    expect((await lost)[0].message).toBe("the peer unbound");
    const second = await boundEsme(port);
    await second.close();
    expect(second.state).toBe("closed");
  });
});

describe("our server with another's ESME", () => {
  async function otherEsme(port: number, fields: Record<string, unknown> = {}): Promise<[Session, PDU]> {
    const session = smpp.connect({ host: "127.0.0.1", port }, () => {});
    session.on("error", () => {});
    await once(session, "connect");
    atEnd(() => session.destroy());
    const answer = await new Promise<PDU>((resolve) =>
      session.bind_transceiver({ system_id: "other", password: "secret", ...fields }, resolve),
    );
    return [session, answer];
  }

  test("takes its bind, messages, enquire_link and unbind", async () => {
    const submitted: SubmitSm[] = [];
    const { port } = await serve({
      system_id: "smsc",
      onBind: (bind, session) => {
        session.onSubmit = async (pdu) => {
          submitted.push(pdu);
          return { command_status: pdu.destination_addr === "" ? 0x0b : 0, message_id: "4711" };
        };
        return bind.password === "secret" ? 0 : 0x0e;
      },
    });
    expect((await otherEsme(port, { password: "wrong" }))[1].command_status).toBe(0x0e);
    const [session, bound] = await otherEsme(port);
    expect(bound).toMatchObject({ command_status: 0, system_id: "smsc", sc_interface_version: 0x34 });
    const submit = (fields: Record<string, unknown>) =>
      new Promise<PDU>((resolve) => session.submit_sm(fields, resolve));
    const text = "Zażółć gęślą jaźń 🎉";
    const answer = await submit({
      source_addr: "Acme",
      destination_addr: "447700900001",
      data_coding: 8,
      short_message: text,
      user_message_reference: 9,
      dest_addr_subunit: 1,
    });
    expect(answer).toMatchObject({ command_status: 0, message_id: "4711" });
    expect(submitted).toMatchObject([
      { source_addr: "Acme", data_coding: 8, tlvs: { user_message_reference: 9, dest_addr_subunit: 1 } },
    ]);
    expect(Buffer.from(submitted[0]!.short_message).swap16().toString("utf16le")).toBe(text);
    expect((await submit({ destination_addr: "" })).command_status).toBe(0x0b);
    expect((await new Promise<PDU>((resolve) => session.enquire_link(resolve))).command).toBe("enquire_link_resp");
    const query = await new Promise<PDU>((resolve) => session.query_sm({ message_id: "1" }, resolve));
    expect(query).toMatchObject({ command: "query_sm_resp", command_status: 3 });
    expect((await new Promise<PDU>((resolve) => session.unbind(resolve))).command).toBe("unbind_resp");
    session.close();
    await once(session, "close");
  });

  test("delivers to it, and tells when no answer comes", async () => {
    const { server, port } = await serve();
    const [session] = await otherEsme(port);
    const received: PDU[] = [];
    session.on("deliver_sm", (pdu: PDU) => {
      received.push(pdu);
      if (pdu.source_addr === "447700900001") session.send(pdu.response());
      else session.destroy();
    });
    const ours = server.sessions[0]!;
    const answer = await ours.deliver({
      esm_class: 4,
      source_addr: "447700900001",
      short_message: Buffer.from("id:1 stat:DELIVRD"),
      tlvs: { receipted_message_id: "1", message_state: 2, callback_num: [Buffer.from([1, 0, 0, 0x31])] },
    });
    expect(answer.command_status).toBe(0);
    expect(received).toMatchObject([
      { esm_class: 4, short_message: { message: "id:1 stat:DELIVRD" }, receipted_message_id: "1", message_state: 2 },
    ]);
    await expect(ours.deliver({ source_addr: "447700900002" })).rejects.toThrow(NoAnswer);
  });
});
