import { afterAll, expect, test } from "vitest";
import type { Api } from "../support/api.ts";
import { command } from "../support/command.ts";
import { testOrganization } from "../support/organization.ts";
import { newKey, startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const operatorKey = newKey();
const carriers = [{ id: "simulator", type: "simulator", receiptDelay: 0.2 }];
const program = await startProgram({ config: { operatorKey, carriers } });
afterAll(program.stop);
const hooks = await receiver();
afterAll(hooks.close);
const operator = program.api.as(operatorKey);
const { api: organization } = await testOrganization(operator);

interface Item {
  at: string;
  account?: string;
  carrier?: string | null;
  country?: string | null;
  channel?: string;
  code?: string | null;
  accepted: number;
  submitted: number;
  delivered: number;
  failed: number;
  parts: number;
  receipt_seconds: { p50: number | null; p95: number | null; p99: number | null };
  webhook_seconds: { p50: number | null; p95: number | null; p99: number | null };
}

async function newAccount() {
  const { body } = await organization.request<{ identifier: string; apiKey: string }>("POST", "/account", {
    body: { name: "x" },
  });
  return { identifier: body.identifier, api: program.api.as(body.apiKey) };
}

async function send(api: Api, numbers: readonly string[], text = "x", defaults: object = {}) {
  const messages = numbers.map((to) => ({ from: { type: "custom", value: "MyShop" }, to, body: text }));
  const callback = hooks.url("/stats");
  const { status, text: answer } = await api.request("POST", "/message", {
    body: { messages, defaults: { callback, ...defaults } },
  });
  expect({ status, answer }).toEqual({ status: 200, answer });
}

async function stats(api: Api, query = ""): Promise<Item[]> {
  const { status, body, text } = await api.request<{ items: Item[] }>("GET", `/stats?${query}`);
  expect({ status, text }).toEqual({ status: 200, text });
  return body.items;
}

const COUNTS = ["accepted", "submitted", "delivered", "failed", "parts"] as const;

/** By `name`, over all times. */
function totals(items: readonly Item[], name: (item: Item) => string = () => "all"): Record<string, number[]> {
  const sums: Record<string, number[]> = {};
  for (const item of items) {
    const before = sums[name(item)] ?? COUNTS.map(() => 0);
    sums[name(item)] = COUNTS.map((count, index) => (before[index] as number) + item[count]);
  }
  return sums;
}

// Of the simulator's numbers 447700900534 ends with code 22.
const [one, other] = [await newAccount(), await newAccount()];
await send(one.api, ["447700900123", "447700900124", "447700900534"], "x".repeat(200));
await send(one.api, ["12045550123"]);
await send(other.api, ["447700900125"]);
await until("all webhooks to be counted", async () => {
  const items = await stats(organization, "by=minute");
  const { delivered, failed } = items.reduce(
    (sum, item) => ({ delivered: sum.delivered + item.delivered, failed: sum.failed + item.failed }),
    { delivered: 0, failed: 0 },
  );
  const told = await Promise.all(
    [one, other].map(async ({ api }) => {
      const { body } = await api.request<{ items: unknown[] }>("GET", "/webhooks?state=delivered");
      return body.items.length;
    }),
  );
  return delivered + failed === 5 && (told[0] as number) + (told[1] as number) === 5;
});

test.each(["minute", "hour", "day"])(
  "an account sees its own by the %s, an organization all its accounts'",
  async (by) => {
    expect(totals(await stats(one.api, `by=${by}`))).toEqual({ all: [4, 4, 3, 1, 7] });
    expect(totals(await stats(other.api, `by=${by}`))).toEqual({ all: [1, 1, 1, 0, 1] });
    expect(totals(await stats(organization, `by=${by}`))).toEqual({ all: [5, 5, 4, 1, 8] });
    const everybody = totals(await stats(operator, `by=${by}&group=account`), ({ account }) => account ?? "none");
    expect(everybody).toMatchObject({ [one.identifier]: [4, 4, 3, 1, 7], [other.identifier]: [1, 1, 1, 0, 1] });
    const width = { minute: 16, hour: 13, day: 10 }[by] as number;
    for (const { at } of await stats(one.api, `by=${by}`)) {
      expect(at.slice(width)).toBe("0000-00-00T00:00:00.000Z".slice(width));
    }
  },
);

test("sums are parted by what is asked for, by several at once too", async () => {
  expect(totals(await stats(one.api, "group=country"), ({ country }) => `${country}`)).toEqual({
    CA: [1, 1, 1, 0, 1],
    GB: [3, 3, 2, 1, 6],
  });
  const fates = totals(await stats(one.api, "group=carrier,code"), ({ carrier, code }) => `${carrier} ${code}`);
  expect(fates).toEqual({
    "null null": [4, 0, 0, 0, 7],
    "simulator null": [0, 4, 0, 0, 0],
    "simulator 00": [0, 0, 3, 0, 0],
    "simulator 22": [0, 0, 0, 1, 0],
  });
  expect(totals(await stats(one.api, "group=channel"), ({ channel }) => `${channel}`)).toEqual({
    sms: [4, 4, 3, 1, 7],
  });
});

test("percentiles tell how long receipts and webhooks took, and are null where there were none", async () => {
  const items = await stats(one.api, "by=day&group=code");
  const NONE = { p50: null, p95: null, p99: null };
  expect(items.find(({ code }) => code === null)).toMatchObject({ receipt_seconds: NONE, webhook_seconds: NONE });
  const { receipt_seconds: receipts, webhook_seconds: webhooks } = items.find(({ code }) => code === "00") as Item;
  for (const { p50, p95, p99 } of [receipts, webhooks]) {
    expect([p50, p95, p99].every((seconds) => typeof seconds === "number" && seconds > 0)).toBe(true);
    expect((p50 as number) <= (p95 as number) && (p95 as number) <= (p99 as number)).toBe(true);
  }
});

test("a time that has nothing has no item, and an hour that `since` is in is whole", async () => {
  expect(await stats(one.api, "since=2020-01-01T00:00Z&until=2020-01-02T00:00Z")).toEqual([]);
  const now = new Date();
  const { at } = (await stats(one.api)).at(-1) as Item;
  const since = new Date(Math.max(new Date(at).getTime() + 1, now.getTime() - 1)).toISOString();
  expect((await stats(one.api, `since=${since}`)).length).toBeLessThanOrEqual(1);
  expect(await stats(one.api, `since=${at}&until=${new Date(new Date(at).getTime() + 1).toISOString()}`)).toHaveLength(
    1,
  );
});

test.each([
  ["by=week", "?by"],
  ["group=account,sender", "?group"],
  ["group=", "?group"],
  ["since=yesterday", "?since"],
  ["until=2026-02-30T00:00Z", "?until"],
  ["since=2030-01-02T00:00Z&until=2030-01-01T00:00Z", "?since"],
  ["since=2999-01-01T00:00Z", "?since"],
  ["by=minute&since=2030-01-01T00:00Z&until=2030-01-03T00:00Z", "?since"],
  ["since=-271000-01-01T00:00Z&by=day", "?since"],
  ["limit=10", "?limit"],
])("%s is a fault", async (query, path) => {
  const { status, body } = await one.api.request("GET", `/stats?${query}`);
  expect({ status, type: body.type, paths: body.errors?.map((fault) => fault.path) }).toEqual({
    status: 400,
    type: "/docs#problem-invalid-request",
    paths: [path],
  });
});

test("scheduled messages count once they are released, and a cancelled batch never", async () => {
  const { api } = await newAccount();
  await send(api, ["447700900126"], "x", { send_at: new Date(Date.now() + 3_600_000).toISOString() });
  expect(await stats(api)).toEqual([]);
});

test("`mplus stats` shows them, as CSV too", async () => {
  const options = ["stats", "--by", "day", "--group", "country", "--url", program.url, "--key", one.api.key];
  const csv = (await command([...options, "--csv"])).stdout.split("\r\n");
  expect(csv[0]).toBe(
    "at,country,accepted,submitted,delivered,failed,parts,receipt_p50,receipt_p95,receipt_p99,webhook_p50,webhook_p95,webhook_p99",
  );
  expect(csv.slice(1, -1).map((line) => line.split(",").slice(1, 7))).toEqual([
    ["CA", "1", "1", "1", "0", "1"],
    ["GB", "3", "3", "2", "1", "6"],
  ]);
  const { items } = JSON.parse((await command([...options, "--json"])).stdout) as { items: Item[] };
  expect(items.map(({ country }) => country)).toEqual(["CA", "GB"]);
  expect((await command(options)).stdout).toMatch(/^at +country +accepted .*\n.*Z +CA +1 /);
});
