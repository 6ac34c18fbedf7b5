import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import {
  type DeliverSm,
  SmppClient,
  type SmppClientOptions,
  SmppServer,
  type SmppServerOptions,
} from "../src/index.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function serve(options: SmppServerOptions): Promise<{ server: SmppServer; port: number }> {
  const server = new SmppServer(options);
  open.push(server);
  const { port } = await server.listen(0);
  return { server, port };
}

async function bound(port: number, options: Partial<SmppClientOptions> = {}): Promise<SmppClient> {
  const client = new SmppClient({ host: "127.0.0.1", port, system_id: "esme", password: "secret", ...options });
  open.unshift(client);
  client.start();
  await once(client, "bound");
  return client;
}

test("a message goes out and its receipt comes in", async () => {
  const { server, port } = await serve({
    system_id: "smsc",
    onBind: (bind, session) => {
      session.onSubmit = async (pdu) => ({ command_status: 0, message_id: `for ${pdu.destination_addr}` });
      return bind.password === "secret" ? 0 : 0x0e;
    },
  });
  const received: DeliverSm[] = [];
  const client = await bound(port, {
    onDeliver: async (pdu) => {
      if (pdu.command === "deliver_sm") received.push(pdu);
      return 0;
    },
  });
  const answer = await client.submit({ destination_addr: "447700900001", short_message: Buffer.from("hello") });
  expect(answer).toMatchObject({ command_status: 0, message_id: "for 447700900001" });
  const [session] = server.sessions;
  const delivered = await session!.deliver({ esm_class: 4, short_message: Buffer.from("id:1 stat:DELIVRD") });
  expect(delivered.command_status).toBe(0);
  expect(received.map((pdu) => pdu.short_message.toString())).toEqual(["id:1 stat:DELIVRD"]);
});
