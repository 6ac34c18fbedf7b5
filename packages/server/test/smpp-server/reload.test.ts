import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page, SmppBind } from "@messaging-plus/sdk";
import { commandStatus } from "@messaging-plus/smpp";
import { afterAll, expect, test } from "vitest";
import { startSmppProgram, submitOf } from "../support/smpp-program.ts";

const program = await startSmppProgram({ config: { server: { port: 0, workers: 2 } } });
afterAll(program.stop);

async function reloadWith(change: object): Promise<string[]> {
  const file = join(program.folder, "config.json");
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), ...change }));
  return (await program.operator.request<{ changed: string[] }>("POST", "/reload")).body.changed;
}

test("a reload leaves customers bound, and judges what they submit by the new configuration", async () => {
  const { credential } = await program.account();
  const esme = await program.bound(credential);
  const binds = async () => (await program.operator.request<Page<SmppBind>>("GET", "/smpp")).body.items;
  const [before] = await binds();
  const submit = async () => (await esme.ask("submit_sm", submitOf())).command_status;
  expect(await submit()).toBe(0);
  expect(await reloadWith({ senders: { unregistered: "refuse" } })).toEqual(["senders.unregistered"]);
  expect(await submit()).toBe(commandStatus.ESME_RINVSRCADR);
  const limits = { requestsPerSecond: 0.001, burst: 1 };
  expect(await reloadWith({ senders: {}, limits })).toEqual([
    "senders.unregistered",
    "limits.requestsPerSecond",
    "limits.burst",
  ]);
  expect([await submit(), await submit()]).toEqual([0, commandStatus.ESME_RTHROTTLED]);
  expect(await reloadWith({ limits: {} })).toEqual(["limits.requestsPerSecond", "limits.burst"]);
  expect(await submit()).toBe(0);
  expect((await binds()).map(({ since }) => since)).toEqual([before?.since]);
  expect(esme.requests.map(({ command }) => command)).not.toContain("unbind");
  esme.end();
});
