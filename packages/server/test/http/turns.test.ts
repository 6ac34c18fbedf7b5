import { afterAll, expect, test } from "vitest";
import { Turns } from "../../src/http/turns.ts";
import { Rejected } from "../../src/runtime/errors.ts";
import { transaction } from "../../src/store/database.ts";
import { testDatabase } from "../support/database.ts";

const database = await testDatabase();
afterAll(() => database.close());

test("accounts and organizations take turns", async () => {
  // One connection: what is begun first is done first.
  const turns = new Turns(database.pool, 1);
  const [floods, other, organization] = [turns.ofAccount(1), turns.ofAccount(2), turns.ofOrganization(1)];
  const held = await floods.connect();
  const order: string[] = [];
  const ask = (who: string, from: typeof floods) => transaction(from, async () => void order.push(who));
  const asked = [
    ...Array.from({ length: 20 }, () => ask("floods", floods)),
    ask("other", other),
    ask("organization", organization),
    ask("other", other),
  ];
  expect(order).toEqual([]);
  held.release();
  await Promise.all(asked);
  expect(order.slice(0, 6)).toEqual(["floods", "other", "organization", "floods", "other", "floods"]);
  expect(order).toHaveLength(23);
});

test("no more connections are used than may be", async () => {
  const turns = new Turns(database.pool, 2);
  let [now, most] = [0, 0];
  const ask = (accountId: number) =>
    transaction(turns.ofAccount(accountId), async (client) => {
      most = Math.max(most, ++now);
      await client.query("SELECT 1");
      now--;
    });
  await Promise.all(Array.from({ length: 20 }, (_, at) => ask(at % 3)));
  expect(most).toBeLessThanOrEqual(2);
});

test("a turn ends with its statement or its connection, whatever became of them", async () => {
  const one = new Turns(database.pool, 1).ofAccount(1);
  await expect(one.query({ text: "no statement" })).rejects.toThrow("syntax error");
  await expect(transaction(one, (client) => client.query("neither is this"))).rejects.toThrow("syntax error");
  (await one.connect()).release(new Error("broken"));
  expect((await one.query({ text: "SELECT 1 AS one" })).rows).toEqual([{ one: 1 }]);
});

test("what waits for too long is refused, and takes no turn afterwards", { timeout: 30_000 }, async () => {
  const turns = new Turns(database.pool, 1);
  const held = await turns.ofAccount(1).connect();
  const refused = await turns
    .ofAccount(2)
    .query({ text: "SELECT 1" })
    .catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(Rejected);
  expect(refused).toMatchObject({ problem: "store-unavailable", retryAfter: 1 });
  const next = turns.ofAccount(1).query({ text: "SELECT 1 AS one" });
  held.release();
  expect((await next).rows).toEqual([{ one: 1 }]);
});
