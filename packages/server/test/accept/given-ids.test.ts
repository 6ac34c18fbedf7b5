import { randomUUID } from "node:crypto";
import { afterAll, expect, test } from "vitest";
import type { Acceptance } from "../../src/accept/acceptance.ts";
import { Acceptor } from "../../src/accept/acceptor.ts";
import { SharedPool } from "../../src/accept/shared-pool.ts";
import { testDatabase } from "../support/database.ts";
import { newMessage } from "../support/new-message.ts";

const database = await testDatabase();
afterAll(database.close);
const nobody = { offer: () => ({ node: 0, count: 0, at: 0 }), send: () => {}, sendBundle: () => {}, wake: () => {} };
const acceptor = new Acceptor(
  database.pool,
  nobody,
  { mustCommit: () => {}, mustTake: () => {}, held: false },
  new SharedPool(database.pool, [], 1),
  true,
);

function acceptance(...givenIds: string[]): Acceptance {
  const accountId = 1;
  const messages = givenIds.map((givenId) => newMessage({ accountId, givenId }));
  return {
    accountId,
    priced: false,
    batch: null,
    messages,
    bundles: [],
    pending: [],
    idempotency: null,
    sharedLocks: null,
    givenIds: messages.map(({ givenId, id }) => ({ accountId, kind: "m", given: givenId as string, id, path: "id" })),
  };
}

/** In one turn of the event loop, and so in one flush. */
async function together(...acceptances: Acceptance[]): Promise<string[]> {
  const results = await Promise.allSettled(acceptances.map((each) => acceptor.accept(each)));
  return results.map((result) => (result.status === "fulfilled" ? "accepted" : String(result.reason.problem)));
}

test("an id that a refused request had beside a used one is free for its neighbour in the same flush", async () => {
  const [used, free, other] = [randomUUID(), randomUUID(), randomUUID()] as const;
  expect(await together(acceptance(used))).toEqual(["accepted"]);
  const results = await together(acceptance(used, free), acceptance(free, other), acceptance(other), acceptance(free));
  expect(results).toEqual(["identifier-used", "accepted", "identifier-used", "identifier-used"]);
  const { rows } = await database.pool.query("SELECT given_id FROM message WHERE given_id = ANY ($1)", [[free, other]]);
  expect(rows.map((row) => row.given_id).sort()).toEqual([free, other].sort());
});
