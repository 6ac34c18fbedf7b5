import { once } from "node:events";
import { SmppClient, type SmppClientOptions } from "@messaging-plus/smpp";
import { afterEach, expect, test } from "vitest";
import { begin, printed } from "../support/mplus.ts";
import { startProgram } from "../support/program.ts";
import { until } from "../support/until.ts";

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Event {
  event: string;
  [field: string]: unknown;
}

async function simulated(...args: string[]) {
  const running = begin(["simulate", "smsc", "--port", "0", "--receipt-delay", "0.05", "--json", ...args]);
  ends.push(running.stop);
  const events = () => printed<Event>(running.output());
  const { port } = await until("it to listen", () => events()[0]);
  return {
    port: port as number,
    child: running.child,
    of: (event: string) => events().filter((e) => e.event === event),
  };
}

/** An ESME, and the texts of what is delivered to it. */
function esme(port: number, options: Partial<SmppClientOptions>) {
  const delivered: string[] = [];
  const client = new SmppClient({
    host: "127.0.0.1",
    port,
    system_id: "one",
    password: "",
    onDeliver: async (pdu) => {
      if (pdu.command === "deliver_sm") delivered.push(pdu.short_message.toString("latin1"));
      return 0;
    },
    ...options,
  });
  ends.push(() => client.close({ timeoutMs: 1_000 }));
  client.start();
  return { client, delivered };
}

const submit = { source_addr: "Shop", destination_addr: "447700900534", registered_delivery: 1 };

test("mplus simulate smsc is a carrier for the program, and says what was submitted", async () => {
  const smsc = await simulated("--system-id", "esme", "--password", "secret");
  const carrier = {
    id: "acme",
    type: "smpp",
    host: "127.0.0.1",
    port: smsc.port,
    systemId: "esme",
    password: "secret",
    nationalLanguages: ["turkish"],
  };
  const program = await startProgram({ config: { carriers: [carrier] } });
  ends.push(program.stop);
  const body = { from: "Shop", message: "Grüße ".repeat(30), destinations: ["447700900123"] };
  const id = await program.api.sendBatch(body, "?allowMulti=true");
  await until("its delivery", async () => (await program.api.status(id, "")).counts.delivered === 1);
  expect(smsc.of("bound")).toMatchObject([{ system_id: "esme", command: "bind_transceiver" }]);
  const submits = smsc.of("submit");
  expect(submits).toMatchObject(
    [1, 2].map((sequence) => ({
      system_id: "esme",
      from: "Shop",
      to: "447700900123",
      part: { sequence, total: 2 },
      command_status: 0,
    })),
  );
  expect(submits.map(({ text }) => text).join("")).toBe(body.message);

  const turkish = `Şık ${"x".repeat(100)}`;
  await program.api.sendBatch({ ...body, message: turkish });
  const [shown] = await until("the text in Turkish", () => smsc.of("submit").length > 2 && smsc.of("submit").slice(2));
  expect(shown).toMatchObject({ text: turkish, data_coding: 0, part: null });
});

test("each ESME gets the receipts of what it submitted, as the number says", async () => {
  const smsc = await simulated();
  const [one, two] = [esme(smsc.port, {}), esme(smsc.port, { system_id: "two" })];
  await until("both to be bound", () => [one, two].every(({ client }) => client.state === "bound"));
  const answer = await two.client.submit({ ...submit, short_message: Buffer.from("x") });
  const [receipt] = await until("the receipt", () => two.delivered.length > 0 && two.delivered);
  expect(receipt).toMatch(new RegExp(`^id:${answer.message_id} .*stat:UNDELIV err:x22 `));
  expect(one.delivered).toEqual([]);
});

test("with options it takes other numbers, throttles, and sends the receipts over another bind", async () => {
  const smsc = await simulated("--dest-ton", "2", "--source-npi", "0", "--throughput", "1", "--receipts-to", "two");
  const [one, two] = [esme(smsc.port, {}), esme(smsc.port, { system_id: "two" })];
  await until("both to be bound", () => [one, two].every(({ client }) => client.state === "bound"));
  const status = async (fields: object) =>
    (await one.client.submit({ ...submit, short_message: Buffer.from("x"), dest_addr_ton: 2, ...fields }))
      .command_status;
  expect([await status({ dest_addr_ton: 1 }), await status({ source_addr_npi: 1 })]).toEqual([0x50, 0x49]);
  const [first, ...more] = await Promise.all(Array.from({ length: 20 }, () => status({})));
  expect([first, more.at(-1)]).toEqual([0, 0x58]);
  await until("the receipt", () => two.delivered.length > 0);
  expect(one.delivered).toEqual([]);
});

test("a bind with another name or password is refused, and shown without its password", async () => {
  const smsc = await simulated("--system-id", "one", "--password", "secret");
  for (const [options, status] of [
    [{ password: "wrong" }, 0x0e],
    [{ system_id: "two", password: "secret" }, 0x0f],
  ] as const) {
    const { client } = esme(smsc.port, options);
    expect((await once(client, "refused"))[0]).toBe(status);
    await client.close({ timeoutMs: 1_000 });
  }
  expect(smsc.of("refused").map(({ command_status }) => command_status)).toEqual([0x0e, 0x0f]);
  expect(JSON.stringify(smsc.of("refused"))).not.toContain("wrong");
});

test("it ends in order when it is told to", async () => {
  const smsc = await simulated();
  const { client } = esme(smsc.port, {});
  await once(client, "bound");
  smsc.child.kill("SIGTERM");
  expect(await once(smsc.child, "close")).toEqual([0, null]);
});
