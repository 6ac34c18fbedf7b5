import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { blocksOf } from "../docs/example.ts";
import { page } from "../docs/page.ts";
import { storyWith } from "../messages/stories.ts";
import { begin, mplus, printed } from "../support/mplus.ts";
import { startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { finalOf, sendTo } from "../support/sent.ts";
import { until } from "../support/until.ts";

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "mplus-simulate-rcs-"));
  ends.push(() => rm(made, { recursive: true }));
  return made;
}

const TOKEN = "simulated";

async function simulate(keyFile: string, port: number, webhook: string) {
  const delays = ["--receipt-delay", "0.05", "--read-delay", "0.05"];
  const where = ["--port", String(port), "--webhook", webhook, "--key-file", keyFile];
  const running = begin(["simulate", "rcs", ...where, ...delays, "--json"]);
  ends.push(running.stop);
  const events = () => printed(running.output());
  const { port: listening } = await until("it to listen", () => events()[0]);
  return { ...running, events, port: Number(listening) };
}

test("mplus simulate rcs is a carrier for the program, by the configuration that the guide has for it", async () => {
  const keyFile = join(await folder(), "rcs-key.json");
  const before = await simulate(keyFile, 0, "http://127.0.0.1:1/");
  const example = blocksOf(page("docs/guides/rcs.md")).find(({ text }) => text.includes("8095"))!;
  expect(example.text).toContain(TOKEN);
  const { port } = before;
  const config = example.text.replace("127.0.0.1:8095", `127.0.0.1:${port}`).replace("./rcs-key.json", keyFile);
  const hooks = await receiver();
  ends.push(hooks.close);
  const { carriers } = JSON.parse(config);
  const program = await startProgram({ config: { carriers, callbacks: { allowPrivateAddresses: true } } });
  ends.push(program.stop);
  // Started again, it has the same key.
  await before.stop();
  const platform = await simulate(keyFile, port, `${program.url}/rcs/rbm`);
  const rig = { hooks, program };
  const inbox = async (from: string) =>
    (await program.api.request<{ items: Record<string, unknown>[] }>("GET", `/inbound?from=${from}`)).body.items;
  const rcs = { text: "Eight <b>?", suggestions: [{ reply: "Yes", postback: "yes" }] };
  const channels = ["rcs", "sms"];

  const read = await sendTo(rig, "447700900123", { channels, rcs });
  expect(await finalOf(rig, read)).toBe("delivered 00");
  const story = await storyWith(program.api, read.messageUuid, "receipt", 2);
  expect(story.events.filter(({ kind }) => kind === "receipt").map(({ state }) => state)).toEqual([
    "delivered",
    "read",
  ]);

  const phone = `http://127.0.0.1:${port}/handset/+447700900123`;
  const screen = await (await fetch(phone)).text();
  expect(screen).toContain("Eight &lt;b&gt;?");
  const tapped = await fetch(phone, { method: "POST", body: new URLSearchParams({ tap: "0" }), redirect: "manual" });
  expect(tapped.status).toBe(303);
  const [tap] = await until("the tap", async () => (await inbox("447700900123")).length > 0 && inbox("447700900123"));
  expect(tap).toMatchObject({ message: "Yes", message_uuid: read.messageUuid, rcs: { postbackData: "yes" } });
  const location = { latitude: 51.5, longitude: -0.12 };
  const deeds = [
    [{ text: "Hi" }, 200],
    [{ tap: "No" }, 400],
    [{ file: "https://example.com/a.jpg" }, 200],
    [{ location }, 200],
    [{}, 400],
  ] as const;
  for (const [deed, status] of deeds) {
    const answer = await fetch(phone, { method: "POST", body: JSON.stringify(deed) });
    expect({ deed, status: answer.status }).toEqual({ deed, status });
  }
  const all = await until(
    "all answers",
    async () => (await inbox("447700900123")).length === 4 && inbox("447700900123"),
  );
  expect(new Set(all.map(({ rcs }) => (rcs as { type: string }).type))).toEqual(
    new Set(["suggestion", "text", "file", "location"]),
  );

  for (const [to, byRcs] of [
    ["447700900902", 1],
    ["447700900904", 1],
    ["447700900905", 1],
    ["447700900908", 0],
    ["447700900911", 1],
  ] as const) {
    expect(await finalOf(rig, await sendTo(rig, to, { channels, rcs }))).toBe("delivered 00");
    const messages = platform.events().filter(({ event, handset }) => event === "message" && handset === to);
    expect({ to, byRcs: messages.length }).toEqual({ to, byRcs });
  }
  const [answer] = await until(
    "the answer",
    async () => (await inbox("447700900911")).length > 0 && inbox("447700900911"),
  );
  expect(answer).toMatchObject({ message: "Hello", channel: "rcs" });
});

test("the key file of a real account is not written over", async () => {
  const keyFile = join(await folder(), "key.json");
  const real = JSON.stringify({ private_key: "x", token_uri: "https://oauth2.googleapis.com/token" });
  await writeFile(keyFile, real);
  const { code, stderr } = await mplus(["simulate", "rcs", "--port", "0", "--key-file", keyFile]);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("is not of this simulator") });
});
