import { expect, test } from "vitest";
import { type DataSm, type DeliverSm, type DeliverSmResp, esmClass } from "../src/index.ts";
import { boundEsme, serve } from "./rig.ts";

test("a message goes out and its receipt comes in", async () => {
  const { server, port } = await serve({
    system_id: "smsc",
    onBind: (bind, session) => {
      session.onSubmit = async (pdu) => ({ command_status: 0, message_id: `for ${pdu.destination_addr}` });
      return bind.password === "secret" ? 0 : 0x0e;
    },
  });
  const received: (DeliverSm | DataSm)[] = [];
  const client = await boundEsme(port, {
    onDeliver: async (pdu) => {
      received.push(pdu);
      return 0;
    },
  });
  const answer = await client.submit({ destination_addr: "447700900001", short_message: Buffer.from("hello") });
  expect(answer).toMatchObject({ command_status: 0, message_id: "for 447700900001" });
  const receipt = { esm_class: esmClass.DELIVERY_RECEIPT, short_message: Buffer.from("id:1 stat:DELIVRD") };
  expect((await server.sessions[0]!.deliver(receipt)).command_status).toBe(0);
  expect(received).toMatchObject([receipt]);
});

test("10,000 messages and their receipts cross each other, none lost, each answer with its own request", async () => {
  const deliveries: Promise<DeliverSmResp>[] = [];
  const { port } = await serve({
    // Room for every receipt: a deliver() beyond the window is NotSent.
    window: 10_000,
    onBind: (_bind, session) => {
      session.onSubmit = async ({ destination_addr }) => {
        deliveries.push(session.deliver({ source_addr: destination_addr }));
        return { command_status: 0, message_id: destination_addr };
      };
      return 0;
    },
  });
  const receipts = new Set<string>();
  const client = await boundEsme(port, {
    window: 500,
    onDeliver: async (pdu) => {
      receipts.add(pdu.source_addr);
      return 0;
    },
  });
  const answers: Promise<boolean>[] = [];
  await new Promise<void>((resolve) => {
    const fill = () => {
      while (client.free > 0 && answers.length < 10_000) {
        const destination_addr = String(answers.length);
        answers.push(client.submit({ destination_addr }).then(({ message_id }) => message_id === destination_addr));
      }
      if (answers.length === 10_000) resolve();
    };
    client.on("free", fill);
    fill();
  });
  expect((await Promise.all(answers)).every((right) => right)).toBe(true);
  expect((await Promise.all(deliveries)).every(({ command_status }) => command_status === 0)).toBe(true);
  expect(receipts.size).toBe(10_000);
});
