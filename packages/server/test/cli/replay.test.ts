import { afterAll, describe, expect, test } from "vitest";
import { mplus } from "../support/mplus.ts";
import { startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const hooks = await receiver();
afterAll(hooks.close);
const program = await startProgram({
  config: {
    carriers: [{ id: "sim", type: "simulator", receiptDelay: 0 }],
    callbacks: { retryDelays: [] },
  },
});
afterAll(program.stop);
const { api, url } = program;

const asAccount = ["--url", url, "--key", api.key];
const asOrganization = ["--url", url, "--key", program.organizationKey];
const from = { type: "custom", value: "MyShop" };

async function exhausted(path: string, count: number): Promise<string[]> {
  hooks.script(path, 500);
  const messages = Array.from({ length: count }, () => ({
    from,
    to: "+447700900123",
    body: "x",
    callback: hooks.url(path),
  }));
  const ids = (await api.send({ messages })).map(({ messageUuid }) => messageUuid);
  await until("them to be exhausted", async () => {
    const { body } = await api.request<{ items: { id: string }[] }>("GET", "/webhooks?state=exhausted&limit=1000");
    return ids.every((id) => body.items.some((item) => item.id === id));
  });
  return ids;
}

describe("mplus replay", () => {
  test("has one tried again", async () => {
    const [id] = await exhausted("/one", 1);
    hooks.script("/one", 200);
    expect(await mplus(["replay", id!, ...asAccount])).toEqual({ code: 0, stdout: "it is tried again\n", stderr: "" });
    await hooks.waitFor("/one", 2);
    const unknown = await mplus(["replay", "x", ...asAccount]);
    expect(unknown).toMatchObject({ code: 4, stderr: expect.stringContaining("404") });
  });

  test("has a range tried again, and waits for it", async () => {
    const since = new Date().toISOString();
    await exhausted("/range", 5);
    hooks.script("/range", 200);
    const ended = await mplus(["replay", "--from", since, "--rate", "4", ...asAccount]);
    expect(ended).toEqual({ code: 0, stdout: "5 replayed\n", stderr: "" });
    expect(hooks.received("/range")).toHaveLength(10);
    const again = await mplus(["replay", "--from", since, "--json", ...asAccount]);
    expect(JSON.parse(again.stdout)).toEqual({ replayed: 0, waiting: 0, retrying: 0 });
  });

  test("refuses what says no range", async () => {
    expect(await mplus(["replay", ...asAccount])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("say which"),
    });
    const yesterday = await mplus(["replay", "--from", "yesterday", ...asAccount]);
    expect(yesterday).toMatchObject({ code: 3, stderr: expect.stringContaining("from: is not a date") });
  });
});

test("mplus secret makes, lists and removes what the only account's webhooks are signed with", async () => {
  const added = await mplus(["secret", "add", ...asOrganization]);
  const [secret, identifier] = /^(whsec_\S+)\nidentifier (\S+)\n$/.exec(added.stdout)!.slice(1);
  expect(secret).toBeDefined();
  const { identifier: account } = (await program.database.pool.query("SELECT identifier FROM account")).rows[0];
  const json = await mplus(["secret", "add", "--account", account, "--json", ...asOrganization]);
  expect(JSON.parse(json.stdout)).toEqual({ identifier: expect.any(String), secret: expect.stringMatching(/^whsec_/) });
  expect(await mplus(["secret", "add", ...asOrganization])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("409"),
  });
  const listed = await mplus(["secret", "list", ...asOrganization]);
  expect(listed.stdout.trim().split("\n")).toHaveLength(2);
  expect(listed.stdout).toContain(identifier!);
  expect((await mplus(["secret", "remove", identifier!, "--yes", ...asOrganization])).stdout).toBe(
    `removed ${identifier}\n`,
  );
  expect((await mplus(["secret", "list", ...asOrganization])).stdout).not.toContain(identifier!);
});
