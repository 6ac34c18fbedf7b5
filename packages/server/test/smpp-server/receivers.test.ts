import { once } from "node:events";
import { type ServerSession, SmppServer } from "@messaging-plus/smpp";
import { afterAll, expect, test } from "vitest";
import { EsmeBind } from "../../src/smpp-server/esme-bind.ts";
import { type Delivered, Receivers } from "../../src/smpp-server/receivers.ts";
import type { SmppLogin } from "../../src/store/accounts/smpp-credentials.ts";
import { Esme } from "../support/esme.ts";
import { until } from "../support/until.ts";

const server = new SmppServer({ system_id: "server", window: 2, onBind: () => 0 });
const { port } = await server.listen(0, "127.0.0.1");
afterAll(() => server.close({ timeoutMs: 0 }));

/** A customer that answers nothing by itself, and its bind. */
async function bound() {
  const esme = await Esme.connect(port, { onDeliver: () => null });
  const session = once(server, "bound") as Promise<[ServerSession]>;
  await esme.bind({ system_id: "acme", password: "" });
  const [found] = await session;
  return { esme, bind: new EsmeBind(1, found, found.bind!, {} as SmppLogin) };
}

function receiversOf(...binds: EsmeBind[]) {
  const receivers = new Receivers();
  for (const bind of binds) {
    receivers.add(bind);
    bind.session.on("free", () => receivers.pump());
    bind.session.on("closed", () => receivers.remove(bind));
  }
  const ends: Record<string, Delivered> = {};
  const deliver = (name: string) => {
    receivers.deliver({ source_addr: name }, (delivered) => {
      ends[name] = delivered;
    });
  };
  return { deliver, ends };
}

const sources = ({ delivered }: Esme) => delivered.map(({ source_addr }) => source_addr);

test("deliveries beyond the window wait for room, in their order", async () => {
  const { esme, bind } = await bound();
  const { deliver, ends } = receiversOf(bind);
  for (const name of ["1", "2", "3", "4"]) deliver(name);
  await until("two", () => esme.delivered.length === 2);
  const [first] = esme.delivered;
  esme.send({ command: "deliver_sm_resp", sequence_number: first!.sequence_number });
  await until("the third", () => esme.delivered.length === 3);
  expect(sources(esme)).toEqual(["1", "2", "3"]);
  expect(ends).toEqual({ "1": 0 });
  for (const { sequence_number } of esme.delivered.slice(1)) {
    esme.send({ command: "deliver_sm_resp", command_status: 0x64, sequence_number });
  }
  await until("the fourth", () => esme.delivered.length === 4);
  expect(ends).toEqual({ "1": 0, "2": 0x64, "3": 0x64 });
  expect(bind.counts.delivered).toBe(1);
  esme.end();
});

test("a delivery goes over the bind with the most room", async () => {
  const [one, two] = [await bound(), await bound()];
  const { deliver } = receiversOf(one.bind, two.bind);
  for (const name of ["1", "2", "3", "4"]) deliver(name);
  await until("two each", () => one.esme.delivered.length === 2 && two.esme.delivered.length === 2);
  expect([sources(one.esme), sources(two.esme)]).toEqual([
    ["1", "3"],
    ["2", "4"],
  ]);
  one.esme.end();
  two.esme.end();
});

test("after a refusal the next delivery goes over another bind with as much room", async () => {
  const [one, two] = [await bound(), await bound()];
  const { deliver, ends } = receiversOf(one.bind, two.bind);
  deliver("1");
  const refused = await until("the first", () => one.esme.delivered[0]);
  const { sequence_number } = refused;
  one.esme.send({ command: "deliver_sm_resp", command_status: 0x64, sequence_number });
  await until("its end", () => ends["1"] === 0x64);
  deliver("2");
  await until("the second", () => two.esme.delivered.length === 1);
  expect([sources(one.esme), sources(two.esme)]).toEqual([["1"], ["2"]]);
  one.esme.end();
  two.esme.end();
});

test("with the last bind gone, what was sent has no answer, and what waits nobody to go to", async () => {
  const { esme, bind } = await bound();
  const { deliver, ends } = receiversOf(bind);
  for (const name of ["1", "2", "3"]) deliver(name);
  await until("two", () => esme.delivered.length === 2);
  esme.end();
  await until("all ends", () => Object.keys(ends).length === 3);
  expect(ends).toEqual({ "1": "timeout", "2": "timeout", "3": "unbound" });
});
