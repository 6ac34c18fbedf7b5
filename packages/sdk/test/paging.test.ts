import { afterAll, expect, test } from "vitest";
import { startWithClients } from "./clients.ts";

const asked: URL[] = [];
const program = await startWithClients(
  {},
  {
    fetch: (input, init) => {
      asked.push(new URL(String(input)));
      return fetch(input, init);
    },
  },
);
afterAll(program.stop);
const { account, organization } = program;

const senders = Array.from({ length: 7 }, (_, index) => `Shop ${index}`);
for (const value of senders) await organization.senders.register({ value });

test("a list is read to its end, a page at a time", async () => {
  asked.length = 0;
  const read: string[] = [];
  for await (const { value } of organization.senders.list({ limit: 3 })) read.push(value);
  expect(read).toEqual(senders);
  expect(asked.map(({ searchParams }) => searchParams.get("limit"))).toEqual(["3", "3", "3"]);
});

test("no page is asked for that is not needed", async () => {
  asked.length = 0;
  for await (const { value } of organization.senders.list({ limit: 3 })) if (value === "Shop 2") break;
  expect(asked).toHaveLength(1);
});

test("a page can be had by itself, and the list go on behind it", async () => {
  const { items, next } = await organization.senders.list({ limit: 5 }).page();
  expect(items).toHaveLength(5);
  const rest: string[] = [];
  for await (const { value } of organization.senders.list({ after: next! })) rest.push(value);
  expect(rest).toEqual(senders.slice(5));
});

test("the hosted service's lists are paged as the others, also where a cursor is no identifier", async () => {
  const send_at = new Date(Date.now() + 86_400_000);
  const destinations = ["447700900123", "447700900124", "447700900125"];
  const sent = await Promise.all(
    [1, 2, 3].map(() => account.batches.send({ from: "Shop 1", message: "x", destinations, send_at })),
  );
  const pending: string[] = [];
  for await (const { identifier } of account.batches.pending({ limit: 1 })) pending.push(identifier);
  expect(pending.sort()).toEqual(sent.map(({ identifier }) => identifier).sort());

  const { identifier } = await account.batches.send({ from: "Shop 1", message: "x", destinations });
  const details: (string | null)[] = [];
  for await (const { destination } of account.batches.details(identifier, { limit: 2 })) details.push(destination);
  expect(details.sort()).toEqual(destinations.map((number) => `+${number}`));
});

test("the filter goes with every page", async () => {
  asked.length = 0;
  const from = new Date(0);
  for await (const _ of account.webhooks.list({ state: "pending", from, limit: 1 })) break;
  expect(Object.fromEntries(asked[0]!.searchParams)).toEqual({
    state: "pending",
    from: from.toISOString(),
    limit: "1",
  });
});
