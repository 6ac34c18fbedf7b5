import { afterEach, expect, test } from "vitest";
import { blocksOf } from "../docs/example.ts";
import { page } from "../docs/page.ts";
import { finalOf, send } from "../http-carriers/rig.ts";
import { begin, printed } from "../support/mplus.ts";
import { startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

test("mplus simulate http is a carrier for the program, by the configuration that the guide has for it", async () => {
  const running = begin(["simulate", "http", "--port", "0", "--receipt-delay", "0.05", "--token", "t", "--json"]);
  ends.push(running.stop);
  const events = () => printed<{ event: string; port: number; to?: string; status?: number }>(running.output());
  const { port } = await until("it to listen", () => events()[0]);
  // More than any message has is not read to its end.
  const long = fetch(`http://127.0.0.1:${port}/messages`, { method: "POST", body: "x".repeat(1_000_000) });
  await expect(long).rejects.toThrow("fetch failed");
  const hooks = await receiver();
  ends.push(hooks.close);
  const example = blocksOf(page("docs/guides/http-carriers.md")).find(({ text }) => text.includes('"tryout"'))!;
  const { carriers } = JSON.parse(example.text.replace("http://127.0.0.1:8090", `http://127.0.0.1:${port}`));
  const program = await startProgram({ config: { carriers, callbacks: { allowPrivateAddresses: true } } });
  ends.push(program.stop);
  const rig = { hooks, program };
  const fates = [
    ["447700900123", "delivered 00"],
    ["447700900534", "failed 22"],
    ["447700900902", "delivered 00"],
    ["447700900904", "delivered 00"],
    ["447700900905", "delivered 00"],
    ["447700900906", "failed 43"],
  ] as const;
  for (const [to, final] of fates)
    expect({ to, final: await finalOf(rig, await send(rig, to)) }).toEqual({ to, final });
  const submits = events().filter(({ event }) => event === "submit");
  expect(submits.filter(({ to }) => to === "447700900905").map(({ status }) => status)).toEqual([429, 429, 202]);
});
